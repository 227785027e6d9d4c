#include <lofi/model/lead_features.hpp>

#include <vector>

#include <lofi/core/random.hpp>

#include "support/test.hpp"

using namespace lofi;
namespace cf = model::chord_feature;
namespace mf = model::melody_feature;

namespace {

/// The class of a feature inside its block, -1 for none.
template <class Ids, class Offsets>
int in_block(const Ids& ids, const Offsets& first, std::size_t feature) {
    return ids[feature] < 0 ? -1 : ids[feature] - first[feature];
}

model::lead_conditions all_known() {
    model::lead_conditions c;
    c.rows = 6;
    c.corpus = 2;
    c.mode = 1;
    c.tempo = 156000;
    c.majors = 4;
    c.attacks = 12;
    c.steps = 20;
    return c;
}

}  // namespace

TEST_CASE("chord features: start, history, runs, countdown") {
    model::chord_state s(all_known());
    model::chord_state::ids ids;
    const auto at = [&](std::size_t f) { return in_block(ids, model::chord_offsets, f); };
    s.features(ids);
    for (const auto f : {cf::back1, cf::back2, cf::back4, cf::back8}) CHECK(at(f) == 9);
    CHECK(at(cf::index) == 0);
    CHECK(at(cf::left) == 6);
    CHECK(at(cf::corpus) == 2);
    CHECK(at(cf::mode) == 1);
    CHECK(at(cf::majors) == 1 + 8 * 4 / 6);
    CHECK(at(cf::tempo) == 5);

    for (const int c : {1, 4, 1, 4, 1}) s.push(c, true);
    s.features(ids);
    CHECK(at(cf::back1) == 1);
    CHECK(at(cf::back2) == 4);
    CHECK(at(cf::back4) == 4);
    CHECK(at(cf::back8) == 9);
    CHECK(at(cf::run2) == 2);  // three chords in a row equal the one two before: class 2 is two or three
    CHECK(at(cf::run4) == 1);
    CHECK(at(cf::run8) == 0);
    CHECK(at(cf::left) == 1);
    CHECK(at(cf::majors) == 0);  // five majors were written where four were asked for

    model::chord_state unknown(model::lead_conditions{.rows = 6, .rows_known = false});
    unknown.features(ids);
    CHECK(at(cf::left) == 21);
    CHECK(at(cf::majors) == 10);
    CHECK(at(cf::tempo) == 9);
    CHECK(at(cf::mode) == 0);
}

TEST_CASE("melody features: what was played, over which chord, and what is still owed") {
    const std::vector<std::uint8_t> chords{1, 5, 1, 5, 1, 1};
    model::melody_state s(all_known(), chords);
    model::melody_state::ids ids;
    const auto at = [&](std::size_t f) { return in_block(ids, model::melody_offsets, f); };
    s.features(ids);
    CHECK(at(mf::previous) == 16);
    CHECK(at(mf::back8) == 16);
    CHECK(at(mf::relative) == 7);
    CHECK(at(mf::chord) == 1);
    CHECK(at(mf::next) == 5);
    CHECK(at(mf::last) == 0);
    CHECK(at(mf::same1) == -1);
    CHECK(at(mf::attacks) == 1 + 20 * 12 / 48);
    CHECK(at(mf::steps) == 1 + 4 * 20 / 12);

    // Two equal bars: 3 3 3 0 0 5 5 5.
    for (int bar = 0; bar < 2; ++bar)
        for (const int v : {3, 3, 3, 0, 0, 5, 5, 5}) s.push(v);
    s.features(ids);
    CHECK(at(mf::previous) == 5);
    CHECK(at(mf::back8) == 3);
    CHECK(at(mf::back16) == 3);
    CHECK(at(mf::back32) == 16);
    CHECK(at(mf::run8) == 2);  // eight slots equal those eight before
    CHECK(at(mf::held) == 3);
    CHECK(at(mf::slot) == 0);
    CHECK(at(mf::relative) == 4);  // pitch 5 over chord 1
    CHECK(at(mf::same1) == -1);
    CHECK(at(mf::same2) == 0);
    CHECK(at(mf::attacks) == 1 + 20 * (12 - 4) / 32);
    CHECK(at(mf::steps) == 1 + 4 * (20 - 6) / 8);  // steps 2, 2, 2
    s.push(0);
    s.features(ids);
    CHECK(at(mf::previous) == 0);
    CHECK(at(mf::relative) == 8);
    CHECK(at(mf::last) == 5);
    for (int i = 0; i < 31; ++i) s.push(7);
    s.features(ids);
    CHECK(at(mf::held) == 16);
    CHECK(at(mf::next) == 8);  // beyond the last chord is END
}

TEST_CASE("features: every class of every step lies inside its block, whatever is played") {
    random_stream random(random_key{4});
    for (int trial = 0; trial < 200; ++trial) {
        model::lead_conditions c = all_known();
        c.rows = uniform_between(random, 1, 64);
        c.attacks = uniform_between(random, 0, 300);
        c.steps = uniform_between(random, 0, 3000);
        c.majors = uniform_between(random, 0, 80);
        c.tempo = uniform_between(random, 1, 900000);
        std::vector<std::uint8_t> chords;
        model::chord_state cs(c);
        model::chord_state::ids ci;
        for (int i = 0; i <= c.rows; ++i) {
            cs.features(ci);
            for (std::size_t f = 0; f < ci.size(); ++f)
                REQUIRE((ci[f] == -1 || (ci[f] >= model::chord_offsets[f] && ci[f] < model::chord_offsets[f + 1])));
            chords.push_back(static_cast<std::uint8_t>(uniform_below(random, 8)));
            cs.push(chords.back(), chance(random, 1, 2));
        }
        model::melody_state ms(c, chords);
        model::melody_state::ids mi;
        for (int t = 0; t < 8 * c.rows; ++t) {
            ms.features(mi);
            for (std::size_t f = 0; f < mi.size(); ++f)
                REQUIRE((mi[f] == -1 || (mi[f] >= model::melody_offsets[f] && mi[f] < model::melody_offsets[f + 1])));
            ms.push(static_cast<int>(uniform_below(random, 16)));
        }
    }
}
