#pragma once
// Kernel bodies that reduce, each in one fixed order: columns over rows, losses, norms, softmax with cross-entropy.
#include <lofi/backend/cuda/detail/elementwise.hpp>

namespace lofi::inline LOFI_ABI::backend::kernels {

/// Threads of a block that reduces columns: 32 columns side by side, `lanes` rows at once.
inline constexpr int lanes = 16;
inline dims over_columns(std::size_t width, std::size_t number) {
    return {.grid = static_cast<unsigned>((width + 31) / 32), .block = 32 * lanes, .shared_bytes = 32 * lanes * number};
}

/// Sums over the lanes of each column; all lanes get the sum.
template <class C, class T>
LOFI_KERNEL T lane_sum(C& c, T v, T* shared) {
    const int i = c.tid();
    shared[i] = v;
    c.sync();
    for (int half = lanes / 2; half > 0; half /= 2) {
        if (i < 32 * half) shared[i] += shared[i + 32 * half];
        c.sync();
    }
    const T total = shared[i % 32];
    c.sync();
    return total;
}

template <class C>
LOFI_KERNEL std::size_t column_of(C& c) {
    return static_cast<std::size_t>(c.bid()) * 32 + static_cast<std::size_t>(c.tid() % 32);
}

/// b_c += sum_n y_nc
template <class Real>
struct column_sums {
    strided<const Real> y;
    std::size_t row_count, width;
    Real* b;

    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        const std::size_t column = column_of(c), lane = static_cast<std::size_t>(c.tid() / 32);
        Real sum = 0;
        if (column < width)
            for (std::size_t n = lane; n < row_count; n += lanes) sum += y.at(n, column);
        sum = lane_sum(c, sum, c.template shared<Real>());
        if (lane == 0 && column < width) b[column] += sum;
    }
};

/// Mean and 1/sqrt(variance + epsilon) of each column, in double as on the CPU; moves the running statistics.
template <class Real>
struct column_statistics {
    strided<const Real> x;
    std::size_t row_count, width;
    double epsilon, momentum;
    running_variance form;
    Real *mean, *scale, *running_mean, *running_var;

    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        auto* const shared = c.template shared<double>();
        const std::size_t column = column_of(c), lane = static_cast<std::size_t>(c.tid() / 32);
        const auto count = static_cast<double>(row_count);
        double sum = 0, squares = 0;
        if (column < width)
            for (std::size_t n = lane; n < row_count; n += lanes) sum += static_cast<double>(x.at(n, column));
        const double middle = lane_sum(c, sum, shared) / count;
        if (column < width) {
            for (std::size_t n = lane; n < row_count; n += lanes) {
                const double d = static_cast<double>(x.at(n, column)) - middle;
                squares += d * d;
            }
        }
        squares = lane_sum(c, squares, shared);
        if (lane != 0 || column >= width) return;
        mean[column] = static_cast<Real>(middle);
        scale[column] = static_cast<Real>(1 / std::sqrt(squares / count + epsilon));
        if (running_mean == nullptr) return;
        const double variance = squares / (form == running_variance::unbiased && count > 1 ? count - 1 : count);
        running_mean[column] += static_cast<Real>(momentum * (middle - static_cast<double>(running_mean[column])));
        running_var[column] += static_cast<Real>(momentum * (variance - static_cast<double>(running_var[column])));
    }
};

/// sums_0c = sum_n dy_nc, sums_1c = sum_n dy_nc normal_nc
template <class Real>
struct normalise_sums {
    strided<const Real> dy, normal;
    std::size_t row_count, width;
    Real* sums;

    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        auto* const shared = c.template shared<Real>();
        const std::size_t column = column_of(c), lane = static_cast<std::size_t>(c.tid() / 32);
        Real plain = 0, weighted = 0;
        if (column < width) {
            for (std::size_t n = lane; n < row_count; n += lanes) {
                plain += dy.at(n, column);
                weighted += dy.at(n, column) * normal.at(n, column);
            }
        }
        plain = lane_sum(c, plain, shared);
        weighted = lane_sum(c, weighted, shared);
        if (lane == 0 && column < width) sums[column] = plain, sums[width + column] = weighted;
    }
};

