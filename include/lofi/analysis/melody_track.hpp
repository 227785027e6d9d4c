#pragma once
// Which track sings: the melody of a piece, found by names and by what melodies are like, as one line of notes.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lofi/score/piece.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// How a melody was found.
enum class melody_source : std::uint8_t {
    none,    ///< there are no notes but drums
    track,   ///< one track sings
    skyline  ///< no track is a line of its own: what is highest
};

/// A melody: one note at a time, by start.
struct found_melody {
    melody_source source = melody_source::none;
    std::size_t track = 0;  ///< of the piece; of a skyline the track that it lies on
    std::vector<score::note> notes;
};

/// Finds the melody. A track sings if its name says so, or else if it is one line, high, moving and there most of the time. Where
/// none does, the highest notes of the track that is highest are taken, down to an octave and a half below their middle.
[[nodiscard]] found_melody find_melody(const score::piece& piece);

/// The highest notes of a track as one line: of notes that begin together the highest, each ended by the next, and none that begins
/// under a longer, higher one.
[[nodiscard]] std::vector<score::note> skyline(const std::vector<score::note>& notes);

// ---------------------------------------------------------------- bodies

namespace detail {

inline bool says(std::string_view name, std::string_view word) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::search(name.begin(), name.end(), word.begin(), word.end(), [&](char a, char b) { return lower(a) == b; }) !=
           name.end();
}

/// How likely a track is the melody, by what it is like. Not above 0: it is none.
inline double likeness_to_melody(const score::track& t, ticks piece_end) {
    if (t.drums() || t.notes.size() < 4) return 0;
    for (const char* word : {"melody", "vocal", "voice", "lead", "sing", "melodie", "gesang"})
        if (says(t.name, word) && !says(t.name, "back")) return 10;
    for (const char* word : {"bass", "drum", "chord", "comp", "pad", "accomp"})
        if (says(t.name, word)) return 0;
    if (t.program >= 32 && t.program < 40) return 0;  // basses

    std::size_t together = 0;
    double pitch = 0, time = 0, moves = 0;
    std::int64_t end = -1;
    for (std::size_t i = 0; i < t.notes.size(); ++i) {
        const score::note& n = t.notes[i];
        // A sixteenth of legato is no second voice.
        if (n.start.value + n.length.value / 8 < end) ++together;
        end = std::max(end, n.end().value);
        pitch += n.which.midi, time += static_cast<double>(n.length.value);
        if (i > 0 && n.which != t.notes[i - 1].which) ++moves;
    }
    const auto count = static_cast<double>(t.notes.size());
    const double alone = 1 - static_cast<double>(together) / count;
    const double height = std::clamp((pitch / count - 48) / 24, 0.0, 1.0);
    const double there = std::clamp(time / static_cast<double>(std::max<std::int64_t>(piece_end.value, 1)) / .6, 0.0, 1.0);
    if (alone < .8 || height <= .2) return 0;
    return alone + height + there + moves / count;
}

}  // namespace detail

inline std::vector<score::note> skyline(const std::vector<score::note>& notes) {
    std::vector<score::note> out;
    for (const score::note& n : notes) {
        if (!out.empty()) {
            score::note& last = out.back();
            if (n.start == last.start) {
                if (n.which >= last.which) last = n;
                continue;
            }
            // Below a note that goes on for most of this one: an inner voice.
            if (n.which < last.which && last.end().value - n.start.value > n.length.value / 2) continue;
            last.length = std::min(last.length, n.start - last.start);
        }
        out.push_back(n);
    }
    return out;
}

inline found_melody find_melody(const score::piece& piece) {
    found_melody out;
    const ticks end = piece.last_end();
    double best = 0, highest = -1;
    std::size_t upper = 0;
    for (std::size_t i = 0; i < piece.tracks.size(); ++i) {
        const score::track& t = piece.tracks[i];
        if (t.drums() || t.notes.empty()) continue;
        const double likeness = detail::likeness_to_melody(t, end);
        if (likeness > best) best = likeness, out.track = i, out.source = melody_source::track;
        double pitch = 0;
        for (const score::note& n : t.notes) pitch += n.which.midi;
        pitch /= static_cast<double>(t.notes.size());
        if (pitch > highest) highest = pitch, upper = i;
    }
    if (out.source == melody_source::track) {
        out.notes = skyline(piece.tracks[out.track].notes);
        return out;
    }
    if (highest < 0) return out;
    out.source = melody_source::skyline, out.track = upper;
    out.notes = skyline(piece.tracks[upper].notes);
    std::vector<int> pitches;
    for (const score::note& n : out.notes) pitches.push_back(n.which.midi);
    std::nth_element(pitches.begin(), pitches.begin() + static_cast<std::ptrdiff_t>(pitches.size() / 2), pitches.end());
    const int middle = pitches[pitches.size() / 2];
    std::erase_if(out.notes, [&](const score::note& n) { return n.which.midi < middle - 18; });
    return out;
}

}  // namespace lofi::inline LOFI_ABI::analysis
