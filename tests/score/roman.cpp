#include <lofi/score/roman.hpp>

#include <map>
#include <set>
#include <sstream>

#include "support/test.hpp"

using namespace lofi::score;

TEST_CASE("triads and sevenths of all seven modes are spelled as theory books spell them") {
    const std::map<mode, const char*> triads = {
        {mode::ionian, "I ii iii IV V vi viio"},       {mode::dorian, "i ii bIII IV v vio bVII"},
        {mode::phrygian, "i bII bIII iv vo bVI bvii"}, {mode::lydian, "I II iii #ivo V vi vii"},
        {mode::mixolydian, "I ii iiio IV v vi bVII"},  {mode::aeolian, "i iio bIII iv v bVI bVII"},
        {mode::locrian, "io bII biii iv bV bVI bvii"},
    };
    const std::map<mode, const char*> sevenths = {
        {mode::ionian, "Imaj7 ii7 iii7 IVmaj7 V7 vi7 viiø7"},       {mode::dorian, "i7 ii7 bIIImaj7 IV7 v7 viø7 bVIImaj7"},
        {mode::phrygian, "i7 bIImaj7 bIII7 iv7 vø7 bVImaj7 bvii7"}, {mode::lydian, "Imaj7 II7 iii7 #ivø7 Vmaj7 vi7 vii7"},
        {mode::mixolydian, "I7 ii7 iiiø7 IVmaj7 v7 vi7 bVIImaj7"},  {mode::aeolian, "i7 iiø7 bIIImaj7 iv7 v7 bVImaj7 bVII7"},
        {mode::locrian, "iø7 bIImaj7 biii7 iv7 bVmaj7 bVI7 bvii7"},
    };
    for (const mode m : all_modes) {
        for (const auto& [height, table] : {std::pair{stack::triad, &triads}, std::pair{stack::seventh, &sevenths}}) {
            std::istringstream words(table->at(m));
            for (int d = 1; d <= 7; ++d) {
                std::string word;
                words >> word;
                CHECK(to_roman(diatonic(m, d, height)) == word);
                REQUIRE(parse_roman(word));
                CHECK(*parse_roman(word) == diatonic(m, d, height));
            }
        }
    }
}

TEST_CASE("every chord is written in its own way and read back as itself") {
    std::set<std::string> written;
    std::size_t chords = 0;
    for (int d = 1; d <= 7; ++d)
        for (int accidental = -2; accidental <= 2; ++accidental)
            for (int q = 0; q < 6; ++q)
                for (int s = 0; s < 4; ++s)
                    for (int added = 0; added < 256; ++added)
                        for (int inversion = 0; inversion < 4; ++inversion) {
                            chord c;
                            c.degree = static_cast<std::uint8_t>(d), c.accidental = static_cast<std::int8_t>(accidental);
                            c.type = {static_cast<quality>(q), static_cast<seventh>(s), {}};
                            c.type.added.bits = static_cast<std::uint8_t>(added);
                            c.inversion = static_cast<std::uint8_t>(inversion);
                            if (c.type.seventh == seventh::diminished && c.type.quality != quality::diminished) continue;
                            if (c.type.seventh == seventh::none && inversion == 3) continue;
                            if ((d + accidental + added) % 5 != 0 && added % 17 != 0) continue;  // a part of them will do
                            const std::string text = to_roman(c);
                            const auto back = parse_roman(text);
                            INFO(text);
                            REQUIRE(back);
                            REQUIRE(*back == c);
                            written.insert(text), ++chords;
                        }
    CHECK(written.size() == chords);
}

TEST_CASE("other ways to write are understood") {
    CHECK(*parse_roman("vii°") == *parse_roman("viio"));
    CHECK(*parse_roman("vii°7") == *parse_roman("viio7"));
    CHECK(*parse_roman("viiø") == *parse_roman("viiø7"));
    CHECK(to_roman(*parse_roman("V13")) == "V13");
    CHECK(to_roman(*parse_roman("III+maj7/5")) == "III+maj7/5");
}

TEST_CASE("what is no numeral is refused with a reason") {
    const std::map<std::string, std::string> bad = {
        {"", "does not begin"},    {"VIII", "not understood"}, {"iV", "not understood"},    {"IIII", "not understood"},
        {"VIIo", "lower case"},    {"vi+", "upper case"},      {"Imaj", "'maj'"},           {"viiømaj7", "'maj'"},
        {"vsus4", "upper case"},   {"V+sus4", "suspended"},    {"V7(b9", "parentheses"},    {"V7()", "parentheses"},
        {"V7(10)", "parentheses"}, {"V(9)", "parentheses"},    {"V7(add9)", "parentheses"}, {"I/2", "after '/'"},
        {"I/7", "no seventh"},     {"I7x", "not understood"},  {"b", "does not begin"},     {"bbbI", "does not begin"},
        {"#bI", "does not begin"}, {"8", "does not begin"},    {"V65", "not understood"},   {"\xc3", "does not begin"},
    };
    for (const auto& [text, reason] : bad) {
        INFO(text);
        const auto c = parse_roman(text);
        REQUIRE_FALSE(c);
        CHECK_THAT(c.error().message(), LOFI_CATCH_CONTAINS("numeral '" + text + "'"));
        CHECK_THAT(c.error().message(), LOFI_CATCH_CONTAINS(reason));
    }
}
