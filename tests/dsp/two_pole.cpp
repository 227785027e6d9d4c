#include <lofi/dsp/two_pole.hpp>

#include <lofi/dsp/noise.hpp>

#include "support/test.hpp"

using namespace lofi;

namespace {
using chunk = std::array<float, dsp::chunk_frames>;
chunk filtered(dsp::two_pole& f, chunk x) {
    f.process(x);
    return x;
}
}  // namespace

TEST_CASE("four frames at a time it gives what the single filters give") {
    const hertz rate(48000.0);
    for (const double corner : {40.0, 160.0, 3000.0, 12000.0, 1e6})
        for (const double q : {0.5, 0.707, 4.0}) {
            CAPTURE(corner, q);
            dsp::two_pole low, band, high;
            low.low_pass(hertz(corner), q, rate), band.band_pass(hertz(corner), q, rate),
                high.high_pass(hertz(corner), q, rate);
            dsp::state_variable one(hertz(corner), q, rate);
            dsp::white_noise noise(random_key{4});
            for (int i = 0; i < 200; ++i) {
                chunk x;
                noise.process(x);
                const chunk l = filtered(low, x), b = filtered(band, x), h = filtered(high, x);
                for (std::size_t n = 0; n < x.size(); ++n) {
                    const auto want = one.tick(x[n]);
                    REQUIRE(l[n] == Approx(want.low).margin(1e-5));
                    REQUIRE(b[n] == Approx(want.band).margin(1e-5));
                    REQUIRE(h[n] == Approx(want.high).margin(1e-5));
                }
            }
        }
}

TEST_CASE("its shelf is that of the biquad") {
    const hertz rate(48000.0);
    for (const double corner : {160.0, 5000.0}) {
        dsp::two_pole shelf;
        shelf.low_shelf(hertz(corner), decibels(4.0), rate);
        auto one = dsp::biquad::low_shelf(hertz(corner), decibels(4.0), rate);
        dsp::white_noise noise(random_key{4});
        for (int i = 0; i < 200; ++i) {
            chunk x;
            noise.process(x);
            const chunk y = filtered(shelf, x);
            for (std::size_t n = 0; n < x.size(); ++n) REQUIRE(y[n] == Approx(one.tick(x[n])).margin(1e-5));
        }
    }
}

TEST_CASE("its corner moves without a jump, and its tail ends in exact silence") {
    dsp::two_pole f;
    f.low_pass(hertz(8000.0), 0.6, hertz(48000.0));
    float last = 0.0F, step = 0.0F;
    for (int i = 0; i < 400; ++i) {
        chunk x;
        x.fill(0.5F);
        f.low_pass(hertz(8000.0 - 19.0 * i), 0.6, hertz(48000.0));
        f.process(x);
        for (const float v : x) {
            if (i > 2) step = std::max(step, std::abs(v - last));
            last = v;
        }
    }
    CHECK(step < 1e-5F);
    chunk x{};
    for (int i = 0; i < 2000; ++i) x.fill(0.0F), f.process(x);
    for (const float v : x) REQUIRE(v == 0.0F);
}
