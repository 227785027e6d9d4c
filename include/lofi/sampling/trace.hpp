#pragma once
// Why each id may come or may not: for people who look for what their settings and masks did to the music.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <lofi/core/fixed_vector.hpp>
#include <lofi/sampling/mask.hpp>
#include <lofi/sampling/weights.hpp>

namespace lofi::inline LOFI_ABI::sampling {

[[nodiscard]] constexpr std::string_view to_string(fate f);

/// Hears what became of each of V ids. Give it to a sampler's `weights` as it is:
///
///     trace<V> seen;
///     seen.lay("scale", scale).lay("copy guard", guard);    // so that a mask has a name
///     seen.weigh(sampler.weights(in, seen));                // the shares, last
///     seen.why(id);                                         // "scale", "top-p", "stays"
///
/// A sampler that is not asked makes the same code as if there were no trace.
/// realtime: yes
template <std::size_t V>
class trace {
public:
    /// Names a mask that was laid; an id outside the mask of the draw is blamed on the first of these that lacks it. At most
    /// eight; the name has to outlive the trace.
    constexpr trace& lay(std::string_view name, const id_mask<V>& mask) {
        laid_.push_back({name, mask});
        return *this;
    }
    /// Called by the sampler.
    constexpr void operator()(std::size_t id, fate f) { fates_[id] = f; }
    /// Takes the weights that the sampler made.
    constexpr void weigh(std::span<const std::uint32_t> weights);
    /// Forgets everything.
    constexpr void reset() { *this = trace(); }

    [[nodiscard]] constexpr fate what(std::size_t id) const { return fates_[id]; }
    /// The mask that took it, or else the step.
    [[nodiscard]] constexpr std::string_view why(std::size_t id) const;
    /// The probability in 1/2^32, rounded down; 0 for what fell out.
    [[nodiscard]] constexpr std::uint64_t share(std::size_t id) const { return shares_[id]; }

private:
    struct named {
        std::string_view name;
        id_mask<V> mask;
    };
    std::array<fate, V> fates_{};
    std::array<std::uint64_t, V> shares_{};
    fixed_vector<named, 8> laid_;
};

// ---------------------------------------------------------------- bodies

constexpr std::string_view to_string(fate f) {
    constexpr std::string_view names[] = {"stays", "masked", "removed", "temperature", "weightless", "top-k",
                                          "top-p", "min-p",  "typical", "epsilon",     "eta",        "top-h"};
    return names[static_cast<std::size_t>(f)];
}

template <std::size_t V>
constexpr void trace<V>::weigh(std::span<const std::uint32_t> weights) {
    LOFI_ASSERT(weights.size() <= V, "a trace has a place for each id");
    std::uint64_t total = 0;
    for (const std::uint32_t w : weights) total += w;
    // Weights have 31 bits and totals 47 at most: the remainder below the total times 2^16, twice, stays within 64.
    for (std::size_t id = 0; id < weights.size() && total != 0; ++id) {
        const std::uint64_t high = (std::uint64_t{weights[id]} << 16) / total,
                            rest = (std::uint64_t{weights[id]} << 16) % total;
        shares_[id] = (high << 16) + (rest << 16) / total;
    }
}

template <std::size_t V>
constexpr std::string_view trace<V>::why(std::size_t id) const {
    if (fates_[id] == fate::masked)
        for (const named& m : laid_)
            if (!m.mask.has(id)) return m.name;
    return to_string(fates_[id]);
}

}  // namespace lofi::inline LOFI_ABI::sampling
