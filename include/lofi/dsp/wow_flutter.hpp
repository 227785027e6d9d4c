#pragma once
// The unsteady speed of tape: slow wow, quick flutter and a drift without a period.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/audio/block.hpp>
#include <lofi/core/phase.hpp>
#include <lofi/dsp/breath.hpp>
#include <lofi/dsp/delay.hpp>
#include <lofi/dsp/filter.hpp>
#include <lofi/dsp/glide.hpp>
#include <lofi/dsp/noise.hpp>

namespace lofi::inline LOFI_ABI::dsp {

struct wow_flutter_config {
    double wow_cents = 6.0;      ///< largest change of pitch by the turning of the reel
    double flutter_cents = 1.5;  ///< and by the capstan
    double drift_cents = 3.0;    ///< and at random
    hertz wow{0.55};
    hertz flutter{7.3};
};

/// Plays both channels through one moving tape head. What the speed does is a change of delay around `latency()`, reckoned
/// every 32 frames; between, the delay runs in straight lines.
class wow_flutter {
public:
    explicit wow_flutter(hertz rate, random_key key = {}, wow_flutter_config config = {});

    /// Changes the depths; the delay glides there over some tenths of a second, so that nothing jumps.
    void set(const wow_flutter_config& config) noexcept;
    void reset() noexcept { reset(key_); }
    /// Starts anew, as one that was made with this key and the last settings.
    void reset(random_key key) noexcept;
    /// The delay around which the head moves.
    [[nodiscard]] frames latency() const { return frames(centre_ >> 16); }
    /// writes: = x
    void process(audio::stereo_view x) noexcept;

private:
    static constexpr std::uint32_t drift_period_ms = 350;
    static constexpr std::size_t group = 32;
    void next() noexcept;

    hertz rate_;
    random_key key_;
    delay_line left_, right_;
    white_noise noise_;
    phase32 wow_, flutter_, drift_;  // at the end of the present group
    std::uint32_t wow_step_ = 0, flutter_step_ = 0, drift_step_ = 0;
    glide wow_depth_, flutter_depth_, drift_depth_;  // in 2^-16 frames
    breath breath_;                                  // the reel does not always pull alike
    float share_ = 0.0F, drift_from_ = 0.0F, drift_to_ = 0.0F;
    std::int32_t centre_ = 0, reach_ = 0;
    std::int32_t delay_ = 0, slope_ = 0;  // in 2^-16 frames: at the beginning of the group, and what a frame adds
    std::size_t at_ = 0;
};

// ---------------------------------------------------------------- bodies

inline wow_flutter::wow_flutter(hertz rate, random_key key, wow_flutter_config config)
    : rate_(rate),
      key_(key),
      left_(frames(static_cast<std::int64_t>(rate.value * 0.022) + 8 + std::int64_t{group})),
      right_(left_),
      noise_(key),
      drift_step_(phase32::step(hertz(1000.0 / drift_period_ms), rate)),
      breath_(seconds(4.3), rate / static_cast<double>(group)),
      share_(static_cast<float>(approach(seconds(0.3), rate / static_cast<double>(group)))),
      centre_(static_cast<std::int32_t>(rate.value * 0.010) * 65536 + (4 << 16)),
      reach_(static_cast<std::int32_t>(rate.value * 0.010) * 65536) {
    set(config);
    reset();
}

inline void wow_flutter::set(const wow_flutter_config& c) noexcept {
    // A delay of d sin(2 pi f t) seconds changes the speed by up to 2 pi f d.
    const auto depth = [&](double cents, double f) {
        return static_cast<float>((math::exp2(cents / 1200.0) - 1.0) / (2.0 * math::pi * std::max(f, 0.01)) * rate_.value *
                                  65536.0);
    };
    wow_step_ = phase32::step(c.wow, rate_), flutter_step_ = phase32::step(c.flutter, rate_);
    wow_depth_.aim = depth(c.wow_cents, c.wow.value), flutter_depth_.aim = depth(c.flutter_cents, c.flutter.value);
    drift_depth_.aim = depth(c.drift_cents, 0.4 * 1000.0 / drift_period_ms);
}

inline void wow_flutter::reset(random_key key) noexcept {
    key_ = key;
    left_.reset(), right_.reset();
    noise_ = white_noise(key_);
    wow_ = flutter_ = drift_ = {}, breath_.reset(key_.child("reel"));
    drift_from_ = drift_to_ = 0.0F;
    wow_depth_.jump(), flutter_depth_.jump(), drift_depth_.jump();
    delay_ = centre_, slope_ = 0, at_ = 0;
}

inline void wow_flutter::next() noexcept {
    constexpr auto frames = static_cast<std::uint32_t>(group);
    wow_.advance(wow_step_, frames), flutter_.advance(flutter_step_, frames);
    const std::uint32_t before = drift_.value();
    drift_.advance(drift_step_, frames);
    if (drift_.value() < before) drift_from_ = drift_to_, drift_to_ = noise_.tick();
    const float t = drift_.unit(), smooth = t * t * (3.0F - 2.0F * t);
    const auto depth = [&](glide& g) { return g.moving() ? g.tick(share_, 1.0F) : g.now; };
    const float moved = depth(wow_depth_) * (0.75F + 0.25F * breath_.tick()) * wow_.sine() +
                        depth(flutter_depth_) * flutter_.sine() +
                        depth(drift_depth_) * (drift_from_ + smooth * (drift_to_ - drift_from_));
    // What the slope rounds away is made up by the next one.
    delay_ += slope_ * static_cast<std::int32_t>(group);
    slope_ =
        (centre_ + std::clamp(static_cast<std::int32_t>(moved), -reach_, reach_) - delay_) / static_cast<std::int32_t>(group);
}

inline void wow_flutter::process(audio::stereo_view x) noexcept {
    for (std::size_t first = 0, n = 0; first < x.size(); first += n) {
        if (at_ == 0) next();
        n = std::min(group - at_, x.size() - first);
        std::array<std::uint32_t, group> delay;
        for (std::size_t i = 0; i < n; ++i)
            delay[i] = static_cast<std::uint32_t>(delay_ + slope_ * static_cast<std::int32_t>(at_ + i + 1));
        const audio::stereo_view part = x.sub(first, n);
        left_.write(part.left), right_.write(part.right);
        left_.read_q16(std::span<const std::uint32_t>(delay).first(n), part.left);
        right_.read_q16(std::span<const std::uint32_t>(delay).first(n), part.right);
        at_ = (at_ + n) % group;
    }
}

}  // namespace lofi::inline LOFI_ABI::dsp
