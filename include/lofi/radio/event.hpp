#pragma once
// What the game hears back from the music.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <lofi/arrange/section.hpp>
#include <lofi/core/units.hpp>
#include <lofi/radio/change.hpp>
#include <lofi/score/chord.hpp>

namespace lofi::inline LOFI_ABI::engine {

enum class event_kind : std::uint8_t {
    beat,      ///< a quarter note begins
    bar,       ///< a bar begins; before its beat
    section,   ///< a section begins: `section`, `key`; before its bar
    chord,     ///< a chord begins: `chord`, `key`
    note_on,   ///< `part`, `pitch`, `velocity`, `length`
    note_off,  ///< `part`, `pitch`
    changed,   ///< a change was accepted: `change`, which is all that a log needs
    reached,   ///< a parameter arrived where it was sent: `what`, `value`
    clamped,   ///< a value was out of range, or not a number: `what`, and the `value` taken in its place
    why,       ///< what a change did to the music: `why`, and the `what` that did it
    stopped,   ///< the last chord after a stop begins to ring
    lost       ///< nobody polled, and so many events (`value`) found no room
};

/// What became different in the music.
enum class reason : std::uint8_t {
    none,
    drums_in,
    drums_out,
    bass_in,
    bass_out,
    melody_in,
    melody_out,
    texture_in,
    texture_out,
    denser,  ///< the same players, more notes
    sparser,
    modulated,  ///< into another key
    new_mode,
    new_tempo
};

/// One thing that happens. Fields that its kind does not name are as they stand here.
struct event {
    event_kind kind{};
    engine::reason why{};
    parameter what{};
    score::part part{};
    arrange::section_kind section{};
    score::pitch pitch{};
    score::velocity velocity{};
    score::key key{};
    score::chord chord{};
    std::int32_t bar = 0;   ///< counted from 0
    std::int32_t tick = 0;  ///< into the bar, of `arrange::bar` = 3840; notes may stand off the grid
    frames at{};            ///< the frame of the output on which it is heard
    frames length{};
    double value = 0.0;
    engine::change change{};
};

[[nodiscard]] constexpr std::string_view to_string(event_kind k) {
    constexpr std::string_view names[] = {"beat",    "bar",     "section", "chord", "note on", "note off",
                                          "changed", "reached", "clamped", "why",   "stopped", "lost"};
    return names[static_cast<std::size_t>(k)];
}
[[nodiscard]] constexpr std::string_view to_string(reason r) {
    constexpr std::string_view names[] = {"none",      "drums in",   "drums out",  "bass in",     "bass out",
                                          "melody in", "melody out", "texture in", "texture out", "denser",
                                          "sparser",   "modulated",  "new mode",   "new tempo"};
    return names[static_cast<std::size_t>(r)];
}

}  // namespace lofi::inline LOFI_ABI::engine
