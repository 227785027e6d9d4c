#include <lofi/model/groove_batch.hpp>

#include <vector>

#include "support/test.hpp"

using namespace lofi;
using score::drum;

namespace {
model::groove_conditions described(std::vector<score::drum_hit> hits, model::groove_conditions c = {}) {
    model::describe(hits, c);
    return c;
}
score::drum_hit hit(int step, drum voice, int force = 90, int offset = 0) {
    return {static_cast<std::uint8_t>(step), voice, score::velocity(force), static_cast<std::int8_t>(offset)};
}
}  // namespace

TEST_CASE("grooves described: a turning is told from a beat by its last half bar") {
    using enum model::groove_kind;
    CHECK(described({}).kind == beat);
    CHECK(described({hit(20, drum::low_tom), hit(21, drum::low_tom)}).kind == beat);
    CHECK(described({hit(24, drum::low_tom), hit(31, drum::high_tom)}).kind == turning);
    std::vector<score::drum_hit> snares = {hit(24, drum::snare), hit(26, drum::snare), hit(28, drum::snare)};
    CHECK(described(snares).kind == beat);
    snares.push_back(hit(30, drum::snare, 20));  // a ghost does not count
    CHECK(described(snares).kind == beat);
    snares.push_back(hit(31, drum::snare, 40));
    CHECK(described(snares).kind == turning);
    model::groove_conditions fill;
    fill.kind = all_fill;
    CHECK(described(snares, fill).kind == all_fill);
}

TEST_CASE("grooves described: the lilt is how late the second sixteenths come, where there are enough") {
    std::vector<score::drum_hit> hits;
    for (int s = 0; s < 6; ++s) hits.push_back(hit(s, drum::closed_hat, 60, s % 2 == 0 ? -10 : 12));
    const auto c = described(hits);
    REQUIRE(c.lilt.has_value());
    CHECK(*c.lilt == 22);
    CHECK(c.hits == 6);
    hits.pop_back();
    CHECK_FALSE(described(hits).lilt.has_value());
}

TEST_CASE("grooves varied: louder or softer, hat and ride changed over, places kept") {
    model::groove_example e;
    e.pattern = {hit(0, drum::kick, 100), hit(0, drum::closed_hat, 60), hit(0, drum::crash, 90), hit(4, drum::ride, 50)};
    random_stream random(random_key{1});
    const auto same = model::vary(e, {.force_spread = 0, .ride = 0}, random);
    CHECK(same.pattern == e.pattern);
    const auto swapped = model::vary(e, {.force_spread = 0, .ride = 1}, random);
    CHECK(swapped.pattern == model::groove_pattern{hit(0, drum::kick, 100), hit(0, drum::crash, 90), hit(0, drum::ride, 60),
                                                   hit(4, drum::closed_hat, 50)});
    bool moved = false;
    for (int i = 0; i < 20; ++i) {
        const auto other = model::vary(e, {.force_spread = .5, .ride = 0}, random);
        for (std::size_t k = 0; k < 4; ++k) {
            CHECK(other.pattern[k].step == e.pattern[k].step);
            moved = moved || other.pattern[k].force != e.pattern[k].force;
        }
    }
    CHECK(moved);
}

TEST_CASE("grooves in a batch: hidden conditions are hidden, and dropped features stay dropped in their place") {
    model::groove_example e;
    e.pattern = {hit(0, drum::kick), hit(2, drum::kick), hit(4, drum::snare), hit(16, drum::kick)};
    e.conditions.tempo = 90000;
    e.conditions.style = model::groove_style::soul;
    model::describe({e.pattern.data(), e.pattern.size()}, e.conditions);
    random_stream random(random_key{1});
    const auto nothing = model::hide(e.conditions, {.everything = 1}, random);
    CHECK(nothing == model::groove_conditions{});
    const auto all = model::hide(e.conditions, {0, 0, 0, 0, 0, 0, 0}, random);
    CHECK(all == e.conditions);

    const std::array<model::groove_example, 2> both{e, {}};
    const std::array<model::groove_conditions, 2> shown{all, nothing};
    const auto b = model::make_batch(both, shown);
    CHECK(b.size == 2);
    CHECK(b.most_hits == 4);
    CHECK(b.lengths == std::vector<std::int32_t>{4, 0});
    CHECK(std::count(b.told.begin(), b.told.begin() + model::condition_size, 1.0F) == 3);
    CHECK(std::count(b.told.begin() + model::condition_size, b.told.end(), 1.0F) == 0);
    CHECK(b.voices[2 * 16] == 1);
    CHECK(b.voices_before[2 * 16] == 1);
    const auto dropped = model::make_batch(both, shown, {.rate = 1, .key = random_key{2}});
    CHECK(dropped.voices == b.voices);
    for (std::size_t row = 0; row < 64; ++row) {
        const auto* const ids = dropped.hit_ids.data() + row * model::hit_feature::count;
        CHECK(ids[0] >= 0);
        for (std::size_t f = model::hit_feature::run; f < model::hit_feature::count; ++f) CHECK(ids[f] == -1);
    }
}
