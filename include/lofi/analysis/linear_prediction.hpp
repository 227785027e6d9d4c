#pragma once
// Predicting a sample by a weighted sum of those before it: weights of a whole corpus, and weights that follow as sound comes.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <lofi/core/assert.hpp>
#include <lofi/core/error.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// Finds the weights that err least, in squares, over all sound that was added.
/// source: the covariance method (Makhoul: Linear Prediction: A Tutorial Review (1975))
class linear_fit {
public:
    explicit linear_fit(std::size_t order) : order_(order), products_((order + 1) * (order + 1)) {
        LOFI_ASSERT(order > 0, "a prediction looks back at least one sample");
    }
    /// Adds a clip; its first `order` samples are only looked back at.
    void add(std::span<const float> clip);
    /// Weights of x[t-1], x[t-2], ...
    /// errors: throws where the sound is too little or too simple to decide
    [[nodiscard]] std::vector<double> solve() const;

private:
    std::size_t order_;
    std::vector<double> products_;  // sums over t of x[t-i] x[t-j]
};

/// The sum of weights[k] x[t-1-k] for every t; sound before the beginning is silent.
[[nodiscard]] std::vector<double> predict(std::span<const double> weights, std::span<const float> sound);

struct nlms_config {
    std::size_t taps = 256;
    double rate = 0.05;
    double floor = 0.05;  ///< added to the power of a tap, so that silence does not make the steps large
};

/// Predicts while it learns: normalised least mean squares.
/// source: Widrow, Hoff (1960); Nagumo, Noda (1967)
class nlms {
public:
    explicit nlms(nlms_config config = {}) : config_(config), weights_(config.taps), past_(2 * config.taps) {}

    /// What the next sample should be.
    [[nodiscard]] double predicted() const { return predicted_; }
    /// Takes the sample that came, and learns from how far it was from what was predicted.
    void tick(double x);
    void reset();

private:
    nlms_config config_;
    std::vector<double> weights_,
        past_;  // past_ holds every sample twice, so that the last ones are contiguous, the newest first
    std::size_t at_ = 0;
    double predicted_ = 0;
};

// ---------------------------------------------------------------- bodies

inline void linear_fit::add(std::span<const float> clip) {
    const std::size_t p = order_, n = order_ + 1, N = clip.size();
    if (N <= p) return;
    std::vector<double> own(n * n);
    for (std::size_t j = 0; j < n; ++j)
        for (std::size_t t = p; t < N; ++t) own[j] += static_cast<double>(clip[t]) * static_cast<double>(clip[t - j]);
    // A pair of lags one sample further back sums the same products, but for one at each end.
    const auto x = [&](std::size_t t) { return static_cast<double>(clip[t]); };
    for (std::size_t i = 0; i + 1 < n; ++i)
        for (std::size_t j = i; j + 1 < n; ++j)
            own[(i + 1) * n + j + 1] = own[i * n + j] + x(p - 1 - i) * x(p - 1 - j) - x(N - 1 - i) * x(N - 1 - j);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = i; j < n; ++j) products_[i * n + j] += own[i * n + j];
}

inline std::vector<double> linear_fit::solve() const {
    const std::size_t p = order_, n = order_ + 1;
    const auto product = [&](std::size_t i, std::size_t j) { return products_[std::min(i, j) * n + std::max(i, j)]; };
    std::vector<double> lower(p * p), w(p);
    for (std::size_t i = 0; i < p; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            double sum = product(i + 1, j + 1);
            for (std::size_t k = 0; k < j; ++k) sum -= lower[i * p + k] * lower[j * p + k];
            if (i != j) {
                lower[i * p + j] = sum / lower[j * p + j];
            } else {
                if (!(sum > 1e-14 * product(i + 1, i + 1)))
                    raise(error("linear prediction", "the sound does not decide " + std::to_string(p) +
                                                         " weights: it is too short or repeats exactly"));
                lower[i * p + i] = std::sqrt(sum);
            }
        }
    for (std::size_t i = 0; i < p; ++i) {
        double sum = product(0, i + 1);
        for (std::size_t k = 0; k < i; ++k) sum -= lower[i * p + k] * w[k];
        w[i] = sum / lower[i * p + i];
    }
    for (std::size_t i = p; i-- > 0;) {
        for (std::size_t k = i + 1; k < p; ++k) w[i] -= lower[k * p + i] * w[k];
        w[i] /= lower[i * p + i];
    }
    return w;
}

inline std::vector<double> predict(std::span<const double> weights, std::span<const float> sound) {
    std::vector<double> out(sound.size());
    for (std::size_t t = 0; t < sound.size(); ++t)
        for (std::size_t k = 0; k < std::min(t, weights.size()); ++k)
            out[t] += weights[k] * static_cast<double>(sound[t - 1 - k]);
    return out;
}

inline void nlms::tick(double x) {
    const double* past = past_.data() + at_;
    double power = 0;
    for (std::size_t k = 0; k < config_.taps; ++k) power += past[k] * past[k];
    const double step = config_.rate * (x - predicted_) / (power + config_.floor * static_cast<double>(config_.taps));
    for (std::size_t k = 0; k < config_.taps; ++k) weights_[k] += step * past[k];
    at_ = at_ == 0 ? config_.taps - 1 : at_ - 1;
    past_[at_] = past_[at_ + config_.taps] = x;
    past = past_.data() + at_;
    predicted_ = 0;
    for (std::size_t k = 0; k < config_.taps; ++k) predicted_ += weights_[k] * past[k];
}

inline void nlms::reset() {
    std::fill(weights_.begin(), weights_.end(), 0.0);
    std::fill(past_.begin(), past_.end(), 0.0);
    at_ = 0;
    predicted_ = 0;
}

}  // namespace lofi::inline LOFI_ABI::analysis
