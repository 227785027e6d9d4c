#include <lofi/token/notechord.hpp>

#include <set>
#include <vector>

#include "support/test.hpp"

#include <lofi/core/file.hpp>
#include <lofi/core/random.hpp>

using namespace lofi;
using namespace lofi::token;

namespace {

std::string spelled(std::span<const notechord> tokens) {
    std::string text;
    for (const notechord t : tokens) text.append(text.empty() ? "" : " ").append(spell(t));
    return text;
}

score::note note(std::int64_t start, std::int64_t length, int midi) {
    return {ticks(start), ticks(length), score::pitch(midi), {}};
}

/// The lines of a fixture: numbers, then " | ", then tokens.
std::vector<std::string> lines(const std::string& name) {
    const auto bytes = read_file(test::data(name)).value();
    std::vector<std::string> out(1);
    for (const std::byte b : bytes) {
        if (static_cast<char>(b) == '\n')
            out.emplace_back();
        else
            out.back() += static_cast<char>(b);
    }
    out.pop_back();
    return out;
}

}  // namespace

TEST_CASE("note/chord tokens: the chords and notes of known loops") {
    // A chord of four, its arpeggio, and the chord again: as the notes of a loop would stand in a file.
    std::vector<score::note> loop;
    for (const int m : {65, 69, 72}) loop.push_back(note(0, 1920, m));
    int at = 0;
    for (const int m : {71, 79, 81, 86, 91}) loop.push_back(note(480 + 240 * at++, 240, m));
    std::stable_sort(loop.begin(), loop.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
    CHECK(spelled(encode_notechords(loop, score::resolution(480))) == "5.9.0 B4 G5 A5 D6 G6");
    // A chord whose notes share one pitch class is a bare number; a single note keeps its octave.
    const std::vector<score::note> octaves = {note(0, 480, 60), note(0, 480, 72), note(480, 480, 63)};
    CHECK(spelled(encode_notechords(octaves, score::resolution(480))) == "0 E-4");
}

TEST_CASE("note/chord tokens: which notes are one chord") {
    const score::resolution r(480);
    // Within a 64th, 30 ticks at 480: both starts and ends count.
    CHECK(spelled(encode_notechords(std::vector{note(0, 480, 60), note(30, 450, 64)}, r)) == "0.4");
    CHECK(spelled(encode_notechords(std::vector{note(0, 480, 60), note(31, 449, 64)}, r)) == "C4 E4");
    CHECK(spelled(encode_notechords(std::vector{note(0, 480, 60), note(0, 510, 64)}, r)) == "0.4");
    CHECK(spelled(encode_notechords(std::vector{note(0, 480, 60), note(0, 511, 64), note(0, 480, 67)}, r)) == "7.0 E4");
    // Later versions gather more widely.
    CHECK(spelled(encode_notechords(std::vector{note(0, 480, 60), note(119, 480, 64)}, r, chord_rule::music21_7)) == "0.4");
    CHECK(spelled(encode_notechords(std::vector{note(0, 480, 60), note(120, 480, 64)}, r, chord_rule::music21_7)) == "C4 E4");
}

TEST_CASE("note/chord tokens: an implementation of its own in Python says the same") {
    // make_notechord.py: random notes, as "resolution start length midi start length midi ... | tokens".
    std::size_t cases = 0;
    for (const std::string& line : lines("token/notechord.txt")) {
        const std::size_t bar = line.find(" | ");
        REQUIRE(bar != line.npos);
        std::vector<std::int64_t> numbers;
        for (const char* at = line.c_str(); at < line.c_str() + bar;) {
            char* end = nullptr;
            numbers.push_back(std::strtoll(at, &end, 10));
            at = end + 1;
        }
        std::vector<score::note> notes;
        for (std::size_t i = 1; i + 2 < numbers.size(); i += 3)
            notes.push_back(note(numbers[i], numbers[i + 1], static_cast<int>(numbers[i + 2])));
        CHECK(spelled(encode_notechords(notes, score::resolution(static_cast<std::int32_t>(numbers[0])))) ==
              line.substr(bar + 3));
        ++cases;
    }
    CHECK(cases == 200);
}

TEST_CASE("note/chord tokens: spellings come back, but for the octave below 0") {
    std::set<std::string> all;
    for (unsigned mask = 1; mask < 4096; ++mask) {
        const notechord t{score::pitch_set(mask)};
        CHECK(parse_notechord(spell(t)).value() == t);
        all.insert(spell(t));
    }
    CHECK(all.size() == 4095);
    for (int midi = 12; midi < 128; ++midi) {
        const notechord t{score::pitch(midi)};
        CHECK(parse_notechord(spell(t)).value() == t);
    }
    CHECK(spell(notechord(score::pitch(4))) == "E-1");
    CHECK(parse_notechord("E-1")->note().midi == 27);
    CHECK(spell(notechord(score::pitch_set{5, 9, 0})) == "5.9.0");
    for (const char* wrong : {"", "H4", "C", "4.", ".4", "12", "0.12", "C10", "C#-", "c4", "C4 ", "E---4", "C99999999999"})
        CHECK_FALSE(parse_notechord(wrong));
    CHECK(parse_notechords(" C4  0.4.7\tE-5\r\n")->size() == 3);
    CHECK_THAT(parse_notechords("C4 what").error().message(), test::contains("token 2: token 'what'"));
}

TEST_CASE("note/chord tokens: moved by semitones, and played") {
    CHECK(spell(transposed(parse_notechord("0.4.7").value(), -3)) == "9.1.4");
    CHECK(spell(transposed(parse_notechord("C4").value(), 14)) == "D5");
    CHECK(transposed(notechord(score::pitch(127)), 1).note().midi == 116);
    const auto piece = decode_notechords(parse_notechords("0.4.7 B4").value());
    REQUIRE(piece.tracks.size() == 1);
    REQUIRE(piece.tracks[0].notes.size() == 4);
    CHECK(piece.tracks[0].notes[1].which.midi == 64);
    CHECK(piece.tracks[0].notes[3].start == ticks(240));
    CHECK(piece.tracks[0].notes[3].force == score::velocity(90));
    CHECK(piece.length == ticks(480));
    CHECK(spelled(encode_notechords(piece).value()) == "0.4.7 B4");
    CHECK_FALSE(encode_notechords(score::piece{}));
}

TEST_CASE("note/chord vocabulary: sorted by spelling, and only what it has") {
    const auto tokens = parse_notechords("G4 0.4.7 C4 G4 11.2 B-3").value();
    const notechord_vocabulary v(tokens);
    CHECK(spelled(v.tokens()) == "0.4.7 11.2 B-3 C4 G4");
    CHECK(v.encode(tokens).value() == std::vector<std::int32_t>{4, 0, 3, 4, 1, 2});
    CHECK_THAT(v.encode(parse_notechords("C4 D4").value()).error().message(),
               test::contains("token 2: D4 is not in the vocabulary of 5 tokens"));
    CHECK(notechord_vocabulary().find(notechord(score::pitch(60))) == -1);
}
