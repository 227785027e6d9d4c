#include <lofi/nn/lstm_stack.hpp>

#include "support/test.hpp"

#include <lofi/backend/cpu.hpp>

using namespace lofi;

TEST_CASE("lstm stack: one step after the other equals the whole, states handed on in one memory") {
    using stack = nn::lstm_stack<nn::lstm_stack_config{.in = 3, .hidden = 4, .layers = 3}, backend::cpu<double>>;
    nn::parameters<stack> p(random_key{1}, nn::scheme::pytorch);
    backend::cpu<double> be;
    nn::context ctx;
    ctx.begin(random_key{2});
    constexpr std::size_t T = 5, B = 2;
    ctx.batch = B;
    const auto x = ctx.scratch.take_rows<double, 3>(T * B);
    normal_noise(be, random_key{3}, x.flat());
    const auto states = ctx.scratch.take_rows<double, stack::states_size>(B),
               end = ctx.scratch.take_rows<double, stack::states_size>(B);
    normal_noise(be, random_key{4}, states.flat());
    const auto y = ctx.scratch.take_rows<double, 4>(T * B), step = ctx.scratch.take_rows<double, 4>(B);
    stack::forward(be, ctx, p.view(), nn::constant(x), y, nn::no_tape{}, nn::constant(states), end);
    for (std::size_t t = 0; t < T; ++t) {
        stack::forward(be, ctx, p.view(), nn::constant(x.sub(t * B, B)), step, nn::no_tape{}, nn::constant(states), states);
        for (std::size_t i = 0; i < 4 * B; ++i) CHECK(step.data()[i] == Approx(y.data()[t * B * 4 + i]).epsilon(1e-12));
    }
    for (std::size_t i = 0; i < states.flat().size(); ++i) CHECK(states.data()[i] == Approx(end.data()[i]).epsilon(1e-12));
}

TEST_CASE("lstm stack: numeric gradients of weights, inputs and first states") {
    using stack = nn::lstm_stack<nn::lstm_stack_config{.in = 2, .hidden = 3, .layers = 2, .biases = nn::biases::one},
                                 backend::cpu<double>>;
    nn::parameters<stack> p(random_key{1}, nn::scheme::keras), dp;
    backend::cpu<double> be;
    nn::context ctx;
    constexpr std::size_t T = 3, B = 2, N = T * B;
    std::vector<double> x(N * 2), start(B * stack::states_size), weight(N * 3);
    normal_noise(be, random_key{5}, std::span<double>(x));
    normal_noise(be, random_key{6}, std::span<double>(start));
    normal_noise(be, random_key{7}, std::span<double>(weight));
    const auto loss = [&] {
        ctx.begin(random_key{2});
        ctx.batch = B;
        const auto y = ctx.scratch.take_rows<double, 3>(N);
        stack::forward(be, ctx, p.view(), {x.data(), N}, y, nn::no_tape{}, {start.data(), B});
        double sum = 0;
        for (std::size_t i = 0; i < weight.size(); ++i) sum += weight[i] * y.data()[i];
        return sum;
    };
    ctx.begin(random_key{2});
    ctx.batch = B;
    const auto y = ctx.scratch.take_rows<double, 3>(N);
    std::vector<double> dx(x.size()), dstart(start.size());
    stack::tape tape;
    stack::forward(be, ctx, p.view(), {x.data(), N}, y, tape, {start.data(), B});
    stack::backward(be, ctx, p.view(), dp.view(), tape, {weight.data(), N}, {dx.data(), N}, {dstart.data(), B});
    const auto agrees = [&](std::span<double> values, std::span<const double> slopes) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            const double kept = values[i], h = 1e-5;
            values[i] = kept + h;
            const double up = loss();
            values[i] = kept - h;
            const double down = loss();
            values[i] = kept;
            CHECK(slopes[i] == Approx((up - down) / (2 * h)).epsilon(1e-6).margin(1e-8));
        }
    };
    agrees(p.flat(), dp.flat());
    agrees(x, dx);
    agrees(start, dstart);
}
