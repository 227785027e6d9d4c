#include <lofi/synth/player.hpp>

#include "support/test.hpp"
#include "synth/measured.hpp"

using namespace lofi;
using namespace lofi::test;

namespace {

// Seconds from the loudest 5 ms to the last 5 ms that are less than `fall` decibels below it.
double time_to_fall(std::span<const float> x, double rate, double fall) {
    const auto width = static_cast<std::size_t>(0.005 * rate), hop = static_cast<std::size_t>(0.001 * rate);
    std::vector<double> level;
    for (std::size_t n = 0; n + width < x.size(); n += hop) level.push_back(test::decibels_of(test::rms(x.subspan(n, width))));
    const auto top = std::max_element(level.begin(), level.end());
    std::size_t last = 0;
    for (std::size_t i = 0; i < level.size(); ++i)
        if (level[i] > *top - fall) last = i;
    return static_cast<double>(last - static_cast<std::size_t>(top - level.begin())) * 0.001;
}

constexpr synth::instrument all[] = {synth::instrument::tine,  synth::instrument::reed, synth::instrument::felt,
                                     synth::instrument::nylon, synth::instrument::harp, synth::instrument::vibes,
                                     synth::instrument::bass,  synth::instrument::pad};

}  // namespace

TEST_CASE("every note of every instrument is sound: finite, bounded, from silence to silence") {
    for (const synth::instrument i : all)
        for (const double rate : {8000.0, 48000.0, 192000.0})
            for (int pitch = 0; pitch < 128; pitch += 7)
                for (const int force : {1, 127}) {
                    const auto y = play(note(i, pitch, force), rate, 0.05, 0.1);
                    CAPTURE(to_string(i), rate, pitch, force);
                    double peak = 0.0;
                    for (const float v : y) {
                        REQUIRE(std::isfinite(v));
                        peak = std::max(peak, std::abs(double{v}));
                    }
                    REQUIRE(peak < 1.5);
                    REQUIRE(std::abs(y[0]) < 1e-3);
                }
}

TEST_CASE("instruments are in tune and get brighter and louder with force") {
    for (const synth::instrument i : all)
        for (const int pitch : {40, 55, 72}) {
            const auto soft = note(i, pitch, 30), hard = note(i, pitch, 110);
            CAPTURE(to_string(i), pitch);
            const double cents = 1200.0 * std::log2(hard.modes[0].frequency.value / math::midi_to_hertz(pitch).value);
            CHECK(std::abs(cents) < 6.0);
            const auto quiet = play(soft, 48000.0, 0.5, 0.5), loud = play(hard, 48000.0, 0.5, 0.5);
            CHECK(test::rms(loud) > 1.8 * test::rms(quiet));
            CHECK(centroid(loud, 48000.0, window::none) > centroid(quiet, 48000.0, window::none));
        }
}

TEST_CASE("damped notes fall by 60 dB in their release, and drums ring on") {
    for (const synth::instrument i : all) {
        const auto s = note(i, 60, 90);
        const double held = i == synth::instrument::pad ? 1.2 : 0.4;
        const auto y = play(s, 48000.0, held, held + 2.0 * s.release.value + 0.1);
        const auto at = [&](double t) {
            return test::decibels_of(test::rms(std::span(y).subspan(static_cast<std::size_t>(t * 48000.0), 480)));
        };
        CAPTURE(to_string(i));
        CHECK(at(held + s.release.value) < at(held - 0.02) - 50.0);
        CHECK(y.back() == 0.0F);
    }
    random_stream r(random_key{1});
    const auto crash = synth::hit(score::drum::crash, score::velocity(100), r);
    const auto ringing = play(crash, 48000.0, 0.01, 1.0);
    CHECK(test::rms(std::span(ringing).subspan(24000)) > 1e-3);
}

TEST_CASE("drums lie where one-shots lie: brightness in hertz, and time to fall by 20 dB") {
    struct range {
        score::drum which;
        double dark, bright, shortest, longest;
    };
    // From the least to the most of the one-shots of each kind (docs/synth.md), and 15 % either way.
    constexpr range ranges[] = {{score::drum::kick, 36, 246, 0.045, 0.87},
                                {score::drum::snare, 691, 3468, 0.107, 0.266},
                                {score::drum::closed_hat, 7794, 15905, 0.048, 0.122},
                                {score::drum::open_hat, 6029, 11389, 0.186, 0.754},
                                {score::drum::low_tom, 135, 180, 0.466, 0.582},
                                {score::drum::mid_tom, 155, 224, 0.356, 0.421},
                                {score::drum::high_tom, 213, 270, 0.305, 0.360},
                                {score::drum::ride, 3176, 3978, 1.313, 1.757},
                                {score::drum::crash, 6330, 8804, 0.446, 1.034},
                                {score::drum::rim, 1719, 4343, 0.058, 0.059}};
    for (const range& wanted : ranges)
        for (const int force : {50, 80, 110}) {
            random_stream r(random_key{static_cast<std::uint64_t>(force)});
            const auto y = play(synth::hit(wanted.which, score::velocity(force), r), 44100.0, 1.0, 2.2);
            const double bright = centroid(std::span(y).first(22050), 44100.0, window::none),
                         fall = time_to_fall(y, 44100.0, 20.0);
            CAPTURE(to_string(wanted.which), force, bright, fall);
            CHECK((bright > 0.85 * wanted.dark && bright < 1.15 * wanted.bright));
            CHECK((fall > 0.85 * wanted.shortest && fall < 1.15 * wanted.longest));
        }
}

TEST_CASE("no two hits are alike, and the same hit is the same") {
    random_stream a(random_key{1}), b(random_key{2}), c(random_key{1});
    const auto x = synth::hit(score::drum::snare, score::velocity(80), a),
               y = synth::hit(score::drum::snare, score::velocity(80), b),
               z = synth::hit(score::drum::snare, score::velocity(80), c);
    CHECK(x.modes[0].frequency.value != y.modes[0].frequency.value);
    CHECK(x.modes[0].frequency.value == z.modes[0].frequency.value);
}

TEST_CASE("every General MIDI drum key has a drum") {
    for (int key = 0; key < 128; ++key) CHECK(static_cast<std::size_t>(synth::drum_of(score::pitch(key))) < score::drum_count);
    for (std::size_t d = 0; d < score::drum_count; ++d)
        CHECK(synth::drum_of(score::general_midi_key(static_cast<score::drum>(d))) == static_cast<score::drum>(d));
}
