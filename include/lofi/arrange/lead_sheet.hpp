#pragma once
// A lead sheet by itself as a piece for the whole band, so that whatever wrote it can be heard.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <lofi/arrange/arrange.hpp>

namespace lofi::inline LOFI_ABI::arrange {

/// Arranges a lead sheet: its rows once through, in sections of at most 32 rows. Where the rows go faster than 110 beats a minute they are half
/// bars, and the felt tempo is half of theirs. A sheet without a melody is played without one.
[[nodiscard]] inline score::piece arrange(const score::lead_sheet& sheet, random_key key_of_chance);

// ---------------------------------------------------------------- bodies

inline score::piece arrange(const score::lead_sheet& sheet, random_key key_of_chance) {
    const bool fast = sheet.tempo.value > 110;
    arrange_config config;
    config.key = sheet.key;
    config.rows = fast ? row_length::half_bar : row_length::whole_bar;
    config.felt_tempo = bpm(sheet.tempo.value / (fast ? 2 : 1));
    config.energy = static_cast<std::uint8_t>(std::lround(std::clamp(sheet.energy, 0.0, 1.0) * 255));
    config.key_of_chance = key_of_chance;
    std::vector<section> sections;
    for (std::size_t at = 0; at < sheet.rows.size(); at += most_rows) {
        section& s = sections.emplace_back();
        s.plays.set(score::part::melody, sheet.has_melody);
        for (std::size_t r = at; r < std::min(at + most_rows, sheet.rows.size()); ++r) s.rows.push_back(sheet.rows[r]);
    }
    return arrange(sections, config, sheet.title);
}

}  // namespace lofi::inline LOFI_ABI::arrange
