#include <lofi/nn/latent.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;
using test::exact_cpu;

template <nn::spread_form Form>
void check() {
    using latent = nn::gaussian_latent<nn::gaussian_latent_config{.size = 4, .form = Form}, exact_cpu>;
    constexpr std::size_t B = 3;
    exact_cpu be;
    nn::context ctx;
    std::vector<double> mean = test::noise(B * 4, 1), spread = test::noise(B * 4, 2), dz = test::noise(B * 4, 3);
    std::vector<double> z(B * 4), dmean(B * 4), dspread(B * 4), by_dimension(4);
    // Dimension 2 hardly diverges, so that free bits catch it.
    for (std::size_t n = 0; n < B; ++n) {
        mean[n * 4 + 2] = 0.01 * static_cast<double>(n);
        spread[n * 4 + 2] = Form == nn::spread_form::log_variance ? 0.01 : std::log(std::exp(1.0) - 1);
    }
    const nn::divergence_config config{.scale = 0.7, .free_nats = 0.05};
    const auto loss = [&] {
        ctx.begin(random_key{9});
        typename latent::tape tape;
        latent::forward(be, ctx, {mean.data(), B}, {spread.data(), B}, {z.data(), B}, tape);
        double sum = 0;
        for (std::size_t i = 0; i < z.size(); ++i) sum += z[i] * dz[i];
        return sum + 0.7 * latent::divergence(be, ctx, {mean.data(), B}, {spread.data(), B}, config, {}, {}, by_dimension);
    };
    loss();
    CHECK(by_dimension[2] < 0.05);
    CHECK(by_dimension[0] > 0.05);
    ctx.begin(random_key{9});
    typename latent::tape tape;
    latent::forward(be, ctx, {mean.data(), B}, {spread.data(), B}, {z.data(), B}, tape);
    latent::backward(be, ctx, tape, {dz.data(), B}, {dmean.data(), B}, {dspread.data(), B});
    const double total =
        latent::divergence(be, ctx, {mean.data(), B}, {spread.data(), B}, config, {dmean.data(), B}, {dspread.data(), B});
    CHECK(total == Approx(by_dimension[0] + by_dimension[1] + 0.05 + by_dimension[3]).epsilon(1e-12));
    CHECK(nn::check_gradient(mean, dmean, loss).worst <= 1e-6);
    CHECK(nn::check_gradient(spread, dspread, loss).worst <= 1e-6);

    ctx.mode = nn::mode::inference;
    latent::forward(be, ctx, {mean.data(), B}, {spread.data(), B}, {z.data(), B}, tape);
    CHECK(z == mean);
}

TEST_CASE("latent: gradients of the draw and of the divergence with free bits") {
    check<nn::spread_form::log_variance>();
    check<nn::spread_form::softplus>();
}

TEST_CASE("latent: draws have the mean and the deviation asked for") {
    using latent = nn::gaussian_latent<nn::gaussian_latent_config{.size = 1}, exact_cpu>;
    constexpr std::size_t n = 40000;
    exact_cpu be;
    nn::context ctx;
    ctx.begin(random_key{2});
    std::vector<double> mean(n, 0.5), spread(n, std::log(4.0)), z(n);
    latent::tape tape;
    latent::forward(be, ctx, {mean.data(), n}, {spread.data(), n}, {z.data(), n}, tape);
    double sum = 0, squares = 0;
    for (const double v : z) sum += v, squares += (v - 0.5) * (v - 0.5);
    CHECK(sum / n == Approx(0.5).margin(0.05));  // five standard errors
    CHECK(std::sqrt(squares / n) == Approx(2.0).margin(0.04));
}

TEST_CASE("latent: beta schedules") {
    using s = nn::beta_schedule;
    CHECK(s{.greatest = 0.2}.at(0) == 0.2);
    const s linear{.curve = s::shape::linear, .greatest = 0.5, .steps = 100};
    CHECK(linear.at(0) == 0);
    CHECK(linear.at(50) == Approx(0.25));
    CHECK(linear.at(1000) == 0.5);
    const s music_vae{.curve = s::shape::exponential, .greatest = 0.2, .rate = 0.99999};
    CHECK(music_vae.at(0) == 0);
    CHECK(music_vae.at(100000) == Approx(0.2 * (1 - std::exp(-1.0))).epsilon(1e-4));
    const s cyclic{.curve = s::shape::cyclic, .greatest = 1, .steps = 10};
    CHECK(cyclic.at(2) == Approx(0.4));
    CHECK(cyclic.at(7) == 1);
    CHECK(cyclic.at(10) == 0);
}
