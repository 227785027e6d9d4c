// lofi train and lofi generate: lofigen and wavenet of paper 002 (wavenet also improved, by a lead sheet), and tcn of paper 004.
#include "wave.hpp"

#if LOFI_HAVE_TRAIN
#include <optional>

#include <lofi/recipe/frame_net.hpp>
#include <lofi/recipe/wave_networks.hpp>
#include <lofi/recipe/wave_recipes.hpp>
#include <lofi/recipe/wave_resident.hpp>
#include <lofi/recipe/wave_sheet_file.hpp>

#include "on_cuda.hpp"

namespace program {
namespace {

namespace recipe = lofi::recipe;
using lofi::model::frame_net_hearing;

struct wavenet_options {
    wave_options wave;
    std::size_t layers = 0;
    std::string hearing = "fixed";
};

void train_lofigen(const wavenet_options& o) {
    const auto r = recipe_of(o.wave, recipe::lofigen_recipe());
    const auto on_cuda = [&](auto&&... what) { return lofigen_on_cuda(o.layers, recipe::resident_data(what...)); };
    if (o.layers == 4) return train_wave<recipe::lofigen_model<4>>(o.wave, r, on_cuda);
    train_wave<recipe::lofigen_model<6>>(o.wave, r, on_cuda);
}

template <frame_net_hearing Hearing>
void train_frame_net(const wavenet_options& o) {
    train_options& common = *o.wave.common;
    choose_places(common);
    auto r = recipe_of<recipe::frame_net_recipe>(common);
    r.sample = lofi::seconds(o.wave.sample_seconds);
    const lofi::hertz rate(o.wave.sample_rate);
    lofi::corpus::sound_corpus sound(common.data,
                                     {.rate = rate, .gap = lofi::seconds(static_cast<double>(r.window) / rate.value)});
    for (const std::string& notice : sound.notices()) std::fprintf(stderr, "%s\n", notice.c_str());
    recipe::frame_net_model<Hearing> net(rate, lofi::random_key{common.seed}.child("weights"));
    recipe::frame_net_trainee<Hearing> trainee(r, net, sound, o.wave.set);
    std::size_t told = 0;
    for (const auto& f : sound.files()) told += recipe::sheet_of(f).has_value();
    std::fprintf(stderr, "%zu of %zu files with tempo and chords; %zu parameters\n", told, sound.files().size(),
                 net.parameters().size());
    run(trainee, common);
}

void train_wavenet(const wavenet_options& o) {
    if (o.wave.common->setting == "improved")
        return o.hearing == "fixed" ? train_frame_net<frame_net_hearing::fixed>(o)
                                    : train_frame_net<frame_net_hearing::adaptive>(o);
    const auto r = recipe_of(o.wave, recipe::wavenet_recipe());
    if (o.layers == 10) return train_wave<recipe::wavenet_model<10>>(o.wave, r);
    if (o.layers == 30) return train_wave<recipe::wavenet_model<30>>(o.wave, r);
    train_wave<recipe::wavenet_model<20>>(o.wave, r);
}

std::size_t layers_of(const fs::path& weights, const std::string& kind) {
    const auto header = lofi::nn::read_header(lofi::nn::read_safetensors(weights));
    if (header.model != kind) return 0;  // the model itself says so
    return header.config.value("layers", std::size_t{0});
}

void generate_lofigen(const wave_generate_options& o) {
    if (layers_of(o.weights, "lofigen") == 4) return generate_wave<recipe::lofigen_model<4>>(o);
    generate_wave<recipe::lofigen_model<6>>(o);
}

struct sheet_options {
    std::shared_ptr<wave_generate_options> common;
    fs::path sheet;
    bool no_drums = false;
};

using by_sheet = recipe::frame_net_model<frame_net_hearing::fixed>;

void generate_wavenet(const sheet_options& o) {
    const auto header = lofi::nn::read_header(lofi::nn::read_safetensors(o.common->weights));
    if (header.model == by_sheet::kind()) {
        std::optional<lofi::model::wave_sheet> sheet;
        if (!o.sheet.empty()) sheet = recipe::read_wave_sheet(o.sheet);
        if (sheet && o.no_drums) sheet->drums = lofi::model::drumming::none;
        generate_wave<by_sheet>(*o.common, [&](by_sheet& m) { m.sheet = sheet; });
        return;
    }
    if (header.model == recipe::frame_net_model<frame_net_hearing::adaptive>::kind())
        throw lofi::error(o.common->weights.string(),
                          "holds a network of adaptive hearing, which scores sound and makes none: train with --hearing fixed");
    if (!o.sheet.empty())
        throw lofi::error(o.common->weights.string(), "holds a network that knows no sheet: train with --setting improved");
    const std::size_t layers = layers_of(o.common->weights, "wavenet");
    if (layers == 10) return generate_wave<recipe::wavenet_model<10>>(*o.common);
    if (layers == 30) return generate_wave<recipe::wavenet_model<30>>(*o.common);
    generate_wave<recipe::wavenet_model<20>>(*o.common);
}

}  // namespace

void add_train_lofigen(CLI::App& train) {
    CLI::App* c = add_command(train, "lofigen", "Sound, sample by sample, by long convolutions: LofiGen of paper 002",
                              "lofi train lofigen --audio music/ --layers 4 --out mine.safetensors");
    auto o = std::make_shared<wavenet_options>();
    o->wave = add_wave_training_options(*c, 8000);
    o->layers = 6;
    add_wave_places(*c, o->wave);
    c->add_option("--layers", o->layers, "6, or 4, which streams")->check(CLI::IsMember({4, 6}))->capture_default_str();
    c->add_option("--backend", o->wave.common->backend, "Where it trains; either goes on with the other's run")
        ->check(CLI::IsMember({"cpu", "cuda"}))
        ->capture_default_str();
    c->callback([o] { train_lofigen(*o); });
}

void add_train_wavenet(CLI::App& train) {
    CLI::App* c = add_command(train, "wavenet", "Sound, sample by sample, by gated dilated convolutions",
                              "lofi train wavenet --audio music/ --out mine.safetensors");
    auto o = std::make_shared<wavenet_options>();
    o->wave = add_wave_training_options(*c, 8000);
    o->layers = 20;
    add_wave_places(*c, o->wave);
    c->add_option("--setting", o->wave.common->setting,
                  "improved (frames, densities, by a lead sheet), or published (mu-law classes)")
        ->check(CLI::IsMember({"improved", "published"}))
        ->capture_default_str();
    c->add_option("--layers", o->layers, "Of the published setting")->check(CLI::IsMember({10, 20, 30}))->capture_default_str();
    c->add_option("--hearing", o->hearing,
                  "Of the improved setting: fixed, or adaptive, which scores better and makes no sound")
        ->check(CLI::IsMember({"fixed", "adaptive"}))
        ->capture_default_str();
    c->callback([o] { train_wavenet(*o); });
}

void add_train_tcn(CLI::App& train) {
    CLI::App* c = add_command(train, "tcn", "Sound, four samples at a time, by dilated residual blocks: the TCN of paper 004",
                              "lofi train tcn --audio music/ --out mine.safetensors");
    auto o = std::make_shared<wave_options>(add_wave_training_options(*c, 4410));
    add_wave_places(*c, *o);
    c->callback([o] { train_wave<recipe::wave_tcn_model>(*o, recipe_of(*o, recipe::wave_tcn_recipe())); });
}

void add_generate_lofigen(CLI::App& generate_command) {
    CLI::App* c = add_command(generate_command, "lofigen", "Sound of a LofiGen, as a WAV file",
                              "lofi generate lofigen --weights mine.safetensors --continue night.wav --out more.wav");
    auto o = add_wave_generating_options(*c);
    c->callback([o] { generate_lofigen(*o); });
}

void add_generate_wavenet(CLI::App& generate_command) {
    CLI::App* c =
        add_command(generate_command, "wavenet", "Sound of a WaveNet, by a lead sheet where it knows one, as a WAV file",
                    "lofi generate wavenet --weights mine.safetensors --sheet song.json --out song.wav");
    auto o = std::make_shared<sheet_options>();
    o->common = add_wave_generating_options(*c);
    c->add_option("--sheet", o->sheet, "What it plays: NAME.json of `lofi render`, or lead sheets one a line");
    c->add_flag("--no-drums", o->no_drums, "Keys alone");
    c->callback([o] { generate_wavenet(*o); });
}

void add_generate_tcn(CLI::App& generate_command) {
    CLI::App* c = add_command(generate_command, "tcn", "Sound of a TCN, as a WAV file",
                              "lofi generate tcn --weights mine.safetensors --continue night.wav --out more.wav");
    auto o = add_wave_generating_options(*c);
    c->callback([o] { generate_wave<recipe::wave_tcn_model>(*o); });
}

}  // namespace program

#else

namespace program {
void add_generate_lofigen(CLI::App& c) { add_missing(c, "lofigen", "Sound of a LofiGen, as a WAV file"); }
void add_generate_wavenet(CLI::App& c) { add_missing(c, "wavenet", "Sound of a WaveNet, as a WAV file"); }
void add_generate_tcn(CLI::App& c) { add_missing(c, "tcn", "Sound of a TCN, as a WAV file"); }
}  // namespace program

#endif
