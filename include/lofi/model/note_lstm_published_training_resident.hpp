#pragma once
// Training of the published note/chord LSTMs in a machine's memory: the joined songs lie there, windows are cut there.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <lofi/backend/cuda/step_runner.hpp>
#include <lofi/model/note_lstm_published_training.hpp>

namespace lofi::inline LOFI_ABI::model {

namespace kernels {

/// Cuts the windows of a batch, time-major, as `fill_windows` does on the host: the window of example i is seen, and the token behind it
/// guessed.
struct cut_windows_op {
    const std::int32_t* tokens;
    const std::uint64_t* step;   ///< null: order is the batch itself
    const std::uint32_t* order;  ///< numbers of windows, `most` a step; null: the windows from `first` on
    std::size_t most, first, batch, window, used;
    float* inputs;          ///< (window * batch)
    std::int32_t* targets;  ///< (batch)

    LOFI_KERNEL void operator()(std::size_t t, std::size_t b) const {
        const std::size_t at = order == nullptr ? first + b : order[(*step % backend::kernels::step_block) * most + b];
        inputs[t * batch + b] = static_cast<float>(published_input(tokens[at + t], used));
        if (t == 0) targets[b] = tokens[at + window];
    }
};

}  // namespace kernels

/// What a device takes over of a training: joined tokens as numbers of the vocabulary.
struct note_lstm_published_data {
    std::vector<std::int32_t> train, valid;
    std::size_t used = 0;    ///< different tokens
    std::size_t batch = 64;  ///< windows at most
    backend::batch_of order{};
};

template <note_lstm_published_config C, class Machine>
class note_lstm_published_resident final : public backend::resident_steps {
public:
    explicit note_lstm_published_resident(Machine machine, note_lstm_published_data data);

    void begin(const backend::resident_run& run) override { runner_.begin(run); }
    void advance() override;
    [[nodiscard]] std::vector<backend::resident_result> collect() override { return runner_.collect(); }
    void fetch() override { runner_.fetch(); }
    [[nodiscard]] backend::resident_result validate(std::span<const float> parameters, std::span<const float> buffers) override;

private:
    using backend_type = backend::kernel_backend<float, Machine>;
    using network = note_lstm_published<C, backend_type>;
    using params = typename network::params;
    template <class T>
    using memory = decltype(std::declval<Machine&>().template make_buffer<T>(1));
    static constexpr std::size_t valid_batch = 256;

    static params bind(float* at, float* buffers) {
        backend::cursor<float> cursor{at, buffers};
        return params::bind(cursor);
    }
    const double* launch(const kernels::cut_windows_op& cut, params p, const params* dp);

    Machine machine_;
    std::size_t used_, batch_, windows_;
    memory<std::int32_t> train_, valid_;
    memory<float> held_out_, held_out_buffers_;
    backend::step_runner<Machine> runner_;
    nn::context context_;
};

// ---------------------------------------------------------------- bodies

template <note_lstm_published_config C, class Machine>
note_lstm_published_resident<C, Machine>::note_lstm_published_resident(Machine machine, note_lstm_published_data data)
    : machine_(std::move(machine)),
      used_(data.used),
      batch_(data.batch),
      windows_(data.valid.size() > C.window ? data.valid.size() - C.window : 0),
      train_(machine_.template make_buffer<std::int32_t>(data.train.size())),
      valid_(machine_.template make_buffer<std::int32_t>(data.valid.size())),
      held_out_(machine_.template make_buffer<float>(network::parameter_count)),
      held_out_buffers_(machine_.template make_buffer<float>(network::buffer_count)),
      runner_(machine_, network::parameter_count, network::buffer_count, data.batch, std::move(data.order)) {
    train_.upload(data.train);
    valid_.upload(data.valid);
    context_.scratch = nn::scratch(std::size_t{1} << 22, Machine::source());
}

template <note_lstm_published_config C, class Machine>
const double* note_lstm_published_resident<C, Machine>::launch(const kernels::cut_windows_op& cut, params p, const params* dp) {
    context_.begin({});
    context_.mode = dp != nullptr ? nn::mode::training : nn::mode::inference;
    kernels::cut_windows_op op = cut;
    const auto inputs = context_.scratch.template take<float>(C.window * cut.batch);
    const auto targets = context_.scratch.template take<std::int32_t>(cut.batch);
    op.inputs = inputs.data(), op.targets = targets.data();
    backend_type& be = runner_.backend();
    backend::detail::launch_each(be, C.window, cut.batch, op);
    return network::loss(be, context_, p, inputs, targets, used_, dp).at;
}

template <note_lstm_published_config C, class Machine>
void note_lstm_published_resident<C, Machine>::advance() {
    const std::size_t B = runner_.examples(runner_.step()).size();
    runner_.advance(B, [this, B] {
        const params p = bind(runner_.weights(), runner_.buffers()), dp = bind(runner_.gradients(), nullptr);
        return launch({train_.data(), runner_.device_step(), runner_.order(), batch_, 0, B, C.window, used_, nullptr, nullptr},
                      p, &dp);
    });
}

template <note_lstm_published_config C, class Machine>
backend::resident_result note_lstm_published_resident<C, Machine>::validate(std::span<const float> parameters,
                                                                            std::span<const float> buffers) {
    held_out_.upload(parameters);
    held_out_buffers_.upload(buffers);
    backend::resident_result sum;
    for (std::size_t first = 0; first < windows_; first += valid_batch) {
        const std::size_t B = std::min(valid_batch, windows_ - first);
        const double* const at = launch({valid_.data(), nullptr, nullptr, 0, first, B, C.window, used_, nullptr, nullptr},
                                        bind(held_out_.data(), held_out_buffers_.data()), nullptr);
        double v[4] = {};
        machine_.read(at, v);
        sum.sum += v[0], sum.weight += v[1], sum.count += v[2], sum.correct += v[3];
    }
    return sum;
}

}  // namespace lofi::inline LOFI_ABI::model
