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

namespace {

drum_pattern boom_bap() {
    const auto hit = [](int step, drum voice, int force, int offset = 0) {
        return score::drum_hit{static_cast<std::uint8_t>(step), voice, score::velocity(force),
                               static_cast<std::int8_t>(offset)};
    };
    drum_pattern p;
    for (const int bar_start : {0, 16})
        for (int step = 0; step < 16; ++step) {
            const bool kick = step == 0 || step == 10 || (bar_start == 16 && step == 3);
            if (kick) p.push_back(hit(bar_start + step, drum::kick, 90));
            if (step % 8 == 4) p.push_back(hit(bar_start + step, drum::snare, 110, 32));
            if (step == 7) p.push_back(hit(bar_start + step, drum::snare, 22));
            if (step % 2 == 0) p.push_back(hit(bar_start + step, drum::closed_hat, step % 4 == 0 ? 80 : 55, -16));
        }
    return p;
}

section with_groove(std::size_t bars, std::uint8_t strength, section_kind kind = section_kind::theme) {
    section s = of_bars(bars, strength, kind);
    s.groove = boom_bap();
    return s;
}

}  // namespace

TEST_CASE("a groove that the section brings is played: its steps, no others but an ornament of the kick") {
    std::map<std::pair<std::int64_t, int>, int> places;  // step of the two bars and key
    for (std::uint64_t seed = 0; seed < 40; ++seed)
        for (const score::note& n :
             play(with_groove(4, 160), {.energy = 200, .swing = 0, .looseness = 0, .key_of_chance = random_key{seed}}).notes) {
            const std::int64_t step = (n.start.value + sixteenth / 2) / sixteenth;
            if (step >= 48) continue;  // the last bar may turn
            ++places[{step % 32, n.which.midi}];
        }
    for (const score::drum_hit& h : boom_bap()) {
        // The first bar and the third, and for the second half the second alone.
        const int times = h.step < 16 ? 80 : 40;
        const int played = places[{h.step, general_midi_key(h.voice).midi}];
        CAPTURE(int{h.step}, to_string(h.voice));
        CHECK(played >= times * 6 / 10);
        CHECK(played <= times);
        places.erase({h.step, general_midi_key(h.voice).midi});
    }
    for (const auto& [place, played] : places) {
        CAPTURE(place.first, place.second);
        CHECK((place.second == general_midi_key(drum::kick).midi || place.second == general_midi_key(drum::crash).midi));
        CHECK(played <= 20);
    }
}

TEST_CASE("a groove lies off the grid as far as things are loose, and swings with the others") {
    const auto mean_late = [](std::uint8_t looseness, std::uint8_t swing, drum voice) {
        double sum = 0;
        int n = 0;
        for (std::uint64_t seed = 0; seed < 30; ++seed)
            for (const score::note& note :
                 play(with_groove(4, 160), {.swing = swing, .looseness = looseness, .key_of_chance = random_key{seed}}).notes) {
                const std::int64_t step = (note.start.value + sixteenth / 2) / sixteenth;
                if (note.which == general_midi_key(voice) && step > 0 && step < 48 && step % 2 == 0)
                    sum += double(note.start.value - step * sixteenth), ++n;
            }
        return sum / n;
    };
    CHECK(mean_late(0, 0, drum::snare) == Approx(8).margin(.5));
    CHECK(mean_late(192, 0, drum::snare) == Approx(8 + 60).margin(4));
    CHECK(mean_late(192, 0, drum::closed_hat) == Approx(4 - 30).margin(4));
    CHECK(mean_late(0, 255, drum::snare) == Approx(8).margin(.5));  // eighths stay where they are
}

TEST_CASE("no two of 32 bars of a groove are alike, over 100 seeds") {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const arrange_config c{.energy = static_cast<std::uint8_t>(seed * 37 % 256), .key_of_chance = random_key{seed}};
        const std::vector<contents> bars =
            bars_of(play(with_groove(8, static_cast<std::uint8_t>(40 + seed * 53 % 200)), c, 4), 32);
        CAPTURE(seed);
        REQUIRE(std::set<contents>(bars.begin(), bars.end()).size() == 32);
    }
}

TEST_CASE("a groove gives way: ghosts to calm, sticks to rim and shaker, kicks to a breakdown") {
    const auto ghosts = [](std::uint8_t energy, std::uint8_t strength) {
        int n = 0;
        for (const score::note& note : play(with_groove(8, strength), {.energy = energy}, 8).notes)
            n += note.which == general_midi_key(drum::snare) && note.force.value < 48 && note.start.value / bar % 8 != 7;
        return n;
    };
    CHECK(ghosts(220, 200) > 40);
    CHECK(ghosts(0, 90) == 0);
    const score::track quiet = play(with_groove(8, 60), {}, 4);
    CHECK(count(quiet, drum::snare) == 0);
    CHECK(count(quiet, drum::closed_hat) == 0);
    CHECK(count(quiet, drum::rim) > 40);
    CHECK(count(quiet, drum::shaker) > 100);
    section down = with_groove(4, 76, section_kind::breakdown);
    CHECK(count(play(down, {}, 4), drum::kick) == 0);
}

TEST_CASE("a section's own fill is its last bar, where it fills") {
    section s = with_groove(8, 200);
    s.fill = boom_bap();
    s.fill.push_back({31, drum::high_tom, score::velocity(100), 0});
    int fills = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const score::track t = play(s, {.looseness = 0, .key_of_chance = random_key{seed}});
        const int toms = count(t, drum::high_tom);
        CHECK(toms <= 1);
        fills += toms;
        for (const score::note& n : t.notes)
            if (n.which == general_midi_key(drum::high_tom)) CHECK(n.start.value / bar == 7);
    }
    CHECK(fills > 25);
    CHECK(fills < 65);
}
