#pragma once
// The sum of products that filters are made of, in one order of summation whatever the register width.
#include <array>
#include <cstddef>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::audio::detail {

// Sum over k of a[k] b[k], count a multiple of Lanes: Lanes sums side by side, then halves onto halves.
template <std::size_t Lanes>
[[nodiscard]] LOFI_INLINE constexpr float dot(const float* a, const float* b, std::size_t count) {
    static_assert((Lanes & (Lanes - 1)) == 0, "lanes are a power of two");
    std::array<float, Lanes> sums{};
    for (std::size_t k = 0; k < count; k += Lanes) {
        for (std::size_t i = 0; i < Lanes; ++i) sums[i] += a[k + i] * b[k + i];
    }
    for (std::size_t n = Lanes / 2; n > 0; n /= 2) {
        for (std::size_t i = 0; i < n; ++i) sums[i] += sums[i + n];
    }
    return sums[0];
}

}  // namespace lofi::inline LOFI_ABI::audio::detail
