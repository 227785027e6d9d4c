#pragma once
// All of the room synth.
#include <lofi/synth/config.hpp>
#include <lofi/synth/keys.hpp>
#include <lofi/synth/kit.hpp>
#include <lofi/synth/master.hpp>
#include <lofi/synth/player.hpp>
#include <lofi/synth/render.hpp>
#include <lofi/synth/strike.hpp>
#include <lofi/synth/strings.hpp>
#include <lofi/synth/voice.hpp>
