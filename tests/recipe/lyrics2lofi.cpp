#include <lofi/recipe/lyrics2lofi_files.hpp>

#include <set>
#include <string>
#include <vector>

#include "support/test.hpp"

#include <lofi/recipe/lyrics2lofi_table.hpp>

using namespace lofi;

namespace {

constexpr model::lyrics2lofi_config small{.vector = 8, .reader = 6, .chord = 16, .melody = 24};
constexpr model::hashed_encoder_config words{.buckets = 512, .width = 8};
using trainee = recipe::lyrics2lofi_trainee<small, words>;
using writer = recipe::lyrics_writer<small, words>;
constexpr model::published_config tiny{.hidden = 8, .small = 6, .latent = 5};

/// Music that hangs on its text: "rain" is in minor, low and slow, "sun" in major, high and fast.
std::vector<recipe::lyrics_example> habit(std::size_t count, std::uint64_t seed) {
    std::vector<recipe::lyrics_example> out;
    random_stream random(random_key{seed});
    for (std::size_t i = 0; i < count; ++i) {
        const bool sun = uniform_below(random, 2) == 1;
        score::lead_sheet s;
        s.tempo = bpm(sun ? 170 : 90);
        s.valence = sun ? .8 : .3, s.energy = sun ? .7 : .3;
        s.key.scale = sun ? score::mode::ionian : score::mode::aeolian;
        for (std::uint32_t r = 0; r < 4 + 4 * uniform_below(random, 2); ++r) {
            constexpr std::uint8_t chords[2][4] = {{1, 6, 3, 7}, {1, 5, 6, 4}};
            score::lead_row& row = s.rows.emplace_back();
            row.chord = chords[sun ? 1 : 0][r % 4];
            for (std::size_t k = 0; k < 8; ++k)
                row.melody[k] = static_cast<std::uint8_t>(sun ? 8 + row.chord - static_cast<int>(k % 2) : row.chord);
        }
        const char* filler[] = {"over the hill", "in the town", "at home", "on the sea"};
        recipe::lyrics_example e;
        e.text = std::string(sun ? "sun " : "rain ") + filler[uniform_below(random, 4)];
        e.language = "en";
        e.song = static_cast<std::uint32_t>(i), e.phrase = static_cast<std::uint32_t>(i);
        e.sheet = s;
        e.music = model::to_example(s, 1);
        out.push_back(std::move(e));
    }
    return out;
}

recipe::lyrics2lofi_recipe quick() {
    recipe::lyrics2lofi_recipe r;
    r.batch = 16, r.epochs = 40, r.rate = 1e-2, r.average = .9;
    r.word_dropout = 0, r.text_dropout = .2, r.vector_noise = .1, r.feature_dropout = .1;
    return r;
}

train::loop_config loop_of(trainee& net, const std::filesystem::path& folder) {
    train::loop_config c = net.loop(folder / "run");
    c.out = folder / "net.safetensors";
    c.plots = train::pictures::off;
    c.show = train::progress_style::silent;
    return c;
}

}  // namespace

