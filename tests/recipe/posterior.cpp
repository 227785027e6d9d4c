#include <lofi/recipe/posterior.hpp>

#include <vector>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("posteriors: a cost that knows nothing of z is the importance-weighted bound, and the divergence is Gauss's") {
    // p(x|z) = exp(-3) whatever z is, so p(x) is that too.
    const std::vector<float> mean = {.5F, -.25F}, log_variance = {-.4F, .2F};
    std::vector<float> z(2);
    random_stream random(random_key{1});
    recipe::latent_spread spread(2);
    std::vector<double> costs = {3};
    std::size_t calls = 0;
    const auto found = recipe::weigh_posteriors(backend::columns<const float, 2>(mean.data(), 1),
                                                backend::columns<const float, 2>(log_variance.data(), 1),
                                                backend::columns<float, 2>(z.data(), 1), 20000, random, spread, [&] {
                                                    ++calls;
                                                    return std::span<const double>(costs);
                                                });
    CHECK(calls == 20000);
    CHECK(found[0].importance == Approx(3).margin(.02));
    const auto of = [](double m, double l) { return (m * m + std::exp(l) - l - 1) / 2; };
    CHECK(found[0].divergence == Approx(of(.5, -.4) + of(-.25, .2)).epsilon(1e-6));
}

TEST_CASE("posteriors: one draw's weight is its log-ratio and its cost, and means are spread over examples") {
    const std::vector<double> mean = {0, 2, 4}, log_variance = {0, 0, 0};
    std::vector<double> z(3);
    random_stream random(random_key{2});
    recipe::latent_spread spread(1);
    std::vector<double> costs(3);
    const auto found = recipe::weigh_posteriors(backend::columns<const double, 1>(mean.data(), 3),
                                                backend::columns<const double, 1>(log_variance.data(), 3),
                                                backend::columns<double, 1>(z.data(), 3), 1, random, spread, [&] {
                                                    for (std::size_t b = 0; b < 3; ++b) costs[b] = z[b];
                                                    return std::span<const double>(costs);
                                                });
    for (std::size_t b = 0; b < 3; ++b) {
        const double noise = z[b] - mean[b];
        CHECK(found[b].importance == Approx(z[b] - (noise * noise - z[b] * z[b]) / 2));
    }
    CHECK(spread.variance(3)[0] == Approx(8.0 / 3));
}
