#include <lofi/token/hands.hpp>

#include <algorithm>
#include <set>
#include <vector>

#include "support/test.hpp"

#include <lofi/core/random.hpp>

using namespace lofi;
using namespace lofi::token;

namespace {

const score::key c_major{};

/// A random sequence that keeps to the grammar.
std::vector<std::int32_t> babble(std::uint64_t seed, std::size_t length) {
    random_stream random(random_key{seed});
    hands_grammar g;
    std::vector<std::int32_t> out;
    while (!g.done()) {
        std::vector<std::int32_t> may;
        for (std::int32_t id = 0; id < static_cast<std::int32_t>(hands_id::count); ++id)
            if (g.allows(id)) may.push_back(id);
        REQUIRE_FALSE(may.empty());
        // Of a kind first, or the many pitches would leave nothing else a chance.
        std::set<hands_kind> kinds;
        for (const std::int32_t id : may) kinds.insert(hands_of(id).kind);
        auto kind = kinds.begin();
        std::advance(kind, uniform_below(random, static_cast<std::uint32_t>(kinds.size())));
        std::erase_if(may, [&](std::int32_t id) { return hands_of(id).kind != *kind; });
        if (*kind == hands_kind::end && out.size() < length && kinds.size() > 1) continue;
        out.push_back(may[uniform_below(random, static_cast<std::uint32_t>(may.size()))]);
        g.push(out.back());
    }
    return out;
}

score::piece two_tracks() {
    score::piece p;
    p.tracks.resize(2);
    p.tracks[0].name = "CHORDS", p.tracks[1].name = "Voice";
    for (const int m : {48, 55, 64}) p.tracks[0].notes.push_back({ticks(0), ticks(1920), score::pitch(m), {}});
    p.tracks[1].notes = {{ticks(0), ticks(240), score::pitch(76), {}}, {ticks(250), ticks(230), score::pitch(79), {}}};
    return p;
}

std::string spelled(std::span<const std::int32_t> ids) {
    std::string text;
    for (const std::int32_t id : ids) text.append(text.empty() ? "" : " ").append(spell_hands(id));
    return text;
}

}  // namespace

TEST_CASE("hands: a bar of chord and melody") {
    const auto ids = encode_hands(two_tracks(), c_major).value();
    CHECK(spelled(ids) == "bar pos0 L-12 L-5 L+4 d16 R+16 d2 pos2 R+19 d2 end");
    // In another key the same music is the same tokens.
    score::piece up = two_tracks();
    for (score::track& t : up.tracks)
        for (score::note& n : t.notes) n.which = score::pitch(n.which.midi + 3);
    CHECK(encode_hands(up, {score::pitch_class(3), score::mode::dorian}).value() == ids);
}

TEST_CASE("hands: what is decoded is encoded again, whatever the grammar lets through") {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        const auto ids = babble(seed, 120);
        const score::key key{score::pitch_class(static_cast<int>(seed % 12)), score::mode::aeolian};
        const auto piece = decode_hands(ids, key).value();
        CHECK(encode_hands(piece, key).value() == ids);
    }
}

TEST_CASE("hands: a piece on sixteenths comes back") {
    const auto piece = decode_hands(encode_hands(two_tracks(), c_major).value(), c_major).value();
    REQUIRE(piece.tracks.size() == 2);
    CHECK(piece.tracks[0].notes.size() == 3);
    REQUIRE(piece.tracks[1].notes.size() == 2);
    CHECK(piece.tracks[1].notes[1].start == ticks(240));
    CHECK(piece.tracks[1].notes[1].length == ticks(240));
    CHECK(piece.length == ticks(1920));
    CHECK(piece.tracks[1].part == score::part::melody);
}

TEST_CASE("hands: the mask is what is allowed") {
    hands_grammar g;
    CHECK(g.allows(hands_id::bar));
    CHECK_FALSE(g.allows(hands_id::end));
    for (const std::int32_t id : babble(7, 60)) {
        const hands_set m = g.mask();
        CHECK((m[static_cast<std::size_t>(id) / 64] >> (id % 64) & 1U) == 1U);
        std::size_t count = 0;
        for (std::int32_t k = 0; k < static_cast<std::int32_t>(hands_id::count); ++k) {
            CHECK(((m[static_cast<std::size_t>(k) / 64] >> (k % 64) & 1U) == 1U) == g.allows(k));
            count += g.allows(k);
        }
        CHECK(count > 0);
        g.push(id);
    }
    CHECK(g.done());
    CHECK(g.mask() == hands_set{});
}

