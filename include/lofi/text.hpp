#pragma once
// All of the room text.
#include <lofi/text/lexicon.hpp>
#include <lofi/text/words.hpp>
