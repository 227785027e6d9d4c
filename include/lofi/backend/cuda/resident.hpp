#pragma once
// Whole training steps that stay in a machine's memory: what the host says of a run, and what a .cpp holds of a model on a device.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::backend {

/// An optimiser in the numbers that its kernel takes; they mean what the configs of `train` say.
struct update_rule {
    enum class kind : std::uint8_t { adam, adamw, rmsprop };
    kind is = kind::adam;
    double beta1 = .9, beta2 = .999;  ///< beta2 is RMSprop's decay
    double epsilon = 1e-8, weight_decay = 0, momentum = 0;
    int place = 0;  ///< train::epsilon_place
    bool centred = false, rate_inside = false;
};

/// A stretch of the parameters; those outside every one stay.
struct update_part {
    std::size_t first = 0, count = 0;
    double decay_scale = 1;
};

/// A run as a device needs to know it. The spans lie on the host: a device takes over what is in them, and brings it back when asked.
struct resident_run {
    std::uint64_t seed = 1, step = 0, steps = 0;
    update_rule rule{};
    std::vector<update_part> parts{};
    double clip = 0;     ///< 0: none
    double average = 0;  ///< decay of the moving average; 0: none
    std::function<double(std::uint64_t step)> rate{};
    std::span<float> parameters{}, buffers{}, averaged{};
    std::vector<std::span<float>> slots{};  ///< what the optimiser remembers, in its order
};

/// What steps or validations found.
struct resident_result {
    std::uint64_t step = 0;
    /// As cross_entropy_result, or what the model's loss has in their places.
    double sum = 0, weight = 0, count = 0, correct = 0;
    double norm = 0;  ///< of the gradients before clipping
};

/// A model with its data in a device's memory. Its maker is compiled by nvcc; who holds it need not be.
class resident_steps {
public:
    resident_steps() = default;
    resident_steps(const resident_steps&) = delete;
    resident_steps& operator=(const resident_steps&) = delete;
    virtual ~resident_steps() = default;

    /// Takes over a run, at its step.
    virtual void begin(const resident_run&) = 0;
    /// Queues the next step, and does not wait for it.
    virtual void advance() = 0;
    /// Waits for what is queued, and tells what the steps since the last time found, in order.
    [[nodiscard]] virtual std::vector<resident_result> collect() = 0;
    /// Brings parameters, buffers, slots and the average back into the spans of the run.
    virtual void fetch() = 0;
    /// Finds what other weights cost on the data that is held out.
    [[nodiscard]] virtual resident_result validate(std::span<const float> parameters, std::span<const float> buffers) = 0;
};

}  // namespace lofi::inline LOFI_ABI::backend
