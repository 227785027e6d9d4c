#pragma once
// Sound as frames of frequencies and back: whole transforms without overlap, and windowed ones that overlap.
#include <complex>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <lofi/audio/spectrum.hpp>
#include <lofi/core/assert.hpp>
#include <lofi/tensor/fft.hpp>

namespace lofi::inline LOFI_ABI::audio {

/// Frames without window or overlap, each turned by the whole Fourier transform: all N real parts, then all N imaginary ones. Twice as
/// many numbers as the sound has, since the upper half mirrors the lower; a network on them has to learn that.
/// source: paper 004 (N = 500)
class block_dft {
public:
    explicit block_dft(std::size_t size) : fft_(size), time_(size), frequency_(size) {}

    [[nodiscard]] std::size_t size() const { return fft_.size(); }
    /// shapes: sound F size, out F 2*size
    void forward(std::span<const float> sound, std::span<float> out);
    /// Undoes forward. Of a spectrum without the symmetry of real sound, the real part is what is heard.
    void inverse(std::span<const float> frequencies, std::span<float> sound);

private:
    tensor::fft<float> fft_;
    std::vector<std::complex<float>> time_, frequency_;
};

struct stft_config {
    std::size_t window = 512;  ///< samples under Hann's window
    std::size_t hop = 128;     ///< from frame to frame; at most half a window
};

/// Windowed frames that overlap, frequencies 0 to the half. Frame i begins at sample (i + 1) hop - window and ends where hop i + 1 does, so
/// that it knows nothing of later sound; before the beginning and behind the end the sound is silent.
/// source: Griffin, Lim: Signal estimation from modified short-time Fourier transform (1984): the inverse is the sound whose frames are
/// nearest, in least squares, to those given
class stft {
public:
    using complex = std::complex<float>;

    explicit stft(stft_config config = {});

    [[nodiscard]] const stft_config& config() const { return config_; }
    [[nodiscard]] std::size_t bins() const { return config_.window / 2 + 1; }
    /// Frames that touch a sound of so many samples.
    [[nodiscard]] std::size_t times(std::size_t samples) const {
        return samples == 0 ? 0 : (samples + config_.window - config_.hop + config_.hop - 1) / config_.hop;
    }
    /// shapes: out times(sound.size()) x bins
    void forward(std::span<const float> sound, std::span<complex> out);
    [[nodiscard]] std::vector<complex> forward(std::span<const float> sound);
    /// shapes: frames times(sound.size()) x bins
    /// writes: sound =
    void inverse(std::span<const complex> frames, std::span<float> sound);

    /// One frame, from `window` samples.
    void forward_frame(std::span<const float> samples, std::span<complex> out);
    /// Adds one frame to `window` samples, under the window again. What overlaps fully is then the sound times `overlap()`.
    void add_frame(std::span<const complex> frame, std::span<float> samples);
    /// The sum of the squared windows over one sample, where it is the same for all: hop divides the window at least in three.
    [[nodiscard]] float overlap() const { return overlap_; }

private:
    stft_config config_;
    tensor::fft<float> fft_;
    std::vector<float> window_, samples_;
    float overlap_ = 0.0F;
};

// ---------------------------------------------------------------- bodies

inline void block_dft::forward(std::span<const float> sound, std::span<float> out) {
    const std::size_t N = size();
    LOFI_ASSERT(sound.size() % N == 0 && out.size() == 2 * sound.size(), "whole frames become twice as many numbers");
    for (std::size_t f = 0; f < sound.size() / N; ++f) {
        for (std::size_t n = 0; n < N; ++n) time_[n] = sound[f * N + n];
        fft_.forward(time_, frequency_);
        for (std::size_t k = 0; k < N; ++k) {
            out[2 * f * N + k] = frequency_[k].real();
            out[(2 * f + 1) * N + k] = frequency_[k].imag();
        }
    }
}

inline void block_dft::inverse(std::span<const float> frequencies, std::span<float> sound) {
    const std::size_t N = size();
    LOFI_ASSERT(sound.size() % N == 0 && frequencies.size() == 2 * sound.size(), "whole frames come of twice as many numbers");
    for (std::size_t f = 0; f < sound.size() / N; ++f) {
        for (std::size_t k = 0; k < N; ++k) frequency_[k] = {frequencies[2 * f * N + k], frequencies[(2 * f + 1) * N + k]};
        fft_.inverse(frequency_, time_);
        for (std::size_t n = 0; n < N; ++n) sound[f * N + n] = time_[n].real();
    }
}

inline stft::stft(stft_config config)
    : config_(config), fft_(config.window), window_(hann(config.window)), samples_(config.window) {
    LOFI_ASSERT(config.hop > 0 && 2 * config.hop <= config.window && config.window >= 4 && config.window % 2 == 0,
                "frames overlap by half a window at least, and a window is even");
    double sum = 0;
    for (const float w : window_) sum += static_cast<double>(w) * static_cast<double>(w);
    overlap_ = static_cast<float>(sum / static_cast<double>(config.hop));
}

inline void stft::forward_frame(std::span<const float> samples, std::span<complex> out) {
    for (std::size_t n = 0; n < config_.window; ++n) samples_[n] = samples[n] * window_[n];
    fft_.forward_real(samples_, out);
}

inline void stft::add_frame(std::span<const complex> frame, std::span<float> samples) {
    fft_.inverse_real(frame, samples_);
    for (std::size_t n = 0; n < config_.window; ++n) samples[n] += samples_[n] * window_[n];
}

inline void stft::forward(std::span<const float> sound, std::span<complex> out) {
    LOFI_ASSERT(out.size() == times(sound.size()) * bins(), "frames of a sound need room for times x bins");
    const auto [window, hop] = config_;
    std::vector<float> cut(window);
    for (std::size_t i = 0; i < times(sound.size()); ++i) {
        for (std::size_t n = 0; n < window; ++n) {
            const std::size_t at = (i + 1) * hop + n;  // a window late
            cut[n] = at >= window && at - window < sound.size() ? sound[at - window] : 0.0F;
        }
        forward_frame(cut, out.subspan(i * bins(), bins()));
    }
}

inline std::vector<stft::complex> stft::forward(std::span<const float> sound) {
    std::vector<complex> out(times(sound.size()) * bins());
    forward(sound, out);
    return out;
}

inline void stft::inverse(std::span<const complex> frames, std::span<float> sound) {
    LOFI_ASSERT(frames.size() == times(sound.size()) * bins(), "a sound of so many samples comes of times x bins");
    const auto [window, hop] = config_;
    const std::size_t count = times(sound.size());
    std::vector<float> sum((count - (count > 0 ? 1 : 0)) * hop + window), weight(sum.size());
    for (std::size_t i = 0; i < count; ++i) {
        add_frame(frames.subspan(i * bins(), bins()), std::span(sum).subspan(i * hop, window));
        for (std::size_t n = 0; n < window; ++n) weight[i * hop + n] += window_[n] * window_[n];
    }
    for (std::size_t t = 0; t < sound.size(); ++t) {
        const std::size_t at = t + window - hop;
        sound[t] = weight[at] > 1e-8F ? sum[at] / weight[at] : 0.0F;
    }
}

}  // namespace lofi::inline LOFI_ABI::audio
