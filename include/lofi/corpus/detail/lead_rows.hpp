#pragma once
// Bars on a grid: the rows of a piece before they are cut into phrases.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lofi/corpus/heard_piece.hpp>
#include <lofi/score/lead_sheet.hpp>

namespace lofi::inline LOFI_ABI::corpus::detail {

/// Bars of four quarter notes, one after the other.
struct square_stretch {
    ticks from{}, to{};
};

// Bars of one, two, four or eight quarter notes, in halves of halves: 4/4, 2/2, 2/4, 4/2, 4/8.
inline bool is_square(const score::meter_change& m) {
    const int bar = 4 * m.numerator / m.denominator;
    return m.numerator < 16 && (m.numerator & (m.numerator - 1)) == 0 && bar >= 1 && bar <= 8;
}

// A note of the melody on the slots of rows.
struct slotted {
    std::size_t from = 0, to = 0;  // slots
    int pitch = 0;
    std::int64_t length = 0;
};

// Notes on the slots of rows, eight a row; of two that begin in one slot the longer stays.
inline std::vector<slotted> on_slots(std::span<const score::note> notes, square_stretch s, std::int64_t row,
                                     std::size_t& lost) {
    std::vector<slotted> out;
    const auto slot_of = [&](std::int64_t after) { return (after * 8 + row / 2) / row; };
    for (const score::note& n : notes) {
        const std::int64_t from = n.start.value - s.from.value;
        if (from * 16 < -row || n.start >= s.to) continue;
        const auto at = static_cast<std::size_t>(slot_of(std::max<std::int64_t>(from, 0)));
        const auto end = static_cast<std::size_t>(std::max<std::int64_t>(slot_of(from + n.length.value), 0));
        const slotted one{at, std::max(end, at + 1), n.which.midi, n.length.value};
        if (!out.empty() && out.back().from >= at) {
            ++lost;
            if (one.length > out.back().length) out.back() = one;
            continue;
        }
        if (!out.empty()) out.back().to = std::min(out.back().to, at);
        out.push_back(one);
    }
    return out;
}

inline std::vector<square_stretch> square_stretches(const score::piece& piece, std::size_t& beats_elsewhere) {
    std::vector<score::meter_change> meters = piece.meters;
    if (meters.empty() || meters.front().at.value > 0) meters.insert(meters.begin(), score::meter_change{});
    const std::int64_t quarter = piece.resolution().ticks_per_quarter;
    const ticks end = piece.last_end();
    std::vector<square_stretch> out;
    for (std::size_t i = 0; i < meters.size(); ++i) {
        const ticks from = meters[i].at, to = i + 1 < meters.size() ? std::min(meters[i + 1].at, end) : end;
        if (from >= to) continue;
        if (!is_square(meters[i])) {
            beats_elsewhere += static_cast<std::size_t>((to - from).value / quarter);
        } else if (!out.empty() && out.back().to == from && (from - out.back().from).value % (4 * quarter) == 0) {
            out.back().to = to;
        } else {
            out.push_back({from, to});
        }
    }
    return out;
}

// The tonic from which two octaves hold most of the melody; of equals the lowest.
inline int window_of(std::span<const slotted> notes, score::pitch_class tonic) {
    int best = tonic.value + 48;
    std::size_t most = 0;
    for (int low = tonic.value; low + 24 <= 127; low += 12) {
        std::size_t inside = 0;
        for (const slotted& n : notes) inside += n.pitch >= low && n.pitch <= low + 24 ? n.to - n.from : 0;
        if (inside > most) most = inside, best = low;
    }
    return best;
}

struct melody_value {
    std::uint8_t value;
    bool in_key;
};
inline melody_value value_of(int pitch, int low, const score::key& key) {
    while (pitch < low) pitch += 12;
    while (pitch > low + 24) pitch -= 12;
    const score::pitch_class p(pitch);
    const int degree = analysis::degree_of(p, key), octave = pitch >= low + 12 ? 1 : 0;
    // In minor keys the leading tone is at home.
    const bool leading = key.scale == score::mode::aeolian && score::pitch_class(pitch - key.tonic.value).value == 11;
    return {static_cast<std::uint8_t>(pitch == low + 24 ? 15 : degree + 7 * octave), leading || contains(key, p)};
}

// The beats of the grid that some ticks take.
struct beat_range {
    std::size_t first, count;
};
inline beat_range beats_of(const analysis::beat_grid& grid, std::int64_t from, std::int64_t length) {
    const std::int64_t beat = grid.beat.value;
    return {static_cast<std::size_t>((from + beat / 2) / beat),
            static_cast<std::size_t>(std::max<std::int64_t>(length / beat, 1))};
}

// Whether bars are too long for rows: notes would be lost, or second chords, and the tempo is slow.
inline bool wants_half_bars(const score::piece& piece, const heard_piece& heard, std::span<const square_stretch> stretches) {
    const std::int64_t bar = std::int64_t{4} * piece.resolution().ticks_per_quarter;
    if (piece.tempo.tempo_at(stretches.front().from).value > 100) return false;
    std::size_t notes = 0, lost = 0, bars = 0;
    double covered = 0;
    for (const square_stretch& s : stretches) {
        if (heard.sung) notes += on_slots(heard.melody.notes, s, bar, lost).size();
        for (std::int64_t at = s.from.value; at + bar <= s.to.value; at += bar) {
            const auto [first, count] = beats_of(heard.grid, at, bar);
            const analysis::found_chord main = analysis::longest_chord(heard.chords, first, count);
            if (!main.sounds) continue;
            std::size_t same = 0;
            for (std::size_t b = first; b < first + count; ++b) {
                const analysis::found_chord one = analysis::longest_chord(heard.chords, b, 1);
                same += one.sounds && one.root == main.root ? 1 : 0;
            }
            covered += static_cast<double>(same) / static_cast<double>(count), ++bars;
        }
    }
    return lost * 10 > notes + lost || (bars > 0 && covered / static_cast<double>(bars) < .85);
}

inline const score::key& key_at(std::span<const analysis::key_stretch> keys, std::size_t beat) {
    auto k = std::upper_bound(keys.begin(), keys.end(), beat,
                              [](std::size_t b, const analysis::key_stretch& x) { return b < x.beat; });
    return (k == keys.begin() ? keys.front() : *std::prev(k)).key;
}

/// A row before phrases are cut.
struct raw_row {
    score::lead_row row;
    score::key key{};
    std::uint8_t quality = 0;
    bool sounds = false, diatonic = true;
    std::size_t notes = 0, in_key = 0;
    std::uint8_t attacks = 0;  // bit i: slot i
    double tempo = 120;

