#pragma once
// First values of weights, as PyTorch and as Keras choose them.
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <lofi/core/random.hpp>

namespace lofi::inline LOFI_ABI::nn {

/// Whose defaults the first weights follow.
enum class scheme {
    pytorch,  ///< uniform within 1/sqrt(fan), embeddings standard normal
    keras     ///< Glorot uniform, orthogonal recurrent matrices, zero biases, forget bias 1, embeddings uniform within .05
};

/// Fills with numbers from [-bound, bound).
template <class Real>
void fill_uniform(std::span<Real> values, double bound, random_stream& random);
/// Fills with numbers of the normal distribution around 0.
template <class Real>
void fill_normal(std::span<Real> values, double deviation, random_stream& random);
/// Fills a matrix of `row_count` contiguous rows with orthonormal columns, or orthonormal rows where it is wider than high.
/// source: Saxe, McClelland, Ganguli: Exact solutions to the nonlinear dynamics of learning (2013)
template <class Real>
void fill_orthogonal(std::span<Real> values, std::size_t row_count, random_stream& random);

/// Returns the bound of Glorot's uniform distribution.
/// source: Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks (2010)
[[nodiscard]] inline double glorot_bound(std::size_t fan_in, std::size_t fan_out) {
    return std::sqrt(6.0 / static_cast<double>(fan_in + fan_out));
}

// ---------------------------------------------------------------- bodies

template <class Real>
void fill_uniform(std::span<Real> values, double bound, random_stream& random) {
    for (Real& v : values) v = static_cast<Real>((2.0 * static_cast<double>(uniform_unit(random)) - 1.0) * bound);
}

template <class Real>
void fill_normal(std::span<Real> values, double deviation, random_stream& random) {
    for (Real& v : values) v = static_cast<Real>(static_cast<double>(normal_q16(random)) * 0x1p-16 * deviation);
}

template <class Real>
void fill_orthogonal(std::span<Real> values, std::size_t row_count, random_stream& random) {
    const std::size_t column_count = values.size() / row_count;
    const bool tall = row_count >= column_count;
    const std::size_t vectors = tall ? column_count : row_count, length = tall ? row_count : column_count;
    std::vector<double> q(vectors * length);
    fill_normal(std::span<double>(q), 1.0, random);
    // Modified Gram-Schmidt, twice over each vector: once loses digits where vectors happen to be close.
    for (std::size_t i = 0; i < vectors; ++i) {
        double* const v = q.data() + i * length;
        for (int pass = 0; pass < 2; ++pass) {
            for (std::size_t j = 0; j < i; ++j) {
                const double* const u = q.data() + j * length;
                double dot = 0;
                for (std::size_t k = 0; k < length; ++k) dot += u[k] * v[k];
                for (std::size_t k = 0; k < length; ++k) v[k] -= dot * u[k];
            }
        }
        double norm = 0;
        for (std::size_t k = 0; k < length; ++k) norm += v[k] * v[k];
        norm = std::sqrt(norm);
        for (std::size_t k = 0; k < length; ++k) v[k] /= norm;
    }
    for (std::size_t r = 0; r < row_count; ++r)
        for (std::size_t c = 0; c < column_count; ++c)
            values[r * column_count + c] = static_cast<Real>(tall ? q[c * length + r] : q[r * length + c]);
}

}  // namespace lofi::inline LOFI_ABI::nn
