#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include <lofi/arrange/drums.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::arrange;
using score::drum;

namespace {

section of_bars(std::size_t bars, std::uint8_t strength, section_kind kind = section_kind::theme) {
    section s{kind, 0, strength, {}, {}};
    s.rows.resize(2 * bars, {1, {}});
    return s;
}

score::track play(const section& s, const arrange_config& c, std::size_t times = 1) {
    score::track t;
    std::int32_t lateness = 0;
    std::int64_t at = 0;
    for (std::size_t i = 0; i < times; ++i, at += length_ticks(s, c))
        arrange_drums(s, c, c.key_of_chance.child("section").child(i), ticks(at), lateness, t);
    return t;
}

int count(const score::track& t, drum d) {
    return static_cast<int>(
        std::count_if(t.notes.begin(), t.notes.end(), [&](const score::note& n) { return n.which == general_midi_key(d); }));
}

// What a bar is: its hits with their places in it and their force.
using contents = std::vector<std::tuple<std::int64_t, int, int>>;
std::vector<contents> bars_of(const score::track& t, std::size_t bars) {
    std::vector<contents> out(bars);
    for (const score::note& n : t.notes) {
        const auto b = static_cast<std::size_t>(n.start.value / bar);
        out[b].emplace_back(n.start.value % bar, n.which.midi, n.force.value);
    }
    for (contents& c : out) std::sort(c.begin(), c.end());
    return out;
}

}  // namespace

TEST_CASE("no two of 32 bars are alike, over 200 seeds") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const arrange_config c{.energy = static_cast<std::uint8_t>(seed * 37 % 256), .key_of_chance = random_key{seed}};
        const std::vector<contents> bars = bars_of(play(of_bars(8, static_cast<std::uint8_t>(40 + seed * 53 % 200)), c, 4), 32);
        CAPTURE(seed);
        REQUIRE(std::set<contents>(bars.begin(), bars.end()).size() == 32);
        for (const contents& b : bars) REQUIRE(b.size() >= 4);
    }
    // Even where nothing is loose the force of the hits differs.
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const std::vector<contents> bars =
            bars_of(play(of_bars(8, 60), {.energy = 0, .looseness = 0, .key_of_chance = random_key{seed}}, 4), 32);
        REQUIRE(std::set<contents>(bars.begin(), bars.end()).size() == 32);
    }
}

TEST_CASE("the backbeat is there in every bar but where a section turns, and lies behind the kick") {
    const arrange_config c{.swing = 0, .key_of_chance = random_key{3}};
    double snare = 0, kick = 0;
    int snares = 0, kicks = 0;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        arrange_config here = c;
        here.key_of_chance = random_key{seed};
        std::array<int, 8> backbeats{};
        for (const score::note& n : play(of_bars(8, 150), here).notes) {
            const std::int64_t step = (n.start.value + sixteenth / 2) / sixteenth, off = n.start.value - step * sixteenth;
            if (n.which == general_midi_key(drum::snare) && step % 8 == 4 && n.force.value > 60)
                snare += double(off), ++snares, ++backbeats[static_cast<std::size_t>(step / 16)];
            // The very first hit cannot be early.
            if (n.which == general_midi_key(drum::kick) && step > 0) kick += double(off), ++kicks;
        }
        for (std::size_t b = 0; b < 7; ++b) REQUIRE(backbeats[b] >= (b == 3 ? 1 : 2));
        REQUIRE(backbeats[7] >= 1);
    }
    CHECK(snare / snares - kick / kicks == Approx(16).margin(2));
}

