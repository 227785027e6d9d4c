#include <lofi/sampling/onsets.hpp>

#include <random>
#include <vector>

#include "support/test.hpp"

using namespace lofi::sampling;

namespace {
const std::vector<std::int16_t> vocabulary = {no_pitch, no_pitch, 60, 62};
}

TEST_CASE("notes start on the template's steps") {
    constexpr std::uint64_t offbeats = 0b1000000000100100U;
    for (std::size_t s = 0; s < 70; ++s)
        CHECK(onset_mask<4>(vocabulary, offbeats, s).count() == (s == 2 || s == 5 || s == 15 ? 4 : 2));
    const std::vector<std::int32_t> amounts = {0, 100, -50};
    std::vector<std::int32_t> bias(4);
    onset_bias<std::int32_t>(vocabulary, amounts, 4, bias);
    CHECK(bias == std::vector<std::int32_t>{0, 0, 100, 100});
}

TEST_CASE("a budget holds whatever is drawn under its mask, and leaves the rest free") {
    std::mt19937 rng(10);
    std::size_t fewest = 99, most = 0;
    for (int round = 0; round < 300; ++round) {
        const std::size_t steps = 1 + rng() % 16, low = rng() % (steps + 1), high = low + rng() % 4;
        const unsigned lean = rng() % 5;
        bar_budget budget(steps, low, high);
        for (int bar = 0; bar < 3; ++bar) {
            std::size_t notes = 0;
            for (std::size_t s = 0; s < steps; ++s) {
                CHECK(budget.notes() == notes);
                CHECK(budget.steps_left() == steps - s);
                const auto m = budget.mask<4>(vocabulary);
                REQUIRE(m.count() > 0);
                // Both sides are free, but where the bounds say otherwise.
                CHECK(m.has(2) == (notes < high));
                CHECK(m.has(0) == (notes + (steps - s) > low));
                std::size_t id = rng() % 4 < lean ? 2 : 0;
                if (!m.has(id)) id = 2 - id;
                notes += id == 2 ? 1 : 0;
                budget.step(vocabulary, id);
            }
            REQUIRE(notes >= low);
            REQUIRE(notes <= high);
            fewest = std::min(fewest, notes - low), most = std::max(most, notes - low);
        }
    }
    CHECK(fewest == 0);
    CHECK(most == 3);
}
