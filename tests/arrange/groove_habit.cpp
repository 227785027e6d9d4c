#include <lofi/arrange/groove_habit.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::arrange;
using lofi::arrange::detail::on;

TEST_CASE("a habit belongs to a material, whatever the section is like") {
    section theme, bridge;
    theme.strength = 120, theme.material = bridge.material = 3;
    bridge.kind = section_kind::bridge, bridge.strength = 240, bridge.plays.set(score::part::drums, false);
    const arrange_config c{.key_of_chance = random_key{11}};
    CHECK(habit_of(theme, c).kicks == habit_of(bridge, c).kicks);
    CHECK(habit_of(theme, c).ghosts == habit_of(bridge, c).ghosts);
    CHECK(habit_of(theme, c).bass == habit_of(bridge, c).bass);
    int other = 0;
    for (std::uint8_t m = 4; m < 24; ++m) {
        bridge.material = m;
        other += habit_of(bridge, c).kicks != habit_of(theme, c).kicks ? 1 : 0;
    }
    CHECK(other >= 15);
}

TEST_CASE("kicks stand on the first beat, never on the backbeat, never three in a row, and more of them with more energy") {
    double before = 0;
    for (const int energy : {0, 60, 128, 255}) {
        int kicks = 0;
        for (std::uint64_t seed = 0; seed < 300; ++seed) {
            const section s;
            const random_key key{seed};
            const groove_habit h = habit_of(s, {.energy = static_cast<std::uint8_t>(energy), .key_of_chance = key});
            for (std::int64_t b = 0; b < 8; ++b) {
                const std::uint16_t k = kicks_in(h, s, key, b);
                REQUIRE(on(k, 0));
                REQUIRE_FALSE(on(k, 4));
                REQUIRE_FALSE(on(k, 12));
                REQUIRE((k & k >> 1 & k >> 2) == 0);
                REQUIRE(k == kicks_in(h, s, key, b));
                for (std::size_t i = 0; i < 16; ++i) kicks += on(k, i) ? 1 : 0;
            }
        }
        const double a_bar = kicks / 2400.0;
        CAPTURE(energy, a_bar);
        CHECK(a_bar > before + 0.1);
        CHECK(a_bar < 4.5);
        before = a_bar;
    }
    CHECK(before > 3.5);
}

TEST_CASE("a breakdown has no kick") {
    section s;
    s.kind = section_kind::breakdown;
    const groove_habit h = habit_of(s, {});
    for (std::int64_t b = 0; b < 16; ++b) CHECK(kicks_in(h, s, random_key{1}, b) == 0);
}

TEST_CASE("the bass's habit is mostly the kick's") {
    int together = 0, all = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        const groove_habit h = habit_of({}, {.key_of_chance = random_key{seed}});
        for (std::size_t b = 0; b < 2; ++b)
            for (std::size_t i = 0; i < 16; ++i) {
                all += on(h.bass[b], i) ? 1 : 0;
                together += on(h.bass[b], i) && on(h.kicks[b], i) ? 1 : 0;
            }
    }
    CHECK(together * 100 > all * 80);
    CHECK(all > together);
}

TEST_CASE("a groove's kicks are the habit's, and the bass goes with them") {
    section s;
    const auto kick = [](int step) {
        return score::drum_hit{static_cast<std::uint8_t>(step), score::drum::kick, score::velocity(90), 0};
    };
    s.groove = {kick(0), kick(3), kick(11), kick(16), kick(30)};
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const arrange_config c{.key_of_chance = random_key{seed}};
        const groove_habit h = habit_of(s, c);
        CHECK(h.kicks[0] == (1U << 0 | 1U << 3 | 1U << 11));
        CHECK(h.kicks[1] == (1U << 0 | 1U << 14));
        CHECK((h.bass[0] & ~(h.kicks[0] | 1U << 6 | 1U << 8 | 1U << 10 | 1U << 14 | 1U)) == 0);
    }
}
