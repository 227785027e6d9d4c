#include <lofi/nn/streaming.hpp>

#include <lofi/nn/activation.hpp>
#include <lofi/nn/dense.hpp>
#include <lofi/nn/embedding.hpp>
#include <lofi/nn/gru.hpp>
#include <lofi/nn/lstm.hpp>
#include <lofi/nn/sequence.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;

// Widths that take every path of the product: whole blocks, parts of them, and what is left over.
template <class B, std::size_t H>
using net = nn::sequence<nn::lstm<nn::lstm_config{.in = 3, .hidden = H}, B>, nn::gru<nn::gru_config{.in = H, .hidden = 21}, B>,
                         nn::dense<nn::dense_config{21, 5}, B>, nn::tanh<5, B>>;

template <class Real, std::size_t H>
void check(double tolerance) {
    using trained = net<backend::cpu<Real>, H>;
    using streamed = net<backend::stream<Real>, H>;
    static_assert(nn::streaming_layer<streamed>);
    constexpr std::size_t T = 9;
    test::layer_run<trained> run({.row_count = T, .batch = 1});
    run.loss();
    auto weights = nn::to_streaming<streamed>(run.weights);
    backend::stream<Real> be;
    typename streamed::state state{};
    std::vector<Real> y(T * 5);
    for (std::size_t t = 0; t < T; ++t)
        streamed::step(be, weights.view(), state, run.in()[t], frame<Real, 5>(y.data() + t * 5, 5));
    CHECK(test::greatest_difference(y, run.y) <= tolerance);
}

TEST_CASE("streaming: steps equal forward of the trained layers") {
    check<double, 4>(1e-13);
    check<double, 37>(1e-13);
    check<float, 16>(2e-6);
    check<float, 61>(2e-6);
}

TEST_CASE("streaming: embeddings") {
    constexpr nn::embedding_config shape{.vocabulary = 7, .width = 3};
    using trained = nn::embedding<shape, backend::cpu<float>>;
    using streamed = nn::embedding<shape, backend::stream<float>>;
    nn::parameters<trained> p(random_key{1}, nn::scheme::pytorch);
    auto q = nn::to_streaming<streamed>(p);
    backend::cpu<float> a;
    backend::stream<float> b;
    for (const std::int32_t id : {-1, 0, 6}) {
        std::array<float, 3> x{}, y{9, 9, 9};
        trained::step(a, p.view(), id, x);
        streamed::step(b, q.view(), id, y);
        CHECK(x == y);
    }
}
