#pragma once
// What the next sample costs without any network: the bars that a model of sound has to pass.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/analysis/linear_prediction.hpp>
#include <lofi/analysis/sample_bits.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// One predictor on a set of clips; what it has not is not a number.
struct wave_score {
    std::string name;
    double bits16 = std::numeric_limits<double>::quiet_NaN();   ///< a 16-bit code
    double bits_mu = std::numeric_limits<double>::quiet_NaN();  ///< a mu-law class of 256
    decibels gain{std::numeric_limits<double>::quiet_NaN()};
};

/// Sums up a model that gives densities sample by sample.
class wave_scorer {
public:
    template <class Density>
    void add(const Density& d, double mean, float x) {
        bits16_ += code_bits(d, code_of(x));
        bits_mu_ += mu_law_bits(d, audio::encode_mu_law_256(x));
        add(mean, x);
    }
    /// A prediction without a density.
    void add(double mean, float x) {
        gain_.add(static_cast<double>(x), mean);
        ++count_;
    }
    [[nodiscard]] wave_score score(std::string name) const {
        const double n = static_cast<double>(count_), none = std::numeric_limits<double>::quiet_NaN();
        return {std::move(name), bits16_ > 0 ? bits16_ / n : none, bits_mu_ > 0 ? bits_mu_ / n : none, gain_.value()};
    }

private:
    double bits16_ = 0, bits_mu_ = 0;
    std::size_t count_ = 0;
    prediction_gain gain_;
};

struct wave_baselines_config {
    nlms_config adaptive = {};
    double memory = 64;          ///< samples that a running scale remembers
    std::size_t context = 8192;  ///< samples at the beginning of each clip that are heard but not scored
    std::size_t scored = 0;      ///< samples of each clip that are scored then; 0: all
};

/// Weights of a corpus, and how far they err there: the mean of the absolute errors.
struct linear_model {
    std::vector<double> weights;
    double scale = 1;
};
[[nodiscard]] linear_model fit_linear(std::span<const std::vector<float>> clips, std::size_t order = 32);

/// Scores, in this order: persistence; the linear model with a Laplace residual whose scale is fitted on the very samples that are scored
/// (a favour to it); with the mean of the absolute errors just before as scale; and with NLMS on its residual and such a scale.
/// Adaptive filters begin anew with every clip.
[[nodiscard]] std::vector<wave_score> wave_baselines(const linear_model& model, std::span<const std::vector<float>> clips,
                                                     const wave_baselines_config& config = {});

// ---------------------------------------------------------------- bodies

inline linear_model fit_linear(std::span<const std::vector<float>> clips, std::size_t order) {
    linear_fit fit(order);
    for (const auto& clip : clips) fit.add(clip);
    linear_model model{fit.solve(), 0};
    double count = 0;
    for (const auto& clip : clips) {
        const std::vector<double> p = predict(model.weights, clip);
        for (std::size_t t = order; t < clip.size(); ++t) model.scale += std::abs(static_cast<double>(clip[t]) - p[t]), ++count;
    }
    model.scale /= count;
    return model;
}

inline std::vector<wave_score> wave_baselines(const linear_model& model, std::span<const std::vector<float>> clips,
                                              const wave_baselines_config& config) {
    constexpr double least = 1e-6;  // a thirtieth of a 16-bit step: a scale of 0 would make digital silence infinitely likely
    const auto end_of = [&](const std::vector<float>& clip) {
        return config.scored == 0 ? clip.size() : std::min(clip.size(), config.context + config.scored);
    };
    double sum = 0, count = 0;
    std::vector<std::vector<double>> predictions;
    for (const auto& clip : clips) {
        predictions.push_back(predict(model.weights, clip));
        for (std::size_t t = config.context; t < end_of(clip); ++t)
            sum += std::abs(static_cast<double>(clip[t]) - predictions.back()[t]), ++count;
    }
    if (!(count > 0))
        raise(error("audio",
                    "no clip is longer than the " + std::to_string(config.context) + " samples that are heard but not scored"));
    const double fitted = std::max(sum / count, least);

    wave_scorer persistence, fixed, running, adaptive;
    for (std::size_t c = 0; c < clips.size(); ++c) {
        nlms filter(config.adaptive);
        double scale = model.scale, adaptive_scale = model.scale;
        for (std::size_t t = 0; t < end_of(clips[c]); ++t) {
            const float sample = clips[c][t];
            const double x = static_cast<double>(sample), p = predictions[c][t], q = p + model.scale * filter.predicted();
            if (t >= config.context) {
                persistence.add(t == 0 ? 0 : static_cast<double>(clips[c][t - 1]), sample);
                fixed.add(laplace{p, fitted}, p, sample);
                running.add(laplace{p, std::max(scale, least)}, p, sample);
                adaptive.add(laplace{q, std::max(adaptive_scale, least)}, q, sample);
            }
            scale += (std::abs(x - p) - scale) / config.memory;
            adaptive_scale += (std::abs(x - q) - adaptive_scale) / config.memory;
            filter.tick((x - p) / model.scale);
        }
    }
    const std::string linear = "LPC-" + std::to_string(model.weights.size()),
                      learning = linear + ", NLMS-" + std::to_string(config.adaptive.taps) + ", running scale";
    return {persistence.score("persistence"), fixed.score(linear + " + Laplace"), running.score(linear + ", running scale"),
            adaptive.score(learning)};
}

}  // namespace lofi::inline LOFI_ABI::analysis
