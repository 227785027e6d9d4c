#pragma once
// Writing two bars of drums with the groove network, a network step at a time.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/core/random.hpp>
#include <lofi/model/groove.hpp>
#include <lofi/model/logits.hpp>
#include <lofi/sampling/integer.hpp>

namespace lofi::inline LOFI_ABI::model {

/// How hits and touches are drawn. As it stands, from the raw network.
struct groove_sampling {
    sampling::integer_config hits{}, forces{}, offsets{};
    /// Added to the logits of hits, in 1/65536; `sampling::never`: not at all.
    std::array<std::int32_t, groove_voices> voice_bias{};
    std::int32_t downbeat = 0;  ///< added to that of a kick on the first beat of a bar
    std::int32_t backbeat = 0;  ///< added to that of a snare on the second and the fourth
};

/// The beginning of a groove that is given and not drawn.
struct groove_opening {
    std::span<const score::drum_hit> hits{};  ///< by step, then voice
    std::size_t steps = 0;                    ///< how many steps are given; hits beyond them do not count
};

/// Takes from the offsets what all hits share: the mean of the first sixteenths of the eighths and that of the second. What is left is how
/// each hit lies against the others, on whatever grid the groove is played, straight or swung.
constexpr void level_timing(groove_pattern& pattern);

/// Writes one groove. All hits come first, then how each is played; each step is bounded, so that a groove may be written in slices.
/// Hits and touches have random numbers of their own: what moves one does not move the other.
template <groove_config C, class Backend>
class groove_writer {
public:
    using network = groove_network<C, Backend>;

    /// Copies everything but the weights.
    groove_writer(Backend be, typename network::params p, const groove_conditions& c, const groove_sampling& sampling,
                  random_key key, const groove_opening& opening = {});

    /// Writes one step, or how one hit is played; true while there is more to write.
    /// realtime: yes
    bool step() noexcept;
    /// Writes to the end.
    const groove_pattern& generate() noexcept {
        while (step()) {
        }
        return pattern_;
    }
    /// What is written so far. While hits are still to come it is empty.
    [[nodiscard]] const groove_pattern& pattern() const { return pattern_; }

private:
    using sum = typename network::sum;
    void step_hits() noexcept;
    void step_touches() noexcept;
    // The given hit of a place, if there is one.
    [[nodiscard]] const score::drum_hit* given(std::size_t step, std::size_t voice) const {
        for (const score::drum_hit& h : opening_)
            if (h.step == step && static_cast<std::size_t>(h.voice) == voice) return &h;
        return nullptr;
    }

