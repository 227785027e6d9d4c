#pragma once
// What the arranger is given: sections of a lead sheet, each with a role and a strength; and the frame they stand in.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <lofi/core/fixed_vector.hpp>
#include <lofi/core/random.hpp>
#include <lofi/score/groove.hpp>
#include <lofi/score/lead_sheet.hpp>
#include <lofi/score/piece.hpp>

namespace lofi::inline LOFI_ABI::arrange {

/// Ticks of a quarter note, a sixteenth and a bar in everything the arranger writes.
inline constexpr std::int64_t quarter = 960, sixteenth = quarter / 4, bar = 4 * quarter;

/// The role of a section in the form.
enum class section_kind : std::uint8_t { intro, theme, bridge, breakdown, outro };

[[nodiscard]] constexpr std::string_view to_string(section_kind k) {
    constexpr std::string_view names[] = {"intro", "theme", "bridge", "breakdown", "outro"};
    return names[static_cast<std::size_t>(k)];
}

/// How much of a felt bar of 4/4 a lead-sheet row fills: slow music has two chords a bar and sixteenth-note slots.
enum class row_length : std::uint8_t { half_bar, whole_bar };

[[nodiscard]] constexpr std::int64_t slot_ticks(row_length r) { return r == row_length::half_bar ? sixteenth : 2 * sixteenth; }
[[nodiscard]] constexpr std::int64_t row_ticks(row_length r) {
    return slot_ticks(r) * static_cast<std::int64_t>(score::slots_per_row);
}

/// Which parts play.
struct layers {
    std::array<bool, score::part_count> plays{true, true, true, true, true};

    [[nodiscard]] constexpr bool operator[](score::part p) const { return plays[static_cast<std::size_t>(p)]; }
    constexpr layers& set(score::part p, bool on) { return plays[static_cast<std::size_t>(p)] = on, *this; }
};

/// Rows, bars and beats of the longest section. What is longer is given as several.
inline constexpr std::size_t most_rows = 32, most_bars = most_rows, most_beats = 4 * most_bars;
using section_rows = fixed_vector<score::lead_row, most_rows>;

/// Two bars of drums as values, by step, then voice.
using drum_pattern = fixed_vector<score::drum_hit, 128>;

/// A section: its role, what is played in it, and how strongly.
struct section {
    section_kind kind = section_kind::theme;
    std::uint32_t material = 0;   ///< sections of one material share their progression, their groove and their colours
    std::uint8_t strength = 128;  ///< 0 sparse to 255 full
    layers plays{};
    section_rows rows{};
    drum_pattern groove{};  ///< what the drums play, over and over; empty: a habit of their own
    drum_pattern fill{};    ///< whose second bar is the last of the section where that fills; empty: a figure of their own
};

/// The frame of a piece.
struct arrange_config {
    score::key key{};
    bpm felt_tempo{78.0};  ///< 60 to 100 suits the style
    row_length rows = row_length::half_bar;
    std::uint8_t energy = 128;     ///< 0 calm to 255 lively: density of bass and drums, force of every note
    std::uint8_t swing = 110;      ///< 0 straight to 255 full triplet swing on sixteenths
    std::uint8_t looseness = 128;  ///< 0 on the grid; 255 wanders as far as the drummers of the Groove MIDI Dataset do
    std::uint8_t colour = 200;     ///< 0 plain triads; 255 sevenths, ninths and suspensions everywhere
    random_key key_of_chance{};    ///< everything that is left to chance follows from this
};

/// Length of a section, and how many bars it fills or begins.
[[nodiscard]] inline std::int64_t length_ticks(const section& s, const arrange_config& c) {
    return static_cast<std::int64_t>(s.rows.size()) * row_ticks(c.rows);
}
[[nodiscard]] inline std::int64_t bar_count(const section& s, const arrange_config& c) {
    return (length_ticks(s, c) + bar - 1) / bar;
}

/// The bars of a section in which a part plays. In an introduction the others come in after the keys, at its half; in an outro they
/// leave one by one: texture, drums, melody.
struct bar_range {
    std::int64_t first = 0, last = 0;  ///< last is the bar after

    [[nodiscard]] constexpr bool holds(std::int64_t b) const { return b >= first && b < last; }
};
[[nodiscard]] constexpr bar_range playing_bars(const section& s, score::part p, std::int64_t bars);

/// How full a section is at one of its bars, 0 to 255. Themes and bridges fill up as they go, a breakdown gathers force in its
/// second half, an outro thins out.
[[nodiscard]] constexpr std::uint32_t fullness(const section& s, std::int64_t at_bar, std::int64_t bars);

/// How hard drums and bass drive: energy and fullness together, 0 to 255.
[[nodiscard]] constexpr std::uint32_t drive(const arrange_config& c, std::uint32_t fullness) {
    return (c.energy + fullness) / 2;
}

// ---------------------------------------------------------------- bodies

constexpr bar_range playing_bars(const section& s, score::part p, std::int64_t bars) {
    using score::part;
    if (!s.plays[p]) return {};
    if (s.kind == section_kind::intro && p != part::keys) return {bars / 2, bars};
    if (s.kind != section_kind::outro) return {0, bars};
    constexpr std::int64_t quarters[score::part_count] = {4, 3, 4, 2, 1};  // keys, melody, bass, drums, texture
    return {0, bars * quarters[static_cast<std::size_t>(p)] / 4};
}

constexpr std::uint32_t fullness(const section& s, std::int64_t at_bar, std::int64_t bars) {
    std::int64_t full = s.strength;
    switch (s.kind) {
        case section_kind::theme:
        case section_kind::bridge: full += 48 * at_bar / bars - 20; break;
        case section_kind::breakdown: full += std::max<std::int64_t>(0, 120 * at_bar / bars - 50); break;
        case section_kind::outro: full -= full * at_bar / (2 * bars); break;
        case section_kind::intro: break;
    }
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(full, 0, 255));
}

}  // namespace lofi::inline LOFI_ABI::arrange
