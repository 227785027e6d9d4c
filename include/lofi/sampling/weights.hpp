#pragma once
// Whole-number weights, 2^31 for the likeliest id: the filters top-k, top-p and min-p, and the draw. Sums are exact.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/core/random.hpp>

namespace lofi::inline LOFI_ABI::sampling {

/// The weight of the likeliest id. An id of less than 2^-32 of its probability has weight 0.
inline constexpr std::uint32_t full_weight = 0x80000000U;

/// Filters in the order in which they are applied. Each sees the probabilities of what the one before it left.
struct filters {
    static constexpr std::uint64_t one = std::uint64_t{1} << 32;

    std::uint32_t top_k = 0;  ///< keeps the ids whose value is among the k largest, all that tie with the last; 0 keeps all
    std::uint64_t top_p =
        one;  ///< keeps an id if those before it, by value and then by id, have less than this in sum; in 1/2^32
    std::uint64_t min_p = 0;  ///< keeps an id if it has at least this share of the likeliest one's probability; in 1/2^32
};

/// Sets the weights of what the filters drop to 0. `values` order the ids (a weight falls with its value), `order` is work
/// space of the same size. The first in the order always stays.
/// realtime: yes
template <class Value>
constexpr void apply(const filters& f, std::span<const Value> values, std::span<std::uint32_t> weights,
                     std::span<std::uint32_t> order);

/// Draws an id with probability proportional to its weight, with exactly one word of the stream.
/// realtime: yes
[[nodiscard]] constexpr std::size_t draw(std::span<const std::uint32_t> weights, random_stream& stream);

// ---------------------------------------------------------------- bodies

namespace detail {
// The product of a sum below 2^48 and a fraction of 2^32, rounded up or down.
constexpr std::uint64_t part_up(std::uint64_t sum, std::uint64_t fraction) {
    const std::uint64_t low = (sum & 0xffffffffU) * fraction;
    return (sum >> 32) * fraction + (low >> 32) + ((low & 0xffffffffU) != 0 ? 1 : 0);
}
constexpr std::uint64_t part_down(std::uint64_t sum, std::uint64_t fraction) {
    return (sum >> 32) * fraction + ((sum & 0xffffffffU) * fraction >> 32);
}
}  // namespace detail

template <class Value>
constexpr void apply(const filters& f, std::span<const Value> values, std::span<std::uint32_t> weights,
                     std::span<std::uint32_t> order) {
    if (f.top_k != 0 || f.top_p < filters::one) {
        std::size_t alive = 0;
        for (std::size_t id = 0; id < weights.size(); ++id)
            if (weights[id] != 0) order[alive++] = static_cast<std::uint32_t>(id);
        const std::span<std::uint32_t> ids = order.first(alive);
        std::sort(ids.begin(), ids.end(),
                  [&](std::uint32_t a, std::uint32_t b) { return values[a] != values[b] ? values[a] > values[b] : a < b; });
        std::size_t keep = alive;
        if (f.top_k != 0 && f.top_k < alive) {
            keep = f.top_k;
            while (keep < alive && values[ids[keep]] == values[ids[keep - 1]]) ++keep;
        }
        if (f.top_p < filters::one) {
            std::uint64_t total = 0, before = 0;
            for (const std::uint32_t id : ids.first(keep)) total += weights[id];
            const std::uint64_t bound = detail::part_up(total, f.top_p);
            std::size_t n = 0;
            while (n < keep && (n == 0 || before < bound)) before += weights[ids[n++]];
            keep = n;
        }
        for (const std::uint32_t id : ids.subspan(keep)) weights[id] = 0;
    }
    const std::uint64_t least = std::min<std::uint64_t>(detail::part_up(full_weight, f.min_p), full_weight);
    for (std::uint32_t& w : weights)
        if (w < least) w = 0;
}

constexpr std::size_t draw(std::span<const std::uint32_t> weights, random_stream& stream) {
    std::uint64_t total = 0;
    for (const std::uint32_t w : weights) total += w;
    LOFI_ASSERT(total > 0, "a draw needs at least one id with a weight above 0");
    std::uint64_t u = detail::part_down(total, stream.next());
    std::size_t id = 0;
    while (id + 1 < weights.size() && u >= weights[id]) u -= weights[id++];
    return id;
}

}  // namespace lofi::inline LOFI_ABI::sampling
