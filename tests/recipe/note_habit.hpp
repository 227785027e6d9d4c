#pragma once
// A small set of songs that the note network can learn by heart.
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lofi/model/note_lstm_training.hpp>

namespace lofi::test {

/// Pieces with a habit: a chord a bar, one of two, and over it one of two figures that comes four times.
inline std::vector<model::note_piece> habit(std::size_t count, std::uint64_t seed, int bars = 4) {
    std::vector<model::note_piece> out;
    random_stream random(random_key{seed});
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t figure = uniform_below(random, 2);
        std::vector<std::int32_t> tokens;
        const auto say = [&](const char* text) { tokens.push_back(token::parse_hands(text).value()); };
        for (int bar = 0; bar < bars; ++bar) {
            say("bar"), say("pos0");
            for (const char* t : {"L-12", "L-8", "L-5", "d16"}) say(t);
            say(figure == 0 ? "R+4" : "R+7"), say("d4"), say("pos8"), say(figure == 0 ? "R+2" : "R+9"), say("d8");
        }
        say("end");
        out.push_back(model::to_note_piece({.style = 1, .scale = score::mode::ionian, .tempo = 80000, .bars = {}}, tokens));
    }
    return out;
}

}  // namespace lofi::test
