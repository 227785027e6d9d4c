#pragma once
// All of the room radio.
#include <lofi/radio/arranger.hpp>
#include <lofi/radio/beat_clock.hpp>
#include <lofi/radio/change.hpp>
#include <lofi/radio/conductor.hpp>
#include <lofi/radio/event.hpp>
#include <lofi/radio/house_rules.hpp>
#include <lofi/radio/machine.hpp>
#include <lofi/radio/outlook.hpp>
#include <lofi/radio/parameter.hpp>
#include <lofi/radio/radio.hpp>
#include <lofi/radio/saved_state.hpp>
#include <lofi/radio/sheet.hpp>
#include <lofi/radio/steering.hpp>
#include <lofi/radio/stinger.hpp>
#include <lofi/radio/why.hpp>
#include <lofi/radio/writer.hpp>

namespace lofi::inline LOFI_ABI {

// What users type first.
using engine::at;
using engine::basic_radio;
using engine::change;
using engine::event;
using engine::event_kind;
using engine::level;
using engine::mute;
using engine::parameter;
using engine::radio;
using engine::radio_config;
using engine::solo;
using engine::stinger;

}  // namespace lofi::inline LOFI_ABI
