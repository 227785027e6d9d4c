#pragma once
// All of the room song.
#include <lofi/song/accent.hpp>
#include <lofi/song/compose.hpp>
#include <lofi/song/drummer.hpp>
#include <lofi/song/material.hpp>
#include <lofi/song/mood.hpp>
#include <lofi/song/networks.hpp>
#include <lofi/song/render.hpp>
#include <lofi/song/wish.hpp>
