#pragma once
// Product of a matrix and a vector for one frame: column major, the outputs in vector registers.
#include <cstddef>
#include <cstring>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::backend::detail {

/// As many numbers as the widest registers hold in float; narrower machines split them.
template <class Real>
struct lanes {
    static constexpr std::size_t count = 64 / sizeof(Real);
#if defined(__GNUC__)
    typedef Real type __attribute__((vector_size(64)));
    type v;
    LOFI_INLINE static void load(const Real* p, type& out) { std::memcpy(&out, p, sizeof(type)); }
    LOFI_INLINE void read(const Real* p) { load(p, v); }
    LOFI_INLINE void write(Real* p) const { std::memcpy(p, &v, sizeof(type)); }
    LOFI_INLINE void add_product(const Real* p, Real x) {
        type w;
        load(p, w);
        v += w * x;
    }
    LOFI_INLINE void add(const lanes& o) { v += o.v; }
#else
    Real v[count];
    LOFI_INLINE void read(const Real* p) { std::memcpy(v, p, sizeof v); }
    LOFI_INLINE void write(Real* p) const { std::memcpy(p, v, sizeof v); }
    LOFI_INLINE void add_product(const Real* p, Real x) {
        for (std::size_t i = 0; i < count; ++i) v[i] += p[i] * x;
    }
    void add(const lanes& o) {
        for (std::size_t i = 0; i < count; ++i) v[i] += o.v[i];
    }
#endif
};

/// Adds w_io x_i to Blocks * lanes outputs from o on.
template <std::size_t Out, std::size_t In, std::size_t Blocks, class Real>
LOFI_INLINE void add_matvec_block(const Real* w, const Real* x, Real* y, std::size_t o) noexcept {
    constexpr std::size_t n = lanes<Real>::count;
    lanes<Real> sum[Blocks];
    for (std::size_t b = 0; b < Blocks; ++b) sum[b].read(y + o + b * n);
    for (std::size_t i = 0; i < In; ++i)
        for (std::size_t b = 0; b < Blocks; ++b) sum[b].add_product(w + i * Out + o + b * n, x[i]);
    for (std::size_t b = 0; b < Blocks; ++b) sum[b].write(y + o + b * n);
}

/// Adds w_io x_i to y_o. w lies column by column: (In,Out).
template <std::size_t Out, std::size_t In, class Real>
LOFI_INLINE void add_matvec(const Real* w, const Real* x, Real* y) noexcept {
    constexpr std::size_t n = lanes<Real>::count, wide = Out / (8 * n) * (8 * n), whole = Out / n * n;
    for (std::size_t o = 0; o < wide; o += 8 * n) add_matvec_block<Out, In, 8>(w, x, y, o);
    // What is left, in the largest piece that fits: fewer passes over x.
    std::size_t o = wide;
    if constexpr ((whole - wide) / n >= 4) add_matvec_block<Out, In, 4>(w, x, y, o), o += 4 * n;
    if constexpr ((whole - wide) / n % 4 >= 2) add_matvec_block<Out, In, 2>(w, x, y, o), o += 2 * n;
    if constexpr ((whole - wide) / n % 2 >= 1) add_matvec_block<Out, In, 1>(w, x, y, o), o += n;
    // Outputs that fill no register, one by one: eight sums each, so that no addition waits for the one before.
    for (std::size_t rest = whole; rest < Out; ++rest) {
        Real sums[8] = {};
        constexpr std::size_t eights = In / 8 * 8;
        for (std::size_t i = 0; i < eights; i += 8)
            for (std::size_t k = 0; k < 8; ++k) sums[k] += w[(i + k) * Out + rest] * x[i + k];
        for (std::size_t i = eights; i < In; ++i) sums[i - eights] += w[i * Out + rest] * x[i];
        y[rest] += ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
    }
}

}  // namespace lofi::inline LOFI_ABI::backend::detail
