#include <lofi/model/lstm_wave_training.hpp>
#include <lofi/model/stft_published_training.hpp>
#include <lofi/model/stft_training.hpp>

#include <string>
#include <vector>

#include "support/test.hpp"

#include <lofi/backend/cpu.hpp>
#include <lofi/nn/checkpoint.hpp>
#include <lofi/nn/gradient_check.hpp>

using namespace lofi;

namespace {

std::vector<double> numbers(const nn::safetensors& file, const std::string& name) {
    const auto& shape = file.tensors().at(name).shape;
    std::size_t count = 1;
    for (const std::size_t n : shape) count *= n;
    std::vector<double> out(count);
    file.copy<double>(name, shape, out);
    return out;
}
template <class Net>
void load(const nn::safetensors& file, nn::parameters<Net>& into, const std::string& prefix) {
    for (const auto& t : nn::tensors_of<Net>(into.view())) {
        const auto values = numbers(file, prefix + t.name);
        REQUIRE(values.size() == t.values.size());
        std::copy(values.begin(), values.end(), t.values.begin());
    }
}
template <class Net>
void check_gradients(const nn::safetensors& file, nn::parameters<Net>& found, const std::string& prefix) {
    nn::parameters<Net> expected;
    load(file, expected, prefix);
    for (std::size_t i = 0; i < expected.flat().size(); ++i)
        CHECK(found.flat()[i] == Approx(expected.flat()[i]).epsilon(1e-10).margin(1e-13));
}

}  // namespace

TEST_CASE("the STFT encoder-decoder of paper 004: frames, loss and gradients are PyTorch's") {
    using net = model::stft_published<model::stft_published_config{.hidden = 5, .size = 3, .frames = 4}, backend::cpu<double>>;
    const nn::safetensors file = nn::read_safetensors(test::data("model/waves.safetensors"));
    nn::parameters<net> weights, gradients;
    load(file, weights, "stft.weights.");
    backend::cpu<double> be;
    nn::context ctx;
    std::vector<double> x = numbers(file, "stft.x"), target = numbers(file, "stft.target"), y(x.size());
    const nn::columns<const double, 6> heard(x.data(), 8), wanted(target.data(), 8);
    net::predict(be, ctx, weights.view(), heard, {y.data(), 8}, 2);
    const auto expected = numbers(file, "stft.y");
    for (std::size_t i = 0; i < y.size(); ++i) CHECK(y[i] == Approx(expected[i]).epsilon(1e-11).margin(1e-12));
    const auto dp = gradients.view();
    CHECK(net::loss(be, ctx, weights.view(), heard, wanted, 2, &dp) == Approx(numbers(file, "stft.loss")[0]).epsilon(1e-12));
    check_gradients(file, gradients, "stft.gradients.");
    using published = model::stft_published<model::stft_published_config{}, backend::cpu<float>>;
    CHECK(published::parameter_count == 4 * 2048 * (1000 + 2048 + 1) + 4 * 2048 * (2048 + 2048 + 1) + 1000 * 2049);
}

TEST_CASE("the LSTM baseline of paper 004: sample, loss and gradients are PyTorch's, and steps are the same") {
    using net = model::lstm_wave<model::lstm_wave_config{.hidden = 5, .steps = 6}, backend::cpu<double>>;
    const nn::safetensors file = nn::read_safetensors(test::data("model/waves.safetensors"));
    nn::parameters<net> weights, gradients;
    load(file, weights, "lstm.weights.");
    backend::cpu<double> be;
    nn::context ctx;
    std::vector<double> x = numbers(file, "lstm.x"), target = numbers(file, "lstm.target"), y(2);
    const auto dp = gradients.view();
    const double loss = net::loss(be, ctx, weights.view(), {x.data(), 12}, {target.data(), 2}, {y.data(), 2}, &dp);
    CHECK(loss == Approx(numbers(file, "lstm.loss")[0]).epsilon(1e-12));
    const auto expected = numbers(file, "lstm.y");
    for (std::size_t b = 0; b < 2; ++b) {
        CHECK(y[b] == Approx(expected[b]).epsilon(1e-11));
        net::state s;
        double last = 0;
        for (std::size_t t = 0; t < 6; ++t) last = net::step(be, weights.view(), s, x[t * 2 + b]);
        CHECK(last == Approx(expected[b]).epsilon(1e-11));
    }
    check_gradients(file, gradients, "lstm.gradients.");
}

TEST_CASE("the improved STFT network: gradients are differences, and steps are the forward") {
    using net = model::stft_network<model::stft_network_config{.hidden = 4, .window = 8, .hop = 2, .dropout = {}},
                                    backend::cpu<double>>;
    static_assert(net::K == 5);
    nn::parameters<net> weights(random_key{3}, nn::scheme::pytorch), gradients;
    random_stream random(random_key{4});
    nn::fill_normal(weights.flat(), 0.4, random);
    std::vector<double> x(7 * 2 * 5), level(x.size()), rise(x.size()), angle(x.size());
    for (auto* v : {&x, &level, &rise, &angle}) nn::fill_normal(std::span<double>(*v), 0.7, random);
    backend::cpu<double> be;
    nn::context ctx;
    const auto loss = [&](const net::params* dp) {
        ctx.begin(random_key{1});
        return net::loss(be, ctx, weights.view(), {x.data(), 14}, {level.data(), 14}, {rise.data(), 14}, {angle.data(), 14}, 2,
                         4, dp);
    };
    const auto dp = gradients.view();
    const double whole = loss(&dp);
    const auto r = nn::check_gradient(weights.flat(), gradients.flat(), [&] { return loss(nullptr); });
    CAPTURE(r.at, r.difference, r.gradient);
    CHECK(r.worst < 1e-6);
    // Step by step, the same cost.
    double sum = 0;
    for (std::size_t b = 0; b < 2; ++b) {
        net::state s;
        std::array<double, 20> y{};
        for (std::size_t t = 0; t < 7; ++t) {
            const std::size_t row = t * 2 + b;
            net::step(be, weights.view(), s, frame<const double, 5>(x.data() + row * 5, 5), y);
            for (std::size_t k = 0; k < 5; ++k)
                if (row >= 4)
                    sum += model::cost_of(net::bin(y, k), level[row * 5 + k], rise[row * 5 + k], angle[row * 5 + k]).nats;
        }
    }
    CHECK(sum / 50 == Approx(whole).epsilon(1e-10));
}

TEST_CASE("the cost of a bin is a density of rise and angle") {
    const model::stft_bin b{0.6, 0.5, 0.5, 0.7};
    double sum = 0;
    const double step = 0.02;
    for (double rise = -3; rise < 4; rise += step)
        for (double angle = -3.14159265; angle < 3.14159265; angle += step)
            sum += std::exp(-model::cost_of(b, 0.0, rise, angle).nats) * step * step;
    CHECK(sum == Approx(1).epsilon(0.01));
}
