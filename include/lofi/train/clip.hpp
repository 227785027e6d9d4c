#pragma once
// Clipping of gradients by their global norm.
#include <cmath>
#include <concepts>
#include <span>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::train {

/// Gives the Euclidean norm of all numbers, summed in double in one order, so that it is the same in every run.
template <std::floating_point Real>
[[nodiscard]] double global_norm(std::span<const Real> values) {
    double sum = 0;
    for (const Real v : values) sum += static_cast<double>(v) * static_cast<double>(v);
    return std::sqrt(sum);
}

/// Shrinks gradients whose norm is above `most` so that it becomes `most`; returns the norm that they had.
/// writes: gradients
/// source: Pascanu, Mikolov, Bengio: On the difficulty of training recurrent neural networks (2013)
template <std::floating_point Real>
double clip_global_norm(std::span<Real> gradients, double most) {
    const double norm = global_norm<Real>(gradients);
    if (norm > most) {
        const Real scale = static_cast<Real>(most / norm);
        for (Real& g : gradients) g *= scale;
    }
    return norm;
}

}  // namespace lofi::inline LOFI_ABI::train
