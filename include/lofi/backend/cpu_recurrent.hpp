#pragma once
// LSTM and GRU on the CPU: one product with the recurrent matrix a step, everything between two products in one loop.
#include <algorithm>
#include <cstddef>

#include <lofi/backend/backend.hpp>
#include <lofi/backend/cpu_gemm.hpp>
#include <lofi/backend/detail/recurrent_rows.hpp>
#include <lofi/backend/detail/row_loops.hpp>
#include <lofi/backend/detail/vectorised.hpp>

namespace lofi::inline LOFI_ABI::backend::detail {

/// Records without their static width: the walks below are compiled once for all widths.
template <class Real>
struct raw_lstm {
    Real *gates, *h, *c, *tanh_c;
    const Real* mask;
};
template <class Real>
struct raw_gru {
    Real *gates, *h, *hn;
};

template <class Real, std::size_t H>
raw_lstm<Real> raw(const lstm_record<Real, H>& r) {
    return {r.gates.data(), r.h.data(), r.c.data(), r.tanh_c.data(), r.mask.data()};
}
template <class Real, std::size_t H>
raw_gru<Real> raw(const gru_record<Real, H>& r) {
    return {r.gates.data(), r.h.data(), r.hn.data()};
}

// ---------------------------------------------------------------- the rows of one step

/// A step's rows of outputs or of their gradients; null where there are none.
template <class Real>
struct strided_rows {
    Real* data;
    std::size_t stride;
};

/// Copies the state after the step to the output, zeros beyond a sequence's end.
template <class Real>
LOFI_INLINE void put_output(bool inside, std::size_t size, const Real* h, strided_rows<Real> y, std::size_t b) {
    if (y.data == nullptr) return;
    for (std::size_t j = 0; j < size; ++j) y.data[b * y.stride + j] = inside ? h[j] : Real{0};
}

/// r points at the step's own rows; h0, c0 are the states before and h1, c1 those after it.
template <class Real>
LOFI_INLINE void lstm_rows(const sequence_walk* walk, std::size_t t, std::size_t size, Real* gates, Real* tanh_c,
                           const Real* h0, const Real* c0, Real* h1, Real* c1, strided_rows<Real> y) {
    for (std::size_t b = 0; b < walk->batch; ++b) {
        const std::size_t at = b * size;
        const bool inside = walk->inside(t, b);
        if (inside) {
            lstm_row(size, gates + 4 * at, c0 + at, c1 + at, tanh_c + at, h1 + at);
        } else {
            for (std::size_t j = 0; j < size; ++j) h1[at + j] = h0[at + j], c1[at + j] = c0[at + j];
        }
        put_output(inside, size, h1 + at, y, b);
    }
}

template <class Real>
LOFI_INLINE void lstm_rows_backward(const sequence_walk* walk, std::size_t t, std::size_t size, const Real* gates,
                                    const Real* tanh_c, const Real* c0, strided_rows<const Real> dy, Real* dh, Real* dc,
                                    Real* dgates) {
    for (std::size_t b = 0; b < walk->batch; ++b) {
        const std::size_t at = b * size;
        if (walk->inside(t, b)) {
            if (dy.data != nullptr) add_to(size, dy.data + b * dy.stride, dh + at);
            lstm_row_backward(size, gates + 4 * at, c0 + at, tanh_c + at, dh + at, dc + at, dgates + 4 * at);
            for (std::size_t j = 0; j < size; ++j) dh[at + j] = 0;
        } else {
            // The state passed through unchanged, and so does its gradient: the product that follows adds nothing to it.
            for (std::size_t j = 0; j < 4 * size; ++j) dgates[4 * at + j] = 0;
        }
    }
}

template <class Real>
LOFI_INLINE void gru_rows(const sequence_walk* walk, std::size_t t, std::size_t size, Real* gates, const Real* recurrent,
                          Real* hn, const Real* h0, Real* h1, strided_rows<Real> y) {
    for (std::size_t b = 0; b < walk->batch; ++b) {
        const std::size_t at = b * size;
        const bool inside = walk->inside(t, b);
        if (inside) {
            gru_row(size, gates + 3 * at, recurrent + 3 * at, h0 + at, hn + at, h1 + at);
        } else {
            for (std::size_t j = 0; j < size; ++j) h1[at + j] = h0[at + j];
        }
        put_output(inside, size, h1 + at, y, b);
    }
}

template <class Real>
LOFI_INLINE void gru_rows_backward(const sequence_walk* walk, std::size_t t, std::size_t size, const Real* gates,
                                   const Real* hn, const Real* h0, strided_rows<const Real> dy, Real* dh, Real* dx_gates,
                                   Real* dh_gates) {
    for (std::size_t b = 0; b < walk->batch; ++b) {
        const std::size_t at = b * size;
        if (walk->inside(t, b)) {
            if (dy.data != nullptr) add_to(size, dy.data + b * dy.stride, dh + at);
            gru_row_backward(size, gates + 3 * at, h0 + at, hn + at, dh + at, dx_gates + 3 * at, dh_gates + 3 * at);
        } else {
            for (std::size_t j = 0; j < 3 * size; ++j) dx_gates[3 * at + j] = 0, dh_gates[3 * at + j] = 0;
        }
    }
}

// ---------------------------------------------------------------- whole sequences

/// Returns the rows of step t.
template <class Real>
strided_rows<Real> rows_of_step(Real* data, std::size_t stride, std::size_t batch, std::size_t t) {
    return {data == nullptr ? nullptr : data + t * batch * stride, stride};
}

/// Adds h U^T to the gates of B rows; through a mask, gate by gate.
template <class Real>
void recur(int threads, std::size_t batch, std::size_t size, const Real* u, const Real* h, const Real* mask, Real* work,
           Real* gates) {
    if (mask == nullptr) {
        gemm(threads, transposed::no, transposed::yes, batch, 4 * size, size, h, size, u, size, Real{1}, gates, 4 * size);
        return;
    }
    for (std::size_t gate = 0; gate < 4; ++gate) {
        multiply(batch * size, h, mask + gate * batch * size, work);
        gemm(threads, transposed::no, transposed::yes, batch, size, size, work, size, u + gate * size * size, size, Real{1},
             gates + gate * size, 4 * size);
    }
}

template <class Real>
void lstm_forward(int threads, const sequence_walk& walk, std::size_t size, const Real* u, raw_lstm<Real> r, Real* y,
                  std::size_t y_stride, Real* work) {
    const std::size_t batch = walk.batch, slot = batch * size;
    for (std::size_t nth = 0; nth < walk.steps; ++nth) {
        const std::size_t t = walk.at(nth), before = walk.before(t) * slot, after = walk.after(t) * slot;
        recur(threads, batch, size, u, r.h + before, r.mask, work, r.gates + t * 4 * slot);
        vectorised<&lstm_rows<Real>>(&walk, t, size, r.gates + t * 4 * slot, r.tanh_c + t * slot, r.h + before, r.c + before,
                                     r.h + after, r.c + after, rows_of_step(y, y_stride, batch, t));
    }
}

template <class Real>
void lstm_backward(int threads, const sequence_walk& walk, std::size_t size, const Real* u, raw_lstm<Real> r, const Real* dy,
                   std::size_t dy_stride, Real* dgates, Real* dh, Real* dc, Real* work) {
    const std::size_t batch = walk.batch, slot = batch * size;
    for (std::size_t nth = walk.steps; nth-- > 0;) {
        const std::size_t t = walk.at(nth);
        Real* const dg = dgates + t * 4 * slot;
        vectorised<&lstm_rows_backward<Real>>(&walk, t, size, r.gates + t * 4 * slot, r.tanh_c + t * slot,
                                              r.c + walk.before(t) * slot, rows_of_step(dy, dy_stride, batch, t), dh, dc, dg);
        if (r.mask == nullptr) {
            gemm(threads, transposed::no, transposed::no, batch, size, 4 * size, dg, 4 * size, u, size, Real{1}, dh, size);
            continue;
        }
        for (std::size_t gate = 0; gate < 4; ++gate) {
            gemm(threads, transposed::no, transposed::no, batch, size, size, dg + gate * size, 4 * size, u + gate * size * size,
                 size, Real{0}, work, size);
            const Real* const mask = r.mask + gate * slot;
            for (std::size_t i = 0; i < slot; ++i) dh[i] += work[i] * mask[i];
        }
    }
}

template <class Real>
void gru_forward(int threads, const sequence_walk& walk, std::size_t size, const Real* u, const Real* bias, raw_gru<Real> r,
                 Real* y, std::size_t y_stride, Real* work) {
    const std::size_t batch = walk.batch, slot = batch * size;
    for (std::size_t nth = 0; nth < walk.steps; ++nth) {
        const std::size_t t = walk.at(nth), before = walk.before(t) * slot, after = walk.after(t) * slot;
        for (std::size_t b = 0; b < batch; ++b) std::copy_n(bias, 3 * size, work + b * 3 * size);
        gemm(threads, transposed::no, transposed::yes, batch, 3 * size, size, r.h + before, size, u, size, Real{1}, work,
             3 * size);
        vectorised<&gru_rows<Real>>(&walk, t, size, r.gates + t * 3 * slot, work, r.hn + t * slot, r.h + before, r.h + after,
                                    rows_of_step(y, y_stride, batch, t));
    }
}

template <class Real>
void gru_backward(int threads, const sequence_walk& walk, std::size_t size, const Real* u, raw_gru<Real> r, const Real* dy,
                  std::size_t dy_stride, Real* dx_gates, Real* dh_gates, Real* dh) {
    const std::size_t batch = walk.batch, slot = batch * size;
    for (std::size_t nth = walk.steps; nth-- > 0;) {
        const std::size_t t = walk.at(nth);
        Real *const dxg = dx_gates + t * 3 * slot, *const dhg = dh_gates + t * 3 * slot;
        vectorised<&gru_rows_backward<Real>>(&walk, t, size, r.gates + t * 3 * slot, r.hn + t * slot,
                                             r.h + walk.before(t) * slot, rows_of_step(dy, dy_stride, batch, t), dh, dxg, dhg);
        gemm(threads, transposed::no, transposed::no, batch, size, 3 * size, dhg, 3 * size, u, size, Real{1}, dh, size);
    }
}

}  // namespace lofi::inline LOFI_ABI::backend::detail
