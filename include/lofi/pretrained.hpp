#pragma once
// All of the room pretrained.
#include <lofi/pretrained/groove.hpp>
#include <lofi/pretrained/lofi2lofi.hpp>
#include <lofi/pretrained/music_vae.hpp>
#include <lofi/pretrained/note_lstm.hpp>
#include <lofi/pretrained/packed.hpp>
