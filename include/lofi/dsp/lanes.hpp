#pragma once
// Four numbers side by side, as a vector register holds them; plain arithmetic where there is none, to the same bits.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>

#include <lofi/core/config.hpp>
#include <lofi/core/math.hpp>

/// Loops over samples become vector code by themselves where no sample waits for the one before. Where one does (filters,
/// recursions), or where compilers are timid (g++ -O2), the lanes are named. Every operation is one operation on each lane,
/// so that results do not depend on the width of anything.
namespace lofi::inline LOFI_ABI::dsp {

/// Lanes without compiler support.
template <class T>
struct plain_lanes {
    T v[4];

    template <class F>
    static LOFI_INLINE plain_lanes each(F f) {
        return {{f(0), f(1), f(2), f(3)}};
    }
    T operator[](std::size_t i) const { return v[i]; }
    friend plain_lanes operator+(plain_lanes a, plain_lanes b) {
        return each([&](int i) { return static_cast<T>(a.v[i] + b.v[i]); });
    }
    friend plain_lanes operator-(plain_lanes a, plain_lanes b) {
        return each([&](int i) { return static_cast<T>(a.v[i] - b.v[i]); });
    }
    friend plain_lanes operator*(plain_lanes a, plain_lanes b) {
        return each([&](int i) { return static_cast<T>(a.v[i] * b.v[i]); });
    }
    friend plain_lanes operator/(plain_lanes a, plain_lanes b) {
        return each([&](int i) { return static_cast<T>(a.v[i] / b.v[i]); });
    }
    plain_lanes& operator+=(plain_lanes b) { return *this = *this + b; }
    plain_lanes& operator-=(plain_lanes b) { return *this = *this - b; }
    plain_lanes& operator*=(plain_lanes b) { return *this = *this * b; }
    friend plain_lanes operator&(plain_lanes a, plain_lanes b) {
        return each([&](int i) { return static_cast<T>(a.v[i] & b.v[i]); });
    }
    friend plain_lanes operator|(plain_lanes a, plain_lanes b) {
        return each([&](int i) { return static_cast<T>(a.v[i] | b.v[i]); });
    }
    friend plain_lanes operator^(plain_lanes a, plain_lanes b) {
        return each([&](int i) { return static_cast<T>(a.v[i] ^ b.v[i]); });
    }
    friend plain_lanes operator~(plain_lanes a) {
        return each([&](int i) { return static_cast<T>(~a.v[i]); });
    }
    friend plain_lanes operator<<(plain_lanes a, int n) {
        return each([&](int i) { return static_cast<T>(a.v[i] << n); });
    }
    friend plain_lanes operator>>(plain_lanes a, int n) {
        return each([&](int i) { return static_cast<T>(a.v[i] >> n); });
    }
    // As vector extensions have it: all bits where it holds, none where it does not.
    friend plain_lanes<std::int32_t> operator<(plain_lanes a, plain_lanes b) {
        return plain_lanes<std::int32_t>::each([&](int i) { return a.v[i] < b.v[i] ? -1 : 0; });
    }
};

#if defined(__has_builtin) && !defined(LOFI_PLAIN_LANES)
#if __has_builtin(__builtin_shufflevector) && __has_builtin(__builtin_convertvector)
#define LOFI_VECTORS 1
#endif
#endif

#if defined(LOFI_VECTORS)
using float4 = float __attribute__((vector_size(16)));
using int4 = std::int32_t __attribute__((vector_size(16)));
using uint4 = std::uint32_t __attribute__((vector_size(16)));
#else
using float4 = plain_lanes<float>;
using int4 = plain_lanes<std::int32_t>;
using uint4 = plain_lanes<std::uint32_t>;
#endif

/// f(0), f(1), ..., f(N - 1), written out with constants, so that what they index can live in registers at any optimisation.
template <std::size_t N, class F>
LOFI_INLINE void unrolled(F&& f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (f(std::integral_constant<std::size_t, I>{}), ...); }
    (std::make_index_sequence<N>{});
}