template <class Real>
struct running_op {
    double epsilon;
    const Real *mean, *variance;
    Real *out_mean, *out_scale;
    LOFI_KERNEL void operator()(std::size_t, std::size_t c) const {
        out_mean[c] = mean[c];
        out_scale[c] = static_cast<Real>(1 / std::sqrt(static_cast<double>(variance[c]) + epsilon));
    }
};
template <class Real>
struct normalise_op {
    strided<const Real> x;
    const Real *mean, *scale;
    strided<Real> y;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t c) const { y.at(n, c) = (x.at(n, c) - mean[c]) * scale[c]; }
};
template <class Real>
struct scale_shift_op {
    strided<const Real> x;
    const Real *w, *b;
    strided<Real> y;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t c) const { y.at(n, c) = x.at(n, c) * w[c] + b[c]; }
};
template <class Real>
struct normalise_backward_op {
    strided<const Real> dy, normal;
    const Real *w, *scale, *sums;
    std::size_t width;
    Real share;
    strided<Real> dx;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t c) const {
        dx.at(n, c) = w[c] * scale[c] * (dy.at(n, c) - share * (sums[c] + normal.at(n, c) * sums[width + c]));
    }
};

/// by_dimension_d = mean over rows of the divergence of N(mean, deviation) from N(0, 1)
template <class Real>
struct divergence {
    spread_form form;
    strided<const Real> mean, spread;
    std::size_t row_count, width;
    double* by_dimension;

    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        const std::size_t d = column_of(c), lane = static_cast<std::size_t>(c.tid() / 32);
        double sum = 0;
        if (d < width) {
            for (std::size_t n = lane; n < row_count; n += lanes) {
                const auto m = static_cast<double>(mean.at(n, d));
                const double s = deviation_of(form, static_cast<double>(spread.at(n, d))).value;
                sum += 0.5 * (m * m + s * s - 1) - std::log(s);
            }
        }
        sum = lane_sum(c, sum, c.template shared<double>());
        if (lane == 0 && d < width) by_dimension[d] = sum / static_cast<double>(row_count);
    }
};

// ---------------------------------------------------------------- sums over everything

/// out_k = sum of the `count` partial sums of column k, in the order of a tree.
struct finish_sums {
    const double* partial;
    std::size_t count, width;
    double* out;

    static dims launch() { return {.grid = 1, .block = partial_count, .shared_bytes = partial_count * sizeof(double)}; }
    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        const auto i = static_cast<std::size_t>(c.tid());
        for (std::size_t k = 0; k < width; ++k) {
            const double sum = block_sum(c, i < count ? partial[i * width + k] : 0.0, c.template shared<double>());
            if (i == 0) out[k] = sum;
        }
    }
};

inline dims over_partials(std::size_t n) {
    const std::size_t blocks = (n + 255) / 256;
    return {.grid = static_cast<unsigned>(blocks < 1               ? 1
                                          : blocks > partial_count ? partial_count
                                                                   : blocks),
            .block = 256,
            .shared_bytes = 256 * sizeof(double)};
}

/// Partial sums of squares.
template <class Real>
struct square_sums {
    const Real* x;
    std::size_t count;
    double* partial;

    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        double sum = 0;
        for (std::size_t i = first_of(c); i < count; i += step_of(c)) {
            const auto v = static_cast<double>(x[i]);
            sum += v * v;
        }
        sum = block_sum(c, sum, c.template shared<double>());
        if (c.tid() == 0) partial[c.bid()] = sum;
    }
};

/// Partial sums of weight * distance; writes the slopes.
template <class Real>
struct distance_sums {
    distance kind;
    strided<const Real> y, target;
    const Real* weights;
    Real scale;
    std::size_t row_count, width;
    strided<Real> dy;
    double* partial;

    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        double sum = 0;
        for (std::size_t i = first_of(c); i < row_count * width; i += step_of(c)) {
            const std::size_t n = i / width, j = i % width;
            const Real w = weights == nullptr ? Real(1) : weights[n];
            Real value = 0, slope = 0;
            if (w != Real(0)) {
                const Real e = y.at(n, j) - target.at(n, j), size = e < 0 ? -e : e;
                const Real sign = static_cast<Real>((e > 0) - (e < 0));
                switch (kind) {
                    case distance::absolute: value = size, slope = sign; break;
                    case distance::square: value = e * e, slope = 2 * e; break;
                    case distance::huber:
                        value = size <= 1 ? e * e / 2 : size - Real(0.5);
                        slope = size <= 1 ? e : sign;
                        break;
                    case distance::log_cosh:
                        value = size + std::log1p(std::exp(-2 * size)) - static_cast<Real>(0.69314718055994530942);
                        slope = std::tanh(e);
                        break;
                }
            }
            sum += static_cast<double>(w) * static_cast<double>(value);
            if (dy.data != nullptr) dy.at(n, j) = scale * w * slope;
        }
        sum = block_sum(c, sum, c.template shared<double>());
        if (c.tid() == 0) partial[c.bid()] = sum;
    }
};

