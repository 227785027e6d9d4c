#pragma once
// Schedules: numbers that change as training goes on (rates, the weight of a loss, the share of teacher forcing).
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <variant>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::train {

/// Each is a function of the step, which counts from 0. Where a paper counts epochs, ask with the epoch.
struct constant {
    double value = 1e-3;
    [[nodiscard]] double operator()(std::uint64_t) const { return value; }
};

/// Rises in a straight line over `warm_up` steps, then falls as half a cosine to `floor` at step `total`.
/// source: Loshchilov, Hutter: SGDR (2017), one cycle, after a linear warm-up
struct warm_up_cosine {
    double peak = 1e-3, floor = 0;
    std::uint64_t warm_up = 0, total = 1;
    [[nodiscard]] double operator()(std::uint64_t step) const;
};

/// Multiplies by `factor` every `every` steps.
struct step_decay {
    double start = 1e-3, factor = 0.1;
    std::uint64_t every = 1;
    [[nodiscard]] double operator()(std::uint64_t step) const {
        return start * std::pow(factor, static_cast<double>(every == 0 ? 0 : step / every));
    }
};

/// (start - floor) * decay^step + floor: the rate of MusicVAE.
/// source: Roberts, Engel, Raffel, Hawthorne, Eck: A Hierarchical Latent Vector Model (2018), and its code
struct exponential_to_floor {
    double start = 1e-3, floor = 1e-5, decay = 0.9999;
    [[nodiscard]] double operator()(std::uint64_t step) const {
        return (start - floor) * std::pow(decay, static_cast<double>(step)) + floor;
    }
};

/// Falls from about `high` to `low` as k / (k + exp(step / k)): the share of true inputs in scheduled sampling.
/// source: Bengio, Vinyals, Jaitly, Shazeer: Scheduled Sampling (2015), 2.4
struct inverse_sigmoid {
    double k = 30, high = 1, low = 0;
    [[nodiscard]] double operator()(std::uint64_t step) const {
        return k / (k + std::exp(static_cast<double>(step) / k)) * (high - low) + low;
    }
};

/// Rises from 0 to `high` as 1 - decay^step: the weight of MusicVAE's divergence.
struct saturating {
    double high = 1, decay = 0.99999;
    [[nodiscard]] double operator()(std::uint64_t step) const {
        return high * (1 - std::pow(decay, static_cast<double>(step)));
    }
};

/// Goes in a straight line from `from` to `to` over `steps`, then stays.
struct ramp {
    double from = 0, to = 1;
    std::uint64_t steps = 1;
    [[nodiscard]] double operator()(std::uint64_t step) const {
        return step >= steps ? to : from + (to - from) * static_cast<double>(step) / static_cast<double>(steps);
    }
};

using schedule = std::variant<constant, warm_up_cosine, step_decay, exponential_to_floor, inverse_sigmoid, saturating, ramp>;

/// Gives a schedule's value at a step.
[[nodiscard]] inline double value_at(const schedule& s, std::uint64_t step) {
    return std::visit([step](const auto& f) { return f(step); }, s);
}

// ---------------------------------------------------------------- bodies

inline double warm_up_cosine::operator()(std::uint64_t step) const {
    // The first step has a share of the peak and not nothing: a step of rate 0 would be spent for nothing.
    if (step < warm_up) return peak * static_cast<double>(step + 1) / static_cast<double>(warm_up);
    if (step >= total) return floor;
    const double done = static_cast<double>(step - warm_up) / static_cast<double>(total - warm_up);
    return floor + (peak - floor) * 0.5 * (1 + std::cos(std::numbers::pi * done));
}

}  // namespace lofi::inline LOFI_ABI::train
