#pragma once
// All of the room text.
#include <lofi/text/hashed.hpp>
#include <lofi/text/lexicon.hpp>
#include <lofi/text/vectors.hpp>
#include <lofi/text/words.hpp>
