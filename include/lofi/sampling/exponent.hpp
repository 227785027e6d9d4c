#pragma once
// Powers and logarithms in whole numbers: the same on every machine, with every compiler and flag.
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <lofi/core/assert.hpp>
#include <lofi/core/math.hpp>

namespace lofi::inline LOFI_ABI::sampling {

/// The weight of the likeliest id. An id of less than 2^-32 of its probability has weight 0.
inline constexpr std::uint32_t full_weight = 0x80000000U;

/// 2 to the minus x as a weight, `full_weight` for 0. x in 1/2^56, so below 256.
[[nodiscard]] constexpr std::uint32_t exp2_weight(std::uint64_t x);

/// e to the minus x as a weight, `full_weight` for 0. x in 1/2^32, at most 23 * 2^32.
/// measured: off by at most 12 where 2^31 is full, and 1.4e-7 of the weight beside the rounding
[[nodiscard]] constexpr std::uint32_t exp_weight(std::uint64_t x) {
    return exp2_weight(x * 24204406U);  // log2(e) in 1/2^24
}

/// The logarithm to base 2 of a whole number above 0, in 1/2^32.
/// measured: off by at most 1.6e-9
[[nodiscard]] constexpr std::uint64_t log2_whole(std::uint64_t x);

// ---------------------------------------------------------------- bodies

namespace detail {
// 2 to the -i/64 in units of 2^-31, and log2(1 + i/64) in units of 2^-32. Made in constant evaluation, so no machine's
// floating point has a say in them; tests hold their hashes.
inline constexpr std::array<std::uint32_t, 64> exp2_table = [] {
    std::array<std::uint32_t, 64> t{};
    for (std::size_t i = 0; i < t.size(); ++i)
        t[i] = static_cast<std::uint32_t>(math::exp2(-static_cast<double>(i) / 64.0) * double{full_weight} + 0.5);
    return t;
}();
inline constexpr std::array<std::uint32_t, 64> log2_table = [] {
    std::array<std::uint32_t, 64> t{};
    for (std::size_t i = 0; i < t.size(); ++i)
        t[i] = static_cast<std::uint32_t>(math::log2(1.0 + static_cast<double>(i) / 64.0) * 4294967296.0 + 0.5);
    return t;
}();
// The product of a sum below 2^63 and a fraction of 2^32, rounded up or down.
constexpr std::uint64_t part_up(std::uint64_t sum, std::uint64_t fraction) {
    const std::uint64_t low = (sum & 0xffffffffU) * fraction;
    return (sum >> 32) * fraction + (low >> 32) + ((low & 0xffffffffU) != 0 ? 1 : 0);
}
constexpr std::uint64_t part_down(std::uint64_t sum, std::uint64_t fraction) {
    return (sum >> 32) * fraction + ((sum & 0xffffffffU) * fraction >> 32);
}
// The largest whole number whose square is at most x.
constexpr std::uint64_t root(std::uint64_t x) {
    std::uint64_t r = 0;
    for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1)
        if ((r | bit) * (r | bit) <= x) r |= bit;
    return r;
}
}  // namespace detail

constexpr std::uint32_t exp2_weight(std::uint64_t octaves) {
    // Whole octaves shift, 64 parts of one are looked up, and the rest r, below 1/64 of an octave, is
    // 1 - r + r^2/2 - r^3/6 in 1/2^32.
    const std::uint64_t r = ((octaves & ((std::uint64_t{1} << 50) - 1)) >> 24) * 2977044472U >> 32;
    const std::uint64_t r2 = r * r >> 32, r3 = r2 * r >> 32;
    const std::uint64_t rest = (std::uint64_t{1} << 32) - r + r2 / 2 - r3 / 6;
    const std::uint64_t weight = detail::exp2_table[octaves >> 50 & 63U] * rest >> 32;
    const auto whole = static_cast<unsigned>(octaves >> 56);
    if (whole > 32) return 0;
    return static_cast<std::uint32_t>(whole == 0 ? weight : ((weight >> (whole - 1)) + 1) >> 1);
}

constexpr std::uint64_t log2_whole(std::uint64_t x) {
    LOFI_ASSERT(x > 0, "0 has no logarithm");
    const auto whole = static_cast<unsigned>(std::bit_width(x)) - 1;
    const std::uint64_t m = whole >= 31 ? x >> (whole - 31) : x << (31 - whole);
    const std::uint64_t nearest = m >> 25 << 25;
    const std::uint64_t r = ((m - nearest) << 32) / nearest;  // below 1/64, in 1/2^32
    const std::uint64_t r2 = r * r >> 32, r3 = r2 * r >> 32, r4 = r3 * r >> 32;
    const std::uint64_t rest = r - r2 / 2 + r3 / 3 - r4 / 4;
    return (std::uint64_t{whole} << 32) + detail::log2_table[m >> 25 & 63U] + (rest * 1549082005U >> 30);
}

}  // namespace lofi::inline LOFI_ABI::sampling
