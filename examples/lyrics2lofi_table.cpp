// Measures the published and the improved Lyrics2Lofi beside n-grams, and the lexicon's way, and prints the table of
// docs/models/lyrics2lofi.md.
#include <cstdio>
#include <exception>

#if LOFI_HAVE_TRAIN
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <lofi/recipe/lyrics2lofi_table.hpp>
#include <lofi/song/compose.hpp>
#include <lofi/song/wish.hpp>

namespace {

namespace fs = std::filesystem;
using namespace lofi;

struct options {
    std::vector<fs::path> data;
    fs::path improved, published, vectors, out;
    std::size_t prompts = 200, samples = 16;
    std::uint64_t seed = 11;
};

/// Everything that is measured on.
struct material {
    std::vector<recipe::lyrics_example> train, lyrics;
    std::vector<recipe::mood_prompt> known, held_out, prompts;
    recipe::mood_scale scale;
    std::vector<double> ngrams;
};

material gather(const options& o) {
    const auto all = corpus::read_lyrics_corpus(o.data);
    material m;
    m.train = recipe::lyrics_examples(all, corpus::split::train);
    if (m.train.empty()) throw lofi::error("--data", "holds no texts to train on");
    m.scale = recipe::scale_of(m.train);
    for (const auto which : {corpus::split::test, corpus::split::valid})
        for (recipe::lyrics_example& e : recipe::lyrics_examples(all, which)) {
            if (e.kind == corpus::text_kind::prompt && m.prompts.size() < o.prompts)
                m.prompts.push_back({e.text, e.sheet.valence});
            else if (e.kind == corpus::text_kind::lyrics && which == corpus::split::test && e.sheet.has_melody)
                m.lyrics.push_back(std::move(e));
        }
    if (m.lyrics.empty()) throw lofi::error("--data", "holds no lyrics to test on");
    const random_key key{o.seed};
    m.known = recipe::known_word_prompts(o.prompts, m.scale, key);
    m.held_out = recipe::held_out_prompts(o.prompts, m.scale, m.train, key);
    std::vector<score::lead_sheet> train, test;
    for (const corpus::phrase& p : all.music.phrases)
        if (p.split == corpus::split::train && p.sheet.has_melody) train.push_back(p.sheet);
    for (const recipe::lyrics_example& e : m.lyrics) test.push_back(e.sheet);
    m.ngrams = recipe::ngram_bits(train, train, test);
    std::set<std::uint32_t> tunes, songs;
    for (const recipe::lyrics_example& e : m.lyrics) tunes.insert(e.phrase), songs.insert(e.song);
    std::fprintf(stderr, "%zu texts of %zu tunes of %zu songs to test on; %zu texts to train on\n", m.lyrics.size(),
                 tunes.size(), songs.size(), m.train.size());
    return m;
}

double valence_of(const score::lead_sheet& sheet) { return sheet.rows.empty() ? NAN : analysis::mood_of(sheet).valence; }

void add_moods(recipe::lyrics_column& column, const material& m,
               const std::function<double(const std::string&, std::size_t)>& valence_of_music) {
    column.known = recipe::valence_reached(m.known, valence_of_music);
    column.held_out = recipe::valence_reached(m.held_out, valence_of_music);
    column.prompts = recipe::valence_reached(m.prompts, valence_of_music);
}

recipe::lyrics_column of_ngrams(const material& m) {
    recipe::lyrics_column column{.name = "n-grams"};
    double bits[2] = {0, 0}, rows[2] = {0, 0};
    for (std::size_t i = 0; i < m.lyrics.size(); ++i) {
        const std::size_t other = m.lyrics[i].language == "en" ? 0 : 1;
        bits[other] += m.ngrams[i], rows[other] += static_cast<double>(m.lyrics[i].music.rows());
    }
    column.bits = column.without = (bits[0] + bits[1]) / (rows[0] + rows[1]);
    column.english = bits[0] / rows[0], column.others = bits[1] / rows[1];
    return column;
}

recipe::lyrics_column of_published(const options& o, const material& m) {
    recipe::lyrics_column column{.name = "published"};
    recipe::published_lyrics_writer writer(o.published);
    const auto vectors = [&](const std::vector<std::string>& texts) {
        return o.vectors.empty() ? recipe::draw_text_vectors(texts, recipe::published_text_width)
                                 : recipe::read_text_vectors(o.vectors, texts, recipe::published_text_width);
    };
    const auto cost_with = [&](std::size_t samples) {
        return [&, samples](std::span<const recipe::lyrics_example* const> phrases, std::span<const std::string* const> texts) {
            std::vector<token::lead_tokens> music;
            std::vector<std::string> distinct;
            std::map<std::string, std::size_t> place;
            for (const auto* e : phrases) music.push_back(token::encode(e->sheet, token::melody_range::published).value());
            for (const std::string* t : texts)
                if (place.try_emplace(*t, distinct.size()).second) distinct.push_back(*t);
            const auto read = vectors(distinct);
            std::vector<const text::token_vectors*> given;
            for (const std::string* t : texts) given.push_back(&read[place[*t]]);
            return recipe::published_lyrics_costs<model::published_lyrics_sizes, recipe::published_texts>(
                writer.view(), recipe::pointers_to(std::span<const token::lead_tokens>(music)), given, samples,
                random_key{o.seed});
        };
    };
    std::fprintf(stderr, "published: costs\n");
    recipe::add_costs(column, m.lyrics, cost_with(o.samples), m.ngrams, random_key{o.seed});
    std::fprintf(stderr, "published: shuffled texts\n");
    recipe::add_shuffled(
        column, recipe::shuffle_texts(m.lyrics, cost_with(std::max<std::size_t>(1, o.samples / 4)), random_key{o.seed}));
    std::fprintf(stderr, "published: moods\n");
    if (o.vectors.empty())
        add_moods(column, m, [&](const std::string& text, std::size_t) {
            return valence_of(writer.write(vectors({text})[0], recipe::published_lyrics_writer::from::mean, {}).sheet);
        });
    return column;
}

void add_improved(std::vector<recipe::lyrics_column>& columns, const options& o, const material& m) {
    recipe::lyrics_column column{.name = "improved"};
    using writer_type = recipe::lyrics_writer<>;
    writer_type writer(o.improved);
    const recipe::cost_of_texts cost = [&](std::span<const recipe::lyrics_example* const> phrases,
                                           std::span<const std::string* const> texts) {
        std::vector<const model::lead_example*> music;
        for (const auto* e : phrases) music.push_back(&e->music);
        return recipe::lyrics_costs<writer_type::network>(writer.view(), music, texts);
    };
    std::fprintf(stderr, "improved: costs\n");
    recipe::add_costs(column, m.lyrics, cost, m.ngrams, random_key{o.seed});
    std::fprintf(stderr, "improved: shuffled texts\n");
    recipe::add_shuffled(column, recipe::shuffle_texts(m.lyrics, cost, random_key{o.seed}));
    std::fprintf(stderr, "improved: moods\n");
    add_moods(column, m, [&](const std::string& text, std::size_t i) {
        return valence_of(writer.write(writer.read(text), 16, {}, random_key{o.seed}.child(i)));
    });
    columns.push_back(column);

    std::fprintf(stderr, "the lexicon's way: moods\n");
    const auto networks = song::networks::builtin();
    recipe::lyrics_column lexicon{.name = "lexicon, conditioned Lofi2Lofi"};
    add_moods(lexicon, m, [&](const std::string& text, std::size_t i) {
        song::config c{.seed = i + 1, .minutes = .5};
        song::take(song::understand(text), c);
        const auto piece = song::compose(c, networks).value();
        double sum = 0;
        for (std::size_t s = 0; s < piece.sections.size(); ++s) sum += valence_of(piece.sheet(s));
        return sum / static_cast<double>(piece.sections.size());
    });
    columns.push_back(lexicon);
}

void measure(const options& o) {
    const material m = gather(o);
    std::vector<recipe::lyrics_column> columns{of_ngrams(m)};
    if (!o.published.empty()) columns.push_back(of_published(o, m));
    add_improved(columns, o, m);
    const std::string text = recipe::table(columns);
    std::fputs(text.c_str(), stdout);
    if (!o.out.empty()) write_file(o.out, text).value();
}

}  // namespace

