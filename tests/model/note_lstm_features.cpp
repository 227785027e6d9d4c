#include <lofi/model/note_lstm_features.hpp>

#include <set>
#include <vector>

#include "support/test.hpp"

using namespace lofi;
using model::note_state;

namespace {

std::vector<std::int32_t> ids(std::initializer_list<const char*> spelled) {
    std::vector<std::int32_t> out;
    for (const char* s : spelled) out.push_back(token::parse_hands(s).value());
    return out;
}

/// A bar of a chord and two sung notes.
const std::vector<std::int32_t> one_bar = ids({"bar", "pos0", "L-12", "L+4", "d16", "R+12", "d4", "pos8", "R+14", "d8"});

}  // namespace

TEST_CASE("note features: the bars before say how it goes on") {
    note_state s;
    for (const std::int32_t id : one_bar) s.push(id);
    CHECK(s.expected(0) == -1);  // nothing before the first bar
    // The second bar is as the first: from its first token on, every token is expected.
    s.push(one_bar[0]);
    for (std::size_t i = 1; i < one_bar.size(); ++i) {
        CHECK(s.expected(0) == one_bar[i]);
        CHECK(s.expected(1) == -1);
        s.push(one_bar[i]);
    }
    CHECK(s.expected(0) == token::hands_id::bar);
    // The third departs at its second note, and is found again at the next place.
    s.push(one_bar[0]);
    for (std::size_t i = 1; i < 5; ++i) s.push(one_bar[i]);
    CHECK(s.expected(0) == s.expected(1));
    s.push(token::parse_hands("R+11").value());
    CHECK(s.expected(0) == token::parse_hands("pos8").value());
    s.push(token::parse_hands("d4").value());
    s.push(token::parse_hands("pos8").value());
    CHECK(s.expected(0) == token::parse_hands("R+14").value());
}

TEST_CASE("note features: each block has at most one row, inside it, but for the pitch classes") {
    note_state s({.bars = 3});
    note_state::ids row;
    for (int bar = 0; bar < 3; ++bar)
        for (const std::int32_t id : one_bar) {
            s.features(row);
            for (std::size_t k = 0; k < row.size(); ++k)
                if (row[k] >= 0) {
                    CHECK(row[k] >= model::note_offsets[k]);
                    CHECK(row[k] < model::note_offsets[k + 1]);
                }
            CHECK(row[model::note_feature::left] ==
                  model::note_offsets[model::note_feature::left] + std::min(16, s.bars_left()));
            s.push(id);
        }
    CHECK(s.bars_left() == 0);
    s.features(row);
    // L-12 and L+4 sound: tonic and third.
    CHECK(row[model::note_feature::classes] >= 0);
    CHECK(row[model::note_feature::classes + 4] >= 0);
    CHECK(row[model::note_feature::classes + 7] == -1);
    const model::note_context at = s.context();
    CHECK(at.bass == -12 - token::hands_lowest);
    CHECK(at.sung == 14 - token::hands_lowest);
    CHECK(at.in_group == -1);
    CHECK(at.scale == 0);
    CHECK(note_state({.scale = score::mode::dorian}).context().scale == score::mask(score::mode::dorian));
}

TEST_CASE("note features: what lies too far back is forgotten, and nothing else changes") {
    // Bars of so many tokens that four of them do not fit into the memory.
    std::vector<std::int32_t> crowded = {token::hands_id::bar};
    for (int place = 0; place < 16; ++place) {
        crowded.push_back(token::hands_id::position + place);
        for (int p = 0; p < 20; ++p) crowded.push_back(token::hands_id::left + p);
        crowded.push_back(token::hands_id::duration);
    }
    note_state s;
    std::size_t followed = 0, lost = 0;
    for (int bar = 0; bar < 12; ++bar)
        for (const std::int32_t id : crowded) {
            s.push(id);
            for (std::size_t k = 0; k < 3; ++k) {
                const std::int32_t next = s.expected(k);
                CHECK(next < static_cast<std::int32_t>(token::hands_id::count));
                (next < 0 ? lost : followed) += bar > 4 ? 1 : 0;
            }
        }
    CHECK(followed > 0);
    CHECK(lost > 0);
}

TEST_CASE("note conditions: told as ones, each in its block") {
    std::vector<std::size_t> places;
    told(model::note_conditions{}, [&](std::size_t p) { places.push_back(p); });
    CHECK(places.empty());
    told(model::note_conditions{.style = 8, .scale = score::mode::locrian, .tempo = 300000, .bars = 4},
         [&](std::size_t p) { places.push_back(p); });
    CHECK(places == std::vector<std::size_t>{7, 14, 22});
    CHECK(model::note_condition_size == 23);
}
