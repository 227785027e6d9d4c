#include <lofi/nn/bag_lstm.hpp>

#include <lofi/backend/cpu_bag.hpp>
#include <lofi/nn/lstm.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;
using test::exact_cpu;

namespace {

constexpr std::size_t V = 11, K = 3, Z = 2, H = 5, T = 6, B = 3;

/// Ids of T*B rows in blocks of 4, 4 and 3, some of them none.
std::vector<std::int32_t> draw_ids() {
    std::vector<std::int32_t> ids;
    random_stream random(random_key{9});
    for (std::size_t n = 0; n < T * B; ++n)
        for (const auto& [first, size] : {std::pair{0, 4}, std::pair{4, 4}, std::pair{8, 3}})
            ids.push_back(chance(random, 1, 5)
                              ? -1
                              : first + static_cast<std::int32_t>(uniform_below(random, static_cast<std::uint32_t>(size))));
    return ids;
}

template <backend::time_order Order>
void check() {
    using layer =
        nn::bag_lstm<nn::bag_lstm_config{.vocabulary = V, .ids = K, .constant = Z, .hidden = H, .order = Order}, exact_cpu>;
    exact_cpu be;
    nn::context ctx;
    const std::vector<std::int32_t> lengths{6, 3, 4}, ids = draw_ids();
    nn::parameters<layer> p(random_key{3}, nn::scheme::pytorch), dp;
    std::vector<double> z = test::noise(B * Z, 1), dz(B * Z);
    const std::vector<double> dy = test::noise(T * B * H, 2), dlast = test::noise(B * H, 3);
    typename layer::tape tape;
    const auto loss = [&] {
        ctx.begin(random_key{1});
        ctx.batch = B;
        ctx.lengths = lengths;
        const auto y = ctx.scratch.take_rows<double, H>(T * B), last = ctx.scratch.take_rows<double, H>(B);
        layer::forward(be, ctx, p.view(), ids, nn::columns<const double, Z>(z.data(), B), y, tape, last);
        double sum = 0;
        for (std::size_t i = 0; i < dy.size(); ++i) sum += dy[i] * y.flat()[i];
        for (std::size_t i = 0; i < dlast.size(); ++i) sum += dlast[i] * last.flat()[i];
        return sum;
    };
    loss();
    layer::backward(be, ctx, p.view(), dp.view(), tape, nn::columns<const double, H>(dy.data(), T * B),
                    nn::columns<double, Z>(dz.data(), B), nn::columns<const double, H>(dlast.data(), B));
    CHECK(nn::check_gradient(p.flat(), dp.flat(), loss).worst <= 1e-6);
    CHECK(nn::check_gradient(z, dz, loss).worst <= 1e-6);

    // Backward a second time adds the same again.
    const std::vector<double> once(dp.flat().begin(), dp.flat().end());
    loss();
    layer::backward(be, ctx, p.view(), dp.view(), tape, nn::columns<const double, H>(dy.data(), T * B),
                    nn::columns<double, Z>(dz.data(), B), nn::columns<const double, H>(dlast.data(), B));
    for (std::size_t i = 0; i < once.size(); ++i) REQUIRE(dp.flat()[i] == Approx(2 * once[i]).margin(1e-12));
}

}  // namespace

TEST_CASE("bag LSTM: gradients of weights and of the constant vector, both ways through time") {
    check<backend::time_order::onward>();
    check<backend::time_order::reverse>();
}

TEST_CASE("bag LSTM: equals an LSTM over one-hot blocks beside the constant vector") {
    using layer = nn::bag_lstm<nn::bag_lstm_config{.vocabulary = V, .ids = K, .constant = Z, .hidden = H}, exact_cpu>;
    using plain = nn::lstm<nn::lstm_config{.in = V + Z, .hidden = H, .biases = nn::biases::one}, exact_cpu>;
    exact_cpu be;
    nn::context ctx;
    ctx.batch = B;
    const std::vector<std::int32_t> lengths{6, 3, 4}, ids = draw_ids();
    ctx.lengths = lengths;
    nn::parameters<layer> p(random_key{3}, nn::scheme::pytorch);
    nn::parameters<plain> q;
    const auto a = p.view();
    const auto b = q.view();
    for (std::size_t g = 0; g < 4 * H; ++g) {
        for (std::size_t v = 0; v < V; ++v) b.ih.w.data[g * (V + Z) + v] = a.table.w.data[v * 4 * H + g];
        for (std::size_t k = 0; k < Z; ++k) b.ih.w.data[g * (V + Z) + V + k] = a.zh.w.data[g * Z + k];
        for (std::size_t h = 0; h < H; ++h) b.hh.w.data[g * H + h] = a.hh.w.data[g * H + h];
        b.ih.b[g] = a.zh.b[g];
    }
    const std::vector<double> z = test::noise(B * Z, 1);
    std::vector<double> x(T * B * (V + Z));
    for (std::size_t n = 0; n < T * B; ++n) {
        for (std::size_t k = 0; k < K; ++k)
            if (ids[n * K + k] >= 0) x[n * (V + Z) + static_cast<std::size_t>(ids[n * K + k])] = 1;
        std::copy_n(z.data() + n % B * Z, Z, x.data() + n * (V + Z) + V);
    }
    std::vector<double> y(T * B * H), expected(T * B * H);
    layer::tape tape;
    layer::forward(be, ctx, p.view(), ids, nn::columns<const double, Z>(z.data(), B), nn::columns<double, H>(y.data(), T * B),
                   tape);
    plain::forward(be, ctx, q.view(), nn::columns<const double, V + Z>(x.data(), T * B),
                   nn::columns<double, H>(expected.data(), T * B), nn::no_tape{});
    CHECK(test::greatest_difference(y, expected) <= 1e-14);
}

TEST_CASE("bag LSTM: steps give what the whole sequence gives") {
    using layer = nn::bag_lstm<nn::bag_lstm_config{.vocabulary = V, .ids = K, .constant = Z, .hidden = H}, exact_cpu>;
    exact_cpu be;
    nn::context ctx;
    ctx.batch = 1;
    std::vector<std::int32_t> ids = draw_ids();
    nn::parameters<layer> p(random_key{3}, nn::scheme::pytorch);
    const std::vector<double> z = test::noise(Z, 1);
    std::vector<double> y(T * B * H);
    layer::tape tape;
    layer::forward(be, ctx, p.view(), ids, nn::columns<const double, Z>(z.data(), 1), nn::columns<double, H>(y.data(), T * B),
                   tape);
    std::array<double, 4 * H> still{};
    std::array<double, H> h{}, c{};
    linear_step(be, frame<const double, Z>(z.data(), Z), p.view().zh, frame<double, 4 * H>(still));
    for (std::size_t t = 0; t < T * B; ++t) {
        std::array<double, 4 * H> gates = still;
        gather_sum_step(be, p.view().table, std::span<const std::int32_t>(ids).subspan(t * K, K), frame<double, 4 * H>(gates));
        lstm_gates_step(be, p.view().hh, frame<double, 4 * H>(gates), frame<double, H>(h), frame<double, H>(c));
        for (std::size_t k = 0; k < H; ++k) REQUIRE(h[k] == Approx(y[t * H + k]).margin(1e-13));
    }
}
