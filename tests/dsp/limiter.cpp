#include <lofi/dsp/limiter.hpp>

#include <lofi/audio/true_peak.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"

#include <lofi/dsp/noise.hpp>

using namespace lofi;

namespace {
double true_peak(std::vector<float> x, double rate) {
    // Sound that stops in the middle of a wave has a peak of its own beyond its end.
    for (std::size_t i = 0; i < 500; ++i) x[x.size() - 1 - i] *= static_cast<float>(i) / 500.0F;
    x.resize(x.size() + 4000);
    std::vector<float> y = x;
    dsp::limiter l(hertz(rate), {.ceiling = decibels(-1.0)});
    l.process({x, y});
    audio::true_peak_meter meter;
    meter.process(x);
    return meter.level().value;
}
}  // namespace

TEST_CASE("nothing goes above the ceiling, not even between samples") {
    for (const double rate : {8000.0, 44100.0, 48000.0, 192000.0}) {
        CAPTURE(rate);
        const auto n = static_cast<std::size_t>(rate * 2.0);
        for (const double f : {0.001, 0.05, 0.1234, 0.2499, 0.3}) {
            CAPTURE(f);
            CHECK(true_peak(test::sine(f, n, 10.0), rate) <= -1.0);
        }
        std::vector<float> noise(n), square(n), clicks(n), swell(n);
        dsp::white_noise w(random_key{3});
        dsp::one_pole dull(hertz(0.18 * rate), hertz(rate));
        for (std::size_t i = 0; i < n; ++i) {
            noise[i] = 10.0F * dull.tick(w.tick());
            square[i] = i / 50 % 2 == 0 ? 8.0F : -8.0F;
            clicks[i] = i % 997 == 0 ? 20.0F : 0.01F;
            swell[i] = 6.0F * static_cast<float>(std::sin(2e-9 * static_cast<double>(i) * static_cast<double>(i)) *
                                                 std::sin(0.3 * static_cast<double>(i)));
        }
        dsp::one_pole round(hertz(0.25 * rate), hertz(rate));
        for (float& v : clicks) v = round.tick(v);
        CHECK(true_peak(noise, rate) <= -1.0);
        CHECK(true_peak(clicks, rate) <= -1.0);
        CHECK(true_peak(swell, rate) <= -1.0);
        dsp::one_pole softer(hertz(0.3 * rate), hertz(rate));
        for (float& v : square) v = softer.tick(v);
        CHECK(true_peak(square, rate) <= -1.0);
    }
}

TEST_CASE("what is below the ceiling passes bit for bit, late by the latency") {
    dsp::limiter l(hertz(48000.0));
    std::vector<float> x = test::sine(0.0123, 20000, 0.8), y = x;
    const std::vector<float> in = x;
    l.process({x, y});
    const auto late = static_cast<std::size_t>(l.latency().value);
    for (std::size_t n = late; n < x.size(); ++n) REQUIRE(x[n] == in[n - late]);
}

TEST_CASE("after a peak the gain comes back to 1 exactly") {
    dsp::limiter l(hertz(48000.0));
    std::vector<float> x(96000, 0.5F), y = x;
    x[1000] = 30.0F;
    l.process({x, y});
    CHECK(l.gain() == 1.0F);
    CHECK(x.back() == 0.5F);
}

TEST_CASE("the gain moves without steps") {
    dsp::limiter l(hertz(48000.0));
    std::vector<float> x(48000, 0.5F), y = x;
    for (std::size_t n = 10000; n < 12000; ++n) x[n] = y[n] = 4.0F;
    l.process({x, y});
    float step = 0.0F;
    for (std::size_t n = 1; n < 9990; ++n) step = std::max(step, std::abs(x[n] - x[n - 1]));
    for (std::size_t n = 13000; n < x.size(); ++n) step = std::max(step, std::abs(x[n] - x[n - 1]));
    CHECK(step < 0.51F);  // only the edge of the input itself
}
