// lofi train and lofi generate: stft (improved, or as paper 004 has it) and lstm-wave, that paper's baseline.
#include "wave.hpp"

#if LOFI_HAVE_TRAIN
#include <lofi/recipe/lstm_wave.hpp>
#include <lofi/recipe/stft.hpp>

namespace program {
namespace {

namespace recipe = lofi::recipe;
namespace model = lofi::model;

using improved = recipe::stft_wave<model::stft_network_config{}>;
template <std::size_t Hidden>
using published = recipe::stft_published_wave<model::stft_published_config{.hidden = Hidden}>;
using baseline = recipe::lstm_wave<model::lstm_wave_config{}>;

struct stft_options {
    wave_options wave;
    std::size_t hidden = 2048;
};

void train_stft(const stft_options& o) {
    if (o.wave.common->setting == "improved") return train_wave<improved>(o.wave, recipe_of(o.wave, recipe::stft_recipe()));
    const auto r = recipe_of(o.wave, recipe::stft_published_recipe());
    if (o.hidden == 2048) return train_wave<published<2048>>(o.wave, r);
    if (o.hidden == 512) return train_wave<published<512>>(o.wave, r);
    train_wave<published<128>>(o.wave, r);
}

void generate_stft(const wave_generate_options& o) {
    const auto header = lofi::nn::read_header(lofi::nn::read_safetensors(o.weights));
    if (header.model != published<128>::kind()) return generate_wave<improved>(o);
    const auto hidden = header.config.value("hidden", std::size_t{0});
    if (hidden == 2048) return generate_wave<published<2048>>(o);
    if (hidden == 512) return generate_wave<published<512>>(o);
    generate_wave<published<128>>(o);
}

}  // namespace

void add_train_stft(CLI::App& train) {
    CLI::App* c = add_command(train, "stft", "Sound, frame by frame of frequencies",
                              "lofi train stft --audio music/ --out mine.safetensors");
    auto o = std::make_shared<stft_options>();
    o->wave = add_wave_training_options(*c, 4410);
    add_wave_places(*c, o->wave);
    c->add_option("--setting", o->wave.common->setting, "improved, or published as in paper 004")
        ->check(CLI::IsMember({"improved", "published"}))
        ->capture_default_str();
    c->add_option("--hidden", o->hidden, "Units of the published LSTMs: 2048 as in the paper, or fewer")
        ->check(CLI::IsMember({2048, 512, 128}))
        ->capture_default_str();
    c->callback([o] { train_stft(*o); });
}

void add_train_lstm_wave(CLI::App& train) {
    CLI::App* c = add_command(train, "lstm-wave", "Sound, sample by sample: the baseline of paper 004",
                              "lofi train lstm-wave --audio music/ --out mine.safetensors");
    auto o = std::make_shared<wave_options>(add_wave_training_options(*c, 4410));
    add_wave_places(*c, *o);
    c->callback([o] { train_wave<baseline>(*o, recipe_of(*o, recipe::lstm_wave_recipe())); });
}

void add_generate_stft(CLI::App& generate_command) {
    CLI::App* c = add_command(generate_command, "stft", "Sound of an STFT network, as a WAV file",
                              "lofi generate stft --weights mine.safetensors --continue night.wav --seconds 20 --out more.wav");
    auto o = add_wave_generating_options(*c);
    c->callback([o] { generate_stft(*o); });
}

void add_generate_lstm_wave(CLI::App& generate_command) {
    CLI::App* c = add_command(generate_command, "lstm-wave", "Sound of the LSTM baseline, as a WAV file",
                              "lofi generate lstm-wave --weights mine.safetensors --continue night.wav --out more.wav");
    auto o = add_wave_generating_options(*c);
    c->callback([o] { generate_wave<baseline>(*o); });
}

}  // namespace program

#else

namespace program {
void add_generate_stft(CLI::App& generate_command) {
    add_missing(generate_command, "stft", "Sound of an STFT network, as a WAV file");
}
void add_generate_lstm_wave(CLI::App& generate_command) {
    add_missing(generate_command, "lstm-wave", "Sound of the LSTM baseline, as a WAV file");
}
}  // namespace program

#endif
