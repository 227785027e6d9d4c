#include <lofi/nn/density.hpp>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <lofi/nn/loss_density.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;

namespace {

/// Masses of neighbouring codes sum to 1, and slopes are those of the logarithm.
template <class D>
void check_density(std::array<double, D::size> out, double low, double high) {
    constexpr int parts = 4000;
    double sum = 0, mean = 0;
    for (int i = 0; i < parts; ++i) {
        const double a = low + (high - low) * i / parts, b = low + (high - low) * (i + 1) / parts;
        const double p = std::exp(D::log_mass(out.data(), a, b));
        sum += p, mean += p * (a + b) / 2;
    }
    CHECK(sum == Approx(1).epsilon(1e-6));
    CHECK(mean == Approx(D::mean(out.data())).epsilon(1e-3).margin(1e-3));

    for (const double x : {-40.0, -3.0, -0.2, 0.0, 0.1, 0.25, 2.0, 300.0})
        for (const double width : {1e-4, 0.01, 0.7}) {
            INFO(x << " " << width);
            std::array<double, D::size> slope{};
            const double at = D::log_mass(out.data(), x - width, x + width, slope.data());
            CHECK(std::isfinite(at));
            for (std::size_t i = 0; i < D::size; ++i) {
                auto moved = out;
                constexpr double step = 1e-5;
                moved[i] += step;
                const double above = D::log_mass(moved.data(), x - width, x + width);
                moved[i] -= 2 * step;
                const double below = D::log_mass(moved.data(), x - width, x + width);
                CHECK(slope[i] == Approx((above - below) / (2 * step)).epsilon(2e-5).margin(3e-6));
            }
            if (x > 100) continue;
            // Single precision says the same.
            std::array<float, D::size> single, single_slope;
            std::copy(out.begin(), out.end(), single.begin());
            const float low_f = static_cast<float>(x) - static_cast<float>(width),
                        high_f = static_cast<float>(x) + static_cast<float>(width);
            CHECK(D::log_mass(single.data(), low_f, high_f, single_slope.data()) == Approx(at).epsilon(2e-4).margin(0.002));
        }
}

template <class D>
void check_draws(std::array<double, D::size> out) {
    constexpr int draws = 20000;
    random_stream random(random_key{3});
    const double edges[] = {-1e9, -1, -0.3, 0, 0.2, 0.5, 1, 1e9};
    std::array<int, 7> counts{};
    for (int n = 0; n < draws; ++n) {
        const double x = D::draw(out.data(), random);
        for (std::size_t i = 0; i < 7; ++i) counts[i] += x >= edges[i] && x < edges[i + 1];
    }
    for (std::size_t i = 0; i < 7; ++i) {
        const double p = std::exp(D::log_mass(out.data(), edges[i], edges[i + 1]));
        CHECK(counts[i] / static_cast<double>(draws) == Approx(p).margin(4 * std::sqrt(p * (1 - p) / draws) + 1e-4));
    }
    // Cold draws stand at a mean.
    const double cold = D::draw(out.data(), random, 0.0);
    CHECK(std::abs(cold - D::mean(out.data())) < 1);
}

}  // namespace

TEST_CASE("densities: masses sum to 1, slopes, tails") {
    check_density<nn::laplace>({0.1, -0.7}, -20, 20);
    check_density<nn::gaussian>({-0.2, 0.3}, -20, 20);
    check_density<nn::logistic_mixture<3>>({0.3, -1, 0.5, -0.4, 0.2, 1.5, -1.2, -2.5, 0.1}, -40, 40);
    check_density<nn::logistic_mixture<1>>({5, 0.3, -0.4}, -40, 40);
}

TEST_CASE("densities: draws follow the density") {
    check_draws<nn::laplace>({0.1, -0.7});
    check_draws<nn::gaussian>({-0.2, 0.1});
    check_draws<nn::logistic_mixture<3>>({0.3, -1, 0.5, -0.4, 0.2, 0.6, -1.2, -2.5, -1.1});
    random_stream random(random_key{1});
    const float logits[] = {0, std::log(3.0F), -50};
    int ones = 0;
    for (int i = 0; i < 4000; ++i) {
        const std::size_t c = nn::draw_class(logits, 3, random);
        CHECK(c < 2);
        ones += c == 1;
    }
    CHECK(ones / 4000.0 == Approx(0.75).margin(0.03));
    CHECK(nn::draw_class(logits, 3, random, 0.0) == 1);
}

TEST_CASE("densities: PyTorch's losses and gradients of discretised mixtures") {
    std::ifstream file(std::string(LOFI_TEST_DATA) + "/nn/density.txt");
    REQUIRE(file);
    std::map<std::string, std::vector<double>> t;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string key;
        words >> key;
        for (double v; words >> v;) t[key].push_back(v);
    }
    const auto check = [&](auto density, const std::string& name) {
        using D = decltype(density);
        INFO(name);
        const std::size_t N = t["target"].size();
        std::vector<double> d(N * D::size);
        const auto r = nn::density_loss<D>(nn::columns<const double, D::size>(t[name + ".out"].data(), N),
                                           std::span<const double>(t["target"]), t["half"][0],
                                           nn::columns<double, D::size>(d.data(), N), 1.0);
        CHECK(r.nats == Approx(t[name + ".nats"][0]).epsilon(1e-9));
        CHECK(r.bits() == Approx(r.nats / std::log(2.0) / static_cast<double>(N)));
        CHECK(test::greatest_difference(d, t[name + ".dout"]) <= 1e-7);
    };
    check(nn::logistic_mixture<4>{}, "mixture");
    check(nn::laplace{}, "laplace");
    check(nn::gaussian{}, "gaussian");
}
