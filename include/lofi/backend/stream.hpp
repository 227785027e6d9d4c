#pragma once
// The backend that runs layers one frame at a time in real numbers, without BLAS: the play door's when speed of training is no
// matter. Its matrices lie in panels of 64 outputs, column by column, so that the sums stay in registers while a panel is read from front to
// back.
#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <lofi/backend/backend.hpp>
#include <lofi/backend/detail/conv_block.hpp>
#include <lofi/backend/detail/matvec.hpp>
#include <lofi/backend/detail/recurrent_rows.hpp>
#include <lofi/backend/detail/row_loops.hpp>
#include <lofi/backend/detail/vectorised.hpp>

namespace lofi::inline LOFI_ABI::backend {

/// A matrix that lies in panels of rows, each column by column.
template <class Real, std::size_t Rows, std::size_t Columns, weight_bits Bits = weight_bits::all>
struct column_matrix {
    using layout = detail::panels<Bits>;
    static constexpr std::size_t count = layout::size(Rows, Columns);
    Real* data = nullptr;

    /// The numbers as they lie: of 16-bit weights fewer than the matrix has.
    [[nodiscard]] constexpr std::span<Real> flat() const { return {data, count}; }
    [[nodiscard]] Real at(std::size_t row, std::size_t column) const {
        return layout::get(data, layout::find(Rows, Columns, row, column));
    }
};

/// Weights of y = x W^T + b with W in panels.
template <class Real, std::size_t Out, std::size_t In, bool Bias = true, weight_bits Bits = weight_bits::all>
struct column_affine {
    using matrix_type = column_matrix<Real, Out, In, Bits>;
    static constexpr std::size_t count = matrix_type::count + (Bias ? Out : 0);
    matrix_type w;
    Real* b = nullptr;

