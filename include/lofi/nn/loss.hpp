#pragma once
// Losses: what a prediction costs, and its gradient in the same call.
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <lofi/nn/layer.hpp>

namespace lofi::inline LOFI_ABI::nn {

using backend::cross_entropy_result;
using backend::distance;

/// How much rows count.
template <class Real>
struct loss_config {
    std::span<const Real> weights{};  ///< (N) one for each row; empty: all 1
    Real scale = 1;                   ///< factor of the gradients, 1/N for a mean over N rows
};

/// Computes softmax cross-entropy of logits against class numbers, in nats. Rows with a negative target do not count.
/// shapes: logits (N,V), rows or columns; targets (N); dlogits (N,V) or empty
/// writes: dlogits = scale * weight * (softmax - one-hot)
/// Returns a cross_entropy_result, or what becomes one when it is read where the backend is a device.
template <class Backend, class Logits>
auto cross_entropy(Backend& be, const Logits& logits, std::span<const std::int32_t> targets,
                   std::type_identity_t<columns<typename Backend::real, Logits::width>> dlogits = {},
                   loss_config<typename Backend::real> config = {}) {
    using real = typename Backend::real;
    return softmax_cross_entropy(be, columns<const real, Logits::width>(logits), targets, config.weights, config.scale,
                                 dlogits);
}

/// Sums distances between predictions and targets: L1, squares, Huber, log-cosh. Rows of weight 0 do not count.
/// shapes: y (N,C), rows or columns; target (N,C); dy (N,C) or empty
/// writes: dy = scale * weight * slope
template <class Backend, class Y>
auto distance_loss(Backend& be, distance d, const Y& y,
                   std::type_identity_t<columns<const typename Backend::real, Y::width>> target,
                   std::type_identity_t<columns<typename Backend::real, Y::width>> dy = {},
                   loss_config<typename Backend::real> config = {}) {
    using real = typename Backend::real;
    return sum_distances(be, d, columns<const real, Y::width>(y), target, config.weights, config.scale, dy);
}

}  // namespace lofi::inline LOFI_ABI::nn
