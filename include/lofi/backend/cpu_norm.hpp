#pragma once
// Statistics of columns over rows, and normalisation by them, on the CPU.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

#include <lofi/backend/backend.hpp>
#include <lofi/backend/detail/row_loops.hpp>

namespace lofi::inline LOFI_ABI::backend {

template <std::floating_point Real>
struct cpu;

/// Computes each column's mean and 1/sqrt(variance + epsilon), rows 0 and 1 of `statistics`, and moves the running statistics
/// toward them by the share `momentum`.
template <class Real, std::size_t N>
void batch_statistics(cpu<Real>&, columns<const Real, N> x, double epsilon, rows<Real, N> statistics,
                      std::span<Real, N> running_mean, std::span<Real, N> running_var, double momentum, running_variance form) {
    const auto count = static_cast<double>(x.count());
    for (std::size_t c = 0; c < N; ++c) {
        double sum = 0, squares = 0;
        for (std::size_t n = 0; n < x.count(); ++n) sum += static_cast<double>(x.row(n)[c]);
        const double mean = sum / count;
        for (std::size_t n = 0; n < x.count(); ++n) {
            const double d = static_cast<double>(x.row(n)[c]) - mean;
            squares += d * d;
        }
        statistics[0][c] = static_cast<Real>(mean);
        statistics[1][c] = static_cast<Real>(1 / std::sqrt(squares / count + epsilon));
        if (running_mean.data() == nullptr) continue;
        const double variance = squares / (form == running_variance::unbiased && count > 1 ? count - 1 : count);
        running_mean[c] += static_cast<Real>(momentum * (mean - static_cast<double>(running_mean[c])));
        running_var[c] += static_cast<Real>(momentum * (variance - static_cast<double>(running_var[c])));
    }
}

/// Takes the running statistics for those of the rows.
template <class Real, std::size_t N>
void running_statistics(cpu<Real>&, double epsilon, frame<const Real, N> mean, frame<const Real, N> variance,
                        rows<Real, N> statistics) {
    for (std::size_t c = 0; c < N; ++c) {
        statistics[0][c] = mean[c];
        statistics[1][c] = static_cast<Real>(1 / std::sqrt(static_cast<double>(variance[c]) + epsilon));
    }
}

/// Computes normal_nc = (x_nc - statistics_0c) statistics_1c.
template <class Real, std::size_t N>
void normalise(cpu<Real>&, columns<const Real, N> x, rows<Real, N> statistics, columns<Real, N> normal) {
    for (std::size_t n = 0; n < x.count(); ++n)
        for (std::size_t c = 0; c < N; ++c) normal.row(n)[c] = (x.row(n)[c] - statistics[0][c]) * statistics[1][c];
}

/// Computes y_nc = x_nc w_c + b_c.
template <class Real, std::size_t N>
void scale_shift(cpu<Real>&, columns<const Real, N> x, const Real* w, const Real* b, columns<Real, N> y) {
    for (std::size_t n = 0; n < x.count(); ++n)
        for (std::size_t c = 0; c < N; ++c) y.row(n)[c] = x.row(n)[c] * w[c] + b[c];
}

/// Computes sums_0c = sum_n dy_nc and sums_1c = sum_n dy_nc normal_nc.
template <class Real, std::size_t N>
void normalise_sums(cpu<Real>&, columns<const Real, N> dy, columns<const Real, N> normal, rows<Real, N> sums) {
    std::fill(sums.flat().begin(), sums.flat().end(), Real{0});
    for (std::size_t n = 0; n < dy.count(); ++n) {
        for (std::size_t c = 0; c < N; ++c) {
            sums[0][c] += dy.row(n)[c];
            sums[1][c] += dy.row(n)[c] * normal.row(n)[c];
        }
    }
}

/// Computes dx_nc = w_c scale_c (dy_nc - (sums_0c + normal_nc sums_1c) / N).
template <class Real, std::size_t N>
void normalise_backward(cpu<Real>&, columns<const Real, N> dy, columns<const Real, N> normal, const Real* w,
                        rows<const Real, N> scale, rows<Real, N> sums, columns<Real, N> dx) {
    const Real share = 1 / static_cast<Real>(std::max<std::size_t>(dy.count(), 1));
    for (std::size_t n = 0; n < dy.count(); ++n)
        for (std::size_t c = 0; c < N; ++c)
            dx.row(n)[c] = w[c] * scale[0][c] * (dy.row(n)[c] - share * (sums[0][c] + normal.row(n)[c] * sums[1][c]));
}

/// Brings each row to mean 0 and variance 1.
/// shapes: x, normal (N,C); scale (N): 1/sqrt(variance + epsilon)
template <class Real, std::size_t C>
void normalise_rows(cpu<Real>&, columns<const Real, C> x, double epsilon, columns<Real, C> normal, std::span<Real> scale) {
    for (std::size_t n = 0; n < x.count(); ++n)
        scale[n] = detail::normalise_row(C, static_cast<Real>(epsilon), x.row(n), normal.row(n));
}

/// Computes dx_nc = scale_n (g_nc - mean_c g - normal_nc mean_c (g normal)), g = w dy; adds the sums over rows of dy normal and of dy.
/// writes: dw +=, db +=, dx = unless empty
template <class Real, std::size_t C>
void normalise_rows_backward(cpu<Real>&, columns<const Real, C> dy, columns<const Real, C> normal, std::span<const Real> scale,
                             const Real* w, Real* dw, Real* db, columns<Real, C> dx) {
    for (std::size_t n = 0; n < dy.count(); ++n) {
        const Real *const d = dy.row(n), *const z = normal.row(n);
        Real sum = 0, product = 0;
        for (std::size_t c = 0; c < C; ++c) {
            dw[c] += d[c] * z[c], db[c] += d[c];
            sum += w[c] * d[c], product += w[c] * d[c] * z[c];
        }
        if (dx.empty()) continue;
        sum /= static_cast<Real>(C), product /= static_cast<Real>(C);
        for (std::size_t c = 0; c < C; ++c) dx.row(n)[c] = scale[n] * (w[c] * d[c] - sum - z[c] * product);
    }
}

/// Computes the length of each row of a matrix.
template <class Real, std::size_t O, std::size_t I>
void row_lengths(cpu<Real>&, matrix<Real, O, I> v, frame<Real, O> y) noexcept {
    for (std::size_t o = 0; o < O; ++o) {
        Real sum = 0;
        for (std::size_t i = 0; i < I; ++i) sum += v.data[o * I + i] * v.data[o * I + i];
        y[o] = std::sqrt(sum);
    }
}

/// Computes w_o = g_o v_o / |v_o|.
template <class Real, std::size_t O, std::size_t I>
void scale_rows(cpu<Real>&, matrix<Real, O, I> v, const Real* g, frame<const Real, O> lengths, matrix<Real, O, I> w) {
    for (std::size_t o = 0; o < O; ++o)
        for (std::size_t i = 0; i < I; ++i) w.data[o * I + i] = g[o] / lengths[o] * v.data[o * I + i];
}

/// writes: dg_o += dw_o v_o / |v_o|, dv_o += g_o / |v_o| (dw_o - v_o (dw_o v_o) / |v_o|^2)
template <class Real, std::size_t O, std::size_t I>
void scale_rows_backward(cpu<Real>&, matrix<Real, O, I> v, const Real* g, frame<const Real, O> lengths, matrix<Real, O, I> dw,
                         Real* dg, matrix<Real, O, I> dv) {
    for (std::size_t o = 0; o < O; ++o) {
        const Real *const row = v.data + o * I, *const d = dw.data + o * I;
        Real along = 0;
        for (std::size_t i = 0; i < I; ++i) along += d[i] * row[i];
        along /= lengths[o];
        dg[o] += along;
        for (std::size_t i = 0; i < I; ++i) dv.data[o * I + i] += g[o] / lengths[o] * (d[i] - row[i] * along / lengths[o]);
    }
}

}  // namespace lofi::inline LOFI_ABI::backend
