#pragma once
// All of the room analysis.
#include <lofi/analysis/beat_grid.hpp>
#include <lofi/analysis/bootstrap.hpp>
#include <lofi/analysis/chord_finding.hpp>
#include <lofi/analysis/chroma.hpp>
#include <lofi/analysis/free_running.hpp>
#include <lofi/analysis/groove_measures.hpp>
#include <lofi/analysis/key.hpp>
#include <lofi/analysis/key_finding.hpp>
#include <lofi/analysis/lead_measures.hpp>
#include <lofi/analysis/linear_prediction.hpp>
#include <lofi/analysis/measures.hpp>
#include <lofi/analysis/melody_measures.hpp>
#include <lofi/analysis/melody_track.hpp>
#include <lofi/analysis/mgeval.hpp>
#include <lofi/analysis/mood.hpp>
#include <lofi/analysis/ngram.hpp>
<<<<<<< HEAD
#include <lofi/analysis/sample_bits.hpp>
=======
#include <lofi/analysis/permutation.hpp>
>>>>>>> w/lyrics
#include <lofi/analysis/set_distances.hpp>
#include <lofi/analysis/sound.hpp>
#include <lofi/analysis/token_measures.hpp>
#include <lofi/analysis/token_ngram.hpp>
#include <lofi/analysis/wave_baselines.hpp>
