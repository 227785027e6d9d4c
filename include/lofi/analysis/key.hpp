#pragma once
// Which key a piece is in: scales by how much of the sounding time they cover, tonics by how the pitch classes weigh.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include <lofi/score/key.hpp>
#include <lofi/score/piece.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// How long each pitch class sounds, in quarter notes; drums do not count.
[[nodiscard]] inline std::array<double, 12> pitch_class_time(const score::piece& piece) {
    std::array<double, 12> out{};
    for (const score::track& t : piece.tracks)
        if (!t.drums())
            for (const score::note& n : t.notes)
                out[n.which.name().value] +=
                    static_cast<double>(n.length.value) / static_cast<double>(piece.resolution().ticks_per_quarter);
    return out;
}

/// A key, and how well it fits.
struct key_fit {
    score::key key{};
    double correlation = 0;  ///< with the profile of its mode
    double covered = 0;      ///< share of the sounding time that its scale covers
};

/// Finds the key of pitch classes by the time they sound: the one whose profile correlates best, major and minor.
/// source: Krumhansl, Cognitive Foundations of Musical Pitch (1990), with the profiles of Krumhansl and Kessler (1982)
[[nodiscard]] key_fit find_key(const std::array<double, 12>& time);

// ---------------------------------------------------------------- bodies

inline key_fit find_key(const std::array<double, 12>& time) {
    constexpr std::array<double, 12> major = {6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88};
    constexpr std::array<double, 12> minor = {6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17};
    double mean = 0, whole = 0;
    for (const double t : time) whole += t;
    mean = whole / 12;
    key_fit best{{}, -2, 0};
    for (int tonic = 0; tonic < 12; ++tonic)
        for (const bool is_major : {true, false}) {
            const auto& profile = is_major ? major : minor;
            double profile_mean = 0, cross = 0, square = 0, profile_square = 0;
            for (const double p : profile) profile_mean += p / 12;
            for (int c = 0; c < 12; ++c) {
                const double x = time[static_cast<std::size_t>((tonic + c) % 12)] - mean,
                             p = profile[static_cast<std::size_t>(c)] - profile_mean;
                cross += x * p, square += x * x, profile_square += p * p;
            }
            const double r = square > 0 ? cross / std::sqrt(square * profile_square) : 0;
            if (r <= best.correlation) continue;
            best = {{score::pitch_class(tonic), is_major ? score::mode::ionian : score::mode::aeolian}, r, 0};
        }
    for (int c = 0; c < 12; ++c)
        if (contains(best.key, score::pitch_class(c))) best.covered += time[static_cast<std::size_t>(c)];
    best.covered = whole > 0 ? best.covered / whole : 0;
    return best;
}

}  // namespace lofi::inline LOFI_ABI::analysis
