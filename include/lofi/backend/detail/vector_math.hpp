#pragma once
// exp, tanh and sigmoid as straight lines of arithmetic, so that loops over them become vector instructions.
#include <cmath>
#include <cstdint>

#include <lofi/core/bits.hpp>

namespace lofi::inline LOFI_ABI::backend::detail {

/// x = n log 2 + r: 2^n, and e^r - 1.
struct exp_parts {
    float power, rest;
};

LOFI_INLINE exp_parts split_exp(float x) {
    // Adding 1.5 * 2^23 rounds to a whole number and leaves it in the low bits, without a conversion instruction.
    constexpr float shift = 12582912.0F;
    const float shifted = x * 1.44269504F + shift;
    const float n = shifted - shift;
    const float r = (x - n * 0.693145752F) - n * 1.42860677e-6F;
    const float power = bits_as<float>((bits_as<std::int32_t>(shifted) - 0x4B400000 + 127) << 23);
    // Chebyshev fit of (e^r - 1 - r) / r^2 on |r| <= log(2)/2: relative error of e^r below 1.1e-8.
    const float p = (((0.0013933688F * r + 0.008363205F) * r + 0.041666463F) * r + 0.16666576F) * r + 0.5F;
    return {power, r + r * r * p};
}

LOFI_INLINE float fast_exp(float x) {
    x = x < -87.0F ? -87.0F : x;
    x = x > 88.0F ? 88.0F : x;
    const exp_parts e = split_exp(x);
    return e.power + e.power * e.rest;
}
LOFI_INLINE double fast_exp(double x) { return std::exp(x); }

LOFI_INLINE float fast_sigmoid(float x) { return 1.0F / (1.0F + fast_exp(-x)); }
LOFI_INLINE double fast_sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

LOFI_INLINE float fast_tanh(float x) {
    // (e^2x - 1) / (e^2x + 1) with e^2x - 1 summed so that small x keep their relative precision. tanh(9.1) is 1 in float.
    float v = 2.0F * x;
    v = v < -18.2F ? -18.2F : v;
    v = v > 18.2F ? 18.2F : v;
    const exp_parts e = split_exp(v);
    const float m = e.power * e.rest + (e.power - 1.0F);
    return m / (m + 2.0F);
}
LOFI_INLINE double fast_tanh(double x) { return std::tanh(x); }

}  // namespace lofi::inline LOFI_ABI::backend::detail
