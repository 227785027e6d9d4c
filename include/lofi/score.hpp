#pragma once
// All of the room score.
#include <lofi/score/chord.hpp>
#include <lofi/score/chord_symbol.hpp>
#include <lofi/score/groove.hpp>
#include <lofi/score/key.hpp>
#include <lofi/score/lead_sheet.hpp>
#include <lofi/score/mode.hpp>
#include <lofi/score/note.hpp>
#include <lofi/score/piece.hpp>
#include <lofi/score/pitch.hpp>
#include <lofi/score/pitch_set.hpp>
#include <lofi/score/roman.hpp>
#include <lofi/score/tempo_map.hpp>
