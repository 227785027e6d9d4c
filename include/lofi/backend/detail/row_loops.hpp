#pragma once
// Loops over one row of numbers, written so that compilers turn them into vector instructions.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/backend/backend.hpp>
#include <lofi/backend/detail/vector_math.hpp>
#include <lofi/backend/detail/vectorised.hpp>

namespace lofi::inline LOFI_ABI::backend::detail {

template <class Real>
LOFI_INLINE void add_to(std::size_t n, const Real* x, Real* y) {
    for (std::size_t i = 0; i < n; ++i) y[i] += x[i];
}

template <class Real>
LOFI_INLINE void multiply(std::size_t n, const Real* x, const Real* m, Real* y) {
    for (std::size_t i = 0; i < n; ++i) y[i] = x[i] * m[i];
}

/// Calls g with f as a function object, so that a loop over it is made once for each function.
template <class G>
decltype(auto) with_function(function f, G&& g) {
    switch (f) {
        case function::identity: return g([](auto x) { return x; }, [](auto y) { return decltype(y){1}; });
        case function::relu:
            return g([](auto x) { return x > 0 ? x : decltype(x){0}; },
                     [](auto y) { return y > 0 ? decltype(y){1} : decltype(y){0}; });
        case function::leaky_relu:
            return g([](auto x) { return x > 0 ? x : static_cast<decltype(x)>(0.01) * x; },
                     [](auto y) { return y > 0 ? decltype(y){1} : static_cast<decltype(y)>(0.01); });
        case function::elu:
            return g([](auto x) { return x > 0 ? x : std::expm1(x); }, [](auto y) { return y > 0 ? decltype(y){1} : y + 1; });
        case function::tanh: return g([](auto x) { return fast_tanh(x); }, [](auto y) { return 1 - y * y; });
        case function::sigmoid: return g([](auto x) { return fast_sigmoid(x); }, [](auto y) { return y * (1 - y); });
        case function::softplus:
            return g([](auto x) { return x > 30 ? x : std::log1p(std::exp(x)); }, [](auto y) { return -std::expm1(-y); });
    }
    return g([](auto x) { return x; }, [](auto y) { return decltype(y){1}; });
}

template <function F, class Real>
LOFI_INLINE void map_row(std::size_t n, const Real* x, Real* y) {
    with_function(F, [&](auto value, auto) {
        for (std::size_t i = 0; i < n; ++i) y[i] = value(x[i]);
    });
}
template <function F, class Real>
LOFI_INLINE void map_row_backward(std::size_t n, const Real* y, const Real* dy, Real* dx) {
    with_function(F, [&](auto, auto slope) {
        for (std::size_t i = 0; i < n; ++i) dx[i] = slope(y[i]) * dy[i];
    });
}

template <class Real>
void map(function f, std::size_t n, const Real* x, Real* y) {
    switch (f) {
        case function::tanh: return vectorised<&map_row<function::tanh, Real>>(n, x, y);
        case function::sigmoid: return vectorised<&map_row<function::sigmoid, Real>>(n, x, y);
        case function::relu: return vectorised<&map_row<function::relu, Real>>(n, x, y);
        default: break;
    }
    with_function(f, [&](auto value, auto) {
        for (std::size_t i = 0; i < n; ++i) y[i] = value(x[i]);
    });
}

template <class Real>
void map_backward(function f, std::size_t n, const Real* y, const Real* dy, Real* dx) {
    switch (f) {
        case function::tanh: return vectorised<&map_row_backward<function::tanh, Real>>(n, y, dy, dx);
        case function::sigmoid: return vectorised<&map_row_backward<function::sigmoid, Real>>(n, y, dy, dx);
        case function::relu: return vectorised<&map_row_backward<function::relu, Real>>(n, y, dy, dx);
        default: break;
    }
    with_function(f, [&](auto, auto slope) {
        for (std::size_t i = 0; i < n; ++i) dx[i] = slope(y[i]) * dy[i];
    });
}

/// The gate of a WaveNet: z (2n) becomes tanh of its first half and the sigmoid of its second, y (n) their product.
template <class Real>
LOFI_INLINE void gate(std::size_t n, Real* z, Real* y) {
    for (std::size_t i = 0; i < n; ++i) z[i] = fast_tanh(z[i]);
    for (std::size_t i = 0; i < n; ++i) z[n + i] = fast_sigmoid(z[n + i]);
    for (std::size_t i = 0; i < n; ++i) y[i] = z[i] * z[n + i];
}
/// z as gate left it; z and dz may be the same memory.
template <class Real>
LOFI_INLINE void gate_backward(std::size_t n, const Real* z, const Real* dy, Real* dz) {
    for (std::size_t i = 0; i < n; ++i) {
        const Real a = z[i], s = z[n + i], d = dy[i];
        dz[i] = d * s * (1 - a * a);
        dz[n + i] = d * a * s * (1 - s);
    }
}

/// Of one row: mean 0, variance 1. Returns what it was divided by, inverted.
template <class Real>
LOFI_INLINE Real normalise_row(std::size_t n, Real epsilon, const Real* x, Real* normal) {
    Real sum = 0, squares = 0;
    for (std::size_t i = 0; i < n; ++i) sum += x[i];
    const Real mean = sum / static_cast<Real>(n);
    for (std::size_t i = 0; i < n; ++i) squares += (x[i] - mean) * (x[i] - mean);
    const Real scale = 1 / std::sqrt(squares / static_cast<Real>(n) + epsilon);
    for (std::size_t i = 0; i < n; ++i) normal[i] = (x[i] - mean) * scale;
    return scale;
}

template <class Real>
double sum_distances(distance d, std::size_t n, const Real* y, const Real* target, Real scale, Real* dy) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const Real e = y[i] - target[i], size = std::abs(e);
        const Real sign = static_cast<Real>((e > 0) - (e < 0));
        Real value = 0, slope = 0;
        switch (d) {
            case distance::absolute: value = size, slope = sign; break;
            case distance::square: value = e * e, slope = 2 * e; break;
            case distance::huber:
                value = size <= 1 ? e * e / 2 : size - Real{0.5};
                slope = size <= 1 ? e : sign;
                break;
            case distance::log_cosh:
                // log(cosh e) = |e| + log(1 + exp(-2|e|)) - log 2, which does not overflow.
                value = size + std::log1p(std::exp(-2 * size)) - static_cast<Real>(0.69314718055994530942);
                slope = std::tanh(e);
                break;
        }
        sum += static_cast<double>(value);
        if (dy != nullptr) dy[i] = scale * slope;
    }
    return sum;
}

