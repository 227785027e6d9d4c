#pragma once
// All of the room synth.
#include <lofi/synth/config.hpp>
#include <lofi/synth/guest.hpp>
#include <lofi/synth/keys.hpp>
#include <lofi/synth/kit.hpp>
#include <lofi/synth/master.hpp>
#include <lofi/synth/mixer.hpp>
#include <lofi/synth/note_event.hpp>
#include <lofi/synth/pickup.hpp>
#include <lofi/synth/player.hpp>
#include <lofi/synth/render.hpp>
#include <lofi/synth/sample_bank.hpp>
#include <lofi/synth/sampler.hpp>
#include <lofi/synth/strike.hpp>
#include <lofi/synth/strings.hpp>
#include <lofi/synth/voice.hpp>
