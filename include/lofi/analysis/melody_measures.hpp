#pragma once
// Do neighbouring segments of a melody belong together? Keys, density and joints; and the attributes of a rhythm.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include <lofi/score/key.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// A note of a melody: the sixteenth of the segment where it begins, and its MIDI pitch.
struct melody_onset {
    int step = 0, pitch = 0;
};
/// A melody, segment after segment.
using melody_segments = std::vector<std::vector<melody_onset>>;

/// What pieces are like, over all neighbouring segments of all of them.
struct segment_report {
    std::size_t pieces = 0, neighbours = 0;
    double notes = 0;   ///< a segment
    double rhythm = 0;  ///< entropy of the distances between onsets within a segment, bits
    double key_shared =
        0;  ///< share of neighbours with a major or natural minor key that holds four fifths of the notes of each
    double density_change = 0;  ///< 90th percentile of the difference in notes
    double joints_within = 0;   ///< share of joints, last note to first, of 7 semitones and fewer
    double joint = 0;           ///< 90th percentile of the joints, semitones
};
[[nodiscard]] segment_report measure_segments(std::span<const melody_segments> pieces);

// ---------------------------------------------------------------- bodies

namespace detail {

// The keys, a bit each, whose scales hold four fifths of the notes.
inline std::uint32_t holding_keys(std::span<const melody_onset> notes) {
    std::uint32_t keys = 0;
    for (int k = 0; k < 24; ++k) {
        const score::key key{score::pitch_class(k % 12), k < 12 ? score::mode::ionian : score::mode::aeolian};
        std::size_t held = 0;
        for (const melody_onset& n : notes) held += contains(key, score::pitch_class(n.pitch % 12)) ? 1 : 0;
        if (5 * held >= 4 * notes.size()) keys |= 1U << k;
    }
    return keys;
}

inline double percentile(std::vector<double> values, double share) {
    if (values.empty()) return std::nan("");
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size()))) - 1];
}

}  // namespace detail

inline segment_report measure_segments(std::span<const melody_segments> pieces) {
    segment_report out;
    std::map<int, double> gaps;
    std::vector<double> changes, joints;
    double notes = 0, segments = 0, all_gaps = 0, shared = 0, within = 0;
    out.pieces = pieces.size();
    for (const melody_segments& piece : pieces) {
        for (std::size_t i = 0; i < piece.size(); ++i) {
            const auto& now = piece[i];
            notes += static_cast<double>(now.size()), segments += 1;
            for (std::size_t k = 1; k < now.size(); ++k) gaps[now[k].step - now[k - 1].step] += 1, all_gaps += 1;
            if (i == 0) continue;
            const auto& before = piece[i - 1];
            ++out.neighbours;
            shared += (detail::holding_keys(before) & detail::holding_keys(now)) != 0 ? 1 : 0;
            changes.push_back(std::abs(static_cast<double>(now.size()) - static_cast<double>(before.size())));
            if (now.empty() || before.empty()) continue;
            joints.push_back(std::abs(now.front().pitch - before.back().pitch));
            within += joints.back() <= 7 ? 1 : 0;
        }
    }
    out.notes = notes / std::max(segments, 1.0);
    for (const auto& [gap, n] : gaps) out.rhythm -= n / all_gaps * std::log2(n / all_gaps);
    out.key_shared = shared / std::max<double>(static_cast<double>(out.neighbours), 1);
    out.density_change = detail::percentile(changes, .9);
    out.joints_within = within / std::max<double>(static_cast<double>(joints.size()), 1);
    out.joint = detail::percentile(joints, .9);
    return out;
}

}  // namespace lofi::inline LOFI_ABI::analysis