    Backend be_;
    typename network::params params_;
    typename network::template state<network::H> hits_;
    typename network::template state<network::R> touches_;
    groove_sampling sampling_;
    groove_pattern opening_, pattern_;
    std::size_t given_steps_, count_ = 0;
    hit_state hit_state_;
    touch_state touch_state_;
    random_stream hit_random_, force_random_, offset_random_;
    sampling::integer_sampler<2> hit_sampler_;
    sampling::integer_sampler<touch_classes> force_sampler_, offset_sampler_;
};

// ---------------------------------------------------------------- bodies

constexpr void level_timing(groove_pattern& pattern) {
    std::array<std::int32_t, 2> sum{}, count{};
    for (const score::drum_hit& h : pattern) sum[h.step % 2U] += h.offset, ++count[h.step % 2U];
    // Where few hits fall between the eighths, those lie as the others do.
    constexpr std::int32_t few = 3;
    const std::array<std::int32_t, 2> mean = {sum[0] / std::max(1, count[0]),
                                              count[1] < few ? sum[0] / std::max(1, count[0]) : sum[1] / count[1]};
    for (score::drum_hit& h : pattern) h.offset = static_cast<std::int8_t>(std::clamp(h.offset - mean[h.step % 2U], -64, 64));
}

template <groove_config C, class Backend>
groove_writer<C, Backend>::groove_writer(Backend be, typename network::params p, const groove_conditions& c,
                                         const groove_sampling& sampling, random_key key, const groove_opening& opening)
    : be_(be),
      params_(p),
      sampling_(sampling),
      given_steps_(std::min(opening.steps, groove_steps)),
      hit_state_(c),
      hit_random_(key.child("hits")),
      force_random_(key.child("forces")),
      offset_random_(key.child("offsets")),
      hit_sampler_(sampling.hits),
      force_sampler_(sampling.forces),
      offset_sampler_(sampling.offsets) {
    for (const score::drum_hit& h : opening.hits)
        if (h.step < given_steps_ && static_cast<std::size_t>(h.voice) < groove_voices && !opening_.full())
            opening_.push_back(h);
    const auto z = to_activations<Backend>(c);
    network::reset_hits(be_, params_, hits_, frame<const typename network::activation, condition_size>(z));
    network::reset_touches(be_, params_, touches_, frame<const typename network::activation, condition_size>(z));
}

template <groove_config C, class Backend>
bool groove_writer<C, Backend>::step() noexcept {
    if (hit_state_.length() < groove_steps) {
        step_hits();
        if (hit_state_.length() == groove_steps) touch_state_ = touch_state(hit_state_.steps());
    } else if (!touch_state_.done()) {
        step_touches();
    }
    return hit_state_.length() < groove_steps || !touch_state_.done();
}

template <groove_config C, class Backend>
void groove_writer<C, Backend>::step_hits() noexcept {
    const std::size_t at = hit_state_.length();
    hit_state::ids ids;
    hit_state_.features(ids);
    std::array<sum, hit_outputs> y;
    network::step_hits(be_, params_, hits_, ids, frame<sum, hit_outputs>(y));
    voice_mask now = 0;
    for (std::size_t v = 0; v < groove_voices && count_ < most_hits; ++v) {
        const auto drum = static_cast<score::drum>(v);
        bool plays = false;
        if (at < given_steps_) {
            plays = given(at, v) != nullptr;
        } else {
            std::array<std::int32_t, 2> logits{};
            hit_terms(v, now, hit_state_.before(16), [&](std::size_t output) { logits[1] += detail::logit_q16(y[output]); });
            if (sampling_.voice_bias[v] == sampling::never)
                logits[1] = sampling::never;
            else
                logits[1] += sampling_.voice_bias[v] + (at % 16 == 0 && drum == score::drum::kick   ? sampling_.downbeat
                                                        : at % 8 == 4 && drum == score::drum::snare ? sampling_.backbeat
                                                                                                    : 0);
            plays = hit_sampler_.sample({.logits = logits}, hit_random_) == 1;
        }
        if (plays) now = static_cast<voice_mask>(now | 1U << v), ++count_;
    }
    hit_state_.push(now);
}

template <groove_config C, class Backend>
void groove_writer<C, Backend>::step_touches() noexcept {
    touch_state::ids ids;
    touch_state_.features(ids);
    std::array<sum, touch_outputs> y;
    network::step_touches(be_, params_, touches_, ids, frame<sum, touch_outputs>(y));
    score::drum_hit hit{static_cast<std::uint8_t>(touch_state_.step()), static_cast<score::drum>(touch_state_.voice()), {}, 0};
    touch t;
    if (const score::drum_hit* const g = given(touch_state_.step(), touch_state_.voice())) {
        hit = *g;
        t = {velocity_class(hit.force), offset_class(hit.offset)};
    } else {
        std::array<std::int32_t, touch_classes> logits{};
        for (std::size_t k = 0; k < touch_classes; ++k) logits[k] = detail::logit_q16(y[k]);
        t.force = static_cast<std::uint8_t>(force_sampler_.sample({.logits = logits}, force_random_));
        logits = {};
        offset_terms(t.force, [&](std::size_t symbol, std::size_t output) { logits[symbol] += detail::logit_q16(y[output]); });
        t.offset = static_cast<std::uint8_t>(offset_sampler_.sample({.logits = logits}, offset_random_));
        // Within their class all values are alike.
        hit.force = score::velocity(t.force * 8 + static_cast<int>(uniform_below(force_random_, 8)));
        hit.offset = static_cast<std::int8_t>(t.offset * 8 - 64 + static_cast<int>(uniform_below(offset_random_, 8)));
    }
    pattern_.push_back(hit);
    touch_state_.push(t);
}

}  // namespace lofi::inline LOFI_ABI::model
