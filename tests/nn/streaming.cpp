#include <lofi/nn/streaming.hpp>

#include <cmath>
#include <type_traits>

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

TEST_CASE("streaming: weights of 16 bits give what the rounded weights give") {
    using half = backend::stream<float, backend::weight_bits::sixteen>;
    const auto agree = []<std::size_t H>(std::integral_constant<std::size_t, H>) {
        using trained = net<backend::cpu<float>, H>;
        nn::parameters<trained> exact(random_key{H}, nn::scheme::pytorch), rounded = exact;
        trained::visit(rounded.view(), [](auto, std::span<const std::size_t> shape, std::span<float> values) {
            if (shape.size() != 2 || shape[1] <= 32) return;
            // Of matrices of more than 32 columns, of each panel of 64 rows those that are 32 together; to the nearest of 8 bits, of equals the even one.
            for (std::size_t r = 0; r < shape[0]; ++r) {
                const std::size_t width = std::min<std::size_t>(64, shape[0] - r / 64 * 64);
                if (r % 64 >= width / 32 * 32) continue;
                for (float& v : values.subspan(r * shape[1], shape[1])) {
                    int power = 0;
                    const float part = std::frexp(v, &power);
                    v = std::ldexp(std::nearbyint(part * 256), power - 8);
                }
            }
        });
        auto a = nn::to_streaming<net<half, H>>(exact);
        auto b = nn::to_streaming<net<backend::stream<float>, H>>(rounded);
        CHECK((a.flat().size() < b.flat().size()) == (H > 32));
        half be;
        backend::stream<float> whole;
        typename net<half, H>::state s{};
        typename net<backend::stream<float>, H>::state t{};
        std::array<float, 3> x{.3F, -.2F, .9F};
        std::array<float, 5> y{}, z{};
        for (int i = 0; i < 9; ++i) {
            net<half, H>::step(be, a.view(), s, x, y);
            net<backend::stream<float>, H>::step(whole, b.view(), t, x, z);
            for (std::size_t k = 0; k < 5; ++k) CHECK(y[k] == Approx(z[k]).margin(1e-6));
            x[static_cast<std::size_t>(i) % 3] = y[0];
        }
    };
    agree(std::integral_constant<std::size_t, 8>{});
    agree(std::integral_constant<std::size_t, 37>{});
    agree(std::integral_constant<std::size_t, 64>{});
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
