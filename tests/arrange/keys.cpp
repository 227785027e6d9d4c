#include <algorithm>

#include <lofi/arrange/keys.hpp>

#include "arrange/random_sections.hpp"
#include "support/test.hpp"

using namespace lofi;
using namespace lofi::arrange;

namespace {

score::track play(const section& s, const arrange_config& c, random_key key = random_key{1}) {
    score::track t;
    std::int32_t lateness = 0;
    voicing hand;
    arrange_keys(s, c, key, ticks(0), hand, lateness, t);
    return t;
}

section of_rows(section_rows rows, std::uint8_t strength) { return {section_kind::theme, 0, strength, {}, std::move(rows)}; }

}  // namespace

TEST_CASE("only the tones of the chord at hand sound, and every chord sounds") {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        arrange_config c = test::random_config(random_key{seed});
        c.looseness = 0;
        c.rows = seed % 3 == 0 ? row_length::whole_bar : row_length::half_bar;
        const section s = of_rows(test::random_rows(16, random_key{seed}), static_cast<std::uint8_t>(seed * 19 % 256));
        const score::track t = play(s, c, random_key{seed});
        for (const chord_span& span : harmonise(s, c)) {
            const std::int64_t from = static_cast<std::int64_t>(span.row) * row_ticks(c.rows),
                               to = from + static_cast<std::int64_t>(span.rows) * row_ticks(c.rows);
            const score::pitch_set tones = hand_tones(span.chord, c.key);
            score::pitch_set heard;
            for (const score::note& n : t.notes)
                // An anticipation begins an eighth early; what ends there sounds on for the release of a hand at most.
                if (n.start.value >= from - 2 * sixteenth && n.start.value < to - 2 * sixteenth &&
                    n.end().value > from + sixteenth) {
                    CAPTURE(seed, span.row, n.start.value, n.end().value, int(n.which.midi));
                    REQUIRE(tones.contains(n.which.name()));
                    heard.insert(n.which.name());
                }
            CAPTURE(seed, span.row);
            REQUIRE(heard == tones);
        }
    }
}

TEST_CASE("keys stay in the key and the register, and no pitch lies over itself") {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const arrange_config c = test::random_config(random_key{seed});
        const score::track t = play(
            of_rows(test::random_rows(16, random_key{seed}), static_cast<std::uint8_t>(seed * 19 % 256)), c, random_key{seed});
        std::array<std::int64_t, 128> busy{};
        for (const score::note& n : t.notes) {
            REQUIRE(score::contains(c.key, n.which.name()));
            REQUIRE(n.which.midi >= voicing_config{}.low);
            REQUIRE(n.which.midi <= voicing_config{}.high);
            REQUIRE(n.start.value >= busy[n.which.midi]);
            busy[n.which.midi] = n.end().value;
        }
    }
}

TEST_CASE("the melody is above the hand nearly always") {
    std::int64_t above = 0, all = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        arrange_config c = test::random_config(random_key{seed});
        const section s = of_rows(test::random_rows(16, random_key{seed}), 150);
        const score::track hand = play(s, c, random_key{seed});
        for (const sung_note& sung : sing(s, c).notes) {
            int top = 0;
            const std::int64_t middle = (sung.from + sung.until) / 2;
            for (const score::note& n : hand.notes)
                if (n.start.value <= middle && n.end().value > middle) top = std::max(top, int(n.which.midi));
            const std::int64_t length = sung.until - sung.from;
            all += length, above += sung.pitch > top ? length : 0;
        }
    }
    CAPTURE(100.0 * double(above) / double(all));
    CHECK(above * 100 > all * 91);
}

TEST_CASE("without a bass a left hand adds roots and changes nothing else") {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        const arrange_config c = test::random_config(random_key{seed});
        section s = of_rows(test::random_rows(16, random_key{seed}), 100);
        const score::track with = play(s, c);
        s.plays.set(score::part::bass, false);
        score::track without = play(s, c);
        std::vector<score::note> left;
        std::erase_if(without.notes, [&](const score::note& n) { return n.which.midi < 48 ? left.push_back(n), true : false; });
        REQUIRE(without.notes == with.notes);
        for (const chord_span& span : harmonise(s, c)) {
            const std::int64_t from = static_cast<std::int64_t>(span.row) * row_ticks(c.rows);
            REQUIRE(std::any_of(left.begin(), left.end(), [&](const score::note& n) {
                return std::abs(n.start.value - from) < sixteenth * 3 / 4 &&
                       n.which.name() == score::degree(c.key, span.degree);
            }));
        }
    }
}

TEST_CASE("a quiet hand lets a chord that stays ring, a full one strikes it again") {
    const section_rows one(16, {1, {}});
    double quiet = 0, full = 0;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const arrange_config c{.colour = 0, .key_of_chance = random_key{seed}};
        quiet += double(play(of_rows(one, 50), c).notes.size()) / (60 * 8);
        full += double(play(of_rows(one, 220), c).notes.size()) / (60 * 8);
    }
    CAPTURE(quiet, full);
    CHECK(quiet < 4);
    CHECK(full > 1.8 * quiet);
}

TEST_CASE("under a crowded melody the hand plays less") {
    section_rows busy(16, {1, {8, 9, 8, 9, 8, 9, 8, 9}}), free(16, {1, {}});
    double under = 0, alone = 0;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const arrange_config c{.key_of_chance = random_key{seed}};
        under += double(play(of_rows(busy, 220), c).notes.size()), alone += double(play(of_rows(free, 220), c).notes.size());
    }
    CAPTURE(under, alone);
    CHECK(under < 0.85 * alone);
}

TEST_CASE("the hand's last voicing is carried over") {
    const section s = of_rows({{1, {}}, {1, {}}}, 128);
    score::track t;
    std::int32_t lateness = 0;
    voicing hand{{52, 55, 59, 62}, 4};
    arrange_keys(s, {}, random_key{1}, ticks(0), hand, lateness, t);
    const score::pitch_set tones = hand_tones(harmonise(s, {})[0].chord, {});
    CHECK(hand == voice(tones, {{52, 55, 59, 62}, 4}, {.ceiling = 71}));
}
