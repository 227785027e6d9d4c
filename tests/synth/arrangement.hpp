#pragma once
// A short piece of the usual kind for the tests of this room: keys, melody, bass and drums over four chords.
#include <cstdint>

#include <lofi/core/random.hpp>
#include <lofi/score/piece.hpp>

namespace lofi::test {

inline score::piece arrangement(int bars, std::uint64_t seed, bpm tempo = bpm(78.0)) {
    score::piece piece;
    piece.tempo.set(ticks(0), tempo);
    random_stream r(random_key{seed}.child("arrangement"));
    score::track keys{"keys", score::part::keys, 0, 4, {}, {}}, melody{"melody", score::part::melody, 1, 24, {}, {}};
    score::track bass{"bass", score::part::bass, 2, 33, {}, {}}, drums{"drums", score::part::drums, 9, 0, {}, {}};
    constexpr int chords[4][4] = {{50, 57, 60, 65}, {43, 53, 59, 64}, {48, 55, 59, 64}, {45, 55, 60, 64}};
    constexpr int roots[4] = {38, 31, 36, 33}, scale[8] = {60, 62, 64, 67, 69, 72, 74, 76};
    const auto add = [&](score::track& t, double beat, double length, int pitch, int force) {
        const auto at = static_cast<std::int64_t>(beat * 480.0) + uniform_between(r, 0, 14);
        t.notes.push_back(
            {ticks(at), ticks(static_cast<std::int64_t>(length * 480.0)), score::pitch(pitch), score::velocity(force)});
    };
    for (int bar = 0; bar < bars; ++bar) {
        const double o = bar * 4.0;
        for (const int p : chords[bar % 4])
            add(keys, o, 2.4, p, uniform_between(r, 44, 66)), add(keys, o + 2.58, 1.3, p, uniform_between(r, 40, 58));
        add(bass, o, 1.6, roots[bar % 4], uniform_between(r, 72, 88)),
            add(bass, o + 2.6, 0.9, roots[bar % 4], uniform_between(r, 60, 76));
        for (int e = 0; e < 8; ++e) add(drums, o + e * 0.5, 0.1, e == 7 ? 46 : 42, e % 2 == 0 ? 70 : 48);
        add(drums, o, 0.2, 36, 100), add(drums, o + 1.0, 0.2, 38, 92), add(drums, o + 2.58, 0.2, 36, 86),
            add(drums, o + 3.0, 0.2, 38, 96);
        for (int e = 0; e < 8; ++e)
            if (chance(r, 2, 5)) {
                const int pitch = scale[uniform_below(r, 8)];
                add(melody, o + e * 0.5, 0.5, pitch, uniform_between(r, 50, 76));
            }
    }
    for (score::track* t : {&keys, &melody, &bass, &drums}) score::sort_notes(t->notes), piece.tracks.push_back(*t);
    piece.length = ticks(std::int64_t{bars} * 4 * 480);
    return piece;
}

}  // namespace lofi::test
