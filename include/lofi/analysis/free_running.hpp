#pragma once
// What a network that runs by itself makes of sound, in numbers that noise, hum, silence and a copy do not reach all at once.
#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <lofi/analysis/sound.hpp>
#include <lofi/core/units.hpp>
#include <lofi/tensor/fft.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// Share of whole seconds whose root mean square lies within `within` of the level wanted in that second (the last one for what is longer).
[[nodiscard]] double level_share(std::span<const float> sound, hertz rate, std::span<const double> wanted,
                                 decibels within = decibels(3.0));
/// Levels of whole seconds: what `level_share` wants of sound that is to follow a clip.
[[nodiscard]] std::vector<double> levels_by_second(std::span<const float> sound, hertz rate);

/// Power at frequencies 0 to the half, of one transform of all of a sound.
[[nodiscard]] std::vector<double> power_of(std::span<const float> sound);
/// Median over whole seconds of the flatness from 80 to 1,500 Hz: tones lie near 0, white noise near .56.
[[nodiscard]] double median_flatness(std::span<const float> sound, hertz rate);
/// Mean power above a frequency, in decibels of full scale.
[[nodiscard]] decibels power_above(std::span<const float> sound, hertz rate, hertz low = hertz(1500.0));
/// `beat_strength` of a sound as it is, over a beat or over so many.
[[nodiscard]] double beat_at(std::span<const float> sound, hertz rate, bpm tempo, double beats = 1);

/// How like one another blocks of a sound are: the mean correlation, over all pairs of neighbours, of their magnitudes by time and
/// frequency. 1 where one block comes again and again.
/// source: paper 004 (blocks of 10,000 samples at 4,410 Hz)
[[nodiscard]] double block_similarity(std::span<const float> sound, hertz rate, seconds block = seconds(10000.0 / 4410.0));

/// How far the sound jumps from before sample `at` to it, against the steps around: 1 is the 99th percentile of the steps of `natural`.
[[nodiscard]] double seam_jump(std::span<const float> sound, std::size_t at, std::span<const float> natural);

/// A stretch of training sound that a second of generated sound is like.
struct replayed {
    double correlation = 0;            ///< highest, in size, at any shift
    std::size_t clip = 0, second = 0;  ///< of the training sound, of the generated sound
};
/// The highest correlation of any whole second of a sound with any stretch of other clips. Stretches a hundred times (20 dB) softer than the
/// clip's mean are passed over: there noise would be compared with noise.
[[nodiscard]] replayed find_replay(std::span<const float> sound, hertz rate, std::span<const std::vector<float>> clips);

/// All of it at once.
struct free_running {
    double level = 0;      ///< share of seconds within 3 dB of the wanted level
    std::size_t bins = 0;  ///< that hold 99 % of the energy of the first 7 s (28,001 bins at 8 kHz)
    double flatness = 0;
    decibels high_band{0.0};   ///< power above 1,500 Hz
    double beat = 0, bar = 0;  ///< onsets one beat and four beats apart at the tempo wanted
    double similarity = 0;     ///< of blocks of 2.27 s
};
struct free_running_config {
    std::span<const double> levels = {};  ///< wanted second by second; empty: the sound's own median
    bpm tempo{0.0};                       ///< 0: the one that the sound repeats best at
};
[[nodiscard]] free_running measure_free_running(std::span<const float> sound, hertz rate,
                                                const free_running_config& config = {});

// ---------------------------------------------------------------- bodies

namespace detail {

// Calls f(second, its samples) for every whole second.
template <class F>
void for_seconds(std::span<const float> sound, hertz rate, F f) {
    const auto second = static_cast<std::size_t>(rate.value);
    for (std::size_t i = 0; (i + 1) * second <= sound.size(); ++i) f(i, sound.subspan(i * second, second));
}

inline double median(std::vector<double> values) {
    if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) return *middle;
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

}  // namespace detail

