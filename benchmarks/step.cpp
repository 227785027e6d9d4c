// One step of LSTM(1 -> H) + dense(1) in float, beside the BLAS's product of the same matrix with a vector in the same run.
#include <array>
#include <vector>

#include <benchmark/benchmark.h>

#include <lofi/backend/cpu_gemm.hpp>
#include <lofi/backend/stream.hpp>
#include <lofi/nn/dense.hpp>
#include <lofi/nn/lstm.hpp>
#include <lofi/nn/sequence.hpp>

using namespace lofi;

namespace {

using stream = backend::stream<float>;

template <std::size_t H>
void lofi_step(benchmark::State& state) {
    using net = nn::sequence<nn::lstm<nn::lstm_config{.in = 1, .hidden = H, .biases = nn::biases::one}, stream>,
                             nn::dense<nn::dense_config{H, 1}, stream>>;
    stream be;
    nn::parameters<net> weights(random_key{1}, nn::scheme::pytorch);
    const auto p = weights.view();
    typename net::state s{};
    std::array<float, 1> x{0.5F}, y{};
    for (auto _ : state) {
        net::step(be, p, s, x, y);
        x[0] = y[0];  // the next input depends on this output
        benchmark::DoNotOptimize(x);
    }
}

/// y (4H) = A (4H,H+2) x, column major: the gates' matrix with input and bias as two more columns.
template <int H>
void blas_gemv(benchmark::State& state) {
    constexpr int rows = 4 * H, columns = H + 2;
    backend::detail::use_blas_threads(1);
    std::vector<float> a(rows * columns, 0.01F), x(columns, 0.5F), y(rows);
    for (auto _ : state) {
        cxxblas::gemv(cxxblas::ColMajor, cxxblas::NoTrans, rows, columns, 1.0F, a.data(), rows, x.data(), 1, 0.0F, y.data(), 1);
        benchmark::DoNotOptimize(y.data());
    }
}

}  // namespace

BENCHMARK_TEMPLATE(blas_gemv, 16);
BENCHMARK_TEMPLATE(lofi_step, 16);
BENCHMARK_TEMPLATE(blas_gemv, 32);
BENCHMARK_TEMPLATE(lofi_step, 32);
BENCHMARK_TEMPLATE(blas_gemv, 64);
BENCHMARK_TEMPLATE(lofi_step, 64);
BENCHMARK_TEMPLATE(blas_gemv, 128);
BENCHMARK_TEMPLATE(lofi_step, 128);
BENCHMARK_TEMPLATE(blas_gemv, 256);
BENCHMARK_TEMPLATE(lofi_step, 256);
