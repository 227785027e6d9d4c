#pragma once
// LofiGen's training in a machine's memory: the sound lies there, windows are cut there, and a whole step is one replayed recording.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <lofi/backend/cuda/step_runner.hpp>
#include <lofi/model/lofigen.hpp>
#include <lofi/model/lofigen_training_kernels.hpp>
#include <lofi/nn/loss.hpp>

namespace lofi::inline LOFI_ABI::model {

/// What a device takes over of a training.
struct lofigen_resident_data {
    std::vector<float> train;            ///< clips, one behind the other
    std::vector<float> valid;            ///< windows of steps + 1 samples, one behind the other
    std::size_t steps = lofigen_window;  ///< samples that are heard of a window
    std::size_t batch = 128;             ///< windows at most
    backend::batch_of order{};           ///< where the windows of a step begin in `train`
};

template <std::size_t Layers, class Machine>
class lofigen_resident final : public backend::resident_steps {
public:
    explicit lofigen_resident(Machine machine, lofigen_resident_data data);

    void begin(const backend::resident_run& run) override { runner_.begin(run); }
    void advance() override;
    [[nodiscard]] std::vector<backend::resident_result> collect() override { return runner_.collect(); }
    void fetch() override { runner_.fetch(); }
    [[nodiscard]] backend::resident_result validate(std::span<const float> parameters, std::span<const float>) override;

private:
    using backend_type = backend::kernel_backend<float, Machine>;
    using network = lofigen<Layers, backend_type>;
    using params = typename network::params;
    template <class T>
    using memory = decltype(std::declval<Machine&>().template make_buffer<T>(1));
    static constexpr std::size_t at_once = 32;  ///< windows whose activations are in memory together

    static params bind(float* at) {
        backend::cursor<float> cursor{at, nullptr};
        return params::bind(cursor);
    }
    /// Runs the network over some of `all` windows, adds what it found, and with `dp` its gradients.
    void part(kernels::cut_sound_op cut, std::size_t all, params p, const params* dp, double* total);
    [[nodiscard]] double* no_total();

    Machine machine_;
    std::size_t steps_, batch_, windows_;
    memory<float> train_, valid_, held_out_;
    backend::step_runner<Machine> runner_;
    nn::context context_;
};

// ---------------------------------------------------------------- bodies

template <std::size_t Layers, class Machine>
lofigen_resident<Layers, Machine>::lofigen_resident(Machine machine, lofigen_resident_data data)
    : machine_(std::move(machine)),
      steps_(data.steps),
      batch_(data.batch),
      windows_(data.valid.size() / (data.steps + 1)),
      train_(machine_.template make_buffer<float>(data.train.size())),
      valid_(machine_.template make_buffer<float>(data.valid.size())),
      held_out_(machine_.template make_buffer<float>(network::parameter_count)),
      runner_(machine_, network::parameter_count, network::buffer_count, data.batch, std::move(data.order)) {
    train_.upload(data.train);
    valid_.upload(data.valid);
    context_.scratch = nn::scratch(std::size_t{1} << 22, Machine::source());
}

template <std::size_t Layers, class Machine>
double* lofigen_resident<Layers, Machine>::no_total() {
    backend_type& be = runner_.backend();
    double* const total = be.machine.next_result();
    backend::detail::launch_each(be, 1, 4, backend::kernels::fill_op<double>{0, {total, 4}});
    return total;
}

template <std::size_t Layers, class Machine>
void lofigen_resident<Layers, Machine>::part(kernels::cut_sound_op cut, std::size_t all, params p, const params* dp,
                                             double* total) {
    context_.begin({});
    context_.mode = dp != nullptr ? nn::mode::training : nn::mode::inference;
    context_.batch = cut.batch;
    backend_type& be = runner_.backend();
    nn::scratch& scratch = context_.scratch;
    const std::size_t N = steps_ * cut.batch;
    const nn::columns<float, 1> x = scratch.template take_rows<float, 1>(N), target = scratch.template take_rows<float, 1>(N),
                                y = scratch.template take_rows<float, 1>(N), dy = scratch.template take_rows<float, 1>(N);
    cut.inputs = x.data(), cut.targets = target.data();
    backend::detail::launch_each(be, steps_, cut.batch, cut);
    using squares = backend::kernels::square_sums<float>;
    const auto over = backend::kernels::over_partials(N);
    be.machine.launch(squares{target.data(), N, be.machine.partials()}, over);
    const double* const heard = backend::detail::finish(be, over.grid, 1);
    typename network::tape tape;
    network::forward(be, context_, p, nn::constant(x), y, tape);
    const auto errors =
        nn::distance_loss(be, nn::distance::square, y, nn::constant(target), dp != nullptr ? dy : nn::columns<float, 1>{},
                          {.scale = static_cast<float>(1 / static_cast<double>(all * steps_))});
    backend::detail::launch_each(be, 1, 1, kernels::add_found_op{errors.at, heard, static_cast<double>(N), total});
    if (dp != nullptr) network::backward(be, context_, p, *dp, tape, nn::constant(dy), {});
}

template <std::size_t Layers, class Machine>
void lofigen_resident<Layers, Machine>::advance() {
    const std::size_t B = runner_.examples(runner_.step()).size();
    runner_.advance(B, [this, B] {
        const params p = bind(runner_.weights()), dp = bind(runner_.gradients());
        double* const total = no_total();
        for (std::size_t first = 0; first < B; first += at_once)
            part({train_.data(), runner_.device_step(), runner_.order(), batch_, first, std::min(at_once, B - first), steps_,
                  nullptr, nullptr},
                 B, p, &dp, total);
        return total;
    });
}

template <std::size_t Layers, class Machine>
backend::resident_result lofigen_resident<Layers, Machine>::validate(std::span<const float> parameters,
                                                                     std::span<const float>) {
    held_out_.upload(parameters);
    backend::resident_result sum;
    for (std::size_t first = 0; first < windows_; first += at_once) {
        double* const total = no_total();
        part({valid_.data(), nullptr, nullptr, 0, first, std::min(at_once, windows_ - first), steps_, nullptr, nullptr},
             windows_, bind(held_out_.data()), nullptr, total);
        double v[4] = {};
        machine_.read(total, v);
        sum.sum += v[0], sum.weight += v[1], sum.count += v[2], sum.correct += v[3];
    }
    return sum;
}

}  // namespace lofi::inline LOFI_ABI::model
