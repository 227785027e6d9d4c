#include <lofi/analysis/wave_baselines.hpp>

#include <cmath>
#include <map>
#include <sstream>
#include <vector>

#include <lofi/core/random.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::analysis;

namespace {
std::map<std::string, std::vector<double>> fixture() {
    std::map<std::string, std::vector<double>> all;
    std::istringstream lines(test::read_text(test::data("analysis/wave.txt")));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string name;
        words >> name;
        for (double v = 0; words >> v;) all[name].push_back(v);
    }
    return all;
}
std::vector<float> formula() {
    std::vector<float> x(300);
    for (std::size_t i = 0; i < 300; ++i) {
        const double n = static_cast<double>(i);
        x[i] =
            static_cast<float>(std::sin(0.11 * n) + 0.5 * std::sin(0.37 * n + 1) + 0.2 * std::cos(std::fmod(1.7 * n * n, 7.0)));
    }
    return x;
}
}  // namespace

TEST_CASE("bits of a code are scipy's, in the tails too") {
    const auto rows = fixture().at("bits");
    REQUIRE(rows.size() == 20);
    for (std::size_t i = 0; i < rows.size(); i += 4)
        CHECK(code_bits(laplace{rows[i], rows[i + 1]}, static_cast<int>(rows[i + 2])) == Approx(rows[i + 3]).epsilon(1e-6));
    CHECK(std::isfinite(code_bits(laplace{1, 1e-6}, -32768)));
}

TEST_CASE("masses sum to one, over codes and over classes") {
    const laplace d{0.01, 0.02};
    double codes = 0, classes = 0;
    for (int k = -32768; k <= 32767; ++k) codes += std::exp2(-code_bits(d, k));
    for (int c = 0; c < 256; ++c) classes += std::exp2(-mu_law_bits(d, static_cast<std::uint8_t>(c)));
    CHECK(codes == Approx(1).epsilon(1e-9));
    CHECK(classes == Approx(1).epsilon(1e-9));
}

TEST_CASE("a mu-law class spread over its codes is a probability of codes") {
    int all = 0;
    for (int c = 0; c < 256; ++c) {
        const int codes = codes_of_mu_law(static_cast<std::uint8_t>(c));
        CHECK(codes >= 5);
        all += codes;
    }
    CHECK(all == 65536);
    // Counted sample by sample.
    std::map<int, int> counted;
    for (int k = -32768; k <= 32767; ++k) ++counted[audio::encode_mu_law_256(static_cast<float>(k) / 32768.0F)];
    for (int c = 0; c < 256; ++c) CHECK(counted[c] == codes_of_mu_law(static_cast<std::uint8_t>(c)));
    CHECK(code_bits_of_mu_law(3, 128) == Approx(3 + std::log2(counted[128])));
}

TEST_CASE("weights are numpy's least squares, and learning ones step by step") {
    const auto expected = fixture();
    const std::vector<float> x = formula();
    linear_fit fit(4);
    fit.add(x);
    const auto w = fit.solve();
    for (std::size_t k = 0; k < 4; ++k) CHECK(w[k] == Approx(expected.at("weights")[k]).epsilon(1e-6));
    nlms filter({.taps = 8});
    for (std::size_t t = 0; t < x.size(); ++t) {
        if (t % 10 == 0) CHECK(filter.predicted() == Approx(expected.at("nlms")[t / 10]).margin(1e-9));
        filter.tick(static_cast<double>(x[t]));
    }
    filter.reset();
    CHECK(filter.predicted() == 0);
    linear_fit constant(4);
    constant.add(std::vector<float>(100, 0.5F));
    CHECK_THROWS_WITH(constant.solve(), test::contains("does not decide 4 weights"));
    CHECK_THROWS_AS(linear_fit(4).solve(), error);
}

TEST_CASE("baselines of sound whose best prediction is known") {
    // x[t] = 1.6 x[t-1] - .8 x[t-2] + Laplace noise of scale .01: nobody can do better than that scale.
    std::vector<std::vector<float>> clips(2);
    random_stream random(random_key{9});
    for (auto& clip : clips) {
        double a = 0, b = 0;
        for (int t = 0; t < 60000; ++t) {
            const double u = (static_cast<double>(random.next()) + 0.5) / 4294967296.0 - 0.5;
            const double e = -0.01 * (u < 0 ? -1 : 1) * std::log(1 - 2 * std::abs(u)), x = 1.6 * a - 0.8 * b + e;
            b = a, a = x;
            clip.push_back(static_cast<float>(x));
        }
    }
    const linear_model model = fit_linear(std::span(clips).first(1), 8);
    CHECK(model.weights[0] == Approx(1.6).margin(0.02));
    CHECK(model.weights[1] == Approx(-0.8).margin(0.02));
    CHECK(model.scale == Approx(0.01).epsilon(0.02));
    const auto rows = wave_baselines(model, std::span(clips).subspan(1));
    REQUIRE(rows.size() == 4);
    const double entropy = std::log2(2 * 2.718281828 * 0.01) + 15;  // of the noise, in steps of 16 bits
    CHECK(rows[1].bits16 == Approx(entropy).margin(0.02));
    CHECK(rows[2].bits16 == Approx(entropy).margin(0.04));
    CHECK(rows[3].bits16 > entropy);  // learning what is known already costs something
    CHECK(rows[3].bits16 < entropy + 0.3);
    CHECK(rows[1].gain.value > rows[0].gain.value + 3);
    CHECK(std::isnan(rows[0].bits16));
    const auto part = wave_baselines(model, clips, {.context = 100, .scored = 5000});
    CHECK(part[1].bits16 == Approx(entropy).margin(0.05));
    CHECK_THROWS_WITH(wave_baselines(model, clips, {.context = 70000}),
                      test::contains("no clip is longer than the 70000 samples"));
}
