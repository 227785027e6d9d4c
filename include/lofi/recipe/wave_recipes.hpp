#pragma once
// How the published networks of sound are trained, as far as their papers say it.
#include <algorithm>
#include <cstdint>

#include <lofi/recipe/wave_training.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// Adam at 1e-4 (the model card; the paper's text says 1e-5), 128 windows of 8,192 samples, 20 epochs.
/// source: paper 002
[[nodiscard]] inline wave_recipe lofigen_recipe() {
    wave_recipe r;
    r.epochs = 20, r.batch = 128, r.rate = 1e-4;
    return r;
}

/// Adam with a warm-up and a cosine; two windows a step.
/// source: paper 002 names the network and no numbers; these are ours
[[nodiscard]] inline wave_recipe wavenet_recipe() {
    wave_recipe r;
    r.epochs = 10, r.batch = 2, r.rate = 3e-3;
    r.optimiser = train::adam_config{.beta2 = 0.98};
    r.clip = 1, r.average = 0.99;
    r.schedule = [](double peak, std::uint64_t steps, std::uint64_t) -> train::schedule {
        return train::warm_up_cosine{.peak = peak, .floor = peak / 100, .warm_up = steps / 12, .total = steps};
    };
    return r;
}

/// Stochastic gradient descent at .01, Huber loss, 32 windows a step; after two thirds of the steps twice as many, and so on.
/// source: paper 004: "batch 32 for a few hundred epochs, then growing"
[[nodiscard]] inline wave_recipe wave_tcn_recipe(std::uint64_t first = 4000) {
    wave_recipe r;
    r.epochs = 20, r.batch = 32, r.rate = 0.01;
    r.optimiser = train::sgd_config{};
    r.batch_at = [first, batch = r.batch](std::uint64_t step) { return batch << std::min<std::uint64_t>(step / first, 4); };
    r.valid_windows = 512;
    return r;
}

}  // namespace lofi::inline LOFI_ABI::recipe
