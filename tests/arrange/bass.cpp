#include <algorithm>

#include <lofi/arrange/bass.hpp>

#include "arrange/random_sections.hpp"
#include "support/test.hpp"

using namespace lofi;
using namespace lofi::arrange;

namespace {

score::track play(const section& s, const arrange_config& c, std::uint8_t next = 1, random_key key = random_key{1}) {
    score::track t;
    std::int32_t lateness = 0;
    std::uint8_t last = 0;
    arrange_bass(s, c, key, ticks(0), next, last, lateness, t);
    return t;
}

section of_rows(section_rows rows, std::uint8_t strength) { return {section_kind::theme, 0, strength, {}, std::move(rows)}; }

}  // namespace

TEST_CASE("the bass meets every chord on its root, whatever the key, the rows and the energy") {
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        arrange_config c = test::random_config(random_key{seed});
        c.rows = seed % 2 == 0 ? row_length::half_bar : row_length::whole_bar;
        const section s =
            of_rows(test::random_rows(1 + seed % 20, random_key{seed}), static_cast<std::uint8_t>(seed * 17 % 256));
        const score::track t = play(s, c);
        const std::int64_t row = row_ticks(c.rows);
        for (std::size_t i = 0; i < s.rows.size(); ++i) {
            const int degree = s.rows[i].chord;
            if (degree == 0 || (i > 0 && s.rows[i - 1].chord == degree)) continue;
            const std::int64_t from = static_cast<std::int64_t>(i) * row;
            const auto met = std::find_if(t.notes.begin(), t.notes.end(), [&](const score::note& n) {
                return std::abs(n.start.value - from) < sixteenth * 3 / 4 && n.which.name() == score::degree(c.key, degree);
            });
            CAPTURE(seed, i, degree);
            REQUIRE(met != t.notes.end());
        }
    }
}

TEST_CASE("the bass is one voice in its register and in the key, and silent where there is no chord") {
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        const arrange_config c = test::random_config(random_key{seed});
        const section s = of_rows(test::random_rows(16, random_key{seed}), static_cast<std::uint8_t>(seed * 17 % 256));
        std::int64_t end = 0;
        for (const score::note& n : play(s, c).notes) {
            CAPTURE(seed, n.start.value);
            REQUIRE(n.which.midi >= bass_low);
            REQUIRE(n.which.midi <= bass_high);
            REQUIRE(score::contains(c.key, n.which.name()));
            REQUIRE(n.start.value > end - sixteenth * 3 / 4);  // a slip of the hand at most
            end = n.end().value;
            const std::int64_t middle = (n.start.value + n.end().value) / 2;
            REQUIRE(s.rows[static_cast<std::size_t>(middle / row_ticks(c.rows))].chord != 0);
        }
    }
}

TEST_CASE("most of the bass's onsets are the kick's") {
    int together = 0, all = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const arrange_config c{.swing = 0, .key_of_chance = random_key{seed}};
        const section s = of_rows(section_rows(16, {1, {}}), 180);
        const groove_habit h = habit_of(s, c);
        for (const score::note& n : play(s, c, 1, random_key{seed}).notes) {
            const std::int64_t step = (n.start.value + sixteenth / 2) / sixteenth;
            ++all;
            together +=
                arrange::detail::on(kicks_in(h, s, random_key{seed}, step / 16), static_cast<std::size_t>(step % 16)) ? 1 : 0;
        }
    }
    CAPTURE(together, all);
    CHECK(together * 100 > all * 85);
    CHECK(all > 100 * 8 * 2);
}

TEST_CASE("a calm bass plays few notes, a lively one more") {
    double before = 0;
    for (const int dial : {0, 90, 180, 255}) {
        double notes = 0;
        for (std::uint64_t seed = 0; seed < 60; ++seed)
            notes += double(play(of_rows(section_rows(16, {1, {}}), static_cast<std::uint8_t>(dial)),
                                 {.energy = static_cast<std::uint8_t>(dial), .key_of_chance = random_key{seed}})
                                .notes.size()) /
                     (8 * 60);
        CAPTURE(dial, notes);
        CHECK(notes > before);
        before = notes;
    }
    CHECK(before < 5);
    CHECK(before > 2.5);
}

TEST_CASE("no note reaches over a change of chord") {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        arrange_config c = test::random_config(random_key{seed});
        c.looseness = 0;
        const section s = of_rows(test::random_rows(16, random_key{seed}.child("x")), 150);
        for (const score::note& n : play(s, c).notes) {
            const std::int64_t row = row_ticks(c.rows);
            const auto first = static_cast<std::size_t>(n.start.value / row),
                       last = static_cast<std::size_t>((n.end().value - 1) / row);
            for (std::size_t i = first; i <= last; ++i) REQUIRE(s.rows[i].chord == s.rows[first].chord);
        }
    }
}

TEST_CASE("the bass steps into the chord that follows the section") {
    int steps = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const arrange_config c{.energy = 255, .key_of_chance = random_key{seed}};
        const section s = of_rows(section_rows(8, {1, {}}), 255);
        const score::track here = play(s, c, 4, random_key{seed}), stays = play(s, c, 1, random_key{seed});
        for (const score::note& n : stays.notes) REQUIRE((n.which.name().value == 0 || n.which.name().value == 7));
        const int last = here.notes.back().which.name().value;
        steps += last == 4 || last == 7 ? 1 : 0;  // E or G around F
    }
    CHECK(steps > 25);
}
