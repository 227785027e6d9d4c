#include <lofi/score/lead_sheet.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::score;

TEST_CASE("melody values are steps of the scale over two octaves") {
    CHECK(semitones_of_step(mode::ionian, melody_step(1)) == 0);
    CHECK(semitones_of_step(mode::ionian, melody_step(7)) == 11);
    CHECK(semitones_of_step(mode::aeolian, melody_step(10)) == 15);
    CHECK(semitones_of_step(mode::locrian, melody_step(15)) == 24);
}

TEST_CASE("sheets differ where any of their fields does") {
    lead_sheet a;
    a.rows.resize(2);
    lead_sheet b = a;
    CHECK(a == b);
    b.rows[1].melody[7] = 1;
    CHECK_FALSE(a == b);
    b = a, b.tempo = bpm(90);
    CHECK_FALSE(a == b);
    b = a, b.has_melody = false;
    CHECK_FALSE(a == b);
}