/// The same bits under another type.
template <class To, class From>
[[nodiscard]] LOFI_INLINE To bits_as(From x) {
    static_assert(sizeof(To) == sizeof(From));
    To y;
    std::memcpy(&y, &x, sizeof y);
    return y;
}
[[nodiscard]] LOFI_INLINE float4 load(const float* p) {
    float4 v;
    std::memcpy(&v, p, sizeof v);
    return v;
}
[[nodiscard]] LOFI_INLINE uint4 load(const std::uint32_t* p) {
    uint4 v;
    std::memcpy(&v, p, sizeof v);
    return v;
}
LOFI_INLINE void store(float* p, float4 v) { std::memcpy(p, &v, sizeof v); }
LOFI_INLINE void store(std::uint32_t* p, uint4 v) { std::memcpy(p, &v, sizeof v); }
LOFI_INLINE void store(std::int32_t* p, int4 v) { std::memcpy(p, &v, sizeof v); }

[[nodiscard]] LOFI_INLINE float4 splat(float x) { return float4{x, x, x, x}; }
[[nodiscard]] LOFI_INLINE uint4 splat(std::uint32_t x) { return uint4{x, x, x, x}; }
[[nodiscard]] LOFI_INLINE int4 splat(std::int32_t x) { return int4{x, x, x, x}; }

/// 0, 1, 2, 3, times a step.
[[nodiscard]] LOFI_INLINE float4 ramp(float step) { return float4{0.0F, step, 2.0F * step, 3.0F * step}; }

/// a where the mask of a comparison is set, else b.
[[nodiscard]] LOFI_INLINE float4 select(int4 mask, float4 a, float4 b) {
    return bits_as<float4>((bits_as<int4>(a) & mask) | (bits_as<int4>(b) & ~mask));
}
[[nodiscard]] LOFI_INLINE float4 abs(float4 x) { return bits_as<float4>(bits_as<int4>(x) & splat(0x7fffffff)); }
[[nodiscard]] LOFI_INLINE float4 min(float4 a, float4 b) {
#if defined(LOFI_VECTORS)
    return a < b ? a : b;  // one instruction where the mask would be four
#else
    return select(a < b, a, b);
#endif
}
[[nodiscard]] LOFI_INLINE float4 max(float4 a, float4 b) {
#if defined(LOFI_VECTORS)
    return b < a ? a : b;
#else
    return select(b < a, a, b);
#endif
}
/// What `flush` of denormal.hpp does.
[[nodiscard]] LOFI_INLINE float4 flush(float4 x) { return bits_as<float4>(bits_as<int4>(x) & ~(abs(x) < splat(1e-20F))); }
/// Towards zero.
[[nodiscard]] LOFI_INLINE int4 to_int(float4 x) {
#if defined(LOFI_VECTORS)
    return __builtin_convertvector(x, int4);
#else
    return int4::each([&](int i) { return static_cast<std::int32_t>(x.v[i]); });
#endif
}
[[nodiscard]] LOFI_INLINE float4 to_float(int4 x) {
#if defined(LOFI_VECTORS)
    return __builtin_convertvector(x, float4);
#else
    return float4::each([&](int i) { return static_cast<float>(x.v[i]); });
#endif
}

/// Four of the eight lanes of two vectors, counted through.
template <int A, int B, int C, int D>
[[nodiscard]] LOFI_INLINE float4 shuffle(float4 x, float4 y) {
#if defined(LOFI_VECTORS)
    return __builtin_shufflevector(x, y, A, B, C, D);
#else
    const float both[8] = {x[0], x[1], x[2], x[3], y[0], y[1], y[2], y[3]};
    return float4{both[A], both[B], both[C], both[D]};
#endif
}
template <int Lane>
[[nodiscard]] LOFI_INLINE float4 spread(float4 x) {
    return shuffle<Lane, Lane, Lane, Lane>(x, x);
}
/// Rows to columns.
LOFI_INLINE void transpose(float4& a, float4& b, float4& c, float4& d) {
    const float4 ab = shuffle<0, 4, 1, 5>(a, b), AB = shuffle<2, 6, 3, 7>(a, b);
    const float4 cd = shuffle<0, 4, 1, 5>(c, d), CD = shuffle<2, 6, 3, 7>(c, d);
    a = shuffle<0, 1, 4, 5>(ab, cd), b = shuffle<2, 3, 6, 7>(ab, cd);
    c = shuffle<0, 1, 4, 5>(AB, CD), d = shuffle<2, 3, 6, 7>(AB, CD);
}
[[nodiscard]] LOFI_INLINE float sum(float4 x) {
    const float4 two = x + shuffle<2, 3, 0, 1>(x, x);
    return (two + shuffle<1, 0, 3, 2>(two, two))[0];
}

