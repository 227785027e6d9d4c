#pragma once
// What the commands that train and quantise share. Each kind of network has a file of its own, train_KIND.cpp.
#include "command.hpp"

#if LOFI_HAVE_TRAIN
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <lofi/backend/fixed.hpp>
#include <lofi/train/loop.hpp>

namespace program {

namespace fs = std::filesystem;

/// Options of every `lofi train`.
struct train_options {
    std::vector<fs::path> data;
    fs::path out, folder;
    std::string setting = "improved";
    std::optional<std::uint64_t> epochs;
    std::optional<std::size_t> batch;
    std::optional<double> rate;
    std::uint64_t seed = 1;
    bool resume = false, no_pictures = false;
    std::string backend = "cpu";  ///< of the commands that have a choice
};

/// Options of `lofi quantise`.
struct quantise_options {
    fs::path weights, out;
    std::vector<fs::path> data;
};

/// Each adds its command to `lofi train`.
void add_train_groove(CLI::App& train);
void add_train_lofi2lofi(CLI::App& train);
void add_train_lyrics2lofi(CLI::App& train);
void add_train_music_vae(CLI::App& train);
void add_train_note_lstm(CLI::App& train);
void add_train_lofigen(CLI::App& train);
void add_train_stft(CLI::App& train);
void add_train_tcn(CLI::App& train);
void add_train_wavenet(CLI::App& train);
void add_train_lstm_wave(CLI::App& train);

/// Each turns the weights of its kind into 8-bit ones, and with data prints how far these are from the real ones.
lofi::backend::fixed_arena quantise_groove(const quantise_options& o);
lofi::backend::fixed_arena quantise_lofi2lofi(const quantise_options& o);
lofi::backend::fixed_arena quantise_music_vae(const quantise_options& o);
lofi::backend::fixed_arena quantise_note_lstm(const quantise_options& o);

/// The files of a folder that end in .jsonl, in order.
inline std::vector<fs::path> lines_in(const fs::path& folder, const char* of_what) {
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

inline void choose_places(train_options& o) {
    if (fs::is_directory(o.out)) throw lofi::error(o.out.string(), "is a folder: name a file for the weights");
    if (o.folder.empty()) o.folder = fs::path(o.out).concat(".run");
}

inline std::shared_ptr<train_options> add_training_options(CLI::App& c, const char* data, const char* name = "--data") {
    auto o = std::make_shared<train_options>();
    c.add_option(name, o->data, data)->required();
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

}  // namespace program

#endif
