#include <lofi/audio/true_peak.hpp>

#include <cmath>
#include <limits>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::audio;

namespace {
double reading(double amplitude, double frequency, double degrees) {  // frequency in parts of the sample rate
    true_peak_meter meter;
    constexpr int length = 4800;
    for (int t = 0; t < length; ++t) {
        const double fade = std::min({1.0, t / 480.0, (length - 1 - t) / 480.0});
        meter.tick(static_cast<float>(fade * amplitude * math::sin_turns(frequency * t + degrees / 360.0)));
    }
    return meter.level().value;
}
}  // namespace

TEST_CASE("EBU Tech 3341: cases 15 to 19, peaks between samples") {
    struct row {
        double amplitude, frequency, degrees, expected;
    };
    for (const auto& r : {row{0.50, 1.0 / 4, 0, -6.0}, row{0.50, 1.0 / 4, 45, -6.0}, row{0.50, 1.0 / 6, 60, -6.0},
                          row{0.50, 1.0 / 8, 67.5, -6.0}, row{1.41, 1.0 / 4, 45, 3.0}}) {
        CAPTURE(r.frequency, r.degrees);
        const double level = reading(r.amplitude, r.frequency, r.degrees);
        CHECK(level <= r.expected + 0.2);
        CHECK(level >= r.expected - 0.4);
    }
}

TEST_CASE("sines of all phases read within the stated error") {
    double low = 0, high = -100, low_quarter = 0;
    for (int f = 1; f <= 40; ++f) {
        for (int phase = 0; phase < 360; phase += 15) {
            const double level = reading(1.0, f / 100.0, phase);
            low = std::min(low, level);
            high = std::max(high, level);
            if (f <= 25) low_quarter = std::min(low_quarter, level);
        }
    }
    INFO("lowest " << low << " highest " << high << " lowest up to a quarter " << low_quarter);
    CHECK(high <= 0.03);
    CHECK(low >= -0.44);
    CHECK(low_quarter >= -0.1);
}

TEST_CASE("the last samples count, and nothing is below the samples themselves") {
    true_peak_meter meter;
    CHECK(meter.level().value == -std::numeric_limits<double>::infinity());
    meter.tick(0.25F);
    CHECK(meter.peak() == 0.25F);
    meter.tick(-0.75F);
    CHECK(meter.peak() >= 0.75F);
    meter.reset();
    CHECK(meter.peak() == 0.0F);
    float seen = 0.0F;
    for (std::size_t i = 0; i < 3 * true_peak_meter::taps; ++i) {
        const float y = meter.tick(i == 5 ? 1.0F : 0.0F);
        if (i == 5 + true_peak_meter::delay) CHECK(y == 1.0F);  // where the documentation says the sample comes out
        seen = std::max(seen, y);
    }
    CHECK(seen == 1.0F);
}
