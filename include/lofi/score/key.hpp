#pragma once
// Keys: a tonic and a mode.
#include <cstdint>
#include <string>
#include <string_view>

#include <lofi/score/mode.hpp>
#include <lofi/score/pitch.hpp>

namespace lofi::inline LOFI_ABI::score {

/// A tonic and a mode.
struct key {
    pitch_class tonic{};
    score::mode scale = score::mode::ionian;

    friend constexpr bool operator==(const key&, const key&) = default;
};

/// Whether the pitch belongs to the key's scale.
[[nodiscard]] constexpr bool contains(const key& k, pitch_class p) {
    return (mask(k.scale) >> pitch_class(p.value - k.tonic.value).value & 1U) != 0;
}
/// The pitch class of a scale degree, 1 to 7; degrees beyond wrap around.
[[nodiscard]] constexpr pitch_class degree(const key& k, int number) {
    const int index = ((number - 1) % 7 + 7) % 7;
    return pitch_class(k.tonic.value + steps(k.scale)[static_cast<std::size_t>(index)]);
}
/// Semitones of a scale step counted from the tonic (0 is the tonic, 7 the octave, -1 the degree below).
[[nodiscard]] constexpr int semitones_of_step(score::mode m, int step) {
    const int octave = step >= 0 ? step / 7 : -((6 - step) / 7);
    return 12 * octave + steps(m)[static_cast<std::size_t>(step - 7 * octave)];
}
/// Sharps (above 0) or flats (below 0) of the key signature, -7 to 7, the fewest where two spellings are equal.
[[nodiscard]] constexpr int signature(const key& k) {
    const int sharps = (k.tonic.value * 7 % 12) + signature_shift(k.scale);  // fifths above C, then the mode's shift
    return sharps > 6 ? sharps - 12 : sharps < -6 ? sharps + 12 : sharps;
}
/// Spells the black keys as the key's signature does.
[[nodiscard]] constexpr spelling spelling_of(const key& k) { return signature(k) < 0 ? spelling::flats : spelling::sharps; }

/// Names a key: "Eb major", "A minor", "D dorian".
[[nodiscard]] inline std::string to_string(const key& k) {
    const std::string_view scale = k.scale == mode::ionian ? "major" : k.scale == mode::aeolian ? "minor" : to_string(k.scale);
    return std::string(to_string(k.tonic, spelling_of(k))) + " " + std::string(scale);
}

/// Reads "C", "Am", "Eb major", "d dorian". A tonic alone is major.
/// errors: an unknown tonic or mode, by name
[[nodiscard]] inline result<key> parse_key(std::string_view text) {
    const std::size_t space = text.find(' ');
    std::string_view tonic = text.substr(0, space);
    score::mode scale = mode::ionian;
    if (space != std::string_view::npos) {
        auto m = parse_mode(text.substr(space + 1));
        if (!m) return m.error();
        scale = *m;
    } else if (tonic.size() > 1 && tonic.back() == 'm') {
        tonic.remove_suffix(1);
        scale = mode::aeolian;
    }
    auto p = parse_pitch_class(tonic);
    if (!p) return p.error();
    return key{*p, scale};
}

}  // namespace lofi::inline LOFI_ABI::score
