#include <lofi/score/chord_symbol.hpp>

#include <vector>

#include "support/test.hpp"

using namespace lofi::score;

TEST_CASE("diatonic sevenths of C major and C minor as charts print them") {
    const auto line = [](const key& k, stack height) {
        std::string out;
        for (int d = 1; d <= 7; ++d) out += to_string(diatonic(k.scale, d, height), k) + " ";
        return out;
    };
    CHECK(line(key{}, stack::triad) == "C Dm Em F G Am Bdim ");
    CHECK(line(key{}, stack::seventh) == "Cmaj7 Dm7 Em7 Fmaj7 G7 Am7 Bm7b5 ");
    CHECK(line(key{}, stack::ninth) == "Cmaj9 Dm9 Em7(b9) Fmaj9 G9 Am9 Bm7b5(b9) ");
    CHECK(line(key{pitch_class(0), mode::aeolian}, stack::seventh) == "Cm7 Dm7b5 Ebmaj7 Fm7 Gm7 Abmaj7 Bb7 ");
    CHECK(line(key{pitch_class(4), mode::ionian}, stack::triad) == "E F#m G#m A B C#m D#dim ");
}

TEST_CASE("symbols of other chords") {
    const auto c = [](quality q, seventh s = seventh::none, extensions e = {}) {
        return to_string(chord_type{q, s, e}, pitch_class(0));
    };
    CHECK(c(quality::augmented) == "Caug");
    CHECK(c(quality::diminished, seventh::diminished) == "Cdim7");
    CHECK(c(quality::minor, seventh::major) == "Cm(maj7)");
    CHECK(c(quality::sus4, seventh::minor) == "C7sus4");
    CHECK(c(quality::sus2) == "Csus2");
    CHECK(c(quality::major, seventh::none, extension::sixth) == "C6");
    CHECK(c(quality::minor, seventh::none, extension::sixth) == "Cm6");
    CHECK(c(quality::major, seventh::none, extension::ninth) == "C(add9)");
    CHECK(c(quality::major, seventh::minor, extension::flat_ninth | extension::thirteenth) == "C7(b9,13)");
    CHECK(c(quality::major, seventh::minor, extension::ninth | extension::thirteenth) == "C9(13)");
    CHECK(c(quality::minor, seventh::minor, extension::ninth | extension::eleventh) == "Cm11");
}

TEST_CASE("another tone in the bass stands after a stroke") {
    chord c = diatonic(mode::ionian, 4, stack::seventh);
    c.inversion = 1;
    CHECK(to_string(c, key{}) == "Fmaj7/A");
    c.inversion = 3;
    CHECK(to_string(c, key{}) == "Fmaj7/E");
    CHECK(to_string(diatonic(mode::ionian, 2, stack::seventh), key{}) == "Dm7");
}
