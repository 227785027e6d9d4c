#pragma once
// The one test of every trainable layer: numeric gradient, accumulation, inference without a tape, float beside double.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "support/test.hpp"

#include <lofi/backend/cpu.hpp>
#include <lofi/nn/gradient_check.hpp>
#include <lofi/nn/layer.hpp>
#include <lofi/nn/streaming.hpp>

namespace lofi::test {

using exact_cpu = backend::cpu<double>;
using fast_cpu = backend::cpu<float>;

struct layer_case {
    std::size_t row_count = 6, batch = 1;
    std::vector<std::int32_t> lengths{};
    nn::scheme scheme = nn::scheme::pytorch;
};

inline std::vector<double> noise(std::size_t n, std::uint64_t seed) {
    std::vector<double> v(n);
    random_stream random(random_key{seed});
    nn::fill_normal(std::span<double>(v), 1.0, random);
    return v;
}

/// What one forward and `times` backwards of a layer give for fixed inputs and weights.
template <class Layer>
struct layer_run {
    using real = typename Layer::real;
    nn::parameters<Layer> weights, gradient;
    std::vector<real> x, y, dy, dx;
    nn::context ctx;
    typename Layer::backend_type be;
    layer_case setting;

    explicit layer_run(const layer_case& c)
        : x(c.row_count * Layer::in_size), y(c.row_count * Layer::out_size), dy(y.size()), dx(x.size()), setting(c) {
        random_stream random(random_key{7});
        std::vector<double> drawn(Layer::parameter_count);
        Layer::initialise(weights.view(), random, c.scheme);
        // Biases and scales start at round values, which could hide a fault: move every weight a little.
        const std::vector<double> moved = noise(drawn.size(), 8);
        for (std::size_t i = 0; i < drawn.size(); ++i) weights.flat()[i] += static_cast<real>(0.1 * moved[i]);
        const std::vector<double> xs = noise(x.size(), 9), dys = noise(dy.size(), 10);
        std::copy(xs.begin(), xs.end(), x.begin());
        std::copy(dys.begin(), dys.end(), dy.begin());
        ctx.batch = c.batch;
        ctx.lengths = setting.lengths;
    }
    layer_run(const layer_run&) = delete;

    nn::columns<const real, Layer::in_size> in() const { return {x.data(), setting.row_count}; }
    nn::columns<real, Layer::out_size> out() { return {y.data(), setting.row_count}; }

    /// Sum of dy * y, whose gradient the backward computes. Running statistics are put back, so that calls do not differ.
    double loss() {
        const std::vector<real> kept(weights.buffers().begin(), weights.buffers().end());
        ctx.begin(random_key{11});
        Layer::forward(be, ctx, weights.view(), in(), out(), nn::no_tape{});
        std::copy(kept.begin(), kept.end(), weights.buffers().begin());
        double sum = 0;
        for (std::size_t i = 0; i < y.size(); ++i) sum += static_cast<double>(y[i]) * static_cast<double>(dy[i]);
        return sum;
    }
    void forward_backward(int times, bool with_dx = true) {
        ctx.begin(random_key{11});
        typename Layer::tape tape;
        Layer::forward(be, ctx, weights.view(), in(), out(), tape);
        nn::columns<real, Layer::in_size> into;
        if (with_dx) into = {dx.data(), setting.row_count};
        for (int i = 0; i < times; ++i)
            Layer::backward(be, ctx, weights.view(), gradient.view(), tape,
                            nn::columns<const real, Layer::out_size>(dy.data(), setting.row_count), into);
    }
};

template <class T, class U>
double greatest_difference(const T& a, const U& b) {
    REQUIRE(a.size() == b.size());
    double worst = 0, size = 1e-12;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double error = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
        if (!(error <= worst)) worst = error;  // not a number counts
        size = std::max(size, std::abs(static_cast<double>(b[i])));
    }
    return worst / size;
}

