#pragma once
// The unsteady speed of tape: slow wow, quick flutter and a drift without a period.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/audio/block.hpp>
#include <lofi/core/phase.hpp>
#include <lofi/dsp/delay.hpp>
#include <lofi/dsp/denormal.hpp>
#include <lofi/dsp/noise.hpp>

namespace lofi::inline LOFI_ABI::dsp {

struct wow_flutter_config {
    double wow_cents = 6.0;      ///< largest change of pitch by the turning of the reel
    double flutter_cents = 1.5;  ///< and by the capstan
    double drift_cents = 3.0;    ///< and at random
    hertz wow{0.55};
    hertz flutter{7.3};
};

/// Plays both channels through one moving tape head. What the speed does is a change of delay around `latency()`.
class wow_flutter {
public:
    explicit wow_flutter(hertz rate, random_key key = {}, wow_flutter_config config = {});

    /// Changes the depths; the delay glides there over some tenths of a second, so that nothing jumps.
    void set(const wow_flutter_config& config) noexcept;
    void reset();
    /// The delay around which the head moves.
    [[nodiscard]] frames latency() const { return frames(centre_ >> 16); }
    /// writes: = x
    void process(audio::stereo_view x) noexcept;

private:
    static constexpr std::uint32_t drift_period_ms = 350;
    hertz rate_;
    delay_line left_, right_;
    white_noise noise_, initial_;
    phase32 wow_, flutter_, drift_;
    std::uint32_t wow_step_ = 0, flutter_step_ = 0, drift_step_ = 0;
    float wow_depth_ = 0.0F, flutter_depth_ = 0.0F, drift_depth_ = 0.0F;  // in 2^-16 frames, where they glide to
    float wow_now_ = 0.0F, flutter_now_ = 0.0F, drift_now_ = 0.0F, glide_ = 0.0F;
    float drift_from_ = 0.0F, drift_to_ = 0.0F;
    std::int32_t centre_ = 0, reach_ = 0;
};

// ---------------------------------------------------------------- bodies

inline wow_flutter::wow_flutter(hertz rate, random_key key, wow_flutter_config config)
    : rate_(rate),
      left_(frames(static_cast<std::int64_t>(rate.value * 0.022) + 8)),
      right_(left_),
      noise_(key),
      initial_(noise_),
      drift_step_(phase32::step(hertz(1000.0 / drift_period_ms), rate)),
      glide_(static_cast<float>(1.0 - math::exp(-1.0 / (0.3 * rate.value)))),
      centre_(static_cast<std::int32_t>(rate.value * 0.010) * 65536 + (4 << 16)),
      reach_(static_cast<std::int32_t>(rate.value * 0.010) * 65536) {
    set(config);
    wow_now_ = wow_depth_, flutter_now_ = flutter_depth_, drift_now_ = drift_depth_;
}

inline void wow_flutter::set(const wow_flutter_config& c) noexcept {
    // A delay of d sin(2 pi f t) seconds changes the speed by up to 2 pi f d.
    const auto depth = [&](double cents, double f) {
        return static_cast<float>((math::exp2(cents / 1200.0) - 1.0) / (2.0 * math::pi * std::max(f, 0.01)) * rate_.value *
                                  65536.0);
    };
    wow_step_ = phase32::step(c.wow, rate_), flutter_step_ = phase32::step(c.flutter, rate_);
    wow_depth_ = depth(c.wow_cents, c.wow.value), flutter_depth_ = depth(c.flutter_cents, c.flutter.value);
    drift_depth_ = depth(c.drift_cents, 0.4 * 1000.0 / drift_period_ms);
}

inline void wow_flutter::reset() {
    left_.reset(), right_.reset();
    noise_ = initial_;
    wow_ = flutter_ = drift_ = {};
    drift_from_ = drift_to_ = 0.0F;
    wow_now_ = wow_depth_, flutter_now_ = flutter_depth_, drift_now_ = drift_depth_;
}

inline void wow_flutter::process(audio::stereo_view x) noexcept {
    constexpr std::size_t most = 32;
    for (std::size_t first = 0; first < x.size(); first += most) {
        const std::size_t n = std::min(most, x.size() - first);
        std::array<float, most> reel, capstan;
        for (std::uint32_t i = 0; i < most; ++i) reel[i] = math::sin_turns(wow_.value() + wow_step_ * i);
        for (std::uint32_t i = 0; i < most; ++i) capstan[i] = math::sin_turns(flutter_.value() + flutter_step_ * i);
        wow_.advance(wow_step_, static_cast<std::uint32_t>(n)), flutter_.advance(flutter_step_, static_cast<std::uint32_t>(n));
        for (std::size_t i = 0; i < n; ++i) {
            const std::uint32_t before = drift_.value();
            drift_.advance(drift_step_);
            if (drift_.value() < before) drift_from_ = drift_to_, drift_to_ = noise_.tick();
            const float t = drift_.unit(), smooth = t * t * (3.0F - 2.0F * t);
            wow_now_ += glide_ * (wow_depth_ - wow_now_);
            flutter_now_ += glide_ * (flutter_depth_ - flutter_now_);
            drift_now_ += glide_ * (drift_depth_ - drift_now_);
            const float moved = wow_now_ * reel[i] + flutter_now_ * capstan[i] +
                                drift_now_ * (drift_from_ + smooth * (drift_to_ - drift_from_));
            const auto delay =
                static_cast<std::uint32_t>(centre_ + std::clamp(static_cast<std::int32_t>(moved), -reach_, reach_));
            left_.write(x.left[first + i]), right_.write(x.right[first + i]);
            x.left[first + i] = left_.read_q16(delay), x.right[first + i] = right_.read_q16(delay);
        }
        for (float* depth : {&wow_now_, &flutter_now_, &drift_now_}) *depth = flush(*depth);
    }
}

}  // namespace lofi::inline LOFI_ABI::dsp
