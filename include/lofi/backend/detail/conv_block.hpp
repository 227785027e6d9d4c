#pragma once
// A block of frames of a convolution: every tap reads contiguous frames of its history, sums stay in registers over all taps.
#include <algorithm>
#include <cstddef>

#include <lofi/backend/detail/matvec.hpp>
#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::backend::detail {

/// Frames f, f+1, ..., f+Frames-1, outputs o to o + Blocks * lanes - 1. A single frame has four sums for each output, so that an addition
/// need not wait for the one before.
template <std::size_t Out, std::size_t In, std::size_t K, std::size_t Frames, std::size_t Blocks, class Real>
LOFI_INLINE void convolve_tile(const Real* const* taps, const Real* w, const Real* b, Real* y, std::size_t stride,
                               std::size_t f, std::size_t o) noexcept {
    constexpr std::size_t n = lanes<Real>::count, chains = Frames * Blocks >= 4 ? 1 : In % 4 == 0 ? 4 : 1;
    lanes<Real> sum[chains][Frames][Blocks] = {};
    if (b != nullptr)
        for (std::size_t t = 0; t < Frames; ++t)
            for (std::size_t k = 0; k < Blocks; ++k) sum[0][t][k].read(b + o + k * n);
    for (std::size_t j = 0; j < K; ++j) {
        const Real *const x = taps[j] + f * In, *const wj = w + j * In * Out + o;
        for (std::size_t i = 0; i < In; i += chains)
            for (std::size_t c = 0; c < chains; ++c)
                for (std::size_t t = 0; t < Frames; ++t)
                    for (std::size_t k = 0; k < Blocks; ++k)
                        sum[c][t][k].add_product(wj + (i + c) * Out + k * n, x[t * In + i + c]);
    }
    for (std::size_t t = 0; t < Frames; ++t)
        for (std::size_t k = 0; k < Blocks; ++k) {
            if constexpr (chains == 4) {
                sum[0][t][k].add(sum[1][t][k]), sum[2][t][k].add(sum[3][t][k]);
                sum[0][t][k].add(sum[2][t][k]);
            }
            sum[0][t][k].write(y + (f + t) * stride + o + k * n);
        }
}

template <std::size_t Out, std::size_t In, std::size_t K, std::size_t Blocks, class Real>
LOFI_INLINE void convolve_columns(const Real* const* taps, const Real* w, const Real* b, Real* y, std::size_t stride,
                                  std::size_t count, std::size_t o) noexcept {
    constexpr std::size_t frames = Blocks == 1 ? 8 : Blocks == 2 ? 8 : 4;
    std::size_t f = 0;
    for (; f + frames <= count; f += frames) convolve_tile<Out, In, K, frames, Blocks>(taps, w, b, y, stride, f, o);
    for (; f < count; ++f) convolve_tile<Out, In, K, 1, Blocks>(taps, w, b, y, stride, f, o);
}

/// w lies column by column: (K,In,Out).
template <std::size_t Out, std::size_t In, std::size_t K, class Real>
LOFI_INLINE void convolve_frames(const Real* const* taps, const Real* w, const Real* b, Real* y, std::size_t stride,
                                 std::size_t count) noexcept {
    constexpr std::size_t n = lanes<Real>::count, whole = Out / n * n;
    std::size_t o = 0;
    for (; o + 4 * n <= whole; o += 4 * n) convolve_columns<Out, In, K, 4>(taps, w, b, y, stride, count, o);
    if constexpr (whole / n % 4 >= 2) convolve_columns<Out, In, K, 2>(taps, w, b, y, stride, count, o), o += 2 * n;
    if constexpr (whole / n % 2 == 1) convolve_columns<Out, In, K, 1>(taps, w, b, y, stride, count, o), o += n;
    // Outputs that fill no register.
    if constexpr (whole < Out) {
        for (std::size_t f = 0; f < count; ++f)
            for (o = whole; o < Out; ++o) {
                Real sums[8] = {};
                constexpr std::size_t eights = In / 8 * 8;
                for (std::size_t j = 0; j < K; ++j) {
                    const Real *const x = taps[j] + f * In, *const wj = w + j * In * Out + o;
                    for (std::size_t i = 0; i < eights; i += 8)
                        for (std::size_t k = 0; k < 8; ++k) sums[k] += wj[(i + k) * Out] * x[i + k];
                    for (std::size_t i = eights; i < In; ++i) sums[(j + i) % 8] += wj[i * Out] * x[i];
                }
                y[f * stride + o] = (b != nullptr ? b[o] : Real{0}) + ((sums[0] + sums[4]) + (sums[1] + sums[5])) +
                                    ((sums[2] + sums[6]) + (sums[3] + sums[7]));
            }
    }
}

/// w lies in panels of outputs, each column by column: (K,In,outputs of the panel).
template <std::size_t Out, std::size_t In, std::size_t K, class Real>
LOFI_INLINE void convolve_panels(const Real* const* taps, const Real* w, const Real* b, Real* y, std::size_t stride,
                                 std::size_t count) noexcept {
    constexpr std::size_t whole = Out / panel_rows * panel_rows, rest = Out - whole;
    for (std::size_t o = 0; o < whole; o += panel_rows)
        convolve_frames<panel_rows, In, K>(taps, w + o * K * In, b != nullptr ? b + o : b, y + o, stride, count);
    if constexpr (rest > 0)
        convolve_frames<rest, In, K>(taps, w + whole * K * In, b != nullptr ? b + whole : b, y + whole, stride, count);
}

/// w lies row by row: (Out,K,In).
template <std::size_t Out, std::size_t In, std::size_t K, class Real>
LOFI_INLINE void convolve_frames_by_rows(const Real* const* taps, const Real* w, const Real* b, Real* y, std::size_t stride,
                                         std::size_t count) noexcept {
    constexpr std::size_t n = lanes<Real>::count, whole = In / n * n;
    for (std::size_t f = 0; f < count; ++f)
        for (std::size_t o = 0; o < Out; ++o) {
            Real sums[n] = {};
            for (std::size_t j = 0; j < K; ++j) {
                const Real *const x = taps[j] + f * In, *const wj = w + (o * K + j) * In;
                for (std::size_t i = 0; i < whole; i += n)
                    for (std::size_t l = 0; l < n; ++l) sums[l] += wj[i + l] * x[i + l];
                for (std::size_t i = whole; i < In; ++i) sums[(j + i) % n] += wj[i] * x[i];
            }
            for (std::size_t half = n / 2; half > 0; half /= 2)
                for (std::size_t l = 0; l < half; ++l) sums[l] += sums[l + half];
            y[f * stride + o] = sums[0] + (b != nullptr ? b[o] : Real{0});
        }
}

}  // namespace lofi::inline LOFI_ABI::backend::detail
