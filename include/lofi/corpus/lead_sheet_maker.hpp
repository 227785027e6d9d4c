#pragma once
// Lead sheets out of a piece of music: chords as degrees, the melody in scale steps, phrase by phrase.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <lofi/analysis/mood.hpp>
#include <lofi/corpus/detail/lead_rows.hpp>

namespace lofi::inline LOFI_ABI::corpus {

/// What makes a phrase.
struct lead_sheet_config {
    std::size_t least_rows = 4, most_rows = 20;
    double least_roots = .75;    ///< share of chords whose root is in the key
    double least_attacks = .85;  ///< share of the melody's notes that are
};

/// The phrases of a piece, and what was not taken.
struct made_sheets {
    std::vector<score::lead_sheet> sheets;       ///< without titles
    std::map<std::string, std::size_t> dropped;  ///< why, and how many phrases
    std::size_t rows = 0;                        ///< in 4/4, before anything was dropped
    std::size_t beats_elsewhere = 0;             ///< quarter notes in other metres
    bool half_bars = false;                      ///< rows of two beats, the tempo doubled
    std::array<std::size_t, 7 * 6> chords{};     ///< rows kept, by degree and quality
};

/// Cuts a piece in 4/4, 2/2 or 2/4 into phrases of rows, by the rules of docs/corpus.md. A row is a bar, or half of one where the melody
/// has sixteenths or chords change twice a bar and the tempo is slow; bars in other metres are passed over.
/// errors: without a place, "is in 3/4" or "has no bar in 4/4", where nothing is left
[[nodiscard]] result<made_sheets> make_lead_sheets(const score::piece& piece, const heard_piece& heard,
                                                   const lead_sheet_config& config = {});

// ---------------------------------------------------------------- bodies

namespace detail {

// Where to cut rows that are too many: near the sixteenth, where the melody rests or begins anew, and lands on a multiple of four.
inline std::size_t cut_of(std::span<const raw_row> rows, const lead_sheet_config& config) {
    if (rows.size() <= config.most_rows) return rows.size();
    std::size_t best = 0;
    int most = -1000;
    for (std::size_t c = config.least_rows; c <= config.most_rows; ++c) {
        int worth = c % 8 == 0 ? 6 : c % 4 == 0 ? 3 : 0;
        if (rows[c - 1].row.melody[7] == 0) worth += 4;
        if (rows[c].row.melody[0] == 0 || (rows[c].attacks & 1U) != 0) worth += 2;
        worth -= static_cast<int>(c < 16 ? (16 - c) / 3 : (c - 16) / 2);
        if (rows.size() - c < config.least_rows) worth -= 8;
        if (worth > most) most = worth, best = c;
    }
    return best;
}

// Adds a phrase, or says why not.
inline void add_phrase(std::span<const raw_row> rows, bool sung, const lead_sheet_config& config, made_sheets& out) {
    const auto empty = [](const raw_row& r) { return !r.sounds && r.rests(); };
    while (!rows.empty() && empty(rows.front())) rows = rows.subspan(1);
    while (!rows.empty() && empty(rows.back())) rows = rows.first(rows.size() - 1);
    if (rows.empty()) return;
    std::size_t chords = 0, diatonic = 0, notes = 0, in_key = 0;
    double seconds = 0;
    for (const raw_row& r : rows) {
        chords += r.sounds ? 1 : 0, diatonic += r.sounds && r.diatonic ? 1 : 0;
        notes += r.notes, in_key += r.in_key, seconds += 1 / r.tempo;
    }
    const auto below = [](std::size_t part, std::size_t of, double share) {
        return static_cast<double>(part) < share * static_cast<double>(of);
    };
    const char* why = rows.size() < config.least_rows                      ? "too short"
                      : chords * 2 < rows.size()                           ? "hardly any chords"
                      : below(diatonic, chords, config.least_roots)        ? "chords outside the key"
                      : sung && below(in_key, notes, config.least_attacks) ? "melody outside the key"
                      : sung && notes < rows.size()                        ? "hardly any melody"
                                                                           : nullptr;
    if (why != nullptr) {
        ++out.dropped[why];
        return;
    }
    score::lead_sheet& sheet = out.sheets.emplace_back();
    sheet.key = rows.front().key, sheet.has_melody = sung;
    sheet.tempo = bpm(std::clamp(std::round(100 * static_cast<double>(rows.size()) / seconds) / 100, 1.0, 1000.0));
    for (const raw_row& r : rows) {
        sheet.rows.push_back(r.row);
        if (r.sounds) ++out.chords[static_cast<std::size_t>(r.row.chord - 1) * 6 + r.quality];
    }
    const analysis::mood mood = sung ? analysis::mood_of(sheet) : analysis::chords_only_mood(sheet);
    sheet.energy = std::round(1000 * mood.energy) / 1000, sheet.valence = std::round(1000 * mood.valence) / 1000;
}

}  // namespace detail

inline result<made_sheets> make_lead_sheets(const score::piece& piece, const heard_piece& heard,
                                            const lead_sheet_config& config) {
    made_sheets out;
    const std::vector<detail::square_stretch> stretches = detail::square_stretches(piece, out.beats_elsewhere);
    if (stretches.empty() || heard.keys.empty()) {
        const score::meter_change m = analysis::first_meter(piece);
        if (detail::is_square(m)) return error(std::string("has no bar in 4/4"));
        return error("is in " + std::to_string(m.numerator) + "/" + std::to_string(m.denominator));
    }
    out.half_bars = detail::wants_half_bars(piece, heard, stretches);
    const std::int64_t length = std::int64_t{out.half_bars ? 2 : 4} * piece.resolution().ticks_per_quarter;
    const std::array<int, 12> windows = detail::windows_of(heard, stretches, length);
    for (const detail::square_stretch& s : stretches) {
        const std::vector<detail::raw_row> all = detail::rows_of(piece, heard, s, length, windows);
        out.rows += all.size();
        // Cut where the key changes, and where two rows or more have no melody.
        for (std::size_t i = 0; i < all.size();) {
            const auto pause = [&](std::size_t r) {
                return heard.sung && all[r].rests() && (r + 1 == all.size() || all[r + 1].rests());
            };
            std::size_t to = i;
            while (to < all.size() && all[to].key == all[i].key && !pause(to)) ++to;
            if (to == i) {
                while (to < all.size() && all[to].rests() && all[to].key == all[i].key) ++to;
                ++out.dropped["pauses of the melody, two rows or more"];
                i = std::max(to, i + 1);
                continue;
            }
            for (std::span<const detail::raw_row> rest(all.data() + i, to - i); !rest.empty();) {
                const std::size_t cut = detail::cut_of(rest, config);
                detail::add_phrase(rest.first(cut), heard.sung, config, out);
                rest = rest.subspan(cut);
            }
            i = to;
        }
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::corpus