/// Adds x to as much of y.
/// writes: += y
inline void add(std::span<const float> x, std::span<float> y) noexcept {
    const auto n = static_cast<std::int32_t>(x.size());
    const float* const from = x.data();
    float* const to = y.data();
    std::int32_t i = 0;
    for (; i < n - 3; i += 4) store(to + i, load(to + i) + load(from + i));
    for (; i < n; ++i) to[i] += from[i];
}
/// Multiplies frame i of a block by from + slope * (at + i): a gain that runs in a straight line through several blocks.
/// writes: = x
inline void scale_along(std::span<float> x, float from, float slope, std::size_t at) noexcept {
    const auto start = static_cast<std::int32_t>(at), n = static_cast<std::int32_t>(x.size());
    float* const y = x.data();
    std::int32_t i = 0;
    for (; i < n - 3; i += 4)
        store(y + i, load(y + i) * (splat(from) + splat(slope) * (splat(static_cast<float>(start + i)) + ramp(1.0F))));
    for (; i < n; ++i) y[i] *= from + slope * static_cast<float>(start + i);
}

/// Whether the mask of a comparison is set anywhere.
[[nodiscard]] LOFI_INLINE bool any(int4 mask) {
#if defined(LOFI_VECTORS)
    const auto halves = mask | __builtin_shufflevector(mask, mask, 2, 3, 0, 1);
    return (halves[0] | halves[1]) != 0;
#else
    return (mask[0] | mask[1] | mask[2] | mask[3]) != 0;
#endif
}

/// The functions of core/math.hpp, to their bits.
[[nodiscard]] LOFI_INLINE float4 sin_turns(uint4 phase) {
    const uint4 mirrored = bits_as<uint4>(bits_as<int4>(phase + splat(0x40000000U)) < splat(0));
    const uint4 t = (phase & ~mirrored) | ((splat(0x80000000U) - phase) & mirrored);
    const float4 x = to_float(bits_as<int4>(t)) * splat(0x1p-32F), u = x * x;
    constexpr auto c = math::detail::series<float>::sine;
    return x * ((((splat(c[4]) * u + splat(c[3])) * u + splat(c[2])) * u + splat(c[1])) * u + splat(c[0]));
}
/// For -126 <= x < 127.
[[nodiscard]] LOFI_INLINE float4 exp2_within(float4 x) {
    int4 n = to_int(x);
    n += x < to_float(n);  // a mask is -1
    const float4 f = x - to_float(n);
    constexpr auto c = math::detail::series<float>::power;
    const float4 p =
        ((((splat(c[5]) * f + splat(c[4])) * f + splat(c[3])) * f + splat(c[2])) * f + splat(c[1])) * f + splat(c[0]);
    return bits_as<float4>((n + splat(127)) << 23) * (splat(1.0F) + f * p);
}
/// For normal x above 0.
[[nodiscard]] LOFI_INLINE float4 log2_within(float4 x) {
    const int4 raw = bits_as<int4>(x);
    const int4 whole = (raw - splat(static_cast<std::int32_t>(math::detail::series<float>::sqrt_half))) >> 23;
    const float4 m = bits_as<float4>(raw - (whole << 23));
    const float4 t = (m - splat(1.0F)) / (m + splat(1.0F)), u = t * t;
    constexpr auto c = math::detail::series<float>::logarithm;
    return t * (((splat(c[3]) * u + splat(c[2])) * u + splat(c[1])) * u + splat(c[0])) + to_float(whole);
}
/// A hyperbolic tangent cheap enough for every sample at four times the rate, flat from 5.5 on. Coefficients as those of
/// core/math.hpp: the least largest relative error.
/// measured: largest relative error 3.8e-5
[[nodiscard]] LOFI_INLINE float4 soft_limit(float4 x) {
    const float4 y = min(max(x, splat(-5.5F)), splat(5.5F)), u = y * y;
    const float4 above = splat(0.99999595F) + u * (splat(0.115749665F) + u * splat(1.5760089e-3F));
    const float4 below = splat(1.0F) + u * (splat(0.44905332F) + u * (splat(1.7964061e-2F) + u * splat(6.0286122e-5F)));
    return y * above / below;
}

}  // namespace lofi::inline LOFI_ABI::dsp