inline std::vector<double> levels_by_second(std::span<const float> sound, hertz rate) {
    std::vector<double> out;
    detail::for_seconds(sound, rate, [&](std::size_t, std::span<const float> x) { out.push_back(rms(x)); });
    return out;
}

inline double level_share(std::span<const float> sound, hertz rate, std::span<const double> wanted, decibels within) {
    LOFI_ASSERT(!wanted.empty(), "levels are held against wanted ones");
    std::size_t good = 0, all = 0;
    detail::for_seconds(sound, rate, [&](std::size_t i, std::span<const float> x) {
        const double off = 20 * std::log10(rms(x) / wanted[std::min(i, wanted.size() - 1)]);
        good +=
            std::abs(off) <= within.value ? 1 : 0;  // silence is infinitely far off, and not a number where silence was wanted
        ++all;
    });
    return all == 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(good) / static_cast<double>(all);
}

inline std::vector<double> power_of(std::span<const float> sound) {
    if (sound.empty()) return {};
    tensor::fft<float> fft(sound.size());
    std::vector<std::complex<float>> spectrum(fft.real_size());
    fft.forward_real(sound, spectrum);
    std::vector<double> power;
    for (const auto& v : spectrum) power.push_back(static_cast<double>(std::norm(v)));
    return power;
}

inline double median_flatness(std::span<const float> sound, hertz rate) {
    std::vector<double> all;
    detail::for_seconds(sound, rate, [&](std::size_t, std::span<const float> x) {
        const std::vector<float> window = audio::hann(x.size());
        std::vector<float> y(x.size());
        for (std::size_t t = 0; t < x.size(); ++t) y[t] = x[t] * window[t];
        all.push_back(
            spectral_flatness(power_of(y), hertz(rate.value / static_cast<double>(x.size())), hertz(80), hertz(1500)));
    });
    return detail::median(std::move(all));
}

inline decibels power_above(std::span<const float> sound, hertz rate, hertz low) {
    const std::vector<double> power = audio::power_spectrum(sound);
    const double bin = rate.value / 2048;
    double sum = 0;
    for (std::size_t k = 0; k < power.size(); ++k)
        if (static_cast<double>(k) * bin > low.value) sum += power[k];
    return decibels(10 * std::log10(std::max(sum, 1e-20)));
}

inline double beat_at(std::span<const float> sound, hertz rate, bpm tempo, double beats) {
    const auto s = audio::magnitude_spectrogram(sound, rate, {.window = 512, .hop = 128});
    return beat_strength(onset_envelope(s), s.time_step, tempo / beats, 0.03 / beats);
}

inline double block_similarity(std::span<const float> sound, hertz rate, seconds block) {
    const auto s = audio::magnitude_spectrogram(sound, rate, {.window = 512, .hop = 256});
    const auto rows = static_cast<std::size_t>(block.value / s.time_step.value);
    if (rows == 0 || s.times < 2 * rows) return std::numeric_limits<double>::quiet_NaN();
    const std::size_t size = rows * s.bins, blocks = s.times / rows;
    const auto cells = [&](std::size_t b) { return std::span(s.values).subspan(b * size, size); };
    double sum = 0;
    for (std::size_t b = 0; b + 1 < blocks; ++b) {
        const auto x = cells(b), y = cells(b + 1);
        const double mx = dc_offset(x), my = dc_offset(y);
        double xy = 0, xx = 0, yy = 0;
        for (std::size_t i = 0; i < size; ++i) {
            const double u = static_cast<double>(x[i]) - mx, v = static_cast<double>(y[i]) - my;
            xy += u * v, xx += u * u, yy += v * v;
        }
        sum += xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 1.0;  // silence is like silence
    }
    return sum / static_cast<double>(blocks - 1);
}

inline double seam_jump(std::span<const float> sound, std::size_t at, std::span<const float> natural) {
    LOFI_ASSERT(at > 0 && at < sound.size() && natural.size() > 1, "a seam has a sample on each side");
    std::vector<float> steps;
    for (std::size_t t = 1; t < natural.size(); ++t) steps.push_back(std::abs(natural[t] - natural[t - 1]));
    const auto high = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() * 99 / 100);
    std::nth_element(steps.begin(), high, steps.end());
    return static_cast<double>(std::abs(sound[at] - sound[at - 1])) / std::max(static_cast<double>(*high), 1e-9);
}

