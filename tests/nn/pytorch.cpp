// Layers and losses against PyTorch: outputs and all gradients, from the files that make_fixtures.py wrote.
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <lofi/backend/cpu_conv.hpp>
#include <lofi/nn/activation.hpp>
#include <lofi/nn/batch_norm.hpp>
#include <lofi/nn/dense.hpp>
#include <lofi/nn/gru.hpp>
#include <lofi/nn/latent.hpp>
#include <lofi/nn/loss.hpp>
#include <lofi/nn/lstm.hpp>
#include <lofi/nn/sequence.hpp>
#include <lofi/nn/tcn.hpp>
#include <lofi/nn/wavenet.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;
using test::exact_cpu;

namespace {

constexpr double tolerance = 1e-12;

struct fixture {
    std::map<std::string, std::vector<double>> tensors;

    explicit fixture(const std::string& name) {
        std::ifstream file(std::string(LOFI_TEST_DATA) + "/nn/" + name + ".txt");
        REQUIRE(file);
        for (std::string line; std::getline(file, line);) {
            std::istringstream words(line);
            std::string key;
            words >> key;
            for (double v; words >> v;) tensors[key].push_back(v);
        }
    }
    std::vector<double>& operator[](const std::string& key) {
        INFO(key);
        REQUIRE(tensors.count(key) == 1);
        return tensors[key];
    }
    template <std::size_t N>
    nn::columns<double, N> view(const std::string& key) {
        auto& v = (*this)[key];
        REQUIRE(v.size() % N == 0);
        return {v.data(), v.size() / N};
    }
};

/// PyTorch's name of a tensor: layer 1 of a stack is "1.weight_ih_l0" here and "weight_ih_l1" there.
std::string torch_name(std::string_view name, bool stacked) {
    std::string n(name);
    if (!stacked) return n;
    const std::string layer = n.substr(0, n.find('.'));
    n.erase(0, n.find('.') + 1);
    return n.replace(n.find("_l0"), 3, "_l" + layer);
}

template <class Layer>
struct loaded {
    exact_cpu be;
    nn::context ctx;
    nn::parameters<Layer> weights, gradient;
    typename Layer::tape tape;

    explicit loaded(fixture& f, bool stacked = false) {
        Layer::visit(weights.view(), [&](std::string_view name, std::span<const std::size_t>, std::span<double> values) {
            if (name.starts_with("running")) {
                std::fill(values.begin(), values.end(), name == "running_var" ? 1.0 : 0.0);
                return;
            }
            const auto& from = f["param." + torch_name(name, stacked)];
            REQUIRE(from.size() == values.size());
            std::copy(from.begin(), from.end(), values.begin());
        });
    }
    void check_gradients(fixture& f, bool stacked = false) {
        Layer::visit(gradient.view(), [&](std::string_view name, std::span<const std::size_t>, std::span<double> values) {
            if (name.starts_with("running")) return;
            INFO(name);
            CHECK(test::greatest_difference(values, f["grad." + torch_name(name, stacked)]) <= tolerance);
        });
    }
};

template <class Layer>
void check_rows(const std::string& name, std::size_t batch = 1) {
    fixture f(name);
    loaded<Layer> l(f);
    l.ctx.batch = batch;
    auto x = f.view<Layer::in_size>("x");
    std::vector<double> y(f["y"].size()), dx(f["x"].size());
    Layer::forward(l.be, l.ctx, l.weights.view(), x, {y.data(), x.count()}, l.tape);
    Layer::backward(l.be, l.ctx, l.weights.view(), l.gradient.view(), l.tape, f.view<Layer::out_size>("dy"),
                    {dx.data(), x.count()});
    CHECK(test::greatest_difference(y, f["y"]) <= tolerance);
    CHECK(test::greatest_difference(dx, f["dx"]) <= tolerance);
    l.check_gradients(f);
    if constexpr (Layer::buffer_count > 0) {
        std::vector<double> buffers = f["buffer.running_mean"];
        buffers.insert(buffers.end(), f["buffer.running_var"].begin(), f["buffer.running_var"].end());
        CHECK(test::greatest_difference(l.weights.buffers(), buffers) <= tolerance);
    }
}

}  // namespace

TEST_CASE("PyTorch: dense, head, batch norm") {
    check_rows<nn::dense<nn::dense_config{.in = 5, .out = 3}, exact_cpu>>("dense");
    check_rows<nn::batch_norm<nn::batch_norm_config{.size = 4}, exact_cpu>>("batch_norm");
    check_rows<nn::sequence<nn::dense<nn::dense_config{.in = 4, .out = 6}, exact_cpu>, nn::relu<6, exact_cpu>,
                            nn::dense<nn::dense_config{.in = 6, .out = 3}, exact_cpu>,
                            nn::activation<nn::activation_config{3, nn::function::softplus}, exact_cpu>>>("head");
}

