// lofi generate: music from a network. Each kind of network has a file of its own, generate_KIND.cpp.
#include "command.hpp"

namespace program {

void add_generate(CLI::App& app) {
    CLI::App* c = add_command(app, "generate", "Writes music with one of the networks",
                              "lofi generate lofi2lofi --count 3 --seed 5 --energy 0.5 --valence 0.7");
    c->require_subcommand(1);
    add_generate_lofi2lofi(*c);
    add_generate_lyrics2lofi(*c);
    add_generate_music_vae(*c);
    add_generate_note_lstm(*c);
    add_generate_lofigen(*c);
    add_generate_wavenet(*c);
    add_generate_tcn(*c);
    add_generate_stft(*c);
    add_generate_lstm_wave(*c);
}

}  // namespace program
