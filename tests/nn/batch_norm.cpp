#include <lofi/nn/batch_norm.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;
using test::exact_cpu;
using test::fast_cpu;

template <class B>
using torch_norm = nn::batch_norm<nn::batch_norm_config{.size = 3}, B>;
template <class B>
using keras_norm = nn::batch_norm<
    nn::batch_norm_config{.size = 3, .momentum = {1, 100}, .epsilon = {1, 1000}, .running = nn::running_variance::biased}, B>;

TEST_CASE("batch norm: gradients") {
    test::check_layer<torch_norm<exact_cpu>, torch_norm<fast_cpu>>({.row_count = 7});
    test::check_layer<keras_norm<exact_cpu>, keras_norm<fast_cpu>>({.row_count = 2});
}

template <class Layer>
void check_running(double momentum, double epsilon, double divisor) {
    constexpr std::size_t N = 6;
    exact_cpu be;
    nn::context ctx;
    nn::parameters<Layer> p(random_key{1}, nn::scheme::pytorch), dp;
    std::vector<double> x = test::noise(N * 3, 1), y(N * 3), dy = test::noise(N * 3, 2), dx(N * 3);
    for (double& v : x) v = 3 * v + 100;
    Layer::forward(be, ctx, p.view(), {x.data(), N}, {y.data(), N}, nn::no_tape{});
    double mean = 0, squares = 0, after = 0;
    for (std::size_t n = 0; n < N; ++n) mean += x[n * 3 + 1] / N;
    for (std::size_t n = 0; n < N; ++n) squares += (x[n * 3 + 1] - mean) * (x[n * 3 + 1] - mean), after += y[n * 3 + 1];
    CHECK(after == Approx(0).margin(1e-12));
    CHECK(p.buffers()[1] == Approx(momentum * mean).epsilon(1e-12));
    CHECK(p.buffers()[4] == Approx((1 - momentum) + momentum * squares / divisor).epsilon(1e-12));

    // Inference: the running statistics, fixed, so that the gradient is a plain factor; and steps equal forward.
    ctx.mode = nn::mode::inference;
    typename Layer::tape tape;
    Layer::forward(be, ctx, p.view(), {x.data(), N}, {y.data(), N}, tape);
    CHECK(y[1] == Approx((x[1] - p.buffers()[1]) / std::sqrt(p.buffers()[4] + epsilon)).epsilon(1e-12));
    Layer::backward(be, ctx, p.view(), dp.view(), tape, {dy.data(), N}, {dx.data(), N});
    CHECK(dx[1] == Approx(dy[1] / std::sqrt(p.buffers()[4] + epsilon)).epsilon(1e-12));
    test::check_streaming<Layer>(4, 1e-14);
}

TEST_CASE("batch norm: running statistics as PyTorch and as Keras keep them") {
    check_running<torch_norm<exact_cpu>>(0.1, 1e-5, 5);
    check_running<keras_norm<exact_cpu>>(0.01, 1e-3, 6);
}
