#include <lofi/token/groove.hpp>

#include <set>

#include "events_fixture.hpp"

using namespace lofi;
using namespace lofi::token;

namespace {

constexpr std::array<std::int32_t, 6> kinds = {groove_id::grid,   groove_id::step,
                                               groove_id::voice,  groove_id::force,
                                               groove_id::offset, static_cast<std::int32_t>(groove_id::count)};

}  // namespace

TEST_CASE("grooves: an implementation of its own in Python says the same, and decoding undoes it") {
    const auto cases = test::event_cases("groove", "token/grids.txt");
    CHECK(cases.size() == 50);
    for (const test::event_case& c : cases) {
        const auto found = find_grooves(c.piece).value();
        CHECK(encode_grooves(found).value() == c.ids);
        const auto again = decode_grooves(c.ids).value();
        REQUIRE(again.size() == found.size());
        for (std::size_t g = 0; g < found.size(); ++g) {
            REQUIRE(again[g].hits.size() == found[g].hits.size());
            for (std::size_t i = 0; i < found[g].hits.size(); ++i) {
                const score::drum_hit &a = found[g].hits[i], &b = again[g].hits[i];
                CHECK(a.step == b.step);
                CHECK(a.voice == b.voice);
                CHECK(std::abs(a.force.value - b.force.value) <= 4);
                CHECK(std::abs(a.offset - b.offset) <= 4);
            }
        }
        CHECK(encode_grooves(find_grooves(play_grooves(again)).value()).value() == c.ids);
    }
}

TEST_CASE("grooves: what is decoded is encoded again, whatever the grammar lets through") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const auto ids = test::babble<groove_grammar>(seed, 120, kinds);
        const auto grooves = decode_grooves(ids).value();
        CHECK((ids.back() != groove_id::end || encode_grooves(grooves).value() == ids));
        // As a piece too; but nothing sounds before its start, and the last grids are lost where they are empty.
        if (grooves.front().hits.empty() || grooves.front().hits.front().step == 0 || grooves.back().hits.empty()) continue;
        CHECK(encode_grooves(find_grooves(play_grooves(grooves)).value()).value() == encode_grooves(grooves).value());
    }
}

TEST_CASE("grooves: hits that cannot be, ids that may not be, and spellings") {
    std::set<std::string> all;
    for (std::int32_t id = 0; id < static_cast<std::int32_t>(groove_id::count); ++id) all.insert(spell_groove(id));
    CHECK(all.size() == 75);
    CHECK(all.count("closed_hat") == 1);
    const auto why = [](std::vector<score::drum_hit> hits) {
        return encode_grooves(std::vector<score::groove>{{}, {hits}}).error().message();
    };
    using score::drum, score::velocity;
    CHECK(why({{3, drum::shaker, velocity(80), 0}}) == "groove 2, hit 1: shaker is none of the nine voices");
    CHECK(why({{3, drum::kick, velocity(80), 0}, {3, drum::kick, velocity(8), 0}}) ==
          "groove 2, hit 2: kick hits step 3 twice");
    CHECK(why({{32, drum::kick, velocity(80), 0}}) == "groove 2, hit 1: step 32 is not 0 to 31");
    using ids = std::vector<std::int32_t>;
    CHECK(decode_grooves(ids{2}).error().message() == "token 1: step0 is no beginning: that is grid");
    CHECK(decode_grooves(ids{1, 6, 34, 59}).error().message() == "token 4: offset0 may not follow kick");
    CHECK(decode_grooves(ids{1, 75}).error().message() == "token 2: 75 may not follow grid");
    CHECK_FALSE(decode_grooves(ids{1, 0, 1}));
    CHECK_THAT(find_grooves(score::piece{}).error().message(), test::contains("has no drums"));
    score::piece p;
    p.meters = {{ticks(0), 3, 4}};
    CHECK_THAT(find_grooves(p).error().message(), test::contains("is in 3/4"));
    // What comes ahead of the first step starts with the piece.
    CHECK(play_grooves(std::vector<score::groove>{{{{0, drum::kick, velocity(80), -60}}}}).tracks[0].notes[0].start ==
          ticks(0));
}
