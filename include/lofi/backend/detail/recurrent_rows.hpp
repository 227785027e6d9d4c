#pragma once
// What an LSTM and a GRU do between two products: one row of gates, onward and back.
#include <cstddef>

#include <lofi/backend/detail/vector_math.hpp>

namespace lofi::inline LOFI_ABI::backend::detail {

/// Turns the sums of one row into gates and the next state. g (4H) holds i, f, g, o.
template <class Real>
LOFI_INLINE void lstm_row(std::size_t size, Real* LOFI_RESTRICT g, const Real* LOFI_RESTRICT c_before, Real* LOFI_RESTRICT c,
                          Real* LOFI_RESTRICT tanh_c, Real* LOFI_RESTRICT h) {
    for (std::size_t j = 0; j < size; ++j) {
        const Real i = fast_sigmoid(g[j]), f = fast_sigmoid(g[size + j]);
        const Real n = fast_tanh(g[2 * size + j]), o = fast_sigmoid(g[3 * size + j]);
        const Real next = f * c_before[j] + i * n, t = fast_tanh(next);
        g[j] = i, g[size + j] = f, g[2 * size + j] = n, g[3 * size + j] = o;
        c[j] = next, tanh_c[j] = t, h[j] = o * t;
    }
}

/// dh: gradient of h; dc: of c on entry, of the c before afterwards; dg (4H): of the sums.
template <class Real>
LOFI_INLINE void lstm_row_backward(std::size_t size, const Real* LOFI_RESTRICT g, const Real* LOFI_RESTRICT c_before,
                                   const Real* LOFI_RESTRICT tanh_c, const Real* LOFI_RESTRICT dh, Real* LOFI_RESTRICT dc,
                                   Real* LOFI_RESTRICT dg) {
    for (std::size_t j = 0; j < size; ++j) {
        const Real i = g[j], f = g[size + j], n = g[2 * size + j], o = g[3 * size + j], t = tanh_c[j];
        const Real d = dc[j] + dh[j] * o * (1 - t * t);
        dg[j] = d * n * i * (1 - i);
        dg[size + j] = d * c_before[j] * f * (1 - f);
        dg[2 * size + j] = d * i * (1 - n * n);
        dg[3 * size + j] = dh[j] * t * o * (1 - o);
        dc[j] = d * f;
    }
}

/// g (3H) holds x W^T + b for r, z, n and becomes the gates; u (3H) holds h U^T + b.
template <class Real>
LOFI_INLINE void gru_row(std::size_t size, Real* LOFI_RESTRICT g, const Real* LOFI_RESTRICT u,
                         const Real* LOFI_RESTRICT h_before, Real* LOFI_RESTRICT hn, Real* LOFI_RESTRICT h) {
    for (std::size_t j = 0; j < size; ++j) {
        const Real r = fast_sigmoid(g[j] + u[j]), z = fast_sigmoid(g[size + j] + u[size + j]);
        const Real n = fast_tanh(g[2 * size + j] + r * u[2 * size + j]);
        g[j] = r, g[size + j] = z, g[2 * size + j] = n;
        hn[j] = u[2 * size + j], h[j] = (1 - z) * n + z * h_before[j];
    }
}

/// dh: gradient of h on entry, of the part of the h before that bypasses U afterwards.
template <class Real>
LOFI_INLINE void gru_row_backward(std::size_t size, const Real* LOFI_RESTRICT g, const Real* LOFI_RESTRICT h_before,
                                  const Real* LOFI_RESTRICT hn, Real* LOFI_RESTRICT dh, Real* LOFI_RESTRICT dx_gates,
                                  Real* LOFI_RESTRICT dh_gates) {
    for (std::size_t j = 0; j < size; ++j) {
        const Real r = g[j], z = g[size + j], n = g[2 * size + j], d = dh[j];
        const Real dn = d * (1 - z) * (1 - n * n), dr = dn * hn[j] * r * (1 - r);
        const Real dz = d * (h_before[j] - n) * z * (1 - z);
        dx_gates[j] = dr, dx_gates[size + j] = dz, dx_gates[2 * size + j] = dn;
        dh_gates[j] = dr, dh_gates[size + j] = dz, dh_gates[2 * size + j] = dn * r;
        dh[j] = d * z;
    }
}

}  // namespace lofi::inline LOFI_ABI::backend::detail
