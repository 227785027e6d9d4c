#pragma once
// All of the room corpus.
#include <lofi/corpus/family.hpp>
#include <lofi/corpus/groove_corpus.hpp>
#include <lofi/corpus/hands_corpus.hpp>
#include <lofi/corpus/heard_piece.hpp>
#include <lofi/corpus/lead_sheet_corpus.hpp>
#include <lofi/corpus/lead_sheet_json.hpp>
#include <lofi/corpus/lead_sheet_maker.hpp>
#include <lofi/corpus/lyrics_corpus.hpp>
#include <lofi/corpus/melody_corpus.hpp>
#include <lofi/corpus/midi_corpus.hpp>
#include <lofi/corpus/midi_files.hpp>
#include <lofi/corpus/note_corpus.hpp>
#include <lofi/corpus/sha1.hpp>
#include <lofi/corpus/sound_corpus.hpp>
