#include <lofi/recipe/note_lstm.hpp>

#include <lofi/model/note_lstm_generate.hpp>
#include <lofi/recipe/note_lstm_published.hpp>
#include <lofi/recipe/note_lstm_quantise.hpp>

#include "recipe/note_habit.hpp"
#include "support/test.hpp"

using namespace lofi;

namespace {

constexpr model::note_lstm_config small{.hidden = 32};

double mean(const std::vector<model::note_cost>& costs) {
    model::note_cost sum;
    for (const auto& c : costs) sum += c;
    return sum.bits();
}

train::loop_config quiet(train::loop_config c) {
    c.plots = train::pictures::off;
    c.show = train::progress_style::silent;
    return c;
}

}  // namespace

TEST_CASE("note network recipe: learns a habit, keeps it in fixed point, and writes it") {
    recipe::note_lstm_recipe r;
    r.epochs = 150, r.batch = 8, r.rate = 1e-2, r.average = .9, r.feature_dropout = 0;
    recipe::note_lstm_trainee<small> net(r, test::habit(24, 1), test::habit(8, 2), {"ours"});
    const test::temporary_folder folder;
    const double before = train::value_of(net.validate(), "bits per token");
    const auto done = train::train(net, quiet(net.loop(folder / "run")));
    CHECK(before > 4);
    CHECK(done.best < .1);  // which of two figures: one bit in 41 tokens; the rest follows

    const auto test = test::habit(10, 3);
    using network = recipe::note_lstm_trainee<small>::network;
    const double real = mean(recipe::note_costs<network>(net.view(), test, recipe::note_told::all));
    CHECK(mean(recipe::stepped_costs<small, backend::cpu<float>>(net.view(), test)) == Approx(real).epsilon(1e-3));
    const auto arena = recipe::quantise_note_lstm<small>(net.view());
    backend::fixed_cursor cursor(arena);
    const auto fixed = model::note_lstm<small, backend::fixed>::params::bind(cursor);
    REQUIRE(cursor.complete());
    CHECK(mean(recipe::stepped_costs<small, backend::fixed>(fixed, test)) == Approx(real).margin(.02));

    std::size_t as_learned = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        model::note_conditions c{.style = 1, .scale = score::mode::ionian, .tempo = 80000, .bars = 4};
        model::note_writer<small, backend::fixed> writer({}, fixed, c, {}, random_key{seed});
        std::vector<std::int32_t> ids;
        for (std::int32_t id = writer.step(); id >= 0; id = writer.step()) ids.push_back(id);
        CHECK(token::decode_hands(ids, {}));
        for (const auto& p : test::habit(8, seed))
            if (p.tokens == ids) {
                ++as_learned;
                break;
            }
    }
    CHECK(as_learned >= 7);
}

TEST_CASE("note network recipe: files go back and forth, and others are refused") {
    recipe::note_lstm_recipe r;
    r.epochs = 1, r.batch = 64;  // more than there are
    recipe::note_lstm_trainee<small> net(r, test::habit(3, 1), test::habit(2, 2), {"ours", "ours with a melody"});
    const test::temporary_folder folder;
    train::loop_config loop = quiet(net.loop(folder / "run"));
    loop.out = folder / "x.safetensors";
    CHECK(train::train(net, loop).step == 1);
    auto read = recipe::read_note_lstm<small>(folder / "x.safetensors");
    CHECK(read.flat().size() == net.parameters().size());
    constexpr model::note_lstm_config larger{.hidden = 40};
    CHECK_THROWS_WITH(recipe::read_note_lstm<larger>(folder / "x.safetensors"),
                      test::contains("its config differs at /hidden"));
    CHECK_THROWS_WITH((recipe::note_lstm_trainee<small>(r, {}, test::habit(1, 1))),
                      test::contains("needs songs to learn from"));
    CHECK_THROWS_WITH((recipe::note_lstm_trainee<small>(r, test::habit(1, 1), {})),
                      test::contains("needs songs to validate on"));
}

TEST_CASE("published note LSTM recipe: learns, resumes bit for bit, freezes, writes") {
    constexpr model::note_lstm_published_config tiny{.first = 6,
                                                     .second = 5,
                                                     .third = 8,
                                                     .dense = 8,
                                                     .head = model::note_lstm_head::normalised,
                                                     .window = 4,
                                                     .capacity = 16};
    using trainee = recipe::note_lstm_published_trainee<tiny>;
    const auto vocabulary = token::notechord_vocabulary(token::parse_notechords("C4 D4 E4 0.4.7").value());
    std::vector<std::int32_t> song;
    for (int i = 0; i < 60; ++i) song.push_back(i % 4);
    recipe::note_lstm_published_recipe r;
    r.epochs = 60, r.batch = 16, r.rate = 2e-2;
    const test::temporary_folder folder;

    trainee whole(r, vocabulary, song, song);
    const double before = train::value_of(whole.validate(), "bits per token");
    train::loop_config loop = quiet(whole.loop(folder / "whole"));
    loop.out = folder / "whole.safetensors";
    const auto done = train::train(whole, loop);
    CHECK(done.best < .5 * before);

    // Stopped after a third and continued: the same numbers.
    trainee part(r, vocabulary, song, song);
    train::loop_config first = quiet(part.loop(folder / "part"));
    first.steps = 80;
    train::train(part, first);
    trainee rest(r, vocabulary, song, song);
    train::loop_config second = quiet(rest.loop(folder / "part"));
    second.from = train::start::resume;
    train::train(rest, second);
    CHECK(std::equal(rest.parameters().begin(), rest.parameters().end(), whole.parameters().begin()));
    CHECK(std::equal(rest.buffers().begin(), rest.buffers().end(), whole.buffers().begin()));

    auto from = recipe::read_note_lstm_published<tiny>(folder / "whole.safetensors");
    CHECK(from.vocabulary == vocabulary);
    const std::vector<std::span<const std::int32_t>> starts = {std::span<const std::int32_t>(song).first(7),
                                                               std::span<const std::int32_t>(song).subspan(1, 4)};
    const auto made = recipe::write_published<trainee::network>(from.weights.view(), starts, 4, 12);
    REQUIRE(made.size() == 2);
    for (const auto& m : made) CHECK(m.size() == 12);
    for (const std::int32_t id : made[0]) CHECK((id >= 0 && id < 4));
    // A piece alone is what it is beside others.
    CHECK(recipe::write_published<trainee::network>(from.weights.view(), std::span(starts).first(1), 4, 12)[0] == made[0]);

    // Frozen layers stay as they were.
    r.frozen = 2, r.epochs = 1;
    trainee tuned(r, vocabulary, song, song);
    tuned.start_from(from.weights.flat(), from.weights.buffers());
    train::train(tuned, quiet(tuned.loop(folder / "tuned")));
    constexpr std::size_t held = trainee::network::first::parameter_count + trainee::network::second::parameter_count;
    const auto now = tuned.parameters();
    CHECK(std::equal(now.begin(), now.begin() + held, from.weights.flat().begin()));
    CHECK_FALSE(std::equal(now.begin() + held, now.end(), from.weights.flat().begin() + held));

    CHECK_THROWS_WITH((trainee(r, vocabulary, {0, 1, 2}, song)), test::contains("was given 3 to learn from"));
    std::vector<token::notechord> many;
    for (int m = 40; m < 60; ++m) many.emplace_back(score::pitch(m));
    CHECK_THROWS_WITH((trainee(r, token::notechord_vocabulary(many), song, song)),
                      test::contains("room for 16 different tokens"));
}
