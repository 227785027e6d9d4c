#pragma once
// What may follow what, for every tokenizer alike: a grammar says of each id whether it may come next, and takes in the one that came.
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include <lofi/core/assert.hpp>

namespace lofi::inline LOFI_ABI::token {

/// A set of ids below V as words of bits, as `sampling::mask_view` takes it.
template <std::size_t V>
using id_set = std::array<std::uint64_t, (V + 63) / 64>;

/// What may follow what: a value that starts before the first id.
template <class G>
concept grammar = std::copyable<G> && requires(G changing, const G& g, std::int32_t id) {
    { g.allows(id) } -> std::same_as<bool>;  // no id that is none
    {changing.push(id)};                     // one that is allowed
    { g.done() } -> std::same_as<bool>;      // the end has come, and nothing is allowed any more
};

/// The ids below V that a grammar allows next.
/// realtime: yes
template <std::size_t V, grammar G>
[[nodiscard]] constexpr id_set<V> allowed_ids(const G& g) noexcept;

/// The grammar of ids that may stand in any order, without an end: all below V but one.
template <std::size_t V, std::int32_t Never = -1>
class free_grammar {
public:
    [[nodiscard]] constexpr bool allows(std::int32_t id) const noexcept {
        return id >= 0 && id < static_cast<std::int32_t>(V) && id != Never;
    }
    constexpr void push([[maybe_unused]] std::int32_t id) noexcept {
        LOFI_ASSERT(allows(id), "only what the grammar allows may come next");
    }
    [[nodiscard]] constexpr bool done() const noexcept { return false; }
};

// ---------------------------------------------------------------- bodies

template <std::size_t V, grammar G>
constexpr id_set<V> allowed_ids(const G& g) noexcept {
    id_set<V> out{};
    for (std::size_t id = 0; id < V; ++id)
        if (g.allows(static_cast<std::int32_t>(id))) out[id / 64] |= std::uint64_t{1} << id % 64;
    return out;
}

}  // namespace lofi::inline LOFI_ABI::token
