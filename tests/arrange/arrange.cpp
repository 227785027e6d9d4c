#include <algorithm>
#include <array>

#include <lofi/arrange/arrange.hpp>
#include <lofi/core/hash.hpp>

#include "arrange/random_sections.hpp"
#include "support/test.hpp"

using namespace lofi;
using namespace lofi::arrange;
using score::part;

namespace {

std::uint64_t hash_of(const score::piece& p) {
    hasher h;
    for (const score::tempo_change& c : p.tempo.changes()) h.add(c.at.value).add(c.microseconds_per_quarter);
    for (const score::track& t : p.tracks)
        for (const score::note& n : t.notes) h.add(n.start.value).add(n.length.value).add(n.which.midi).add(n.force.value);
    return h.add(p.length.value).value();
}

const std::vector<score::note>& notes(const score::piece& p, part which) { return p.find(which)->notes; }

// The notes of a track that begin in a stretch of ticks.
std::vector<score::note> within(const std::vector<score::note>& all, std::int64_t from, std::int64_t until) {
    std::vector<score::note> out;
    std::copy_if(all.begin(), all.end(), std::back_inserter(out),
                 [&](const score::note& n) { return n.start.value >= from && n.start.value < until; });
    return out;
}

}  // namespace

TEST_CASE("pieces are sound: in the key, inside the piece, nothing over itself") {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        arrange_config c = test::random_config(random_key{seed});
        c.rows = seed % 4 == 3 ? row_length::whole_bar : row_length::half_bar;
        const std::vector<section> sections = test::random_sections(8 + seed, random_key{seed});
        const score::piece p = arrange::arrange(sections, c, "x");
        CAPTURE(seed);
        std::int64_t length = 2 * bar;
        for (const section& s : sections) length += length_ticks(s, c);
        REQUIRE(p.length == ticks(length));
        REQUIRE(p.markers.size() == sections.size());
        REQUIRE(p.tracks.size() == score::part_count);
        for (const score::track& t : p.tracks) {
            std::array<std::int64_t, 128> busy{};
            score::note before;
            for (const score::note& n : t.notes) {
                REQUIRE(n.start >= ticks(0));
                REQUIRE(n.start >= before.start);
                REQUIRE(n.length > ticks(0));
                REQUIRE(n.end() <= p.length - ticks(bar));
                REQUIRE(n.start.value >= busy[n.which.midi]);
                busy[n.which.midi] = n.end().value;
                if (!t.drums()) REQUIRE(score::contains(c.key, n.which.name()));
                before = n;
            }
        }
        REQUIRE(notes(p, part::keys).size() > sections.size() * 8);
        REQUIRE_FALSE(notes(p, part::drums).empty());
    }
}

TEST_CASE("no two bars of drums in a whole piece are alike") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const score::piece p =
            arrange::arrange(test::random_sections(120, random_key{seed}), test::random_config(random_key{seed}));
        std::vector<std::vector<score::note>> bars(static_cast<std::size_t>(p.length.value / bar));
        for (score::note n : notes(p, part::drums)) {
            const std::int64_t b = n.start.value / bar;
            n.start -= ticks(b * bar), n.length = ticks(0);
            bars[static_cast<std::size_t>(b)].push_back(n);
        }
        std::erase_if(bars, [](const auto& b) { return b.empty(); });
        REQUIRE(bars.size() > 60);
        for (std::size_t i = 0; i < bars.size(); ++i)
            for (std::size_t j = 0; j < i; ++j) REQUIRE_FALSE(bars[i] == bars[j]);
    }
}

TEST_CASE("muting a part leaves the others as they were") {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const arrange_config c = test::random_config(random_key{seed});
        std::vector<section> sections = test::random_sections(60, random_key{seed});
        for (section& s : sections) s.plays = {};
        const score::piece whole = arrange::arrange(sections, c);
        for (const part muted : {part::keys, part::melody, part::bass, part::drums, part::texture}) {
            std::vector<section> fewer = sections;
            for (section& s : fewer) s.plays.set(muted, false);
            score::piece p = arrange::arrange(fewer, c);
            for (const part other : {part::keys, part::melody, part::bass, part::drums, part::texture}) {
                CAPTURE(seed, int(muted), int(other));
                std::vector<score::note> left = notes(p, other), was = notes(whole, other);
                // The left hand that stands in for the bass, and the ending, which follows the last chord heard.
                if (muted == part::bass && other == part::keys)
                    std::erase_if(left, [](const score::note& n) { return n.which.midi < 48; });
                const std::int64_t end = p.length.value - 2 * bar;
                if (muted != other)
                    REQUIRE(within(left, 0, end) == within(was, 0, end));
                else
                    REQUIRE(left.empty());
            }
        }
    }
}

