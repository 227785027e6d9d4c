#include <lofi/dsp/oscillator.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"

using namespace lofi;

namespace {
constexpr std::size_t size = 1 << 15;

std::vector<float> play(dsp::wave shape, std::size_t bin) {
    dsp::oscillator o(shape, hertz(static_cast<double>(bin)), hertz(static_cast<double>(size)));
    std::vector<float> warm(4096), x(size);
    o.process(warm), o.process(x);
    return x;
}
}  // namespace

TEST_CASE("saw, square and triangle do not alias") {
    for (const dsp::wave shape : {dsp::wave::saw, dsp::wave::square, dsp::wave::triangle})
        for (const std::size_t bin : {37U, 301U, 1999U, 3001U, 5003U}) {
            CAPTURE(static_cast<int>(shape), bin);
            CHECK(test::aliases(play(shape, bin), bin) < -68.0);
        }
}

TEST_CASE("a plain saw aliases, so the measure can fail") {
    std::vector<float> x(size);
    phase32 p;
    for (float& v : x) v = p.saw(), p.advance(phase32::step(hertz(1999.0), hertz(static_cast<double>(size))));
    CHECK(test::aliases(x, 1999) > -30.0);
}

TEST_CASE("harmonics have the strengths of the plain waves") {
    const double f = 301.0 / size;
    const auto saw = play(dsp::wave::saw, 301), square = play(dsp::wave::square, 301),
               triangle = play(dsp::wave::triangle, 301);
    for (int k = 1; k <= 20; ++k) {
        CAPTURE(k);
        CHECK(test::amplitude(saw, k * f) == Approx(2.0 / (M_PI * k)).epsilon(0.01));
        CHECK(test::amplitude(square, k * f) == Approx(k % 2 == 1 ? 4.0 / (M_PI * k) : 0.0).margin(2e-3));
        CHECK(test::amplitude(triangle, k * f) == Approx(k % 2 == 1 ? 8.0 / (M_PI * M_PI * k * k) : 0.0).margin(1e-3));
    }
}

TEST_CASE("a sine oscillator is a sine for hours") {
    dsp::sine_oscillator o(hertz(440.0), hertz(48000.0), phase32(12345U));
    std::vector<float> x(48000);
    o.process(x);
    CHECK(test::amplitude(x, 440.0 / 48000.0) == Approx(1.0).epsilon(1e-5));
    o.reset();
    CHECK(o.tick() == 0.0F);
}
