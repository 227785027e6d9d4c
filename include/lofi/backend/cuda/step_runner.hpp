#pragma once
// Runs whole training steps in a machine's memory: each shape of step is launched once, recorded, and from then on replayed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/backend/cuda/operations.hpp>
#include <lofi/backend/cuda/resident.hpp>
#include <lofi/core/error.hpp>

namespace lofi::inline LOFI_ABI::backend {

/// The examples of a step's batch, by number.
using batch_of = std::function<std::span<const std::uint32_t>(std::uint64_t step)>;

/// What all models on a device share: arenas, the optimiser, the average, keys and rates by step, the ring of results.
template <class Machine>
class step_runner {
public:
    using backend_type = kernel_backend<float, Machine>;

    /// params: most: examples of a batch at most
    step_runner(Machine machine, std::size_t parameters, std::size_t buffers, std::size_t most, batch_of batch);

    void begin(const resident_run& run);
    /// Queues a step: `network()` launches forward, loss and backward, and returns where the four numbers of its loss lie. Steps of one shape
    /// launch the same.
    template <class F>
    void advance(std::uint64_t shape, F&& network);
    [[nodiscard]] std::vector<resident_result> collect();
    void fetch();

    [[nodiscard]] backend_type& backend() { return be_; }
    [[nodiscard]] std::span<const std::uint32_t> examples(std::uint64_t step) { return batch_(step); }
    [[nodiscard]] std::uint64_t step() const { return step_; }
    /// Memory of the machine: weights, buffers, gradients; the number of the step; the numbers of the examples, `most` a step.
    [[nodiscard]] float* weights() const { return weights_.data(); }
    [[nodiscard]] float* buffers() const { return buffers_.data(); }
    [[nodiscard]] float* gradients() const { return gradients_.data(); }
    [[nodiscard]] const std::uint64_t* device_step() const { return count_.data(); }
    [[nodiscard]] const std::uint32_t* order() const { return order_.data(); }
    [[nodiscard]] random_key train_key() const { return random_key{run_.seed}.child("train"); }

private:
    template <class T>
    using memory = decltype(std::declval<Machine&>().template make_buffer<T>(1));
    using recording = decltype(record(std::declval<Machine&>(), std::declval<void (*)()>()));

    void bring_block();
    void update();
    void read_ring();

