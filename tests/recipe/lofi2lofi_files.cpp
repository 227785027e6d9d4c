#include <lofi/recipe/lofi2lofi_files.hpp>

#include <cmath>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::test;

namespace {

constexpr model::lofi2lofi_config small{.latent = 6, .encoder = 5, .chord = 7, .melody = 8};
using trainee = recipe::lofi2lofi_trainee<small>;

recipe::lead_posterior<3> at(float x, float y, float z) { return {.mean = {x, y, z}, .log_variance = {0, -2, 2}}; }
double q(std::int32_t v) { return v / 65536.0; }

score::lead_sheet sheet(std::size_t rows, std::uint8_t first) {
    score::lead_sheet s;
    for (std::size_t i = 0; i < rows; ++i) {
        score::lead_row& row = s.rows.emplace_back();
        row.chord = static_cast<std::uint8_t>(1 + (first + i) % 7);
        for (std::size_t k = 0; k < 8; ++k) row.melody[k] = static_cast<std::uint8_t>((first + i + k / 2) % 15);
    }
    return s;
}

void write_weights(const std::filesystem::path& path, recipe::improved_weights<small>& weights) {
    const auto tensors = nn::tensors_of<trainee::network>(weights.view());
    nn::write_checkpoint(path, {trainee::kind(), trainee::config()}, nn::sources<float>(tensors));
}

}  // namespace

TEST_CASE("latents near a phrase spread as its posterior does") {
    const auto p = at(1, -2, .5F);
    const auto mean = recipe::latent_near(p, 0, random_key{1});
    for (std::size_t d = 0; d < 3; ++d) CHECK(q(mean[d]) == Approx(static_cast<double>(p.mean[d])).margin(1e-5));
    constexpr int draws = 4000;
    for (std::size_t d = 0; d < 3; ++d) {
        double sum = 0, square = 0;
        for (int i = 0; i < draws; ++i) {
            const double v = q(recipe::latent_near(p, 2, random_key{2}.child(static_cast<std::uint64_t>(i)))[d]) - q(mean[d]);
            sum += v, square += v * v;
        }
        const double deviation = 2 * std::exp(static_cast<double>(p.log_variance[d]) / 2);
        CHECK(std::abs(sum / draws) < 5 * deviation / std::sqrt(draws));
        CHECK(std::sqrt(square / draws) == Approx(deviation).epsilon(.06));
    }
}

TEST_CASE("the way between two phrases is an arc from one to the other") {
    const auto a = at(2, 0, 0), b = at(0, 2, 0);
    CHECK(recipe::latent_between(a, b, 0) == recipe::latent_near(a, 0, {}));
    CHECK(recipe::latent_between(a, b, 1) == recipe::latent_near(b, 0, {}));
    for (const double share : {.1, .5, .8}) {
        const auto z = recipe::latent_between(a, b, share);
        CHECK(std::hypot(q(z[0]), q(z[1])) == Approx(2).epsilon(1e-4));
        CHECK(std::atan2(q(z[1]), q(z[0])) == Approx(share * std::acos(0.0)).epsilon(1e-4));
    }
    // Means that point the same way, opposite ways, or nowhere.
    const auto far = recipe::latent_between(a, at(4, 0, 0), .5), through = recipe::latent_between(a, at(-2, 0, 0), .25),
               nowhere = recipe::latent_between(at(0, 0, 0), at(0, 0, 0), .5);
    CHECK(q(far[0]) == Approx(3));
    CHECK(q(through[0]) == Approx(1));
    CHECK(nowhere == recipe::lead_latent<3>{});
}

TEST_CASE("conditions glide, and what one side does not say is not said") {
    model::lead_conditions a, b;
    a.rows = 8, b.rows = 16, a.mode = 1, b.mode = 6, a.tempo = 100000, b.tempo = 140000, a.majors = 4, a.attacks = 10,
    b.attacks = 21;
    const auto c = recipe::conditions_between(a, b, .5);
    CHECK(c.rows == 12);
    CHECK(c.tempo == 120000);
    CHECK(c.attacks == 16);
    CHECK_FALSE(c.majors);
    CHECK(c.mode == 6);
    CHECK(recipe::conditions_between(a, b, .4).mode == 1);
}

TEST_CASE("phrases are encoded each by itself, with melody or without") {
    recipe::improved_weights<small> weights(random_key{3}, nn::scheme::pytorch);
    score::lead_sheet chords = sheet(4, 2);
    chords.has_melody = false;
    const std::vector<score::lead_sheet> three = {sheet(5, 0), sheet(9, 3), chords};
    const auto together = recipe::encode_phrases<small>(weights, three);
    REQUIRE(together.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        const auto alone = recipe::encode_phrases<small>(weights, std::span(&three[i], 1));
        CHECK(alone[0].mean == together[i].mean);
        CHECK(alone[0].log_variance == together[i].log_variance);
        for (const float v : together[i].mean) CHECK(std::isfinite(v));
    }
    CHECK(together[0].mean != together[1].mean);
    const std::vector<score::lead_sheet> empty = {three[0], score::lead_sheet{}}, longest = {sheet(65, 0)};
    CHECK_THROWS_WITH(recipe::encode_phrases<small>(weights, empty), contains("sheet 2: has 0 rows, and a phrase has 1 to 64"));
    CHECK_THROWS_WITH(recipe::encode_phrases<small>(weights, longest), contains("sheet 1: has 65 rows"));
}

TEST_CASE("weights are read as they were written, by the network they belong to") {
    const temporary_folder f;
    recipe::improved_weights<small> weights(random_key{4}, nn::scheme::pytorch);
    write_weights(f / "w.safetensors", weights);
    auto read = recipe::read_improved<small>(f / "w.safetensors");
    CHECK(std::equal(read.flat().begin(), read.flat().end(), weights.flat().begin()));
    CHECK_THROWS_WITH(recipe::read_improved<>(f / "w.safetensors"), contains("w.safetensors: its config differs at /"));
    weights.flat()[10] = NAN;
    write_weights(f / "nan.safetensors", weights);
    CHECK_THROWS_WITH(recipe::read_improved<small>(f / "nan.safetensors"), contains("nan.safetensors: tensor "));
}
