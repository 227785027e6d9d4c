#include <lofi/recipe/lofi2lofi_published_measures.hpp>

#include <cmath>
#include <vector>

#include "support/test.hpp"

using namespace lofi;

namespace {

constexpr model::published_config tiny{.hidden = 6, .small = 3, .latent = 5};
using backend_type = backend::cpu<double>;
using network = model::published_lofi2lofi<tiny, backend_type>;

std::vector<token::lead_tokens> phrases() {
    std::vector<token::lead_tokens> out;
    random_stream random(random_key{5});
    for (const std::size_t rows : {3U, 1U, 4U}) {
        token::lead_tokens p;
        for (std::size_t i = 0; i < rows; ++i) p.chords.push_back(static_cast<std::uint8_t>(uniform_below(random, 8)));
        p.chords.push_back(token::end_chord);
        for (std::size_t i = 0; i < 8 * rows; ++i) p.melody.push_back(static_cast<std::uint8_t>(uniform_below(random, 15)));
        out.push_back(p);
    }
    return out;
}

}  // namespace

TEST_CASE("a network of zeros costs what its classes cost") {
    nn::parameters<network> weights;
    const auto all = phrases();
    const recipe::lead_bounds b = recipe::published_bounds<tiny, backend_type>(weights.view(), all, 3, random_key{1});
    REQUIRE(b.phrases.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        const auto n = static_cast<double>(all[i].rows());
        CHECK(b.phrases[i].rows == all[i].rows());
        CHECK(b.phrases[i].chords == Approx((n + 1) * std::log(9.0)));
        CHECK(b.phrases[i].melody == Approx(8 * n * std::log(15.0)));
        CHECK(b.phrases[i].divergence == Approx(0.0).margin(1e-12));
        CHECK(b.phrases[i].importance == Approx(b.phrases[i].chords + b.phrases[i].melody));
    }
    CHECK(b.alive() == 0);
    CHECK(b.elbo_bits_per_row() == Approx((11 * std::log2(9.0) + 64 * std::log2(15.0)) / 8));
}

TEST_CASE("bounds are those of a calculation by hand, and the importance-weighted one is the lower cost") {
    nn::parameters<network> weights(random_key{2}, nn::scheme::pytorch);
    for (double& v : weights.flat()) v *= 2;
    const auto all = phrases();
    const auto p = weights.view();
    const auto b = recipe::published_bounds<tiny, backend_type>(p, all, 400, random_key{1});

    // Each phrase by itself, with noise of other draws: sums of the loss's means, and the divergence of the posterior.
    backend_type be;
    nn::context ctx;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto one = model::make_batch(std::span(all).subspan(i, 1), model::published_steps::likelihood);
        const auto n = static_cast<double>(all[i].rows());
        double chords = 0, melody = 0, divergence = 0;
        for (std::uint64_t s = 0; s < 400; ++s) {
            ctx.begin(random_key{77}.child(s));
            std::vector<double> noise(5);
            normal_noise(be, ctx.draw(), std::span(noise));
            const auto l =
                network::loss(be, ctx, p, one, model::true_tokens(one), nn::columns<const double, 5>(noise.data(), 1));
            chords += l.chords * (n + 1) / 400, melody += l.melody * 8 * n / 400, divergence = l.divergence * 5;
        }
        CHECK(b.phrases[i].chords == Approx(chords).epsilon(.02));
        CHECK(b.phrases[i].melody == Approx(melody).epsilon(.02));
        CHECK(b.phrases[i].divergence == Approx(divergence).epsilon(1e-12));
        CHECK(b.phrases[i].importance < b.phrases[i].chords + b.phrases[i].melody + b.phrases[i].divergence);
    }
    CHECK(b.importance_bits_per_row() < b.elbo_bits_per_row());
    CHECK(b.alive() > 0);
}

TEST_CASE("samples are of the prior, greedy, and the same for the same key") {
    nn::parameters<network> weights(random_key{2}, nn::scheme::pytorch);
    for (double& v : weights.flat()) v *= 3;
    const auto p = weights.view().get<"decoder">();
    const auto a = recipe::published_samples<tiny, backend_type>(p, 20, random_key{1});
    CHECK(a.size() == 20);
    CHECK(a == recipe::published_samples<tiny, backend_type>(p, 20, random_key{1}));
    CHECK(a != recipe::published_samples<tiny, backend_type>(p, 20, random_key{2}));
    for (const auto& sheet : a) CHECK(token::check(sheet));
    std::size_t same = 0;
    for (const auto& sheet : a) same += sheet.title == a[0].title ? 1 : 0;
    CHECK(same == 1);
}