    static constexpr column_affine bind(cursor<Real>& at) {
        column_affine p{.w = {at.take(matrix_type::count)}};
        if constexpr (Bias) p.b = at.take(Out);
        return p;
    }
};

/// Steps in real numbers. `nn/streaming.hpp` turns trained weights into its form; those of 16 bits are read in half the time, which is
/// what a step takes from 64 hidden numbers on, and differ from the trained ones by 1/512 of their size at most.
template <std::floating_point Real, weight_bits Bits = weight_bits::all>
struct stream {
    static_assert(Bits == weight_bits::all || std::is_same_v<Real, float>, "weights of 16 bits are halves of a float");
    using real = Real;
    static constexpr weight_bits bits = Bits;
    template <std::size_t Out, std::size_t In, bool Bias = true>
    using weights = column_affine<Real, Out, In, Bias, Bits>;
};

namespace detail {

template <std::size_t O, std::size_t I, weight_bits Bits, class Real>
LOFI_INLINE void linear_frame(const Real* x, const Real* w, const Real* b, Real* y) noexcept {
    for (std::size_t o = 0; o < O; ++o) y[o] = b != nullptr ? b[o] : Real{0};
    add_matvec<O, Bits>(y, panel_product<I, Real>{w, x});
}

template <std::size_t H, std::size_t I, weight_bits Bits, class Real>
LOFI_INLINE void lstm_frame(const Real* x, const Real* w, const Real* b, const Real* u, const Real* bu, Real* h,
                            Real* c) noexcept {
    alignas(64) Real gates[4 * H], tanh_c[H], next[H];
    for (std::size_t o = 0; o < 4 * H; ++o) gates[o] = bu != nullptr ? b[o] + bu[o] : b[o];
    add_matvec<4 * H, Bits>(+gates, panel_product<I, Real>{w, x}, panel_product<H, Real>{u, h});
    lstm_row<Real>(H, gates, c, next, tanh_c, h);
    for (std::size_t j = 0; j < H; ++j) c[j] = next[j];
}

template <std::size_t H, std::size_t I, weight_bits Bits, class Real>
LOFI_INLINE void gru_frame(const Real* x, const Real* w, const Real* b, const Real* u, const Real* bu, Real* h) noexcept {
    alignas(64) Real gates[3 * H], recurrent[3 * H], hn[H], next[H];
    linear_frame<3 * H, I, Bits>(x, w, b, gates);
    linear_frame<3 * H, H, Bits>(h, u, bu, recurrent);
    gru_row<Real>(H, gates, recurrent, h, hn, next);
    for (std::size_t j = 0; j < H; ++j) h[j] = next[j];
}

}  // namespace detail

/// Computes y_o = w_oi x_i + b_o.
/// realtime: yes
template <class Real, weight_bits Bits, std::size_t O, std::size_t I, bool Bias>
void linear_step(stream<Real, Bits>&, frame<const Real, I> x, column_affine<Real, O, I, Bias, Bits> p,
                 frame<Real, O> y) noexcept {
    detail::vectorised<&detail::linear_frame<O, I, Bits, Real>>(x.data(), p.w.data, p.b, y.data());
}

/// Runs one step of an LSTM for one sequence.
/// writes: h, c: on entry the states before the step, afterwards those after it
/// realtime: yes
template <class Real, weight_bits Bits, std::size_t H, std::size_t I, bool Bias>
void lstm_step(stream<Real, Bits>&, frame<const Real, I> x, column_affine<Real, 4 * H, I, true, Bits> ih,
               column_affine<Real, 4 * H, H, Bias, Bits> hh, frame<Real, H> h, frame<Real, H> c) noexcept {
    detail::vectorised<&detail::lstm_frame<H, I, Bits, Real>>(x.data(), ih.w.data, ih.b, hh.w.data, hh.b, h.data(), c.data());
}

/// Runs one step of a GRU for one sequence.
/// writes: h: on entry the state before the step, afterwards that after it
/// realtime: yes
template <class Real, weight_bits Bits, std::size_t H, std::size_t I>
void gru_step(stream<Real, Bits>&, frame<const Real, I> x, column_affine<Real, 3 * H, I, true, Bits> ih,
              column_affine<Real, 3 * H, H, true, Bits> hh, frame<Real, H> h) noexcept {
    detail::vectorised<&detail::gru_frame<H, I, Bits, Real>>(x.data(), ih.w.data, ih.b, hh.w.data, hh.b, h.data());
}

/// Computes y_no = b_o + the sum over taps j of w_j with row n behind taps[j]: a block of frames of a convolution.
/// shapes: taps: K pointers to y.count() contiguous rows (I); p (O,K*I), oldest tap first; y (N,O)
/// realtime: yes
template <class Real, std::size_t O, std::size_t KI, bool Bias, std::size_t K>
void convolve_block(stream<Real>&, std::span<const Real* const, K> taps, column_affine<Real, O, KI, Bias> p,
                    columns<Real, O> y) noexcept {
    detail::vectorised<&detail::convolve_panels<O, KI / K, K, Real>>(
        taps.data(), static_cast<const Real*>(p.w.data), static_cast<const Real*>(p.b), y.data(), y.stride(), y.count());
}

/// Computes y = f(x), number by number.
/// realtime: yes
template <class Real, weight_bits Bits, std::size_t N>
void map(stream<Real, Bits>&, function f, columns<const Real, N> x, columns<Real, N> y) noexcept {
    for (std::size_t n = 0; n < x.count(); ++n) detail::map(f, N, x.row(n), y.row(n));
}

/// Computes y_nc = tanh(z_nc) sigmoid(z_n(C+c)). z is lost.
/// realtime: yes
template <class Real, std::size_t C>
void gate(stream<Real>&, columns<Real, 2 * C> z, columns<Real, C> y) noexcept {
    for (std::size_t n = 0; n < y.count(); ++n) detail::vectorised<&detail::gate<Real>>(C, z.row(n), y.row(n));
}

/// Computes the length of each row of a matrix.
/// realtime: yes
template <class Real, std::size_t O, std::size_t I>
void row_lengths(stream<Real>&, column_matrix<Real, O, I> w, frame<Real, O> y) noexcept {
    for (std::size_t o = 0; o < O; ++o) y[o] = 0;
    for (std::size_t i = 0; i < I; ++i)
        for (std::size_t o = 0; o < O; ++o) y[o] += w.at(o, i) * w.at(o, i);
    for (std::size_t o = 0; o < O; ++o) y[o] = std::sqrt(y[o]);
}

/// Copies row ids[n] of w into row n of y; a negative id gives zeros.
/// realtime: yes
template <class Real, weight_bits Bits, std::size_t V, std::size_t E>
void gather(stream<Real, Bits>&, column_matrix<Real, V, E, Bits> w, std::span<const std::int32_t> ids,
            columns<Real, E> y) noexcept {
    for (std::size_t n = 0; n < ids.size(); ++n) {
        LOFI_ASSERT(ids[n] < static_cast<std::int32_t>(V), "an id lies beyond the vocabulary");
        for (std::size_t e = 0; e < E; ++e) y.row(n)[e] = ids[n] < 0 ? Real{0} : w.at(static_cast<std::size_t>(ids[n]), e);
    }
}

}  // namespace lofi::inline LOFI_ABI::backend