TEST_CASE("hands: every id has a spelling, and every spelling its id") {
    std::set<std::string> all;
    for (std::int32_t id = 0; id < static_cast<std::int32_t>(hands_id::count); ++id) {
        CHECK(to_id(hands_of(id)) == id);
        CHECK(parse_hands(spell_hands(id)).value() == id);
        all.insert(spell_hands(id));
    }
    CHECK(all.size() == hands_id::count);
    CHECK_FALSE(parse_hands("L99"));
    CHECK_THAT(parse_hands("").error().message(), test::contains("is none of end, bar"));
    CHECK(to_id({hands_kind::duration, 18}) == to_id({hands_kind::duration, 16}));
    CHECK(to_id({hands_kind::duration, 1000}) == to_id({hands_kind::duration, 64}));
}

TEST_CASE("hands: which hand plays") {
    score::piece p = two_tracks();
    CHECK(right_hand(p) == 1U);
    p.tracks[1].name = "";
    CHECK(right_hand(p) == 1U);  // the higher one
    p.tracks[0].part = score::part::melody;
    CHECK(right_hand(p) == 0U);
    CHECK(spelled(encode_hands(p, c_major, {.right = 1}).value()) == "bar pos0 L-12 L-5 L+4 d16 R+16 d2 pos2 R+19 d2 end");
    // One track alone: the top note where it stands clear of the others.
    score::piece solo;
    solo.tracks.resize(1);
    solo.tracks[0].notes = {{ticks(0), ticks(480), score::pitch(48), {}},
                            {ticks(0), ticks(480), score::pitch(72), {}},
                            {ticks(480), ticks(480), score::pitch(60), {}},
                            {ticks(480), ticks(480), score::pitch(64), {}}};
    CHECK(spelled(encode_hands(solo, c_major).value()) == "bar pos0 L-12 d4 R+12 d4 pos4 L+0 L+4 d4 end");
    solo.tracks[0].name = "Chords";
    CHECK(spelled(encode_hands(solo, c_major).value()) == "bar pos0 L-12 L+12 d4 pos4 L+0 L+4 d4 end");
}

TEST_CASE("hands: what cannot be read is refused with its place, and what lies outside is folded") {
    score::piece p = two_tracks();
    p.meters = {{ticks(0), 4, 4}, {ticks(1920), 3, 4}};
    CHECK(encode_hands(p, c_major).error().message() == "tick 1920: is in 3/4, and hands play in 4/4");
    p = {};
    CHECK_THAT(encode_hands(p, c_major).error().message(), test::contains("no notes"));
    p = two_tracks();
    p.tracks[0].channel = p.tracks[1].channel = 9;
    CHECK_FALSE(encode_hands(p, c_major));
    p = two_tracks();
    p.tracks[0].notes = {{ticks(1) * (std::int64_t{1} << 38), ticks(1), score::pitch(60), {}}};
    CHECK_THAT(encode_hands(p, c_major).error().message(), test::contains("longer than 10000 bars"));
    p = two_tracks();
    p.tracks[0].notes = {{ticks(0), ticks(480), score::pitch(0), {}}};
    CHECK(spelled(encode_hands(p, c_major).value()).starts_with("bar pos0 L-24 d4"));
    const std::vector<std::int32_t> wrong = {hands_id::bar, hands_id::position, hands_id::duration + 3};
    CHECK(decode_hands(wrong, c_major).error().message() == "token 3: d4 may not follow pos0");
    CHECK_FALSE(decode_hands(std::vector<std::int32_t>{hands_id::end}, c_major));
    CHECK_FALSE(decode_hands(std::vector<std::int32_t>{hands_id::bar, 9999}, c_major));
    CHECK_FALSE(decode_hands(std::vector<std::int32_t>{-1}, c_major));
}