/// A standard deviation and how it changes with the number that stands for it.
template <class Real>
struct deviation_parts {
    Real value, slope;
};
template <class Real>
deviation_parts<Real> deviation(spread_form form, Real spread) {
    if (form == spread_form::log_variance) {
        const Real s = std::exp(spread / 2);
        return {s, s / 2};
    }
    // softplus underflows to 0 far below, where the logarithm of the divergence would not be finite.
    const Real s = spread > 30 ? spread : std::log1p(std::exp(spread < -80 ? Real{-80} : spread));
    return {s, 1 / (1 + std::exp(-spread))};
}

/// Each number of a mask has its own word of the counter, so that a mask is the same however it is cut into parts.
template <class Real>
void dropout_mask(random_key key, double rate, std::span<Real> mask) {
    const auto threshold = static_cast<std::uint32_t>(rate * 4294967296.0);
    const auto kept = static_cast<Real>(1 / (1 - rate));
    random_stream random(key);
    for (Real& v : mask) v = random.next() < threshold ? Real{0} : kept;
}

/// Computes Rows outputs from o on of y_o = w_oi x_i + b_o. Sixteen partial sums a row keep the multipliers busy and fix the
/// order of summation, whatever the width of the registers.
template <std::size_t Rows, std::size_t I, class Real>
LOFI_INLINE void gemv_rows(const Real* LOFI_RESTRICT w, const Real* b, const Real* LOFI_RESTRICT x, Real* LOFI_RESTRICT y,
                           std::size_t o) noexcept {
    constexpr std::size_t lanes = 16, whole = I / lanes * lanes;
    Real sums[Rows][lanes] = {};
    for (std::size_t i = 0; i < whole; i += lanes)
        for (std::size_t r = 0; r < Rows; ++r)
            for (std::size_t l = 0; l < lanes; ++l) sums[r][l] += w[(o + r) * I + i + l] * x[i + l];
    for (std::size_t r = 0; r < Rows; ++r) {
        for (std::size_t j = whole; j < I; ++j) sums[r][j - whole] += w[(o + r) * I + j] * x[j];
        for (std::size_t half = lanes / 2; half > 0; half /= 2)
            for (std::size_t l = 0; l < half; ++l) sums[r][l] += sums[r][l + half];
        y[o + r] = sums[r][0] + (b != nullptr ? b[o + r] : Real{0});
    }
}

/// Computes y_o = w_oi x_i + b_o, four rows at a time.
template <std::size_t O, std::size_t I, class Real>
LOFI_INLINE void gemv(const Real* w, const Real* b, const Real* x, Real* y) noexcept {
    constexpr std::size_t whole = O / 4 * 4;
    for (std::size_t o = 0; o < whole; o += 4) gemv_rows<4, I>(w, b, x, y, o);
    for (std::size_t o = whole; o < O; ++o) gemv_rows<1, I>(w, b, x, y, o);
}

}  // namespace lofi::inline LOFI_ABI::backend::detail
