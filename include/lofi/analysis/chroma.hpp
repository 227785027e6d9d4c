#pragma once
// Which of the twelve notes sound: the energy of all octaves of each, so that sound can be held against chords.
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <lofi/audio/spectrum.hpp>
#include <lofi/core/units.hpp>

namespace lofi::inline LOFI_ABI::analysis {

using chroma = std::array<double, 12>;  ///< C to B, of sum 1; all 0 for silence

struct chroma_config {
    std::size_t window = 4096;  ///< a power of two; at 8 kHz half a second tells semitones apart from 70 Hz on
    hertz low{65.0}, high{2100.0};
};

/// Chroma of stretches of a window each, half a window apart.
[[nodiscard]] std::vector<chroma> chroma_of(std::span<const float> sound, hertz rate, const chroma_config& config = {});
/// Share of the energy that lies on notes of a set (bit p stands for pitch class p), a mean over frames that are not silent.
[[nodiscard]] double chroma_share(std::span<const chroma> frames, unsigned pitch_classes);

// ---------------------------------------------------------------- bodies

inline std::vector<chroma> chroma_of(std::span<const float> sound, hertz rate, const chroma_config& config) {
    const auto s = audio::magnitude_spectrogram(sound, rate, {.window = config.window, .hop = config.window / 2});
    std::vector<chroma> out(s.times);
    for (std::size_t i = 0; i < s.times; ++i) {
        double all = 0;
        for (std::size_t k = 1; k + 1 < s.bins; ++k) {
            const float before = s.at(i)[k - 1], here = s.at(i)[k], after = s.at(i)[k + 1];
            if (here < before || here < after) continue;  // peaks alone: the skirts of a tone are not its neighbours
            // The top of the parabola through three logarithms stands between the bins.
            const auto level = [](float m) { return std::log(static_cast<double>(m) + 1e-12); };
            const double bend = level(before) - 2 * level(here) + level(after);
            const double bin = static_cast<double>(k) + (bend < 0 ? 0.5 * (level(before) - level(after)) / bend : 0.0);
            const double f = bin * s.bin_width.value;
            if (f < config.low.value || f > config.high.value) continue;
            const auto note = static_cast<long>(std::lround(69 + 12 * std::log2(f / 440)));
            const double energy = static_cast<double>(here) * static_cast<double>(here);
            out[i][static_cast<std::size_t>(note % 12)] += energy;
            all += energy;
        }
        for (double& v : out[i]) v = all > 1e-12 ? v / all : 0;
    }
    return out;
}

inline double chroma_share(std::span<const chroma> frames, unsigned pitch_classes) {
    double sum = 0, count = 0;
    for (const chroma& c : frames) {
        double here = 0, all = 0;
        for (unsigned p = 0; p < 12; ++p) {
            all += c[p];
            here += (pitch_classes >> p & 1U) != 0 ? c[p] : 0;
        }
        if (all > 0) sum += here, ++count;
    }
    return count > 0 ? sum / count : 0;
}

}  // namespace lofi::inline LOFI_ABI::analysis
