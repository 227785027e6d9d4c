#pragma once
// Keeping to a scale: strictly, with passing tones on weak steps, or by a bias.
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/sampling/pitch_ids.hpp>
#include <lofi/score/mode.hpp>
#include <lofi/score/pitch_set.hpp>

namespace lofi::inline LOFI_ABI::sampling {

/// The pitch classes of a mode on a tonic.
[[nodiscard]] constexpr score::pitch_set scale_of(score::pitch_class tonic, score::mode m) {
    return score::transposed(score::pitch_set(score::mask(m)), tonic.value);
}

/// The ids whose pitch lies in a scale.
template <std::size_t V>
[[nodiscard]] constexpr id_mask<V> scale_mask(pitch_ids pitches, score::pitch_set scale) {
    return pitch_mask<V>(pitches, [=](int pitch) { return scale.contains(score::pitch_class(pitch)); });
}

/// The same, and on weak steps passing tones: what lies one or two semitones from the note before. `previous` may be
/// `no_pitch`: then nothing passes.
template <std::size_t V>
[[nodiscard]] constexpr id_mask<V> scale_mask(pitch_ids pitches, score::pitch_set scale, stress step, std::int16_t previous) {
    return pitch_mask<V>(pitches, [=](int pitch) {
        const int away = pitch < previous ? previous - pitch : pitch - previous;
        const bool passes = step == stress::weak && previous != no_pitch && away <= 2 && away != 0;
        return passes || scale.contains(score::pitch_class(pitch));
    });
}

/// Adds an amount, below 0 as a rule, to the bias of what lies outside a scale.
/// writes: bias +=
template <class Number>
constexpr void scale_bias(pitch_ids pitches, score::pitch_set scale, Number outside, std::span<Number> bias) {
    pitch_bias(pitches, bias, [=](int pitch) { return scale.contains(score::pitch_class(pitch)) ? Number{} : outside; });
}

}  // namespace lofi::inline LOFI_ABI::sampling
