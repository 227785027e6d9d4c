#include <lofi/nn/dropout.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;
using test::exact_cpu;
using test::fast_cpu;

template <class B>
using layer = nn::dropout<nn::dropout_config{.size = 8, .rate = {3, 10}}, B>;

TEST_CASE("dropout: gradients under a fixed key") { test::check_layer<layer<exact_cpu>, layer<fast_cpu>>({.row_count = 6}); }

TEST_CASE("dropout: drops its share, keeps the mean, and differs from call to call") {
    constexpr std::size_t n = 20000;
    exact_cpu be;
    nn::context ctx;
    ctx.begin(random_key{5});
    std::vector<double> x(n * 8, 1.0), y(n * 8), again(n * 8);
    layer<exact_cpu>::tape tape;
    layer<exact_cpu>::forward(be, ctx, {}, {x.data(), n}, {y.data(), n}, tape);
    double sum = 0, zeros = 0;
    for (const double v : y) {
        CHECK_FALSE((v != 0 && v != Approx(1 / 0.7)));
        sum += v;
        zeros += v == 0 ? 1 : 0;
    }
    // Standard deviations: .0011 of the share, .0016 of the mean.
    CHECK(zeros / (n * 8) == Approx(0.3).margin(0.006));
    CHECK(sum / (n * 8) == Approx(1.0).margin(0.009));

    layer<exact_cpu>::forward(be, ctx, {}, {x.data(), n}, {again.data(), n}, nn::no_tape{});
    CHECK(again != y);
    ctx.begin(random_key{5});
    layer<exact_cpu>::forward(be, ctx, {}, {x.data(), n}, {again.data(), n}, nn::no_tape{});
    CHECK(again == y);
    ctx.mode = nn::mode::inference;
    layer<exact_cpu>::forward(be, ctx, {}, {x.data(), n}, {again.data(), n}, nn::no_tape{});
    CHECK(again == x);
}
