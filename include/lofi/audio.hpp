#pragma once
// All of the room audio.
#include <lofi/audio/block.hpp>
#include <lofi/audio/level.hpp>
#include <lofi/audio/loudness.hpp>
#include <lofi/audio/mono.hpp>
#include <lofi/audio/mu_law.hpp>
#include <lofi/audio/resample.hpp>
#include <lofi/audio/sample_format.hpp>
#include <lofi/audio/spectrum.hpp>
#include <lofi/audio/true_peak.hpp>
#include <lofi/audio/wav.hpp>
#include <lofi/audio/wav_reader.hpp>
#include <lofi/audio/wav_stream.hpp>
#include <lofi/audio/wav_writer.hpp>
