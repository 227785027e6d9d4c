#pragma once
// Kernel bodies of LofiGen's training on a device: windows are cut out of the sound there, and what the parts of a batch found is added.
#include <cstddef>
#include <cstdint>

#include <lofi/backend/cuda/detail/step.hpp>

namespace lofi::inline LOFI_ABI::model::kernels {

/// Cuts windows of sound, time-major: of T+1 samples all but the last are heard, and all but the first foretold.
struct cut_sound_op {
    const float* sound;
    const std::uint64_t* step;   ///< null: windows lie one behind the other
    const std::uint32_t* order;  ///< first samples of windows, `most` a step
    std::size_t most, first, batch, steps;
    float *inputs, *targets;  ///< (T*batch)

    LOFI_KERNEL void operator()(std::size_t t, std::size_t b) const {
        const std::size_t at =
            step == nullptr ? (first + b) * (steps + 1) : order[*step % backend::kernels::step_block * most + first + b];
        inputs[t * batch + b] = sound[at + t];
        targets[t * batch + b] = sound[at + t + 1];
    }
};

/// Adds what a part of a batch found: squares of errors, values, squares of targets, where a cross-entropy has nats, weights, count, right
/// guesses.
struct add_found_op {
    const double *errors, *squares;
    double values;
    double* total;  ///< (4)

    LOFI_KERNEL void operator()(std::size_t, std::size_t) const {
        total[0] += *errors, total[1] += values, total[2] += values, total[3] += *squares;
    }
};

}  // namespace lofi::inline LOFI_ABI::model::kernels
