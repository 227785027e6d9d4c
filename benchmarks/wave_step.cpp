// Dilated causal convolutions as they stream: ten layers, dilations 1 to 512, tanh, then dense(1), one sample at a time and in blocks of 64;
// and the whole networks that make sound, against real time at 8 kHz.
#include <array>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include <lofi/backend/stream.hpp>
#include <lofi/model/frame_net.hpp>
#include <lofi/model/lofigen.hpp>
#include <lofi/model/mu_law_wavenet.hpp>
#include <lofi/model/wave_tcn.hpp>
#include <lofi/nn/activation.hpp>
#include <lofi/nn/conv1d.hpp>
#include <lofi/nn/dense.hpp>
#include <lofi/nn/sequence.hpp>

using namespace lofi;

namespace {

using stream = backend::stream<float>;

template <std::size_t I, std::size_t C, std::size_t K, std::size_t D>
using conv = nn::conv1d<nn::conv1d_config{.in = I, .out = C, .kernel = K, .dilation = D}, stream>;
template <std::size_t C, std::size_t K>
using layers = nn::sequence<conv<1, C, K, 1>, nn::tanh<C, stream>, conv<C, C, K, 2>, nn::tanh<C, stream>, conv<C, C, K, 4>,
                            nn::tanh<C, stream>, conv<C, C, K, 8>, nn::tanh<C, stream>, conv<C, C, K, 16>, nn::tanh<C, stream>,
                            conv<C, C, K, 32>, nn::tanh<C, stream>, conv<C, C, K, 64>, nn::tanh<C, stream>, conv<C, C, K, 128>,
                            nn::tanh<C, stream>, conv<C, C, K, 256>, nn::tanh<C, stream>, conv<C, C, K, 512>,
                            nn::tanh<C, stream>, nn::dense<nn::dense_config{.in = C, .out = 1}, stream>>;

template <std::size_t C, std::size_t K>
void one_sample(benchmark::State& bench) {
    using net = layers<C, K>;
    stream be;
    nn::parameters<net> weights(random_key{1}, nn::scheme::pytorch);
    const auto p = weights.view();
    const auto state = std::make_unique<typename net::state>();
    std::array<float, 1> x{0.5F}, y{};
    for (auto _ : bench) {
        net::step(be, p, *state, x, y);
        x[0] = y[0];
        benchmark::DoNotOptimize(x);
    }
}

template <std::size_t C, std::size_t K>
void blocks_of_64(benchmark::State& bench) {
    using net = layers<C, K>;
    stream be;
    nn::parameters<net> weights(random_key{1}, nn::scheme::pytorch);
    const auto p = weights.view();
    const auto state = std::make_unique<typename net::state>();
    std::vector<float> x(64, 0.5F), y(64);
    for (auto _ : bench) {
        net::process(be, p, *state, nn::columns<const float, 1>(x.data(), 64), nn::columns<float, 1>(y.data(), 64));
        std::swap(x, y);
        benchmark::DoNotOptimize(x.data());
    }
    bench.counters["ns/sample"] =
        benchmark::Counter(64e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void real_time(benchmark::State& bench) {
    bench.counters["x real time at 8 kHz"] = benchmark::Counter(1.0 / 8000, benchmark::Counter::kIsIterationInvariantRate);
}

void frame_net(benchmark::State& bench) {
    using net = model::frame_net<model::frame_net_config{}, stream>;
    stream be;
    nn::parameters<net> weights(random_key{1}, nn::scheme::pytorch);
    const auto s = std::make_unique<model::frame_net_stream<net>>(be, weights.view());
    const std::array<float, 38> condition{};
    for (auto _ : bench) {
        if (s->frame_begins()) s->condition(condition.data());
        benchmark::DoNotOptimize(s->mixture());
        s->push(0.1F);
    }
    real_time(bench);
}

void wavenet_20(benchmark::State& bench) {
    using net = model::mu_law_wavenet<model::mu_law_wavenet_config{}, stream>;
    stream be;
    nn::parameters<net> weights(random_key{1}, nn::scheme::pytorch);
    const auto p = weights.view();
    const auto state = std::make_unique<typename net::state>();
    std::array<float, 256> logits{};
    for (auto _ : bench) {
        net::step(be, p, *state, 130, logits);
        benchmark::DoNotOptimize(logits.data());
    }
    real_time(bench);
}

void tcn(benchmark::State& bench) {
    using net = model::wave_tcn<model::wave_tcn_config{}, stream>;
    stream be;
    nn::parameters<net> weights(random_key{1}, nn::scheme::keras);
    const auto p = weights.view();
    const auto state = std::make_unique<typename net::state>();
    std::array<float, 4> next{};
    for (auto _ : bench) {
        net::step(be, p, *state, 0.1F, next);
        benchmark::DoNotOptimize(next.data());
    }
    real_time(bench);
}

void lofigen_4(benchmark::State& bench) {
    using net = model::lofigen<4, stream>;
    stream be;
    nn::parameters<net> weights(random_key{1}, nn::scheme::pytorch);
    const auto p = weights.view();
    const auto state = std::make_unique<typename net::state>();
    std::array<float, 1> x{0.5F}, y{};
    for (auto _ : bench) {
        net::step(be, p, *state, x, y);
        benchmark::DoNotOptimize(y);
    }
    real_time(bench);
}

}  // namespace

BENCHMARK_TEMPLATE(one_sample, 16, 2);
BENCHMARK_TEMPLATE(one_sample, 16, 3);
BENCHMARK_TEMPLATE(one_sample, 32, 2);
BENCHMARK_TEMPLATE(one_sample, 32, 3);
BENCHMARK_TEMPLATE(blocks_of_64, 16, 2);
BENCHMARK_TEMPLATE(blocks_of_64, 16, 3);
BENCHMARK_TEMPLATE(blocks_of_64, 32, 2);
BENCHMARK_TEMPLATE(blocks_of_64, 32, 3);
BENCHMARK(frame_net);
BENCHMARK(wavenet_20);
BENCHMARK(tcn);
BENCHMARK(lofigen_4);