/// Exact is the layer over cpu<double>, Fast the same over cpu<float>.
template <class Exact, class Fast>
void check_layer(const layer_case& c) {
    static_assert(nn::trainable_layer<Exact> && nn::trainable_layer<Fast>);
    layer_run<Exact> run(c);
    run.forward_backward(1);
    const std::vector<double> once(run.gradient.flat().begin(), run.gradient.flat().end()), y = run.y, dx = run.dx;

    // Numeric gradient of the parameters, then of the inputs.
    if constexpr (Exact::parameter_count > 0) {
        const auto p = nn::check_gradient(run.weights.flat(), once, [&] { return run.loss(); });
        INFO("parameter " << p.at << ": difference " << p.difference << ", gradient " << p.gradient);
        CHECK(p.worst <= 1e-6);
        CHECK(p.tried == Exact::parameter_count);
    }
    const auto i = nn::check_gradient(run.x, dx, [&] { return run.loss(); });
    INFO("input " << i.at << ": difference " << i.difference << ", gradient " << i.gradient);
    CHECK(i.worst <= 1e-6);

    // Without a tape the same outputs.
    run.loss();
    CHECK(run.y == y);

    // Backward adds to dp, overwrites dx, and does without dx.
    layer_run<Exact> twice(c), lean(c);
    twice.forward_backward(2);
    std::vector<double> doubled = once;
    for (double& v : doubled) v *= 2;
    CHECK(greatest_difference(twice.gradient.flat(), doubled) <= 1e-14);
    CHECK(twice.dx == dx);
    lean.forward_backward(1, false);
    CHECK(greatest_difference(lean.gradient.flat(), once) <= 1e-14);
    CHECK(std::all_of(lean.dx.begin(), lean.dx.end(), [](double v) { return v == 0; }));

    // Float computes the same, to its precision.
    layer_run<Fast> fast(c);
    fast.forward_backward(1);
    CHECK(greatest_difference(fast.y, y) <= 2e-6);
    CHECK(greatest_difference(fast.gradient.flat(), once) <= 2e-5);
    CHECK(greatest_difference(fast.dx, dx) <= 2e-5);
}

/// Steps over the rows of one sequence give what forward gives.
template <class Layer>
void check_streaming(std::size_t steps, double tolerance) {
    static_assert(nn::streaming_layer<Layer>);
    layer_run<Layer> run({.row_count = steps, .batch = 1});
    run.ctx.mode = nn::mode::inference;
    run.loss();
    typename Layer::state state{};
    std::vector<typename Layer::real> y(run.y.size());
    for (std::size_t t = 0; t < steps; ++t)
        Layer::step(run.be, run.weights.view(), state, run.in()[t],
                    frame<typename Layer::real, Layer::out_size>(y.data() + t * Layer::out_size, Layer::out_size));
    CHECK(greatest_difference(y, run.y) <= tolerance);
}

/// Blocks of every size, over either backend, give what forward gives.
template <template <class> class Layer>
void check_blocks(std::size_t steps) {
    layer_run<Layer<fast_cpu>> run({.row_count = steps});
    run.ctx.mode = nn::mode::inference;
    run.loss();
    using streaming = Layer<backend::stream<float>>;
    auto weights = nn::to_streaming<streaming>(run.weights);
    backend::stream<float> be;
    for (const std::size_t block : {std::size_t{1}, std::size_t{5}, std::size_t{64}, steps}) {
        auto state = std::make_unique<typename streaming::state>();
        auto cpu_state = std::make_unique<typename Layer<fast_cpu>::state>();
        std::vector<float> y(run.y.size()), z(run.y.size());
        for (std::size_t t = 0; t < steps; t += block) {
            const std::size_t n = std::min(block, steps - t);
            streaming::process(be, weights.view(), *state, run.in().sub(t, n),
                               nn::columns<float, streaming::out_size>(y.data() + t * streaming::out_size, n));
            Layer<fast_cpu>::process(run.be, run.weights.view(), *cpu_state, run.in().sub(t, n),
                                     nn::columns<float, streaming::out_size>(z.data() + t * streaming::out_size, n));
        }
        CHECK(greatest_difference(y, run.y) <= 3e-6);
        CHECK(greatest_difference(z, run.y) <= 3e-6);
    }
}

}  // namespace lofi::test
