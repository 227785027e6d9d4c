#pragma once
// What masks from music know of a vocabulary: which pitch each id starts, if it starts one.
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include <lofi/core/assert.hpp>
#include <lofi/sampling/mask.hpp>

namespace lofi::inline LOFI_ABI::sampling {

/// Stands for an id that starts no note: a hold, a rest, an end, a time.
inline constexpr std::int16_t no_pitch = std::numeric_limits<std::int16_t>::min();

/// For each id the MIDI number of the note that it starts, or `no_pitch`. Masks from music leave ids without a pitch in.
using pitch_ids = std::span<const std::int16_t>;

/// How much weight a step has in its bar.
enum class stress : std::uint8_t { weak, strong };

/// The ids without a pitch, and those whose pitch is wanted.
template <std::size_t V, class Wanted>
[[nodiscard]] constexpr id_mask<V> pitch_mask(pitch_ids pitches, Wanted&& wanted);

/// Adds `change(pitch)` to the bias of each id with a pitch; what would overflow is held at the ends, and what is removed stays
/// removed. The numbers are those of the sampler: float, or 1/65536 in whole numbers.
/// writes: bias +=
template <class Number, class Change>
constexpr void pitch_bias(pitch_ids pitches, std::span<Number> bias, Change&& change);

// ---------------------------------------------------------------- bodies

template <std::size_t V, class Wanted>
constexpr id_mask<V> pitch_mask(pitch_ids pitches, Wanted&& wanted) {
    LOFI_ASSERT(pitches.size() <= V, "a mask has a place for each id");
    id_mask<V> m;
    for (std::size_t id = 0; id < pitches.size(); ++id)
        if (pitches[id] == no_pitch || wanted(static_cast<int>(pitches[id]))) m.insert(id);
    return m;
}

template <class Number, class Change>
constexpr void pitch_bias(pitch_ids pitches, std::span<Number> bias, Change&& change) {
    LOFI_ASSERT(pitches.size() == bias.size(), "a bias has one number for each id");
    for (std::size_t id = 0; id < pitches.size(); ++id) {
        if (pitches[id] == no_pitch) continue;
        if constexpr (std::integral<Number>) {
            constexpr std::int64_t out = std::numeric_limits<Number>::min(), most = std::numeric_limits<Number>::max();
            if (bias[id] == out) continue;
            const std::int64_t v = std::int64_t{bias[id]} + std::int64_t{change(static_cast<int>(pitches[id]))};
            bias[id] = static_cast<Number>(v > most ? most : v < -most ? -most : v);
        } else {
            bias[id] += static_cast<Number>(change(static_cast<int>(pitches[id])));
        }
    }
}

}  // namespace lofi::inline LOFI_ABI::sampling
