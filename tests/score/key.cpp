#include <lofi/score/key.hpp>

#include <bit>
#include <cstdlib>
#include <set>

#include "support/test.hpp"

using namespace lofi::score;

TEST_CASE("keys hold their degrees and nothing else") {
    for (const mode m : all_modes) {
        for (int tonic = 0; tonic < 12; ++tonic) {
            const key k{pitch_class(tonic), m};
            std::set<pitch_class> of_degrees, held;
            for (int d = 1; d <= 7; ++d) of_degrees.insert(degree(k, d));
            for (int c = 0; c < 12; ++c)
                if (contains(k, pitch_class(c))) held.insert(pitch_class(c));
            CHECK(of_degrees == held);
            CHECK(held.size() == 7);
            CHECK(degree(k, 8) == degree(k, 1));
            CHECK(degree(k, 0) == degree(k, 7));
            CHECK(degree(k, -6) == degree(k, 1));
        }
    }
}

TEST_CASE("steps beyond the octave add octaves, below the tonic too") {
    CHECK(semitones_of_step(mode::ionian, 7) == 12);
    CHECK(semitones_of_step(mode::ionian, -1) == -1);
    CHECK(semitones_of_step(mode::aeolian, -1) == -2);
    CHECK(semitones_of_step(mode::ionian, -7) == -12);
    CHECK(semitones_of_step(mode::dorian, 16) == 27);
    for (const mode m : all_modes)
        for (int s = -30; s < 30; ++s) CHECK(semitones_of_step(m, s + 7) - semitones_of_step(m, s) == 12);
}

TEST_CASE("signatures are those of the circle of fifths") {
    const auto of = [](const char* text) { return signature(*parse_key(text)); };
    CHECK(of("C") == 0);
    CHECK(of("Am") == 0);
    CHECK(of("D dorian") == 0);
    CHECK(of("B locrian") == 0);
    CHECK(of("G") == 1);
    CHECK(of("F") == -1);
    CHECK(of("Eb major") == -3);
    CHECK(of("Cm") == -3);
    CHECK(of("C locrian") == -5);
    CHECK(of("B") == 5);
    CHECK(of("F# minor") == 3);
    for (const mode m : all_modes)
        for (int tonic = 0; tonic < 12; ++tonic) {
            const key k{pitch_class(tonic), m};
            CHECK(std::abs(signature(k)) <= 6);
            // The major key with the same signature has the same pitches.
            const key major{pitch_class(signature(k) * 7), mode::ionian};
            for (int c = 0; c < 12; ++c) CHECK(contains(k, pitch_class(c)) == contains(major, pitch_class(c)));
        }
}

TEST_CASE("keys are named and read back") {
    CHECK(to_string(key{pitch_class(3), mode::ionian}) == "Eb major");
    CHECK(to_string(key{pitch_class(9), mode::aeolian}) == "A minor");
    CHECK(to_string(key{pitch_class(2), mode::dorian}) == "D dorian");
    CHECK(*parse_key("d dorian") == key{pitch_class(2), mode::dorian});
    CHECK(*parse_key("F#m") == key{pitch_class(6), mode::aeolian});
    for (const mode m : all_modes)
        for (int tonic = 0; tonic < 12; ++tonic) {
            const key k{pitch_class(tonic), m};
            CHECK(*parse_key(to_string(k)) == k);
        }
    for (const char* text : {"", "m", "H major", "C blues", "C  major", "Cmajor"}) {
        INFO(text);
        CHECK_FALSE(parse_key(text));
    }
}
