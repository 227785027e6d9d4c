#include <lofi/recipe/music_vae_published.hpp>

#include "support/test.hpp"

using namespace lofi;

namespace {

constexpr model::music_vae_published_config small{
    .encoder = 24, .latent = 6, .decoder = 24, .layers = 2, .greatest_beta = .2, .steps = 8};
using trainee = recipe::music_vae_published_trainee<small>;

/// One of two figures, from one of four pitches.
recipe::step_examples figures(std::size_t count, std::uint64_t seed) {
    recipe::step_examples out;
    random_stream random(random_key{seed});
    for (std::size_t i = 0; i < count; ++i) {
        const auto from = static_cast<std::int32_t>(40 + 2 * uniform_below(random, 4));
        if (uniform_below(random, 2) == 0)
            out.push_back({from, 0, from + 2, 0, from + 4, 0, 1, 0});
        else
            out.push_back({from, 0, 0, 0, from - 5, 0, 0, 0});
    }
    return out;
}

train::loop_config quiet(train::loop_config c) {
    c.plots = train::pictures::off;
    c.show = train::progress_style::silent;
    return c;
}

double bits(const std::vector<model::music_vae_cost>& costs) {
    model::music_vae_cost sum;
    for (const auto& c : costs) sum += c;
    return sum.bits_per_step();
}

}  // namespace

TEST_CASE("published MusicVAE recipe: learns figures, resumes bit for bit, reconstructs, writes and goes between") {
    recipe::music_vae_published_recipe r;
    r.batch = 16, r.steps = 800, r.rate = 1e-2, r.transpose = 0;
    const test::temporary_folder folder;
    trainee whole(r, figures(60, 1), figures(20, 2));
    const double before = train::value_of(whole.validate(), "bits per step");
    CHECK(before > 5);
    train::loop_config loop = quiet(whole.loop(folder / "whole"));
    loop.out = folder / "whole.safetensors";
    train::train(whole, loop);
    // So early the divergence costs next to nothing yet, and is not small: it is the steps that are learned.
    CHECK(train::value_of(whole.validate(), "accuracy") > .97);

    recipe::music_vae_published_recipe half = r;
    trainee first(half, figures(60, 1), figures(20, 2));
    train::loop_config part = quiet(first.loop(folder / "part"));
    part.steps = 300;
    train::train(first, part);
    trainee second(r, figures(60, 1), figures(20, 2));
    train::loop_config rest = quiet(second.loop(folder / "part"));
    rest.from = train::start::resume;
    rest.out = folder / "part.safetensors";
    train::train(second, rest);
    CHECK(std::equal(whole.parameters().begin(), whole.parameters().end(), second.parameters().begin()));

    auto weights = recipe::read_music_vae_published<small>(folder / "whole.safetensors");
    const auto examples = figures(20, 3);
    const auto means = recipe::music_vae_means<trainee::network>(weights.view(), examples);
    const sampling::sampler_config likeliest{.temperature = 0};
    const auto again = recipe::music_vae_write<trainee::network>(weights.view(), means, likeliest, random_key{1});
    std::size_t right = 0;
    for (std::size_t i = 0; i < examples.size(); ++i) right += again[i] == examples[i] ? 1 : 0;
    CHECK(right >= 15);
    CHECK(bits(recipe::music_vae_costs<trainee::network>(weights.view(), examples, random_key{1}, 4)) < before);

    const auto path = recipe::spherical_path(means[0], means[1], 5);
    const auto between = recipe::music_vae_write<trainee::network>(weights.view(), path, likeliest, random_key{1});
    CHECK(between.front() == again[0]);
    CHECK(between.back() == again[1]);

    // Pulled along "higher", pieces get higher.
    const auto height = [](const std::vector<std::int32_t>& e) {
        return static_cast<double>(*std::max_element(e.begin(), e.end()));
    };
    std::vector<double> heights;
    for (const auto& e : examples) heights.push_back(height(e));
    const auto higher = recipe::attribute_vector(means, heights);
    double risen = 0;
    for (const auto& z : means) {
        std::vector<recipe::latent_vector> two = {z, z};
        for (std::size_t d = 0; d < higher.size(); ++d) two[0][d] -= higher[d] / 2, two[1][d] += higher[d] / 2;
        const auto made = recipe::music_vae_write<trainee::network>(weights.view(), two, likeliest, random_key{1});
        risen += height(made[1]) - height(made[0]);
    }
    CHECK(risen > 0);
}

TEST_CASE("published MusicVAE recipe: paths keep to the circle, and odd ends go straight") {
    const auto path = recipe::spherical_path({1, 0}, {0, 2}, 3);
    CHECK(path[1][0] == Approx(1.5 * std::sqrt(.5)));
    CHECK(path[1][1] == Approx(1.5 * std::sqrt(.5)));
    CHECK(recipe::spherical_path({1, 0}, {-1, 0}, 3)[1] == recipe::latent_vector{0, 0});
    CHECK(recipe::spherical_path({0, 0}, {1, 2}, 2)[1] == recipe::latent_vector{1, 2});
}

TEST_CASE("published MusicVAE recipe: what does not fit is refused, and a batch larger than the set trains") {
    recipe::music_vae_published_recipe r;
    r.batch = 512, r.steps = 1;
    CHECK_THROWS_WITH(trainee(r, {}, figures(1, 1)), test::contains("needs examples to learn from"));
    CHECK_THROWS_WITH(trainee(r, figures(1, 1), {}), test::contains("needs examples to validate on"));
    CHECK_THROWS_WITH(trainee(r, {{1, 2}}, figures(1, 1)), test::contains("takes examples of 8 steps, and one has 2"));
    CHECK_THROWS_WITH(trainee(r, {{0, 0, 0, 0, 0, 0, 0, 90}}, figures(1, 1)), test::contains("a step is 90"));
    const test::temporary_folder folder;
    trainee net(r, figures(3, 1), figures(2, 1));
    CHECK(train::train(net, quiet(net.loop(folder / "run"))).step == 1);
    CHECK(net.memory() > 0);
}
