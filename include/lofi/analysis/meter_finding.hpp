#pragma once
// Metre and bar lines of a piece that does not say them, by where long, low and new notes begin.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <lofi/analysis/beat_grid.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// A metre: 4/4, 3/4 or 6/8.
struct found_meter {
    score::meter_change meter{};  ///< at the first bar line
    double ahead = 0;             ///< how far the next best metre is behind
};

/// Finds metre and first bar line of a piece that is played to its beats: the metre whose accents it has, and which repeats. 2/4 and 2/2 are found as 4/4, 9/8 and 12/8 as 6/8. Where nothing
/// speaks for another it is 4/4 from the start.
[[nodiscard]] found_meter find_meter(const score::piece& piece);

/// The piece with the metre that was found, where it says none; an upbeat is a bar of its own.
[[nodiscard]] score::piece with_meter(score::piece piece);

// ---------------------------------------------------------------- bodies

namespace detail {

// How much begins on each eighth note.
inline std::vector<double> accents(const score::piece& piece) {
    const double eighth = piece.resolution().ticks_per_quarter / 2.0;
    constexpr std::size_t most = 20000;
    struct low_note {
        int pitch = 128;
        double length = 0;
    };
    std::vector<double> out;
    std::vector<low_note> lowest;
    for (const score::track& t : piece.tracks)
        for (const score::note& n : t.notes) {
            const double place = static_cast<double>(n.start.value) / eighth;
            const double nearest = std::round(place);
            if (place < 0 || nearest >= static_cast<double>(most) || std::abs(place - nearest) > .3) continue;
            const auto i = static_cast<std::size_t>(nearest);
            if (i >= out.size()) out.resize(i + 1), lowest.resize(i + 1);
            const double length = std::min(static_cast<double>(n.length.value) / eighth, 8.0);
            // Kicks and basses carry the metre; other drums fill it.
            if (t.drums())
                out[i] += n.which.midi == 35 || n.which.midi == 36 ? 1.5 : .2;
            else
                out[i] += .5 * std::sqrt(length);
            if (!t.drums() && n.which.midi < lowest[i].pitch) lowest[i] = {n.which.midi, length};
        }
    // A bass is what nothing near is much lower than: chords after a bass note are none.
    int bass = -1;
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (lowest[i].pitch > 127) continue;
        int near = lowest[i].pitch;
        for (std::size_t k = i < 5 ? 0 : i - 5; k < std::min(i + 6, out.size()); ++k) near = std::min(near, lowest[k].pitch);
        if (lowest[i].pitch > near + 7) continue;
        out[i] += std::sqrt(lowest[i].length) + (lowest[i].pitch % 12 != bass ? 1.5 : 0);
        bass = lowest[i].pitch % 12;
    }
    // One loud place says no more than a few.
    for (double& v : out) v = std::log1p(v);
    return out;
}

// The numbers were chosen on the training songs of four corpora, by `chord_finding_table --meters train`.
struct meter_template {
    std::uint8_t numerator, denominator;
    std::size_t step;  // eighths between possible bar lines
    double bias;
    std::array<double, 8> weight;
    std::size_t period;
};
inline constexpr std::array<meter_template, 3> meter_templates = {
    {{4, 4, 2, .05, {4, 0, 1, 0, 2.5, 0, 1, 0}, 8}, {3, 4, 2, 0, {4, 0, 1, 0, 1, 0}, 6}, {6, 8, 3, 0, {4, 0, 0, 3, 0, 0}, 6}}};

// Correlation of accents with a template whose first bar begins at `from`.
inline double meter_fit(std::span<const double> accents, const meter_template& m, std::size_t from) {
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (std::size_t i = 0; i < accents.size(); ++i) {
        const double w = m.weight[(i + m.period - from) % m.period], a = accents[i];
        x += a, y += w, xx += a * a, yy += w * w, xy += a * w;
    }
    const auto n = static_cast<double>(accents.size());
    const double spread = (n * xx - x * x) * (n * yy - y * y);
    return spread > 0 ? (n * xy - x * y) / std::sqrt(spread) : 0;
}

// Correlation of accents with themselves so many eighths later.
inline double again_after(std::span<const double> accents, std::size_t lag) {
    if (accents.size() < lag + 8) return 0;
    double mean = 0, square = 0, cross = 0;
    for (const double a : accents) mean += a / static_cast<double>(accents.size());
    for (std::size_t i = 0; i < accents.size(); ++i) {
        square += (accents[i] - mean) * (accents[i] - mean);
        if (i >= lag) cross += (accents[i] - mean) * (accents[i - lag] - mean);
    }
    return square > 0 ? cross / square : 0;
}

}  // namespace detail

inline found_meter find_meter(const score::piece& piece) {
    const std::vector<double> accents = detail::accents(piece);
    found_meter out;
    double best = -1, second = -1;
    for (const detail::meter_template& m : detail::meter_templates) {
        double most = -2;
        std::size_t at = 0;
        for (std::size_t from = 0; from < m.period; from += m.step) {
            // A bar line at the start needs no reason.
            const double fit = detail::meter_fit(accents, m, from) + (from == 0 ? .02 : 0);
            if (fit > most) most = fit, at = from;
        }
        most += m.bias + 2 * detail::again_after(accents, m.period) + detail::again_after(accents, m.step);
        if (most > best) {
            second = std::exchange(best, most);
            const std::int64_t tick = static_cast<std::int64_t>(at) * piece.resolution().ticks_per_quarter / 2;
            out.meter = {ticks(tick), m.numerator, m.denominator};
        } else {
            second = std::max(second, most);
        }
    }
    out.ahead = best - second;
    if (accents.size() < 16) out.meter = {};
    return out;
}

inline score::piece with_meter(score::piece piece) {
    if (!piece.meters.empty()) return piece;
    const score::meter_change m = find_meter(piece).meter;
    if (m.at.value > 0) {
        const std::int64_t eighths = 2 * m.at.value / piece.resolution().ticks_per_quarter;
        piece.meters.push_back({ticks(0), static_cast<std::uint8_t>(eighths), 8});
    }
    piece.meters.push_back(m);
    return piece;
}

}  // namespace lofi::inline LOFI_ABI::analysis
