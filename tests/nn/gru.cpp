#include <lofi/nn/gru.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;
using test::exact_cpu;
using test::fast_cpu;

template <class B>
using plain = nn::gru<nn::gru_config{.in = 3, .hidden = 4}, B>;
template <class B>
using reverse = nn::gru<nn::gru_config{.in = 3, .hidden = 4, .order = nn::time_order::reverse}, B>;
template <class B>
using both = nn::bidirectional_gru<nn::gru_config{.in = 3, .hidden = 4}, B>;

TEST_CASE("GRU: gradients") {
    test::check_layer<plain<exact_cpu>, plain<fast_cpu>>({.row_count = 10, .batch = 2});
    test::check_layer<plain<exact_cpu>, plain<fast_cpu>>({.row_count = 15, .batch = 3, .lengths = {5, 2, 1}});
    test::check_layer<reverse<exact_cpu>, reverse<fast_cpu>>({.row_count = 15, .batch = 3, .lengths = {2, 5, 1}});
    test::check_layer<both<exact_cpu>, both<fast_cpu>>({.row_count = 12, .batch = 3, .lengths = {1, 4, 3}});
    test::check_layer<plain<exact_cpu>, plain<fast_cpu>>({.row_count = 6, .batch = 2, .scheme = nn::scheme::keras});
}

TEST_CASE("GRU: steps equal the sequence") {
    test::check_streaming<plain<exact_cpu>>(9, 1e-14);
    test::check_streaming<nn::gru<nn::gru_config{.in = 20, .hidden = 33}, fast_cpu>>(9, 2e-6);
}

TEST_CASE("GRU: gradients through the states at both ends") {
    using layer = plain<exact_cpu>;
    constexpr std::size_t T = 4, B = 3, H = 4;
    exact_cpu be;
    nn::context ctx;
    ctx.batch = B;
    const std::vector<std::int32_t> lengths{4, 1, 3};
    ctx.lengths = lengths;
    nn::parameters<layer> weights(random_key{3}, nn::scheme::pytorch), gradient;
    const std::vector<double> x = test::noise(T * B * 3, 1), dlast = test::noise(B * H, 5);
    std::vector<double> first = test::noise(B * H, 2), last(B * H), dfirst(B * H);
    layer::tape tape;
    const auto loss = [&] {
        ctx.begin(random_key{1});
        layer::forward(be, ctx, weights.view(), {x.data(), T * B}, {}, tape, {first.data(), B}, {last.data(), B});
        double sum = 0;
        for (std::size_t i = 0; i < last.size(); ++i) sum += last[i] * dlast[i];
        return sum;
    };
    loss();
    layer::backward(be, ctx, weights.view(), gradient.view(), tape, {}, {}, {dlast.data(), B}, {dfirst.data(), B});
    CHECK(nn::check_gradient(first, dfirst, loss).worst <= 1e-6);
    CHECK(nn::check_gradient(weights.flat(), gradient.flat(), loss).worst <= 1e-6);
}
