#include <lofi/model/lofi2lofi_published_decoder_training.hpp>

#include <vector>

#include "support/test.hpp"

#include <lofi/backend/cpu.hpp>

using namespace lofi;

namespace {

constexpr model::published_config tiny{.hidden = 6, .small = 3, .latent = 5};
using backend_type = backend::cpu<double>;
using decoder = model::published_decoder<tiny, backend_type>;

/// Weights far enough from their start that tracks differ.
nn::parameters<decoder> lively(std::uint64_t seed) {
    nn::parameters<decoder> weights(random_key{seed}, nn::scheme::pytorch);
    for (double& v : weights.flat()) v *= 3;
    return weights;
}

std::vector<float> latents(std::size_t count) {
    std::vector<float> z(5 * count);
    random_stream random(random_key{9});
    nn::fill_normal(std::span(z), 1.0, random);
    return z;
}

}  // namespace

TEST_CASE("a latent decodes to the same tokens step by step and in a batch") {
    constexpr std::size_t count = 40;
    const auto z = latents(count);
    std::vector<double> wide(z.begin(), z.end());
    std::size_t ended = 0, whole = 0;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        auto weights = lively(seed);
        backend_type be;
        nn::context ctx;
        ctx.begin({});
        model::published_batch b;
        b.size = count, b.bars = model::published_rows;
        b.chords.resize(b.bars * count), b.melody.resize(8 * b.bars * count);
        model::published_decoder_run<tiny, backend_type> run(be, ctx, weights.view(), b);
        run.forward(nn::columns<const double, 5>(wide.data(), count), model::own_tokens(b));
        const auto chords = run.chords.fed(), melody = run.melody.fed();
        for (std::size_t i = 0; i < count; ++i) {
            const auto track =
                model::generate<tiny, backend_type>(be, weights.view(), frame<const float, 5>(z.data() + 5 * i, 5));
            std::size_t rows = 0;
            while (rows < 50 && chords[rows * count + i] != token::end_chord) ++rows;
            REQUIRE(track.sheet.rows.size() == rows);
            (rows == 50 ? whole : ended) += 1;
            for (std::size_t r = 0; r < rows; ++r) {
                REQUIRE(track.sheet.rows[r].chord == chords[r * count + i]);
                for (std::size_t k = 0; k < 8; ++k) REQUIRE(track.sheet.rows[r].melody[k] == melody[(8 * r + k) * count + i]);
            }
            REQUIRE(token::check(track.sheet));
            CHECK(track.sheet.title == model::published_title(std::span(z).subspan(5 * i, 5)));
        }
    }
    // Both ways to an end were seen.
    CHECK(ended > 0);
    CHECK(whole > 0);
}

TEST_CASE("the first slot of a later bar has not heard of its chord") {
    auto weights = lively(1);
    backend_type be;
    const std::vector<double> z(5, 0.3);
    const auto logits_of = [&](std::int32_t second_chord) {
        nn::context ctx;
        ctx.begin({});
        model::published_batch b;
        b.size = 1, b.bars = 2;
        b.chords = {1, second_chord}, b.melody.assign(16, 3);
        model::published_decoder_run<tiny, backend_type> run(be, ctx, weights.view(), b);
        run.forward(nn::columns<const double, 5>(z.data(), 1), model::true_tokens(b));
        const auto y = run.melody.predict();
        return std::vector<double>(y.data(), y.data() + 16 * 15);
    };
    const auto a = logits_of(2), b = logits_of(5);
    const std::size_t slot_9 = 9 * 15;
    CHECK(std::equal(a.begin(), a.begin() + slot_9, b.begin()));
    CHECK_FALSE(std::equal(a.begin() + slot_9, a.begin() + slot_9 + 15, b.begin() + slot_9));
}

TEST_CASE("heads are brought into bounds in the sheet alone") {
    nn::parameters<decoder> weights;  // zeros
    backend_type be;
    const std::vector<float> z(5, 0.5F);
    auto p = weights.view();
    *std::get<2>(p.tempo.all).b = 1.7, *std::get<2>(p.valence.all).b = -0.4, *std::get<2>(p.energy.all).b = 0.12345;
    std::get<2>(p.key.all).b[11] = 1, std::get<2>(p.mode.all).b[5] = 1;
    const auto track = model::generate<tiny, backend_type>(be, p, frame<const float, 5>(z.data(), 5));
    CHECK(track.tempo == 1.7);
    CHECK(track.valence == -0.4);
    CHECK(track.energy == 0.12345);
    CHECK(track.sheet.tempo.value == 100);
    CHECK(track.sheet.valence == 0);
    CHECK(track.sheet.energy == 0.123);
    CHECK(track.sheet.key == score::key{score::pitch_class(11), score::mode::aeolian});
    CHECK(track.sheet.rows == std::vector<score::lead_row>(50));  // no token is likelier than the first

    std::get<2>(p.chords.head.all).b[token::end_chord] = 1;
    CHECK(model::generate<tiny, backend_type>(be, p, frame<const float, 5>(z.data(), 5)).sheet.rows.empty());
}
