// lofi train music-vae: a network of two-bar melodies, improved and as published, with its kinds for drums, bass and sixteen bars.
#include "training.hpp"

#if LOFI_HAVE_TRAIN
#include <lofi/corpus/groove_corpus.hpp>
#include <lofi/corpus/melody_corpus.hpp>
#include <lofi/corpus/note_corpus.hpp>
#include <lofi/recipe/music_vae_published.hpp>
#include <lofi/recipe/music_vae_quantise.hpp>

namespace program {
namespace {

namespace recipe = lofi::recipe;
namespace model = lofi::model;
using lofi::corpus::split;
constexpr model::music_vae_config sizes{};

struct music_vae_options {
    std::shared_ptr<train_options> common;
    std::optional<std::uint64_t> steps;
};

/// Tables of windows in a folder, of clean licence where it has these, else all; else the MIDI files in it and below.
std::vector<fs::path> melodies_in(const fs::path& folder) {
    std::vector<fs::path> clean, tables, files;
    for (const fs::directory_entry& e : fs::recursive_directory_iterator(folder)) {
        if (!e.is_regular_file()) continue;
        const std::string name = e.path().filename().string();
        if (e.path().extension() == ".tsv" && lofi::corpus::split_in_name(e.path())) tables.push_back(e.path());
        if (!tables.empty() && tables.back() == e.path() && (name.starts_with("ewld.") || name.starts_with("lieder.")))
            clean.push_back(e.path());
        if (lofi::corpus::is_midi_name(e.path())) files.push_back(e.path());
    }
    std::vector<fs::path>& found = !clean.empty() ? clean : !tables.empty() ? tables : files;
    if (found.empty()) throw lofi::error(folder.string(), "has neither windows, NAME.train.tsv, nor MIDI files");
    std::sort(found.begin(), found.end());
    return found;
}

recipe::step_examples drums_of(const lofi::corpus::groove_corpus& all, split which) {
    recipe::step_examples out;
    for (const lofi::corpus::groove_window& w : all.windows) {
        if (w.split != which) continue;
        std::vector<std::int32_t> steps(lofi::token::melody_window, 0);
        for (const lofi::score::drum_hit& h : w.groove.hits) steps[h.step] |= 1 << static_cast<int>(h.voice);
        out.push_back(std::move(steps));
    }
    return out;
}

template <model::music_vae_published_config C>
void train_published(const music_vae_options& o, recipe::step_examples train, recipe::step_examples valid) {
    using trainee = recipe::music_vae_published_trainee<C>;
    recipe::music_vae_published_recipe r;
    r.batch = o.common->batch.value_or(r.batch);
    r.rate = o.common->rate.value_or(r.rate);
    r.seed = o.common->seed;
    r.steps = o.steps.value_or(r.steps);
    const std::uint64_t per_epoch = (train.size() + r.batch - 1) / r.batch;
    if (o.common->epochs) r.steps = *o.common->epochs * per_epoch;
    std::fprintf(stderr, "%zu examples to train, %zu to validate; %zu parameters\n", train.size(), valid.size(),
                 trainee::network::parameter_count);
    trainee net(r, std::move(train), std::move(valid));
    run(net, *o.common);
}

template <model::music_vae_published_config C>
void train_melodies(const music_vae_options& o, lofi::token::melody_voice voice = lofi::token::melody_voice::lead) {
    const auto all = lofi::corpus::read_melody_corpus(files_of(o.common->data, melodies_in), voice);
    constexpr std::size_t segments = C.steps * C.segments / lofi::token::melody_window;
    train_published<C>(o, lofi::corpus::long_melodies(all, split::train, segments),
                       lofi::corpus::long_melodies(all, split::valid, segments));
}

void train_improved(const music_vae_options& o) {
    if (o.steps) throw lofi::error("lofi train music-vae", "--steps is for the published settings: give --epochs");
    const auto r = recipe_of<recipe::music_vae_recipe>(*o.common);
    const auto all = lofi::corpus::read_melody_corpus(files_of(o.common->data, melodies_in));
    std::fprintf(stderr, "%zu segments to train, %zu to validate, %zu to test\n", all.count(split::train),
                 all.count(split::valid), all.count(split::test));
    recipe::music_vae_trainee<sizes> net(r, recipe::segment_examples(all, split::train),
                                         recipe::segment_examples(all, split::valid));
    run(net, *o.common);
}

void train_music_vae(const music_vae_options& o) {
    choose_places(*o.common);
    const std::string& setting = o.common->setting;
    if (setting == "improved") return train_improved(o);
    if (setting == "published-small") return train_melodies<model::cat_mel_2bar_small>(o);
    if (setting == "published-big") return train_melodies<model::cat_mel_2bar_big>(o);
    if (setting == "published-bass") return train_melodies<model::cat_mel_2bar_small>(o, lofi::token::melody_voice::bass);
    if (setting == "published-16bar") return train_melodies<model::hierdec_mel_16bar>(o);
    const auto in_folder = [](const fs::path& folder) { return lines_in(folder, "grooves"); };
    const auto all = lofi::corpus::read_groove_corpus(files_of(o.common->data, in_folder));
    train_published<model::cat_drums_2bar_small>(o, drums_of(all, split::train), drums_of(all, split::valid));
}

}  // namespace

lofi::backend::fixed_arena quantise_music_vae(const quantise_options& o) {
    auto weights = recipe::read_music_vae<sizes>(o.weights);
    lofi::backend::fixed_arena arena = recipe::quantise_music_vae<sizes>(weights.view());
    if (!o.data.empty()) {
        const auto test =
            recipe::segment_examples(lofi::corpus::read_melody_corpus(files_of(o.data, melodies_in)), split::test);
        lofi::backend::fixed_cursor cursor(arena);
        const auto fixed = model::music_vae<sizes, lofi::backend::fixed>::params::bind(cursor);
        const auto bits_a_step = [&](const std::vector<double>& costs) {
            double sum = 0;
            for (const double c : costs) sum += c;
            return sum / std::log(2.0) / static_cast<double>(std::max<std::size_t>(costs.size(), 1) * model::segment_steps);
        };
        print({{"segments", test.size()},
               {"bits_a_step_given_the_latent",
                bits_a_step(recipe::stepped_costs<sizes, lofi::backend::cpu<float>>(weights.view(), test))},
               {"in_whole_numbers", bits_a_step(recipe::stepped_costs<sizes, lofi::backend::fixed>(fixed, test))}});
    }
    return arena;
}

void add_train_music_vae(CLI::App& train) {
    CLI::App* c = add_command(train, "music-vae", "Melodies of two bars, each knowing those before it",
                              "lofi train music-vae --data melodies/ --out mine.safetensors");
    auto o = std::make_shared<music_vae_options>();
    o->common = add_training_options(*c, "Windows of melody as tables, MIDI files, or folders of them; grooves for drums");
    c->add_option(
         "--setting", o->common->setting,
         "improved, or as published: published-small, -big (two bars of melody), -16bar (in two levels), -bass, -drums")
        ->check(CLI::IsMember(
            {"improved", "published-small", "published-big", "published-16bar", "published-bass", "published-drums"}))
        ->capture_default_str();
    c->add_option("--steps", o->steps, "Steps of a published setting; 200,000, if neither this nor --epochs is given")
        ->check(whole_number() & number(1, 1e9));
    c->callback([o] { train_music_vae(*o); });
}

}  // namespace program

#endif
