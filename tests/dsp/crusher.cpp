#include <lofi/dsp/crusher.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"

using namespace lofi;

TEST_CASE("few bits: samples lie on the grid, the error is as small as dither lets it be, and has no mean") {
    for (const int bits : {4, 8, 12}) {
        dsp::crusher c(hertz(48000.0), random_key{1}, {.bits = static_cast<std::uint8_t>(bits), .held = hertz(1e9)});
        std::vector<float> x = test::sine(0.0123, 48000, 0.7), y = x;
        const std::vector<float> in = x;
        c.process({x, y});
        const double grid = std::ldexp(1.0, 1 - bits);
        double error = 0.0, mean = 0.0;
        for (std::size_t n = 0; n < x.size(); ++n) {
            REQUIRE(std::remainder(double{x[n]}, grid) == 0.0);
            error += std::pow(double{x[n]} - double{in[n]}, 2), mean += double{x[n]} - double{in[n]};
        }
        // Rounding's twelfth of a step squared, and two uniform dithers of half a step each.
        CHECK(std::sqrt(error / 48000.0) == Approx(grid * std::sqrt(1.0 / 12.0 + 1.0 / 6.0)).epsilon(0.05));
        CHECK(std::abs(mean / 48000.0) < 0.02 * grid);
    }
}

TEST_CASE("a lower rate holds samples for as long as it should") {
    dsp::crusher c(hertz(48000.0), {}, {.bits = 0, .held = hertz(12000.0)});
    std::vector<float> x(480), y(480);
    for (std::size_t n = 0; n < x.size(); ++n) x[n] = y[n] = static_cast<float>(n) / 480.0F;
    const std::vector<float> in = x;
    c.process({x, y});
    for (std::size_t n = 0; n < x.size(); ++n) REQUIRE(x[n] == in[n / 4 * 4]);
}

TEST_CASE("silence stays silent; as it is set to do nothing, it does nothing") {
    dsp::crusher c(hertz(48000.0), {}, {.bits = 8, .held = hertz(20000.0)}),
        none(hertz(48000.0), {}, {.bits = 0, .held = hertz(48000.0)});
    std::vector<float> x(1000), y(1000);
    c.process({x, y});
    for (const float v : x) REQUIRE(v == 0.0F);
    std::vector<float> s = test::sine(0.01, 1000), t = s;
    const std::vector<float> in = s;
    none.process({s, t});
    CHECK((s == in));
}

TEST_CASE("the dither hangs on how many samples went before, not on what they were") {
    dsp::crusher after_silence(hertz(48000.0), random_key{3}, {.bits = 8, .held = hertz(1e9)}),
        after_sound(hertz(48000.0), random_key{3}, {.bits = 8, .held = hertz(1e9)});
    std::vector<float> silence(100), sound = test::sine(0.01, 100), other = sound;
    std::vector<float> silence_too = silence;
    after_silence.process({silence, silence_too});
    after_sound.process({sound, other});
    std::vector<float> a = test::sine(0.0123, 1000), b = a, c = a, d = a;
    after_silence.process({a, b});
    after_sound.process({c, d});
    CHECK((a == c));
    CHECK((b == d));
}
