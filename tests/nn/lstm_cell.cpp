#include <lofi/nn/lstm_cell.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;
using test::exact_cpu;

namespace {

constexpr nn::lstm_config shape{.in = 3, .hidden = 4};
using cell = nn::lstm_cell<shape, exact_cpu>;
using whole = nn::lstm<shape, exact_cpu>;
constexpr std::size_t T = 4, B = 2, H = 4;

}  // namespace

TEST_CASE("LSTM cell: its steps and their gradients equal the sequence") {
    exact_cpu be;
    nn::context ctx;
    ctx.batch = B;
    nn::parameters<whole> p(random_key{1}, nn::scheme::pytorch), dp;
    nn::parameters<cell> dp_cells;
    std::vector<double> x = test::noise(T * B * 3, 1), dy = test::noise(T * B * H, 2), y(T * B * H), dx(T * B * 3);
    whole::tape tape;
    whole::forward(be, ctx, p.view(), {x.data(), T * B}, {y.data(), T * B}, tape);
    whole::backward(be, ctx, p.view(), dp.view(), tape, {dy.data(), T * B}, {dx.data(), T * B});

    std::vector<double> h((T + 1) * B * H), c((T + 1) * B * H), dx_cells(T * B * 3), dh(B * H), dc(B * H);
    const auto states = [&](std::size_t t) { return cell::states{{h.data() + t * B * H, B}, {c.data() + t * B * H, B}}; };
    std::array<cell::tape, T> tapes;
    ctx.batch = 77;  // a cell takes the number of its rows for B, and leaves the context as it was
    for (std::size_t t = 0; t < T; ++t)
        cell::forward(be, ctx, p.view(), {x.data() + t * B * 3, B}, states(t), states(t + 1), tapes[t]);
    for (std::size_t t = T; t-- > 0;) {
        for (std::size_t i = 0; i < B * H; ++i) dh[i] += dy[t * B * H + i];
        cell::backward(be, ctx, p.view(), dp_cells.view(), tapes[t], {{dh.data(), B}, {dc.data(), B}},
                       {dx_cells.data() + t * B * 3, B});
    }
    CHECK(ctx.batch == 77);
    CHECK(std::equal(y.begin(), y.end(), h.begin() + B * H));
    CHECK(test::greatest_difference(dx_cells, dx) <= 1e-13);
    CHECK(test::greatest_difference(dp_cells.flat(), dp.flat()) <= 1e-13);

    // Without a tape, and over its own state.
    std::vector<double> h1(B * H), c1(B * H);
    const cell::states own{{h1.data(), B}, {c1.data(), B}};
    for (std::size_t t = 0; t < T; ++t) cell::forward(be, ctx, p.view(), {x.data() + t * B * 3, B}, own, own, nn::no_tape{});
    CHECK(std::equal(h1.begin(), h1.end(), h.end() - B * H));
}

TEST_CASE("LSTM cell: names as in PyTorch's LSTMCell") {
    nn::parameters<cell> p;
    std::vector<std::string> names;
    cell::visit(p.view(), [&](std::string_view name, auto, auto) { names.emplace_back(name); });
    CHECK(names == std::vector<std::string>{"weight_ih", "weight_hh", "bias_ih", "bias_hh"});
}
