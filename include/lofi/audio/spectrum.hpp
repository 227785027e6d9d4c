#pragma once
// Magnitude spectra and spectrograms, for pictures and measures, without any library: a Fourier transform of power-of-two length.
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <lofi/core/assert.hpp>
#include <lofi/core/math.hpp>
#include <lofi/core/units.hpp>

namespace lofi::inline LOFI_ABI::audio {

/// The Fourier transform of real sound of one length, a power of two from 4 on.
/// source: Cooley, Tukey (1965); real input as half-length complex, Sorensen et al. (1987)
/// realtime: all but the constructor
class real_fft {
public:
    explicit real_fft(std::size_t size);

    [[nodiscard]] std::size_t size() const { return size_; }
    /// Frequencies from 0 to half the sample rate, both included.
    [[nodiscard]] std::size_t bins() const { return size_ / 2 + 1; }

    /// Computes re[k] + i im[k] = sum over t of x[t] e^(-2 pi i k t / size).
    /// shapes: x size, re and im bins
    void forward(std::span<const float> x, std::span<float> re, std::span<float> im) noexcept;

private:
    std::size_t size_;
    std::vector<float> cos_, sin_;      // of turns k / size, k < size / 2
    std::vector<std::uint32_t> order_;  // places of the half-length transform, bits reversed
};

struct spectrogram_config {
    std::size_t window = 2048;  ///< samples under Hann's window, a power of two
    std::size_t hop = 512;
};

/// Magnitudes by time and frequency, row by row in time.
struct spectrogram {
    std::size_t times = 0, bins = 0;
    hertz bin_width{0.0};
    seconds time_step{0.0};
    std::vector<float> values;  ///< times x bins

