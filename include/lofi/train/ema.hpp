#pragma once
// A moving average of weights, which often does better than the weights themselves.
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

#include <lofi/core/assert.hpp>

namespace lofi::inline LOFI_ABI::train {

/// Averages weights with exponentially falling shares: average = decay*average + (1-decay)*weights. Starts at the weights.
/// source: Polyak, Juditsky: Acceleration of Stochastic Approximation by Averaging (1992), in its exponential form
template <std::floating_point Real>
class weight_average {
public:
    weight_average(double decay, std::span<const Real> weights)
        : keep_(static_cast<Real>(decay)), add_(static_cast<Real>(1 - decay)), average_(weights.begin(), weights.end()) {}

    void update(std::span<const Real> weights) {
        LOFI_ASSERT(weights.size() == average_.size(), "an average is updated with as many weights as it was made from");
        for (std::size_t i = 0; i < average_.size(); ++i) average_[i] = keep_ * average_[i] + add_ * weights[i];
    }
    [[nodiscard]] std::span<Real> values() { return average_; }
    /// Exchanges the average and the weights; a second call puts both back, bit for bit.
    void swap(std::span<Real> weights) { std::swap_ranges(average_.begin(), average_.end(), weights.begin()); }

private:
    Real keep_, add_;
    std::vector<Real> average_;
};

}  // namespace lofi::inline LOFI_ABI::train
