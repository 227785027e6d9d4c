#pragma once
// Whole-number weights, 2^31 for the likeliest id: the filters from top-k to top-h, and the draw. Sums are exact.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/core/random.hpp>
#include <lofi/sampling/entropy_filters.hpp>
#include <lofi/sampling/exponent.hpp>

namespace lofi::inline LOFI_ABI::sampling {

/// Filters in the order in which they are applied. Each sees the probabilities of what the one before it left.
struct filters {
    static constexpr std::uint64_t one = std::uint64_t{1} << 32;

    std::uint32_t top_k = 0;  ///< keeps the ids whose value is among the k largest, all that tie with the last; 0 keeps all
    std::uint64_t top_p =
        one;  ///< keeps an id if those before it, by value and then by id, have less than this in sum; in 1/2^32
    std::uint64_t min_p = 0;       ///< keeps an id if it has at least this share of the likeliest one's probability; in 1/2^32
    std::uint64_t typical = one;   ///< see `keep_typical`
    std::uint64_t epsilon = 0;     ///< see `keep_epsilon`
    std::uint64_t eta = 0;         ///< see `keep_eta`
    std::uint64_t top_h = one;     ///< see `keep_top_h`
    std::uint32_t keep_least = 1;  ///< so many ids stay at any rate, as far as there are any: a beam needs two

    [[nodiscard]] constexpr bool look_at_entropy() const { return typical < one || epsilon != 0 || eta != 0 || top_h < one; }
};

/// What became of an id. From `masked` on in the order of the steps.
enum class fate : std::uint8_t {
    stays,
    masked,       ///< outside the mask
    removed,      ///< its logit or bias says never
    temperature,  ///< not the largest, at temperature 0
    weightless,   ///< less than 2^-32 of the likeliest one's probability
    top_k,
    top_p,
    min_p,
    typical,
    epsilon,
    eta,
    top_h
};

/// Hears what became of ids, and forgets it.
struct untold {
    constexpr void operator()(std::size_t, fate) const {}
};

/// Sets the weights of what the filters drop to 0. `values` order the ids (a weight falls with its value), `order` is work
/// space of the same size. At least one id always stays. `tell` is called with each that falls out and why.
/// realtime: yes
template <class Value, class Tell = untold>
constexpr void apply(const filters& f, std::span<const Value> values, std::span<std::uint32_t> weights,
                     std::span<std::uint32_t> order, Tell&& tell = {});

/// Draws an id with probability proportional to its weight, with exactly one word of the stream.
/// realtime: yes
[[nodiscard]] constexpr std::size_t draw(std::span<const std::uint32_t> weights, random_stream& stream);

// ---------------------------------------------------------------- bodies

template <class Value, class Tell>
constexpr void apply(const filters& f, std::span<const Value> values, std::span<std::uint32_t> weights,
                     std::span<std::uint32_t> order, Tell&& tell) {
    const std::uint64_t least = std::min<std::uint64_t>(detail::part_up(full_weight, f.min_p), full_weight);
    if (f.top_k == 0 && f.top_p >= filters::one && f.keep_least <= 1 && !f.look_at_entropy()) {
        for (std::size_t id = 0; id < weights.size(); ++id) {
            if (weights[id] >= least) continue;
            if (weights[id] != 0) tell(id, fate::min_p);
            weights[id] = 0;
        }
        return;
    }
    std::size_t alive = 0;
    for (std::size_t id = 0; id < weights.size(); ++id)
        if (weights[id] != 0) order[alive++] = static_cast<std::uint32_t>(id);
    const std::span<std::uint32_t> ids = order.first(alive);
    std::sort(ids.begin(), ids.end(),
              [&](std::uint32_t a, std::uint32_t b) { return values[a] != values[b] ? values[a] > values[b] : a < b; });
    ranking left{ids, weights};
    const auto keep = [&](const ranking& kept, fate why) {
        const auto drop = [&](std::span<const std::uint32_t> out) {
            for (const std::uint32_t id : out) tell(id, why), weights[id] = 0;
        };
        const auto skipped = static_cast<std::size_t>(kept.ids.data() - left.ids.data());
        drop(left.ids.first(skipped));
        drop(left.ids.subspan(skipped + kept.size()));
        left = kept;
    };
    const std::size_t at_least = std::max<std::uint32_t>(f.keep_least, 1);
    if (f.top_k != 0) {
        std::size_t n = std::max<std::size_t>(f.top_k, at_least);
        if (n < alive) {
            while (n < alive && values[ids[n]] == values[ids[n - 1]]) ++n;
            keep(left.part(0, n), fate::top_k);
        }
    }
    if (f.top_p < filters::one) {
        const std::uint64_t bound = detail::part_up(left.total(), f.top_p);
        std::uint64_t before = 0;
        std::size_t n = 0;
        while (n < left.size() && (n < at_least || before < bound)) before += left.weight(n++);
        keep(left.part(0, n), fate::top_p);
    }
    if (least != 0) {
        std::size_t n = left.size();
        while (n > at_least && left.weight(n - 1) < least) --n;
        keep(left.part(0, n), fate::min_p);
    }
    if (f.typical < filters::one) keep(keep_typical(left, f.typical, at_least), fate::typical);
    if (f.epsilon != 0) keep(keep_epsilon(left, f.epsilon, at_least), fate::epsilon);
    if (f.eta != 0) keep(keep_eta(left, f.eta, at_least), fate::eta);
    if (f.top_h < filters::one) keep(keep_top_h(left, f.top_h, at_least), fate::top_h);
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
