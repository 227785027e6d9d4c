#include <lofi/dsp/reverb.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"

using namespace lofi;

namespace {
struct answer {
    std::vector<float> left, right;
};
answer clap(double rate, dsp::reverb_config config, double length) {
    dsp::reverb r(hertz(rate), config);
    answer a{std::vector<float>(static_cast<std::size_t>(rate * length)),
             std::vector<float>(static_cast<std::size_t>(rate * length))};
    a.left[0] = a.right[0] = 1.0F;
    r.process({a.left, a.right});
    return a;
}
double level(const answer& a, double rate, double from, double to) {
    const auto first = static_cast<std::size_t>(from * rate), count = static_cast<std::size_t>((to - from) * rate);
    return test::decibels_of(
        std::hypot(test::rms(std::span(a.left).subspan(first, count)), test::rms(std::span(a.right).subspan(first, count))));
}
}  // namespace

TEST_CASE("a room decays in the time it was given, at every rate") {
    for (const double rate : {8000.0, 48000.0, 96000.0}) {
        const answer a = clap(rate, {.decay = seconds(1.5), .damping = hertz(1e6)}, 2.0);
        const double fall = level(a, rate, 0.2, 0.4) - level(a, rate, 1.2, 1.4);
        CAPTURE(rate);
        CHECK(60.0 / fall == Approx(1.5).epsilon(0.12));
    }
}

TEST_CASE("treble decays sooner than the middle") {
    const answer a = clap(48000.0, {.decay = seconds(2.0), .damping = hertz(3000.0)}, 2.0);
    const auto treble = [&](std::size_t at) {
        const auto p = audio::power_spectrum(std::span(a.left).subspan(at, 16384));
        double high = 0.0, all = 0.0;
        for (std::size_t k = 0; k < p.size(); ++k) all += p[k], high += k > p.size() / 6 ? p[k] : 0.0;
        return high / all;
    };
    CHECK(treble(60000) < 0.1 * treble(3000));
}

TEST_CASE("left and right are different answers of the same strength, and mono keeps the room") {
    const answer a = clap(48000.0, {}, 2.0);
    double both = 0.0;
    std::vector<float> mono(a.left.size());
    for (std::size_t n = 0; n < a.left.size(); ++n)
        both += double{a.left[n]} * double{a.right[n]}, mono[n] = 0.5F * (a.left[n] + a.right[n]);
    const double left = test::rms(a.left), right = test::rms(a.right);
    CHECK(left / right == Approx(1.0).margin(0.2));
    CHECK(std::abs(both / static_cast<double>(a.left.size())) < 0.3 * left * right);
    CHECK(test::decibels_of(test::rms(mono) / left) > -5.0);
}

TEST_CASE("the answer begins after the predelay and thickens without a hole") {
    const answer a = clap(48000.0, {.predelay = seconds(0.03)}, 1.0);
    std::size_t first = 0;
    while (first < a.left.size() && std::abs(a.left[first]) < 1e-5F && std::abs(a.right[first]) < 1e-5F) ++first;
    CHECK(first >= static_cast<std::size_t>(0.03 * 48000));
    CHECK(first < static_cast<std::size_t>(0.12 * 48000));
    for (double t = 0.15; t < 0.6; t += 0.01) CHECK(level(a, 48000.0, t, t + 0.01) > -80.0);
}