inline replayed find_replay(std::span<const float> sound, hertz rate, std::span<const std::vector<float>> clips) {
    const auto second = static_cast<std::size_t>(rate.value);
    std::size_t longest = 0;
    for (const auto& c : clips) longest = std::max(longest, c.size());
    replayed best;
    if (longest < second || sound.size() < second) return best;
    std::size_t size = 1;
    while (size < longest) size *= 2;  // what wraps around is not looked at
    tensor::fft<float> fft(size);
    std::vector<float> padded(size), products(size);
    std::vector<std::vector<std::complex<float>>> seconds_of;
    std::vector<double> energies;
    detail::for_seconds(sound, rate, [&](std::size_t, std::span<const float> x) {
        std::fill(padded.begin(), padded.end(), 0.0F);
        std::copy(x.begin(), x.end(), padded.begin());
        seconds_of.emplace_back(fft.real_size());
        fft.forward_real(padded, seconds_of.back());
        energies.push_back(rms(x) * rms(x) * static_cast<double>(second));
    });
    std::vector<std::complex<float>> spectrum(fft.real_size()), product(fft.real_size());
    for (std::size_t c = 0; c < clips.size(); ++c) {
        const auto& clip = clips[c];
        if (clip.size() < second) continue;
        std::fill(padded.begin(), padded.end(), 0.0F);
        std::copy(clip.begin(), clip.end(), padded.begin());
        fft.forward_real(padded, spectrum);
        std::vector<double> sums(clip.size() + 1);
        for (std::size_t t = 0; t < clip.size(); ++t)
            sums[t + 1] = sums[t] + static_cast<double>(clip[t]) * static_cast<double>(clip[t]);
        const double least = sums.back() / static_cast<double>(clip.size()) * static_cast<double>(second) * 1e-2;
        for (std::size_t s = 0; s < seconds_of.size(); ++s) {
            if (!(energies[s] > 0)) continue;
            for (std::size_t k = 0; k < product.size(); ++k) product[k] = spectrum[k] * std::conj(seconds_of[s][k]);
            fft.inverse_real(product, products);
            for (std::size_t t = 0; t + second <= clip.size(); ++t) {
                const double there = sums[t + second] - sums[t];
                if (!(there > least)) continue;
                const double r = std::abs(static_cast<double>(products[t])) / std::sqrt(there * energies[s]);
                if (r > best.correlation) best = {r, c, s};
            }
        }
    }
    return best;
}

inline free_running measure_free_running(std::span<const float> sound, hertz rate, const free_running_config& config) {
    free_running m;
    const std::vector<double> own = levels_by_second(sound, rate);
    const std::vector<double> median(1, detail::median(own));
    m.level = own.empty() ? std::numeric_limits<double>::quiet_NaN()
                          : level_share(sound, rate, config.levels.empty() ? std::span<const double>(median) : config.levels);
    m.bins = bins_for_energy(power_of(sound.first(std::min(sound.size(), static_cast<std::size_t>(7 * rate.value)))), 0.99);
    m.flatness = median_flatness(sound, rate);
    m.high_band = power_above(sound, rate);
    const auto s = audio::magnitude_spectrogram(sound, rate, {.window = 512, .hop = 128});
    const std::vector<float> onsets = onset_envelope(s);
    const bpm tempo = config.tempo.value > 0 ? config.tempo : find_pulse(onsets, s.time_step).tempo;
    m.beat = tempo.value > 0 ? beat_strength(onsets, s.time_step, tempo) : 0.0;
    m.bar = tempo.value > 0 ? beat_strength(onsets, s.time_step, tempo / 4.0, 0.01) : 0.0;
    m.similarity = block_similarity(sound, rate);
    return m;
}

}  // namespace lofi::inline LOFI_ABI::analysis
