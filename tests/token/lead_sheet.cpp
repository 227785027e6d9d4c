#include <lofi/token/lead_sheet.hpp>

#include <cmath>
#include <limits>
#include <random>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::token;
using score::lead_sheet;

namespace {

lead_sheet random_sheet(std::mt19937& rng) {
    lead_sheet s;
    s.key = {score::pitch_class(static_cast<int>(rng() % 12)), static_cast<score::mode>(1 + rng() % 7)};
    s.tempo = bpm(60 + rng() % 120);
    s.energy = static_cast<double>(rng() % 101) / 100, s.valence = static_cast<double>(rng() % 101) / 100;
    s.rows.resize(1 + rng() % 50);
    s.has_melody = rng() % 4 != 0;
    for (score::lead_row& row : s.rows) {
        row.chord = static_cast<std::uint8_t>(rng() % 8);
        for (std::uint8_t& v : row.melody) v = s.has_melody ? static_cast<std::uint8_t>(rng() % 16) : 0;
    }
    return s;
}

}  // namespace

TEST_CASE("sheets come back from their ids") {
    std::mt19937 rng(1);
    for (int i = 0; i < 300; ++i) {
        const lead_sheet sheet = random_sheet(rng);
        const lead_tokens ids = encode(sheet).value();
        REQUIRE(ids.chords.back() == end_chord);
        REQUIRE(ids.rows() == sheet.rows.size());
        REQUIRE(ids.melody.size() == (sheet.has_melody ? 8 * sheet.rows.size() : 0));
        REQUIRE(ids.key >= 1);
        REQUIRE(ids.key <= 12);
        REQUIRE(decode(ids).value() == sheet);
        REQUIRE(encode(decode(ids).value()).value() == ids);
    }
}

TEST_CASE("the published ids have no tonic on top") {
    lead_sheet s;
    s.rows.resize(1);
    s.rows[0] = {1, {0, 7, 8, 14, 15, 15, 1, 2}};
    CHECK(encode(s, melody_range::published)->melody == std::vector<std::uint8_t>{0, 7, 8, 14, 8, 8, 1, 2});
    CHECK(encode(s)->melody[4] == 15);
    for (std::uint8_t v = 0; v < 16; ++v) CHECK(fold(v) < published_melody_ids);
}

TEST_CASE("a sheet without rows is an END") {
    const lead_tokens ids = encode(lead_sheet{}).value();
    CHECK(ids.chords == std::vector<std::uint8_t>{end_chord});
    CHECK(decode(ids).value() == lead_sheet{});
    CHECK(decode(lead_tokens{})->rows.empty());
}

TEST_CASE("what comes after END is left out") {
    lead_tokens ids;
    ids.chords = {1, 4, 8, 200, 5};
    ids.melody.assign(16, 3);
    ids.melody.resize(40, 99);
    const lead_sheet s = decode(ids).value();
    REQUIRE(s.rows.size() == 2);
    CHECK(s.rows[1] == score::lead_row{4, {3, 3, 3, 3, 3, 3, 3, 3}});
}

TEST_CASE("wrong sheets are refused with the place") {
    lead_sheet good;
    good.rows.resize(3);
    const auto message = [&](auto&& spoil) {
        lead_sheet s = good;
        spoil(s);
        const auto r = encode(s);
        REQUIRE_FALSE(r);
        return r.error().message();
    };
    CHECK(message([](lead_sheet& s) { s.rows[2].melody[4] = 19; }) == "row 3, slot 5: melody value 19 is not 0 to 15");
    CHECK(message([](lead_sheet& s) { s.rows[0].chord = 8; }) == "row 1: chord 8 is not 0 to 7");
    CHECK(message([](lead_sheet& s) { s.key.tonic.value = 12; }) == "key: tonic 12 is not 0 to 11");
    CHECK(message([](lead_sheet& s) { s.key.scale = static_cast<score::mode>(0); }) == "mode: number 0 is not 1 to 7");
    CHECK(message([](lead_sheet& s) { s.rows.resize(most_rows + 1); }) == "rows: 4097 are more than 4096");
    const double nan = std::nan(""), infinite = std::numeric_limits<double>::infinity();
    for (const double bad : {nan, infinite, 0.0, -90.0, 1e9})
        CHECK_THAT(message([&](lead_sheet& s) { s.tempo = bpm(bad); }), LOFI_CATCH_CONTAINS("tempo: "));
    for (const double bad : {nan, infinite, -0.01, 1.01}) {
        CHECK_THAT(message([&](lead_sheet& s) { s.energy = bad; }), LOFI_CATCH_CONTAINS("energy: "));
        CHECK_THAT(message([&](lead_sheet& s) { s.valence = bad; }), LOFI_CATCH_CONTAINS("valence: "));
    }
}

TEST_CASE("wrong ids are refused with the place") {
    lead_tokens good;
    good.chords = {1, 5, 8};
    good.melody.assign(16, 1);
    REQUIRE(decode(good));
    const auto message = [&](auto&& spoil) {
        lead_tokens t = good;
        spoil(t);
        const auto r = decode(t);
        REQUIRE_FALSE(r);
        return r.error().message();
    };
    CHECK(message([](lead_tokens& t) { t.key = 0; }) == "key: id 0 is not 1 to 12");
    CHECK(message([](lead_tokens& t) { t.key = 13; }) == "key: id 13 is not 1 to 12");
    CHECK(message([](lead_tokens& t) { t.mode = 8; }) == "mode: id 8 is not 1 to 7");
    CHECK(message([](lead_tokens& t) { t.melody.pop_back(); }) == "melody: 15 ids are not eight for each of 2 rows");
    CHECK(message([](lead_tokens& t) { t.melody[12] = 16; }) == "row 2, slot 5: melody value 16 is not 0 to 15");
    CHECK(message([](lead_tokens& t) { t.chords[1] = 9; }) == "row 2: chord 9 is not 0 to 7");
}
