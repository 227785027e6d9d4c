#pragma once
// Whole training steps of a small net with every kind of layer, the same code for every backend: embedding, LSTM with recurrent
// dropout and true lengths, GRU in reverse, batch norm, dense, cross-entropy, clipping, Adam.
#include <cstdint>
#include <vector>

#include <lofi/backend/cuda/operations.hpp>
#include <lofi/nn/batch_norm.hpp>
#include <lofi/nn/dense.hpp>
#include <lofi/nn/embedding.hpp>
#include <lofi/nn/gru.hpp>
#include <lofi/nn/loss.hpp>
#include <lofi/nn/lstm.hpp>

namespace lofi::test::cuda_cases {

inline constexpr std::size_t step_T = 5, step_B = 3, step_N = step_T * step_B, step_V = 24;
inline constexpr double step_rate = 0.05, step_most = 0.5;
/// Mean cross-entropy of each step on the CPU in float, which cuda_step.cpp checks: what a device without a CPU backend beside it
/// is held against.
inline const std::vector<double> step_losses{3.3689688746, 2.7193161545, 2.3491574127, 2.0003200795,
                                             1.650240525,  1.3249438543, 0.9929189047, 0.7970635882};

template <class Backend>
struct small_net {
    using embed = nn::embedding<nn::embedding_config{.vocabulary = step_V, .width = 6}, Backend>;
    using first = nn::lstm<nn::lstm_config{.in = 6, .hidden = 8, .recurrent_dropout = {1, 4}}, Backend>;
    using second = nn::gru<nn::gru_config{.in = 8, .hidden = 7, .order = nn::time_order::reverse}, Backend>;
    using norm = nn::batch_norm<nn::batch_norm_config{.size = 7}, Backend>;
    using head = nn::dense<nn::dense_config{.in = 7, .out = step_V}, Backend>;
    using all = nn::parts<nn::named<"embed", embed>, nn::named<"first", first>, nn::named<"second", second>,
                          nn::named<"norm", norm>, nn::named<"head", head>>;
};

/// Runs steps; returns their mean losses, which are read after the last one only.
/// params: w: what holds memory (put, get, source); update(weights, gradients): clips and moves
template <class Backend, class World, class Update>
std::vector<double> run_steps(Backend& be, World& w, Update update, std::size_t steps = step_losses.size()) {
    using real = typename Backend::real;
    using net = small_net<Backend>;
    using model = typename net::all;
    constexpr std::size_t count = model::parameter_count;
    nn::parameters<model> start(random_key{7}, nn::scheme::keras);
    real* const weights = w.put(std::vector<real>(start.flat().begin(), start.flat().end()));
    real* const buffers = w.put(std::vector<real>(start.buffers().begin(), start.buffers().end()));
    real* const gradients = w.put(std::vector<real>(count));
    std::vector<std::int32_t> ids(step_N), targets(step_N);
    const std::vector<std::int32_t> lengths{5, 3, 4};
    random_stream random{random_key{8}};
    for (std::size_t n = 0; n < step_N; ++n) {
        ids[n] = static_cast<std::int32_t>(uniform_below(random, step_V));
        targets[n] =
            n / step_B < static_cast<std::size_t>(lengths[n % step_B]) ? (ids[n] * 5 + 1) % static_cast<int>(step_V) : -1;
    }
    const std::span<const std::int32_t> all_ids(w.put(ids), step_N), all_targets(w.put(targets), step_N),
        all_lengths(w.put(lengths), step_B);

    nn::context ctx;
    ctx.scratch = nn::scratch(std::size_t{1} << 18, w.source());
    ctx.batch = step_B;
    ctx.lengths = all_lengths;
    backend::cursor<real> at{weights, buffers}, dat{gradients, nullptr};
    const auto p = model::params::bind(at), dp = model::params::bind(dat);
    using loss_type = decltype(nn::cross_entropy(be, rows<real, step_V>{}, all_targets));
    std::vector<loss_type> losses;
    for (std::size_t s = 0; s < steps; ++s) {
        ctx.begin(random_key{9}.child(s));
        fill(be, real{0}, backend::columns<real, 1>(gradients, count));
        auto& memory = ctx.scratch;
        const auto x = memory.template take_rows<real, 6>(step_N), dx = memory.template take_rows<real, 6>(step_N);
        const auto h = memory.template take_rows<real, 8>(step_N), dh = memory.template take_rows<real, 8>(step_N);
        const auto g = memory.template take_rows<real, 7>(step_N), dg = memory.template take_rows<real, 7>(step_N);
        const auto z = memory.template take_rows<real, 7>(step_N), dz = memory.template take_rows<real, 7>(step_N);
        const auto y = memory.template take_rows<real, step_V>(step_N), dy = memory.template take_rows<real, step_V>(step_N);
        typename net::embed::tape t1;
        typename net::first::tape t2;
        typename net::second::tape t3;
        typename net::norm::tape t4;
        typename net::head::tape t5;
        net::embed::forward(be, ctx, p.template get<"embed">(), all_ids, x, t1);
        net::first::forward(be, ctx, p.template get<"first">(), x, h, t2);
        net::second::forward(be, ctx, p.template get<"second">(), h, g, t3);
        net::norm::forward(be, ctx, p.template get<"norm">(), g, z, t4);
        net::head::forward(be, ctx, p.template get<"head">(), z, y, t5);
        losses.push_back(nn::cross_entropy(be, y, all_targets, dy, nn::loss_config<real>{.scale = real(1.0 / 12)}));
        net::head::backward(be, ctx, p.template get<"head">(), dp.template get<"head">(), t5, dy, dz);
        net::norm::backward(be, ctx, p.template get<"norm">(), dp.template get<"norm">(), t4, dz, dg);
        net::second::backward(be, ctx, p.template get<"second">(), dp.template get<"second">(), t3, dg, dh);
        net::first::backward(be, ctx, p.template get<"first">(), dp.template get<"first">(), t2, dh, dx);
        net::embed::backward(be, ctx, p.template get<"embed">(), dp.template get<"embed">(), t1, dx);
        update(std::span<real>(weights, count), std::span<real>(gradients, count));
    }
    std::vector<double> means;
    for (const auto& l : losses) {
        const nn::cross_entropy_result r = l;
        means.push_back(r.sum / r.weight);
    }
    return means;
}

/// The same on a backend of kernels, with its own clipping and Adam.
template <class Backend, class World>
std::vector<double> run_kernel_steps(Backend& be, World& w, std::size_t steps = step_losses.size()) {
    using real = typename Backend::real;
    constexpr std::size_t count = small_net<Backend>::all::parameter_count;
    real *const mean = w.put(std::vector<real>(count)), *const square = w.put(std::vector<real>(count));
    auto* const clock = w.put(std::vector<backend::kernels::update_clock>{{.rate = step_rate}});
    return run_steps(
        be, w,
        [&](std::span<real> weights, std::span<real> gradients) {
            using adam = backend::kernels::adam_update<real>;
            begin_update(be, std::span<const real>(gradients), step_most, clock);
            be.machine.launch(adam{count, weights.data(), gradients.data(), mean, square, clock, 0.9, 0.999, 1e-8, 0, 0, false},
                              adam::launch(count));
        },
        steps);
}

}  // namespace lofi::test::cuda_cases
