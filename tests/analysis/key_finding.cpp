#include <lofi/analysis/key_finding.hpp>

#include <vector>

#include <lofi/analysis/melody_track.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::analysis;

namespace {

/// Chords in root position below a melody of their thirds and fifths, four beats each.
score::piece song_in(const std::vector<score::key>& keys, const std::vector<int>& degrees) {
    score::piece p;
    p.tracks.resize(2);
    p.tracks[0].name = "Melody";
    std::int64_t at = 0;
    for (const score::key& k : keys)
        for (const int d : degrees) {
            const auto tone = [&](int step) { return k.tonic.value + semitones_of_step(k.scale, d - 1 + step); };
            for (const int step : {0, 2, 4})
                p.tracks[1].notes.push_back({ticks(at), ticks(1920), score::pitch(48 + tone(step)), {}});
            int beat = 0;
            for (const int step : {4, 2, 3, 2})
                p.tracks[0].notes.push_back({ticks(at + beat++ * 480), ticks(480), score::pitch(60 + tone(step)), {}});
            at += 1920;
        }
    for (score::track& t : p.tracks) score::sort_notes(t.notes);
    return p;
}

std::vector<key_stretch> keys_of(const score::piece& p) {
    const beat_grid grid = lay_out(p, &p.tracks[0]);
    return find_keys(grid, find_chords(grid));
}

}  // namespace

TEST_CASE("major and minor songs are found in every key") {
    for (int tonic = 0; tonic < 12; ++tonic) {
        const score::key major{score::pitch_class(tonic), score::mode::ionian},
            minor{score::pitch_class(tonic), score::mode::aeolian};
        const auto bright = keys_of(song_in({major}, {1, 4, 5, 1, 6, 4, 5, 1})),
                   dark = keys_of(song_in({minor}, {1, 4, 7, 1, 6, 4, 5, 1}));
        REQUIRE(bright.size() == 1);
        CHECK(bright[0].key == major);
        CHECK(bright[0].beats == 32);
        REQUIRE(dark.size() == 1);
        CHECK(dark[0].key == minor);
    }
}

TEST_CASE("other modes are told by what their scales cover") {
    const score::key dorian{score::pitch_class(2), score::mode::dorian};
    CHECK(main_key(keys_of(song_in({dorian}, {1, 4, 1, 4, 1, 4, 5, 1}))) == dorian);
    for (const score::mode m : score::all_modes) {
        if (m == score::mode::locrian) continue;
        std::vector<beat_sound> beats(7);
        for (int d = 1; d <= 7; ++d)
            beats[static_cast<std::size_t>(d - 1)].time[score::degree({score::pitch_class(7), m}, d).value] = 1;
        CHECK(analysis::detail::mode_that_covers(beats, score::pitch_class(7), score::semitones_of_step(m, 2) == 3, .05) == m);
    }
}

TEST_CASE("a song that goes to another key is told in two stretches") {
    const score::key c{score::pitch_class(0), score::mode::ionian}, e{score::pitch_class(4), score::mode::ionian};
    const auto keys = keys_of(song_in({c, c, e}, {1, 6, 4, 5, 1, 4, 5, 1}));
    REQUIRE(keys.size() == 2);
    CHECK(keys[0].key == c);
    CHECK(keys[1].key == e);
    CHECK(keys[1].beat == 64);
    CHECK(main_key(keys) == c);
}

TEST_CASE("nothing has no key, and the evidence sums to one") {
    CHECK(find_keys(beat_grid{}, {}).empty());
    beat_grid silent;
    silent.beats.resize(8);
    CHECK(find_keys(silent, {}).empty());
    CHECK(main_key({}) == score::key{});

    const score::piece p = song_in({{}}, {1, 4, 5, 1});
    const beat_grid grid = lay_out(p, &p.tracks[0]);
    const auto evidence = gather_evidence(grid, find_chords(grid));
    double sum = 0;
    for (const key_evidence& e : evidence)
        for (const float v : e) sum += v;
    CHECK(sum == Approx(4));  // the four groups
}