    [[nodiscard]] std::span<const float> at(std::size_t time) const { return std::span(values).subspan(time * bins, bins); }
};

/// Measures magnitudes: a sine of amplitude A on the middle of a bin gives A there. Row i is centred on sample i * hop;
/// beyond its ends the sound is silent.
[[nodiscard]] spectrogram magnitude_spectrogram(std::span<const float> sound, hertz rate, spectrogram_config config = {});

/// Mean power of each bin over a whole sound (Welch's method), scaled so that a sine of amplitude A gives A^2 / 2 in all.
/// source: Welch (1967)
[[nodiscard]] std::vector<double> power_spectrum(std::span<const float> sound, spectrogram_config config = {});

/// Hann's window, the periodic form.
[[nodiscard]] std::vector<float> hann(std::size_t size);

// ---------------------------------------------------------------- bodies

inline real_fft::real_fft(std::size_t size) : size_(size), cos_(size / 2), sin_(size / 2), order_(size / 2) {
    LOFI_ASSERT(size >= 4 && std::has_single_bit(size),
                "this Fourier transform takes lengths that are powers of two, from 4 on");
    for (std::size_t k = 0; k < size / 2; ++k) {
        const double turns = static_cast<double>(k) / static_cast<double>(size);
        cos_[k] = static_cast<float>(math::cos_turns(turns));
        sin_[k] = static_cast<float>(math::sin_turns(turns));
    }
    for (std::size_t i = 1; i < order_.size(); ++i) {
        order_[i] = order_[i / 2] / 2 | ((i & 1U) != 0 ? static_cast<std::uint32_t>(order_.size() / 2) : 0U);
    }
}

inline void real_fft::forward(std::span<const float> x, std::span<float> re, std::span<float> im) noexcept {
    LOFI_ASSERT(x.size() == size_ && re.size() == bins() && im.size() == bins(),
                "the transform's input and outputs have its own sizes");
    // Even samples as real and odd ones as imaginary parts: one complex transform of half the length holds both.
    const std::size_t half = size_ / 2;
    for (std::size_t i = 0; i < half; ++i) {
        re[order_[i]] = x[2 * i];
        im[order_[i]] = x[2 * i + 1];
    }
    for (std::size_t width = 1; width < half; width *= 2) {
        const std::size_t stride = half / width;  // of turns k / (2 width) in tables of k / size
        for (std::size_t first = 0; first < half; first += 2 * width) {
            for (std::size_t k = 0; k < width; ++k) {
                const float c = cos_[k * stride], s = sin_[k * stride];
                float &ar = re[first + k], &ai = im[first + k], &br = re[first + k + width], &bi = im[first + k + width];
                const float tr = br * c + bi * s, ti = bi * c - br * s;
                br = ar - tr, bi = ai - ti;
                ar += tr, ai += ti;
            }
        }
    }
    // Even and odd parts are told apart by symmetry, and joined as in the last step of a whole transform.
    re[half] = re[0] - im[0];
    im[half] = 0.0F;
    re[0] += im[0];
    im[0] = 0.0F;
    for (std::size_t k = 1; k <= half / 2; ++k) {
        const std::size_t m = half - k;
        const float er = (re[k] + re[m]) / 2, ei = (im[k] - im[m]) / 2;
        const float odd_r = (im[k] + im[m]) / 2, odd_i = (re[m] - re[k]) / 2;
        const float tr = odd_r * cos_[k] + odd_i * sin_[k], ti = odd_i * cos_[k] - odd_r * sin_[k];
        re[k] = er + tr, im[k] = ei + ti;
        re[m] = er - tr, im[m] = ti - ei;
    }
}

inline std::vector<float> hann(std::size_t size) {
    std::vector<float> w(size);
    for (std::size_t i = 0; i < size; ++i)
        w[i] = static_cast<float>(0.5 - 0.5 * math::cos_turns(static_cast<double>(i) / static_cast<double>(size)));
    return w;
}

inline spectrogram magnitude_spectrogram(std::span<const float> sound, hertz rate, spectrogram_config config) {
    LOFI_ASSERT(config.hop > 0, "a spectrogram needs a hop of at least one sample");
    real_fft fft(config.window);
    const std::vector<float> window = hann(config.window);
    spectrogram s;
    s.times = sound.empty() ? 0 : (sound.size() - 1) / config.hop + 1;
    s.bins = fft.bins();
    s.bin_width = hertz(rate.value / static_cast<double>(config.window));
    s.time_step = seconds(static_cast<double>(config.hop) / rate.value);
    s.values.resize(s.times * s.bins);
    std::vector<float> x(config.window), re(s.bins), im(s.bins);
    for (std::size_t i = 0; i < s.times; ++i) {
        for (std::size_t k = 0; k < config.window; ++k) {
            const std::size_t at = i * config.hop + k;  // half a window late
            const bool inside = at >= config.window / 2 && at - config.window / 2 < sound.size();
            x[k] = inside ? sound[at - config.window / 2] * window[k] : 0.0F;
        }
        fft.forward(x, re, im);
        // Hann's window halves an amplitude, and a sine puts half of its own at the negative frequency.
        const float scale = 4.0F / static_cast<float>(config.window);
        float* row = s.values.data() + i * s.bins;
        for (std::size_t b = 0; b < s.bins; ++b) row[b] = scale * math::sqrt(re[b] * re[b] + im[b] * im[b]);
        row[0] /= 2;
        row[s.bins - 1] /= 2;
    }
    return s;
}

inline std::vector<double> power_spectrum(std::span<const float> sound, spectrogram_config config) {
    LOFI_ASSERT(config.hop > 0, "a spectrum needs a hop of at least one sample");
    real_fft fft(config.window);
    const std::vector<float> window = hann(config.window);
    std::vector<double> power(fft.bins());
    std::vector<float> x(config.window), re(fft.bins()), im(fft.bins());
    std::size_t count = 0;
    for (std::size_t first = 0; first == 0 || first + config.window <= sound.size(); first += config.hop, ++count) {
        for (std::size_t k = 0; k < config.window; ++k) x[k] = first + k < sound.size() ? sound[first + k] * window[k] : 0.0F;
        fft.forward(x, re, im);
        for (std::size_t b = 0; b < power.size(); ++b) {
            power[b] += static_cast<double>(re[b]) * static_cast<double>(re[b]) +
                        static_cast<double>(im[b]) * static_cast<double>(im[b]);
        }
    }
    const double size = static_cast<double>(config.window),
                 scale = 2.0 / (size * size * 0.375 * static_cast<double>(count));  // 3/8: Hann's mean square
    for (double& p : power) p *= scale;
    power.front() /= 2;
    power.back() /= 2;
    return power;
}

}  // namespace lofi::inline LOFI_ABI::audio
