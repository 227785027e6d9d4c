#pragma once
// All of the room arrange.
#include <lofi/arrange/arrange.hpp>
#include <lofi/arrange/bass.hpp>
#include <lofi/arrange/drum_fills.hpp>
#include <lofi/arrange/drum_voicing.hpp>
#include <lofi/arrange/drums.hpp>
#include <lofi/arrange/endless_form.hpp>
#include <lofi/arrange/feel.hpp>
#include <lofi/arrange/form.hpp>
#include <lofi/arrange/groove_habit.hpp>
#include <lofi/arrange/harmony.hpp>
#include <lofi/arrange/keys.hpp>
#include <lofi/arrange/lead_sheet.hpp>
#include <lofi/arrange/melody.hpp>
#include <lofi/arrange/section.hpp>
#include <lofi/arrange/texture.hpp>
#include <lofi/arrange/voicing.hpp>
