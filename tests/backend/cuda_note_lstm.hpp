#pragma once
// The note network trained for some steps in a machine's memory, the same code for the emulator and for a device.
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <lofi/model/note_lstm_training_resident.hpp>
#include <lofi/nn/initialise.hpp>

#include "recipe/note_habit.hpp"

namespace lofi::test::cuda_cases {

inline constexpr model::note_lstm_config note_sizes{.hidden = 8};
/// Bits a token of each step and, last, of the songs held out, as the emulator finds them; tests/recipe/note_lstm_resident.cpp holds the
/// same code against the CPU.
inline const std::vector<double> note_bits{6.151846, 6.132749, 5.914647, 5.801611, 6.042235};

inline model::note_lstm_resident_data note_data() {
    const auto train = habit(4, 1, 2), valid = habit(2, 2, 2);
    model::note_lstm_resident_data d;
    d.train = model::to_rows(train, model::note_excerpts(train, 8, 320));
    d.valid = model::to_rows(valid, model::note_excerpts(valid, 8, 320));
    d.hiding = {.1, .15, .15, .3, .4, .08};
    d.batch = 2;
    const auto order = std::make_shared<std::vector<std::uint32_t>>(std::vector<std::uint32_t>{0, 1, 2, 3, 1, 2});
    d.order = [order](std::uint64_t step) { return std::span<const std::uint32_t>(*order).subspan(step % 3 * 2, 2); };
    return d;
}

/// Trains for four steps, all but the first replayed; with `stop`, fetches and begins again after the second.
template <class Machine>
std::vector<double> note_steps(Machine machine, bool stop = false) {
    using network = model::note_lstm_training<note_sizes, backend::kernel_backend<float, Machine>>;
    nn::parameters<network> weights(random_key{1}, nn::scheme::pytorch);
    constexpr std::size_t count = network::parameter_count;
    std::vector<float> mean(count), square(count), average(weights.flat().begin(), weights.flat().end());
    model::note_lstm_resident<note_sizes, Machine> steps(machine, note_data());
    backend::resident_run run{.seed = 3};
    run.rule = {.is = backend::update_rule::kind::adamw, .beta2 = .98, .weight_decay = .05};
    run.parts = {{0, count, 1}};
    run.clip = 1, run.average = .9;
    run.rate = [](std::uint64_t s) { return 4e-3 * static_cast<double>(s + 1); };
    run.parameters = weights.flat(), run.averaged = average, run.slots = {mean, square};
    steps.begin(run);
    std::vector<double> bits;
    const auto collect = [&] {
        for (const auto& r : steps.collect()) bits.push_back(r.sum / r.count / std::log(2.0));
    };
    for (std::uint64_t s = 0; s < 4; ++s) {
        if (stop && s == 2) {
            collect();
            steps.fetch();
            run.step = 2;
            steps.begin(run);
        }
        steps.advance();
    }
    collect();
    steps.fetch();
    const auto held_out = steps.validate(average, {});
    bits.push_back(held_out.sum / held_out.count / std::log(2.0));
    return bits;
}

template <class World>
void note_training(World& w) {
    const auto bits = note_steps(w.machine), resumed = note_steps(w.machine, true);
    w.expect(bits == resumed, "a run that was fetched and begun again goes on bit for bit");
    w.expect(bits.size() == note_bits.size(), "every step told what it found");
    for (std::size_t i = 0; i < std::min(bits.size(), note_bits.size()); ++i)
        w.expect(std::abs(bits[i] - note_bits[i]) < 2e-3, "step " + std::to_string(i) + ": " + std::to_string(bits[i]) +
                                                              " bits a token, on the CPU " + std::to_string(note_bits[i]));
}

}  // namespace lofi::test::cuda_cases
