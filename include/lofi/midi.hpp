#pragma once
// All of the room midi.
#include <lofi/midi/convert.hpp>
#include <lofi/midi/diagnostic.hpp>
#include <lofi/midi/event.hpp>
#include <lofi/midi/file.hpp>
#include <lofi/midi/notes.hpp>
#include <lofi/midi/read.hpp>
#include <lofi/midi/summary.hpp>
#include <lofi/midi/text.hpp>
#include <lofi/midi/time_map.hpp>
#include <lofi/midi/write.hpp>
