#pragma once
// The sampler in whole numbers alone, for the fixed backend: the same ids on every machine, every compiler and flag.
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include <lofi/core/math.hpp>
#include <lofi/sampling/sampler.hpp>

namespace lofi::inline LOFI_ABI::sampling {

/// `sampler_config` in units of 1/65536.
struct integer_config {
    std::uint32_t temperature = 65536;  ///< 0 takes the largest
    std::uint32_t top_k = 0;
    std::uint32_t top_p = 65536;
    std::uint32_t min_p = 0;
    std::uint32_t repetition_penalty = 65536;
};

/// The nearest integer settings, at most 16 for the penalty and 65535 for the temperature.
[[nodiscard]] constexpr integer_config to_integer(const sampler_config& config);

/// A logit or bias that removes its id.
inline constexpr std::int32_t never = std::numeric_limits<std::int32_t>::min();

/// What one draw is made from; logits and bias in 1/65536 of a natural-log unit.
struct integer_logits_view {
    std::span<const std::int32_t> logits;
    mask_view allowed{};
    std::span<const std::int32_t> bias{};
    mask_view heard{};
};

/// e to the minus x as a weight, `full_weight` for 0. x in 1/2^32, at most 23 * 2^32.
/// measured: off by at most 12 where 2^31 is full, and 1.4e-7 of the weight beside the rounding
[[nodiscard]] constexpr std::uint32_t exp_weight(std::uint64_t x);

/// Draws ids as `sampler` does, step by step, in whole numbers.
/// realtime: yes
template <std::size_t MaxV>
class integer_sampler {
public:
    constexpr explicit integer_sampler(const integer_config& config = {}) : config_(config) {
        LOFI_ASSERT(config.repetition_penalty > 0 && config.repetition_penalty <= 16U << 16,
                    "a penalty is above 0 and at most 16");
    }
    [[nodiscard]] constexpr const integer_config& config() const { return config_; }

    [[nodiscard]] constexpr std::size_t sample(const integer_logits_view& in, random_stream& stream) {
        return draw(weights(in), stream);
    }
    /// The weights that `sample` draws from; valid until the next call.
    [[nodiscard]] constexpr std::span<const std::uint32_t> weights(const integer_logits_view& in);

private:
    integer_config config_;
    std::array<std::int64_t, MaxV> values_{};
    std::array<std::uint32_t, MaxV> weights_{};
    std::array<std::uint32_t, MaxV> order_{};
};

// ---------------------------------------------------------------- bodies

constexpr integer_config to_integer(const sampler_config& c) {
    const auto q16 = [](float v, float most) {
        const float held = v < most ? v : most;
        return static_cast<std::uint32_t>(double{held} * 65536.0 + 0.5);
    };
    integer_config out;
    out.temperature = q16(c.temperature, 65535.0F);
    out.top_k = c.top_k;
    out.top_p = q16(c.top_p, 1.0F);
    out.min_p = q16(c.min_p, 1.0F);
    out.repetition_penalty = q16(c.repetition_penalty, 16.0F);
    // What is above 0 stays above 0: a 0 would mean something else.
    if (out.temperature == 0 && c.temperature > 0.0F) out.temperature = 1;
    if (out.repetition_penalty == 0) out.repetition_penalty = 1;
    return out;
}

namespace detail {
// 2 to the -i/64 in units of 2^-31. Made in constant evaluation, so no machine's floating point has a say in it; a test holds
// its hash.
inline constexpr std::array<std::uint32_t, 64> exp2_table = [] {
    std::array<std::uint32_t, 64> t{};
    for (std::size_t i = 0; i < t.size(); ++i)
        t[i] = static_cast<std::uint32_t>(math::exp2(-static_cast<double>(i) / 64.0) * double{full_weight} + 0.5);
    return t;
}();
inline constexpr std::int64_t gone = std::numeric_limits<std::int64_t>::min();
}  // namespace detail

constexpr std::uint32_t exp_weight(std::uint64_t x) {
    // log2(e) in 1/2^24: x becomes octaves in 1/2^56. Whole octaves shift, 64 parts of one are looked up, and the rest r,
    // below 1/64 of an octave, is 1 - r + r^2/2 - r^3/6 in 1/2^32.
    const std::uint64_t octaves = x * 24204406U;
    const std::uint64_t r = ((octaves & ((std::uint64_t{1} << 50) - 1)) >> 24) * 2977044472U >> 32;
    const std::uint64_t r2 = r * r >> 32, r3 = r2 * r >> 32;
    const std::uint64_t rest = (std::uint64_t{1} << 32) - r + r2 / 2 - r3 / 6;
    const std::uint64_t weight = detail::exp2_table[octaves >> 50 & 63U] * rest >> 32;
    const auto whole = static_cast<unsigned>(octaves >> 56);
    return static_cast<std::uint32_t>(whole == 0 ? weight : ((weight >> (whole - 1)) + 1) >> 1);
}

template <std::size_t MaxV>
constexpr std::span<const std::uint32_t> integer_sampler<MaxV>::weights(const integer_logits_view& in) {
    const std::size_t V = in.logits.size();
    LOFI_ASSERT(V > 0 && V <= MaxV, "a sampler takes from 1 to MaxV logits");
    LOFI_ASSERT(in.bias.empty() || in.bias.size() == V, "a bias has one number for each logit");
    const std::span<std::int64_t> x(values_.data(), V);
    const std::span<std::uint32_t> w(weights_.data(), V);
    const bool masked = !in.allowed.empty() && detail::allows_any(in.allowed, V);
    const std::int64_t penalty = config_.repetition_penalty;

    std::size_t best = V;
    for (std::size_t id = 0; id < V; ++id) {
        const bool out =
            in.logits[id] == never || (!in.bias.empty() && in.bias[id] == never) || (masked && !in.allowed.has(id));
        std::int64_t v = in.logits[id];
        if (in.heard.has(id)) v = v < 0 ? (v * penalty - 32768) / 65536 : (v * 65536 + penalty / 2) / penalty;
        if (!in.bias.empty()) v += in.bias[id];
        x[id] = out ? detail::gone : v;
        if (!out && (best == V || v > x[best])) best = id;
    }
    if (best == V) {
        for (std::size_t id = 0; id < V; ++id) {
            const bool may = !masked || in.allowed.has(id);
            x[id] = may ? 0 : detail::gone;
            if (may && best == V) best = id;
        }
    }

    if (config_.temperature == 0) {
        for (std::uint32_t& one : w) one = 0;
        w[best] = full_weight;
        return w;
    }
    // One over the temperature in 1/2^24; a value further than 23 units below the largest has no weight any more.
    const std::uint64_t sharpness = ((std::uint64_t{1} << 40) + config_.temperature / 2) / config_.temperature;
    const std::uint64_t furthest = (std::uint64_t{23} << 40) / sharpness;
    for (std::size_t id = 0; id < V; ++id) {
        w[id] = 0;
        if (x[id] == detail::gone) continue;
        const auto below = static_cast<std::uint64_t>(x[best] - x[id]);
        if (below <= furthest) w[id] = exp_weight(below * sharpness >> 8);
    }
    apply(filters{config_.top_k, std::uint64_t{config_.top_p} << 16, std::uint64_t{config_.min_p} << 16},
          std::span<const std::int64_t>(x), w, std::span<std::uint32_t>(order_.data(), V));
    return w;
}

}  // namespace lofi::inline LOFI_ABI::sampling
