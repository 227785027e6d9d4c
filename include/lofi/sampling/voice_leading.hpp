#pragma once
// How a part moves: its register, its leaps, and no fifths or octaves in parallel with another part.
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <lofi/sampling/pitch_ids.hpp>

namespace lofi::inline LOFI_ABI::sampling {

/// The ids whose pitch lies from `low` to `high`, both included.
template <std::size_t V>
[[nodiscard]] constexpr id_mask<V> register_mask(pitch_ids pitches, int low, int high) {
    return pitch_mask<V>(pitches, [=](int pitch) { return pitch >= low && pitch <= high; });
}

/// Takes `cost` for each semitone of a leap from the biases of what lies more than `free` semitones from the note before.
/// Nothing after `no_pitch`.
/// writes: bias +=
template <class Number>
constexpr void leap_bias(pitch_ids pitches, std::int16_t previous, Number cost, std::span<Number> bias, int free = 7) {
    if (previous == no_pitch) return;
    using wide = std::conditional_t<std::integral<Number>, std::int64_t, Number>;
    pitch_bias(pitches, bias, [=](int pitch) {
        const int away = pitch < previous ? previous - pitch : pitch - previous;
        return away > free ? -static_cast<wide>(cost) * static_cast<wide>(away) : wide{};
    });
}

/// Two notes of another part, in a row.
struct moved_part {
    std::int16_t before = no_pitch, now = no_pitch;
};

/// Whether two parts go from a perfect fifth, unison or octave (or these and octaves) to the same in one direction.
[[nodiscard]] constexpr bool parallel(std::int16_t before, std::int16_t now, const moved_part& other) {
    if (before == no_pitch || now == no_pitch || other.before == no_pitch || other.now == no_pitch) return false;
    const auto interval = [](int a, int b) { return (a < b ? b - a : a - b) % 12; };
    const int was = interval(before, other.before), is = interval(now, other.now);
    const bool together = (now > before && other.now > other.before) || (now < before && other.now < other.before);
    return together && was == is && (is == 0 || is == 7);
}

/// The ids that make no parallel fifth or octave with another part, for a part whose last note was `previous`.
template <std::size_t V>
[[nodiscard]] constexpr id_mask<V> parallels_mask(pitch_ids pitches, std::int16_t previous, const moved_part& other) {
    return pitch_mask<V>(pitches, [=](int pitch) { return !parallel(previous, static_cast<std::int16_t>(pitch), other); });
}

}  // namespace lofi::inline LOFI_ABI::sampling
