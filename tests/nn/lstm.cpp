#include <lofi/nn/lstm.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;

template <class B>
using plain = nn::lstm<nn::lstm_config{.in = 3, .hidden = 4}, B>;
template <class B>
using reverse = nn::lstm<nn::lstm_config{.in = 3, .hidden = 4, .order = nn::time_order::reverse}, B>;
template <class B>
using keras = nn::lstm<nn::lstm_config{.in = 3, .hidden = 5, .biases = nn::biases::one, .recurrent_dropout = {3, 10}}, B>;
template <class B>
using both = nn::bidirectional<nn::lstm_config{.in = 3, .hidden = 4}, B>;
using test::exact_cpu;
using test::fast_cpu;

TEST_CASE("LSTM: gradients, one way") {
    test::check_layer<plain<exact_cpu>, plain<fast_cpu>>({.row_count = 10, .batch = 2});
    test::check_layer<plain<exact_cpu>, plain<fast_cpu>>({.row_count = 15, .batch = 3, .lengths = {5, 2, 1}});
    test::check_layer<reverse<exact_cpu>, reverse<fast_cpu>>({.row_count = 15, .batch = 3, .lengths = {2, 5, 1}});
}

TEST_CASE("LSTM: gradients, recurrent dropout and one bias") {
    test::check_layer<keras<exact_cpu>, keras<fast_cpu>>({.row_count = 12, .batch = 3, .scheme = nn::scheme::keras});
    test::check_layer<keras<exact_cpu>, keras<fast_cpu>>({.row_count = 12, .batch = 3, .lengths = {4, 1, 3}});
}

TEST_CASE("LSTM: gradients, both ways") {
    test::check_layer<both<exact_cpu>, both<fast_cpu>>({.row_count = 10, .batch = 2});
    test::check_layer<both<exact_cpu>, both<fast_cpu>>({.row_count = 12, .batch = 3, .lengths = {1, 4, 3}});
}

TEST_CASE("LSTM: steps equal the sequence") {
    test::check_streaming<plain<exact_cpu>>(9, 1e-14);
    test::check_streaming<plain<fast_cpu>>(9, 1e-6);
    test::check_streaming<keras<exact_cpu>>(9, 1e-14);
    // Wide enough for every path of the matrix-vector product.
    test::check_streaming<nn::lstm<nn::lstm_config{.in = 37, .hidden = 19}, exact_cpu>>(5, 1e-14);
    test::check_streaming<nn::lstm<nn::lstm_config{.in = 1, .hidden = 64}, fast_cpu>>(20, 2e-6);
}

namespace {

using layer = plain<exact_cpu>;
constexpr std::size_t H = layer::H, T = 5, B = 3;

/// Runs with states at both ends; the loss weighs outputs and last states.
struct ends {
    exact_cpu be;
    nn::context ctx;
    nn::parameters<layer> weights{random_key{3}, nn::scheme::pytorch}, gradient;
    std::vector<double> x = test::noise(T * B * 3, 1), h0 = test::noise(B * H, 2), c0 = test::noise(B * H, 3);
    std::vector<double> dy = test::noise(T * B * H, 4), dh = test::noise(B * H, 5), dc = test::noise(B * H, 6);
    std::vector<double> y = std::vector<double>(T * B * H), h = std::vector<double>(B * H), c = h;
    std::vector<std::int32_t> lengths{4, 5, 1};
    layer::tape tape;

    void forward() {
        ctx.begin(random_key{1});
        ctx.batch = B;
        ctx.lengths = lengths;
        layer::forward(be, ctx, weights.view(), {x.data(), T * B}, {y.data(), T * B}, tape, {{h0.data(), B}, {c0.data(), B}},
                       {{h.data(), B}, {c.data(), B}});
    }
    double loss() {
        forward();
        double sum = 0;
        for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * dy[i];
        for (std::size_t i = 0; i < h.size(); ++i) sum += h[i] * dh[i] + c[i] * dc[i];
        return sum;
    }
};

}  // namespace

