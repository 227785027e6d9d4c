#pragma once
// No n ids in a row come twice: the ids that would complete a stretch of the history.
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>

#include <lofi/sampling/mask.hpp>

namespace lofi::inline LOFI_ABI::sampling {

/// The ids that may come so that the last n are not n that came in a row before. n = 1 forbids all that came, 0 nothing. The
/// history is as long as the caller keeps it (see `history`): what lies further back is forgotten. May be empty: see `narrow`.
/// realtime: yes, n comparisons for each id of the history at most
/// source: Paulus, Xiong, Socher: A Deep Reinforced Model for Abstractive Summarization (2017)
template <std::size_t V, std::integral Id>
[[nodiscard]] constexpr id_mask<V> no_repeat(std::span<const Id> history, std::size_t n);

// ---------------------------------------------------------------- bodies

template <std::size_t V, std::integral Id>
constexpr id_mask<V> no_repeat(std::span<const Id> history, std::size_t n) {
    id_mask<V> allowed = id_mask<V>::all();
    if (n == 0 || history.size() < n) return allowed;
    const std::span<const Id> now = history.last(n - 1);
    for (std::size_t at = 0; at + n <= history.size(); ++at) {
        const auto id = static_cast<std::size_t>(history[at + n - 1]);
        if (id < V && std::equal(now.begin(), now.end(), history.begin() + static_cast<std::ptrdiff_t>(at))) allowed.remove(id);
    }
    return allowed;
}

}  // namespace lofi::inline LOFI_ABI::sampling
