#pragma once
// lofi eval of sound: what a network that runs by itself made, beside real clips.
#include "command.hpp"

#if LOFI_HAVE_TRAIN
#include <filesystem>
#include <vector>

namespace program {

struct eval_sound_options {
    std::vector<std::filesystem::path> files, against;
    std::filesystem::path out;  ///< folder of spectrograms; empty: none
    double rate = 8000, tempo = 0;
    bool json = false;
};

/// Measures sound files and prints a table, or JSON.
void evaluate_sound(const eval_sound_options& o);

}  // namespace program

#endif
