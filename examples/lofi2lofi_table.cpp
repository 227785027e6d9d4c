// Measures the published and the improved Lofi2Lofi beside the data, and prints the table of docs/models/lofi2lofi.md.
#include <cstdio>
#include <exception>

#if LOFI_HAVE_TRAIN
#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <lofi/pretrained/lofi2lofi.hpp>
#include <lofi/recipe/lofi2lofi_files.hpp>
#include <lofi/recipe/lofi2lofi_published_files.hpp>
#include <lofi/recipe/lofi2lofi_published_measures.hpp>
#include <lofi/recipe/lofi2lofi_quantise.hpp>
#include <lofi/recipe/lofi2lofi_table.hpp>
#include <lofi/song/accent.hpp>

namespace {

namespace fs = std::filesystem;
using namespace lofi;
constexpr auto sizes = pretrained::lofi2lofi_sizes;
using improved_network = recipe::lofi2lofi_trainee<sizes>::network;

struct options {
    fs::path data, improved, published, out;
    std::size_t samples = 2000, importance = 64;
    std::uint64_t seed = 11;
};

/// The sheets of a split that have a melody, in the order of the examples.
struct melodic {
    std::vector<score::lead_sheet> sheets;
    std::vector<std::uint32_t> songs;
};
melodic melodic_of(const corpus::lead_sheet_corpus& all, corpus::split which) {
    melodic out;
    for (const corpus::phrase& p : all.phrases)
        if (p.split == which && p.sheet.has_melody && p.sheet.rows.size() <= model::longest_phrase)
            out.sheets.push_back(p.sheet), out.songs.push_back(p.song);
    return out;
}

void measure(const options& o) {
    std::vector<fs::path> files;
    for (const std::string_view set : recipe::lofi2lofi_corpora)
        for (const char* split : {"train", "valid", "test"})
            files.push_back(o.data / (std::string(set) + "." + split + ".jsonl"));
    const auto all = corpus::read_lead_sheet_corpus(files);
    const auto train = recipe::examples_of(all, corpus::split::train), test = recipe::examples_of(all, corpus::split::test);
    const melodic train_sheets = melodic_of(all, corpus::split::train), test_sheets = melodic_of(all, corpus::split::test);
    const std::vector<double> ngrams = recipe::ngram_bits(train_sheets.sheets, train_sheets.sheets, test_sheets.sheets);
    const random_key key{o.seed};
    std::vector<score::lead_sheet> asked;
    for (const std::size_t i : recipe::drawn_examples(train.melodic.size(), o.samples, key))
        asked.push_back(train_sheets.sheets[i]);

    std::vector<recipe::lead_column> columns;
    const auto column = [&](const char* name) -> recipe::lead_column& {
        return columns.emplace_back(recipe::lead_column{.name = name});
    };
    column("data, train").measures = analysis::measure(train_sheets.sheets);
    recipe::add_samples(column("data, test"), test_sheets.sheets, {}, train_sheets.sheets, test_sheets.sheets);
    double bits = 0, rows = 0;
    for (std::size_t i = 0; i < ngrams.size(); ++i)
        bits += ngrams[i], rows += static_cast<double>(test_sheets.sheets[i].rows.size());
    auto& yardstick = column("n-grams");
    yardstick.elbo = yardstick.importance = bits / rows;
    yardstick.elbo_phrase = bits / static_cast<double>(ngrams.size());

    if (!o.published.empty()) {
        std::fprintf(stderr, "published: bounds and samples\n");
        auto weights = recipe::read_published(o.published);
        std::vector<token::lead_tokens> phrases;
        for (const score::lead_sheet& s : test_sheets.sheets)
            phrases.push_back(token::encode(s, token::melody_range::published).value());
        auto& c = column("published");
        const auto found = recipe::published_bounds<model::published_config{}, recipe::published_backend>(
            weights.view(), phrases, o.importance, key);
        recipe::add_bounds(c, found, ngrams, test_sheets.songs, key);
        const auto made = recipe::published_samples<model::published_config{}, recipe::published_backend>(
            weights.view().get<"decoder">(), o.samples, key);
        recipe::add_samples(c, made, {}, train_sheets.sheets, test_sheets.sheets);
    }

    auto weights = recipe::read_improved<sizes>(o.improved);
    {
        std::fprintf(stderr, "improved: bounds and raw samples\n");
        auto& c = column("improved, raw");
        recipe::add_bounds(c, recipe::bounds<improved_network>(weights.view(), test.melodic, o.importance, key), ngrams,
                           test_sheets.songs, key);
        const auto made = recipe::samples<sizes, backend::cpu<float>>(weights.view().decode, train.melodic, o.samples, {}, key);
        recipe::add_samples(c, made, asked, train_sheets.sheets, test_sheets.sheets);
    }
    std::fprintf(stderr, "improved: the shipped sampler, in fixed point\n");
    const auto arena = recipe::quantise<sizes>(weights.view().decode);
    backend::fixed_cursor cursor(arena);
    const auto fixed = model::lofi2lofi_decoder<sizes, backend::fixed>::params::bind(cursor);
    const auto shipped = [&](const char* name, std::uint8_t dial) {
        std::vector<score::lead_sheet> made;
        const auto drawn = recipe::drawn_examples(train.melodic.size(), o.samples, key);
        for (std::size_t i = 0; i < drawn.size(); ++i) {
            const model::lead_conditions& told = train.melodic[drawn[i]].conditions;
            model::lead_sampling sampling = song::shipped_sampling(static_cast<score::mode>(told.mode), dial);
            const random_key here = key.child(i);
            model::phrase_writer<sizes, backend::fixed> writer(
                {}, fixed, told, model::draw_latent<sizes.latent>(here.child("latent")), sampling, here);
            made.push_back(recipe::to_sheet(writer.generate(), told, "sample"));
        }
        recipe::add_samples(column(name), made, asked, train_sheets.sheets, test_sheets.sheets);
    };
    shipped("improved, shipped, accent 0", 0);
    shipped("improved, shipped, accent .6", 153);

    const std::string text = recipe::table(columns);
    std::fputs(text.c_str(), stdout);
    if (!o.out.empty()) write_file(o.out, text).value();
}

}  // namespace

int main(int argc, char** argv) {
    options o;
    CLI::App app{"Measures the published and the improved Lofi2Lofi beside the data, and prints a table in Markdown.",
                 "lofi2lofi_table"};
    app.footer("Example:\n  lofi2lofi_table --data corpora/ --improved improved.safetensors --published published.safetensors");
    app.add_option("--data", o.data, "The folder of the lead sheets")->required()->check(CLI::ExistingDirectory);
    app.add_option("--improved", o.improved, "Weights of `lofi train lofi2lofi`")->required()->check(CLI::ExistingFile);
    app.add_option("--published", o.published, "Weights of `lofi train lofi2lofi --setting published`")
        ->check(CLI::ExistingFile);
    app.add_option("--samples", o.samples, "Phrases to write")->capture_default_str()->check(CLI::PositiveNumber);
    app.add_option("--importance", o.importance, "Samples of the importance-weighted bound")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_option("--seed", o.seed, "Of the samples")->capture_default_str();
    app.add_option("--out", o.out, "Also writes the table into a file");
    CLI11_PARSE(app, argc, argv);
    try {
        measure(o);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "lofi2lofi_table: %s\n", e.what());
        return 1;
    }
    return 0;
}

#else

int main() {
    std::fputs("lofi2lofi_table: needs the train build, which is the default: configure with -DLOFI_TRAIN=ON\n", stderr);
    return 1;
}

#endif
