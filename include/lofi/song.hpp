#pragma once
// All of the room song.
#include <lofi/song/accent.hpp>
#include <lofi/song/compose.hpp>
#include <lofi/song/mood.hpp>
#include <lofi/song/render.hpp>
