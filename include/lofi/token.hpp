#pragma once
// All of the room token.
#include <lofi/token/drums.hpp>
#include <lofi/token/grammar.hpp>
#include <lofi/token/groove.hpp>
#include <lofi/token/hands.hpp>
#include <lofi/token/lead_sheet.hpp>
#include <lofi/token/melody.hpp>
#include <lofi/token/midi_like.hpp>
#include <lofi/token/notechord.hpp>
#include <lofi/token/remi.hpp>
#include <lofi/token/tokenizer.hpp>
