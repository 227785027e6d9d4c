#include <lofi/nn/loss.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;
using test::exact_cpu;

TEST_CASE("cross-entropy: value, gradient, rows that do not count, weights") {
    constexpr std::size_t N = 5, V = 4;
    exact_cpu be;
    std::vector<double> x = test::noise(N * V, 1), dx(N * V, 99.0);
    const std::vector<std::int32_t> targets{2, -100, 0, 3, -1};
    const std::vector<double> weights{1, 5, 0.25, 2, 7};
    const rows<double, V> logits(x.data(), N);
    const auto loss = [&] { return 0.1 * nn::cross_entropy(be, logits, targets, {}, {.weights = weights}).sum; };
    const auto r = nn::cross_entropy(be, logits, targets, {dx.data(), N}, {.weights = weights, .scale = 0.1});
    CHECK(r.count == 3);
    CHECK(r.weight == 3.25);
    double sum = 0;
    std::size_t correct = 0;
    for (std::size_t n = 0; n < N; ++n) {
        if (targets[n] < 0) continue;
        double total = 0;
        for (const double v : logits[n]) total += std::exp(v);
        const auto target = static_cast<std::size_t>(targets[n]);
        sum -= weights[n] * std::log(std::exp(logits[n][target]) / total);
        correct += std::max_element(logits[n].begin(), logits[n].end()) - logits[n].begin() == targets[n] ? 1 : 0;
    }
    CHECK(r.sum == Approx(sum).epsilon(1e-12));
    CHECK(r.correct == correct);
    CHECK(nn::check_gradient(x, dx, loss).worst <= 1e-6);
    for (std::size_t v = 0; v < V; ++v) CHECK((dx[V + v] == 0 && dx[4 * V + v] == 0));

    // Logits may be columns of wider rows, and huge.
    std::vector<double> wide{9, 1e5, -1e5, 9, 9, 3, 3, 9};
    const auto far = nn::cross_entropy(be, nn::part<1, 2>(rows<double, 4>(wide.data(), 2)), std::vector<std::int32_t>{1, 0});
    CHECK(far.sum == Approx(2e5 + std::log(2.0)));
}

TEST_CASE("distances: values and gradients") {
    constexpr std::size_t N = 4;
    exact_cpu be;
    std::vector<double> y = test::noise(N * 3, 1), dy(N * 3);
    const std::vector<double> target = test::noise(N * 3, 2), weights{1, 0, 2, 0.5};
    y[0] = target[0] + 40;  // far out on every curve
    y[1] = target[1] - 0.25;
    for (const auto d : {nn::distance::absolute, nn::distance::square, nn::distance::huber, nn::distance::log_cosh}) {
        const auto loss = [&] {
            return 0.3 * nn::distance_loss(be, d, rows<double, 3>(y.data(), N), {target.data(), N}, {}, {.weights = weights});
        };
        nn::distance_loss(be, d, rows<double, 3>(y.data(), N), {target.data(), N}, {dy.data(), N},
                          {.weights = weights, .scale = 0.3});
        CHECK(nn::check_gradient(y, dy, loss).worst <= 1e-6);
        CHECK(dy[4] == 0);
    }
    const auto one = [&](nn::distance d, double e) {
        const std::vector<double> a{e}, zero{0};
        return nn::distance_loss(be, d, rows<const double, 1>(a.data(), 1), {zero.data(), 1});
    };
    CHECK(one(nn::distance::absolute, -3) == 3);
    CHECK(one(nn::distance::square, -3) == 9);
    CHECK(one(nn::distance::huber, -3) == 2.5);
    CHECK(one(nn::distance::huber, 0.5) == 0.125);
    CHECK(one(nn::distance::log_cosh, 0.5) == Approx(std::log(std::cosh(0.5))));
    CHECK(one(nn::distance::log_cosh, 2000) == Approx(2000 - std::log(2.0)));
}
