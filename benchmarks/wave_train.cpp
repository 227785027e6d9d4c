// One training step (forward, backward, no optimiser) of a TCN (64 channels, 4 taps, dilations 1 to 32, length 512, batch 32) and of LofiGen
// in the paper text's shape (1-16-64-128-64-16-1, taps 128, 256, 256, 256, 128, 128, length 8162). benchmarks/torch_wave_train.py times the
// same steps in PyTorch.
#include <vector>

#include <benchmark/benchmark.h>

#include <lofi/backend/cpu_conv.hpp>
#include <lofi/model/lofigen.hpp>
#include <lofi/nn/loss.hpp>
#include <lofi/nn/tcn.hpp>

using namespace lofi;

namespace {

using cpu = backend::cpu<float>;
using tcn = nn::tcn<nn::tcn_config{.in = 1, .channels = 64, .kernel = 4, .levels = 6}, cpu>;
template <std::size_t I, std::size_t O, std::size_t K>
using conv = model::lofigen_conv<I, O, K, cpu>;
using text_lofigen = nn::sequence<conv<1, 16, 128>, nn::relu<16, cpu>, conv<16, 64, 256>, nn::relu<64, cpu>, conv<64, 128, 256>,
                                  nn::relu<128, cpu>, conv<128, 64, 256>, nn::relu<64, cpu>, conv<64, 16, 128>,
                                  nn::relu<16, cpu>, conv<16, 1, 128>>;

template <class Net>
void step(benchmark::State& state, std::size_t T, std::size_t B) {
    constexpr std::size_t O = Net::out_size;
    cpu be{.threads = static_cast<int>(state.range(0))};
    nn::context ctx;
    nn::parameters<Net> weights(random_key{1}, nn::scheme::pytorch), gradient;
    std::vector<float> x(T * B), target(T * B * O), y(T * B * O), dy(T * B * O);
    random_stream random(random_key{2});
    for (float& v : x) v = uniform_unit(random) - 0.5F;
    for (auto _ : state) {
        ctx.begin(random_key{3});
        ctx.batch = B;
        gradient.clear();
        typename Net::tape tape;
        Net::forward(be, ctx, weights.view(), nn::columns<const float, 1>(x.data(), T * B),
                     nn::columns<float, O>(y.data(), T * B), tape);
        const nn::columns<float, O> out(y.data(), T * B);
        benchmark::DoNotOptimize(nn::distance_loss(be, nn::distance::square, out,
                                                   nn::columns<const float, O>(target.data(), T * B),
                                                   nn::columns<float, O>(dy.data(), T * B), {.scale = 1e-5F}));
        Net::backward(be, ctx, weights.view(), gradient.view(), tape, nn::columns<const float, O>(dy.data(), T * B), {});
    }
    state.counters["ms/example"] = benchmark::Counter(
        1e-3 * static_cast<double>(B), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void tcn_step(benchmark::State& state) { step<tcn>(state, 512, 32); }
void lofigen_step(benchmark::State& state) { step<text_lofigen>(state, 8162, static_cast<std::size_t>(state.range(1))); }

}  // namespace

BENCHMARK(tcn_step)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(lofigen_step)
    ->Args({1, 1})
    ->Args({2, 1})
    ->Args({1, 16})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
