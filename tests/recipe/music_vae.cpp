#include <lofi/recipe/music_vae.hpp>

#include "support/test.hpp"

#include <lofi/backend/fixed.hpp>
#include <lofi/recipe/music_vae_quantise.hpp>

using namespace lofi;

namespace {

constexpr model::music_vae_config small{.latent = 4, .encoder = 16, .decoder = 32};
using trainee = recipe::music_vae_trainee<small>;

/// Scales up and down from C, in quarters or in halves; what follows is the same again, or the other one.
std::vector<model::segment_example> habit(std::size_t count, std::uint64_t seed) {
    std::vector<model::segment_example> out;
    random_stream random(random_key{seed});
    const auto tune = [&](bool up, bool slow) {
        model::segment s{};
        for (std::size_t t = 0; t < s.size(); t += slow ? 8 : 4) {
            constexpr std::uint8_t scale[] = {0, 2, 4, 5, 7, 9, 11, 12};
            const std::size_t step = t / 4;
            s[t] = static_cast<std::uint8_t>(41 + scale[up ? step : 7 - step]);
        }
        return s;
    };
    for (std::size_t i = 0; i < count; ++i) {
        const bool up = chance(random, 1, 2), slow = chance(random, 1, 2);
        const std::vector<model::segment> before = {tune(!up, slow)};
        out.push_back(model::to_segment_example(tune(up, slow), before, {.style = 1, .scale = score::mode::ionian}));
    }
    return out;
}

train::loop_config quiet(train::loop_config c) {
    c.plots = train::pictures::off;
    c.show = train::progress_style::silent;
    return c;
}

double mean(const std::vector<double>& v) {
    double sum = 0;
    for (const double x : v) sum += x;
    return sum / static_cast<double>(v.size());
}

}  // namespace

TEST_CASE("melody network recipe: learns what follows what, keeps it in fixed point, and writes it") {
    recipe::music_vae_recipe r;
    r.epochs = 120, r.batch = 16, r.rate = 1e-2, r.average = .9, r.feature_dropout = 0, r.free_nats = 0;
    trainee net(r, habit(64, 1), habit(16, 2));
    const test::temporary_folder folder;
    const double before = train::value_of(net.validate(), "bits per step");
    train::loop_config loop = quiet(net.loop(folder / "run"));
    loop.out = folder / "x.safetensors";
    train::train(net, loop);
    CHECK(before > 5);
    // Which of four tunes: none of it is news where the one before is known, and two bits in 32 steps where it is not.
    const auto test = habit(20, 3);
    const auto known = recipe::bounds<trainee::network>(net.view(), test, 4, random_key{1});
    const auto unknown =
        recipe::bounds<trainee::network>(net.view(), test, 4, random_key{1}, {.conditions = true, .before = false});
    CHECK(known.elbo_bits_per_step() < .06);
    CHECK(unknown.elbo_bits_per_step() > .04);
    CHECK(unknown.elbo_bits_per_step() < .2);
    CHECK(known.importance_bits_per_step() <= known.elbo_bits_per_step() + 2e-3);

    const double real = mean(recipe::stepped_costs<small, backend::cpu<float>>(net.view(), test));
    CHECK(real / 32 / std::log(2.0) < .06);
    const auto arena = recipe::quantise_music_vae<small>(net.view());
    backend::fixed_cursor cursor(arena);
    const auto fixed = model::music_vae<small, backend::fixed>::params::bind(cursor);
    REQUIRE(cursor.complete());
    CHECK(mean(recipe::stepped_costs<small, backend::fixed>(fixed, test)) == Approx(real).margin(.3));

    // The encoder steps as it runs over batches.
    const auto z = model::encode_segment<small>(backend::cpu<float>{}, net.view(), test[0].steps);
    const auto q = model::encode_segment<small>(backend::fixed{}, fixed, test[0].steps);
    for (std::size_t d = 0; d < z.size(); ++d) CHECK(std::abs(z[d] - q[d]) < 6000);

    model::segment_writer<small, backend::fixed> writer({}, fixed, {.style = 1, .scale = score::mode::ionian},
                                                        {.steps = {.temperature = 0}, .scale = {}}, random_key{5});
    std::size_t as_learned = 0;
    for (std::uint64_t i = 0; i < 6; ++i) {
        const model::segment s = writer.write(model::draw_segment_latent<small.latent>(random_key{i}));
        for (const auto& e : habit(8, i))
            if (e.steps == s) {
                ++as_learned;
                break;
            }
    }
    CHECK(as_learned >= 5);

    auto read = recipe::read_music_vae<small>(folder / "x.safetensors");
    CHECK(read.flat().size() == net.parameters().size());
    constexpr model::music_vae_config larger{.latent = 4, .encoder = 16, .decoder = 40};
    CHECK_THROWS_WITH(recipe::read_music_vae<larger>(folder / "x.safetensors"),
                      test::contains("its config differs at /decoder"));
}

TEST_CASE("melody network recipe: stops and resumes bit for bit; nothing to learn from is said") {
    recipe::music_vae_recipe r;
    r.epochs = 4, r.batch = 64;  // more than there are
    const test::temporary_folder folder;
    trainee whole(r, habit(20, 1), habit(4, 2));
    train::train(whole, quiet(whole.loop(folder / "whole")));
    trainee first(r, habit(20, 1), habit(4, 2));
    train::loop_config part = quiet(first.loop(folder / "part"));
    part.steps = 2;
    train::train(first, part);
    trainee second(r, habit(20, 1), habit(4, 2));
    train::loop_config rest = quiet(second.loop(folder / "part"));
    rest.from = train::start::resume;
    train::train(second, rest);
    CHECK(std::equal(whole.parameters().begin(), whole.parameters().end(), second.parameters().begin()));
    CHECK_THROWS_WITH(trainee(r, {}, habit(1, 1)), test::contains("needs melodies to learn from"));
    CHECK_THROWS_WITH(trainee(r, habit(1, 1), {}), test::contains("needs melodies to validate on"));
}
