#pragma once
// A trainee whose steps run whole in a device's memory: what the training loop asks of it, and how a host's trainee becomes one.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <lofi/backend/cuda/resident.hpp>
#include <lofi/core/error.hpp>
#include <lofi/train/metrics.hpp>
#include <lofi/train/optimiser.hpp>

namespace lofi::inline LOFI_ABI::train {

/// An optimiser as a device takes it.
/// errors: one that has no kernel
[[nodiscard]] inline backend::update_rule rule_of(const optimiser_config& config);

/// A host's trainee with its steps on a device. Its parameters lie on the host whenever they are brought back, which the loop does before
/// it measures or saves: checkpoints are those of the host's trainee, and either goes on with the other's.
/// `Host` gives `metrics metrics_of(sum, count, correct)` of what its steps find (see resident_result), and may have
/// `keep_sample_of(step)`, which is called after each validation.
template <class Host>
class on_device : public Host {
public:
    on_device(Host host, std::unique_ptr<backend::resident_steps> steps) : Host(std::move(host)), steps_(std::move(steps)) {}

    void begin(const backend::resident_run& run) { step_ = run.step, steps_->begin(run); }
    void advance() { ++step_, steps_->advance(); }
    [[nodiscard]] std::vector<backend::resident_result> collect() { return steps_->collect(); }
    void fetch() { steps_->fetch(); }
    [[nodiscard]] metrics validate() {
        const auto r = steps_->validate(this->parameters(), this->buffers());
        if constexpr (requires(Host & h, std::uint64_t step) { h.keep_sample_of(step); }) this->keep_sample_of(step_);
        return Host::metrics_of(r.sum, r.count, r.correct);
    }

private:
    std::unique_ptr<backend::resident_steps> steps_;
    std::uint64_t step_ = 0;
};

// ---------------------------------------------------------------- bodies

inline backend::update_rule rule_of(const optimiser_config& config) {
    using kind = backend::update_rule::kind;
    backend::update_rule r;
    if (const auto* a = std::get_if<adam_config>(&config)) {
        r = {.is = kind::adam, .beta1 = a->beta1, .beta2 = a->beta2, .epsilon = a->epsilon, .weight_decay = a->weight_decay};
        r.place = static_cast<int>(a->place);
    } else if (const auto* w = std::get_if<adamw_config>(&config)) {
        r = {.is = kind::adamw, .beta1 = w->beta1, .beta2 = w->beta2, .epsilon = w->epsilon, .weight_decay = w->weight_decay};
        r.place = static_cast<int>(w->place);
    } else if (const auto* m = std::get_if<rmsprop_config>(&config)) {
        r = {.is = kind::rmsprop, .beta2 = m->decay, .epsilon = m->epsilon, .weight_decay = m->weight_decay};
        r.momentum = m->momentum, r.place = static_cast<int>(m->place);
        r.centred = m->centred == centring::on, r.rate_inside = m->rate == rate_place::inside_momentum;
    } else {
        raise(error("training on a device", "has no kernel for this optimiser: choose Adam, AdamW or RMSprop"));
    }
    return r;
}

}  // namespace lofi::inline LOFI_ABI::train