    backend_type be_;
    std::size_t parameter_count_, most_;
    batch_of batch_;
    memory<float> weights_, buffers_, gradients_, average_;
    std::vector<memory<float>> slots_;
    memory<kernels::update_clock> clock_;
    memory<std::uint64_t> count_, keys_;
    memory<double> rates_, ring_;
    memory<std::uint32_t> order_;
    std::map<std::uint64_t, recording> recorded_;
    resident_run run_;
    std::uint64_t step_ = 0, read_ = 0, block_ = std::numeric_limits<std::uint64_t>::max();
    std::vector<resident_result> results_;
};

// ---------------------------------------------------------------- bodies

template <class Machine>
step_runner<Machine>::step_runner(Machine machine, std::size_t parameters, std::size_t buffers, std::size_t most,
                                  batch_of batch)
    : be_{std::move(machine)},
      parameter_count_(parameters),
      most_(most),
      batch_(std::move(batch)),
      weights_(be_.machine.template make_buffer<float>(parameters)),
      buffers_(be_.machine.template make_buffer<float>(buffers)),
      gradients_(be_.machine.template make_buffer<float>(parameters)),
      average_(be_.machine.template make_buffer<float>(0)),
      clock_(be_.machine.template make_buffer<kernels::update_clock>(1)),
      count_(be_.machine.template make_buffer<std::uint64_t>(1)),
      keys_(be_.machine.template make_buffer<std::uint64_t>(kernels::step_draws)),
      rates_(be_.machine.template make_buffer<double>(kernels::step_block)),
      ring_(be_.machine.template make_buffer<double>(kernels::step_ring * kernels::step_numbers)),
      order_(be_.machine.template make_buffer<std::uint32_t>(kernels::step_block * most)) {}

template <class Machine>
void step_runner<Machine>::begin(const resident_run& run) {
    LOFI_ASSERT(run.parameters.size() == parameter_count_ && run.buffers.size() == buffers_.size(),
                "a run has the parameters and buffers of its model");
    run_ = run;
    recorded_.clear(), results_.clear();
    step_ = read_ = run.step;
    block_ = std::numeric_limits<std::uint64_t>::max();
    weights_.upload(run.parameters);
    buffers_.upload(run.buffers);
    slots_.clear();
    for (const std::span<float> s : run.slots) {
        slots_.push_back(be_.machine.template make_buffer<float>(s.size()));
        slots_.back().upload(s);
    }
    average_ = be_.machine.template make_buffer<float>(run.averaged.size());
    average_.upload(run.averaged);
    const kernels::update_clock clock{.updates = static_cast<double>(run.step)};
    clock_.upload({&clock, 1});
    count_.upload({&step_, 1});
}

// Rates and batches of the next steps go to the machine's memory together.
template <class Machine>
void step_runner<Machine>::bring_block() {
    const std::uint64_t block = step_ / kernels::step_block;
    if (block == block_) return;
    block_ = block;
    std::vector<double> rates(kernels::step_block);
    std::vector<std::uint32_t> order(kernels::step_block * most_);
    for (std::size_t i = 0; i < kernels::step_block; ++i) {
        const std::uint64_t s = block * kernels::step_block + i;
        if (s < step_ || (run_.steps != 0 && s >= run_.steps)) continue;
        rates[i] = run_.rate(s);
        const auto examples = batch_(s);
        LOFI_ASSERT(examples.size() <= most_, "a batch has more examples than there is room for");
        std::copy(examples.begin(), examples.end(), order.begin() + static_cast<std::ptrdiff_t>(i * most_));
    }
    rates_.upload(rates);
    order_.upload(order);
}

template <class Machine>
template <class F>
void step_runner<Machine>::advance(std::uint64_t shape, F&& network) {
    bring_block();
    if (const auto found = recorded_.find(shape); found != recorded_.end()) {
        found->second.replay();
    } else {
        const auto whole = [this, network] {
            be_.machine.launch(
                kernels::begin_step{count_.data(), rates_.data(), train_key().value, keys_.data(), clock_.data()},
                kernels::begin_step::launch());
            be_.keys = keys_.data(), be_.drawn = 0;
            fill(be_, 0.F, columns<float, 1>(gradients_.data(), parameter_count_));
            const double* const result = network();
            be_.keys = nullptr;
            update();
            be_.machine.launch(kernels::end_step{count_.data(), result, clock_.data(), ring_.data()},
                               kernels::end_step::launch());
        };
        whole();  // takes all memory
        recorded_.emplace(shape, record(be_.machine, whole));
    }
    ++step_;
    if (step_ - read_ == kernels::step_ring) read_ring();
}

template <class Machine>
void step_runner<Machine>::update() {
    const update_rule& rule = run_.rule;
    begin_update(be_, std::span<const float>(gradients_.data(), parameter_count_),
                 run_.clip != 0 ? run_.clip : std::numeric_limits<double>::infinity(), clock_.data());
    const auto slot = [&](std::size_t i, std::size_t first) { return slots_[i].data() + first; };
    for (const update_part& part : run_.parts) {
        float *const w = weights_.data() + part.first, *const dw = gradients_.data() + part.first;
        const double decay = rule.weight_decay * part.decay_scale;
        if (part.count == 0) continue;
        if (rule.is == update_rule::kind::rmsprop) {
            const bool moves = rule.momentum != 0;
            using kernel = kernels::rmsprop_update<float>;
            be_.machine.launch(kernel{part.count, w, dw, slot(0, part.first), moves ? slot(1, part.first) : nullptr,
                                      rule.centred ? slot(slots_.size() - 1, part.first) : nullptr, clock_.data(), rule.beta2,
                                      rule.epsilon, rule.momentum, decay, rule.place == 1, rule.rate_inside},
                               kernel::launch(part.count));
        } else {
            using kernel = kernels::adam_update<float>;
            be_.machine.launch(kernel{part.count, w, dw, slot(0, part.first), slot(1, part.first), clock_.data(), rule.beta1,
                                      rule.beta2, rule.epsilon, decay, rule.place, rule.is == update_rule::kind::adamw},
                               kernel::launch(part.count));
        }
    }
    if (run_.average != 0)
        detail::launch_each(be_, 1, parameter_count_,
                            kernels::average_op<float>{static_cast<float>(run_.average), static_cast<float>(1 - run_.average),
                                                       weights_.data(), average_.data()});
}

template <class Machine>
void step_runner<Machine>::read_ring() {
    using namespace kernels;
    std::vector<double> ring(step_ring * step_numbers);
    be_.machine.wait();
    ring_.download(ring);
    for (; read_ < step_; ++read_) {
        const double* const v = ring.data() + read_ % step_ring * step_numbers;
        results_.push_back({.step = read_, .sum = v[0], .weight = v[1], .count = v[2], .correct = v[3], .norm = v[4]});
    }
}

template <class Machine>
std::vector<resident_result> step_runner<Machine>::collect() {
    read_ring();
    return std::exchange(results_, {});
}

template <class Machine>
void step_runner<Machine>::fetch() {
    be_.machine.wait();
    weights_.download(run_.parameters);
    buffers_.download(run_.buffers);
    for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].download(run_.slots[i]);
    average_.download(run_.averaged);
}

}  // namespace lofi::inline LOFI_ABI::backend
