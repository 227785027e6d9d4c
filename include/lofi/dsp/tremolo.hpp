#pragma once
// The tremolo of electric pianos: loudness that swings, from side to side if wished.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/audio/block.hpp>
#include <lofi/core/phase.hpp>

namespace lofi::inline LOFI_ABI::dsp {

struct tremolo_config {
    hertz speed{4.6};
    float depth = 0.3F;  ///< 0 none, 1 down to silence
    float width = 0.7F;  ///< 0 both sides together, 1 one side against the other
};

/// Swings the loudness of both channels around its mean.
class tremolo {
public:
    explicit tremolo(hertz rate, tremolo_config c = {}) : rate_(rate) { set(c); }

    void set(const tremolo_config& c) noexcept {
        step_ = phase32::step(c.speed, rate_);
        depth_ = 0.5F * c.depth, apart_ = phase32::turns(0.5 * double{c.width}).value();
    }
    void reset() { phase_ = {}; }
    /// writes: = x
    void process(audio::stereo_view x) noexcept {
        constexpr std::size_t most = 32;
        for (std::size_t first = 0; first < x.size(); first += most) {
            const std::size_t n = std::min(most, x.size() - first);
            std::array<float, most> left, right;
            for (std::uint32_t i = 0; i < most; ++i) {
                left[i] = 1.0F - depth_ * (1.0F - math::sin_turns(phase_.value() + step_ * i));
                right[i] = 1.0F - depth_ * (1.0F - math::sin_turns(phase_.value() + apart_ + step_ * i));
            }
            for (std::size_t i = 0; i < n; ++i) x.left[first + i] *= left[i], x.right[first + i] *= right[i];
            phase_.advance(step_, static_cast<std::uint32_t>(n));
        }
    }

private:
    hertz rate_;
    phase32 phase_;
    std::uint32_t step_ = 0, apart_ = 0;
    float depth_ = 0.0F;
};

}  // namespace lofi::inline LOFI_ABI::dsp
