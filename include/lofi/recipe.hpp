#pragma once
// All of the room recipe.
#include <lofi/recipe/groove.hpp>
#include <lofi/recipe/groove_quantise.hpp>
#include <lofi/recipe/groove_table.hpp>
#include <lofi/recipe/groove_yardsticks.hpp>
#include <lofi/recipe/lofi2lofi_files.hpp>
#include <lofi/recipe/lofi2lofi_improved.hpp>
#include <lofi/recipe/lofi2lofi_published.hpp>
#include <lofi/recipe/lofi2lofi_published_files.hpp>
#include <lofi/recipe/lofi2lofi_published_measures.hpp>
#include <lofi/recipe/lofi2lofi_quantise.hpp>
#include <lofi/recipe/lofi2lofi_samples.hpp>
#include <lofi/recipe/lofi2lofi_table.hpp>
#include <lofi/recipe/note_lstm.hpp>
#include <lofi/recipe/note_lstm_published.hpp>
#include <lofi/recipe/weights_header.hpp>
