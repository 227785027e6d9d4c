#pragma once
// Filters that look at how surprising ids are: typical, epsilon, eta, top-h, in whole numbers. What each keeps is one stretch
// of the ids in falling order of their weights.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/core/assert.hpp>
#include <lofi/sampling/exponent.hpp>

namespace lofi::inline LOFI_ABI::sampling {

/// Ids in falling order of their weights, all above 0, and the weights of all ids. At most 65536.
struct ranking {
    std::span<const std::uint32_t> ids;
    std::span<const std::uint32_t> weights;

    [[nodiscard]] constexpr std::uint32_t weight(std::size_t place) const { return weights[ids[place]]; }
    [[nodiscard]] constexpr std::size_t size() const { return ids.size(); }
    [[nodiscard]] constexpr ranking part(std::size_t first, std::size_t count) const {
        return {ids.subspan(first, count), weights};
    }
    [[nodiscard]] constexpr std::uint64_t total() const;
};

/// The entropy of the ranked ids in 1/2^24 bit.
/// measured: off by at most 1.3e-7 bit
[[nodiscard]] constexpr std::uint64_t entropy(const ranking& r);

/// Keeps the ids whose surprise is nearest the entropy until they have `mass` (in 1/2^32) in sum; ties with the last stay.
/// The likeliest may go. `least` ids stay at any rate, as in the others.
[[nodiscard]] constexpr ranking keep_typical(const ranking& r, std::uint64_t mass, std::size_t least = 1);
/// Keeps the ids of at least `probability`, in 1/2^32, and all that tie with the likeliest.
[[nodiscard]] constexpr ranking keep_epsilon(const ranking& r, std::uint64_t probability, std::size_t least = 1);
/// Keeps the ids of at least min(eta, sqrt(eta) * exp(-entropy)), eta in 1/2^32.
[[nodiscard]] constexpr ranking keep_eta(const ranking& r, std::uint64_t eta, std::size_t least = 1);
/// Keeps the ids from the likeliest on while their terms -p log p in sum are at most `share` (in 1/2^32) of the entropy.
[[nodiscard]] constexpr ranking keep_top_h(const ranking& r, std::uint64_t share, std::size_t least = 1);

// ---------------------------------------------------------------- bodies

constexpr std::uint64_t ranking::total() const {
    std::uint64_t sum = 0;
    for (const std::uint32_t id : ids) sum += weights[id];
    return sum;
}

namespace detail {
// -log2 of a weight's share of a total with this logarithm, in 1/2^24.
constexpr std::uint64_t surprise(std::uint64_t log_total, std::uint32_t weight) {
    return (log_total - std::min(log_total, log2_whole(weight)) + 128) >> 8;
}
// A weight times its surprise, in 1/2^8: 65536 of them still fit into 64 bits in sum.
constexpr std::uint64_t term(std::uint64_t log_total, std::uint32_t weight) {
    return (weight * surprise(log_total, weight) + 32768) >> 16;
}
constexpr std::uint64_t terms(const ranking& r, std::uint64_t log_total) {
    std::uint64_t sum = 0;
    for (const std::uint32_t id : r.ids) sum += term(log_total, r.weights[id]);
    return sum;
}
}  // namespace detail

constexpr std::uint64_t entropy(const ranking& r) {
    const std::uint64_t total = r.total(), sum = detail::terms(r, log2_whole(total));
    return (sum / total << 16) + (sum % total << 16) / total;
}

constexpr ranking keep_typical(const ranking& r, std::uint64_t mass, std::size_t least) {
    const std::uint64_t total = r.total(), log_total = log2_whole(total), mean = entropy(r);
    const std::uint64_t bound = detail::part_up(total, mass);
    const auto distance = [&](std::size_t place) {
        const std::uint64_t s = detail::surprise(log_total, r.weight(place));
        return s < mean ? mean - s : s - mean;
    };
    // Surprise rises along the ranking, so what is nearest the entropy grows from one place to both sides.
    std::size_t first = 0;
    while (first < r.size() && detail::surprise(log_total, r.weight(first)) < mean) ++first;
    std::size_t last = first;
    constexpr std::uint64_t none = ~std::uint64_t{0};
    std::uint64_t before = first > 0 ? distance(first - 1) : none;
    std::uint64_t after = last < r.size() ? distance(last) : none;
    std::uint64_t sum = 0, furthest = 0;
    for (;;) {
        const std::uint64_t next = std::min(before, after);
        if (next == none) break;
        if (last - first >= least && sum >= bound && next > furthest) break;
        furthest = std::max(furthest, next);
        if (before <= after) {
            sum += r.weight(--first);
            before = first > 0 ? distance(first - 1) : none;
        } else {
            sum += r.weight(last++);
            after = last < r.size() ? distance(last) : none;
        }
    }
    return r.part(first, last - first);
}

constexpr ranking keep_epsilon(const ranking& r, std::uint64_t probability, std::size_t least) {
    const std::uint64_t bound = detail::part_up(r.total(), probability);
    std::size_t n = r.size();
    while (n > least && r.weight(n - 1) < bound && r.weight(n - 1) < r.weight(0)) --n;
    return r.part(0, n);
}

constexpr ranking keep_eta(const ranking& r, std::uint64_t eta, std::size_t least) {
    const std::uint64_t eased =
        detail::root(std::min<std::uint64_t>(eta, 0xffffffffU) << 32) * exp2_weight(entropy(r) << 32) >> 31;
    return keep_epsilon(r, std::min(eta, eased), least);
}

constexpr ranking keep_top_h(const ranking& r, std::uint64_t share, std::size_t least) {
    const std::uint64_t log_total = log2_whole(r.total()), bound = detail::part_down(detail::terms(r, log_total), share);
    std::size_t n = 0;
    for (std::uint64_t sum = 0; n < r.size(); ++n) {
        sum += detail::term(log_total, r.weight(n));
        if (sum > bound && n >= least) break;
    }
    return r.part(0, n);
}

}  // namespace lofi::inline LOFI_ABI::sampling
