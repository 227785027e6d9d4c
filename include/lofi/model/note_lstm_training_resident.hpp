#pragma once
// The note network's training in a machine's memory: its songs lie there, batches are drawn there, and a whole step is one replayed
// recording for each length of batch.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <lofi/backend/cuda/step_runner.hpp>
#include <lofi/model/note_lstm_training.hpp>
#include <lofi/model/note_lstm_training_kernels.hpp>

namespace lofi::inline LOFI_ABI::model {

/// Songs and their stretches as rows of numbers, for a device to take over.
struct note_lstm_rows {
    std::vector<std::int16_t> features;
    std::vector<std::int32_t> tokens;
    std::vector<note_context> contexts;
    std::vector<std::uint64_t> allowed;
    std::vector<kernels::note_stretch> stretches;
};
[[nodiscard]] note_lstm_rows to_rows(std::span<const note_piece> pieces, std::span<const note_excerpt> excerpts);

/// What a device takes over of a training.
struct note_lstm_resident_data {
    note_lstm_rows train, valid;
    kernels::note_hiding hiding{};
    std::size_t batch = 32;     ///< stretches at most
    backend::batch_of order{};  ///< of stretches to learn from
};

template <note_lstm_config C, class Machine>
class note_lstm_resident final : public backend::resident_steps {
public:
    explicit note_lstm_resident(Machine machine, note_lstm_resident_data data);

    void begin(const backend::resident_run& run) override { runner_.begin(run); }
    void advance() override;
    [[nodiscard]] std::vector<backend::resident_result> collect() override { return runner_.collect(); }
    void fetch() override { runner_.fetch(); }
    [[nodiscard]] backend::resident_result validate(std::span<const float> parameters, std::span<const float>) override;

private:
    using backend_type = backend::kernel_backend<float, Machine>;
    using network = note_lstm_training<C, backend_type>;
    using params = typename network::params;
    template <class T>
    using memory = decltype(std::declval<Machine&>().template make_buffer<T>(1));
    static constexpr std::size_t K = note_feature::count, Z = note_condition_size, Out = note_output::count;
    /// Lengths of batches go up by so many steps, so that few shapes are recorded.
    static constexpr std::size_t length_step = 32;

    struct songs {
        memory<std::int16_t> features;
        memory<std::int32_t> tokens;
        memory<note_context> contexts;
        memory<std::uint64_t> allowed;
        memory<kernels::note_stretch> stretches;
        std::vector<std::uint32_t> counts;

        songs(Machine& m, const note_lstm_rows& r);
        [[nodiscard]] kernels::note_songs view() const {
            return {features.data(), tokens.data(), contexts.data(), allowed.data(), stretches.data()};
        }
    };
    static params bind(float* at) {
        backend::cursor<float> cursor{at, nullptr};
        return params::bind(cursor);
    }
    /// Draws a batch of T steps, runs the network over it, and returns where its costs will lie.
    const double* launch(const songs& of, const std::uint32_t* order, const std::uint64_t* step, std::size_t B, std::size_t T,
                         params p, const params* dp);

