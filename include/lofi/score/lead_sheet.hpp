#pragma once
// Lead sheets: one chord degree a row, and eight melody slots under it.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <lofi/core/units.hpp>
#include <lofi/score/key.hpp>

namespace lofi::inline LOFI_ABI::score {

inline constexpr std::size_t slots_per_row = 8;

/// One row: a chord and the melody over it. A row lasts four beats at the sheet's tempo, a slot half a beat.
struct lead_row {
    std::uint8_t chord = 0;                            ///< degree of the root, 1 to 7; 0 no chord
    std::array<std::uint8_t, slots_per_row> melody{};  ///< 0 rest, 1-7 lower octave, 8-14 upper octave, 15 the tonic on top

    friend constexpr bool operator==(const lead_row&, const lead_row&) = default;
};

/// A chord progression with a melody in scale degrees, and what it is meant to feel like.
/// A held note repeats its value. Where rows are half bars (as in slow music) `tempo` is twice the felt tempo.
/// source: the sample format of Lofi2Lofi
struct lead_sheet {
    std::string title;
    score::key key{};
    bpm tempo{120.0};
    double energy = 0.5;   ///< 0 calm to 1 lively
    double valence = 0.5;  ///< 0 dark to 1 bright
    std::vector<lead_row> rows;
    bool has_melody = true;  ///< false where only chords are known

    friend bool operator==(const lead_sheet&, const lead_sheet&) = default;
};

/// Scale steps of a melody value above the tonic of the lower octave (value 1 is 0, value 15 is 14). The value is not 0.
[[nodiscard]] constexpr int melody_step(std::uint8_t value) { return value - 1; }

}  // namespace lofi::inline LOFI_ABI::score