TEST_CASE("PyTorch: convolutions, norms, TCN, WaveNet") {
    check_rows<nn::layer_norm<nn::layer_norm_config{.size = 5}, exact_cpu>>("layer_norm");
    check_rows<nn::conv1d<nn::conv1d_config{.in = 3, .out = 2, .kernel = 3, .dilation = 2}, exact_cpu>>("conv_causal", 2);
    using same = nn::conv1d_config;
    check_rows<nn::conv1d<same{.in = 2, .out = 3, .kernel = 4, .dilation = 3, .padding = nn::padding::same}, exact_cpu>>(
        "conv_same", 2);
    check_rows<nn::weight_norm<nn::conv1d<nn::conv1d_config{.in = 2, .out = 3, .kernel = 3}, exact_cpu>>>("conv_weight_norm",
                                                                                                          2);
    check_rows<nn::tcn<nn::tcn_config{.in = 2, .channels = 3, .kernel = 2, .levels = 2}, exact_cpu>>("tcn", 2);
    using wavenet = nn::wavenet_config;
    check_rows<
        nn::wavenet_stack<wavenet{.residual = 2, .gates = 4, .skip = 5, .layers = 2, .cycle = 2, .condition = 3}, exact_cpu>>(
        "wavenet", 2);
}

TEST_CASE("PyTorch: LSTM with last states") {
    using layer = nn::lstm<nn::lstm_config{.in = 3, .hidden = 4}, exact_cpu>;
    fixture f("lstm");
    loaded<layer> l(f);
    constexpr std::size_t B = 2, N = 10;
    l.ctx.batch = B;
    std::vector<double> y(N * 4), dx(N * 3), h(B * 4), c(B * 4);
    layer::forward(l.be, l.ctx, l.weights.view(), f.view<3>("x"), {y.data(), N}, l.tape, {}, {{h.data(), B}, {c.data(), B}});
    layer::backward(l.be, l.ctx, l.weights.view(), l.gradient.view(), l.tape, f.view<4>("dy"), {dx.data(), N},
                    nn::lstm_states<double, 4>{f.view<4>("dlast_h"), f.view<4>("dlast_c")});
    CHECK(test::greatest_difference(y, f["y"]) <= tolerance);
    CHECK(test::greatest_difference(h, f["last_h"]) <= tolerance);
    CHECK(test::greatest_difference(c, f["last_c"]) <= tolerance);
    CHECK(test::greatest_difference(dx, f["dx"]) <= tolerance);
    l.check_gradients(f);
}

TEST_CASE("PyTorch: two bidirectional LSTMs over packed sequences") {
    using first = nn::bidirectional<nn::lstm_config{.in = 3, .hidden = 4}, exact_cpu>;
    using second = nn::bidirectional<nn::lstm_config{.in = 8, .hidden = 4}, exact_cpu>;
    using stack = nn::sequence<first, second>;
    fixture f("lstm_stacked_bidirectional_packed");
    loaded<stack> l(f, true);
    constexpr std::size_t B = 4, N = 20, S = B * 4;
    const std::vector<std::int32_t> lengths{2, 5, 1, 4};
    l.ctx.batch = B;
    l.ctx.lengths = lengths;
    auto& [tape0, tape1] = l.tape;
    const auto p = l.weights.view(), dp = l.gradient.view();
    std::vector<double> between(N * 8), dbetween(N * 8), y(N * 8), dx(N * 3), h(4 * S), c(4 * S);
    // PyTorch's last states are (layers * directions, B, H).
    const auto states = [](std::vector<double>& hs, std::vector<double>& cs, std::size_t layer) {
        const auto way = [&](std::size_t d) {
            const std::size_t at = (2 * layer + d) * S;
            return nn::lstm_states<double, 4>{{hs.data() + at, B}, {cs.data() + at, B}};
        };
        return nn::both_states<double, 4>{way(0), way(1)};
    };
    first::forward(l.be, l.ctx, std::get<0>(p.all), f.view<3>("x"), {between.data(), N}, tape0, states(h, c, 0));
    second::forward(l.be, l.ctx, std::get<1>(p.all), {between.data(), N}, {y.data(), N}, tape1, states(h, c, 1));
    second::backward(l.be, l.ctx, std::get<1>(p.all), std::get<1>(dp.all), tape1, f.view<8>("dy"), {dbetween.data(), N},
                     states(f["dlast_h"], f["dlast_c"], 1));
    first::backward(l.be, l.ctx, std::get<0>(p.all), std::get<0>(dp.all), tape0, {dbetween.data(), N}, {dx.data(), N},
                    states(f["dlast_h"], f["dlast_c"], 0));
    CHECK(test::greatest_difference(y, f["y"]) <= tolerance);
    CHECK(test::greatest_difference(h, f["last_h"]) <= tolerance);
    CHECK(test::greatest_difference(c, f["last_c"]) <= tolerance);
    CHECK(test::greatest_difference(dx, f["dx"]) <= tolerance);
    l.check_gradients(f, true);
}

