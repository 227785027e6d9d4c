#pragma once
// The headers of the room audio that belong to the train door.
#include <lofi/audio/harmonic_percussive.hpp>
#include <lofi/audio/sndfile.hpp>
#include <lofi/audio/stft.hpp>