TEST_CASE("another section leaves the rest as it was, but for what hands remember") {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const arrange_config c = test::random_config(random_key{seed});
        std::vector<section> sections = test::random_sections(80, random_key{seed});
        const score::piece before = arrange::arrange(sections, c);
        const std::size_t changed = sections.size() / 2;
        std::int64_t from = 0;
        for (std::size_t i = 0; i < changed; ++i) from += length_ticks(sections[i], c);
        const std::int64_t to = from + length_ticks(sections[changed], c);
        sections[changed].rows = test::random_rows(sections[changed].rows.size(), random_key{seed}.child("other"));
        sections[changed].strength = static_cast<std::uint8_t>(sections[changed].strength / 2);
        const score::piece after = arrange::arrange(sections, c);
        CAPTURE(seed);
        for (const part p : {part::drums, part::melody, part::texture}) {
            REQUIRE(within(notes(before, p), 0, from) == within(notes(after, p), 0, from));
            REQUIRE(within(notes(before, p), to, before.length.value) == within(notes(after, p), to, before.length.value));
        }
        REQUIRE(within(notes(before, part::keys), 0, from) == within(notes(after, part::keys), 0, from));
        REQUIRE(within(notes(before, part::drums), from, to) != within(notes(after, part::drums), from, to));
    }
}

TEST_CASE("sections written one by one are the piece") {
    const arrange_config c = test::random_config(random_key{8});
    const std::vector<section> sections = test::random_sections(64, random_key{8});
    std::vector<score::track> tracks = make_tracks();
    band_state band;
    ticks at{};
    for (std::size_t i = 0; i < sections.size(); ++i) {
        std::vector<score::track> here = make_tracks();
        const std::uint8_t next = i + 1 < sections.size() ? sections[i + 1].rows[0].chord : std::uint8_t{1};
        arrange_section(sections[i], i, next, c, at, band, here);
        const ticks end = at + ticks(length_ticks(sections[i], c));
        for (std::size_t t = 0; t < tracks.size(); ++t)
            for (const score::note& n : here[t].notes) {
                REQUIRE(n.start >= at);
                REQUIRE(n.end() <= end);
                tracks[t].notes.push_back(n);
            }
        at = end;
    }
    arrange_ending(sections.back().plays, c, at, band, tracks);
    for (score::track& t : tracks) score::sort_notes(t.notes);
    CHECK(tracks == arrange::arrange(sections, c).tracks);
}

TEST_CASE("in an outro the layers leave, keys last, and the tonic rings") {
    const arrange_config c = test::random_config(random_key{2});
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const std::vector<section> sections = test::random_sections(64, random_key{seed});
        const score::piece p = arrange::arrange(sections, c);
        const std::int64_t end = p.length.value - 2 * bar, outro = end - length_ticks(sections.back(), c);
        CHECK(within(notes(p, part::drums), outro + 2 * bar, p.length.value).empty());
        CHECK(within(notes(p, part::melody), outro + 3 * bar, p.length.value).empty());
        const auto last = within(notes(p, part::keys), end, p.length.value);
        CHECK(last.size() >= 3);
        for (const score::note& n : last) CHECK(n.end().value == end + bar);
        const auto root = within(notes(p, part::bass), end, p.length.value);
        REQUIRE(root.size() == 1);
        CHECK(root[0].which.name() == c.key.tonic);
    }
}

TEST_CASE("odd inputs make odd pieces, not broken ones") {
    const score::piece none = arrange::arrange({}, {});
    CHECK(none.length == ticks(2 * bar));
    CHECK(notes(none, part::keys).size() >= 3);

    std::vector<section> odd(5);
    odd[1].rows = {{0, {}}};  // half a bar of nothing
    odd[2].rows = {{3, {15, 15, 15, 15, 1, 1, 1, 1}}};
    odd[3].rows = section_rows(most_rows, {7, {}});  // one chord for sixteen bars
    odd[3].kind = section_kind::outro;
    odd[4].rows = {{5, {1, 15, 1, 15, 1, 15, 1, 15}}, {0, {}}, {2, {}}};
    odd[4].kind = section_kind::breakdown;
    const score::piece p = arrange::arrange(odd, {.energy = 255, .swing = 255, .looseness = 255, .colour = 255});
    CHECK(p.length.value == (1 + 1 + 32 + 3) * bar / 2 + 2 * bar);
    for (const score::track& t : p.tracks)
        for (const score::note& n : t.notes) CHECK(n.end() <= p.length);
}

TEST_CASE("the same seed makes the same notes everywhere, and another seed others") {
    const auto piece = [](std::uint64_t seed) {
        arrange_config c = test::random_config(random_key{seed});
        c.felt_tempo = bpm(77.0);
        return arrange::arrange(test::random_sections(96, random_key{seed}), c, "held");
    };
    CHECK(hash_of(piece(1)) == hash_of(piece(1)));
    CHECK(hash_of(piece(1)) != hash_of(piece(2)));
    // Music version 3. A change here is a change of the music: LOFI_MUSIC_VERSION goes up with it.
    CHECK(hash_of(piece(1)) == 5542412275356814029U);
    CHECK(hash_of(piece(20)) == 14995558361833510750U);
    CHECK(hash_of(piece(77)) == 14169622243122362503U);
}