/// Softmax, cross-entropy and its gradient in one pass, one warp a row; rows with a negative target do not count.
/// partial (blocks,4): sum, weight, count, correct. logits and dlogits may be the same memory.
template <class Real>
struct cross_entropy {
    static constexpr int warps = 4;
    strided<const Real> logits;
    const std::int32_t* targets;
    const Real* weights;
    Real scale;
    std::size_t row_count, width;
    strided<Real> dlogits;
    double* partial;

    static dims launch(std::size_t row_count) {
        const std::size_t blocks = (row_count + warps - 1) / warps;
        return {.grid = static_cast<unsigned>(blocks < 1               ? 1
                                              : blocks > partial_count ? partial_count
                                                                       : blocks),
                .block = 32 * warps,
                .shared_bytes = warps * 4 * sizeof(double)};
    }
    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        auto* const shared = c.template shared<double>();
        const auto lane = static_cast<std::size_t>(c.tid() % 32);
        const int warp = c.tid() / 32;
        double found[4] = {0, 0, 0, 0};
        for (std::size_t n = static_cast<std::size_t>(c.bid() * warps + warp); n < row_count;
             n += static_cast<std::size_t>(c.grid_dim() * warps))
            row(c, n, lane, found);
        if (lane == 0)
            for (int k = 0; k < 4; ++k) shared[warp * 4 + k] = found[k];
        c.sync();
        if (c.tid() >= 4) return;
        double sum = 0;
        for (int w = 0; w < warps; ++w) sum += shared[w * 4 + c.tid()];
        partial[c.bid() * 4 + c.tid()] = sum;
    }
    template <class C>
    LOFI_KERNEL void row(C& c, std::size_t n, std::size_t lane, double* found) const {
        const std::int32_t target = targets[n];
        if (target < 0) {
            if (dlogits.data != nullptr)
                for (std::size_t v = lane; v < width; v += 32) dlogits.at(n, v) = Real(0);
            return;
        }
        Real greatest = -static_cast<Real>(INFINITY);
        std::uint32_t best = 0xffffffffU;
        for (std::size_t v = lane; v < width; v += 32) {
            const Real x = logits.at(n, v);
            if (x > greatest || best == 0xffffffffU) greatest = x, best = static_cast<std::uint32_t>(v);
        }
        for (int m = 16; m > 0; m /= 2) {
            const Real x = c.shfl_xor(greatest, m);
            const std::uint32_t at = c.shfl_xor(best, m);
            if (x > greatest || (x == greatest && at < best)) greatest = x, best = at;
        }
        Real total = 0;
        for (std::size_t v = lane; v < width; v += 32) total += std::exp(logits.at(n, v) - greatest);
        total = warp_sum(c, total);
        const Real w = weights == nullptr ? Real(1) : weights[n];
        const bool known = target < static_cast<std::int32_t>(width);
        const Real at_target = known ? logits.at(n, static_cast<std::size_t>(target)) : static_cast<Real>(NAN);
        c.warp_sync();
        if (dlogits.data != nullptr) {
            const Real factor = scale * w / total;
            for (std::size_t v = lane; v < width; v += 32) {
                const Real hot = v == static_cast<std::size_t>(target) ? scale * w : Real(0);
                dlogits.at(n, v) = factor * std::exp(logits.at(n, v) - greatest) - hot;
            }
        }
        found[0] += static_cast<double>(w) * (std::log(static_cast<double>(total)) - static_cast<double>(at_target - greatest));
        found[1] += static_cast<double>(w);
        found[2] += 1;
        found[3] += best == static_cast<std::uint32_t>(target) ? 1 : 0;
    }
};

}  // namespace lofi::inline LOFI_ABI::backend::kernels
