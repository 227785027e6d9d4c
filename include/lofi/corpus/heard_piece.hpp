#pragma once
// A piece as it is heard: its melody, beats, chords and keys.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include <lofi/analysis/key_finding.hpp>
#include <lofi/analysis/melody_track.hpp>
#include <lofi/core/error.hpp>

namespace lofi::inline LOFI_ABI::corpus {

/// A piece as it was heard.
struct heard_piece {
    analysis::found_melody melody;
    analysis::beat_grid grid;
    std::vector<analysis::found_chord> chords;
    std::vector<analysis::key_stretch> keys;
    bool sung = true;  ///< false where the highest line is only the top of the accompaniment
};
/// Listens to a piece.
/// errors: without a place, which the caller knows: "has no notes", "has no notes but drums", "is a melody without accompaniment", "is not played to its beats"
[[nodiscard]] result<heard_piece> hear(const score::piece& piece);

// ---------------------------------------------------------------- bodies

namespace detail {

// How far onsets lie from sixteenths and triplet eighths, in beats: .049 where they lie anywhere.
inline double off_the_grid(const score::piece& piece, ticks beat) {
    constexpr std::array<double, 7> grid = {0, .25, 1.0 / 3, .5, 2.0 / 3, .75, 1};
    double sum = 0, n = 0;
    for (const score::track& t : piece.tracks)
        for (const score::note& note : t.notes) {
            const std::int64_t in = ((note.start.value % beat.value) + beat.value) % beat.value;
            const double at = static_cast<double>(in) / static_cast<double>(beat.value);
            double nearest = 1;
            for (const double g : grid) nearest = std::min(nearest, std::abs(at - g));
            sum += nearest, ++n;
        }
    return n > 0 ? sum / n : 0;
}

// Whether a line is the top of what accompanies: its notes begin with two others or more, or are tones of the chords, nearly all.
inline bool tops_chords(const heard_piece& p, const score::track& t) {
    std::map<std::int64_t, std::size_t> together;
    for (const score::note& n : t.notes) ++together[n.start.value];
    std::size_t in_chords = 0, tones = 0;
    for (const score::note& n : p.melody.notes) {
        in_chords += together[n.start.value] >= 3 ? 1 : 0;
        const auto beat = static_cast<std::size_t>(std::max<std::int64_t>(n.start.value, 0) / p.grid.beat.value);
        const analysis::found_chord c = analysis::longest_chord(p.chords, beat, 1);
        tones += c.sounds && pitch_classes(c.type, c.root).contains(n.which.name()) ? 1 : 0;
    }
    const std::size_t most = p.melody.notes.size();
    return in_chords * 10 >= most * 9 || tones * 20 >= most * 19;
}

}  // namespace detail

inline result<heard_piece> hear(const score::piece& piece) {
    const auto refused = [](const char* why) { return error(std::string(why)); };
    bool any = false;
    for (const score::track& t : piece.tracks) any = any || !t.notes.empty();
    if (!any) return refused("has no notes");
    heard_piece out;
    out.melody = analysis::find_melody(piece);
    if (out.melody.source == analysis::melody_source::none) return refused("has no notes but drums");
    const score::track& line = piece.tracks[out.melody.track];
    const bool apart = out.melody.source == analysis::melody_source::track;
    std::size_t others = 0;
    for (const score::track& t : piece.tracks) others += t.drums() || &t == &line ? 0 : t.notes.size();
    if (others == 0 && (apart || out.melody.notes.size() == line.notes.size()))
        return refused("is a melody without accompaniment");
    out.grid = analysis::lay_out(piece, apart ? &line : nullptr);
    if (detail::off_the_grid(piece, out.grid.beat) > .036) return refused("is not played to its beats");
    out.chords = analysis::find_chords(out.grid);
    out.keys = analysis::find_keys(out.grid, out.chords);
    out.sung = apart || !detail::tops_chords(out, line);
    return out;
}

}  // namespace lofi::inline LOFI_ABI::corpus
