#pragma once
// What begins and ends a whole training step on a device, so that a recorded step needs nothing from the host: keys and the rate from
// the number of the step, and what it found into a ring.
#include <lofi/backend/cuda/detail/optimise.hpp>
#include <lofi/core/random.hpp>

namespace lofi::inline LOFI_ABI::backend::kernels {

/// Random draws in a step at most; steps whose rates and batches lie on the device at a time; results that lie there before the host reads.
inline constexpr std::size_t step_draws = 64, step_block = 256, step_ring = 64, step_numbers = 5;

/// Finds the keys of a step's draws and its rate.
struct begin_step {
    const std::uint64_t* step;
    const double* rates;      ///< (step_block)
    std::uint64_t train_key;  ///< whose children are the steps' keys
    std::uint64_t* keys;      ///< (step_draws)
    update_clock* clock;

    static dims launch() { return {.grid = 1, .block = static_cast<unsigned>(step_draws)}; }
    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        const auto i = static_cast<std::size_t>(c.tid());
        // Measured by the compiler: where a device would measure the literal, nvcc 13 makes an empty kernel of this, without a word.
        constexpr std::string_view network = "network";
        keys[i] = random_key{train_key}.child(*step).child(network).child(i).value;
        if (i == 0) clock->rate = rates[*step % step_block];
    }
};

/// Keeps what a step found, and counts it.
struct end_step {
    std::uint64_t* step;
    const double* result;  ///< (4)
    const update_clock* clock;
    double* ring;  ///< (step_ring, step_numbers)

    static dims launch() { return {.grid = 1, .block = 32}; }
    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        if (c.tid() != 0) return;
        double* const to = ring + *step % step_ring * step_numbers;
        for (std::size_t i = 0; i < 4; ++i) to[i] = result[i];
        to[4] = clock->norm;
        ++*step;
    }
};

}  // namespace lofi::inline LOFI_ABI::backend::kernels
