#pragma once
// From logits to an id: penalty, bias, mask, temperature, and the filters from top-k to top-h.
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include <lofi/core/error.hpp>
#include <lofi/core/math.hpp>
#include <lofi/core/random.hpp>
#include <lofi/sampling/mask.hpp>
#include <lofi/sampling/weights.hpp>

namespace lofi::inline LOFI_ABI::sampling {

/// How ids are sampled. The values that stand here change nothing.
struct sampler_config {
    float temperature = 1.0F;  ///< divides the logits; 0 takes the largest, the lowest id of several
    std::uint32_t top_k = 0;   ///< see `filters`; 0 is off
    float top_p = 1.0F;
    float min_p = 0.0F;
    float repetition_penalty = 1.0F;  ///< divides logits above 0 of ids heard before, multiplies those below 0
    float typical = 1.0F;             ///< see `filters`, as the rest
    float epsilon = 0.0F;
    float eta = 0.0F;
    float top_h = 1.0F;
    std::uint32_t keep_least = 1;
};

/// Checks numbers from outside.
/// errors: "temperature: -1 is not a number from 0 on" and the like
[[nodiscard]] result<void> check(const sampler_config& config);

/// What one draw is made from. Everything but the logits may be left out.
struct logits_view {
    std::span<const float> logits;  ///< -infinity removes an id, and so does what is not a number
    mask_view allowed{};            ///< ids that may come
    std::span<const float> bias{};  ///< is added to the logits, one number an id
    mask_view heard{};              ///< ids that the repetition penalty is for
};

/// Draws ids from at most MaxV of them. Steps, in this order: repetition penalty, bias and mask, temperature, top-k, top-p,
/// min-p, typical, epsilon, eta, top-h; then one word of the stream decides, whatever the settings are, so that streams stay in step when settings move.
/// A mask that allows none of the ids is not applied. Where mask, bias and logits together leave none, all ids that the mask
/// allows are equally likely.
/// realtime: yes
/// source: Holtzman and others 2020 (top-p); Keskar and others 2019 (penalty); Nguyen and others 2024 (min-p);
/// Meister and others 2023 (typical); Hewitt and others 2022 (epsilon, eta); Baghaei Potraghloo and others 2025 (top-h)
template <std::size_t MaxV>
class sampler {
public:
    constexpr explicit sampler(const sampler_config& config = {}) : config_(config) {
        LOFI_ASSERT(config.temperature >= 0.0F && config.repetition_penalty > 0.0F, "a sampler's config passes check()");
    }
    [[nodiscard]] constexpr const sampler_config& config() const { return config_; }

