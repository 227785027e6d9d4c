#pragma once
// A knob that does not jump.
#include <lofi/core/math.hpp>

namespace lofi::inline LOFI_ABI::dsp {

/// Follows where it is turned to, a share of the way at a time, and arrives there exactly.
struct glide {
    float now = 0.0F, aim = 0.0F;

    /// Whether it has not arrived.
    [[nodiscard]] constexpr bool moving() const { return now != aim; }
    constexpr void jump() { now = aim; }
    /// Goes on by a share of the way; the last stretch, shorter than `near`, at once.
    constexpr float tick(float share, float near = 1e-5F) {
        now += share * (aim - now);
        if (math::abs(aim - now) < near) now = aim;
        return now;
    }
};

}  // namespace lofi::inline LOFI_ABI::dsp
