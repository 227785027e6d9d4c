#include <algorithm>

#include <lofi/arrange/melody.hpp>

#include "arrange/random_sections.hpp"
#include "support/test.hpp"

using namespace lofi;
using namespace lofi::arrange;

namespace {

score::track play(const section& s, const arrange_config& c, random_key key = random_key{1}) {
    score::track t;
    std::int32_t lateness = 0;
    arrange_melody(s, c, key, ticks(0), lateness, t);
    return t;
}

section of_slots(std::initializer_list<int> slots) {
    section s;
    s.rows.resize((slots.size() + score::slots_per_row - 1) / score::slots_per_row, {1, {}});
    std::size_t i = 0;
    for (const int v : slots)
        s.rows[i / score::slots_per_row].melody[i % score::slots_per_row] = static_cast<std::uint8_t>(v), ++i;
    return s;
}

}  // namespace

TEST_CASE("slots of equal value are one note, and a rest is a breath") {
    const melody_line l = sing(of_slots({8, 8, 8, 9, 0, 0, 10, 10, 10, 10, 12, 12, 11, 11, 11, 11}), {});
    REQUIRE(l.notes.size() == 5);
    CHECK(l.notes[0].from == 0);
    CHECK(l.notes[0].until == 3 * sixteenth);
    CHECK_FALSE(l.notes[0].breath);
    CHECK(l.notes[1].breath);
    CHECK(l.notes[2].from == 6 * sixteenth);
    CHECK(l.notes[2].until == 10 * sixteenth);  // over the row's end
    CHECK(l.notes[4].breath);
    CHECK(l.notes[1].pitch - l.notes[0].pitch == 2);
    CHECK(l.notes[3].pitch - l.notes[2].pitch == 3);
    CHECK(l.attacks(0, bar / 2) == 3);
    CHECK(l.lowest(0, bar) == l.notes[0].pitch);
    CHECK(l.lowest(4 * sixteenth, 6 * sixteenth) == 127);
    CHECK(l.sounds(9 * sixteenth, 10 * sixteenth));
    CHECK_FALSE(l.sounds(4 * sixteenth, 6 * sixteenth));
}

TEST_CASE("with rows of whole bars a slot is an eighth") {
    const melody_line l = sing(of_slots({8, 8, 0, 9, 9, 9, 9, 9}), {.rows = row_length::whole_bar});
    REQUIRE(l.notes.size() == 2);
    CHECK(l.notes[0].until == quarter);
    CHECK(l.notes[1].from == 6 * sixteenth);
    CHECK(l.notes[1].until == bar);
}

TEST_CASE("the melody sits in its register and in the key, in one octave") {
    std::size_t moved = 0, all = 0;
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        const arrange_config c = test::random_config(random_key{seed});
        section s;
        s.rows = test::random_rows(16, random_key{seed});
        const melody_line l = sing(s, c);
        int octave = -1;
        std::size_t i = 0;
        for (std::size_t slot = 0; slot < 128; ++slot) {
            const std::uint8_t v = s.rows[slot / 8].melody[slot % 8];
            if (v == 0 || (slot > 0 && s.rows[(slot - 1) / 8].melody[(slot - 1) % 8] == v)) continue;
            REQUIRE(i < l.notes.size());
            const int pitch = l.notes[i++].pitch;
            REQUIRE(pitch >= melody_low);
            REQUIRE(pitch <= melody_high);
            const int above = pitch - c.key.tonic.value - score::semitones_of_step(c.key.scale, v - 1);
            REQUIRE(above % 12 == 0);
            if (octave < 0) octave = above;
            ++all, moved += above != octave ? 1 : 0;
        }
        REQUIRE(i == l.notes.size());
        for (const score::note& n : play(s, c).notes) REQUIRE(score::contains(c.key, n.which.name()));
    }
    CAPTURE(moved, all);
    CHECK(moved * 100 < all * 25);  // values over two octaves do not fit into less
}

TEST_CASE("every note of the sheet is played, in its place") {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        arrange_config c = test::random_config(random_key{seed});
        c.looseness = static_cast<std::uint8_t>(c.looseness / 2);
        section s;
        s.rows = test::random_rows(16, random_key{seed});
        const melody_line l = sing(s, c);
        const score::track t = play(s, c, random_key{seed});
        REQUIRE(t.notes.size() == l.notes.size());
        for (std::size_t i = 0; i < t.notes.size(); ++i) {
            REQUIRE(t.notes[i].which.midi == l.notes[i].pitch);
            REQUIRE(std::abs(t.notes[i].start.value - swung(l.notes[i].from, c.swing)) < sixteenth / 2);
        }
    }
}

TEST_CASE("long notes come late, are let go before a rest, and end after two bars") {
    section s = of_slots({8, 8, 8, 8, 9, 8, 9, 8, 10, 10, 10, 10, 0, 0, 0, 0});
    const score::track t = play(s, {.swing = 0, .looseness = 0});
    CHECK(t.notes.at(0).start == ticks(20));
    CHECK(t.notes.at(1).start == ticks(4 * sixteenth + 12));
    CHECK(t.notes.back().end() < ticks(11 * sixteenth + 60));
    section held;
    held.rows = section_rows(12, {1, {8, 8, 8, 8, 8, 8, 8, 8}});
    const score::track one = play(held, {});
    REQUIRE(one.notes.size() == 1);
    CHECK(one.notes[0].length < ticks(2 * bar + quarter));
}

TEST_CASE("the downbeat is stronger than what lies between") {
    double strong = 0, weak = 0;
    int strongs = 0, weaks = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        const score::track t = play(of_slots({8, 9, 10, 9, 8, 9, 10, 9, 8, 9, 10, 9, 8, 9, 10, 9}),
                                    {.swing = 0, .looseness = 0}, random_key{seed});
        for (const score::note& n : t.notes) {
            const std::int64_t step = n.start.value / sixteenth;
            if (step % 8 == 0) strong += n.force.value, ++strongs;
            if (step % 2 == 1) weak += n.force.value, ++weaks;
        }
    }
    CHECK(strong / strongs > weak / weaks + 4);
}

TEST_CASE("an empty melody makes no notes") {
    section s;
    s.rows.resize(8, {1, {}});
    CHECK(play(s, {}).notes.empty());
    CHECK(sing({}, {}).notes.empty());
}
