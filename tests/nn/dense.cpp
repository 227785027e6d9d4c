#include <lofi/nn/dense.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;
using test::exact_cpu;
using test::fast_cpu;

template <class B>
using with_bias = nn::dense<nn::dense_config{.in = 5, .out = 3}, B>;
template <class B>
using without_bias = nn::dense<nn::dense_config{.in = 2, .out = 7, .bias = nn::bias::none}, B>;

TEST_CASE("dense: gradients") {
    test::check_layer<with_bias<exact_cpu>, with_bias<fast_cpu>>({.row_count = 6});
    test::check_layer<without_bias<exact_cpu>, without_bias<fast_cpu>>({.row_count = 1, .scheme = nn::scheme::keras});
}

TEST_CASE("dense: steps equal forward") {
    test::check_streaming<with_bias<exact_cpu>>(4, 1e-14);
    test::check_streaming<without_bias<fast_cpu>>(4, 1e-6);
}

TEST_CASE("dense: reads and writes columns of wider rows, and touches no others") {
    exact_cpu be;
    nn::context ctx;
    nn::parameters<with_bias<exact_cpu>> p(random_key{1}, nn::scheme::pytorch), dp, dp_columns;
    const std::vector<double> x = test::noise(4 * 5, 1), dy = test::noise(4 * 3, 2);
    std::vector<double> y(4 * 3), dx(4 * 5);
    with_bias<exact_cpu>::tape tape;
    with_bias<exact_cpu>::forward(be, ctx, p.view(), {x.data(), 4}, {y.data(), 4}, tape);
    with_bias<exact_cpu>::backward(be, ctx, p.view(), dp.view(), tape, {dy.data(), 4}, {dx.data(), 4});

    // The same numbers inside rows of 11: x in columns 1..5, y in columns 6..8.
    std::vector<double> wide(4 * 11, 99.0), dwide(4 * 11, 99.0);
    for (std::size_t n = 0; n < 4; ++n) {
        std::copy_n(x.data() + n * 5, 5, wide.data() + n * 11 + 1);
        std::copy_n(dy.data() + n * 3, 3, dwide.data() + n * 11 + 6);
    }
    const rows<double, 11> w(wide.data(), 4), dw(dwide.data(), 4);
    with_bias<exact_cpu>::forward(be, ctx, p.view(), nn::part<1, 5>(w), nn::part<6, 3>(w), tape);
    with_bias<exact_cpu>::backward(be, ctx, p.view(), dp_columns.view(), tape, nn::part<6, 3>(dw), nn::part<1, 5>(dw));
    for (std::size_t n = 0; n < 4; ++n) {
        for (std::size_t i = 0; i < 3; ++i) CHECK(w[n][6 + i] == Approx(y[n * 3 + i]).epsilon(1e-14));
        for (std::size_t i = 0; i < 5; ++i) CHECK(dw[n][1 + i] == Approx(dx[n * 5 + i]).epsilon(1e-14));
        for (const std::size_t untouched : {0, 9, 10}) CHECK((w[n][untouched] == 99.0 && dw[n][untouched] == 99.0));
    }
    CHECK(test::greatest_difference(dp_columns.flat(), dp.flat()) <= 1e-14);
}

TEST_CASE("dense: no rows are no work") {
    exact_cpu be;
    nn::context ctx;
    nn::parameters<with_bias<exact_cpu>> p(random_key{1}, nn::scheme::pytorch), dp;
    with_bias<exact_cpu>::tape tape;
    with_bias<exact_cpu>::forward(be, ctx, p.view(), {}, {}, tape);
    with_bias<exact_cpu>::backward(be, ctx, p.view(), dp.view(), tape, {}, {});
    for (const double g : dp.flat()) CHECK(g == 0);
}

TEST_CASE("parts: names, one arena, one loop over all tensors") {
    using net = nn::parts<nn::named<"in", with_bias<exact_cpu>>, nn::named<"out", without_bias<exact_cpu>>>;
    static_assert(nn::has_weights<net>);
    static_assert(net::parameter_count == 18 + 14);
    static_assert(std::is_same_v<net::layer<"out">, without_bias<exact_cpu>>);
    static_assert(net::has<"in"> && !net::has<"inn">);
    nn::parameters<net> p(random_key{1}, nn::scheme::pytorch);
    std::vector<std::string> names;
    std::size_t numbers = 0;
    net::visit(p.view(), [&](std::string_view name, std::span<const std::size_t> shape, std::span<double> values) {
        names.emplace_back(name);
        std::size_t product = 1;
        for (const std::size_t s : shape) product *= s;
        CHECK(product == values.size());
        CHECK(values.data() >= p.flat().data());
        CHECK(values.data() + values.size() <= p.flat().data() + p.flat().size());
        numbers += values.size();
    });
    CHECK(names == std::vector<std::string>{"in.weight", "in.bias", "out.weight"});
    CHECK(numbers == p.flat().size());
    p.view().get<"out">().w.data[13] = 42;
    CHECK(p.flat().back() == 42);
}
