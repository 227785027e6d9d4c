#include <lofi/recipe/groove.hpp>

#include <lofi/recipe/groove_quantise.hpp>
#include <lofi/recipe/groove_yardsticks.hpp>
#include <lofi/recipe/weights_header.hpp>

#include "support/test.hpp"

using namespace lofi;
using score::drum;

namespace {

constexpr model::groove_config small{.hits = 24, .touches = 16};

/// Grooves with a habit: one of three kick figures that comes again in the second bar, a backbeat, loud beats, soft late off-beats.
std::vector<model::groove_example> habit(std::size_t count, std::uint64_t seed) {
    std::vector<model::groove_example> out;
    random_stream random(random_key{seed});
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t figure = uniform_below(random, 3);
        model::groove_example e;
        for (std::uint8_t step = 0; step < 32; ++step) {
            const int at = step % 16;
            const bool kick = at == 0 || at == (figure == 0 ? 8 : figure == 1 ? 10 : 7);
            if (kick) e.pattern.push_back({step, drum::kick, score::velocity(100), 0});
            if (at % 8 == 4) e.pattern.push_back({step, drum::snare, score::velocity(110), 20});
            const auto offset = static_cast<std::int8_t>(at % 4 == 0 ? -20 : 24);
            if (at % 2 == 0) e.pattern.push_back({step, drum::closed_hat, score::velocity(at % 4 == 0 ? 90 : 50), offset});
        }
        e.conditions.tempo = 90000;
        model::describe({e.pattern.data(), e.pattern.size()}, e.conditions);
        out.push_back(e);
    }
    return out;
}

model::groove_cost mean(const std::vector<model::groove_cost>& costs) {
    model::groove_cost sum;
    for (const auto& c : costs) sum += c;
    const double n = static_cast<double>(costs.size());
    return {sum.hits / n, sum.forces / n, sum.offsets / n};
}

recipe::groove_recipe quick() {
    recipe::groove_recipe r;
    r.batch = 16;
    r.epochs = 150;
    r.rate = 1e-2;
    r.average = .95;
    r.feature_dropout = 0;
    r.vary = {.force_spread = 0, .ride = 0};
    return r;
}

}  // namespace

TEST_CASE("groove recipe: learns a habit, better than table and trigram, and what it learned survives quantising") {
    recipe::groove_trainee<small> net(quick(), habit(64, 1), habit(32, 2));
    const test::temporary_folder folder;
    train::loop_config loop = net.loop(folder / "run");
    loop.plots = train::pictures::off;
    loop.show = train::progress_style::silent;
    const double before = train::value_of(net.validate(), "bits per groove");
    const auto done = train::train(net, loop);
    CHECK(before > 300);
    CHECK(done.best < 10);  // which of three figures has to be told: log2(3) bits; the rest follows

    const auto test = habit(30, 3);
    using network = recipe::groove_trainee<small>::network;
    const auto real = recipe::groove_bits<network>(net.view(), test);
    const auto arena = recipe::quantise_groove<small>(net.view());
    backend::fixed_cursor cursor(arena);
    const auto fixed = model::groove_network<small, backend::fixed>::params::bind(cursor);
    REQUIRE(cursor.complete());
    const auto whole = recipe::stepped_bits<small, backend::fixed>(fixed, test);
    const auto stepped = recipe::stepped_bits<small, backend::cpu<float>>(net.view(), test);
    for (std::size_t i = 0; i < test.size(); ++i) {
        CHECK(stepped[i].hits == Approx(real[i].hits).epsilon(1e-3).margin(1e-3));
        CHECK(stepped[i].forces == Approx(real[i].forces).epsilon(1e-3).margin(1e-3));
        CHECK(stepped[i].offsets == Approx(real[i].offsets).epsilon(1e-3).margin(1e-3));
    }
    CHECK(mean(whole).sum() == Approx(mean(real).sum()).margin(.3));
    for (const auto kind : {recipe::groove_yardstick::table, recipe::groove_yardstick::trigram}) {
        const recipe::groove_counts counts(kind, habit(64, 1));
        CHECK(mean(real).hits < counts.bits(test, counts.tune(habit(32, 2))).hits);
    }
    CHECK_THAT(recipe::header_text(arena, "words", "a test"), test::contains("inline constexpr std::uint64_t words[] = {"));

    // Finished weights and checkpoints are read again; those of other sizes are refused.
    CHECK_THROWS_WITH(recipe::read_groove<>(folder / "run" / "last.safetensors"), test::contains("its config differs at /"));
    CHECK(recipe::read_groove<small>(folder / "run" / "last.safetensors").flat().size() == net.parameters().size());
}

TEST_CASE("groove recipe: each step follows from its number") {
    recipe::groove_trainee<small> a(quick(), habit(64, 1), habit(8, 2)), b(quick(), habit(64, 1), habit(8, 2));
    for (const std::uint64_t step : {0, 1, 2}) static_cast<void>(a.train_step(step, random_key{9}.child(step)));
    std::fill(a.gradients().begin(), a.gradients().end(), 0.0F);
    static_cast<void>(a.train_step(3, random_key{9}.child(3)));
    static_cast<void>(b.train_step(3, random_key{9}.child(3)));
    CHECK(std::equal(a.gradients().begin(), a.gradients().end(), b.gradients().begin()));
}

TEST_CASE("groove recipe: too few windows are refused by number") {
    CHECK_THROWS_WITH((recipe::groove_trainee<small>({}, habit(5, 1), habit(5, 2))), test::contains("was given 5"));
    CHECK_THROWS_WITH((recipe::groove_trainee<small>({.batch = 4}, habit(5, 1), {})), test::contains("to validate on"));
}

TEST_CASE("groove recipe: windows become examples, styles groups") {
    corpus::groove_window w;
    w.tempo = bpm(91.5);
    w.style = "funk/purdieshuffle";
    w.swing = .5625;
    w.fill = true;
    w.groove.hits = {{0, drum::kick, score::velocity(90), 0}};
    const auto e = recipe::to_example(w);
    CHECK(e.conditions.tempo == 91500);
    CHECK(e.conditions.style == model::groove_style::funk);
    CHECK(e.conditions.kind == model::groove_kind::all_fill);
    CHECK(e.conditions.swing == 563);
    CHECK_FALSE(e.conditions.lilt.has_value());
    CHECK(e.conditions.hits == 1);
    CHECK(recipe::style_of("afrocuban/bembe") == model::groove_style::latin);
    CHECK(recipe::style_of("dance") == model::groove_style::other);
    CHECK(recipe::style_of("") == model::groove_style::not_told);

    w.groove.hits.clear();
    for (int i = 0; i < 200; ++i)
        w.groove.hits.push_back({static_cast<std::uint8_t>(i / 9), static_cast<drum>(i % 9), score::velocity(90), 0});
    CHECK(recipe::to_example(w).pattern.size() == model::most_hits);
}
