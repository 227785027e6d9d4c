#include <lofi/nn/sequence.hpp>

#include <lofi/nn/activation.hpp>
#include <lofi/nn/dense.hpp>
#include <lofi/nn/dropout.hpp>
#include <lofi/nn/lstm.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;
using test::exact_cpu;
using test::fast_cpu;

template <class B>
using head = nn::sequence<nn::dense<nn::dense_config{.in = 4, .out = 6}, B>, nn::tanh<6, B>,
                          nn::dense<nn::dense_config{.in = 6, .out = 3}, B>>;
template <class B>
using deep = nn::sequence<nn::lstm<nn::lstm_config{.in = 2, .hidden = 5}, B>, nn::dropout<nn::dropout_config{5, {1, 4}}, B>,
                          nn::lstm<nn::lstm_config{.in = 5, .hidden = 4}, B>, head<B>>;

TEST_CASE("sequence: gradients, nested, stacked LSTMs with dropout between") {
    test::check_layer<head<exact_cpu>, head<fast_cpu>>({.row_count = 5});
    test::check_layer<deep<exact_cpu>, deep<fast_cpu>>({.row_count = 12, .batch = 3, .lengths = {4, 2, 1}});
}

TEST_CASE("sequence: steps equal forward") {
    test::check_streaming<deep<exact_cpu>>(7, 1e-14);
    static_assert(nn::streaming_layer<deep<fast_cpu>>);
}

TEST_CASE("sequence: names by place") {
    nn::parameters<deep<exact_cpu>> p;
    std::vector<std::string> names;
    deep<exact_cpu>::visit(p.view(), [&](std::string_view name, auto, auto) { names.emplace_back(name); });
    CHECK(names.size() == 12);
    CHECK(names.front() == "0.weight_ih_l0");
    CHECK(names.back() == "3.2.bias");
}
