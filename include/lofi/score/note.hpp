#pragma once
// Notes, and tracks of them.
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <lofi/core/units.hpp>
#include <lofi/score/pitch.hpp>

namespace lofi::inline LOFI_ABI::score {

/// How hard a note is played, 1 to 127.
struct velocity {
    std::uint8_t value = 80;

    constexpr velocity() = default;
    constexpr explicit velocity(int v) : value(static_cast<std::uint8_t>(std::clamp(v, 1, 127))) {}
    friend constexpr auto operator<=>(velocity, velocity) = default;
};

/// A note: when, how long, which, how hard.
struct note {
    ticks start{};
    ticks length{};
    pitch which{};
    velocity force{};

    [[nodiscard]] constexpr ticks end() const { return start + length; }
    friend constexpr bool operator==(const note&, const note&) = default;
};

/// A change of a MIDI controller.
struct control {
    ticks at{};
    std::uint8_t number = 0;  ///< 64 sustain pedal, 1 modulation, 7 volume, 10 pan, ...
    std::uint8_t value = 0;

    friend constexpr bool operator==(const control&, const control&) = default;
};

/// What a track does in the music; decides its instrument, its channel and its place in the mix.
enum class part : std::uint8_t { keys, melody, bass, drums, texture };
inline constexpr std::size_t part_count = 5;

[[nodiscard]] constexpr std::string_view to_string(part p) {
    constexpr std::string_view names[] = {"keys", "melody", "bass", "drums", "texture"};
    return names[static_cast<std::size_t>(p)];
}

/// Notes that one instrument plays.
struct track {
    std::string name;
    score::part part = score::part::keys;
    std::uint8_t channel = 0;  ///< MIDI channel, 0 to 15; drums are on 9
    std::uint8_t program = 0;  ///< General MIDI program, 0 to 127
    std::vector<note> notes;   ///< by start, then pitch
    std::vector<control> controls;

    [[nodiscard]] bool drums() const { return part == score::part::drums || channel == 9; }
    friend bool operator==(const track&, const track&) = default;
};

/// Puts notes in the order every other function expects: by start, then pitch, then length, then velocity. Notes that are
/// equal in all four are equal, so that the order is the same with every standard library.
inline void sort_notes(std::span<note> notes) {
    std::sort(notes.begin(), notes.end(), [](const note& a, const note& b) {
        if (a.start != b.start) return a.start < b.start;
        if (a.which != b.which) return a.which < b.which;
        if (a.length != b.length) return a.length < b.length;
        return a.force < b.force;
    });
}

}  // namespace lofi::inline LOFI_ABI::score
