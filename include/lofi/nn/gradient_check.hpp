#pragma once
// Compares gradients with differences of the loss: the test that every layer and every model must pass.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <lofi/nn/layer.hpp>

namespace lofi::inline LOFI_ABI::nn {

struct gradient_check_config {
    double step = 1e-5;            ///< of the central difference
    std::size_t at_most = 100000;  ///< numbers that are tried, evenly spread
};

/// What a gradient check found.
struct gradient_check_result {
    double worst = 0;                     ///< greatest |difference - gradient| relative to the size of the gradient
    std::size_t at = 0;                   ///< where
    double difference = 0, gradient = 0;  ///< the two values there
    std::size_t tried = 0;
};

/// Moves each of `values` a little to both sides and compares what `loss()` does with `gradient`. The error of a number is
/// relative to the greater of its two values and the root mean square of the gradient, so that rounding in numbers that hardly
/// matter does not count. `loss()` must give the same result each time: begin the context with the same key inside.
template <class Loss>
[[nodiscard]] gradient_check_result check_gradient(std::span<double> values, std::span<const double> gradient, Loss&& loss,
                                                   gradient_check_config config = {}) {
    LOFI_ASSERT(values.size() == gradient.size(), "a gradient has one number for each value");
    double squares = 0;
    for (const double g : gradient) squares += g * g;
    const double rms = std::sqrt(squares / static_cast<double>(std::max<std::size_t>(gradient.size(), 1)));
    gradient_check_result r;
    const std::size_t stride = std::max<std::size_t>(1, values.size() / std::max<std::size_t>(config.at_most, 1));
    for (std::size_t i = 0; i < values.size(); i += stride) {
        const double kept = values[i];
        values[i] = kept + config.step;
        const double above = loss();
        values[i] = kept - config.step;
        const double below = loss();
        values[i] = kept;
        const double difference = (above - below) / (2 * config.step);
        const double size = std::max({std::abs(difference), std::abs(gradient[i]), rms, 1e-12});
        const double error = std::abs(difference - gradient[i]) / size;
        r.tried += 1;
        // Written so that an error that is not a number counts as the worst.
        if (!(error <= r.worst)) r = {error, i, difference, gradient[i], r.tried};
    }
    return r;
}

}  // namespace lofi::inline LOFI_ABI::nn
