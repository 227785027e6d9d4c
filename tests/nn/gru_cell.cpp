#include <lofi/nn/gru_cell.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;
using test::exact_cpu;

TEST_CASE("GRU cell: its steps and their gradients equal the sequence") {
    constexpr nn::gru_config shape{.in = 3, .hidden = 4};
    using cell = nn::gru_cell<shape, exact_cpu>;
    using whole = nn::gru<shape, exact_cpu>;
    constexpr std::size_t T = 4, B = 2, H = 4;
    exact_cpu be;
    nn::context ctx;
    ctx.batch = B;
    nn::parameters<whole> p(random_key{1}, nn::scheme::pytorch), dp;
    nn::parameters<cell> dp_cells;
    std::vector<double> x = test::noise(T * B * 3, 1), dy = test::noise(T * B * H, 2), y(T * B * H), dx(T * B * 3);
    whole::tape tape;
    whole::forward(be, ctx, p.view(), {x.data(), T * B}, {y.data(), T * B}, tape);
    whole::backward(be, ctx, p.view(), dp.view(), tape, {dy.data(), T * B}, {dx.data(), T * B});

    std::vector<double> h((T + 1) * B * H), dx_cells(T * B * 3), dh(B * H);
    const auto state = [&](std::size_t t) { return nn::columns<double, H>(h.data() + t * B * H, B); };
    std::array<cell::tape, T> tapes;
    for (std::size_t t = 0; t < T; ++t)
        cell::forward(be, ctx, p.view(), {x.data() + t * B * 3, B}, state(t), state(t + 1), tapes[t]);
    for (std::size_t t = T; t-- > 0;) {
        for (std::size_t i = 0; i < B * H; ++i) dh[i] += dy[t * B * H + i];
        cell::backward(be, ctx, p.view(), dp_cells.view(), tapes[t], {dh.data(), B}, {dx_cells.data() + t * B * 3, B});
    }
    CHECK(std::equal(y.begin(), y.end(), h.begin() + B * H));
    CHECK(test::greatest_difference(dx_cells, dx) <= 1e-13);
    CHECK(test::greatest_difference(dp_cells.flat(), dp.flat()) <= 1e-13);
}
