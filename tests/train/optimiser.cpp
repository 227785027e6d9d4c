#include <lofi/train/optimiser.hpp>

#include "support/test.hpp"

#include <cmath>

using namespace lofi;
using namespace lofi::test;

namespace {

const nn::safetensors& fixture() {
    static const nn::safetensors file = nn::read_safetensors(data("train/optimisers.safetensors"));
    return file;
}

template <class Real>
std::vector<Real> numbers(const std::string& name, const nn::tensor_shape& shape) {
    std::size_t n = 1;
    for (const std::size_t s : shape) n *= s;
    std::vector<Real> out(n);
    fixture().copy<Real>(name, shape, out);
    return out;
}

// Makes ten steps and gives the greatest relative difference to the fixture.
template <class Real>
double difference(const train::optimiser_config& config, const std::string& name) {
    auto w = numbers<Real>("w0", {7});
    const auto gradients = numbers<Real>("gradients", {10, 7}), expected = numbers<Real>(name, {10, 7});
    const auto rates = numbers<double>("rates", {10});
    train::optimiser<Real> optimiser(config, 7);
    double worst = 0;
    for (std::size_t t = 0; t < 10; ++t) {
        optimiser.update(w, std::span(gradients).subspan(7 * t, 7), rates[t]);
        for (std::size_t i = 0; i < 7; ++i) {
            const double e = static_cast<double>(expected[7 * t + i]);
            worst = std::max(worst, std::abs(static_cast<double>(w[i]) - e) / std::max(std::abs(e), 0.01));
        }
    }
    return worst;
}

using train::centring, train::epsilon_place, train::nesterov, train::rate_place;

}  // namespace

TEST_CASE("ten steps as PyTorch makes them") {
    const std::vector<std::pair<std::string, train::optimiser_config>> cases{
        {"sgd", train::sgd_config{}},
        {"sgd_momentum", train::sgd_config{.momentum = 0.9}},
        {"sgd_nesterov", train::sgd_config{.momentum = 0.9, .weight_decay = 0.1, .look_ahead = nesterov::on}},
        {"sgd_dampened", train::sgd_config{.momentum = 0.8, .dampening = 0.3, .weight_decay = 0.05}},
        {"rmsprop", train::rmsprop_config{.decay = 0.9, .epsilon = 1e-3}},
        {"rmsprop_all",
         train::rmsprop_config{.decay = 0.95, .epsilon = 1e-3, .momentum = 0.7, .weight_decay = 0.02, .centred = centring::on}},
        {"adam", train::adam_config{.epsilon = 1e-3}},
        {"adam_decay", train::adam_config{.beta1 = 0.8, .beta2 = 0.98, .weight_decay = 0.1}},
        {"adamw", train::adamw_config{.beta1 = 0.9, .beta2 = 0.98, .weight_decay = 0.1}},
    };
    for (const auto& [name, config] : cases) {
        INFO(name);
        CHECK(difference<double>(config, "torch." + name) < 1e-13);
        CHECK(difference<float>(config, "torch." + name + ".f32") < 2e-5);
    }
}

TEST_CASE("ten steps as Keras defines them") {
    auto rmsprop = train::keras_rmsprop();
    rmsprop.epsilon = 1e-3;  // large enough to show its place
    auto all = rmsprop;
    all.momentum = 0.7;
    all.centred = centring::on;
    auto old = rmsprop;
    old.place = epsilon_place::after_root;
    auto adam = train::keras_adam();
    adam.epsilon = 1e-3;
    CHECK(difference<double>(train::sgd_config{.momentum = 0.9, .rate = rate_place::inside_momentum}, "keras.sgd_momentum") <
          1e-13);
    CHECK(
        difference<double>(train::sgd_config{.momentum = 0.9, .look_ahead = nesterov::on, .rate = rate_place::inside_momentum},
                           "keras.sgd_nesterov") < 1e-13);
    CHECK(difference<double>(rmsprop, "keras.rmsprop") < 1e-13);
    CHECK(difference<double>(all, "keras.rmsprop_all") < 1e-13);
    CHECK(difference<double>(old, "keras.rmsprop_2_10") < 1e-13);
    CHECK(difference<double>(adam, "keras.adam") < 1e-12);
    // The two libraries' rules are not each other's.
    CHECK(difference<double>(rmsprop, "torch.rmsprop") > 1e-6);
    CHECK(difference<double>(adam, "torch.adam") > 1e-6);
    CHECK(difference<double>(train::sgd_config{.momentum = 0.9}, "keras.sgd_momentum") > 1e-3);
    // The number in the documentation of keras.optimizers.RMSprop.
    double w = 10;
    const double g = 10;
    train::optimiser<double>(train::keras_rmsprop(), 1).update({&w, 1}, {&g, 1}, 0.1);
    CHECK(w == Approx(9.683772).margin(5e-7));
}

TEST_CASE("groups are treated each in its way, and what is in none stays") {
    std::vector<float> w{1, 1, 1, 1, 1}, still(5, 0.0F);
    const std::vector<train::parameter_group> groups{
        {.first = 0, .count = 2}, {.first = 2, .count = 1, .decay_scale = 0}, {.first = 3, .count = 1, .rate_scale = 0.5}};
    train::optimiser<float> optimiser(train::adamw_config{.weight_decay = 0.5}, 5);
    optimiser.update(w, still, 0.1, groups);
    CHECK(w == std::vector<float>{0.95F, 0.95F, 1, 0.975F, 1});
    CHECK(optimiser.updates() == 1);

    std::vector<float> arena(10), buffer(3);
    const std::vector<nn::named_tensor<float>> tensors{
        {"bias", {4}, std::span(arena).first(4)}, {"weight", {2, 3}, std::span(arena).last(6)}, {"mean", {3}, buffer}};
    const auto found = train::decay_matrices_only<float>(tensors, arena);
    REQUIRE(found.size() == 2);
    CHECK((found[0].first == 0 && found[0].count == 4 && found[0].decay_scale == 0));
    CHECK((found[1].first == 4 && found[1].count == 6 && found[1].decay_scale == 1));
}

TEST_CASE("an optimiser goes on from its saved state as if it had never stopped") {
    const auto gradients = numbers<float>("gradients", {10, 7});
    for (const train::optimiser_config& config :
         {train::optimiser_config{train::sgd_config{.momentum = 0.9}},
          train::optimiser_config{train::rmsprop_config{.momentum = 0.5, .centred = centring::on}},
          train::optimiser_config{train::adam_config{}}, train::optimiser_config{train::adamw_config{}}}) {
        auto w = numbers<float>("w0", {7}), w2 = w;
        train::optimiser<float> whole(config, 7), first(config, 7), second(config, 7);
        for (std::size_t t = 0; t < 10; ++t) whole.update(w, std::span(gradients).subspan(7 * t, 7), 0.01);
        for (std::size_t t = 0; t < 10; ++t) {
            if (t == 4) {
                second.set_updates(first.updates());
                auto from = first.state(), to = second.state();
                for (std::size_t i = 0; i < from.size(); ++i)
                    std::copy(from[i].values.begin(), from[i].values.end(), to[i].values.begin());
            }
            (t < 4 ? first : second).update(w2, std::span(gradients).subspan(7 * t, 7), 0.01);
        }
        CHECK(w == w2);
        CHECK(!whole.description().at("kind").get<std::string>().empty());
    }
}
