#pragma once
// A note in time, and the order in which notes are played.
#include <lofi/core/units.hpp>
#include <lofi/score/note.hpp>

namespace lofi::inline LOFI_ABI::synth {

/// A note in time. Drums are named by their General MIDI keys.
struct note_event {
    frames at{};  ///< since the player was made
    frames length{};
    score::part part = score::part::keys;
    score::pitch which{};
    score::velocity force{};

    friend constexpr bool operator==(const note_event&, const note_event&) = default;
};

/// The order in which notes are played; those that are equal in it sound the same.
[[nodiscard]] constexpr bool before(const note_event& a, const note_event& b) {
    if (a.at != b.at) return a.at < b.at;
    if (a.part != b.part) return a.part < b.part;
    if (a.which != b.which) return a.which < b.which;
    if (a.force != b.force) return a.force < b.force;
    return a.length < b.length;
}

}  // namespace lofi::inline LOFI_ABI::synth
