#pragma once
// Pitches and pitch classes.
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include <lofi/core/error.hpp>

namespace lofi::inline LOFI_ABI::score {

/// One of the twelve pitch classes: 0 C, 1 C sharp, ... 11 B.
struct pitch_class {
    std::uint8_t value = 0;

    constexpr pitch_class() = default;
    constexpr explicit pitch_class(int semitones_above_c)
        : value(static_cast<std::uint8_t>(((semitones_above_c % 12) + 12) % 12)) {}
    friend constexpr auto operator<=>(pitch_class, pitch_class) = default;
};

/// A pitch by its MIDI number: 60 is middle C (C4).
struct pitch {
    std::uint8_t midi = 60;

    constexpr pitch() = default;
    constexpr explicit pitch(int midi_number) : midi(static_cast<std::uint8_t>(midi_number)) {
        LOFI_ASSERT(midi_number >= 0 && midi_number <= 127, "a pitch is a MIDI number from 0 to 127");
    }
    [[nodiscard]] constexpr pitch_class name() const { return pitch_class(midi); }
    /// The octave in scientific pitch notation: middle C is in octave 4.
    [[nodiscard]] constexpr int octave() const { return midi / 12 - 1; }
    friend constexpr auto operator<=>(pitch, pitch) = default;
};

/// Whether black keys are spelled as sharps or as flats.
enum class spelling : std::uint8_t { sharps, flats };

/// Spells a pitch class: "C#" or "Db".
[[nodiscard]] constexpr std::string_view to_string(pitch_class p, spelling s = spelling::sharps);
/// Spells a pitch: "C#4".
[[nodiscard]] inline std::string to_string(pitch p, spelling s = spelling::sharps) {
    return std::string(to_string(p.name(), s)) + std::to_string(p.octave());
}
/// Reads "C", "f#", "Bb", "E-" (a flat as music21 spells it).
/// errors: anything else, by name
[[nodiscard]] result<pitch_class> parse_pitch_class(std::string_view text);

// ---------------------------------------------------------------- bodies

constexpr std::string_view to_string(pitch_class p, spelling s) {
    constexpr std::string_view sharps[] = {"C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"};
    constexpr std::string_view flats[] = {"C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"};
    return s == spelling::sharps ? sharps[p.value] : flats[p.value];
}

inline result<pitch_class> parse_pitch_class(std::string_view text) {
    constexpr int natural[] = {9, 11, 0, 2, 4, 5, 7};  // A to G
    const auto refused = [&] { return error("pitch '" + std::string(text) + "'", "is not one of C, C#, Db, D, ... B"); };
    if (text.empty()) return refused();
    const char letter = static_cast<char>(text[0] | 0x20);
    if (letter < 'a' || letter > 'g') return refused();
    int value = natural[letter - 'a'];
    for (const char c : text.substr(1)) {
        if (c == '#')
            ++value;
        else if (c == 'b' || c == '-')
            --value;
        else
            return refused();
    }
    if (text.size() > 3) return refused();
    return pitch_class(value);
}

}  // namespace lofi::inline LOFI_ABI::score
