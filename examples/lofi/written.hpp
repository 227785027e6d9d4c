#pragma once
// Pieces as files: MIDI, and picture and sound where they are wanted.
#include <filesystem>

#include <CLI/CLI.hpp>

#include <lofi/score/piece.hpp>

namespace program {

/// What is written of a piece beside its MIDI file.
struct piece_files {
    bool wav = false, pictures = false;
};
void add_piece_files(CLI::App& app, piece_files& wanted);

/// Writes NAME.mid, and NAME.roll.png and NAME.wav where they are wanted, and prints their names.
void write_piece(const lofi::score::piece& piece, const std::filesystem::path& name, const piece_files& wanted);

}  // namespace program
