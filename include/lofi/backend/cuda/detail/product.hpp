#pragma once
// The portable body of matrix products: what cuBLAS is measured against, and what the emulator runs in its place.
#include <lofi/backend/cuda/detail/language.hpp>

namespace lofi::inline LOFI_ABI::backend::kernels {

/// C_ij = sum_k A_ik B_kj + beta C_ij; steps between numbers are given for both axes, so that one body serves all transposes.
template <class Real>
struct tiled_product {
    static constexpr int side = 32, deep = 16;
    const Real* a;
    std::size_t a_row, a_inner;
    const Real* b;
    std::size_t b_inner, b_column;
    Real* c;
    std::size_t c_row, m, n, k;
    Real beta;

    static dims launch(std::size_t m, std::size_t n) {
        return {.grid = static_cast<unsigned>((m + side - 1) / side * ((n + side - 1) / side)),
                .shared_bytes = 2 * side * (deep + 1) * sizeof(Real)};
    }
    template <class C>
    LOFI_KERNEL void operator()(C& ctx) const {
        // One number more in each row of the tiles, so that the threads of a warp read from different banks.
        Real *const sa = ctx.template shared<Real>(), *const sb = sa + side * (deep + 1);
        const std::size_t across = (n + side - 1) / side, tile = static_cast<std::size_t>(ctx.bid());
        const std::size_t i0 = tile / across * side, j0 = tile % across * side;
        const int ti = ctx.tid() / 16, tj = ctx.tid() % 16;
        Real sums[2][2] = {{0, 0}, {0, 0}};
        for (std::size_t k0 = 0; k0 < k; k0 += deep) {
            for (int e = ctx.tid(); e < side * deep; e += ctx.block_dim()) {
                const int r = e / deep, q = e % deep;
                const std::size_t kk = k0 + static_cast<std::size_t>(q), i = i0 + static_cast<std::size_t>(r),
                                  j = j0 + static_cast<std::size_t>(r);
                sa[r * (deep + 1) + q] = i < m && kk < k ? a[i * a_row + kk * a_inner] : Real(0);
                sb[r * (deep + 1) + q] = j < n && kk < k ? b[kk * b_inner + j * b_column] : Real(0);
            }
            ctx.sync();
            for (int q = 0; q < deep; ++q)
                for (int r = 0; r < 2; ++r)
                    for (int s = 0; s < 2; ++s)
                        sums[r][s] += sa[(ti + 16 * r) * (deep + 1) + q] * sb[(tj + 16 * s) * (deep + 1) + q];
            ctx.sync();
        }
        for (int r = 0; r < 2; ++r) {
            for (int s = 0; s < 2; ++s) {
                const std::size_t i = i0 + static_cast<std::size_t>(ti + 16 * r),
                                  j = j0 + static_cast<std::size_t>(tj + 16 * s);
                if (i >= m || j >= n) continue;
                Real& out = c[i * c_row + j];
                out = beta == Real(0) ? sums[r][s] : sums[r][s] + beta * out;
            }
        }
    }
};

}  // namespace lofi::inline LOFI_ABI::backend::kernels
