#pragma once
// Measures of whole pieces: MusPy's, as it computes them and with its edges mended.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <lofi/score/piece.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// How edges are counted. MusPy lets a note that ends on a beat fill that beat too, adds a bar where a piece ends on a bar
/// line, compares grooves tick by tick, and calls "polyphonic" what has more voices than the threshold. Mended: a note ends before
/// its end, bars are those that the piece has, onsets snap to sixteen steps a bar, and the threshold itself counts.
enum class convention : std::uint8_t { mended, muspy };

/// Pitch measures leave drum tracks out. What has nothing to be measured on is not a number.
/// source: Dong, Chen, McAuley, Berg-Kirkpatrick: MusPy (2020)
[[nodiscard]] std::size_t pitches_used(const score::piece& piece);
[[nodiscard]] std::size_t pitch_classes_used(const score::piece& piece);
/// Highest less lowest pitch; 0 without notes. MusPy gives -127 where all notes are drums.
[[nodiscard]] int pitch_range(const score::piece& piece, convention how = convention::mended);
/// Notes in the scale of a key, of all notes. MusPy knows Ionian and Aeolian alone.
[[nodiscard]] double pitch_in_scale_rate(const score::piece& piece, const score::key& key);
/// The largest rate over the twelve major and the twelve natural minor scales.
[[nodiscard]] double scale_consistency(const score::piece& piece);
/// Entropy of the notes' pitches and pitch classes, in bits; each note counts once, whatever its length.
[[nodiscard]] double pitch_entropy(const score::piece& piece);
[[nodiscard]] double pitch_class_entropy(const score::piece& piece);

/// Voices at a time, over the ticks that sound; two notes of one pitch are one voice.
[[nodiscard]] double polyphony(const score::piece& piece);
/// Ticks with at least `threshold` voices (MusPy: with more), of all ticks up to the last end.
[[nodiscard]] double polyphony_rate(const score::piece& piece, std::size_t threshold = 2, convention how = convention::mended);

/// Beats (quarter notes) in which nothing sounds, drums included.
[[nodiscard]] double empty_beat_rate(const score::piece& piece, convention how = convention::mended);
/// The same by bars of the first time signature (4/4 where there is none).
[[nodiscard]] double empty_bar_rate(const score::piece& piece, convention how = convention::mended);
/// One less the share of steps in which neighbouring bars differ in having an onset; drums included.
[[nodiscard]] double groove_consistency(const score::piece& piece, convention how = convention::mended);

enum class beat_division : std::uint8_t { duple, triple };
/// Drum onsets on the quarters (or thirds) of a beat, of all drum onsets; where the resolution has no quarters, halves, else whole
/// beats alone.
[[nodiscard]] double drum_in_pattern_rate(const score::piece& piece, beat_division division);
/// The larger of both.
[[nodiscard]] double drum_pattern_consistency(const score::piece& piece);

/// Ticks of a bar of the first time signature, of 4/4 where there is none.
[[nodiscard]] ticks bar_length(const score::piece& piece);

// ---------------------------------------------------------------- bodies