    Machine machine_;
    note_lstm_resident_data data_;
    songs train_, valid_;
    memory<std::uint32_t> all_valid_;
    memory<float> held_out_;
    backend::step_runner<Machine> runner_;
    nn::context context_;
};

// ---------------------------------------------------------------- bodies

inline note_lstm_rows to_rows(std::span<const note_piece> pieces, std::span<const note_excerpt> excerpts) {
    note_lstm_rows r;
    std::vector<std::uint32_t> first;
    for (const note_piece& p : pieces) {
        first.push_back(static_cast<std::uint32_t>(r.tokens.size()));
        r.features.insert(r.features.end(), p.features.begin(), p.features.end());
        r.tokens.insert(r.tokens.end(), p.tokens.begin(), p.tokens.end());
        r.contexts.insert(r.contexts.end(), p.context.begin(), p.context.end());
        for (const token::hands_set& s : p.allowed) r.allowed.insert(r.allowed.end(), s.begin(), s.end());
    }
    for (const note_excerpt& e : excerpts) {
        const note_conditions& c = pieces[e.piece].conditions;
        kernels::note_stretch s{.first = first[e.piece] + static_cast<std::uint32_t>(e.first),
                                .count = static_cast<std::uint32_t>(e.count)};
        const auto place = [](std::int32_t& to, note_conditions one) {
            one.bars.reset();
            told(one, [&](std::size_t at) { to = static_cast<std::int32_t>(at); });
        };
        place(s.style, {.style = c.style});
        place(s.mode, {.scale = c.scale});
        place(s.tempo, {.tempo = c.tempo});
        s.scale = c.scale ? score::mask(*c.scale) : 0U;
        r.stretches.push_back(s);
    }
    return r;
}

template <note_lstm_config C, class Machine>
note_lstm_resident<C, Machine>::songs::songs(Machine& m, const note_lstm_rows& r)
    : features(m.template make_buffer<std::int16_t>(r.features.size())),
      tokens(m.template make_buffer<std::int32_t>(r.tokens.size())),
      contexts(m.template make_buffer<note_context>(r.contexts.size())),
      allowed(m.template make_buffer<std::uint64_t>(r.allowed.size())),
      stretches(m.template make_buffer<kernels::note_stretch>(r.stretches.size())) {
    features.upload(r.features);
    tokens.upload(r.tokens);
    contexts.upload(r.contexts);
    allowed.upload(r.allowed);
    stretches.upload(r.stretches);
    for (const kernels::note_stretch& s : r.stretches) counts.push_back(s.count);
}

template <note_lstm_config C, class Machine>
note_lstm_resident<C, Machine>::note_lstm_resident(Machine machine, note_lstm_resident_data data)
    : machine_(std::move(machine)),
      data_(std::move(data)),
      train_(machine_, data_.train),
      valid_(machine_, data_.valid),
      all_valid_(machine_.template make_buffer<std::uint32_t>(data_.valid.stretches.size())),
      held_out_(machine_.template make_buffer<float>(network::parameter_count)),
      runner_(machine_, network::parameter_count, 0, data_.batch, data_.order) {
    std::vector<std::uint32_t> all(all_valid_.size());
    std::iota(all.begin(), all.end(), 0U);
    all_valid_.upload(all);
    context_.scratch = nn::scratch(std::size_t{1} << 22, Machine::source());
    data_.train = {}, data_.valid = {};  // the machine has them now
}

template <note_lstm_config C, class Machine>
const double* note_lstm_resident<C, Machine>::launch(const songs& of, const std::uint32_t* order, const std::uint64_t* step,
                                                     std::size_t B, std::size_t T, params p, const params* dp) {
    backend_type& be = runner_.backend();
    const std::size_t N = T * B;
    context_.begin({});
    context_.mode = step != nullptr ? nn::mode::training : nn::mode::inference;
    auto& scratch = context_.scratch;
    const auto stretches = scratch.template take<kernels::note_row>(B);
    const auto lengths = scratch.template take<std::int32_t>(B), ids = scratch.template take<std::int32_t>(N * K),
               source = scratch.template take<std::int32_t>(N);
    const auto told = scratch.template take_rows<float, Z>(B);
    const auto scale = scratch.template take<float>(1);
    context_.batch = B;
    context_.lengths = lengths;
    const std::uint64_t key = runner_.train_key().value;
    be.machine.launch(kernels::draw_notes{of.view(), data_.hiding, step, order, data_.batch, B, Z, key, stretches.data(),
                                          lengths.data(), told.data(), scale.data()},
                      kernels::draw_notes::launch());
    backend::detail::launch_each(
        be, N, K,
        kernels::note_ids_op{of.view(), step != nullptr ? data_.hiding.features : 0, note_offsets[note_feature::left] + 17,
                             step, key, B, stretches.data(), ids.data(), source.data()});
    const double* result = nullptr;
    const auto loss = [&](rows<float, Out> y, rows<float, Out> dy) {
        using costs = kernels::note_costs<float>;
        const auto d = costs::launch(N);
        be.machine.launch(costs{of.view(), stretches.data(), source.data(), B, N, y.data(), scale.data(),
                                dp != nullptr ? dy.data() : nullptr, be.machine.partials()},
                          d);
        result = backend::detail::finish(be, d.grid, 4);
    };
    network::run(be, context_, p, std::span<const std::int32_t>(ids), nn::constant(told), loss, dp);
    return result;
}

template <note_lstm_config C, class Machine>
void note_lstm_resident<C, Machine>::advance() {
    const auto examples = runner_.examples(runner_.step());
    std::size_t most = 0;
    for (const std::uint32_t e : examples) most = std::max<std::size_t>(most, train_.counts[e]);
    const std::size_t B = examples.size(), T = (most + length_step - 1) / length_step * length_step;
    runner_.advance(T << 32U | B, [this, B, T] {
        const params p = bind(runner_.weights()), dp = bind(runner_.gradients());
        return launch(train_, runner_.order(), runner_.device_step(), B, T, p, &dp);
    });
}

template <note_lstm_config C, class Machine>
backend::resident_result note_lstm_resident<C, Machine>::validate(std::span<const float> parameters, std::span<const float>) {
    held_out_.upload(parameters);
    backend::resident_result sum;
    for (std::size_t first = 0; first < valid_.counts.size(); first += data_.batch) {
        const std::size_t B = std::min(data_.batch, valid_.counts.size() - first);
        const auto from = valid_.counts.begin() + static_cast<std::ptrdiff_t>(first);
        const std::size_t T = *std::max_element(from, from + static_cast<std::ptrdiff_t>(B));
        const double* const at = launch(valid_, all_valid_.data() + first, nullptr, B, T, bind(held_out_.data()), nullptr);
        double v[4] = {};
        machine_.read(at, v);
        sum.sum += v[0], sum.weight += v[1], sum.count += v[2], sum.correct += v[3];
    }
    return sum;
}

}  // namespace lofi::inline LOFI_ABI::model
