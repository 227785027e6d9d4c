#include <lofi/model/note_lstm_generate.hpp>

#include <vector>

#include "support/test.hpp"

#include <lofi/core/hash.hpp>
#include <lofi/pretrained/note_lstm.hpp>

using namespace lofi;

namespace {

constexpr auto sizes = pretrained::note_lstm_sizes;

template <class Veto>
std::vector<std::int32_t> write(const model::note_conditions& c, const model::note_sampling& s, std::uint64_t seed,
                                Veto&& veto) {
    static const auto network = pretrained::note_lstm::builtin();
    model::note_writer<sizes, backend::fixed> writer({}, network.params(), c, s, random_key{seed});
    std::vector<std::int32_t> out;
    for (std::int32_t id = writer.step(veto); id >= 0; id = writer.step(veto)) out.push_back(id);
    return out;
}
std::vector<std::int32_t> write(const model::note_conditions& c, const model::note_sampling& s, std::uint64_t seed) {
    return write(c, s, seed, model::note_writer<sizes, backend::fixed>::no_veto{});
}

const model::note_conditions loop{.style = 6, .scale = score::mode::aeolian, .tempo = 80000, .bars = 12};

}  // namespace

TEST_CASE("note writer: pieces keep to the grammar and have the bars that were asked for") {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        const auto ids = write(loop, {}, seed);
        CHECK(token::decode_hands(ids, {}));
        CHECK(std::count(ids.begin(), ids.end(), token::hands_id::bar) == 12);
        CHECK(ids.back() == token::hands_id::end);
        CHECK(ids == write(loop, {}, seed));
        CHECK(ids != write(loop, {}, seed + 100));
    }
}

TEST_CASE("note writer: with a scale no note lies outside it") {
    for (const score::mode m : {score::mode::dorian, score::mode::aeolian}) {
        model::note_conditions c = loop;
        c.scale = m, c.style = 4;  // art songs, which like to leave their key
        std::size_t outside = 0;
        const auto count = [&](const std::vector<std::int32_t>& ids) {
            std::size_t n = 0;
            for (const std::int32_t id : ids) {
                const token::hands_token t = token::hands_of(id);
                if (t.kind == token::hands_kind::left || t.kind == token::hands_kind::right)
                    n += (score::mask(m) >> ((t.value + 36) % 12) & 1U) == 0;
            }
            return n;
        };
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            CHECK(count(write(c, {.scale = score::mask(m)}, seed)) == 0);
            outside += count(write(c, {}, seed));
        }
        CHECK(outside > 0);
    }
}

TEST_CASE("note writer: what is vetoed does not come") {
    // No note of the right hand, whatever the network wants.
    const auto ids = write(loop, {}, 3, [](const model::note_state& s, token::hands_set& allowed) {
        if (s.grammar().position() < 0) return;
        for (std::int32_t id = token::hands_id::right; id < token::hands_id::duration; ++id)
            allowed[static_cast<std::size_t>(id) / 64] &= ~(std::uint64_t{1} << id % 64);
    });
    for (const std::int32_t id : ids) CHECK(token::hands_of(id).kind != token::hands_kind::right);
}

TEST_CASE("note writer: the notes of the built-in network are held") {
    // A change here is a change of what `lofi generate note-lstm` writes: with other weights it is meant, else it is a fault.
    hasher h;
    for (const std::int32_t id : write(loop, {}, 2026)) h.add(static_cast<std::uint32_t>(id));
    CHECK(h.value() == 17090974572435540100U);
}
