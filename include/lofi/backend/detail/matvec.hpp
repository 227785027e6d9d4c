#pragma once
// Product of a matrix and a vector for one frame: the outputs in vector registers, the matrix read once from front to back.
#include <algorithm>
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
#else
    Real v[count];
    LOFI_INLINE void read(const Real* p) { std::memcpy(v, p, sizeof v); }
    LOFI_INLINE void write(Real* p) const { std::memcpy(p, v, sizeof v); }
    LOFI_INLINE void add_product(const Real* p, Real x) {
        for (std::size_t i = 0; i < count; ++i) v[i] += p[i] * x;
    }
#endif
};

/// Outputs that are summed together: their weights lie in one panel, column by column.
/// measured: of 32, 64, 128 and 256, 64 is within 2 % of the best from H64 on, and narrower machines hold its sums in registers too. On a
/// Zen 5 against whole columns: H64 345 and 478 ns, H128 1300 and 1880, H256 5700 and 9000
inline constexpr std::size_t panel_rows = 64;

/// Where number (row, column) of a matrix lies in its panels.
[[nodiscard]] constexpr std::size_t panel_place(std::size_t rows, std::size_t columns, std::size_t row, std::size_t column) {
    const std::size_t first = row / panel_rows * panel_rows;
    return first * columns + column * std::min(panel_rows, rows - first) + (row - first);
}

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
    template <std::size_t In>
    LOFI_INLINE void add(const Real* w, const Real* x) {
        for (std::size_t i = 0; i < In; ++i)
            for (std::size_t b = 0; b < whole; ++b) sums[b].add_product(w + i * Rows + b * n, x[i]);
        // What fills no register, one by one: eight sums each, so that no addition waits for the one before.
        for (std::size_t k = 0; k < rest; ++k) {
            Real part[8] = {};
            constexpr std::size_t eights = In / 8 * 8;
            const Real* const column = w + whole * n + k;
            for (std::size_t i = 0; i < eights; i += 8)
                for (std::size_t j = 0; j < 8; ++j) part[j] += column[(i + j) * Rows] * x[i + j];
            for (std::size_t i = eights; i < In; ++i) part[i - eights] += column[i * Rows] * x[i];
            tail[k] += ((part[0] + part[4]) + (part[1] + part[5])) + ((part[2] + part[6]) + (part[3] + part[7]));
        }
    }
};

/// Adds w_io x_i to y_o. w lies in panels.
template <std::size_t Out, std::size_t In, class Real>
LOFI_INLINE void add_matvec(const Real* w, const Real* x, Real* y) noexcept {
    constexpr std::size_t whole = Out / panel_rows * panel_rows;
    for (std::size_t o = 0; o < whole; o += panel_rows) {
        panel_sums<panel_rows, Real> sums;
        sums.read(y + o);
        sums.template add<In>(w + o * In, x);
        sums.write(y + o);
    }
    if constexpr (Out > whole) {
        panel_sums<Out - whole, Real> sums;
        sums.read(y + whole);
        sums.template add<In>(w + whole * In, x);
        sums.write(y + whole);
    }
}

/// Adds w_io x_i + u_jo h_j to y_o: two products in one pass over the outputs.
template <std::size_t Out, std::size_t In, std::size_t Also, class Real>
LOFI_INLINE void add_two_matvecs(const Real* w, const Real* x, const Real* u, const Real* h, Real* y) noexcept {
    constexpr std::size_t whole = Out / panel_rows * panel_rows;
    for (std::size_t o = 0; o < whole; o += panel_rows) {
        panel_sums<panel_rows, Real> sums;
        sums.read(y + o);
        sums.template add<In>(w + o * In, x);
        sums.template add<Also>(u + o * Also, h);
        sums.write(y + o);
    }
    if constexpr (Out > whole) {
        panel_sums<Out - whole, Real> sums;
        sums.read(y + whole);
        sums.template add<In>(w + whole * In, x);
        sums.template add<Also>(u + whole * Also, h);
        sums.write(y + whole);
    }
}

}  // namespace lofi::inline LOFI_ABI::backend::detail
