#pragma once
// Parts what rings from what strikes: in a spectrogram tones lie along time, drums along frequency.
#include <algorithm>
#include <complex>
#include <cstddef>
#include <span>
#include <vector>

#include <lofi/audio/stft.hpp>

namespace lofi::inline LOFI_ABI::audio {

struct harmonic_percussive_config {
    stft_config frames{1024, 256};
    std::size_t along_time = 17, along_frequency = 17;  ///< odd lengths of the medians, in frames and in bins
};

struct harmonic_percussive {
    std::vector<float> harmonic, percussive;  ///< as long as the sound; their sum is the sound
};

/// Separates a sound into its ringing and its striking part: the median of magnitudes along time against that along frequency, as a soft mask.
/// source: FitzGerald: Harmonic/percussive separation using median filtering (2010)
[[nodiscard]] harmonic_percussive separate(std::span<const float> sound, const harmonic_percussive_config& config = {});

// ---------------------------------------------------------------- bodies

namespace detail {

// Medians of `count` values `stride` apart in windows of an odd length around each; beyond the ends are zeros.
inline void running_median(const float* in, float* out, std::size_t count, std::size_t stride, std::size_t length) {
    const std::size_t half = length / 2;
    std::vector<float> window(length);
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t k = 0; k < length; ++k) {
            const std::size_t at = i + k;  // half a window late
            window[k] = at >= half && at - half < count ? in[(at - half) * stride] : 0.0F;
        }
        std::nth_element(window.begin(), window.begin() + static_cast<std::ptrdiff_t>(half), window.end());
        out[i * stride] = window[half];
    }
}

}  // namespace detail

inline harmonic_percussive separate(std::span<const float> sound, const harmonic_percussive_config& config) {
    LOFI_ASSERT(config.along_time % 2 == 1 && config.along_frequency % 2 == 1, "medians are of an odd number of values");
    stft transform(config.frames);
    const std::size_t times = transform.times(sound.size()), bins = transform.bins();
    std::vector<std::complex<float>> frames = transform.forward(sound);
    std::vector<float> size(frames.size()), ringing(frames.size()), striking(frames.size());
    for (std::size_t i = 0; i < frames.size(); ++i) size[i] = std::abs(frames[i]);
    for (std::size_t k = 0; k < bins; ++k)
        detail::running_median(size.data() + k, ringing.data() + k, times, bins, config.along_time);
    for (std::size_t t = 0; t < times; ++t)
        detail::running_median(size.data() + t * bins, striking.data() + t * bins, bins, 1, config.along_frequency);
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const float h = ringing[i] * ringing[i], p = striking[i] * striking[i];
        frames[i] *= h + p > 0.0F ? h / (h + p) : 0.5F;
    }
    harmonic_percussive parts{std::vector<float>(sound.size()), std::vector<float>(sound.size())};
    transform.inverse(frames, parts.harmonic);
    for (std::size_t t = 0; t < sound.size(); ++t) parts.percussive[t] = sound[t] - parts.harmonic[t];
    return parts;
}

}  // namespace lofi::inline LOFI_ABI::audio
