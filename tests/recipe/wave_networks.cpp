#include <lofi/recipe/wave_networks.hpp>

#include <lofi/recipe/wave_training.hpp>

#include "support/test.hpp"

using namespace lofi;

namespace {

using lofigen4 = recipe::lofigen_model<4>;
using wavenet10 = recipe::wavenet_model<10>;
using recipe::wave_tcn_model;
static_assert(recipe::wave_model<lofigen4> && recipe::wave_model<wavenet10> && recipe::wave_model<wave_tcn_model>);

std::vector<float> tone(std::size_t n, double step = 0.31) {
    std::vector<float> x(n);
    for (std::size_t t = 0; t < n; ++t) x[t] = static_cast<float>(0.4 * std::sin(step * static_cast<double>(t)));
    return x;
}

/// A few steps of Adam on one batch.
template <class Model>
std::vector<double> learn(Model& m, std::span<const float> windows, double rate, int steps) {
    train::optimiser<float> adam(train::adam_config{}, m.parameters().size());
    std::vector<double> losses;
    for (int i = 0; i < steps; ++i) {
        std::fill(m.gradients().begin(), m.gradients().end(), 0.0F);
        losses.push_back(m.train_step(windows, random_key{static_cast<std::uint64_t>(i)})[0].value);
        adam.update(m.parameters(), m.gradients(), rate);
    }
    return losses;
}

}  // namespace

TEST_CASE("published sizes of LofiGen, its field, and WaveNet's") {
    using cpu = backend::cpu<float>;
    static_assert(model::lofigen<6, cpu>::parameter_count == 4722977);
    static_assert(model::lofigen<4, cpu>::parameter_count == 528481);
    static_assert(model::lofigen_receptive_field<6> == 1275);
    static_assert(model::mu_law_wavenet<model::mu_law_wavenet_config{}, cpu>::parameter_count == 175552);
    static_assert(model::mu_law_wavenet<model::mu_law_wavenet_config{.layers = 30}, cpu>::receptive_field == 3070);
    static_assert(model::wave_tcn<model::wave_tcn_config{}, cpu>::receptive_field == 505);
}

TEST_CASE("LofiGen learns a tone, and streaming is the parallel network") {
    lofigen4 m(hertz(8000), random_key{1});
    const std::vector<float> x = tone(m.window());
    const auto losses = learn(m, x, 1e-3, 20);
    CHECK(losses.back() < 0.5 * losses.front());

    // The first sample that it makes is what it predicts after the seed.
    const std::vector<float> seed(x.begin(), x.begin() + 8192);
    std::vector<float> longer = seed;
    longer.push_back(0);
    const float said = m.predict(longer).back();
    CHECK(m.generate(seed, 1, {}, 1)[0] == Approx(said).margin(2e-5));
}

TEST_CASE("WaveNet learns, draws by seed, and streaming is the parallel network") {
    wavenet10 m(hertz(8000), random_key{2});
    const std::vector<float> x = tone(m.window());
    const auto losses = learn(m, x, 5e-3, 8);
    CHECK(losses.front() == Approx(8).margin(1.5));
    CHECK(losses.back() < losses.front() - 0.5);

    const std::vector<float> seed(x.begin(), x.begin() + 1500);
    std::vector<float> longer = seed;
    longer.push_back(0);
    const std::vector<float> logits = m.predict(longer);
    const auto best = std::max_element(logits.end() - 256, logits.end()) - (logits.end() - 256);
    CHECK(m.generate(seed, 1, {}, 0)[0] == audio::decode_mu_law_256(static_cast<std::uint8_t>(best)));
    const auto a = m.generate(seed, 200, random_key{7}, 1);
    CHECK(a == m.generate(seed, 200, random_key{7}, 1));
    CHECK(a != m.generate(seed, 200, random_key{8}, 1));
}

TEST_CASE("TCN learns, and streaming is the parallel network") {
    wave_tcn_model m(hertz(8000), random_key{3});
    std::vector<float> windows;
    const std::vector<float> x = tone(2000);
    for (std::size_t i = 0; i < 8; ++i)
        windows.insert(windows.end(), x.begin() + static_cast<long>(37 * i),
                       x.begin() + static_cast<long>(37 * i + m.window()));
    const auto losses = learn(m, windows, 1e-3, 10);
    CHECK(losses.back() < 0.5 * losses.front());
    // A window's next sample, as training saw it, is what streaming says: the last of the errors of one window alone.
    const std::vector<float> one(windows.begin(), windows.begin() + static_cast<long>(m.window()));
    const double gain = m.validate(one)[1].value;
    const std::vector<float> seed(one.begin(), one.begin() + 512);
    const double v = static_cast<double>(one[512]), e = v - static_cast<double>(m.generate(seed, 1, {}, 1)[0]);
    CHECK(20 * std::log10(std::abs(v / e)) == Approx(gain).margin(0.05));
}

TEST_CASE("a batch that is learned in parts has the gradient of the whole, each window counting alike") {
    wave_tcn_model m(hertz(8000), random_key{3});
    const std::vector<float> x = tone(3000);
    const auto gradient = [&](std::size_t first, std::size_t count) {
        std::vector<float> windows;
        for (std::size_t i = first; i < first + count; ++i)
            windows.insert(windows.end(), x.begin() + static_cast<long>(37 * i),
                           x.begin() + static_cast<long>(37 * i + m.window()));
        std::fill(m.gradients().begin(), m.gradients().end(), 0.0F);
        (void)m.train_step(windows, {});
        return std::vector<float>(m.gradients().begin(), m.gradients().end());
    };
    const auto whole = gradient(0, 33), many = gradient(0, 32), last = gradient(32, 1);
    double error = 0, size = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        const double wanted = (32.0 * static_cast<double>(many[i]) + static_cast<double>(last[i])) / 33.0;
        error += std::pow(static_cast<double>(whole[i]) - wanted, 2), size += wanted * wanted;
    }
    CHECK(std::sqrt(error / size) < 1e-5);
}