    [[nodiscard]] bool rests() const { return row.melody == std::array<std::uint8_t, score::slots_per_row>{}; }
};

// The rows of a stretch. `windows` holds the lowest pitch of each tonic's two octaves, -1 where none is chosen.
inline std::vector<raw_row> rows_of(const score::piece& piece, const heard_piece& heard, square_stretch s, std::int64_t length,
                                    const std::array<int, 12>& windows) {
    std::vector<raw_row> rows(
        static_cast<std::size_t>((s.to - s.from).value / length + ((s.to - s.from).value % length * 4 >= length ? 1 : 0)));
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const std::int64_t at = s.from.value + static_cast<std::int64_t>(r) * length;
        const auto [first, count] = beats_of(heard.grid, at, length);
        raw_row& row = rows[r];
        row.key = key_at(heard.keys, first);
        row.tempo = 4 * 60 / (piece.tempo.seconds_at(ticks(at + length)) - piece.tempo.seconds_at(ticks(at))).value;
        const analysis::found_chord c = analysis::longest_chord(heard.chords, first, count);
        if (!c.sounds) continue;
        row.sounds = true;
        row.row.chord = analysis::degree_of(c.root, row.key);
        row.quality = static_cast<std::uint8_t>(c.type.quality);
        const bool leading =
            row.key.scale == score::mode::aeolian && score::pitch_class(c.root.value - row.key.tonic.value).value == 11;
        row.diatonic = leading || contains(row.key, c.root);
    }
    if (!heard.sung) return rows;
    std::size_t lost = 0;
    for (const slotted& n : on_slots(heard.melody.notes, s, length, lost)) {
        if (n.from / 8 >= rows.size()) break;
        raw_row& first = rows[n.from / 8];
        const melody_value v = value_of(n.pitch, windows[first.key.tonic.value], first.key);
        ++first.notes, first.in_key += v.in_key ? 1 : 0;
        first.attacks = static_cast<std::uint8_t>(first.attacks | 1U << n.from % 8);
        for (std::size_t slot = n.from; slot < n.to && slot / 8 < rows.size(); ++slot)
            rows[slot / 8].row.melody[slot % 8] = v.value;
    }
    return rows;
}

inline std::array<int, 12> windows_of(const heard_piece& heard, std::span<const square_stretch> stretches,
                                      std::int64_t length) {
    std::array<std::vector<slotted>, 12> by_tonic;
    std::size_t lost = 0;
    for (const square_stretch& s : stretches)
        for (const slotted& n : on_slots(heard.melody.notes, s, length, lost)) {
            const std::int64_t at = s.from.value + static_cast<std::int64_t>(n.from / 8) * length;
            by_tonic[key_at(heard.keys, beats_of(heard.grid, at, length).first).tonic.value].push_back(n);
        }
    std::array<int, 12> out{};
    for (int t = 0; t < 12; ++t)
        out[static_cast<std::size_t>(t)] = window_of(by_tonic[static_cast<std::size_t>(t)], score::pitch_class(t));
    return out;
}

}  // namespace lofi::inline LOFI_ABI::corpus::detail
