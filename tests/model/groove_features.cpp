#include <lofi/model/groove_features.hpp>

#include <vector>

#include <lofi/core/random.hpp>

#include "support/test.hpp"

using namespace lofi;
namespace hf = model::hit_feature;
namespace tf = model::touch_feature;

namespace {

/// The class of a feature inside its block, -1 for none.
template <class Ids, class Offsets>
int in_block(const Ids& ids, const Offsets& first, std::size_t feature) {
    return ids[feature] < 0 ? -1 : ids[feature] - first[feature];
}

std::vector<std::size_t> places(const model::groove_conditions& c) {
    std::vector<std::size_t> out;
    model::told(c, [&](std::size_t at) { out.push_back(at); });
    return out;
}

constexpr model::voice_mask kick = 1, snare = 2, hat = 4;

}  // namespace

TEST_CASE("groove conditions: each part has its place, nothing told has none, the extremes stay inside") {
    CHECK(places({}).empty());
    model::groove_conditions c;
    c.tempo = 84000;
    c.style = model::groove_style::hiphop;
    c.kind = model::groove_kind::all_fill;
    c.swing = 500;
    c.lilt = 0;
    CHECK(places(c) == std::vector<std::size_t>{2, 9, 9 + 11 + 2, 9 + 11 + 3 + 2, 9 + 11 + 3 + 8 + 2});
    c.hits = 40;  // is counted down at each step, and not part of the vector
    CHECK(places(c).size() == 5);
    for (const std::int32_t v : {-2000000000, 2000000000}) {
        c.tempo = c.swing = c.lilt = v;
        for (const std::size_t at : places(c)) CHECK(at < model::condition_size);
    }
}

TEST_CASE("classes of velocity and offset cover their ranges") {
    CHECK(model::velocity_class(score::velocity(1)) == 0);
    CHECK(model::velocity_class(score::velocity(8)) == 1);
    CHECK(model::velocity_class(score::velocity(127)) == 15);
    CHECK(model::offset_class(-64) == 0);
    CHECK(model::offset_class(-1) == 7);
    CHECK(model::offset_class(0) == 8);
    CHECK(model::offset_class(64) == 15);
    CHECK(model::offset_class(-128) == 0);
    CHECK(model::offset_class(127) == 15);
}

TEST_CASE("hit features: place, what each voice did before, runs, countdown") {
    model::groove_conditions c;
    c.hits = 16;
    model::hit_state s(c);
    model::hit_state::ids ids;
    const auto at = [&](std::size_t f) { return in_block(ids, model::hit_offsets, f); };
    const auto back = [&](std::size_t lag, std::size_t voice) { return at(hf::back + lag * model::groove_voices + voice); };
    s.features(ids);
    CHECK(at(hf::step) == 0);
    CHECK(at(hf::bar) == 0);
    CHECK(at(hf::owed) == 1 + 4 * 16 / 32);
    CHECK(at(hf::run) == -1);
    for (std::size_t f = hf::back; f < hf::count; ++f) CHECK(at(f) == -1);

    s.push(kick | hat);
    s.features(ids);
    CHECK(at(hf::step) == 1);
    CHECK(back(0, 0) == 0);
    CHECK(back(0, 1) == -1);
    CHECK(back(0, 2) == 0);
    CHECK(back(1, 0) == -1);
    for (int i = 1; i < 16; ++i) s.push(0);
    s.features(ids);
    CHECK(at(hf::bar) == 1);
    CHECK(back(7, 0) == 0);  // sixteen back
    CHECK(back(6, 0) == -1);
    CHECK(at(hf::run) == -1);
    s.push(kick | hat);
    s.features(ids);
    CHECK(at(hf::run) == 1);
    s.push(0);
    s.features(ids);
    CHECK(at(hf::run) == 2);
    s.push(snare);  // other than a bar ago
    s.features(ids);
    CHECK(at(hf::run) == 0);
    CHECK(s.before(1) == snare);
    CHECK(s.before(19) == (kick | hat));
    CHECK(s.before(20) == 0);

    for (int i = 0; i < 20; ++i) s.push(0xff);  // more than there is room for
    CHECK(s.length() == model::groove_steps);
    CHECK(model::hit_state{}.length() == 0);
    model::hit_state unasked;
    unasked.features(ids);
    CHECK(at(hf::owed) == 17);
}

TEST_CASE("hit features: every id lies in its block, whatever is asked and played") {
    random_stream random(random_key{3});
    for (const std::int32_t hits : {-5, 0, 1, 75, 288, 2000000}) {
        model::groove_conditions c;
        c.hits = hits;
        model::hit_state s(c);
        for (std::size_t t = 0; t < model::groove_steps; ++t) {
            model::hit_state::ids ids;
            s.features(ids);
            for (std::size_t f = 0; f < hf::count; ++f) {
                CHECK(in_block(ids, model::hit_offsets, f) >= -1);
                CHECK(in_block(ids, model::hit_offsets, f) < static_cast<int>(hf::sizes[f]));
            }
            s.push(static_cast<model::voice_mask>(uniform_below(random, 512)));
        }
    }
}

TEST_CASE("touch features: the hit before, the voice's own last, a bar ago, and who sounds with it") {
    std::array<model::voice_mask, model::groove_steps> steps{};
    steps[0] = kick | hat;
    steps[2] = hat;
    steps[3] = snare;
    steps[16] = kick;
    model::touch_state s(steps);
    model::touch_state::ids ids;
    const auto at = [&](std::size_t f) { return in_block(ids, model::touch_offsets, f); };
    s.features(ids);  // kick
    CHECK(at(tf::voice) == 0);
    CHECK(at(tf::gap) == 5);
    CHECK(at(tf::own_gap) == 8);
    CHECK(at(tf::next_gap) == 7);  // sixteen on
    CHECK(at(tf::with + 2) == 0);
    CHECK(at(tf::with + 0) == -1);
    CHECK(at(tf::mate_force) == -1);
    s.push({11, 3});
    s.features(ids);  // hat, same step
    CHECK(at(tf::voice) == 2);
    CHECK(at(tf::mate_force) == 11);
    CHECK(at(tf::mate_offset) == 3);
    CHECK(at(tf::before_force) == -1);
    CHECK(at(tf::gap) == 0);
    CHECK(at(tf::next_gap) == 1);
    s.push({6, 8});
    s.features(ids);  // hat on 2
    CHECK(at(tf::before_force) == 6);
    CHECK(at(tf::own_force) == 6);
    CHECK(at(tf::own_offset) == 8);
    CHECK(at(tf::own_gap) == 1);
    CHECK(at(tf::gap) == 2);
    CHECK(at(tf::after + 1) == 0);
    CHECK(at(tf::next_gap) == 8);
    s.push({7, 7});
    s.push({2, 9});
    s.features(ids);  // kick of the second bar
    CHECK(s.step() == 16);
    CHECK(at(tf::bar) == 1);
    CHECK(at(tf::step) == 0);
    CHECK(at(tf::bar_force) == 11);
    CHECK(at(tf::bar_offset) == 3);
    CHECK(at(tf::own_gap) == 7);
    CHECK(at(tf::gap) == 4);
    CHECK_FALSE(s.done());
    s.push({1, 1});
    CHECK(s.done());
    s.push({1, 1});  // no further hit: nothing happens
    CHECK(s.done());
    CHECK(model::touch_state().done());
}
