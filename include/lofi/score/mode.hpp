#pragma once
// The seven modes of the major scale.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <lofi/core/error.hpp>

namespace lofi::inline LOFI_ABI::score {

/// A mode of the major scale, numbered by the degree it starts on.
enum class mode : std::uint8_t { ionian = 1, dorian, phrygian, lydian, mixolydian, aeolian, locrian };

inline constexpr std::array<mode, 7> all_modes = {mode::ionian,     mode::dorian,  mode::phrygian, mode::lydian,
                                                  mode::mixolydian, mode::aeolian, mode::locrian};

/// Semitones of the seven degrees above the tonic.
[[nodiscard]] constexpr std::array<std::uint8_t, 7> steps(mode m);
/// The scale as a mask: bit k is the pitch k semitones above the tonic.
[[nodiscard]] constexpr std::uint16_t mask(mode m);
/// Sharps (above 0) or flats (below 0) of the signature against the major key of the same tonic.
[[nodiscard]] constexpr int signature_shift(mode m) {
    constexpr int shift[] = {0, -2, -4, 1, -1, -3, -5};
    return shift[static_cast<int>(m) - 1];
}
[[nodiscard]] constexpr std::string_view to_string(mode m) {
    constexpr std::string_view names[] = {"ionian", "dorian", "phrygian", "lydian", "mixolydian", "aeolian", "locrian"};
    return names[static_cast<int>(m) - 1];
}
/// Reads a mode by name; "major" is Ionian, "minor" is Aeolian.
[[nodiscard]] result<mode> parse_mode(std::string_view name);

// ---------------------------------------------------------------- bodies

constexpr std::array<std::uint8_t, 7> steps(mode m) {
    constexpr int major[] = {0, 2, 4, 5, 7, 9, 11};
    const int first = static_cast<int>(m) - 1;
    std::array<std::uint8_t, 7> out{};
    for (int i = 0; i < 7; ++i)
        out[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>((major[(first + i) % 7] - major[first] + 12) % 12);
    return out;
}

constexpr std::uint16_t mask(mode m) {
    unsigned bits = 0;
    for (const std::uint8_t s : steps(m)) bits |= 1U << s;
    return static_cast<std::uint16_t>(bits);
}

inline result<mode> parse_mode(std::string_view name) {
    std::string lower(name);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    if (lower == "major") return mode::ionian;
    if (lower == "minor") return mode::aeolian;
    for (const mode m : all_modes)
        if (lower == to_string(m)) return m;
    return error("mode '" + std::string(name) + "'",
                 "is not one of ionian (major), dorian, phrygian, lydian, mixolydian, aeolian (minor), locrian");
}

}  // namespace lofi::inline LOFI_ABI::score
