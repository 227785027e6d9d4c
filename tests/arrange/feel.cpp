#include <lofi/arrange/feel.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::arrange;

namespace {

section empty_bars(std::size_t bars) {
    section s;
    s.rows.resize(2 * bars);
    return s;
}

}  // namespace

TEST_CASE("swing leaves eighths and bar lines where they are, and never turns time back") {
    for (const int swing : {0, 1, 60, 110, 169, 254, 255}) {
        const auto amount = static_cast<std::uint8_t>(swing);
        std::int64_t before = -1;
        for (std::int64_t t = 0; t <= 2 * bar; ++t) {
            const std::int64_t s = swung(t, amount);
            REQUIRE(s >= before);
            REQUIRE(s >= t);
            REQUIRE(s - t <= sixteenth / 3);
            if (t % (2 * sixteenth) == 0) REQUIRE(s == t);
            before = s;
        }
    }
}

TEST_CASE("swing runs from straight to a full triplet") {
    for (std::int64_t t = 0; t < bar; t += 7) CHECK(swung(t, 0) == t);
    CHECK(swung(sixteenth, 255) == 2 * sixteenth * 2 / 3);
    CHECK(swung(3 * sixteenth, 255) == 2 * sixteenth + 2 * sixteenth * 2 / 3);
    CHECK(swung(bar + sixteenth, 128) == bar + sixteenth + sixteenth * 128 / (3 * 255));
}

TEST_CASE("scatter has its spread, no bias, and an end") {
    random_stream s(random_key{1});
    double sum = 0, squares = 0;
    constexpr int n = 20000;
    for (int i = 0; i < n; ++i) {
        const std::int32_t x = scatter(s, 40);
        REQUIRE(std::abs(x) <= 120);
        sum += x, squares += double(x) * x;
    }
    CHECK(std::abs(sum / n) < 1.2);
    CHECK(std::sqrt(squares / n) == Approx(39.5).margin(1.5));
    CHECK(scatter(s, 0) == 0);
}

TEST_CASE("a performer keeps notes inside the section and no pitch over itself") {
    const section s = empty_bars(4);
    arrange_config c{.swing = 255, .looseness = 255};
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        std::int32_t lateness = -12000;
        score::track t;
        performer p(s, c, random_key{seed}, ticks(8 * bar), lateness, t);
        random_stream random(random_key{seed}.child("notes"));
        for (int i = 0; i < 300; ++i) {
            const std::int64_t from = uniform_between(random, -400, 4 * bar + 400);
            const std::int64_t length = uniform_between(random, -50, 2 * bar);
            const std::int32_t late = uniform_between(random, -200, 200);
            const int pitch = uniform_between(random, 40, 50);
            p.play(from, from + length, late, pitch, uniform_between(random, -50, 200));
        }
        p.finish();
        REQUIRE(t.notes.size() > 50);
        std::array<std::int64_t, 128> busy{};
        for (const score::note& n : t.notes) {
            REQUIRE(n.start >= ticks(8 * bar));
            REQUIRE(n.end() <= ticks(12 * bar));
            REQUIRE(n.length >= ticks(1));
            REQUIRE(n.force.value >= 12);
            REQUIRE(n.force.value <= 120);
            REQUIRE(n.start.value >= busy[n.which.midi]);
            busy[n.which.midi] = n.end().value;
        }
    }
}

TEST_CASE("the timing walk goes on from section to section, whatever is played") {
    const section s = empty_bars(2);
    const arrange_config c;
    std::int32_t silent = 777, busy = 777;
    score::track quiet, t, none;
    const performer a(s, c, random_key{5}, ticks(0), silent, quiet);
    performer b(s, c, random_key{5}, ticks(0), busy, t);
    for (int i = 0; i < 20; ++i) b.play(i * 300, i * 300 + 200, 0, 60, 70);
    b.finish();
    CHECK(silent == busy);
    CHECK(silent != 777);

    std::int32_t other = -777;
    const performer d(s, c, random_key{5}, ticks(0), other, none);
    CHECK(other != busy);
}

TEST_CASE("at looseness 0 everybody is on the grid, at 255 as far off it as measured") {
    const section s = empty_bars(8);
    const auto offsets = [&](std::uint8_t looseness) {
        arrange_config c{.swing = 0, .looseness = looseness};
        std::vector<double> out;
        std::int32_t lateness = 0;
        for (std::uint64_t seed = 0; seed < 100; ++seed) {
            score::track t;
            performer p(s, c, random_key{seed}, ticks(bar), lateness, t);
            random_stream slips(random_key{seed}.child("slip"));
            for (std::int64_t beat = 1; beat < 32; ++beat) p.play(beat * quarter, beat * quarter + 400, slip(slips, c), 60, 70);
            p.finish();
            for (std::size_t i = 0; i < t.notes.size(); ++i)
                out.push_back(static_cast<double>(t.notes[i].start.value - bar) - 960.0 * static_cast<double>(i + 1));
        }
        return out;
    };
    for (const double x : offsets(0)) REQUIRE(x == 0.0);
    const std::vector<double> x = offsets(255);
    double squares = 0, neighbours = 0;
    for (std::size_t i = 0; i < x.size(); ++i) squares += x[i] * x[i];
    for (std::size_t i = 1; i < x.size(); ++i) neighbours += x[i] * x[i - 1];
    CHECK(std::sqrt(squares / static_cast<double>(x.size())) == Approx(0.12 * sixteenth).margin(3.0));
    CHECK(neighbours / squares == Approx(0.45).margin(0.07));
}
