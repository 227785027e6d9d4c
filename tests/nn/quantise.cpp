#include <lofi/nn/quantise.hpp>

#include <vector>

#include <lofi/backend/cpu_bag.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;

TEST_CASE("quantising: products, tables and LSTM steps in whole numbers stay close to the real ones") {
    constexpr std::size_t I = 40, H = 24, V = 30;
    const auto real = [](std::size_t n, std::uint64_t seed, double size) {
        std::vector<float> v;
        for (const double x : test::noise(n, seed)) v.push_back(static_cast<float>(size * x));
        return v;
    };
    std::vector<float> w = real(4 * H * I, 1, .2), b = real(4 * H, 2, .5), u = real(4 * H * H, 3, .08),
                       table = real(V * 4 * H, 4, .3);
    nn::quantiser q;
    q.table(table, 4 * H);
    q.matrix(w, 4 * H, b, nn::input_form::activation);
    q.matrix(u, 4 * H, {}, nn::input_form::state);
    backend::fixed_cursor at(q.arena());
    const auto ft = backend::fixed::table<V, 4 * H>::bind(at);
    const auto fw = backend::fixed::weights<4 * H, I>::bind(at);
    const auto fu = backend::fixed::weights<4 * H, H, false>::bind(at);
    REQUIRE(at.complete());

    // Each weight is within half a step of 1/127 of its row's (or column's) largest; from here on both sides have the same weights.
    const auto settle = [](std::vector<float>& real_weights, const std::int8_t* bytes, auto&& scale_of, double unit) {
        double furthest = 0;
        for (std::size_t i = 0; i < real_weights.size(); ++i) {
            const double settled = bytes[i] * static_cast<double>(scale_of(i)) / unit;
            furthest = std::max(furthest, std::abs(settled - static_cast<double>(real_weights[i])) / (scale_of(i) / unit));
            real_weights[i] = static_cast<float>(settled);
        }
        return furthest;
    };
    CHECK(settle(
              table, ft.w, [&](std::size_t i) { return ft.scale[i % (4 * H)]; }, 0x1p28) < .51);
    CHECK(settle(
              w, fw.w, [&](std::size_t i) { return fw.scale[i / I]; }, 0x1p28) < .51);
    CHECK(settle(
              u, fu.w, [&](std::size_t i) { return fu.scale[i / H]; }, 0x1p25) < .51);

    backend::cpu<float> cpu;
    backend::fixed fixed;
    const std::vector<float> x = real(I, 5, 1);
    std::array<std::int16_t, I> xf{};
    for (std::size_t i = 0; i < I; ++i) xf[i] = backend::fixed::to_activation(static_cast<std::int32_t>(x[i] * 65536));
    std::array<float, H> h{}, c{};
    std::array<std::int16_t, H> hf{};
    std::array<std::int32_t, H> cf{};
    random_stream random(random_key{6});
    double worst = 0;
    for (int t = 0; t < 50; ++t) {
        const std::array<std::int32_t, 3> ids = {static_cast<std::int32_t>(uniform_below(random, V)), -1,
                                                 static_cast<std::int32_t>(uniform_below(random, V))};
        std::array<float, 4 * H> g{};
        std::array<std::int32_t, 4 * H> gf{};
        linear_step(cpu, frame<const float, I>(x.data(), I), backend::affine<float, 4 * H, I>{.w = {w.data()}, .b = b.data()},
                    frame<float, 4 * H>(g));
        linear_step(fixed, frame<const std::int16_t, I>(xf), fw, frame<std::int32_t, 4 * H>(gf));
        gather_sum_step(cpu, backend::affine<float, V, 4 * H, false>{.w = {table.data()}, .b = nullptr},
                        std::span<const std::int32_t>(ids), frame<float, 4 * H>(g));
        gather_sum_step(fixed, ft, std::span<const std::int32_t>(ids), frame<std::int32_t, 4 * H>(gf));
        lstm_gates_step(cpu, backend::affine<float, 4 * H, H, false>{.w = {u.data()}, .b = nullptr}, frame<float, 4 * H>(g),
                        frame<float, H>(h), frame<float, H>(c));
        lstm_gates_step(fixed, fu, frame<std::int32_t, 4 * H>(gf), frame<std::int16_t, H>(hf), frame<std::int32_t, H>(cf));
        for (std::size_t k = 0; k < H; ++k) worst = std::max(worst, std::abs(static_cast<double>(h[k]) - hf[k] / 32768.0));
    }
    // What is left is the rounding of activations, states and tables.
    CHECK(worst < .002);
    CHECK(worst > 0);
}

TEST_CASE("quantising: refuses weights that do not fit, keeps zeros") {
    nn::quantiser q;
    const std::vector<float> zero(8), huge{1e9F, 0, 0, 0}, bias{1e6F};
    q.matrix(zero, 2, {}, nn::input_form::activation);
    CHECK(q.arena().words == std::vector<std::int32_t>{0, 0});
    CHECK(q.arena().bytes == std::vector<std::int8_t>(8));
    CHECK_THROWS_AS(q.matrix(huge, 1, {}, nn::input_form::activation), error);
    CHECK_THROWS_AS(q.matrix(zero, 1, bias, nn::input_form::activation), error);
}