TEST_CASE("hits a bar grow with energy and strength") {
    double before = 0;
    for (const int dial : {20, 80, 140, 200, 255}) {
        double hits = 0;
        for (std::uint64_t seed = 0; seed < 40; ++seed)
            hits += double(play(of_bars(8, static_cast<std::uint8_t>(std::max(dial, 100))),
                                {.energy = static_cast<std::uint8_t>(dial), .key_of_chance = random_key{seed}})
                               .notes.size()) /
                    (8 * 40);
        CAPTURE(dial, hits);
        CHECK(hits > before);
        CHECK(hits > 9);
        CHECK(hits < 21);
        before = hits;
    }
    CHECK(before > 16);
}

TEST_CASE("ghost notes are quiet, hats accent the beat") {
    int ghosts = 0;
    double beat = 0, off = 0;
    int beats_played = 0, offs_played = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed)
        for (const score::note& n :
             play(of_bars(8, 200), {.energy = 200, .swing = 0, .key_of_chance = random_key{seed}}).notes) {
            const std::int64_t step = (n.start.value + sixteenth / 2) / sixteenth % 16;
            if (n.which == general_midi_key(drum::snare) && n.force.value < 48) {
                ++ghosts;
                CHECK(step % 8 != 4);
            }
            if (n.which != general_midi_key(drum::closed_hat)) continue;
            if (step % 4 == 0) beat += n.force.value, ++beats_played;
            if (step % 4 == 2) off += n.force.value, ++offs_played;
        }
    CHECK(ghosts > 40 * 8);
    CHECK(beat / beats_played > off / offs_played + 10);
}

TEST_CASE("a quiet section has a rim and a shaker for snare and hat") {
    const score::track quiet = play(of_bars(8, 60), {}, 4), full = play(of_bars(8, 160), {}, 4);
    CHECK(count(quiet, drum::snare) == 0);
    CHECK(count(quiet, drum::closed_hat) == 0);
    CHECK(count(quiet, drum::rim) > 40);
    CHECK(count(quiet, drum::shaker) > 100);
    CHECK(count(full, drum::rim) == 0);
    CHECK(count(full, drum::shaker) == 0);
}

TEST_CASE("a breakdown has no kick, and fewer hits") {
    const score::track t = play(of_bars(4, 76, section_kind::breakdown), {}, 4);
    CHECK(count(t, drum::kick) == 0);
    CHECK_FALSE(t.notes.empty());
    CHECK(t.notes.size() < play(of_bars(4, 76), {}, 4).notes.size());
}

TEST_CASE("where a section turns there is a fill, or a beat of silence, or neither") {
    std::map<std::string, int> seen;
    int crashes = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const score::track t = play(of_bars(8, 200), {.key_of_chance = random_key{seed}});
        crashes += count(t, drum::crash);
        const bool silent = std::none_of(t.notes.begin(), t.notes.end(),
                                         [](const score::note& n) { return n.start.value >= 8 * bar - quarter - 50; });
        const bool toms = count(t, drum::low_tom) + count(t, drum::mid_tom) + count(t, drum::high_tom) > 0;
        ++seen[silent ? "silence" : toms ? "toms" : "other"];
    }
    CHECK(seen["silence"] > 40);
    CHECK(seen["silence"] < 100);
    CHECK(seen["toms"] > 15);
    CHECK(crashes > 5);
    CHECK(crashes < 40);
}

TEST_CASE("in an outro the drums leave at half, in an introduction they come at half") {
    for (const auto& n : play(of_bars(4, 120, section_kind::outro), {}).notes) CHECK(n.start < ticks(2 * bar));
    for (const auto& n : play(of_bars(4, 120, section_kind::intro), {}).notes) CHECK(n.start >= ticks(2 * bar));
}

TEST_CASE("drums of odd lengths stay inside them") {
    for (std::size_t rows = 1; rows <= 5; ++rows) {
        section s = of_bars(1, 200);
        s.rows.resize(rows, {1, {}});
        for (const auto& n : play(s, {.looseness = 255}).notes) {
            CHECK(n.start >= ticks(0));
            CHECK(n.end() <= ticks(static_cast<std::int64_t>(rows) * bar / 2));
        }
    }
}
