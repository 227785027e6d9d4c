#pragma once
// What the commands of networks that make sound itself share: lofi train KIND --audio, lofi generate KIND --continue.
#include "training.hpp"

#if LOFI_HAVE_TRAIN
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <lofi/recipe/wave_training.hpp>

namespace program {

/// Options of every `lofi train` on sound. `common->data` holds the files.
struct wave_options {
    std::shared_ptr<train_options> common;
    double sample_rate = 8000;
    std::string set;
    double sample_seconds = 10;
};

inline wave_options add_wave_training_options(CLI::App& c, double rate) {
    wave_options o;
    o.common = add_training_options(c, "Sound files (WAV; FLAC, OGG and MP3 with libsndfile), or folders of them", "--audio");
    o.sample_rate = rate;
    return o;
}
/// The options that are stored in place: called with what lives as long as the command.
inline void add_wave_places(CLI::App& c, wave_options& o) {
    c.add_option("--rate", o.sample_rate, "Samples a second that the network learns and makes")
        ->check(number(1000, 192000))
        ->capture_default_str();
    c.add_option("--set", o.set,
                 "Learns from this set alone: drums of night.drums.wav, mix of mix_train_000.wav; all, if not given");
    c.add_option("--sample-seconds", o.sample_seconds, "Sound made at each validation; 0: none")
        ->check(number(0, 600))
        ->capture_default_str();
}

/// The recipe with what was asked for in its place.
inline lofi::recipe::wave_recipe recipe_of(const wave_options& o, lofi::recipe::wave_recipe r) {
    r.epochs = o.common->epochs.value_or(r.epochs);
    r.batch = o.common->batch.value_or(r.batch);
    r.rate = o.common->rate.value_or(r.rate);
    r.seed = o.common->seed;
    r.sample = lofi::seconds(o.sample_seconds);
    return r;
}

/// Trains a model on sound. `Model` is made of a rate and a key.
/// params: on_cuda: makes its steps on a device, of a recipe, a window's samples, the corpus and a set; none: trains on the CPU alone
template <lofi::recipe::wave_model Model, class OnCuda = std::nullptr_t>
void train_wave(const wave_options& o, const lofi::recipe::wave_recipe& r, OnCuda on_cuda = {}) {
    choose_places(*o.common);
    Model model(lofi::hertz(o.sample_rate), lofi::random_key{o.common->seed}.child("weights"));
    // A gap as long as a window between splits of one file: what is validated was never in sight of what was learned.
    lofi::corpus::sound_corpus sound(
        o.common->data,
        {.rate = lofi::hertz(o.sample_rate), .gap = lofi::seconds(static_cast<double>(model.window()) / o.sample_rate)});
    for (const std::string& notice : sound.notices()) std::fprintf(stderr, "%s\n", notice.c_str());
    const auto seconds_of = [&](lofi::corpus::split s) { return static_cast<double>(sound.count(s, o.set)) / o.sample_rate; };
    using lofi::corpus::split;
    std::fprintf(stderr, "%.0f s to train, %.0f s to validate, %.0f s to test; %zu parameters\n", seconds_of(split::train),
                 seconds_of(split::valid), seconds_of(split::test), model.parameters().size());
    using trainee = lofi::recipe::wave_trainee<Model>;
    trainee net(r, model, sound, o.set);
    if constexpr (!std::is_null_pointer_v<OnCuda>) {
        if (o.common->backend == "cuda") {
            lofi::train::on_device<trainee> there(std::move(net), on_cuda(r, model.window(), sound, o.set));
            return run(there, *o.common);
        }
    }
    run(net, *o.common);
}

/// Options of every `lofi generate` of sound.
struct wave_generate_options {
    fs::path weights, out, clip;
    double seconds = 10, temperature = 1;
    std::uint64_t seed = 1;
};

inline std::shared_ptr<wave_generate_options> add_wave_generating_options(CLI::App& c) {
    auto o = std::make_shared<wave_generate_options>();
    c.add_option("--weights", o->weights, "Weights of `lofi train`")->required();
    c.add_option("--seconds", o->seconds, "How long")->check(number(0.01, 86400))->capture_default_str();
    c.add_option("--continue", o->clip, "A sound file that it goes on from; silence, if not given");
    c.add_option("--seed", o->seed, "The same seed gives the same sound")->check(whole_number())->capture_default_str();
    c.add_option("--temperature", o->temperature, "Below 1 bolder about the likely, above 1 wilder")
        ->check(number(0, 10))
        ->capture_default_str();
    c.add_option("--out", o->out, "The WAV file")->required();
    return o;
}

/// Makes sound and writes it; what was gone on from is not in the file.
/// params: prepare: called with the model before it goes on
template <class Model, class Prepare = void (*)(Model&)>
void generate_wave(
    const wave_generate_options& o, Prepare&& prepare = [](Model&) {}) {
    const lofi::hertz rate = lofi::recipe::rate_of_wave_model(o.weights, Model::kind());
    Model model(rate, lofi::random_key{});
    lofi::recipe::read_wave_model(o.weights, model);
    prepare(model);
    std::vector<float> clip;
    if (!o.clip.empty()) {
        auto file =
            lofi::audio::mono_stream<lofi::audio::sound_stream>::open(lofi::audio::sound_stream::open(o.clip).value(), rate);
        if (!file) throw file.error().at(o.clip.string());
        const std::int64_t length = file->length().value;
        clip.resize(static_cast<std::size_t>(std::min<std::int64_t>(length, static_cast<std::int64_t>(model.seed_length()))));
        if (clip.size() < model.seed_length())
            std::fprintf(stderr, "%s: has %zu samples at %.0f Hz, and the network hears %zu: silence is put before them\n",
                         o.clip.c_str(), clip.size(), rate.value, model.seed_length());
        (void)file->read(lofi::frames(length - static_cast<std::int64_t>(clip.size())), clip).value();
    }
    const auto made = lofi::recipe::continue_sound(model, clip, static_cast<std::size_t>(o.seconds * rate.value),
                                                   lofi::random_key{o.seed}, o.temperature);
    lofi::recipe::write_sound(o.out, made, rate);
    std::fprintf(stderr, "%s: %.2f s at %.0f Hz\n", o.out.c_str(), static_cast<double>(made.size()) / rate.value, rate.value);
}

}  // namespace program

#endif
