#include <lofi/score/pitch.hpp>

#include "support/test.hpp"

using namespace lofi::score;

TEST_CASE("pitch classes wrap around, below zero too") {
    CHECK(pitch_class(12) == pitch_class(0));
    CHECK(pitch_class(-1).value == 11);
    CHECK(pitch_class(-25).value == 11);
}

TEST_CASE("a pitch knows its class, octave and spelling") {
    CHECK(to_string(pitch(60)) == "C4");
    CHECK(to_string(pitch(61)) == "C#4");
    CHECK(to_string(pitch(61), spelling::flats) == "Db4");
    CHECK(to_string(pitch(0)) == "C-1");
    CHECK(to_string(pitch(127)) == "G9");
    CHECK(pitch(69).name() == pitch_class(9));
}

TEST_CASE("every spelling is read back as what it spells") {
    for (int c = 0; c < 12; ++c)
        for (const spelling s : {spelling::sharps, spelling::flats})
            CHECK(*parse_pitch_class(to_string(pitch_class(c), s)) == pitch_class(c));
    CHECK(parse_pitch_class("e-")->value == 3);
    CHECK(parse_pitch_class("Cb")->value == 11);
    CHECK(parse_pitch_class("B##")->value == 1);
}

TEST_CASE("what is no pitch is refused by name") {
    for (const char* text : {"", "H", "#", "C4", "c x", "C####", "\xff", "1", "Cé"}) {
        INFO(text);
        const auto p = parse_pitch_class(text);
        REQUIRE_FALSE(p);
        CHECK_THAT(p.error().message(), LOFI_CATCH_CONTAINS("pitch '" + std::string(text) + "'"));
    }
}
