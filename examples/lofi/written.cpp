#include "written.hpp"

#include <cstdio>

#include <lofi/audio/wav_writer.hpp>
#include <lofi/core/file.hpp>
#include <lofi/midi/convert.hpp>
#include <lofi/midi/write.hpp>
#include <lofi/synth/render.hpp>

#include "command.hpp"
#include "pictures.hpp"

namespace program {

void add_piece_files(CLI::App& app, piece_files& wanted) {
    app.add_flag("--wav", wanted.wav, "Sound as well, played by the synthesiser");
    app.add_flag("--pictures", wanted.pictures, "The notes as a picture, too");
}

void write_piece(const lofi::score::piece& piece, const std::filesystem::path& name, const piece_files& wanted) {
    const auto with = [&](const char* ending) { return std::filesystem::path(name).concat(ending); };
    const auto file = of_option("--out", lofi::midi::from_piece(piece));
    const auto bytes = of_option("--out", lofi::midi::write(file));
    lofi::write_file(with(".mid"), std::span<const std::byte>(bytes)).value();
    std::printf("%s.mid\n", name.c_str());
    if (wanted.pictures) {
        draw_roll(piece, with(".roll.png"));
        std::printf("%s.roll.png\n", name.c_str());
    }
    if (!wanted.wav) return;
    lofi::audio::write_wav(with(".wav"), lofi::synth::render(piece, lofi::synth::config{}).value()).value();
    std::printf("%s.wav\n", name.c_str());
}

}  // namespace program