namespace detail {
inline constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

template <class Visit>
void for_each_pitched(const score::piece& piece, Visit&& visit) {
    for (const score::track& t : piece.tracks)
        if (!t.drums())
            for (const score::note& n : t.notes) visit(n);
}

inline std::array<std::size_t, 128> pitch_counts(const score::piece& piece) {
    std::array<std::size_t, 128> counts{};
    for_each_pitched(piece, [&](const score::note& n) { ++counts[n.which.midi & 127U]; });
    return counts;
}
inline std::array<std::size_t, 12> class_counts(const score::piece& piece) {
    std::array<std::size_t, 12> counts{};
    for_each_pitched(piece, [&](const score::note& n) { ++counts[n.which.name().value]; });
    return counts;
}

template <std::size_t N>
double entropy(const std::array<std::size_t, N>& counts) {
    double all = 0.0, out = 0.0;
    for (const std::size_t n : counts) all += static_cast<double>(n);
    for (const std::size_t n : counts)
        if (n > 0) out -= static_cast<double>(n) / all * std::log2(static_cast<double>(n) / all);
    return all > 0.0 ? out : nothing;
}

// Half-open ranges of whole numbers; merged so that none meets another.
using ranges = std::vector<std::pair<std::int64_t, std::int64_t>>;
inline ranges merged(ranges r) {
    std::sort(r.begin(), r.end());
    ranges out;
    for (const auto& [from, to] : r) {
        if (from >= to) continue;
        if (!out.empty() && from <= out.back().second)
            out.back().second = std::max(out.back().second, to);
        else
            out.emplace_back(from, to);
    }
    return out;
}
inline std::int64_t length_of(const ranges& r) {
    std::int64_t sum = 0;
    for (const auto& [from, to] : r) sum += to - from;
    return sum;
}

// Where each pitch sounds, all pitches in one list.
inline ranges voices(const score::piece& piece) {
    std::array<ranges, 128> by_pitch;
    for_each_pitched(piece,
                     [&](const score::note& n) { by_pitch[n.which.midi & 127U].emplace_back(n.start.value, n.end().value); });
    ranges out;
    for (ranges& r : by_pitch) {
        const ranges one = merged(std::move(r));
        out.insert(out.end(), one.begin(), one.end());
    }
    return out;
}

inline std::int64_t ceil_divide(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// The share of units (beats, bars) in which nothing sounds.
inline double empty_rate(const score::piece& piece, std::int64_t unit, convention how) {
    const std::int64_t last = piece.last_end().value;
    if (last < 1) return nothing;
    const bool muspy = how == convention::muspy;
    ranges filled;
    for (const score::track& t : piece.tracks)
        for (const score::note& n : t.notes)
            filled.emplace_back(n.start.value / unit, muspy ? n.end().value / unit + 1 : ceil_divide(n.end().value, unit));
    const std::int64_t units = muspy ? last / unit + 1 : ceil_divide(last, unit);
    return 1.0 - static_cast<double>(length_of(merged(std::move(filled)))) / static_cast<double>(units);
}
}  // namespace detail

inline std::size_t pitches_used(const score::piece& piece) {
    const auto counts = detail::pitch_counts(piece);
    return counts.size() - static_cast<std::size_t>(std::count(counts.begin(), counts.end(), 0U));
}

inline std::size_t pitch_classes_used(const score::piece& piece) {
    const auto counts = detail::class_counts(piece);
    return counts.size() - static_cast<std::size_t>(std::count(counts.begin(), counts.end(), 0U));
}

inline int pitch_range(const score::piece& piece, convention how) {
    int low = 127, high = 0;
    bool pitched = false, any = false;
    for (const score::track& t : piece.tracks) any = any || !t.notes.empty();
    detail::for_each_pitched(piece, [&](const score::note& n) {
        low = std::min<int>(low, n.which.midi), high = std::max<int>(high, n.which.midi);
        pitched = true;
    });
    return pitched || (any && how == convention::muspy) ? high - low : 0;
}

inline double pitch_in_scale_rate(const score::piece& piece, const score::key& key) {
    const auto counts = detail::class_counts(piece);
    double in = 0.0, all = 0.0;
    for (int c = 0; c < 12; ++c) {
        const auto n = static_cast<double>(counts[static_cast<std::size_t>(c)]);
        all += n;
        if (score::contains(key, score::pitch_class(c))) in += n;
    }
    return all > 0.0 ? in / all : detail::nothing;
}

inline double scale_consistency(const score::piece& piece) {
    double best = detail::nothing;
    for (const score::mode m : {score::mode::ionian, score::mode::aeolian}) {
        for (int tonic = 0; tonic < 12; ++tonic) {
            const double rate = pitch_in_scale_rate(piece, {score::pitch_class(tonic), m});
            if (!(best >= rate)) best = rate;
        }
    }
    return best;
}

inline double pitch_entropy(const score::piece& piece) { return detail::entropy(detail::pitch_counts(piece)); }
inline double pitch_class_entropy(const score::piece& piece) { return detail::entropy(detail::class_counts(piece)); }

inline double polyphony(const score::piece& piece) {
    const detail::ranges voices = detail::voices(piece);
    const auto sounding = static_cast<double>(detail::length_of(detail::merged(voices)));
    return sounding > 0.0 ? static_cast<double>(detail::length_of(voices)) / sounding : detail::nothing;
}

inline double polyphony_rate(const score::piece& piece, std::size_t threshold, convention how) {
    const std::int64_t last = piece.last_end().value;
    if (last < 1) return detail::nothing;
    // A voice begins (+1) and ends (-1); between neighbouring events the number of voices stands.
    std::vector<std::pair<std::int64_t, int>> events;
    for (const auto& [from, to] : detail::voices(piece)) events.emplace_back(from, 1), events.emplace_back(to, -1);
    std::sort(events.begin(), events.end());
    const auto least = static_cast<std::int64_t>(threshold) + (how == convention::muspy ? 1 : 0);
    std::int64_t sounding = 0, since = 0, enough = 0;
    for (const auto& [at, change] : events) {
        if (sounding >= least) enough += at - since;
        since = at, sounding += change;
    }
    return static_cast<double>(enough) / static_cast<double>(last);
}

inline ticks bar_length(const score::piece& piece) {
    const std::int64_t quarter = piece.resolution().ticks_per_quarter;
    if (piece.meters.empty() || piece.meters.front().numerator == 0 || piece.meters.front().denominator == 0)
        return ticks(4 * quarter);
    const score::meter_change& m = piece.meters.front();
    return ticks(std::max<std::int64_t>(1, quarter * 4 * m.numerator / m.denominator));
}

inline double empty_beat_rate(const score::piece& piece, convention how) {
    return detail::empty_rate(piece, piece.resolution().ticks_per_quarter, how);
}
inline double empty_bar_rate(const score::piece& piece, convention how) {
    return detail::empty_rate(piece, bar_length(piece).value, how);
}

inline double groove_consistency(const score::piece& piece, convention how) {
    const std::int64_t last = piece.last_end().value, bar = bar_length(piece).value;
    const bool muspy = how == convention::muspy;
    const std::int64_t bars = muspy ? last / bar + 1 : detail::ceil_divide(last, bar), steps = muspy ? bar : 16;
    if (last < 1 || bars < 2) return detail::nothing;

    std::vector<std::int64_t> onsets;
    for (const score::track& t : piece.tracks)
        for (const score::note& n : t.notes)
            onsets.push_back(muspy ? n.start.value : std::min((2 * n.start.value * steps + bar) / (2 * bar), bars * steps - 1));
    std::sort(onsets.begin(), onsets.end());
    onsets.erase(std::unique(onsets.begin(), onsets.end()), onsets.end());
    // Each onset differs from the bar before and from the bar after, unless it has its like there.
    std::int64_t differences = 0;
    for (const std::int64_t at : onsets) {
        if (at >= steps) ++differences;
        if (at < (bars - 1) * steps) ++differences;
        if (std::binary_search(onsets.begin(), onsets.end(), at + steps)) differences -= 2;
    }
    return 1.0 - static_cast<double>(differences) / static_cast<double>(steps * (bars - 1));
}

inline double drum_in_pattern_rate(const score::piece& piece, beat_division division) {
    const std::int64_t beat = piece.resolution().ticks_per_quarter;
    const std::int64_t parts = division == beat_division::triple ? (beat % 3 == 0 ? 3 : 1)
                               : beat % 4 == 0                   ? 4
                               : beat % 2 == 0                   ? 2
                                                                 : 1;
    std::size_t in = 0, all = 0;
    for (const score::track& t : piece.tracks) {
        if (!t.drums()) continue;
        for (const score::note& n : t.notes) ++all, in += n.start.value % (beat / parts) == 0 ? 1U : 0U;
    }
    return all > 0 ? static_cast<double>(in) / static_cast<double>(all) : detail::nothing;
}

inline double drum_pattern_consistency(const score::piece& piece) {
    return std::max(drum_in_pattern_rate(piece, beat_division::duple), drum_in_pattern_rate(piece, beat_division::triple));
}

}  // namespace lofi::inline LOFI_ABI::analysis