TEST_CASE("improved Lyrics2Lofi: learns what a text tells of its music, and writes to it") {
    const test::temporary_folder folder;
    trainee net(quick(), habit(64, 1), {}, habit(16, 2));
    const double before = train::value_of(net.validate(), "bits per row");
    const auto done = train::train(net, loop_of(net, folder.path()));
    CHECK(done.best < before / 2);

    // Right texts cost less than shuffled ones, and the test says so.
    const auto test = habit(24, 3);
    const recipe::cost_of_texts cost = [&](auto phrases, auto texts) {
        std::vector<const model::lead_example*> music;
        for (const auto* e : phrases) music.push_back(&e->music);
        return recipe::lyrics_costs<trainee::network>(net.view(), music, texts);
    };
    const auto found = recipe::shuffle_texts(test, cost, random_key{1});
    CHECK(found.tunes.p < .001);
    CHECK(found.songs.p < .001);
    CHECK(found.tunes.right < found.tunes.shuffled);
    recipe::lyrics_column column{.name = "x"};
    recipe::add_shuffled(column, found);
    recipe::add_costs(column, test, cost, std::vector<double>(test.size(), 100.0), random_key{1});
    CHECK(column.bits == Approx(column.english));
    CHECK(column.bits < column.without);
    CHECK(column.end > 0);
    CHECK(recipe::table(std::span(&column, 1)).find("| ... German and French | - |") != std::string::npos);

    writer w(folder / "net.safetensors");
    const auto rain = w.read("RAIN at home"), sun = w.read("sun on the sea");
    CHECK(rain.words == 3);
    CHECK(sun.valence > rain.valence + .2);
    CHECK(sun.tempo.value > rain.tempo.value + 30);
    const auto sheet = w.write(sun, 8, {}, random_key{4});
    CHECK(sheet.rows.size() == 8);
    CHECK(token::check(sheet));
    CHECK(sheet.rows == w.write(sun, 8, {}, random_key{4}).rows);
    // Any text is a text.
    std::string endless;
    while (endless.size() < 100'000) endless += "la ";
    for (const std::string& text : {std::string(), std::string("\xFF\xFE"), std::string("夜の雨"), endless})
        CHECK(w.write(w.read(text), 4, {}, random_key{1}).rows.size() == 4);
    CHECK(w.read(endless).words == text::most_tokens);
    CHECK_THROWS_WITH((recipe::lyrics_writer<>(folder / "net.safetensors")), test::contains("its config differs at"));
    CHECK_THROWS_WITH(recipe::published_lyrics_writer(folder / "net.safetensors"), test::contains("its config differs at"));
}

TEST_CASE("improved Lyrics2Lofi: a run that is cut and resumed ends in the same weights") {
    const test::temporary_folder folder;
    auto r = quick();
    r.epochs = 2;
    const auto run = [&](const char* name, std::uint64_t first_steps) {
        for (const std::uint64_t steps : {first_steps, std::uint64_t{8}}) {
            trainee net(r, habit(64, 1), habit(4, 9), habit(4, 2));
            auto c = loop_of(net, folder / name);
            c.steps = steps, c.from = train::start::either;
            train::train(net, c);
            if (steps == 8) return std::vector<float>(net.parameters().begin(), net.parameters().end());
        }
        return std::vector<float>();
    };
    CHECK(run("whole", 8) == run("cut", 3));
    CHECK_THROWS_WITH(trainee(r, habit(4, 1), {}, habit(4, 2)),
                      test::contains("needs at least 16 training phrases with a melody"));
    CHECK_THROWS_WITH(trainee(r, habit(16, 1), {}, {}), test::contains("needs lyrics to validate on"));
}

TEST_CASE("published Lyrics2Lofi: trains on drawn vectors, and its costs are of the phrase that stands there") {
    using text_type = model::given_vectors<12, backend::cpu<float>>;
    using net_type = recipe::published_lyrics_trainee<tiny, text_type>;
    const auto examples = habit(24, 1);
    std::vector<recipe::published_lyrics_example> data;
    for (const auto& e : examples) {
        const std::vector<std::string> text = {e.text};
        data.push_back(
            {recipe::draw_text_vectors(text, 12)[0], token::encode(e.sheet, token::melody_range::published).value()});
    }
    net_type net({.epochs = 30, .batch = 8, .rate = 5e-3, .decay = 0}, data, data);  // a batch that fits; 128 would do as well
    const test::temporary_folder folder;
    auto c = net.loop(folder / "run");
    c.plots = train::pictures::off, c.show = train::progress_style::silent;
    const double before = net.validate()[0].value;
    CHECK(train::train(net, c).best < .85 * before);

    const std::vector<const token::lead_tokens*> music = {&data[0].music, &data[1].music, &data[0].music};
    const std::vector<const text::token_vectors*> texts = {&data[0].text, &data[1].text, &data[1].text};
    const auto costs = recipe::published_lyrics_costs<tiny, text_type>(net.view(), music, texts, 4, random_key{1});
    const auto alone = recipe::published_lyrics_costs<tiny, text_type>(net.view(), std::span(music).subspan(2),
                                                                       std::span(texts).subspan(2), 4, random_key{1});
    CHECK(costs[2].chords == Approx(alone[0].chords).epsilon(1e-4));
    CHECK(costs[2].melody == Approx(alone[0].melody).epsilon(1e-4));
    for (const auto& cost : costs) {
        CHECK(cost.end > 0);
        CHECK(cost.end < cost.chords);
    }
    net_type large({.epochs = 1}, data, data);  // a batch larger than the set
    CHECK(large.steps_per_epoch() == 1);
}

TEST_CASE("vectors of texts are found by name or by place, and missed by name") {
    const test::temporary_folder folder;
    const std::vector<std::string> texts = {"night", "rain on the roof"};
    const std::vector<std::string> with_empty = {"", "night"};
    const auto drawn = recipe::draw_text_vectors(texts, 4);
    const std::vector<nn::tensor_source> tensors = {
        {text::vectors_name(texts[1]), {4, 4}, std::span<const float>(drawn[1].values)},
        {text::vectors_name(texts[0]), {1, 4}, std::span<const float>(drawn[0].values)}};
    nn::write_safetensors(folder / "v.safetensors", tensors);
    const auto read = recipe::read_text_vectors(folder / "v.safetensors", texts, 4);
    CHECK(read[0].values == drawn[0].values);
    CHECK(read[1].values == drawn[1].values);
    const auto read_empty = recipe::read_text_vectors(folder / "v.safetensors", with_empty, 4);
    CHECK(read_empty[0].tokens() == 0);
    CHECK(read_empty[1].values == drawn[0].values);
    const std::vector<std::string> other = {"snow"};
    CHECK_THROWS_WITH(recipe::read_text_vectors(folder / "v.safetensors", other, 4),
                      test::contains("has no vectors of the text \"snow\""));
    CHECK_THROWS_WITH(recipe::read_text_vectors(folder / "v.safetensors", texts, 768),
                      test::contains("has shape [1, 4], not [1, 768]"));
    CHECK(recipe::read_text_vectors(test::data("text/one32.npy"), other, 4)[0].tokens() == 3);
    CHECK_THROWS_WITH(recipe::read_text_vectors(test::data("text/many.npy"), texts, 4), test::contains("holds 3 texts, not 2"));
}

TEST_CASE("texts of rated words: held-out words are other words, and moods move with the words'") {
    const recipe::mood_scale scale{.6, .1, .5, .2};
    const recipe::lexicon_texts known(scale), held(scale, recipe::lexicon_words::held_out);
    CHECK(known.words() > 3 * held.words());
    const auto train = habit(4, 1);
    std::set<std::string> in_held;
    for (const auto& p : recipe::held_out_prompts(50, scale, train, random_key{1}))
        text::for_each_word(p.text, [&](std::string_view w) { in_held.emplace(w); });
    for (const auto& p : recipe::known_word_prompts(200, scale, random_key{1}))
        text::for_each_word(p.text, [&](std::string_view w) {
            if (w != "and" && w != "with" && w != "in" && w != "the") CHECK(in_held.count(std::string(w)) == 0);
        });
    random_stream random(random_key{2});
    recipe::detail::correlation r;
    for (int i = 0; i < 300; ++i) {
        const auto t = known.draw(random);
        r.add(t.words_valence, t.valence);
    }
    CHECK(r.value() > .99);
}
