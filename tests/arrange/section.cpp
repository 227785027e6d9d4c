#include <lofi/arrange/section.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::arrange;
using score::part;

TEST_CASE("sections know their length in ticks and bars") {
    section s;
    CHECK(bar_count(s, {}) == 0);
    s.rows.resize(5);
    CHECK(length_ticks(s, {}) == 5 * bar / 2);
    CHECK(bar_count(s, {}) == 3);
    CHECK(length_ticks(s, {.rows = row_length::whole_bar}) == 5 * bar);
}

TEST_CASE("layers leave an outro one by one, and the keys last") {
    section s;
    s.kind = section_kind::outro;
    for (std::int64_t bars = 2; bars <= 12; ++bars) {
        const auto last = [&](part p) { return playing_bars(s, p, bars).last; };
        CHECK(last(part::texture) <= last(part::drums));
        CHECK(last(part::drums) <= last(part::melody));
        CHECK(last(part::melody) <= last(part::bass));
        CHECK(last(part::bass) == bars);
        CHECK(last(part::keys) == bars);
        if (bars >= 4) CHECK(last(part::texture) < last(part::drums));
        if (bars >= 4) CHECK(last(part::drums) < last(part::melody));
    }
    s.plays.set(part::drums, false);
    CHECK(playing_bars(s, part::drums, 8).last == 0);
    s.kind = section_kind::intro;
    CHECK(playing_bars(s, part::keys, 4).holds(0));
    CHECK_FALSE(playing_bars(s, part::melody, 4).holds(1));
    CHECK(playing_bars(s, part::melody, 4).holds(2));
}

TEST_CASE("themes fill up, a breakdown gathers, an outro thins, within 0 to 255") {
    for (const section_kind kind :
         {section_kind::intro, section_kind::theme, section_kind::bridge, section_kind::breakdown, section_kind::outro})
        for (const int strength : {0, 60, 128, 255}) {
            section s;
            s.kind = kind, s.strength = static_cast<std::uint8_t>(strength);
            for (std::int64_t bars = 1; bars <= 8; ++bars)
                for (std::int64_t b = 0; b < bars; ++b) {
                    const std::uint32_t here = fullness(s, b, bars);
                    REQUIRE(here <= 255);
                    if (b == 0) continue;
                    const std::uint32_t before = fullness(s, b - 1, bars);
                    if (kind == section_kind::outro)
                        REQUIRE(here <= before);
                    else
                        REQUIRE(here >= before);
                }
        }
    section s;
    s.strength = 150;
    CHECK(fullness(s, 7, 8) > fullness(s, 0, 8) + 30);
    CHECK(drive({.energy = 100}, 200) == 150);
}