TEST_CASE("PyTorch: GRU, and both ways over packed sequences") {
    fixture f("gru"), g("gru_bidirectional_packed");
    using layer = nn::gru<nn::gru_config{.in = 3, .hidden = 4}, exact_cpu>;
    loaded<layer> l(f);
    l.ctx.batch = 2;
    std::vector<double> y(10 * 4), dx(10 * 3), h(2 * 4);
    layer::forward(l.be, l.ctx, l.weights.view(), f.view<3>("x"), {y.data(), 10}, l.tape, {}, {h.data(), 2});
    layer::backward(l.be, l.ctx, l.weights.view(), l.gradient.view(), l.tape, f.view<4>("dy"), {dx.data(), 10},
                    f.view<4>("dlast_h"));
    CHECK(test::greatest_difference(y, f["y"]) <= tolerance);
    CHECK(test::greatest_difference(h, f["last_h"]) <= tolerance);
    CHECK(test::greatest_difference(dx, f["dx"]) <= tolerance);
    l.check_gradients(f);

    using both = nn::bidirectional_gru<nn::gru_config{.in = 3, .hidden = 4}, exact_cpu>;
    loaded<both> m(g);
    constexpr std::size_t B = 4, N = 20;
    const std::vector<std::int32_t> lengths{2, 5, 1, 4};
    m.ctx.batch = B;
    m.ctx.lengths = lengths;
    std::vector<double> y2(N * 8), dx2(N * 3), last(2 * B * 4);
    const auto dlast = g.view<4>("dlast_h");
    both::forward(m.be, m.ctx, m.weights.view(), g.view<3>("x"), {y2.data(), N}, m.tape, {last.data(), B},
                  {last.data() + B * 4, B});
    both::backward(m.be, m.ctx, m.weights.view(), m.gradient.view(), m.tape, g.view<8>("dy"), {dx2.data(), N}, dlast.sub(0, B),
                   dlast.sub(B, B));
    CHECK(test::greatest_difference(y2, g["y"]) <= tolerance);
    CHECK(test::greatest_difference(last, g["last_h"]) <= tolerance);
    CHECK(test::greatest_difference(dx2, g["dx"]) <= tolerance);
    m.check_gradients(g);
}

TEST_CASE("PyTorch: losses and divergence") {
    fixture f("losses");
    exact_cpu be;
    nn::context ctx;
    std::vector<std::int32_t> targets(f["targets"].begin(), f["targets"].end());
    std::vector<double> dlogits(f["logits"].size());
    const auto r = nn::cross_entropy(be, f.view<5>("logits"), targets, {dlogits.data(), 6}, {.scale = 1.0 / 4});
    CHECK(r.sum / static_cast<double>(r.count) == Approx(f["cross_entropy"][0]).epsilon(tolerance));
    CHECK(test::greatest_difference(dlogits, f["dlogits"]) <= tolerance);

    std::vector<double> dy(12);
    for (const auto& [name, d] : {std::pair("absolute", nn::distance::absolute), std::pair("square", nn::distance::square),
                                  std::pair("huber", nn::distance::huber)}) {
        const double sum = nn::distance_loss(be, d, f.view<3>("y"), f.view<3>("target"), {dy.data(), 4}, {.scale = 1.0 / 12});
        CHECK(sum / 12 == Approx(f[name][0]).epsilon(tolerance));
        CHECK(test::greatest_difference(dy, f[std::string("d") + name]) <= tolerance);
    }

    using latent = nn::gaussian_latent<nn::gaussian_latent_config{.size = 4}, exact_cpu>;
    std::vector<double> dmean(12), dspread(12);
    const double kl =
        latent::divergence(be, ctx, f.view<4>("mean"), f.view<4>("log_variance"), {}, {dmean.data(), 3}, {dspread.data(), 3});
    CHECK(kl == Approx(f["kl"][0]).epsilon(tolerance));
    CHECK(test::greatest_difference(dmean, f["dmean"]) <= tolerance);
    CHECK(test::greatest_difference(dspread, f["dlog_variance"]) <= tolerance);
}
