// One step of LSTM(1 -> H) + dense(1) in float, with weights of 16 bits, and in whole numbers with those of 8, beside the BLAS's product of the same matrix with a
// vector in the same run.
#include <array>
#include <vector>

#include <benchmark/benchmark.h>

#include <lofi/backend/cpu.hpp>
#include <lofi/backend/cpu_gemm.hpp>
#include <lofi/backend/fixed.hpp>
#include <lofi/backend/stream.hpp>
#include <lofi/nn/dense.hpp>
#include <lofi/nn/lstm.hpp>
#include <lofi/nn/quantise.hpp>
#include <lofi/nn/sequence.hpp>
#include <lofi/nn/streaming.hpp>

using namespace lofi;

namespace {

template <backend::weight_bits Bits, std::size_t H>
void step(benchmark::State& state) {
    using stream = backend::stream<float, Bits>;
    using net = nn::sequence<nn::lstm<nn::lstm_config{.in = 1, .hidden = H, .biases = nn::biases::one}, stream>,
                             nn::dense<nn::dense_config{H, 1}, stream>>;
    stream be;
    using trained =
        nn::sequence<nn::lstm<nn::lstm_config{.in = 1, .hidden = H, .biases = nn::biases::one}, backend::cpu<float>>,
                     nn::dense<nn::dense_config{H, 1}, backend::cpu<float>>>;
    auto weights = nn::to_streaming<net>(nn::parameters<trained>(random_key{1}, nn::scheme::pytorch));
    const auto p = weights.view();
    typename net::state s{};
    std::array<float, 1> x{0.5F}, y{};
    for (auto _ : state) {
        net::step(be, p, s, x, y);
        x[0] = y[0];  // the next input depends on this output
        benchmark::DoNotOptimize(x);
    }
}

template <std::size_t H>
void float_step(benchmark::State& state) {
    step<backend::weight_bits::all, H>(state);
}
template <std::size_t H>
void half_step(benchmark::State& state) {
    step<backend::weight_bits::sixteen, H>(state);
}

/// The same with 8-bit weights, 16-bit activations and 32-bit sums; its state and its bits are those of the play path.
template <std::size_t H>
void fixed_step(benchmark::State& state) {
    using backend::fixed;
    random_stream random(random_key{1});
    const auto draw = [&](std::size_t n) {
        std::vector<float> v(n);
        for (float& x : v) x = static_cast<float>(uniform_unit(random) - 0.5) / 8;
        return v;
    };
    nn::quantiser q;
    q.matrix(draw(4 * H), 4 * H, draw(4 * H), nn::input_form::activation);
    q.matrix(draw(4 * H * H), 4 * H, {}, nn::input_form::state);
    q.matrix(draw(H), 1, draw(1), nn::input_form::state);
    backend::fixed_cursor at(q.arena());
    const auto w = fixed::weights<4 * H, 1>::bind(at);
    const auto u = fixed::weights<4 * H, H, false>::bind(at);
    const auto head = fixed::weights<1, H>::bind(at);
    fixed be;
    std::array<std::int16_t, H> h{};
    std::array<std::int32_t, H> c{};
    std::array<std::int32_t, 4 * H> gates{};
    std::array<std::int16_t, 1> x{2048};
    std::array<std::int32_t, 1> y{};
    for (auto _ : state) {
        linear_step(be, frame<const std::int16_t, 1>(x), w, frame<std::int32_t, 4 * H>(gates));
        lstm_gates_step(be, u, frame<std::int32_t, 4 * H>(gates), frame<std::int16_t, H>(h), frame<std::int32_t, H>(c));
        linear_step(be, frame<const std::int16_t, H>(h), head, frame<std::int32_t, 1>(y));
        x[0] = fixed::to_activation(y[0]);
        benchmark::DoNotOptimize(x);
    }
}

/// y (4H) = A (4H,H+2) x, column major: the gates' matrix with input and bias as two more columns. All of it begins with a cache line.
template <std::size_t H>
void blas_gemv(benchmark::State& state) {
    constexpr int rows = 4 * H, columns = H + 2;
    backend::detail::use_blas_threads(1);
    nn::scratch memory;
    const auto a = memory.take<float>(rows * columns), x = memory.take<float>(columns), y = memory.take<float>(rows);
    std::fill(a.begin(), a.end(), 0.01F), std::fill(x.begin(), x.end(), 0.5F);
    for (auto _ : state) {
        cxxblas::gemv(cxxblas::ColMajor, cxxblas::NoTrans, rows, columns, 1.0F, a.data(), rows, x.data(), 1, 0.0F, y.data(), 1);
        benchmark::DoNotOptimize(y.data());
    }
}

}  // namespace

#define LOFI_BENCHMARK_STEP(H)         \
    BENCHMARK_TEMPLATE(blas_gemv, H);  \
    BENCHMARK_TEMPLATE(float_step, H); \
    BENCHMARK_TEMPLATE(half_step, H);  \
    BENCHMARK_TEMPLATE(fixed_step, H)

LOFI_BENCHMARK_STEP(16);
LOFI_BENCHMARK_STEP(32);
LOFI_BENCHMARK_STEP(64);
LOFI_BENCHMARK_STEP(128);
LOFI_BENCHMARK_STEP(256);