    [[nodiscard]] constexpr std::size_t sample(const logits_view& in, random_stream& stream) {
        return draw(weights(in), stream);
    }
    /// The weights that `sample` draws from; valid until the next call. `tell` hears of every id that falls out: see `trace`.
    template <class Tell = untold>
    [[nodiscard]] constexpr std::span<const std::uint32_t> weights(const logits_view& in, Tell&& tell = {});

private:
    sampler_config config_;
    std::array<float, MaxV> values_{};
    std::array<std::uint32_t, MaxV> weights_{};
    std::array<std::uint32_t, MaxV> order_{};
};

// ---------------------------------------------------------------- bodies

namespace detail {
// Whether a mask allows any of the first V ids.
constexpr bool allows_any(mask_view mask, std::size_t V) {
    for (std::size_t id = 0; id < V; ++id)
        if (mask.has(id)) return true;
    return false;
}
constexpr std::uint64_t fraction_of_2_32(float share) {
    return share <= 0.0F ? 0 : share >= 1.0F ? filters::one : static_cast<std::uint64_t>(double{share} * 4294967296.0);
}
inline constexpr float removed = -std::numeric_limits<float>::infinity();
}  // namespace detail

inline result<void> check(const sampler_config& c) {
    const auto refused = [](std::string_view name, float value, std::string_view what) {
        return error(name, std::to_string(value) + " is not a number " + std::string(what));
    };
    constexpr float largest = std::numeric_limits<float>::max();
    if (!(c.temperature >= 0.0F && c.temperature <= largest)) return refused("temperature", c.temperature, "from 0 on");
    if (!(c.top_p > 0.0F && c.top_p <= 1.0F)) return refused("top_p", c.top_p, "above 0 and at most 1");
    if (!(c.min_p >= 0.0F && c.min_p <= 1.0F)) return refused("min_p", c.min_p, "from 0 to 1");
    if (!(c.typical > 0.0F && c.typical <= 1.0F)) return refused("typical", c.typical, "above 0 and at most 1");
    if (!(c.epsilon >= 0.0F && c.epsilon < 1.0F)) return refused("epsilon", c.epsilon, "from 0 to below 1");
    if (!(c.eta >= 0.0F && c.eta < 1.0F)) return refused("eta", c.eta, "from 0 to below 1");
    if (!(c.top_h > 0.0F && c.top_h <= 1.0F)) return refused("top_h", c.top_h, "above 0 and at most 1");
    if (!(c.repetition_penalty > 0.0F && c.repetition_penalty <= largest))
        return refused("repetition_penalty", c.repetition_penalty, "above 0");
    return {};
}

template <std::size_t MaxV>
template <class Tell>
constexpr std::span<const std::uint32_t> sampler<MaxV>::weights(const logits_view& in, Tell&& tell) {
    const std::size_t V = in.logits.size();
    LOFI_ASSERT(V > 0 && V <= MaxV, "a sampler takes from 1 to MaxV logits");
    LOFI_ASSERT(in.bias.empty() || in.bias.size() == V, "a bias has one number for each logit");
    const std::span<float> x(values_.data(), V);
    const std::span<std::uint32_t> w(weights_.data(), V);
    const bool masked = !in.allowed.empty() && detail::allows_any(in.allowed, V);
    constexpr float largest = std::numeric_limits<float>::max();

    std::size_t best = V;
    for (std::size_t id = 0; id < V; ++id) {
        float v = in.logits[id];
        if (in.heard.has(id)) v = v < 0.0F ? v * config_.repetition_penalty : v / config_.repetition_penalty;
        if (!in.bias.empty()) v += in.bias[id];
        // The comparison is false for what is not a number.
        x[id] = v > detail::removed && (!masked || in.allowed.has(id)) ? (v < largest ? v : largest) : detail::removed;
        if (!(x[id] > detail::removed)) tell(id, masked && !in.allowed.has(id) ? fate::masked : fate::removed);
        if (x[id] > detail::removed && (best == V || x[id] > x[best])) best = id;
    }
    if (best == V) {
        for (std::size_t id = 0; id < V; ++id) {
            const bool may = !masked || in.allowed.has(id);
            x[id] = may ? 0.0F : detail::removed;
            if (may) tell(id, fate::stays);
            if (may && best == V) best = id;
        }
    }

    if (config_.temperature == 0.0F) {
        for (std::size_t id = 0; id < V; ++id) {
            if (x[id] > detail::removed && id != best) tell(id, fate::temperature);
            w[id] = 0;
        }
        w[best] = full_weight;
        return w;
    }
    const double largest_value = x[best], scale = 1.4426950408889634 / double{config_.temperature};
    for (std::size_t id = 0; id < V; ++id) {
        const double octaves = x[id] > detail::removed ? (double{x[id]} - largest_value) * scale : -64.0;
        w[id] = octaves < -33.0 ? 0 : static_cast<std::uint32_t>(math::exp2(octaves) * double{full_weight} + 0.5);
        if (w[id] == 0 && x[id] > detail::removed) tell(id, fate::weightless);
    }
    apply(filters{.top_k = config_.top_k,
                  .top_p = detail::fraction_of_2_32(config_.top_p),
                  .min_p = detail::fraction_of_2_32(config_.min_p),
                  .typical = detail::fraction_of_2_32(config_.typical),
                  .epsilon = detail::fraction_of_2_32(config_.epsilon),
                  .eta = detail::fraction_of_2_32(config_.eta),
                  .top_h = detail::fraction_of_2_32(config_.top_h),
                  .keep_least = config_.keep_least},
          std::span<const float>(x), w, std::span<std::uint32_t>(order_.data(), V), tell);
    return w;
}

}  // namespace lofi::inline LOFI_ABI::sampling
