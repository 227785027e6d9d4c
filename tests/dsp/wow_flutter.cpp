#include <lofi/dsp/wow_flutter.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"

using namespace lofi;

namespace {
// Largest departure of a sine's pitch, in cents, from the phase of its analytic form between blocks of 10 ms.
double largest_bend(dsp::wow_flutter_config config) {
    const double rate = 48000.0, f = 1000.0;
    dsp::wow_flutter w(hertz(rate), random_key{3}, config);
    std::vector<float> x = test::sine(f / rate, 480000), y = x;
    w.process({x, y});
    double last = 0.0, worst = 0.0;
    for (std::size_t n = 4800; n + 480 < x.size(); n += 480) {
        std::complex<double> sum = 0.0;
        for (std::size_t i = 0; i < 480; ++i)
            sum += double{x[n + i]} * std::polar(1.0, -2.0 * M_PI * f / rate * static_cast<double>(n + i));
        const double phase = std::arg(sum), bend = std::remainder(phase - last, 2.0 * M_PI) / (2.0 * M_PI * 0.01) / f;
        if (n > 9600) worst = std::max(worst, std::abs(bend));
        last = phase;
    }
    return 1200.0 * std::log2(1.0 + worst);
}
}  // namespace

TEST_CASE("without depth it is a plain delay") {
    dsp::wow_flutter w(hertz(48000.0), {}, {.wow_cents = 0.0, .flutter_cents = 0.0, .drift_cents = 0.0});
    std::vector<float> x = test::sine(0.013, 4000), y = x;
    const std::vector<float> in = x;
    w.process({x, y});
    const auto late = static_cast<std::size_t>(w.latency().value);
    for (std::size_t n = late; n < x.size(); ++n) REQUIRE(x[n] == Approx(in[n - late]).margin(1e-6));
}

TEST_CASE("depths are the cents they say") {
    const double wow = largest_bend({.wow_cents = 20.0, .flutter_cents = 0.0, .drift_cents = 0.0});
    CHECK(wow > 13.0);  // it breathes: half of the depth to all of it
    CHECK(wow < 20.4);
    CHECK(largest_bend({.wow_cents = 0.0, .flutter_cents = 8.0, .drift_cents = 0.0}) == Approx(8.0).epsilon(0.06));
    const double drift = largest_bend({.wow_cents = 0.0, .flutter_cents = 0.0, .drift_cents = 10.0});
    CHECK(drift > 2.0);
    CHECK(drift < 20.0);
}

TEST_CASE("turning the depth makes no jump") {
    dsp::wow_flutter w(hertz(48000.0), {}, {.wow_cents = 0.0, .flutter_cents = 0.0, .drift_cents = 0.0});
    std::vector<float> x = test::sine(0.002, 96000), y = x;
    for (std::size_t n = 0; n < x.size(); n += 480) {
        if (n == 9600) w.set({.wow_cents = 40.0, .flutter_cents = 10.0, .drift_cents = 20.0});
        if (n == 48000) w.set({.wow_cents = 0.0, .flutter_cents = 0.0, .drift_cents = 0.0});
        w.process({std::span(x).subspan(n, 480), std::span(y).subspan(n, 480)});
    }
    float step = 0.0F;
    for (std::size_t n = 2000; n < x.size(); ++n) step = std::max(step, std::abs(x[n] - x[n - 1]));
    CHECK(step < 0.002F * 2.0F * 3.1416F * 1.06F);
}
