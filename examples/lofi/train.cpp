// lofi train: trains a network on lead sheets. lofi quantise: turns its weights into those of the play door.
#include "command.hpp"

#if LOFI_HAVE_TRAIN
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <lofi/corpus/lead_sheet_corpus.hpp>
#include <lofi/pretrained/lofi2lofi.hpp>
#include <lofi/recipe/lofi2lofi_files.hpp>
#include <lofi/recipe/lofi2lofi_improved.hpp>
#include <lofi/recipe/lofi2lofi_published.hpp>
#include <lofi/recipe/lofi2lofi_quantise.hpp>

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

/// Lead sheets in a folder: the corpora of clean licence that the shipped network learned from, else whatever is there.
std::vector<fs::path> sheets_in(const fs::path& folder) {
    std::vector<fs::path> known, any;
    for (const fs::directory_entry& e : fs::directory_iterator(folder)) {
        const std::string name = e.path().filename().string();
        if (!name.ends_with(".jsonl") || name.ends_with(".ext.jsonl")) continue;
        any.push_back(e.path());
        const auto& names = lofi::recipe::lofi2lofi_corpora;
        if (std::find(names.begin(), names.end(), name.substr(0, name.find('.'))) != names.end()) known.push_back(e.path());
    }
    std::vector<fs::path>& files = known.empty() ? any : known;
    if (files.empty()) throw lofi::error(folder.string(), "has no lead sheets, which are files ending in .jsonl");
    std::sort(files.begin(), files.end());
    return files;
}

lofi::corpus::lead_sheet_corpus read_data(const std::vector<fs::path>& named) {
    std::vector<fs::path> files;
    for (const fs::path& p : named) {
        if (fs::is_directory(p)) {
            for (fs::path& f : sheets_in(p)) files.push_back(std::move(f));
        } else {
            files.push_back(p);
        }
    }
    return lofi::corpus::read_lead_sheet_corpus(files);
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

void train_lofi2lofi(train_options& o) {
    namespace recipe = lofi::recipe;
    using lofi::corpus::split;
    if (fs::is_directory(o.out)) throw lofi::error(o.out.string(), "is a folder: name a file for the weights");
    if (o.folder.empty()) o.folder = fs::path(o.out).concat(".run");
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

struct quantise_options {
    fs::path weights, out;
    std::vector<fs::path> data;
};

json compared(double divergence, double agreement, std::size_t steps) {
    return {{"steps", steps}, {"divergence_bits", divergence}, {"agreement", agreement}};
}

void quantise(const quantise_options& o) {
    constexpr auto& sizes = lofi::pretrained::lofi2lofi_sizes;
    auto weights = lofi::recipe::read_improved<sizes>(o.weights);
    const lofi::backend::fixed_arena arena = lofi::recipe::quantise<sizes>(weights.view().decode);
    if (!o.data.empty()) {
        const auto test = lofi::recipe::examples_of(read_data(o.data), lofi::corpus::split::test);
        lofi::backend::fixed_cursor cursor(arena);
        const auto fixed = lofi::model::lofi2lofi_decoder<sizes, lofi::backend::fixed>::params::bind(cursor);
        const auto r = lofi::recipe::compare<sizes>(weights.view().decode, fixed, test.melodic, lofi::random_key{1});
        print({{"chords", compared(r.chord_divergence, r.chord_agreement, r.chords)},
               {"slots", compared(r.slot_divergence, r.slot_agreement, r.slots)},
               {"bars", compared(r.bar_divergence, r.bar_agreement, r.bars)}});
    }
    if (o.out.extension() == ".hpp")
        lofi::write_file(o.out, lofi::recipe::header_text(arena, "lofi2lofi_words", o.weights.filename().string())).value();
    else
        lofi::write_file(o.out, arena.write()).value();
    std::fprintf(stderr, "%s: %zu weights of 8 bits and %zu numbers of 32: %zu bytes\n", o.out.c_str(), arena.bytes.size(),
                 arena.words.size(), arena.write().size());
}

}  // namespace

void add_train(CLI::App& app) {
    CLI::App* c = add_command(app, "train", "Trains a network on your own music",
                              "lofi train lofi2lofi --data corpora/ --out mine.safetensors");
    c->require_subcommand(1);
    auto o = std::make_shared<train_options>();
    CLI::App* l = add_command(*c, "lofi2lofi", "Lead sheets: chords with a melody",
                              "lofi train lofi2lofi --data corpora/ --out mine.safetensors --epochs 24");
    l->add_option("--data", o->data, "Lead sheets as JSON Lines, or folders of them: NAME.train.jsonl, NAME.valid.jsonl, ...")
        ->required();
    l->add_option("--out", o->out, "The finished weights")->required();
    l->add_option("--setting", o->setting, "improved, or exactly as published")
        ->check(CLI::IsMember({"improved", "published"}))
        ->capture_default_str();
    l->add_option("--folder", o->folder, "Where checkpoints and plots go; OUT.run, if not given");
    l->add_option("--epochs", o->epochs, "Passes over the data; the setting's, if not given")
        ->check(whole_number() & number(1, 1e6));
    l->add_option("--batch", o->batch, "Phrases a step; the setting's, if not given")->check(whole_number() & number(1, 65536));
    l->add_option("--lr", o->rate, "Learning rate; the setting's, if not given")->check(number(1e-9, 10));
    l->add_option("--seed", o->seed, "Of the weights and of all chance")->check(whole_number())->capture_default_str();
    l->add_flag("--resume", o->resume, "Continues a run that was stopped or killed, bit for bit");
    l->add_flag("--no-pictures", o->no_pictures, "Draws no plots");
    l->callback([o] { train_lofi2lofi(*o); });
}

void add_quantise(CLI::App& app) {
    auto o = std::make_shared<quantise_options>();
    CLI::App* c = add_command(app, "quantise", "Turns trained weights into 8-bit ones for the play door",
                              "lofi quantise --weights mine.safetensors --out mine.lofi");
    c->add_option("--weights", o->weights, "Weights of `lofi train lofi2lofi`, improved setting")->required();
    c->add_option("--out", o->out, "A file, or a header where it ends in .hpp")->required();
    c->add_option("--data", o->data, "Lead sheets: prints how the fixed network differs from the real one on their test songs");
    c->callback([o] { quantise(*o); });
}

}  // namespace program

#else

namespace program {
void add_train(CLI::App& app) { add_missing(app, "train", "Trains a network on your own music"); }
void add_quantise(CLI::App& app) { add_missing(app, "quantise", "Turns trained weights into 8-bit ones for the play door"); }
}  // namespace program

#endif
