#include <lofi/nn/activation.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;
using test::exact_cpu;
using test::fast_cpu;

template <nn::function F, class B>
using layer = nn::activation<nn::activation_config{.size = 33, .function = F}, B>;

template <nn::function F>
void check() {
    test::check_layer<layer<F, exact_cpu>, layer<F, fast_cpu>>({.row_count = 5});
    test::check_streaming<layer<F, exact_cpu>>(3, 1e-15);
}

TEST_CASE("activations: gradients") {
    check<nn::function::identity>();
    check<nn::function::relu>();
    check<nn::function::leaky_relu>();
    check<nn::function::elu>();
    check<nn::function::tanh>();
    check<nn::function::sigmoid>();
    check<nn::function::softplus>();
}

TEST_CASE("activations: values, ends included, in place") {
    fast_cpu be;
    nn::context ctx;
    const float far = 1e4F, inf = std::numeric_limits<float>::infinity();
    std::vector<float> v{0, 1, -1, 0.5F, far, -far, inf, -inf, 1e-6F, -1e-6F};
    const std::vector<float> x = v;
    const auto run = [&]<nn::function F>() {
        v = x;
        using ten = nn::activation<nn::activation_config{.size = 10, .function = F}, fast_cpu>;
        ten::forward(be, ctx, {}, {v.data(), 1}, {v.data(), 1}, nn::no_tape{});
    };
    run.operator()<nn::function::tanh>();
    for (std::size_t i = 0; i < v.size(); ++i) CHECK(v[i] == Approx(std::tanh(x[i])).epsilon(3e-7));
    run.operator()<nn::function::sigmoid>();
    for (std::size_t i = 0; i < v.size(); ++i) CHECK(v[i] == Approx(1 / (1 + std::exp(-x[i]))).epsilon(3e-7).margin(1e-37));
    run.operator()<nn::function::softplus>();
    for (std::size_t i = 0; i < v.size(); ++i)
        CHECK((x[i] > 30 ? v[i] == x[i] : v[i] == Approx(std::log1p(std::exp(x[i]))).epsilon(1e-6)));
}
