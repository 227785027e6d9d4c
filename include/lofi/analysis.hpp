#pragma once
// All of the room analysis.
#include <lofi/analysis/bootstrap.hpp>
#include <lofi/analysis/groove_measures.hpp>
#include <lofi/analysis/key.hpp>
#include <lofi/analysis/lead_measures.hpp>
#include <lofi/analysis/measures.hpp>
#include <lofi/analysis/melody_measures.hpp>
#include <lofi/analysis/mgeval.hpp>
#include <lofi/analysis/mood.hpp>
#include <lofi/analysis/ngram.hpp>
#include <lofi/analysis/permutation.hpp>
#include <lofi/analysis/set_distances.hpp>
#include <lofi/analysis/sound.hpp>
#include <lofi/analysis/token_measures.hpp>
#include <lofi/analysis/token_ngram.hpp>
