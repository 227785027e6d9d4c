#include <lofi/dsp/rain.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"

using namespace lofi;

TEST_CASE("no rain is silence, rain is as loud at every rate, both sides alike and different") {
    double reference = 0.0;
    for (const double rate : {48000.0, 16000.0, 96000.0}) {
        dsp::rain r(hertz(rate), random_key{2}, {.bed = 1.0F, .drops = 1.0F});
        std::vector<float> left(static_cast<std::size_t>(rate * 8.0)), right(left.size());
        r.process({left, right});
        const double level = test::decibels_of(test::rms(left));
        if (reference == 0.0) reference = level;
        CHECK(level == Approx(reference).margin(2.5));
        CHECK(test::decibels_of(test::rms(right)) == Approx(level).margin(1.5));
        double both = 0.0;
        for (std::size_t n = 0; n < left.size(); ++n) both += double{left[n]} * double{right[n]};
        CHECK(std::abs(both / static_cast<double>(left.size())) < 0.3 * test::rms(left) * test::rms(right));
    }
    CHECK(reference > -55.0);
    CHECK(reference < -30.0);
    dsp::rain none(hertz(48000.0), {}, {.bed = 0.0F, .drops = 0.0F});
    std::vector<float> left(4800), right(4800);
    none.process({left, right});
    for (const float v : left) REQUIRE(v == 0.0F);
}

TEST_CASE("a storm of drops stays in bounds") {
    dsp::rain r(hertz(48000.0), {}, {.bed = 1.0F, .drops = 1.0F, .drops_a_second = 1e9});
    std::vector<float> left(48000), right(48000);
    r.process({left, right});
    for (const float v : left) REQUIRE(std::abs(v) < 1.0F);
}
