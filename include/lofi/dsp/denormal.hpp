#pragma once
// Tiny numbers out of feedback loops, whatever mode the host's processor is in.
#include <lofi/core/math.hpp>

namespace lofi::inline LOFI_ABI::dsp {

/// Gives 0 for values below -400 dB, far above the denormals that would slow a processor down by a factor of a hundred.
[[nodiscard]] constexpr float flush(float x) { return math::abs(x) < 1e-20F ? 0.0F : x; }
[[nodiscard]] constexpr double flush(double x) { return math::abs(x) < 1e-20 ? 0.0 : x; }

}  // namespace lofi::inline LOFI_ABI::dsp
