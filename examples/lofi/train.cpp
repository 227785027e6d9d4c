// lofi train: trains a network on lead sheets or grooves. lofi quantise: turns its weights into those of the play door.
#include "command.hpp"

#if LOFI_HAVE_TRAIN
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <lofi/corpus/groove_corpus.hpp>
#include <lofi/corpus/lead_sheet_corpus.hpp>
#include <lofi/pretrained/groove.hpp>
#include <lofi/pretrained/lofi2lofi.hpp>
#include <lofi/recipe/groove.hpp>
#include <lofi/recipe/groove_quantise.hpp>
#include <lofi/recipe/lofi2lofi_files.hpp>
#include <lofi/recipe/lofi2lofi_improved.hpp>
#include <lofi/recipe/lofi2lofi_published.hpp>
#include <lofi/recipe/lofi2lofi_quantise.hpp>
#include <lofi/recipe/weights_header.hpp>

namespace program {
namespace {

namespace fs = std::filesystem;

struct train_options {
    std::vector<fs::path> data;
    fs::path out, folder;
    std::string setting = "improved";
    std::optional<std::uint64_t> epochs;
    std::optional<std::size_t> batch;
    std::optional<double> rate;
    std::uint64_t seed = 1;
    bool resume = false, no_pictures = false;
};

/// The files of a folder that end in .jsonl, in order.
std::vector<fs::path> lines_in(const fs::path& folder, const char* of_what) {
    std::vector<fs::path> files;
    for (const fs::directory_entry& e : fs::directory_iterator(folder)) {
        const std::string name = e.path().filename().string();
        if (name.ends_with(".jsonl") && !name.ends_with(".ext.jsonl")) files.push_back(e.path());
    }
    if (files.empty())
        throw lofi::error(folder.string(), std::string("has no ") + of_what + ", which are files ending in .jsonl");
    std::sort(files.begin(), files.end());
    return files;
}

/// The files that were named, and those in folders that were.
template <class InFolder>
std::vector<fs::path> files_of(const std::vector<fs::path>& named, InFolder&& in_folder) {
    std::vector<fs::path> files;
    for (const fs::path& p : named) {
        if (fs::is_directory(p)) {
            for (fs::path& f : in_folder(p)) files.push_back(std::move(f));
        } else {
            files.push_back(p);
        }
    }
    return files;
}

/// Lead sheets in a folder: the corpora of clean licence that the shipped network learned from, else whatever is there.
std::vector<fs::path> sheets_in(const fs::path& folder) {
    const std::vector<fs::path> any = lines_in(folder, "lead sheets");
    std::vector<fs::path> known;
    for (const fs::path& p : any) {
        const std::string name = p.filename().string();
        const auto& names = lofi::recipe::lofi2lofi_corpora;
        if (std::find(names.begin(), names.end(), name.substr(0, name.find('.'))) != names.end()) known.push_back(p);
    }
    return known.empty() ? any : known;
}

lofi::corpus::lead_sheet_corpus read_data(const std::vector<fs::path>& named) {
    return lofi::corpus::read_lead_sheet_corpus(files_of(named, sheets_in));
}
lofi::corpus::groove_corpus read_grooves(const std::vector<fs::path>& named) {
    return lofi::corpus::read_groove_corpus(files_of(named, [](const fs::path& p) { return lines_in(p, "grooves"); }));
}

template <class Trainee>
void run(Trainee& net, const train_options& o) {
    lofi::train::loop_config c = net.loop(o.folder);
    // A run may have been killed before its first checkpoint: then it begins.
    c.from = o.resume ? lofi::train::start::either : lofi::train::start::fresh;
    c.out = o.out;
    if (o.no_pictures) c.plots = lofi::train::pictures::off;
    const lofi::train::outcome done = lofi::train::train(net, c);
    if (done.how == lofi::train::ending::interrupted)
        throw lofi::error(o.folder.string(),
                          "training stopped after step " + std::to_string(done.step) + "; --resume continues it");
    std::printf("%llu steps, best %.4g; weights in %s, checkpoints and plots in %s\n",
                static_cast<unsigned long long>(done.step), done.best, o.out.c_str(), o.folder.c_str());
}

/// Takes over what was given.
template <class Recipe>
Recipe recipe_of(const train_options& o) {
    Recipe r;
    r.epochs = o.epochs.value_or(r.epochs);
    r.batch = o.batch.value_or(r.batch);
    r.rate = o.rate.value_or(r.rate);
    r.seed = o.seed;
    return r;
}

void choose_places(train_options& o) {
    if (fs::is_directory(o.out)) throw lofi::error(o.out.string(), "is a folder: name a file for the weights");
    if (o.folder.empty()) o.folder = fs::path(o.out).concat(".run");
}

void train_lofi2lofi(train_options& o) {
    namespace recipe = lofi::recipe;
    using lofi::corpus::split;
    choose_places(o);
    const auto all = read_data(o.data);
    std::fprintf(stderr, "%zu phrases of %zu songs: %zu to train, %zu to validate, %zu to test\n", all.phrases.size(),
                 all.songs.size(), all.count(split::train), all.count(split::valid), all.count(split::test));
    if (o.setting == "improved") {
        recipe::lofi2lofi_trainee<> net(recipe_of<recipe::lofi2lofi_recipe>(o), recipe::examples_of(all, split::train),
                                        recipe::examples_of(all, split::valid).melodic);
        run(net, o);
    } else {
        recipe::published_trainee<> net(recipe_of<recipe::published_recipe>(o), recipe::split_by_files(all));
        run(net, o);
    }
}

void train_groove(train_options& o) {
    namespace recipe = lofi::recipe;
    using lofi::corpus::split;
    choose_places(o);
    const auto all = read_grooves(o.data);
    std::fprintf(stderr, "%zu windows: %zu to train, %zu to validate, %zu to test\n", all.windows.size(),
                 all.count(split::train), all.count(split::valid), all.count(split::test));
    recipe::groove_trainee<> net(recipe_of<recipe::groove_recipe>(o), recipe::examples_of(all, split::train),
                                 recipe::examples_of(all, split::valid));
    run(net, o);
}

struct quantise_options {
    fs::path weights, out;
    std::vector<fs::path> data;
};

json compared(double divergence, double agreement, std::size_t steps) {
    return {{"steps", steps}, {"divergence_bits", divergence}, {"agreement", agreement}};
}

lofi::backend::fixed_arena quantise_lofi2lofi(const quantise_options& o) {
    constexpr auto& sizes = lofi::pretrained::lofi2lofi_sizes;
    auto weights = lofi::recipe::read_improved<sizes>(o.weights);
    lofi::backend::fixed_arena arena = lofi::recipe::quantise<sizes>(weights.view().decode);
    if (!o.data.empty()) {
        const auto test = lofi::recipe::examples_of(read_data(o.data), lofi::corpus::split::test);
        lofi::backend::fixed_cursor cursor(arena);
        const auto fixed = lofi::model::lofi2lofi_decoder<sizes, lofi::backend::fixed>::params::bind(cursor);
        const auto r = lofi::recipe::compare<sizes>(weights.view().decode, fixed, test.melodic, lofi::random_key{1});
        print({{"chords", compared(r.chord_divergence, r.chord_agreement, r.chords)},
               {"slots", compared(r.slot_divergence, r.slot_agreement, r.slots)},
               {"bars", compared(r.bar_divergence, r.bar_agreement, r.bars)}});
    }
    return arena;
}

json mean_bits(const std::vector<lofi::model::groove_cost>& costs) {
    lofi::model::groove_cost sum;
    for (const auto& c : costs) sum += c;
    const double n = static_cast<double>(std::max<std::size_t>(costs.size(), 1));
    return {{"hits", sum.hits / n}, {"force", sum.forces / n}, {"timing", sum.offsets / n}, {"sum", sum.sum() / n}};
}

lofi::backend::fixed_arena quantise_groove(const quantise_options& o) {
    constexpr auto& sizes = lofi::pretrained::groove_sizes;
    auto weights = lofi::recipe::read_groove<sizes>(o.weights);
    lofi::backend::fixed_arena arena = lofi::recipe::quantise_groove<sizes>(weights.view());
    if (!o.data.empty()) {
        using trainee = lofi::recipe::groove_trainee<sizes>;
        const auto test = lofi::recipe::examples_of(read_grooves(o.data), lofi::corpus::split::test);
        lofi::backend::fixed_cursor cursor(arena);
        const auto fixed = lofi::pretrained::groove::network::params::bind(cursor);
        print({{"grooves", test.size()},
               {"bits_a_groove", mean_bits(lofi::recipe::groove_bits<trainee::network>(weights.view(), test))},
               {"in_whole_numbers", mean_bits(lofi::recipe::stepped_bits<sizes, lofi::backend::fixed>(fixed, test))}});
    }
    return arena;
}

void quantise(const quantise_options& o) {
    const std::string kind = lofi::nn::read_header(lofi::nn::read_safetensors(o.weights)).model;
    const bool is_groove = kind == lofi::recipe::groove_trainee<>::kind();
    const lofi::backend::fixed_arena arena = is_groove ? quantise_groove(o) : quantise_lofi2lofi(o);
    const char* const name = is_groove ? "groove_words" : "lofi2lofi_words";
    if (o.out.extension() == ".hpp")
        lofi::write_file(o.out, lofi::recipe::header_text(arena, name, o.weights.filename().string())).value();
    else
        lofi::write_file(o.out, arena.write()).value();
    std::fprintf(stderr, "%s: %zu weights of 8 bits and %zu numbers of 32: %zu bytes\n", o.out.c_str(), arena.bytes.size(),
                 arena.words.size(), arena.write().size());
}

std::shared_ptr<train_options> add_training_options(CLI::App& c, const char* data) {
    auto o = std::make_shared<train_options>();
    c.add_option("--data", o->data, data)->required();
    c.add_option("--out", o->out, "The finished weights")->required();
    c.add_option("--folder", o->folder, "Where checkpoints and plots go; OUT.run, if not given");
    c.add_option("--epochs", o->epochs, "Passes over the data; the recipe's, if not given")
        ->check(whole_number() & number(1, 1e6));
    c.add_option("--batch", o->batch, "Examples a step; the recipe's, if not given")->check(whole_number() & number(1, 65536));
    c.add_option("--lr", o->rate, "Learning rate; the recipe's, if not given")->check(number(1e-9, 10));
    c.add_option("--seed", o->seed, "Of the weights and of all chance")->check(whole_number())->capture_default_str();
    c.add_flag("--resume", o->resume, "Continues a run that was stopped or killed, bit for bit");
    c.add_flag("--no-pictures", o->no_pictures, "Draws no plots");
    return o;
}

}  // namespace

void add_train(CLI::App& app) {
    CLI::App* c = add_command(app, "train", "Trains a network on your own music",
                              "lofi train lofi2lofi --data corpora/ --out mine.safetensors");
    c->require_subcommand(1);
    CLI::App* l = add_command(*c, "lofi2lofi", "Lead sheets: chords with a melody",
                              "lofi train lofi2lofi --data corpora/ --out mine.safetensors --epochs 24");
    const auto sheets =
        add_training_options(*l, "Lead sheets as JSON Lines, or folders of them: NAME.train.jsonl, NAME.valid.jsonl, ...");
    l->add_option("--setting", sheets->setting, "improved, or exactly as published")
        ->check(CLI::IsMember({"improved", "published"}))
        ->capture_default_str();
    l->callback([sheets] { train_lofi2lofi(*sheets); });
    CLI::App* g = add_command(*c, "groove", "Two bars of drums: hits, force and timing",
                              "lofi train groove --data grooves/ --out mine.safetensors");
    const auto grooves =
        add_training_options(*g, "Grooves as JSON Lines, or folders of them: NAME.train.jsonl, NAME.valid.jsonl, ...");
    g->callback([grooves] { train_groove(*grooves); });
}

void add_quantise(CLI::App& app) {
    auto o = std::make_shared<quantise_options>();
    CLI::App* c = add_command(app, "quantise", "Turns trained weights into 8-bit ones for the play door",
                              "lofi quantise --weights mine.safetensors --out mine.lofi");
    c->add_option("--weights", o->weights, "Weights of `lofi train`: groove, or lofi2lofi in the improved setting")->required();
    c->add_option("--out", o->out, "A file, or a header where it ends in .hpp")->required();
    c->add_option("--data", o->data,
                  "What it learned from: prints how the fixed network differs from the real one on the test split");
    c->callback([o] { quantise(*o); });
}

}  // namespace program

#else

namespace program {
void add_train(CLI::App& app) { add_missing(app, "train", "Trains a network on your own music"); }
void add_quantise(CLI::App& app) { add_missing(app, "quantise", "Turns trained weights into 8-bit ones for the play door"); }
}  // namespace program

#endif
