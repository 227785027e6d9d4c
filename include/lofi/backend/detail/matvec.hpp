#pragma once
// Product of a matrix and a vector for one frame: the outputs in vector registers, the matrix read once from front to back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <lofi/core/bits.hpp>
#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::backend {

/// How matrices of the streaming backend are kept: whole numbers of its kind, or the upper 16 bits of a float (a sign, the exponent and 8 bits).
/// Sums, biases and states are of its kind in both.
enum class weight_bits { all, sixteen };

}  // namespace lofi::inline LOFI_ABI::backend

namespace lofi::inline LOFI_ABI::backend::detail {

/// As many numbers as the widest registers hold in float; narrower machines split them. clang wants types that wide, or it keeps sums in memory;
/// g++ wants arrays: it makes code for the stack of types that are wider than a function's registers (LSTM(1 -> 64) on AVX2: 6900 ns so,
/// 480 with arrays).
template <class Real>
struct lanes {
    static constexpr std::size_t count = 64 / sizeof(Real);
#if defined(__clang__)
    typedef Real type __attribute__((vector_size(64)));
    typedef std::uint32_t words __attribute__((vector_size(64)));
    type v;
    LOFI_INLINE void read(const Real* p) { std::memcpy(&v, p, sizeof v); }
    LOFI_INLINE void clear() { v = type{}; }
    LOFI_INLINE void write(Real* p) const { std::memcpy(p, &v, sizeof v); }
    LOFI_INLINE void add(const lanes& other) { v += other.v; }
    LOFI_INLINE void add_product(const Real* p, Real x) {
        type w;
        std::memcpy(&w, p, sizeof w);
        v += w * x;
    }
    /// Adds the lower and the upper halves of numbers, taken for numbers of 16 bits, times x.
    LOFI_INLINE static void add_pair(const Real* p, Real x, lanes& lower, lanes& upper) {
        words w;
        std::memcpy(&w, p, sizeof w);
        lower.v += (type)(w << 16) * x;
        upper.v += (type)(w & 0xFFFF0000U) * x;
    }
#else
    Real v[count];
    LOFI_INLINE void read(const Real* p) { std::memcpy(v, p, sizeof v); }
    LOFI_INLINE void clear() { std::fill_n(v, count, Real{0}); }
    LOFI_INLINE void write(Real* p) const { std::memcpy(p, v, sizeof v); }
    LOFI_INLINE void add(const lanes& other) {
        for (std::size_t i = 0; i < count; ++i) v[i] += other.v[i];
    }
    LOFI_INLINE void add_product(const Real* p, Real x) {
        for (std::size_t i = 0; i < count; ++i) v[i] += p[i] * x;
    }
    LOFI_INLINE static void add_pair(const Real* p, Real x, lanes& lower, lanes& upper) {
        for (std::size_t i = 0; i < count; ++i) lower.v[i] += bits_as<float>(bits_as<std::uint32_t>(p[i]) << 16) * x;
        for (std::size_t i = 0; i < count; ++i) upper.v[i] += bits_as<float>(bits_as<std::uint32_t>(p[i]) & 0xFFFF0000U) * x;
    }
#endif
};

/// Outputs that are summed together: their weights lie in one panel, column by column.
/// measured: of 32, 64, 128 and 256, 64 is within 2 % of the best from H64 on, and narrower machines hold its sums in registers too. On a
/// Zen 5 against whole columns: H64 345 and 478 ns, H128 1300 and 1880, H256 5700 and 9000
inline constexpr std::size_t panel_rows = 64;

/// How a panel lies. Of 16-bit weights the rows of each 32 lie two to a number, the second sixteen in the upper halves, so that a register is
/// read once and gives two; rows that are left over lie whole, and so do matrices of few columns, which are near anyway.
template <weight_bits Bits>
struct panels {
    /// How many of `width` rows lie in pairs.
    [[nodiscard]] static constexpr std::size_t paired(std::size_t width, std::size_t columns) {
        return Bits == weight_bits::sixteen && columns > 32 ? width / 32 * 32 : 0;
    }
    /// Numbers that a column of a panel takes.
    [[nodiscard]] static constexpr std::size_t words(std::size_t width, std::size_t columns) {
        return width - paired(width, columns) / 2;
    }
    /// Numbers that a matrix takes.
    [[nodiscard]] static constexpr std::size_t size(std::size_t rows, std::size_t columns) {
        return (rows / panel_rows * words(panel_rows, columns) + words(rows % panel_rows, columns)) * columns;
    }

