// One training step of the note LSTM (LSTM 1-512-512-256, dense 256, dense 300; batch 64, 50 steps), beside the BLAS's own product
// of the same size in the same run. benchmarks/torch_lstm_train.py times the same step in PyTorch.
// Beside the time on the wall stands that of all threads: on a machine that others use it is the one to compare.
#include <cmath>
#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include <lofi/backend/cpu.hpp>
#include <lofi/nn/dense.hpp>
#include <lofi/nn/loss.hpp>
#include <lofi/nn/lstm.hpp>
#include <lofi/nn/sequence.hpp>

using namespace lofi;

namespace {

using cpu = backend::cpu<float>;
constexpr std::size_t T = 50, B = 64, N = T * B, V = 300;
using first = nn::lstm<nn::lstm_config{.in = 1, .hidden = 512}, cpu>;
using second = nn::lstm<nn::lstm_config{.in = 512, .hidden = 512}, cpu>;
using third = nn::lstm<nn::lstm_config{.in = 512, .hidden = 256}, cpu>;
using head = nn::sequence<nn::dense<nn::dense_config{256, 256}, cpu>, nn::dense<nn::dense_config{256, V}, cpu>>;
using net =
    nn::parts<nn::named<"first", first>, nn::named<"second", second>, nn::named<"third", third>, nn::named<"head", head>>;
constexpr double flops = 6.0 * N * (4.0 * 512 * 513 + 4.0 * 512 * 1024 + 4.0 * 256 * 768) + 6.0 * B * 256 * (256 + V);

double step(cpu& be, nn::context& ctx, const net::params& p, const net::params& dp, std::span<const float> inputs,
            std::span<const std::int32_t> targets) {
    first::tape t1;
    second::tape t2;
    third::tape t3;
    head::tape t4;
    auto& s = ctx.scratch;
    const rows<const float, 1> x(inputs.data(), N);
    const auto h1 = s.take_rows<float, 512>(N), h2 = s.take_rows<float, 512>(N);
    const auto last = s.take_rows<float, 256>(B), dlast = s.take_rows<float, 256>(B);
    const auto logits = s.take_rows<float, V>(B), dlogits = s.take_rows<float, V>(B);
    first::forward(be, ctx, p.get<"first">(), x, h1, t1);
    second::forward(be, ctx, p.get<"second">(), h1, h2, t2);
    third::forward(be, ctx, p.get<"third">(), h2, {}, t3, {}, {last, {}});
    head::forward(be, ctx, p.get<"head">(), last, logits, t4);
    const auto loss = nn::cross_entropy(be, logits, targets, dlogits, {.scale = 1.0F / B});
    head::backward(be, ctx, p.get<"head">(), dp.get<"head">(), t4, dlogits, dlast);
    // h1 and h2 were read by the products above for the last time inside these calls, so their gradients need their own rows.
    const auto dh1 = s.take_rows<float, 512>(N), dh2 = s.take_rows<float, 512>(N);
    third::backward(be, ctx, p.get<"third">(), dp.get<"third">(), t3, {}, dh2, {dlast, {}});
    second::backward(be, ctx, p.get<"second">(), dp.get<"second">(), t2, dh2, dh1);
    first::backward(be, ctx, p.get<"first">(), dp.get<"first">(), t1, dh1, {});
    return loss.sum;
}

void lofi_step(benchmark::State& state) {
    cpu be{.threads = static_cast<int>(state.range(0))};
    nn::context ctx;
    ctx.batch = B;
    nn::parameters<net> weights(random_key{1}, nn::scheme::pytorch), gradient, square;
    std::vector<float> x(N);
    std::vector<std::int32_t> targets(B);
    random_stream random(random_key{2});
    for (float& v : x) v = uniform_unit(random);
    for (auto& v : targets) v = uniform_between(random, 0, V - 1);
    for (auto _ : state) {
        ctx.begin(random_key{3});
        gradient.clear();
        benchmark::DoNotOptimize(step(be, ctx, weights.view(), gradient.view(), x, targets));
        float *const w = weights.flat().data(), *const s = square.flat().data();
        const float* const g = gradient.flat().data();
        for (std::size_t i = 0; i < weights.flat().size(); ++i) {
            s[i] = 0.9F * s[i] + 0.1F * g[i] * g[i];
            w[i] -= 0.001F * g[i] / (std::sqrt(s[i]) + 1e-8F);
        }
    }
    state.counters["GFLOP/s"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

/// y (3200,2048) = x (3200,512) W^T, the size of the products over all steps: what the BLAS reaches on this machine.
void blas_product(benchmark::State& state) {
    cpu be{.threads = static_cast<int>(state.range(0))};
    std::vector<float> x(N * 512, 0.5F), w(2048 * 512, 0.25F), y(N * 2048);
    for (auto _ : state) {
        product(be, nn::columns<const float, 512>(x.data(), N), backend::matrix<float, 2048, 512>{w.data()},
                nn::columns<float, 2048>(y.data(), N), backend::into::set);
        benchmark::DoNotOptimize(y.data());
    }
    state.counters["GFLOP/s"] = benchmark::Counter(2e-9 * N * 512 * 2048, benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace

BENCHMARK(blas_product)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(lofi_step)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();
