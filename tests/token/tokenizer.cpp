#include <lofi/token/tokenizer.hpp>

#include "events_fixture.hpp"

using namespace lofi;
using namespace lofi::token;

namespace {

/// All kinds of one tokenizer as likely as its spelling's letters before digits make them different.
template <class T>
std::vector<std::int32_t> ids_of(std::uint64_t seed) {
    constexpr auto size = static_cast<std::int32_t>(T::size);
    constexpr std::array<std::int32_t, 4> parts = {size / 8, size / 3, 2 * size / 3, size};
    return test::babble<typename T::grammar>(seed, 60, parts);
}

/// What the grammar lets through can be decoded; and encoded again, it stays as it is.
template <class T>
void holds() {
    INFO(T::name);
    std::size_t pieces = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const auto piece = T::decode(ids_of<T>(seed), {});
        REQUIRE(piece);
        const auto once = T::encode(*piece, {});
        if (!once) continue;  // a piece of nothing but rests
        ++pieces;
        typename T::grammar g;
        for (const std::int32_t id : *once) {
            REQUIRE(g.allows(id));
            g.push(id);
        }
        CHECK(T::encode(T::decode(*once, {}).value(), {}).value() == *once);
    }
    CHECK(pieces > 20);
    std::size_t count = 0;
    for (const std::uint64_t word : allowed_ids<T::size>(typename T::grammar{}))
        for (std::uint64_t bits = word; bits != 0; bits &= bits - 1) ++count;
    CHECK(count > 0);
    CHECK(count <= T::size);
    CHECK_FALSE((typename T::grammar{}.allows(-1) || typename T::grammar{}.allows(static_cast<std::int32_t>(T::size))));
}

}  // namespace

TEST_CASE("every tokenizer decodes what its grammar lets through, and what it encodes keeps to its grammar") {
    holds<hands_tokens>();
    holds<remi_tokens>();
    holds<tsd_tokens>();
    holds<midi_like_tokens>();
    holds<melody_tokens>();
    holds<drum_tokens>();
    holds<groove_tokens>();
    holds<notechord_tokens>();
}
