#include <lofi/arrange/lead_sheet.hpp>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("a lead sheet alone is arranged: all of its rows, at the tempo that is felt") {
    score::lead_sheet sheet;
    sheet.title = "x";
    sheet.tempo = bpm(150);
    for (std::uint8_t r = 0; r < 40; ++r) {
        score::lead_row& row = sheet.rows.emplace_back();
        row.chord = static_cast<std::uint8_t>(1 + r % 7);
        row.melody.fill(static_cast<std::uint8_t>(1 + r % 15));
    }
    const auto notes = [](const score::piece& p, score::part part) {
        return p.tracks[static_cast<std::size_t>(part)].notes.size();
    };
    const auto fast = arrange::arrange(sheet, random_key{3});
    CHECK(fast.title == "x");
    CHECK(fast.tempo.changes()[0].microseconds_per_quarter == 800'000);  // 75 felt
    CHECK(fast.length.value == 20 * arrange::bar + 2 * arrange::bar);
    CHECK(notes(fast, score::part::melody) > 30);
    CHECK(notes(fast, score::part::keys) > 30);
    sheet.tempo = bpm(80);
    sheet.has_melody = false;
    const auto slow = arrange::arrange(sheet, random_key{3});
    CHECK(slow.length.value == 40 * arrange::bar + 2 * arrange::bar);
    CHECK(notes(slow, score::part::melody) == 0);
    CHECK(arrange::arrange(score::lead_sheet{}, random_key{1}).length.value == 2 * arrange::bar);  // an ending alone
}
