#pragma once
// WAV files, both ways.
#include <lofi/audio/wav_reader.hpp>
#include <lofi/audio/wav_writer.hpp>
