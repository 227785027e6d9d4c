#include <lofi/dsp/vinyl.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"

using namespace lofi;

namespace {
struct sound {
    std::vector<float> left, right;
};
sound play(double rate, dsp::vinyl_config config, double length = 10.0) {
    dsp::vinyl v(hertz(rate), random_key{5}, config);
    sound s{std::vector<float>(static_cast<std::size_t>(rate * length)),
            std::vector<float>(static_cast<std::size_t>(rate * length))};
    v.process({s.left, s.right});
    return s;
}
}  // namespace

TEST_CASE("a clean record is silent") {
    const sound s = play(48000.0, {.hiss = 0.0F, .rumble = 0.0F, .dust = 0.0F, .pops = 0.0F});
    for (const float v : s.left) REQUIRE(v == 0.0F);
}

TEST_CASE("hiss and rumble are as loud at every rate, and without a mean") {
    const dsp::vinyl_config worn{.hiss = 1.0F, .rumble = 1.0F, .dust = 0.0F, .pops = 0.0F};
    const double at_48k = test::decibels_of(test::rms(play(48000.0, worn).left));
    CHECK(at_48k > -60.0);
    CHECK(at_48k < -40.0);
    for (const double rate : {16000.0, 96000.0, 192000.0}) {
        const sound s = play(rate, worn);
        CAPTURE(rate);
        CHECK(test::decibels_of(test::rms(s.left)) == Approx(at_48k).margin(1.5));
        double mean = 0.0;
        for (const float v : s.left) mean += v;
        CHECK(std::abs(mean / static_cast<double>(s.left.size())) < 3e-4);
    }
}

TEST_CASE("dust crackles some ten times a second, at every rate") {
    for (const double rate : {8000.0, 48000.0, 192000.0}) {
        const sound s = play(rate, {.hiss = 0.0F, .rumble = 0.0F, .dust = 1.0F, .pops = 0.0F}, 30.0);
        int clicks = 0;
        std::size_t quiet = 0;
        for (std::size_t n = 0; n < s.left.size(); ++n) {
            const bool loud = std::abs(s.left[n]) + std::abs(s.right[n]) > 2e-4F;
            if (loud && quiet > static_cast<std::size_t>(0.003 * rate)) ++clicks;
            quiet = loud ? 0 : quiet + 1;
        }
        CAPTURE(rate);
        CHECK(clicks > 30 * 6);
        CHECK(clicks < 30 * 14);
    }
}