    struct place {
        std::size_t index;
        std::int8_t half;  ///< 0 lower, 1 upper, -1: a whole number
    };
    /// Where number (row, column) of a matrix lies.
    [[nodiscard]] static constexpr place find(std::size_t rows, std::size_t columns, std::size_t row, std::size_t column) {
        const std::size_t panel = row / panel_rows, r = row % panel_rows;
        const std::size_t width = std::min(panel_rows, rows - panel * panel_rows);
        const std::size_t start = panel * words(panel_rows, columns) * columns + column * words(width, columns);
        if (r < paired(width, columns)) return {start + r / 32 * 16 + r % 16, static_cast<std::int8_t>(r / 16 % 2)};
        return {start + r - paired(width, columns) / 2, -1};
    }
    /// Writes a number, rounded where it lies in a pair.
    template <class Real>
    static void set(Real* w, place at, Real value) {
        if constexpr (Bits == weight_bits::sixteen) {
            if (at.half >= 0) {
                const auto bits = bits_as<std::uint32_t>(value);
                const std::uint32_t rounded = (bits + 0x7FFFU + (bits >> 16 & 1U)) >> 16;
                const std::uint32_t before = bits_as<std::uint32_t>(w[at.index]);
                w[at.index] =
                    bits_as<float>(at.half == 0 ? (before & 0xFFFF0000U) | rounded : (before & 0xFFFFU) | rounded << 16);
                return;
            }
        }
        w[at.index] = value;
    }
    template <class Real>
    [[nodiscard]] static Real get(const Real* w, place at) {
        if constexpr (Bits == weight_bits::sixteen)
            if (at.half >= 0) {
                const std::uint32_t word = bits_as<std::uint32_t>(w[at.index]);
                return bits_as<float>(at.half == 0 ? word << 16 : word & 0xFFFF0000U);
            }
        return w[at.index];
    }
};

/// Sums of a panel that is `Rows` wide: whole registers, then numbers that fill none.
template <std::size_t Rows, class Real>
struct panel_sums {
    static constexpr std::size_t n = lanes<Real>::count, whole = Rows / n, rest = Rows % n;
    lanes<Real> sums[whole == 0 ? 1 : whole];
    Real tail[rest == 0 ? 1 : rest];

    LOFI_INLINE void read(const Real* y) {
        for (std::size_t b = 0; b < whole; ++b) sums[b].read(y + b * n);
        for (std::size_t k = 0; k < rest; ++k) tail[k] = y[whole * n + k];
    }
    LOFI_INLINE void write(Real* y) const {
        for (std::size_t b = 0; b < whole; ++b) sums[b].write(y + b * n);
        for (std::size_t k = 0; k < rest; ++k) y[whole * n + k] = tail[k];
    }
    /// Adds w_io x_i, of a panel.
    template <std::size_t In, weight_bits Bits>
    LOFI_INLINE void add(const Real* w, const Real* x) {
        constexpr std::size_t words = panels<Bits>::words(Rows, In), pairs = panels<Bits>::paired(Rows, In) / (2 * n);
        const auto column = [&](std::size_t i, lanes<Real>* to) {
            const Real* const c = w + i * words;
            if constexpr (pairs > 0)
                for (std::size_t b = 0; b < pairs; ++b) lanes<Real>::add_pair(c + b * n, x[i], to[2 * b], to[2 * b + 1]);
            for (std::size_t b = 2 * pairs; b < whole; ++b) to[b].add_product(c + (b - pairs) * n, x[i]);
        };
        if constexpr (pairs > 0) {
            // Two columns at a time: these are read faster than one sum can follow the other.
            lanes<Real> others[whole];
            for (std::size_t b = 0; b < whole; ++b) others[b].clear();
            for (std::size_t i = 0; i + 1 < In; i += 2) column(i, sums), column(i + 1, others);
            if constexpr (In % 2 == 1) column(In - 1, sums);
            for (std::size_t b = 0; b < whole; ++b) sums[b].add(others[b]);
        } else {
            for (std::size_t i = 0; i < In; ++i) column(i, sums);
        }
        // What fills no register, one by one: eight sums each, so that no addition waits for the one before.
        for (std::size_t k = 0; k < rest; ++k) {
            Real part[8] = {};
            constexpr std::size_t eights = In / 8 * 8;
            const Real* const row = w + (whole - pairs) * n + k;
            for (std::size_t i = 0; i < eights; i += 8)
                for (std::size_t j = 0; j < 8; ++j) part[j] += row[(i + j) * words] * x[i + j];
            for (std::size_t i = eights; i < In; ++i) part[i - eights] += row[i * words] * x[i];
            tail[k] += ((part[0] + part[4]) + (part[1] + part[5])) + ((part[2] + part[6]) + (part[3] + part[7]));
        }
    }
};

/// A matrix in panels, and the vector that it is multiplied with.
template <std::size_t In, class Real>
struct panel_product {
    const Real *w, *x;
};

/// Adds w_io x_i to y_o, for one or several products in one pass over the outputs.
template <std::size_t Out, weight_bits Bits, class Real, std::size_t... In>
LOFI_INLINE void add_matvec(Real* y, panel_product<In, Real>... of) noexcept {
    constexpr std::size_t whole = Out / panel_rows, rest = Out % panel_rows;
    for (std::size_t p = 0; p < whole; ++p) {
        panel_sums<panel_rows, Real> sums;
        sums.read(y + p * panel_rows);
        (sums.template add<In, Bits>(of.w + p * panels<Bits>::words(panel_rows, In) * In, of.x), ...);
        sums.write(y + p * panel_rows);
    }
    if constexpr (rest > 0) {
        panel_sums<rest, Real> sums;
        sums.read(y + whole * panel_rows);
        (sums.template add<In, Bits>(of.w + whole * panels<Bits>::words(panel_rows, In) * In, of.x), ...);
        sums.write(y + whole * panel_rows);
    }
}

}  // namespace lofi::inline LOFI_ABI::backend::detail
