#include <lofi/arrange/harmony.hpp>
#include <lofi/score/chord_symbol.hpp>

#include <numeric>
#include <vector>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::arrange;

namespace {

std::string name(score::key k, int degree, chord_colour c) { return to_string(coloured(k, degree, c), k); }

section of_chords(std::initializer_list<int> degrees) {
    section s;
    for (const int d : degrees) s.rows.push_back({static_cast<std::uint8_t>(d), {}});
    return s;
}

}  // namespace

TEST_CASE("colours are what players call them") {
    const score::key c{score::pitch_class(0), score::mode::ionian}, a{score::pitch_class(9), score::mode::aeolian},
        f{score::pitch_class(5), score::mode::lydian};
    CHECK(name(c, 1, chord_colour::triad) == "C");
    CHECK(name(c, 1, chord_colour::added_ninth) == "C(add9)");
    CHECK(name(c, 1, chord_colour::seventh) == "Cmaj7");
    CHECK(name(c, 2, chord_colour::ninth) == "Dm9");
    CHECK(name(c, 2, chord_colour::eleventh) == "Dm11");
    CHECK(name(c, 5, chord_colour::ninth) == "G9");
    CHECK(name(c, 5, chord_colour::suspended) == "G7sus4");
    CHECK(name(c, 1, chord_colour::suspended) == "Cmaj7sus2");
    CHECK(name(c, 4, chord_colour::eleventh) == "Fmaj9(#11)");
    CHECK(name(f, 1, chord_colour::eleventh) == "Fmaj9(#11)");
    CHECK(name(a, 1, chord_colour::ninth) == "Am9");
    CHECK(name(a, 7, chord_colour::ninth) == "G9");
}

TEST_CASE("what would grind gives way to a plainer colour") {
    const score::key c{score::pitch_class(0), score::mode::ionian};
    CHECK(name(c, 3, chord_colour::ninth) == "Em7");  // its ninth would be flat
    CHECK(name(c, 3, chord_colour::added_ninth) == "Em");
    CHECK(name(c, 7, chord_colour::ninth) == "Bm7b5");
    CHECK(name(c, 7, chord_colour::suspended) == "Bm7b5");
    CHECK(name(c, 1, chord_colour::eleventh) == "Cmaj9");  // no fourth over a major third
}

TEST_CASE("every colour of every degree of every key is diatonic, and without a flat ninth") {
    for (const score::mode m : score::all_modes)
        for (int tonic = 0; tonic < 12; ++tonic)
            for (int degree = 1; degree <= 7; ++degree)
                for (std::size_t colour = 0; colour < chord_colour_count; ++colour) {
                    const score::key k{score::pitch_class(tonic), m};
                    const score::chord c = coloured(k, degree, static_cast<chord_colour>(colour));
                    REQUIRE(root(c, k) == score::degree(k, degree));
                    REQUIRE(pitch_classes(c, k).size() >= 3);
                    REQUIRE_FALSE(pitch_classes(c, k).contains(score::pitch_class(root(c, k).value + 1)));
                    for (int p = 0; p < 12; ++p)
                        if (pitch_classes(c, k).contains(score::pitch_class(p))) REQUIRE(contains(k, score::pitch_class(p)));
                }
}

TEST_CASE("spans cover every row once, in order") {
    const section s = of_chords({1, 1, 0, 4, 4, 4, 4, 0, 0, 5, 6, 6});
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const auto spans = harmonise(s, {.key_of_chance = random_key{seed}});
        std::vector<int> covered(s.rows.size(), 0);
        std::size_t at = 0;
        for (const chord_span& span : spans) {
            REQUIRE(span.row >= at);
            REQUIRE(span.rows >= 1);
            at = span.row + span.rows;
            for (std::size_t i = span.row; i < at; ++i) {
                covered[i] += 1;
                REQUIRE((s.rows[i].chord == 0 || s.rows[i].chord == span.degree));
            }
        }
        REQUIRE(covered == std::vector<int>(s.rows.size(), 1));
    }
}

TEST_CASE("suspensions that last are resolved, and those that cannot last stay") {
    const section longer = of_chords({5, 5, 5, 5}), single = of_chords({5});
    int resolved = 0, suspended = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const arrange_config c{.key_of_chance = random_key{seed}};
        const auto spans = harmonise(longer, c);
        if (spans.size() == 2) {
            ++resolved;
            CHECK(spans[0].chord.type.quality == score::quality::sus4);
            CHECK(spans[1].chord.type.quality == score::quality::major);
            CHECK(spans[1].row == 2);
        }
        suspended += harmonise(single, c)[0].chord.type.quality == score::quality::sus4 ? 1 : 0;
    }
    CHECK(resolved > 20);
    CHECK(suspended > 20);
}

TEST_CASE("the colour dial goes from triads to everything, and a material keeps its colours") {
    const section s = of_chords({1, 6, 2, 5, 1, 4, 3, 6});
    const auto plain = [&](std::uint8_t colour) {
        int triads = 0;
        for (std::uint64_t seed = 0; seed < 100; ++seed)
            for (const chord_span& span : harmonise(s, {.colour = colour, .key_of_chance = random_key{seed}}))
                triads += span.chord.type.seventh == score::seventh::none && span.chord.type.added.empty() ? 1 : 0;
        return triads;
    };
    CHECK(plain(0) > 550);
    CHECK(plain(255) < 60);

    section other = s;
    other.kind = section_kind::bridge, other.strength = 220;
    const auto a = harmonise(s, {}), b = harmonise(other, {});
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i].chord == b[i].chord);
    CHECK(harmonise({}, {}).empty());
}

TEST_CASE("over rows without a chord the one before stays, and the first from the beginning") {
    std::vector<std::size_t> rows;
    std::vector<int> degrees;
    for (const chord_span& c : harmonise(of_chords({0, 0, 1, 0, 4, 4, 0, 0}), arrange_config{.colour = 0})) {
        rows.push_back(c.rows);
        degrees.push_back(c.degree);
    }
    CHECK(std::accumulate(rows.begin(), rows.end(), std::size_t{0}) == 8);
    CHECK(degrees.front() == 1);
    CHECK(degrees.back() == 4);
    CHECK(harmonise(of_chords({0, 0, 0}), arrange_config{}).empty());
}
