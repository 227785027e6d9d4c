#include <lofi/synth/pickup.hpp>

#include "support/test.hpp"
#include "synth/measured.hpp"

using namespace lofi;

namespace {

// The k-th harmonic of what the pickup hears, by adding up over one turn.
double heard(double swing, double centre, std::size_t k) {
    double sum = 0.0;
    constexpr int steps = 4096;
    for (int i = 0; i < steps; ++i) {
        const double angle = 2.0 * M_PI * i / steps, u = swing * std::cos(angle) - centre;
        sum += std::cos(static_cast<double>(k) * angle) / (1.0 + u * u);
    }
    return 2.0 * sum / steps;
}

// Gain of the harmonic of a strike after a time, with its sign.
double gain_of(const synth::strike& s, double f, double t) {
    double sum = 0.0;
    for (const dsp::mode& m : s.sounding())
        if (std::abs(m.frequency.value - f) < 0.01) sum += double{m.gain} * std::exp(-6.907755278982137 * t / m.decay.value);
    return sum;
}

}  // namespace

TEST_CASE("a pickup's harmonics come and go as the swing through its field says") {
    for (const double swing : {0.1, 0.6, 1.5, 3.0, 5.0})
        for (const double centre : {0.4, 0.8, 1.2}) {
            synth::strike s;
            const synth::pickup p{.swing = swing, .centre = centre, .tilt = 0.0, .t60 = seconds(8.0)};
            synth::add_pickup(s, hertz(100.0), p);
            // What two exponentials miss, against all that sounds at the moment: the more the wider the swing.
            double scale = 0.0;
            for (const double t : {0.0, 0.1, 0.3, 0.8, 1.5}) {
                const double now = swing * std::exp(-6.907755278982137 * t / 8.0);
                double wanted = 0.0, apart = 0.0;
                if (scale == 0.0) {
                    std::size_t most = 1;
                    for (std::size_t k = 1; k <= 8; ++k)
                        if (std::abs(heard(swing, centre, k)) > std::abs(heard(swing, centre, most))) most = k;
                    scale = gain_of(s, 100.0 * static_cast<double>(most), 0.0) / heard(swing, centre, most);
                }
                for (std::size_t k = 1; k <= 8; ++k) {
                    const double a = scale * heard(now, centre, k), b = gain_of(s, 100.0 * static_cast<double>(k), t);
                    wanted += a * a, apart += (a - b) * (a - b);
                }
                CAPTURE(swing, centre, t, scale);
                CHECK(std::sqrt(apart / wanted) < (swing < 2.0 ? 0.15 : 0.35));
            }
        }
}

TEST_CASE("a pickup keeps to its room and its level, from a whisper to a blow") {
    for (const double swing : {1e-4, 0.01, 1.0, 20.0, 1e4})
        for (const std::size_t room : {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{24}, std::size_t{99}}) {
            synth::strike s;
            s.add({hertz(5.0), 1.0F, seconds(1.0)});
            synth::add_pickup(s, hertz(100.0), {.swing = swing, .centre = 0.9, .tilt = 1.0, .t60 = seconds(0.3)}, room);
            CAPTURE(swing, room, s.count);
            CHECK(s.count <= std::min<std::size_t>(1 + room, synth::strike::most_modes));
            double power = 0.0;
            for (std::size_t k = 1; k <= 16; ++k) {
                const double g = gain_of(s, 100.0 * static_cast<double>(k), 0.0);
                REQUIRE(std::isfinite(g));
                power += 0.5 * g * g;
            }
            if (room >= 24 && swing <= 1.0) CHECK(std::sqrt(power) == Approx(1.0).margin(0.1));
            CHECK(power < 1.3);
        }
}

TEST_CASE("the noise of the end comes when a note ends, once, and not when it is cut off") {
    synth::strike s;
    s.add({hertz(100.0), 0.01F, seconds(30.0)});
    s.release = seconds(0.01);
    const auto without = test::play(s, 48000.0, 0.3, 1.0);
    s.lift = {0.1F, seconds(0.001), seconds(0.05), hertz(2000.0), 0.7, synth::burst::pass::band};
    const auto with = test::play(s, 48000.0, 0.3, 1.0);
    const auto level = [](std::span<const float> y, double from) {
        return test::rms(y.subspan(static_cast<std::size_t>(from * 48000.0), 480));
    };
    for (std::size_t n = 0; n < 14400; ++n) REQUIRE(with[n] == without[n]);
    CHECK(level(with, 0.302) > 1e-3);
    CHECK(level(with, 0.32) > 10.0 * level(without, 0.32));
    CHECK(level(with, 0.5) < 1e-6);
    synth::voice v;
    v.start(s, hertz(48000.0), 0, frames(1 << 20), random_key{1});
    std::array<float, 32> left{}, right{};
    v.process(left, right);
    v.fade(hertz(48000.0), 0);
    double worst = 0.0;
    for (int n = 0; n < 200 && !v.silent(); ++n) {
        left.fill(0.0F), right.fill(0.0F);
        v.process(left, right);
        for (std::size_t i = 1; i < 32; ++i) worst = std::max(worst, std::abs(double{left[i]} - double{left[i - 1]}));
    }
    CHECK(worst < 5e-4);
    CHECK(v.silent());
}
