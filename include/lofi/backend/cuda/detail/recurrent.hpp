#pragma once
// What an LSTM and a GRU do between two products of a step: fused gates, onward and back, for all rows of the batch.
#include <lofi/backend/cuda/detail/elementwise.hpp>

namespace lofi::inline LOFI_ABI::backend::kernels {

/// Which rows of step t are still inside their sequences.
struct step_of_walk {
    const std::int32_t* lengths;  ///< null: all
    std::size_t t;

    LOFI_KERNEL bool inside(std::size_t b) const { return lengths == nullptr || static_cast<std::int32_t>(t) < lengths[b]; }
};

template <class Real>
struct lstm_gates_op {
    step_of_walk walk;
    std::size_t size;
    Real *gates, *tanh_c;
    const Real *h0, *c0;
    Real *h1, *c1;
    strided<Real> y;

    LOFI_KERNEL void operator()(std::size_t b, std::size_t j) const {
        const std::size_t at = b * size + j;
        const bool inside = walk.inside(b);
        if (inside) {
            Real* const g = gates + 4 * b * size + j;
            const Real i = sigmoid(g[0]), f = sigmoid(g[size]), n = std::tanh(g[2 * size]), o = sigmoid(g[3 * size]);
            const Real next = f * c0[at] + i * n, t = std::tanh(next);
            g[0] = i, g[size] = f, g[2 * size] = n, g[3 * size] = o;
            c1[at] = next, tanh_c[at] = t, h1[at] = o * t;
        } else {
            h1[at] = h0[at], c1[at] = c0[at];
        }
        if (y.data != nullptr) y.at(b, j) = inside ? h1[at] : Real(0);
    }
};

/// Leaves in dh what the product with U is added to: nothing inside a sequence, the gradient itself beyond its end.
template <class Real>
struct lstm_gates_backward_op {
    step_of_walk walk;
    std::size_t size;
    const Real *gates, *tanh_c, *c0;
    strided<const Real> dy;
    Real *dh, *dc, *dgates;

    LOFI_KERNEL void operator()(std::size_t b, std::size_t j) const {
        const std::size_t at = b * size + j;
        const Real* const g = gates + 4 * b * size + j;
        Real* const dg = dgates + 4 * b * size + j;
        if (!walk.inside(b)) {
            dg[0] = dg[size] = dg[2 * size] = dg[3 * size] = Real(0);
            return;
        }
        const Real i = g[0], f = g[size], n = g[2 * size], o = g[3 * size], t = tanh_c[at];
        const Real down = dy.data == nullptr ? dh[at] : dh[at] + dy.at(b, j);
        const Real d = dc[at] + down * o * (1 - t * t);
        dg[0] = d * n * i * (1 - i);
        dg[size] = d * c0[at] * f * (1 - f);
        dg[2 * size] = d * i * (1 - n * n);
        dg[3 * size] = down * t * o * (1 - o);
        dc[at] = d * f;
        dh[at] = Real(0);
    }
};

template <class Real>
struct gru_gates_op {
    step_of_walk walk;
    std::size_t size;
    Real* gates;
    const Real* recurrent;
    Real* hn;
    const Real* h0;
    Real* h1;
    strided<Real> y;

    LOFI_KERNEL void operator()(std::size_t b, std::size_t j) const {
        const std::size_t at = b * size + j;
        const bool inside = walk.inside(b);
        if (inside) {
            Real* const g = gates + 3 * b * size + j;
            const Real* const u = recurrent + 3 * b * size + j;
            const Real r = sigmoid(g[0] + u[0]), z = sigmoid(g[size] + u[size]);
            const Real n = std::tanh(g[2 * size] + r * u[2 * size]);
            g[0] = r, g[size] = z, g[2 * size] = n;
            hn[at] = u[2 * size], h1[at] = (1 - z) * n + z * h0[at];
        } else {
            h1[at] = h0[at];
        }
        if (y.data != nullptr) y.at(b, j) = inside ? h1[at] : Real(0);
    }
};

template <class Real>
struct gru_gates_backward_op {
    step_of_walk walk;
    std::size_t size;
    const Real *gates, *hn, *h0;
    strided<const Real> dy;
    Real *dh, *dx_gates, *dh_gates;

    LOFI_KERNEL void operator()(std::size_t b, std::size_t j) const {
        const std::size_t at = b * size + j, first = 3 * b * size + j;
        const Real* const g = gates + first;
        Real *const dx = dx_gates + first, *const du = dh_gates + first;
        if (!walk.inside(b)) {
            dx[0] = dx[size] = dx[2 * size] = du[0] = du[size] = du[2 * size] = Real(0);
            return;
        }
        const Real r = g[0], z = g[size], n = g[2 * size], d = dy.data == nullptr ? dh[at] : dh[at] + dy.at(b, j);
        const Real dn = d * (1 - z) * (1 - n * n), dr = dn * hn[at] * r * (1 - r), dz = d * (h0[at] - n) * z * (1 - z);
        dx[0] = dr, dx[size] = dz, dx[2 * size] = dn;
        du[0] = dr, du[size] = dz, du[2 * size] = dn * r;
        dh[at] = d * z;
    }
};

}  // namespace lofi::inline LOFI_ABI::backend::kernels
