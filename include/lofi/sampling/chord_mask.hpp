#pragma once
// Melody against its chord: chord tones on strong steps, notes to avoid, guide tones first.
#include <cstddef>
#include <span>

#include <lofi/sampling/pitch_ids.hpp>
#include <lofi/score/pitch_set.hpp>

namespace lofi::inline LOFI_ABI::sampling {

/// On strong steps the ids whose pitch is in the chord, on weak ones those in chord or scale.
template <std::size_t V>
[[nodiscard]] constexpr id_mask<V> chord_mask(pitch_ids pitches, score::pitch_set chord, score::pitch_set scale, stress step) {
    const score::pitch_set in = step == stress::strong ? chord : chord | scale;
    return pitch_mask<V>(pitches, [=](int pitch) { return in.contains(score::pitch_class(pitch)); });
}

/// The tones of a scale that rub against a chord: a semitone above one of its tones and none themselves, as the fourth over a
/// major triad.
[[nodiscard]] constexpr score::pitch_set avoid_notes(score::pitch_set chord, score::pitch_set scale) {
    return score::pitch_set(scale.mask & score::transposed(chord, 1).mask & ~unsigned{chord.mask});
}

/// The ids whose pitch is not one to avoid.
template <std::size_t V>
[[nodiscard]] constexpr id_mask<V> avoid_mask(pitch_ids pitches, score::pitch_set chord, score::pitch_set scale) {
    const score::pitch_set out = avoid_notes(chord, scale);
    return pitch_mask<V>(pitches, [=](int pitch) { return !out.contains(score::pitch_class(pitch)); });
}

/// The third and the seventh of a chord on a root: the tones that say which chord it is.
[[nodiscard]] constexpr score::pitch_set guide_tones(score::pitch_class root, score::pitch_set chord) {
    constexpr unsigned above = 1U << 3 | 1U << 4 | 1U << 10 | 1U << 11;
    return chord & score::transposed(score::pitch_set(above), root.value);
}

/// Adds an amount to the bias of the guide tones.
/// writes: bias +=
template <class Number>
constexpr void guide_bias(pitch_ids pitches, score::pitch_class root, score::pitch_set chord, Number amount,
                          std::span<Number> bias) {
    const score::pitch_set tones = guide_tones(root, chord);
    pitch_bias(pitches, bias, [=](int pitch) { return tones.contains(score::pitch_class(pitch)) ? amount : Number{}; });
}

}  // namespace lofi::inline LOFI_ABI::sampling
