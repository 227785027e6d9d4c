#pragma once
// Lead sheets as ids: the slots that the lead-sheet networks read and write.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/core/error.hpp>
#include <lofi/score/lead_sheet.hpp>

namespace lofi::inline LOFI_ABI::token {

inline constexpr std::uint8_t no_chord = 0;   ///< chord ids 1 to 7 are degrees
inline constexpr std::uint8_t end_chord = 8;  ///< stands once, after the last row
inline constexpr std::size_t chord_ids = 9;
inline constexpr std::uint8_t rest = 0;  ///< melody ids 1 to 15 are the values of a lead sheet's slot
inline constexpr std::size_t melody_ids = 16;
/// The published network has no id 15: the tonic on top is folded to 8, the tonic an octave below it.
inline constexpr std::size_t published_melody_ids = 15;
inline constexpr std::size_t key_ids = 12;  ///< 1 C to 12 B, as in the files
inline constexpr std::size_t mode_ids = 7;  ///< 1 Ionian to 7 Locrian
/// The most rows of one sheet: four hours at 70 bpm. Files that claim more are refused.
inline constexpr std::size_t most_rows = 4096;

/// Which melody ids there are.
enum class melody_range : std::uint8_t { whole, published };

/// A lead sheet as the networks know it.
struct lead_tokens {
    std::vector<std::uint8_t> chords;  ///< one a row, then `end_chord`
    std::vector<std::uint8_t> melody;  ///< eight a row; empty where only chords are known
    std::uint8_t key = 1;
    std::uint8_t mode = 1;
    bpm tempo{120.0};
    double energy = 0.5, valence = 0.5;

    [[nodiscard]] std::size_t rows() const { return chords.empty() ? 0 : chords.size() - 1; }
    friend bool operator==(const lead_tokens&, const lead_tokens&) = default;
};

/// Checks that every number of a sheet is one that the format has.
/// errors: "row 3, slot 5: melody value 19 is not 0 to 15" (rows and slots count from 1), and the like
[[nodiscard]] result<void> check(const score::lead_sheet& sheet);

/// Turns a lead sheet into ids.
/// errors: those of `check`
[[nodiscard]] result<lead_tokens> encode(const score::lead_sheet& sheet, melody_range range = melody_range::whole);
/// Turns ids into a lead sheet; `decode(encode(sheet))` is the sheet, but for its title. Ids after the first END are left out, as
/// the published system does; a sequence without END ends where it ends.
/// errors: a melody that is not eight slots a row, and those of `check`
[[nodiscard]] result<score::lead_sheet> decode(const lead_tokens& tokens);

/// The id of a slot where there are only the published ones.
[[nodiscard]] constexpr std::uint8_t fold(std::uint8_t melody) { return melody == 15 ? std::uint8_t{8} : melody; }
[[nodiscard]] constexpr std::uint8_t key_id(const score::key& k) { return static_cast<std::uint8_t>(k.tonic.value + 1); }
[[nodiscard]] constexpr std::uint8_t mode_id(score::mode m) { return static_cast<std::uint8_t>(m); }

// ---------------------------------------------------------------- bodies

namespace detail {
inline std::string row_name(std::size_t row) { return "row " + std::to_string(row + 1); }
inline error not_in(std::string_view place, std::string_view what, int value, int low, int high) {
    return error(place, std::string(what) + " " + std::to_string(value) + " is not " + std::to_string(low) + " to " +
                            std::to_string(high));
}
}  // namespace detail

inline result<void> check(const score::lead_sheet& sheet) {
    // Comparisons that are false for what is not a number.
    if (!(sheet.tempo.value >= 1.0 && sheet.tempo.value <= 1000.0))
        return error("tempo", std::to_string(sheet.tempo.value) + " is not 1 to 1000 bpm");
    for (const auto& [name, value] : {std::pair{"energy", sheet.energy}, std::pair{"valence", sheet.valence}})
        if (!(value >= 0.0 && value <= 1.0)) return error(name, std::to_string(value) + " is not 0 to 1");
    if (sheet.key.tonic.value > 11) return detail::not_in("key", "tonic", sheet.key.tonic.value, 0, 11);
    const int mode = mode_id(sheet.key.scale);
    if (mode < 1 || mode > 7) return detail::not_in("mode", "number", mode, 1, 7);
    if (sheet.rows.size() > most_rows)
        return error("rows", std::to_string(sheet.rows.size()) + " are more than " + std::to_string(most_rows));
    for (std::size_t r = 0; r < sheet.rows.size(); ++r) {
        const score::lead_row& row = sheet.rows[r];
        if (row.chord > 7) return detail::not_in(detail::row_name(r), "chord", row.chord, 0, 7);
        for (std::size_t s = 0; s < score::slots_per_row; ++s)
            if (row.melody[s] > 15)
                return detail::not_in(detail::row_name(r) + ", slot " + std::to_string(s + 1), "melody value", row.melody[s], 0,
                                      15);
    }
    return {};
}

inline result<lead_tokens> encode(const score::lead_sheet& sheet, melody_range range) {
    if (auto fine = check(sheet); !fine) return fine.error();
    lead_tokens out;
    out.key = key_id(sheet.key), out.mode = mode_id(sheet.key.scale);
    out.tempo = sheet.tempo, out.energy = sheet.energy, out.valence = sheet.valence;
    out.chords.reserve(sheet.rows.size() + 1);
    for (const score::lead_row& row : sheet.rows) {
        out.chords.push_back(row.chord);
        if (!sheet.has_melody) continue;
        for (const std::uint8_t v : row.melody) out.melody.push_back(range == melody_range::published ? fold(v) : v);
    }
    out.chords.push_back(end_chord);
    return out;
}

inline result<score::lead_sheet> decode(const lead_tokens& tokens) {
    if (tokens.key < 1 || tokens.key > key_ids) return detail::not_in("key", "id", tokens.key, 1, 12);
    if (tokens.mode < 1 || tokens.mode > mode_ids) return detail::not_in("mode", "id", tokens.mode, 1, 7);
    score::lead_sheet out;
    out.key = {score::pitch_class(tokens.key - 1), static_cast<score::mode>(tokens.mode)};
    out.tempo = tokens.tempo, out.energy = tokens.energy, out.valence = tokens.valence;
    std::size_t n = 0;
    while (n < tokens.chords.size() && tokens.chords[n] != end_chord) ++n;
    // Without rows nothing tells a sheet without a melody from one with: it counts as one with.
    out.has_melody = !tokens.melody.empty() || n == 0;
    if (!tokens.melody.empty() && tokens.melody.size() < n * score::slots_per_row)
        return error("melody",
                     std::to_string(tokens.melody.size()) + " ids are not eight for each of " + std::to_string(n) + " rows");
    out.rows.resize(n);
    for (std::size_t r = 0; r < n; ++r) {
        out.rows[r].chord = tokens.chords[r];
        for (std::size_t s = 0; s < score::slots_per_row && out.has_melody; ++s)
            out.rows[r].melody[s] = tokens.melody[r * score::slots_per_row + s];
    }
    if (auto fine = check(out); !fine) return fine.error();
    return out;
}

}  // namespace lofi::inline LOFI_ABI::token
