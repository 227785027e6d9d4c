#include <lofi/dsp/saturation.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"

using namespace lofi;

TEST_CASE("the half band delays and does nothing else up to its corner") {
    for (const double f : {0.001, 0.05, 0.2, 0.3, 0.42}) {
        dsp::half_band<32, 32> h;
        std::vector<float> x = test::sine(f, 8192);
        const std::vector<float> in = x;
        std::array<float, 64> twice;
        for (std::size_t n = 0; n < x.size(); n += 32)
            h.up(std::span(x).subspan(n, 32), twice), h.down(twice, std::span(x).subspan(n, 32));
        double worst = 0.0;
        for (std::size_t n = 100; n < x.size(); ++n)
            worst = std::max(worst, std::abs(double{x[n]} - double{in[n - h.latency]}));
        CAPTURE(f);
        CHECK(worst < 0.02);
    }
}

TEST_CASE("saturation without bend is late by its latency, and exact") {
    dsp::saturation s(decibels(-60.0), 0.0F);
    std::vector<float> x = test::sine(0.02, 4096, 0.5);
    const std::vector<float> in = x;
    s.process(x);
    for (std::size_t n = 100; n < x.size(); ++n) REQUIRE(x[n] == Approx(in[n - dsp::saturation::latency]).margin(1e-4));
}

TEST_CASE("saturation does not alias") {
    constexpr std::size_t size = 1 << 14;
    for (const std::size_t bin : {101U, 503U, 1009U, 2003U, 3001U}) {
        std::vector<float> x = test::sine(static_cast<double>(bin) / size, 2 * size, 1.0);
        dsp::saturation s(decibels(12.0), 0.12F);
        s.process(x);
        CAPTURE(bin);
        CHECK(test::aliases(std::span(x).subspan(size), bin, 0.43) < -60.0);
        std::vector<float> plain = test::sine(static_cast<double>(bin) / size, size, 1.0);
        for (float& v : plain) v = std::tanh(4.0F * v);
        CHECK((bin < 600 || test::aliases(plain, bin, 0.43) > -55.0));  // so the measure can fail
    }
}

TEST_CASE("quiet sound passes with gain 1, loud sound is bent, silence stays silent") {
    dsp::saturation s(decibels(9.0), 0.1F);
    CHECK(test::response([&](std::span<float> x) { s.process(x); }, 0.01, 16384, 0.001) == Approx(0.0).margin(0.05));
    dsp::saturation loud(decibels(9.0), 0.1F);
    CHECK(test::response([&](std::span<float> x) { loud.process(x); }, 0.01, 16384, 1.0) < -4.0);
    dsp::saturation still;
    std::vector<float> nothing(1000);
    still.process(nothing);
    for (const float v : nothing) REQUIRE(v == 0.0F);
}

TEST_CASE("asymmetry brings even harmonics") {
    const auto second = [](float asymmetry) {
        dsp::saturation s(decibels(9.0), asymmetry);
        std::vector<float> x = test::sine(0.01, 32768, 0.5);
        s.process(x);
        return test::amplitude(std::span(x).subspan(16384), 0.02);
    };
    CHECK(second(0.0F) < 1e-5);
    CHECK(second(0.2F) > 0.01);
}
