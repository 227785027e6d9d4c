#pragma once
// Gain that follows level: the bus compressor, and the ducking that makes room for the kick.
#include <algorithm>
#include <array>
#include <cstddef>

#include <lofi/audio/block.hpp>
#include <lofi/dsp/filter.hpp>

namespace lofi::inline LOFI_ABI::dsp {

struct compressor_config {
    decibels threshold{-18.0};
    double ratio = 2.0;
    decibels knee{8.0};
    seconds attack{0.020};
    seconds release{0.180};
};

/// Evens out loudness, both channels by one gain so that the picture stays still.
class compressor {
public:
    explicit compressor(hertz rate, compressor_config c = {})
        : attack_(static_cast<float>(approach(c.attack, rate))),
          release_(static_cast<float>(approach(c.release, rate))),
          threshold_(static_cast<float>(c.threshold.value)),
          slope_(static_cast<float>(1.0 / c.ratio - 1.0)),
          knee_(static_cast<float>(std::max(c.knee.value, 0.01))) {}

    void reset() { power_ = 0.0F; }
    /// Gain in decibels for a steady level in decibels: 0 below the knee, then the slope of the ratio.
    [[nodiscard]] float gain_at(float level) const {
        const float over = level - threshold_, k = std::clamp(over + 0.5F * knee_, 0.0F, knee_);
        return slope_ * (k * k / (2.0F * knee_) + std::max(over - 0.5F * knee_, 0.0F));
    }
    /// writes: = x
    void process(audio::stereo_view x) noexcept {
        constexpr std::size_t most = 32;
        for (std::size_t first = 0; first < x.size(); first += most) {
            const std::size_t n = std::min(most, x.size() - first);
            std::array<float, most> gain{};
            for (std::size_t i = 0; i < n; ++i) {
                const float l = x.left[first + i], r = x.right[first + i], p = 0.5F * (l * l + r * r);
                gain[i] = power_ += (p > power_ ? attack_ : release_) * (p - power_);
            }
            power_ = flush(power_);
            constexpr float decibels_per_octave_of_power = 3.0102999566F, octaves_per_decibel = 0.16609640474F;
            for (float& g : gain)
                g = math::exp2(octaves_per_decibel * gain_at(decibels_per_octave_of_power * math::log2(g + 1e-12F)));
            for (std::size_t i = 0; i < n; ++i) x.left[first + i] *= gain[i], x.right[first + i] *= gain[i];
        }
    }

private:
    float attack_, release_, threshold_, slope_, knee_, power_ = 0.0F;
};

struct ducker_config {
    decibels depth{-5.0};    ///< gain at the bottom, for a hit of full force
    seconds attack{0.004};   ///< time constants of going down
    seconds release{0.110};  ///< and of coming back
};

/// A gain that gives way when it is told to.
class ducker {
public:
    explicit ducker(hertz rate, ducker_config c = {})
        : depth_(1.0F - math::db_to_gain(c.depth)),
          attack_(static_cast<float>(approach(c.attack, rate))),
          release_(static_cast<float>(approach(c.release, rate))) {}

    void reset() { push_ = dip_ = 0.0F; }
    void set(decibels depth) noexcept { depth_ = 1.0F - math::db_to_gain(depth); }
    /// Gives way from the next frame on; `force` from 0 to 1.
    void trigger(float force) noexcept { push_ = std::max(push_, std::clamp(force, 0.0F, 1.0F)); }
    /// The gain of the next frame.
    float tick() noexcept {
        push_ = flush(push_ - release_ * push_);
        dip_ = flush(dip_ + attack_ * (push_ - dip_));
        return 1.0F - depth_ * dip_;
    }

private:
    float depth_, attack_, release_, push_ = 0.0F, dip_ = 0.0F;
};

}  // namespace lofi::inline LOFI_ABI::dsp