TEST_CASE("LSTM: gradients through the states at both ends") {
    ends e;
    e.forward();
    std::vector<double> dh0(B * H), dc0(B * H), dx(e.x.size());
    layer::backward(e.be, e.ctx, e.weights.view(), e.gradient.view(), e.tape, {e.dy.data(), T * B}, {dx.data(), T * B},
                    {{e.dh.data(), B}, {e.dc.data(), B}}, {{dh0.data(), B}, {dc0.data(), B}});
    const auto loss = [&] { return e.loss(); };
    CHECK(nn::check_gradient(e.h0, dh0, loss).worst <= 1e-6);
    CHECK(nn::check_gradient(e.c0, dc0, loss).worst <= 1e-6);
    CHECK(nn::check_gradient(e.x, dx, loss).worst <= 1e-6);
    CHECK(nn::check_gradient(e.weights.flat(), e.gradient.flat(), loss).worst <= 1e-6);
}

TEST_CASE("LSTM: a sequence in two halves is the sequence, and padding changes nothing") {
    ends e;
    e.lengths = {5, 5, 5};
    e.forward();
    std::vector<double> y(e.y.size()), h(B * H), c(B * H);
    const auto p = e.weights.view();
    const nn::lstm_states<double, H> middle{{h.data(), B}, {c.data(), B}};
    e.ctx.lengths = {};
    layer::forward(e.be, e.ctx, p, {e.x.data(), 2 * B}, {y.data(), 2 * B}, nn::no_tape{}, {{e.h0.data(), B}, {e.c0.data(), B}},
                   middle);
    layer::forward(e.be, e.ctx, p, {e.x.data() + 2 * B * 3, 3 * B}, {y.data() + 2 * B * H, 3 * B}, nn::no_tape{}, middle,
                   middle);
    CHECK(y == e.y);
    CHECK(h == e.h);
    CHECK(c == e.c);

    // What lies beyond the true length has no effect, not even if it is not a number.
    e.lengths = {4, 5, 1};
    e.forward();
    const std::vector<double> shorter = e.y, last = e.h;
    for (std::size_t t = 0; t < T; ++t)
        for (std::size_t b = 0; b < B; ++b)
            if (static_cast<std::int32_t>(t) >= e.lengths[b]) std::fill_n(e.x.begin() + (t * B + b) * 3, 3, std::nan(""));
    e.forward();
    CHECK(e.y == shorter);
    CHECK(e.h == last);
    CHECK(shorter[(4 * B + 0) * H] == 0);
    CHECK(last[2 * H] == shorter[2 * H]);  // length 1: the last state is the first output
}

TEST_CASE("LSTM: first values as in PyTorch and Keras") {
    using wide = nn::lstm<nn::lstm_config{.in = 6, .hidden = 8}, exact_cpu>;
    nn::parameters<wide> torch(random_key{1}, nn::scheme::pytorch), keras_weights(random_key{1}, nn::scheme::keras);
    double greatest = 0;
    for (const double v : torch.flat()) greatest = std::max(greatest, std::abs(v));
    CHECK(greatest <= 1 / std::sqrt(8.0));
    CHECK(greatest > 0.9 / std::sqrt(8.0));
    const auto p = keras_weights.view();
    for (std::size_t a = 0; a < 8; ++a) {
        for (std::size_t b = 0; b < 8; ++b) {
            double dot = 0;
            for (std::size_t r = 0; r < 32; ++r) dot += p.hh.w.data[r * 8 + a] * p.hh.w.data[r * 8 + b];
            CHECK(dot == Approx(a == b ? 1.0 : 0.0).margin(1e-12));
        }
    }
    for (std::size_t i = 0; i < 32; ++i) CHECK(p.ih.b[i] == (i >= 8 && i < 16 ? 1.0 : 0.0));
}
