#pragma once
// Kernel bodies that treat rows: gates of a WaveNet, layer normalisation, the lengths that weight normalisation divides by.
#include <lofi/backend/cuda/detail/reduce.hpp>

namespace lofi::inline LOFI_ABI::backend::kernels {

/// Launches a warp for each row, four to a block.
inline dims over_rows(std::size_t row_count) {
    const std::size_t blocks = (row_count + 3) / 4;
    return {.grid = static_cast<unsigned>(blocks < 1 ? 1 : blocks > 4096 ? 4096 : blocks), .block = 128};
}

/// Calls row(n, lane) for the rows of a warp.
template <class C, class F>
LOFI_KERNEL void each_row(C& c, std::size_t row_count, F&& row) {
    const auto warp = static_cast<std::size_t>(c.tid() / 32), lane = static_cast<std::size_t>(c.tid() % 32);
    for (std::size_t n = static_cast<std::size_t>(c.bid()) * 4 + warp; n < row_count;
         n += static_cast<std::size_t>(c.grid_dim()) * 4)
        row(n, lane);
}

/// y = tanh(z_a) sigmoid(z_b), z = the values of both.
template <class Real>
struct gate_op {
    std::size_t width;
    strided<Real> z, y;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t c) const {
        const Real t = std::tanh(z.at(n, c)), s = sigmoid(z.at(n, width + c));
        z.at(n, c) = t, z.at(n, width + c) = s;
        y.at(n, c) = t * s;
    }
};
template <class Real>
struct gate_backward_op {
    std::size_t width;
    strided<const Real> z, dy;
    strided<Real> dz;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t c) const {
        const Real t = z.at(n, c), s = z.at(n, width + c), d = dy.at(n, c);
        dz.at(n, c) = d * s * (1 - t * t);
        dz.at(n, width + c) = d * t * s * (1 - s);
    }
};

/// normal = a row with mean 0 and variance 1; scale = 1/sqrt(variance + epsilon).
template <class Real>
struct normalise_rows {
    strided<const Real> x;
    Real epsilon;
    std::size_t row_count, width;
    strided<Real> normal;
    Real* scale;

    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        each_row(c, row_count, [&](std::size_t n, std::size_t lane) {
            Real sum = 0, squares = 0;
            for (std::size_t i = lane; i < width; i += 32) sum += x.at(n, i);
            const Real mean = warp_sum(c, sum) / static_cast<Real>(width);
            for (std::size_t i = lane; i < width; i += 32) squares += (x.at(n, i) - mean) * (x.at(n, i) - mean);
            const Real by = 1 / std::sqrt(warp_sum(c, squares) / static_cast<Real>(width) + epsilon);
            for (std::size_t i = lane; i < width; i += 32) normal.at(n, i) = (x.at(n, i) - mean) * by;
            if (lane == 0) scale[n] = by;
        });
    }
};

/// dx_nc = scale_n (g_nc - mean_c g - normal_nc mean_c (g normal)), g = w dy.
template <class Real>
struct normalise_rows_backward {
    strided<const Real> dy, normal;
    const Real *scale, *w;
    std::size_t row_count, width;
    strided<Real> dx;

    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        each_row(c, row_count, [&](std::size_t n, std::size_t lane) {
            Real sum = 0, product = 0;
            for (std::size_t i = lane; i < width; i += 32) {
                const Real g = w[i] * dy.at(n, i);
                sum += g, product += g * normal.at(n, i);
            }
            sum = warp_sum(c, sum) / static_cast<Real>(width);
            product = warp_sum(c, product) / static_cast<Real>(width);
            for (std::size_t i = lane; i < width; i += 32)
                dx.at(n, i) = scale[n] * (w[i] * dy.at(n, i) - sum - normal.at(n, i) * product);
        });
    }
};

/// dw_c += sum_n dy_nc normal_nc, db_c += sum_n dy_nc
template <class Real>
struct normalise_rows_weights {
    strided<const Real> dy, normal;
    std::size_t row_count, width;
    Real *dw, *db;

    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        auto* const shared = c.template shared<Real>();
        const std::size_t column = column_of(c), lane = static_cast<std::size_t>(c.tid() / 32);
        Real plain = 0, weighted = 0;
        if (column < width)
            for (std::size_t n = lane; n < row_count; n += lanes)
                plain += dy.at(n, column), weighted += dy.at(n, column) * normal.at(n, column);
        plain = lane_sum(c, plain, shared);
        weighted = lane_sum(c, weighted, shared);
        if (lane == 0 && column < width) dw[column] += weighted, db[column] += plain;
    }
};

/// lengths_o = |v_o|
template <class Real>
struct row_lengths {
    strided<const Real> v;
    std::size_t row_count, width;
    Real* lengths;

    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        each_row(c, row_count, [&](std::size_t o, std::size_t lane) {
            Real sum = 0;
            for (std::size_t i = lane; i < width; i += 32) sum += v.at(o, i) * v.at(o, i);
            sum = warp_sum(c, sum);
            if (lane == 0) lengths[o] = std::sqrt(sum);
        });
    }
};

/// w_o = g_o v_o / |v_o|
template <class Real>
struct scale_rows_op {
    strided<const Real> v;
    const Real *g, *lengths;
    strided<Real> w;
    LOFI_KERNEL void operator()(std::size_t o, std::size_t i) const { w.at(o, i) = g[o] / lengths[o] * v.at(o, i); }
};

/// dg_o += dw_o v_o / |v_o|, dv_o += g_o / |v_o| (dw_o - v_o (dw_o v_o) / |v_o|^2)
template <class Real>
struct scale_rows_backward {
    strided<const Real> v, dw;
    const Real *g, *lengths;
    std::size_t row_count, width;
    Real* dg;
    strided<Real> dv;

    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        each_row(c, row_count, [&](std::size_t o, std::size_t lane) {
            Real along = 0;
            for (std::size_t i = lane; i < width; i += 32) along += dw.at(o, i) * v.at(o, i);
            along = warp_sum(c, along) / lengths[o];
            if (lane == 0) dg[o] += along;
            for (std::size_t i = lane; i < width; i += 32)
                dv.at(o, i) += g[o] / lengths[o] * (dw.at(o, i) - v.at(o, i) * along / lengths[o]);
        });
    }
};

}  // namespace lofi::inline LOFI_ABI::backend::kernels