int main(int argc, char** argv) {
    options o;
    CLI::App app{"Measures the published and the improved Lyrics2Lofi beside n-grams, and prints a table in Markdown.",
                 "lyrics2lofi_table"};
    app.footer(
        "Example:\n  lyrics2lofi_table --data texts/*.jsonl sheets/ewld.*.jsonl sheets/lieder.*.jsonl --improved "
        "improved.safetensors");
    app.add_option("--data", o.data, "Files of texts and of lead sheets")->required()->check(CLI::ExistingFile);
    app.add_option("--improved", o.improved, "Weights of `lofi train lyrics2lofi`")->required()->check(CLI::ExistingFile);
    app.add_option("--published", o.published, "Weights of `lofi train lyrics2lofi --setting published`")
        ->check(CLI::ExistingFile);
    app.add_option("--vectors", o.vectors, "The texts' vectors, where the published network was trained on these")
        ->check(CLI::ExistingFile);
    app.add_option("--prompts", o.prompts, "Prompts of each kind")->capture_default_str()->check(CLI::PositiveNumber);
    app.add_option("--samples", o.samples, "Latents that the published network's likelihoods are means over")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_option("--seed", o.seed, "Of all chance")->capture_default_str();
    app.add_option("--out", o.out, "Also writes the table into a file");
    CLI11_PARSE(app, argc, argv);
    try {
        measure(o);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "lyrics2lofi_table: %s\n", e.what());
        return 1;
    }
    return 0;
}

#else

int main() {
    std::fputs("lyrics2lofi_table: needs the train build, which is the default: configure with -DLOFI_TRAIN=ON\n", stderr);
    return 1;
}

#endif
