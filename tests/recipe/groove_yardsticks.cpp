#include <lofi/recipe/groove_yardsticks.hpp>

#include <cmath>

#include "support/test.hpp"

using namespace lofi;
using recipe::groove_yardstick;
using score::drum;

namespace {

model::groove_example kicks_on(std::initializer_list<int> steps) {
    model::groove_example e;
    for (const int s : steps) e.pattern.push_back({static_cast<std::uint8_t>(s), drum::kick, score::velocity(80), 0});
    return e;
}

}  // namespace

TEST_CASE("yardsticks: the table's bits are those of its frequencies") {
    const std::vector<model::groove_example> train = {kicks_on({0}), kicks_on({0}), kicks_on({0, 8}), kicks_on({0, 8})};
    const recipe::groove_counts table(groove_yardstick::table, train);
    // With next to no smoothing: step 8 costs a bit, everything else nothing.
    recipe::groove_smoothing s;
    s.hits[0] = 1e-6;
    CHECK(table.bits(kicks_on({0}), s).hits == Approx(1).margin(.01));
    CHECK(table.bits(kicks_on({0, 8}), s).hits == Approx(1).margin(.01));
    CHECK(table.bits(kicks_on({1}), s).hits > 20);
}

TEST_CASE("yardsticks: a trigram sees two steps back, and where it has seen nothing it falls back") {
    std::vector<model::groove_example> train;
    for (int i = 0; i < 200; ++i) train.push_back(kicks_on({i % 30, i % 30 + 2}));  // a kick, a rest, a kick, wherever
    const recipe::groove_counts trigram(groove_yardstick::trigram, train), table(groove_yardstick::table, train);
    const recipe::groove_smoothing s;
    CHECK(trigram.bits(kicks_on({5, 7}), s).hits < table.bits(kicks_on({5, 7}), s).hits);
    CHECK(std::isfinite(trigram.bits(kicks_on({1, 2, 3, 4, 5}), s).hits));
}

TEST_CASE("yardsticks: probabilities of a step sum to one") {
    random_stream random(random_key{3});
    std::vector<model::groove_example> train;
    for (int i = 0; i < 50; ++i) {
        model::groove_example e;
        for (std::uint8_t step = 0; step < 32; ++step)
            for (std::uint8_t v = 0; v < 9; ++v)
                if (chance(random, 1, 6)) e.pattern.push_back({step, static_cast<drum>(v), score::velocity(80), 0});
        train.push_back(e);
    }
    for (const auto kind : {groove_yardstick::table, groove_yardstick::trigram, groove_yardstick::trigram_and_table}) {
        const recipe::groove_counts counts(kind, train);
        const recipe::groove_smoothing s;
        // All that the last step may be; what comes before it costs the same each time.
        const double before = counts.bits(model::groove_example{}, s).hits;
        double sum = 0, none = 0;
        for (unsigned mask = 0; mask < 512; ++mask) {
            model::groove_example e;
            for (std::uint8_t v = 0; v < 9; ++v)
                if ((mask >> v & 1U) != 0) e.pattern.push_back({31, static_cast<drum>(v), score::velocity(80), 0});
            const double p = std::exp2(before - counts.bits(e, s).hits);
            sum += p;
            if (mask == 0) none = p;
        }
        CHECK(none == Approx(1));
        // sum is 1/P(nothing at the last step).
        CHECK(sum > 1);
        CHECK(-std::log2(1 / sum) < before);
    }
}

TEST_CASE("yardsticks: tuning never makes the held-out grooves dearer") {
    std::vector<model::groove_example> train, valid;
    for (int i = 0; i < 40; ++i) (i % 2 == 0 ? train : valid).push_back(kicks_on({0, i % 5 + 8, 16, 24 + i % 3}));
    for (const auto kind : {groove_yardstick::table, groove_yardstick::trigram, groove_yardstick::trigram_and_table}) {
        const recipe::groove_counts counts(kind, train);
        CHECK(counts.bits(valid, counts.tune(valid)).sum() <= counts.bits(valid, {}).sum() + 1e-9);
    }
}
