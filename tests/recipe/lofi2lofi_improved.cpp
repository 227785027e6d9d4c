#include <lofi/recipe/lofi2lofi_improved.hpp>

#include <lofi/analysis/lead_measures.hpp>
#include <lofi/recipe/lofi2lofi_quantise.hpp>
#include <lofi/recipe/lofi2lofi_samples.hpp>
#include <lofi/recipe/weights_header.hpp>

#include "support/test.hpp"

using namespace lofi;

namespace {

constexpr model::lofi2lofi_config small{.latent = 8, .encoder = 12, .chord = 24, .melody = 32};

/// Sheets with a habit: I V vi IV, and a melody that steps up the chord and repeats its bars.
std::vector<score::lead_sheet> habit(std::size_t count, bool with_melody, std::uint64_t seed) {
    std::vector<score::lead_sheet> out;
    random_stream random(random_key{seed});
    for (std::size_t i = 0; i < count; ++i) {
        score::lead_sheet s;
        s.tempo = bpm(100 + uniform_below(random, 80));
        s.has_melody = with_melody;
        const std::uint32_t rows = 4 * (1 + uniform_below(random, 3)), turn = uniform_below(random, 4);
        for (std::uint32_t r = 0; r < rows; ++r) {
            constexpr std::uint8_t chords[] = {1, 5, 6, 4};
            score::lead_row row;
            row.chord = chords[(r + turn) % 4];
            for (std::size_t k = 0; k < 8; ++k) row.melody[k] = static_cast<std::uint8_t>(row.chord + 2 * (k / 4));
            s.rows.push_back(row);
        }
        out.push_back(s);
    }
    return out;
}

std::vector<model::lead_example> examples(const std::vector<score::lead_sheet>& sheets) {
    std::vector<model::lead_example> out;
    for (const auto& s : sheets) out.push_back(model::to_example(s, 1));
    return out;
}

recipe::lead_examples training() { return {examples(habit(64, true, 1)), examples(habit(64, false, 2)), {}}; }

}  // namespace

TEST_CASE("improved recipe: learns a habit, and what it learned survives quantising") {
    recipe::lofi2lofi_recipe r;
    r.batch = 16;
    r.epochs = 40;
    r.vary = {.tempo_spread = .1, .mode_flip = 0, .octave = 0};
    recipe::lofi2lofi_trainee<small> net(r, training(), examples(habit(16, true, 3)));
    const test::temporary_folder folder;
    train::loop_config loop = net.loop(folder / "run");
    loop.plots = train::pictures::off;
    loop.show = train::progress_style::silent;
    const double before = train::value_of(net.validate(), "bits per row");
    const auto done = train::train(net, loop);
    CHECK(before > 15);
    CHECK(done.best < before / 3);  // an END and a turn in four have to be told; the rest follows

    const auto made =
        recipe::samples<small, backend::cpu<float>>(net.view().decode, examples(habit(20, true, 4)), 100, {}, random_key{5});
    const auto arena = recipe::quantise<small>(net.view().decode);
    backend::fixed_cursor cursor(arena);
    const auto fixed = model::lofi2lofi_decoder<small, backend::fixed>::params::bind(cursor);
    REQUIRE(cursor.complete());
    const auto report = recipe::compare<small>(net.view().decode, fixed, examples(habit(20, true, 4)), random_key{6});
    CHECK(report.chord_divergence < .01);
    CHECK(report.slot_divergence < .01);
    CHECK(report.chord_agreement > .98);
    CHECK(report.slot_agreement > .98);
    CHECK(analysis::measure(made).chord_tone_on_one > .9);
    CHECK_THAT(recipe::header_text(arena, "words", "a test"), test::contains("inline constexpr std::uint64_t words[] = {"));
}

TEST_CASE(
    "improved recipe: bounds are finite, the importance-weighted one is the lower, and each step follows from its number") {
    recipe::lofi2lofi_recipe r;
    r.batch = 16;
    r.epochs = 2;
    recipe::lofi2lofi_trainee<small> a(r, training(), examples(habit(8, true, 3))),
        b(r, training(), examples(habit(8, true, 3)));
    const auto bounds =
        recipe::bounds<recipe::lofi2lofi_trainee<small>::network>(a.view(), examples(habit(8, true, 3)), 16, random_key{1});
    CHECK(std::isfinite(bounds.elbo_bits_per_row()));
    CHECK(bounds.importance_bits_per_row() <= bounds.elbo_bits_per_row() + 1e-9);
    CHECK(bounds.mean_variance.size() == small.latent);

    // Step 3 gives the same gradients whatever steps came before it.
    for (const std::uint64_t step : {0, 1, 2}) static_cast<void>(a.train_step(step, random_key{9}.child(step)));
    std::fill(a.gradients().begin(), a.gradients().end(), 0.0F);
    static_cast<void>(a.train_step(3, random_key{9}.child(3)));
    static_cast<void>(b.train_step(3, random_key{9}.child(3)));
    CHECK(std::equal(a.gradients().begin(), a.gradients().end(), b.gradients().begin()));
}

TEST_CASE("improved recipe: too few phrases are refused by number") {
    recipe::lead_examples few{examples(habit(5, true, 1)), {}, {}};
    CHECK_THROWS_WITH((recipe::lofi2lofi_trainee<small>({}, few, examples(habit(5, true, 1)))), test::contains("was given 5"));
    CHECK_THROWS_WITH((recipe::lofi2lofi_trainee<small>({.batch = 4}, few, {})), test::contains("to validate on"));
}
