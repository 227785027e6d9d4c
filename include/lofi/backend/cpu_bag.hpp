#pragma once
// Sums of table rows on the CPU: what a product with a matrix of zeros and ones would give, without the product.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/backend/cpu.hpp>

namespace lofi::inline LOFI_ABI::backend {

/// Adds to row n of y the rows ids[n*K], ..., ids[n*K+K-1] of w; negative ids add nothing.
/// shapes: w (V,W), ids (N*K), y (N,W)
/// writes: y +=
template <class Real, std::size_t V, std::size_t W>
void gather_sum(cpu<Real>&, matrix<Real, V, W> w, std::span<const std::int32_t> ids, columns<Real, W> y) {
    if (y.empty()) return;
    const std::size_t K = ids.size() / y.count();
    LOFI_ASSERT(K * y.count() == ids.size(), "a sum of rows needs the same number of ids for each output row");
    for (std::size_t n = 0; n < y.count(); ++n)
        for (std::size_t k = 0; k < K; ++k)
            if (const std::int32_t id = ids[n * K + k]; id >= 0) {
                LOFI_ASSERT(id < static_cast<std::int32_t>(V), "an id lies beyond the vocabulary");
                detail::add_to(W, w.data + static_cast<std::size_t>(id) * W, y.row(n));
            }
}

/// Adds row n of dy to the rows ids[n*K], ..., ids[n*K+K-1] of dw.
/// writes: dw +=
template <class Real, std::size_t V, std::size_t W>
void scatter_sum(cpu<Real>&, columns<const Real, W> dy, std::span<const std::int32_t> ids, matrix<Real, V, W> dw) {
    if (dy.empty()) return;
    const std::size_t K = ids.size() / dy.count();
    LOFI_ASSERT(K * dy.count() == ids.size(), "a sum of rows needs the same number of ids for each gradient row");
    for (std::size_t n = 0; n < dy.count(); ++n)
        for (std::size_t k = 0; k < K; ++k)
            if (const std::int32_t id = ids[n * K + k]; id >= 0)
                detail::add_to(W, dy.row(n), dw.data + static_cast<std::size_t>(id) * W);
}

/// Writes B rows again and again: row n of y is row n mod B of x.
template <class Real, std::size_t N>
void repeat_rows(cpu<Real>&, columns<const Real, N> x, columns<Real, N> y) {
    for (std::size_t n = 0; n < y.count(); ++n) std::copy_n(x.row(n % x.count()), N, y.row(n));
}

/// Adds row n of y to row n mod B of x, in the order of the rows.
/// writes: x +=
template <class Real, std::size_t N>
void sum_repeated(cpu<Real>&, columns<const Real, N> y, columns<Real, N> x) {
    for (std::size_t n = 0; n < y.count(); ++n) detail::add_to(N, y.row(n), x.row(n % x.count()));
}

/// Adds the rows of a table that ids name to y, for one row.
/// realtime: yes
template <class Real, std::size_t V, std::size_t W>
void gather_sum_step(cpu<Real>&, affine<Real, V, W, false> table, std::span<const std::int32_t> ids,
                     frame<Real, W> y) noexcept {
    for (const std::int32_t id : ids)
        if (id >= 0) detail::add_to(W, table.w.data + static_cast<std::size_t>(id) * W, y.data());
}

/// Runs one LSTM step whose input has been brought to its gates already: y = h U^T is added to `gates` (4H), which end as values.
/// realtime: yes
template <class Real, std::size_t H>
void lstm_gates_step(cpu<Real>& be, affine<Real, 4 * H, H, false> u, frame<Real, 4 * H> gates, frame<Real, H> h,
                     frame<Real, H> c) noexcept {
    Real recurrent[4 * H], next[H], tanh_c[H];
    linear_step(be, frame<const Real, H>(h), u, frame<Real, 4 * H>(recurrent));
    detail::add_to(4 * H, recurrent, gates.data());
    detail::lstm_row(H, gates.data(), c.data(), next, tanh_c, h.data());
    std::copy_n(next, H, c.data());
}

}  // namespace lofi::inline LOFI_ABI::backend
