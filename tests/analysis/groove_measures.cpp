#include <lofi/analysis/groove_measures.hpp>

#include <vector>

#include "support/test.hpp"

using namespace lofi;
using score::drum;

namespace {
score::drum_hit hit(int step, drum voice, int force, int offset = 0) {
    return {static_cast<std::uint8_t>(step), voice, score::velocity(force), static_cast<std::int8_t>(offset)};
}
analysis::groove_measures measure(const std::vector<std::vector<score::drum_hit>>& grooves) {
    return analysis::measure_grooves(grooves.size(), [&](std::size_t i) { return analysis::groove_view(grooves[i]); });
}
}  // namespace

TEST_CASE("grooves measured: a backbeat by hand") {
    std::vector<score::drum_hit> one;
    for (const int bar : {0, 16})
        for (int s = 0; s < 16; ++s) {
            if (s == 0) one.push_back(hit(bar + s, drum::kick, 100, 16));
            if (s == 4) one.push_back(hit(bar + s, drum::snare, 90));
            if (s == 7) one.push_back(hit(bar + s, drum::snare, 20, 64));
            if (s == 12 && bar == 0) one.push_back(hit(bar + s, drum::snare, 90));
        }
    const auto m = measure({one, {}});
    CHECK(m.grooves == 2);
    CHECK(m.hits_a_bar == Approx(7 / 4.0));
    CHECK(m.kick_on_one == Approx(.5));
    CHECK(m.backbeat == Approx(3 / 8.0));
    CHECK(m.ghosts_a_bar == Approx(.5));
    CHECK(m.same_bars == Approx(.5));  // two bars of silence are the same
    CHECK(m.off_beat == Approx(2 / 7.0));
    CHECK(m.onsets[0][0] == Approx(.5));
    CHECK(m.onsets[1][12] == Approx(.25));
    CHECK(m.hits[1] == Approx(5 / 4.0));
    CHECK(m.velocity[0] == Approx(100));
    CHECK(m.velocity[1] == Approx((3 * 90 + 2 * 20) / 5.0));
    CHECK(m.velocity[8] == 0);
    CHECK(m.lateness[0] == Approx(.125));
    CHECK(m.lilt == Approx(.5 - 2 * .125 / 5));
    CHECK(m.turnings == 0);
    CHECK(measure({{hit(24, drum::low_tom, 90), hit(31, drum::high_tom, 90)}}).turnings == 1);
    CHECK(measure({{hit(23, drum::low_tom, 90), hit(31, drum::high_tom, 90)}}).turnings == 0);
}

TEST_CASE("grooves measured: the spread is within a groove, not between grooves") {
    CHECK(measure({{hit(0, drum::kick, 90, -64), hit(4, drum::snare, 90, -64)},
                   {hit(0, drum::kick, 90, 32), hit(4, drum::snare, 90, 32)}})
              .spread == Approx(0).margin(1e-9));
    CHECK(measure({{hit(0, drum::kick, 90, -32), hit(4, drum::snare, 90, 32)}}).spread == Approx(.25));
}

TEST_CASE("grooves measured: none at all, and voices that the corpus does not have") {
    CHECK(measure({}).hits_a_bar == 0);
    CHECK(measure({{hit(0, drum::shaker, 90)}}).hits_a_bar == 0);
    analysis::onset_shares a{}, b{};
    CHECK(analysis::onset_distance(a, b) == 0);
    b[3][5] = 1.44;
    CHECK(analysis::onset_distance(a, b) == Approx(.01));
}
