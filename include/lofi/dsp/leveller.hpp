#pragma once
// A slow hand on the fader: brings music to a loudness without touching its dynamics.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/audio/block.hpp>
#include <lofi/dsp/filter.hpp>
#include <lofi/dsp/lanes.hpp>

namespace lofi::inline LOFI_ABI::dsp {

struct leveller_config {
    decibels target{-16.0};  ///< LUFS
    decibels reach{9.0};     ///< largest gain or loss
    seconds memory{60.0};    ///< over which loudness is measured
    seconds patience{6.0};   ///< how long the level it started with is believed
};

/// Measures loudness as ITU-R BS.1770 does, forgets slowly, leaves out what is far quieter than the rest (an intro, a gap),
/// and moves the gain by at most half a decibel a second. It listens to every so many frames only, which changes
/// nothing in the power of music and little in its weighting.
class leveller {
public:
    explicit leveller(hertz rate, leveller_config config = {});

    void reset() noexcept;
    void set(decibels target) noexcept {
        config_.target = target, expected_ = math::exp2((target.value + 0.691) / 3.0102999566398120);
    }
    [[nodiscard]] decibels gain() const { return decibels(now_); }
    /// writes: = x
    void process(audio::stereo_view x) noexcept;

private:
    void measure() noexcept;

    leveller_config config_;
    hertz rate_;
    std::array<biquad, 2> shelf_, cut_;
    std::size_t every_, slice_;      // frames from one listened to to the next, and in a tenth of a second
    std::size_t at_ = 0, next_ = 0;  // into it: where it is, and what is listened to next
    double energy_ = 0.0, expected_ = 0.0, mean_ = 0.0, weight_ = 0.0;
    std::array<double, 4> tenths_{};  // loudness is read over four of them, every one
    std::size_t count_ = 0;
    double now_ = 0.0;  // gain in decibels
    float gain_ = 1.0F, slope_ = 0.0F;
};

// ---------------------------------------------------------------- bodies

inline leveller::leveller(hertz rate, leveller_config c)
    : config_(c),
      rate_(rate),
      every_(std::max<std::size_t>(1, static_cast<std::size_t>(rate.value / 7900.0))),
      slice_(std::max<std::size_t>(1, static_cast<std::size_t>(0.1 * rate.value) / every_) * every_) {
    reset();
}

inline void leveller::reset() noexcept {
    const hertz listened = rate_ / static_cast<double>(every_);
    for (std::size_t side = 0; side < 2; ++side) {
        shelf_[side] = biquad::high_shelf(hertz(1500.0), decibels(4.0), listened);
        cut_[side] = biquad::high_pass(hertz(38.0), 0.5, listened);
    }
    at_ = next_ = count_ = 0;
    energy_ = 0.0, tenths_ = {};
    mean_ = 0.0, weight_ = 0.0;
    expected_ = math::exp2((config_.target.value + 0.691) / 3.0102999566398120);
    now_ = 0.0, gain_ = 1.0F, slope_ = 0.0F;
}

inline void leveller::measure() noexcept {
    tenths_[count_++ % 4] = energy_ / static_cast<double>(slice_ / every_);
    energy_ = 0.0;
    const double p = 0.25 * ((tenths_[0] + tenths_[1]) + (tenths_[2] + tenths_[3]));
    // Left out: 10 below the mean, or below -70 at all.
    const double believed = std::max(config_.patience.value * 10.0 - 0.5 * weight_, 0.0);
    const double mean = (believed * expected_ + weight_ * mean_) / (believed + weight_);
    if (count_ >= 4 && p >= 0.1 * mean && p >= 1e-7) {
        weight_ = std::min(weight_ + 1.0, config_.memory.value * 10.0);
        mean_ += (p - mean_) / weight_;
    }
    const double loudness = 3.0102999566398120 * math::log2(mean) - 0.691;
    const double aim = std::clamp(config_.target.value - loudness, -config_.reach.value, config_.reach.value);
    now_ += std::clamp(aim - now_, -0.05, 0.05);
    for (std::size_t side = 0; side < 2; ++side) shelf_[side].settle(), cut_[side].settle();
    slope_ = (math::db_to_gain(decibels(now_)) - gain_) / static_cast<float>(slice_);
}

inline void leveller::process(audio::stereo_view x) noexcept {
    for (std::size_t first = 0, n = 0; first < x.size(); first += n) {
        n = std::min(slice_ - at_, x.size() - first);
        const audio::stereo_view part = x.sub(first, n);
        for (; next_ < at_ + n; next_ += every_) {
            const std::size_t i = next_ - at_;
            const double left = cut_[0].tick(shelf_[0].tick(part.left[i])), right = cut_[1].tick(shelf_[1].tick(part.right[i]));
            energy_ += left * left + right * right;
        }
        // The gain runs in straight lines from tenth to tenth of a second.
        scale_along(part.left, gain_, slope_, at_), scale_along(part.right, gain_, slope_, at_);
        at_ += n;
        if (at_ == slice_) {
            gain_ += slope_ * static_cast<float>(slice_);
            at_ = next_ = 0, measure();
        }
    }
}

}  // namespace lofi::inline LOFI_ABI::dsp
