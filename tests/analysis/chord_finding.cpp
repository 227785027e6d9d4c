#include <lofi/analysis/chord_finding.hpp>

#include <string>
#include <vector>

#include <lofi/score/chord_symbol.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::analysis;

namespace {

/// Pitches that are struck together, a line a beat or more.
struct block {
    int beats;
    std::vector<int> pitches;
};
score::piece played(const std::vector<block>& blocks, int up = 0) {
    score::piece p;
    p.tracks.resize(1);
    std::int64_t at = 0;
    for (const block& b : blocks) {
        for (const int m : b.pitches) p.tracks[0].notes.push_back({ticks(at), ticks(b.beats * 480), score::pitch(m + up), {}});
        at += b.beats * 480;
    }
    return p;
}

std::string names(const score::piece& p) {
    std::string out;
    for (const found_chord& c : find_chords(lay_out(p))) {
        if (!out.empty()) out += " ";
        out += c.sounds ? to_string(c.type, c.root) + "/" + std::to_string(c.inversion) : "-";
        out += ":" + std::to_string(c.beats);
    }
    return out;
}

}  // namespace

TEST_CASE("triads and sevenths are found with their inversions") {
    CHECK(names(played({{4, {48, 60, 64, 67}}, {4, {52, 60, 67, 72}}, {4, {53, 57, 60, 65}}, {4, {55, 59, 62, 65}}})) ==
          "C/0:4 C/1:4 F/0:4 G7/0:4");
    CHECK(names(played({{4, {45, 60, 64, 69}}, {4, {52, 57, 60, 64, 69}}, {2, {47, 50, 53, 56}}, {2, {48, 52, 55, 59}}})) ==
          "Am/0:4 Am/2:4 Bdim7/0:2 Cmaj7/0:2");
    CHECK(names(played({{4, {50, 57, 60, 65}}, {4, {53, 57, 62, 67}}, {4, {47, 50, 53, 57}}, {4, {48, 52, 56, 60}}}))
              .substr(0, 8) == "Dm7/0:4 ");
    CHECK(names(played({{4, {43, 55, 60, 62}}, {4, {43, 55, 59, 62}}})) == "Gsus4/0:4 G/0:4");
}

TEST_CASE("chords move with the piece, and a short passing tone changes none") {
    const std::vector<block> song = {
        {4, {48, 60, 64, 67}}, {4, {45, 57, 60, 64}}, {4, {53, 57, 60, 65}}, {4, {55, 59, 62, 67}}};
    const auto home = find_chords(lay_out(played(song)));
    REQUIRE(home.size() == 4);
    for (int up = 1; up < 12; ++up) {
        const auto moved = find_chords(lay_out(played(song, up)));
        REQUIRE(moved.size() == home.size());
        for (std::size_t i = 0; i < home.size(); ++i) {
            CHECK(moved[i].root == score::pitch_class(home[i].root.value + up));
            CHECK(moved[i].type == home[i].type);
            CHECK(moved[i].beat == home[i].beat);
        }
    }
    score::piece passing = played(song);
    passing.tracks[0].notes.push_back({ticks(480), ticks(240), score::pitch(74), {}});
    score::sort_notes(passing.tracks[0].notes);
    CHECK(find_chords(lay_out(passing)) == home);
}

TEST_CASE("silence is no chord, a melody alone has chords, drums have none") {
    score::piece p = played({{4, {48, 60, 64, 67}}});
    for (const int m : {55, 59, 62}) p.tracks[0].notes.push_back({ticks(12 * 480), ticks(4 * 480), score::pitch(m), {}});
    CHECK(names(p) == "C/0:4 -:8 G/0:4");

    const score::piece melody = played({{1, {72}}, {1, {76}}, {1, {79}}, {1, {76}}});
    const auto sung = find_chords(lay_out(melody, &melody.tracks[0]));
    REQUIRE(!sung.empty());
    CHECK(sung[0].sounds);

    p.tracks[0].channel = 9;
    CHECK(find_chords(lay_out(p)).empty());
    CHECK(find_chords(beat_grid{}).empty());
}

TEST_CASE("beats follow the metre") {
    score::piece p = played({{12, {48, 52, 55}}});
    p.meters = {{ticks(0), 3, 4}};
    const beat_grid three = lay_out(p);
    REQUIRE(three.beats.size() == 12);
    for (std::size_t i = 0; i < 12; ++i) CHECK((three.beats[i].place == beat_place::bar) == (i % 3 == 0));
    p.meters = {{ticks(0), 6, 8}};
    const beat_grid six = lay_out(p);
    CHECK(six.beat == ticks(720));
    CHECK(six.beats.size() == 8);
    CHECK(six.beats[1].place == beat_place::half);
    p.meters = {{ticks(0), 4, 4}, {ticks(4 * 480), 2, 4}};
    CHECK(lay_out(p).beats[6].place == beat_place::bar);
}

TEST_CASE("the longest chord of some beats, and its numeral") {
    const std::vector<found_chord> chords = {{0, 1, true, score::pitch_class(0), {}, 0},
                                             {1, 3, true, score::pitch_class(10), {}, 1},
                                             {4, 4, false, {}, {}, 0},
                                             {8, 2, true, score::pitch_class(6), {score::quality::diminished}, 0},
                                             {10, 2, true, score::pitch_class(11), {}, 0}};
    CHECK(longest_chord(chords, 0, 4).root == score::pitch_class(10));
    CHECK(longest_chord(chords, 0, 2).root == score::pitch_class(0));
    CHECK(!longest_chord(chords, 4, 4).sounds);
    CHECK(longest_chord(chords, 8, 4).root == score::pitch_class(6));
    CHECK(!longest_chord(chords, 12, 4).sounds);

    const score::key c_major{score::pitch_class(0), score::mode::ionian}, a_minor{score::pitch_class(9), score::mode::aeolian};
    const score::chord flat_seven = numeral_of(chords[1], c_major), sharp_four = numeral_of(chords[3], c_major);
    CHECK(flat_seven.degree == 7);
    CHECK(flat_seven.accidental == -1);
    CHECK(flat_seven.inversion == 1);
    CHECK(root(flat_seven, c_major) == score::pitch_class(10));
    CHECK(sharp_four.degree == 4);
    CHECK(sharp_four.accidental == 1);
    CHECK(degree_of(score::pitch_class(8), a_minor) == 7);
    for (int k = 0; k < 12; ++k)
        for (int r = 0; r < 12; ++r) {
            found_chord c = chords[0];
            c.root = score::pitch_class(r);
            CHECK(root(numeral_of(c, {score::pitch_class(k), score::mode::dorian}),
                       {score::pitch_class(k), score::mode::dorian}) == c.root);
        }
}
