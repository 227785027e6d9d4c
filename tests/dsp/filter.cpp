#include <lofi/dsp/filter.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"

using namespace lofi;

namespace {
const hertz rate(48000.0);

template <class Filter>
double gain(Filter f, double frequency) {
    return test::response([&](std::span<float> x) { f.process(x); }, frequency / rate.value);
}
template <class Take>
double state_variable_gain(double corner, double q, double frequency, Take take) {
    dsp::state_variable f(hertz(corner), q, rate);
    return test::response(
        [&](std::span<float> x) {
            for (float& v : x) v = take(f.tick(v));
        },
        frequency / rate.value);
}
}  // namespace

TEST_CASE("one pole: 3 dB at the corner, 6 dB an octave") {
    const dsp::one_pole f(hertz(1000.0), rate);
    CHECK(gain(f, 1000.0) == Approx(-3.01).margin(0.02));
    CHECK(gain(f, 100.0) == Approx(-0.04).margin(0.02));
    CHECK(gain(f, 4000.0) - gain(f, 2000.0) == Approx(-5.5).margin(0.4));
    dsp::one_pole h(hertz(1000.0), rate);
    CHECK(test::response(
              [&](std::span<float> x) {
                  for (float& v : x) v = h.high(v);
              },
              1000.0 / 48000.0) == Approx(-3.01).margin(0.02));
}

TEST_CASE("state variable: all three outputs, at every corner and resonance") {
    for (const double corner : {60.0, 1000.0, 12000.0})
        for (const double q : {0.5, 0.70710678, 4.0}) {
            CAPTURE(corner, q);
            CHECK(state_variable_gain(corner, q, corner, [](auto y) { return y.low; }) ==
                  Approx(test::decibels_of(q)).margin(0.06));
            CHECK(state_variable_gain(corner, q, corner, [](auto y) { return y.high; }) ==
                  Approx(test::decibels_of(q)).margin(0.06));
            CHECK(state_variable_gain(corner, q, corner, [](auto y) { return y.band; }) == Approx(0.0).margin(0.06));
        }
    CHECK(state_variable_gain(500.0, 0.70710678, 4000.0, [](auto y) { return y.low; }) < -35.0);
    CHECK(state_variable_gain(4000.0, 0.70710678, 500.0, [](auto y) { return y.high; }) < -35.0);
}

TEST_CASE("state variable: steady while its corner moves fast") {
    dsp::state_variable f;
    float peak = 0.0F;
    for (int n = 0; n < 48000; ++n) {
        f.set(hertz(n % 2 == 0 ? 100.0 : 15000.0), 2.0, rate);
        peak = std::max(peak, std::abs(f.tick(n % 97 < 48 ? 1.0F : -1.0F).low));
    }
    CHECK(peak < 10.0F);
}

TEST_CASE("biquads: corners, shelves and peaks where they belong") {
    CHECK(gain(dsp::biquad::low_pass(hertz(1000.0), 0.70710678, rate), 1000.0) == Approx(-3.01).margin(0.02));
    CHECK(gain(dsp::biquad::low_pass(hertz(1000.0), 0.70710678, rate), 4000.0) == Approx(-24.3).margin(0.5));
    CHECK(gain(dsp::biquad::high_pass(hertz(38.0), 0.5, rate), 38.0) == Approx(-6.02).margin(0.05));
    CHECK(gain(dsp::biquad::low_shelf(hertz(200.0), decibels(6.0), rate), 20.0) == Approx(6.0).margin(0.1));
    CHECK(gain(dsp::biquad::low_shelf(hertz(200.0), decibels(6.0), rate), 200.0) == Approx(3.0).margin(0.1));
    CHECK(gain(dsp::biquad::low_shelf(hertz(200.0), decibels(6.0), rate), 5000.0) == Approx(0.0).margin(0.05));
    CHECK(gain(dsp::biquad::high_shelf(hertz(2000.0), decibels(-9.0), rate), 20000.0) == Approx(-9.0).margin(0.1));
    CHECK(gain(dsp::biquad::high_shelf(hertz(2000.0), decibels(-9.0), rate), 100.0) == Approx(0.0).margin(0.05));
    CHECK(gain(dsp::biquad::peak(hertz(1000.0), 2.0, decibels(-12.0), rate), 1000.0) == Approx(-12.0).margin(0.02));
    CHECK(gain(dsp::biquad::peak(hertz(1000.0), 2.0, decibels(-12.0), rate), 50.0) == Approx(0.0).margin(0.05));
}

TEST_CASE("the DC blocker takes the mean and little else") {
    dsp::dc_blocker f(hertz(15.0), rate);
    std::vector<float> x(96000, 1.0F);
    f.process(x);
    CHECK(std::abs(x.back()) < 1e-6F);
    CHECK(gain(dsp::dc_blocker(hertz(15.0), rate), 15.0) == Approx(-3.0).margin(0.1));
    CHECK(gain(dsp::dc_blocker(hertz(15.0), rate), 100.0) == Approx(-0.1).margin(0.05));
}

TEST_CASE("filters ring out to exactly nothing") {
    const auto last = [](auto f) {
        std::vector<float> x(32);
        x[0] = 1.0F;
        for (int i = 0; i < 40000; ++i) {
            f.process(x);
            const float end = x[31];
            std::fill(x.begin(), x.end(), 0.0F);
            if (i > 39990 && end != 0.0F) return false;
        }
        return true;
    };
    CHECK(last(dsp::one_pole(hertz(20.0), rate)));
    CHECK(last(dsp::biquad::high_pass(hertz(20.0), 0.5, rate)));
    CHECK(last(dsp::dc_blocker(hertz(5.0), rate)));
}

TEST_CASE("filters stay in one piece when a corner lies beyond the rate") {
    dsp::state_variable f(hertz(90000.0), 0.7, hertz(8000.0));
    dsp::one_pole p(hertz(-5.0), hertz(8000.0));
    for (int n = 0; n < 1000; ++n) {
        REQUIRE(std::isfinite(f.tick(n % 3 == 0 ? 1.0F : -1.0F).low));
        REQUIRE(std::isfinite(p.tick(1.0F)));
    }
}
