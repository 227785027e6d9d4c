#include <lofi/analysis/lead_measures.hpp>

#include <cmath>
#include <string_view>

#include <lofi/corpus/lead_sheet_json.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::analysis;

namespace {

std::vector<score::lead_sheet> fixture() { return corpus::read_lead_sheets(test::data("corpus/ewld.test.jsonl")); }

score::lead_sheet sheet(std::string_view chords, std::string_view slots) {
    score::lead_sheet s;
    s.rows.resize(chords.size());
    s.has_melody = !slots.empty();
    for (std::size_t r = 0; r < chords.size(); ++r) {
        s.rows[r].chord = static_cast<std::uint8_t>(chords[r] - '0');
        for (std::size_t i = 0; i < 8 && s.has_melody; ++i)
            s.rows[r].melody[i] = static_cast<std::uint8_t>(std::string_view("0123456789abcdef").find(slots[8 * r + i]));
    }
    return s;
}
using sheets = std::vector<score::lead_sheet>;

}  // namespace

TEST_CASE("the public-domain fixture measures as in the reference script") {
    const lead_measures m = measure(fixture());
    const auto near = [](double v) { return Approx(v).epsilon(1e-13); };
    CHECK(m.sheets == 24);
    CHECK(m.melodies == 24);
    CHECK(m.chord_information == near(0.6977376532430194));
    CHECK(m.chord_information_two == near(0.4541907336510996));
    CHECK(m.few_pitches == 0.0);
    CHECK(m.chord_tone_on_one == near(0.760932944606414));
    CHECK(m.median_rows == 16.0);
    CHECK(m.degrees == near(3.9583333333333335));
    CHECK(m.pitches == near(7.958333333333333));
    CHECK(m.held == near(0.7861035422343325));
    CHECK(m.rests == near(0.04864864864864865));
    CHECK(m.attacks_per_row == near(1.6486486486486487));
    CHECK(m.pitch_entropy == near(3.4350894882454974));
    CHECK(m.repeated_rows == near(0.22254335260115607));
}

TEST_CASE("copies of the fixture's first half in its second, as in the reference script") {
    const sheets all = fixture();
    const std::span<const score::lead_sheet> first(all.data(), 12), second(all.data() + 12, 12);
    CHECK(copied_share(second, first, {16, 1}) == Approx(10.0 / 12));
    CHECK(copied_share(second, first, {16, 3}) == Approx(7.0 / 12));
    CHECK(copied_share(second, first, {8, 1}) == 1.0);
    CHECK(copied_share(second, first, {8, 3}) == Approx(10.0 / 12));
    CHECK(copied_share(second, first, {8, 4}) == Approx(1.0 / 12));
    CHECK(copied_share(first, first) == 1.0);
}

TEST_CASE("by hand: chords") {
    // 1 always goes to 2 and 2 to 1: one bit. Chords that tell nothing: none.
    CHECK(measure(sheets{sheet("121212121", "")}).chord_information == Approx(1.0));
    CHECK(measure(sheets{sheet("11111", "")}).chord_information == 0.0);
    CHECK(measure(sheets{sheet("112212211", ""), sheet("1122", "")}).chord_information >= 0.0);
    CHECK(measure(sheets{sheet("0407", "")}).degrees == 2.0);
    CHECK(measure(sheets{sheet("1", ""), sheet("111", ""), sheet("1111111", ""), sheet("11", "")}).median_rows == 2.5);
    CHECK(measure(sheets{sheet("14", "")}).melodies == 0);
}

TEST_CASE("by hand: melodies") {
    const lead_measures m = measure(sheets{sheet("10", "1111000022222222")});
    CHECK(m.few_pitches == 1.0);
    CHECK(m.pitches == 2.0);
    CHECK(m.rests == Approx(4.0 / 16));
    CHECK(m.held == Approx(13.0 / 15));
    CHECK(m.attacks_per_row == 1.0);
    CHECK(m.chord_tone_on_one == 1.0);  // the second row has no chord and does not count
    CHECK(m.pitch_entropy == Approx(std::log2(3.0) - 2.0 / 3));
    CHECK(m.repeated_rows == 0.0);

    // Tones of the triad on 5 are 5, 7 and 2, in both octaves; 15 is the tonic.
    for (const auto& [first, is_tone] :
         {std::pair{'5', true}, std::pair{'7', true}, std::pair{'2', true}, std::pair{'9', true}, std::pair{'c', true},
          std::pair{'1', false}, std::pair{'6', false}, std::pair{'f', false}})
        CHECK(measure(sheets{sheet("5", std::string(8, first))}).chord_tone_on_one == (is_tone ? 1.0 : 0.0));
}

TEST_CASE("rows are compared with the eight before them and no more") {
    std::string slots = "11111111";
    for (const char c : {'2', '3', '4', '5', '6', '7', '8', '9'}) slots += std::string(8, c);
    CHECK(measure(sheets{sheet("1111111111", slots + "22222222")}).repeated_rows == Approx(1.0 / 9));
    CHECK(measure(sheets{sheet("1111111111", slots + "11111111")}).repeated_rows == 0.0);
}

TEST_CASE("copies: rests break them, variety is asked for, the longest is found") {
    const sheets training = {sheet("111", "123456781234567800000000")};
    CHECK(copied_share(sheets{sheet("11", "1234567812345678")}, training) == 1.0);
    CHECK(copied_share(sheets{sheet("11", "1234567012345678")}, training) == 0.0);
    CHECK(copied_share(sheets{sheet("11", "1234567812345678")}, training, {16, 9}) == 0.0);
    CHECK(copied_share(sheets{sheet("1", "00000000")}, sheets{sheet("1", "00000000")}, {4, 1}) == 0.0);
    CHECK(std::isnan(copied_share(sheets{sheet("1", "")}, training)));
    CHECK(longest_copy(sheet("11", "f678123456781fff"), training) == 11);
    CHECK(longest_copy(sheet("1", "ffffffff"), training) == 0);
    CHECK(longest_copy(training[0], training) == 24);
    CHECK(longest_copy(training[0], training, 7) == 7);
    CHECK(longest_copy(sheet("1", ""), training) == 0);
}

TEST_CASE("nothing to measure on is not a number") {
    const lead_measures none = measure({});
    CHECK(none.sheets == 0);
    for (const double v :
         {none.chord_information, none.median_rows, none.degrees, none.few_pitches, none.pitches, none.chord_tone_on_one,
          none.held, none.rests, none.attacks_per_row, none.pitch_entropy, none.repeated_rows})
        CHECK(std::isnan(v));
    CHECK(std::isnan(measure(sheets{sheet("0", "00000000")}).pitch_entropy));
}
