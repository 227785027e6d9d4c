#pragma once
// Grooves: drum hits on a two-bar grid of sixteenths, with velocity and micro-timing.
#include <cstdint>
#include <string_view>
#include <vector>

#include <lofi/score/note.hpp>

namespace lofi::inline LOFI_ABI::score {

/// A voice of the drum kit. The first nine are the classes of the Groove MIDI Dataset.
enum class drum : std::uint8_t { kick, snare, closed_hat, open_hat, low_tom, mid_tom, high_tom, crash, ride, rim, shaker };
inline constexpr std::size_t drum_count = 11;

/// The General MIDI key of a drum voice.
[[nodiscard]] constexpr pitch general_midi_key(drum d) {
    constexpr std::uint8_t keys[drum_count] = {36, 38, 42, 46, 45, 47, 50, 49, 51, 37, 70};
    return pitch(keys[static_cast<std::size_t>(d)]);
}
[[nodiscard]] constexpr std::string_view to_string(drum d) {
    constexpr std::string_view names[drum_count] = {"kick",     "snare", "closed hat", "open hat", "low tom", "mid tom",
                                                    "high tom", "crash", "ride",       "rim",      "shaker"};
    return names[static_cast<std::size_t>(d)];
}

/// One hit of a groove.
struct drum_hit {
    std::uint8_t step = 0;  ///< sixteenth, 0 to 31
    drum voice = drum::kick;
    velocity force{};
    std::int8_t offset = 0;  ///< ahead (below 0) of or behind the grid, in 1/128 of a step, -64 to 64

    friend constexpr bool operator==(const drum_hit&, const drum_hit&) = default;
};

/// Two bars of 4/4 for the drums.
struct groove {
    std::vector<drum_hit> hits;  ///< by step, then voice

    friend bool operator==(const groove&, const groove&) = default;
};

}  // namespace lofi::inline LOFI_ABI::score
