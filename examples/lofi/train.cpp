// lofi train: trains a network on somebody's own music. lofi quantise: turns its weights into those of the play door.
#include "training.hpp"

#if LOFI_HAVE_TRAIN
#include <iterator>

#include <lofi/nn/checkpoint.hpp>
#include <lofi/recipe/weights_header.hpp>

namespace program {
namespace {

/// A kind of network that the play door has weights of.
struct quantised_kind {
    const char* kind;   ///< as its checkpoints name it
    const char* words;  ///< the name of its weights in a header
    lofi::backend::fixed_arena (*quantise)(const quantise_options&);
};
constexpr quantised_kind kinds[] = {
    {"lofi2lofi", "lofi2lofi_words", quantise_lofi2lofi},
    {"groove", "groove_words", quantise_groove},
    {"note-lstm", "note_lstm_words", quantise_note_lstm},
    {"music-vae", "music_vae_words", quantise_music_vae},
};

void quantise(const quantise_options& o) {
    const std::string kind = lofi::nn::read_header(lofi::nn::read_safetensors(o.weights)).model;
    const quantised_kind* const found =
        std::find_if(std::begin(kinds), std::end(kinds), [&](const quantised_kind& k) { return kind == k.kind; });
    if (found == std::end(kinds))
        throw lofi::error(o.weights.string(), "holds a network of kind '" + kind + "', which has no 8-bit weights");
    const lofi::backend::fixed_arena arena = found->quantise(o);
    if (o.out.extension() == ".hpp")
        lofi::write_file(o.out, lofi::recipe::header_text(arena, found->words, o.weights.filename().string())).value();
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
    add_train_lofi2lofi(*c);
    add_train_lyrics2lofi(*c);
    add_train_groove(*c);
    add_train_music_vae(*c);
    add_train_note_lstm(*c);
    add_train_lofigen(*c);
    add_train_wavenet(*c);
    add_train_tcn(*c);
    add_train_stft(*c);
    add_train_lstm_wave(*c);
}

void add_quantise(CLI::App& app) {
    auto o = std::make_shared<quantise_options>();
    CLI::App* c = add_command(app, "quantise", "Turns trained weights into 8-bit ones for the play door",
                              "lofi quantise --weights mine.safetensors --out mine.lofi");
    c->add_option("--weights", o->weights,
                  "Weights of `lofi train`: groove, or lofi2lofi, music-vae or note-lstm in the improved setting")
        ->required();
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
