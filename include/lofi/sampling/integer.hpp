#pragma once
// The sampler in whole numbers alone, for the fixed backend: the same ids on every machine, every compiler and flag.
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include <lofi/sampling/exponent.hpp>
#include <lofi/sampling/sampler.hpp>

namespace lofi::inline LOFI_ABI::sampling {

/// `sampler_config` in units of 1/65536.
struct integer_config {
    std::uint32_t temperature = 65536;  ///< 0 takes the largest
    std::uint32_t top_k = 0;
    std::uint32_t top_p = 65536;
    std::uint32_t min_p = 0;
    std::uint32_t repetition_penalty = 65536;
    std::uint32_t typical = 65536;
    std::uint32_t epsilon = 0;  ///< in 1/2^32
    std::uint32_t eta = 0;      ///< in 1/2^32
    std::uint32_t top_h = 65536;
    std::uint32_t keep_least = 1;  ///< ids
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
    /// The weights that `sample` draws from; valid until the next call. `tell` hears of every id that falls out: see `trace`.
    template <class Tell = untold>
    [[nodiscard]] constexpr std::span<const std::uint32_t> weights(const integer_logits_view& in, Tell&& tell = {});

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
    out.typical = q16(c.typical, 1.0F);
    out.top_h = q16(c.top_h, 1.0F);
    const auto q32 = [](float v) {
        return static_cast<std::uint32_t>(std::min<std::uint64_t>(detail::fraction_of_2_32(v), 0xffffffffU));
    };
    out.epsilon = q32(c.epsilon);
    out.eta = q32(c.eta);
    out.keep_least = c.keep_least;
    return out;
}

namespace detail {
inline constexpr std::int64_t gone = std::numeric_limits<std::int64_t>::min();
}  // namespace detail

template <std::size_t MaxV>
template <class Tell>
constexpr std::span<const std::uint32_t> integer_sampler<MaxV>::weights(const integer_logits_view& in, Tell&& tell) {
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
        if (out) tell(id, masked && !in.allowed.has(id) ? fate::masked : fate::removed);
        if (!out && (best == V || v > x[best])) best = id;
    }
    if (best == V) {
        for (std::size_t id = 0; id < V; ++id) {
            const bool may = !masked || in.allowed.has(id);
            x[id] = may ? 0 : detail::gone;
            if (may) tell(id, fate::stays);
            if (may && best == V) best = id;
        }
    }

    if (config_.temperature == 0) {
        for (std::size_t id = 0; id < V; ++id) {
            if (x[id] != detail::gone && id != best) tell(id, fate::temperature);
            w[id] = 0;
        }
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
        if (w[id] == 0) tell(id, fate::weightless);
    }
    apply(filters{.top_k = config_.top_k,
                  .top_p = std::uint64_t{config_.top_p} << 16,
                  .min_p = std::uint64_t{config_.min_p} << 16,
                  .typical = std::uint64_t{config_.typical} << 16,
                  .epsilon = config_.epsilon,
                  .eta = config_.eta,
                  .top_h = std::uint64_t{config_.top_h} << 16,
                  .keep_least = config_.keep_least},
          std::span<const std::int64_t>(x), w, std::span<std::uint32_t>(order_.data(), V), tell);
    return w;
}

}  // namespace lofi::inline LOFI_ABI::sampling
