#pragma once
// Measures of sound: where its energy lies, whether it has a beat, and what is broken in it.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include <lofi/audio/spectrum.hpp>
#include <lofi/core/assert.hpp>
#include <lofi/core/units.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// Mean of the samples: a constant that loudspeakers cannot play and that costs headroom.
[[nodiscard]] double dc_offset(std::span<const float> sound);
/// Root of the mean square, the constant part included.
[[nodiscard]] double rms(std::span<const float> sound);

// Spectra below are powers from frequency 0 up in equal steps, as audio::power_spectrum gives them.

/// Mean frequency, weighted by power: how bright a sound is. 0 for silence.
[[nodiscard]] hertz spectral_centroid(std::span<const double> power, hertz bin_width);
/// Geometric by arithmetic mean of the powers from `low` to `high`: near 0 for tones; for white noise 0.56 in the spectrum
/// of a single window, nearer to 1 the more windows were averaged. 0 for silence.
/// source: Gray, Markel (1974)
[[nodiscard]] double spectral_flatness(std::span<const double> power, hertz bin_width, hertz low = hertz(0.0),
                                       hertz high = hertz(std::numeric_limits<double>::infinity()));
/// How many bins, the strongest first, hold a share of the energy: few for tones, many for noise.
[[nodiscard]] std::size_t bins_for_energy(std::span<const double> power, double share = 0.99);

/// How much every moment brings that was not there before: the rise of log magnitudes, averaged over frequencies. One value
/// a row of the spectrogram; what lies more than 80 dB below full scale counts as silence.
/// source: Bello et al.: A Tutorial on Onset Detection in Music Signals (2005), spectral flux
[[nodiscard]] std::vector<float> onset_envelope(const audio::spectrogram& s);

/// A beat: its tempo, and how strongly the onsets repeat at it, from 0 (not at all) to 1 (exactly).
struct pulse {
    bpm tempo{0.0};
    double strength = 0.0;
};
struct pulse_config {
    bpm slowest{50.0}, fastest{180.0};
};
/// Finds the tempo at which the onsets repeat best, by autocorrelation. Strength 0 where there is too little sound.
[[nodiscard]] pulse find_pulse(std::span<const float> onsets, seconds step, pulse_config config = {});

/// How strongly the onsets repeat at a tempo that is known: their autocorrelation one beat apart, at the best of the times within
/// `tolerance` of it. Not a number where there are fewer than four beats.
[[nodiscard]] double beat_strength(std::span<const float> onsets, seconds step, bpm tempo, double tolerance = 0.03);

/// A jump that the sound around it does not explain.
struct click {
    std::size_t at = 0;  ///< sample after the jump
    double jump = 0.0;   ///< from the sample before it
    double ratio = 0.0;  ///< second difference at the jump by its root mean square around it
};
struct click_config {
    double ratio = 20.0;       ///< white noise stays below 6, a kick drum's attack below 15
    double quietest = 1e-3;    ///< smaller jumps are not heard
    std::size_t around = 256;  ///< samples on each side that the jump is held against
};
/// Finds clicks: joins that do not meet, buffers that were lost, envelopes cut off. Of those close together, the strongest.
[[nodiscard]] std::vector<click> find_clicks(std::span<const float> sound, click_config config = {});

/// A stretch of sound, from the first sample to the one after the last.
struct stretch {
    std::size_t first = 0, end = 0;

    friend bool operator==(stretch, stretch) = default;
};
/// Finds where no sample is louder than a level for at least so long.
[[nodiscard]] std::vector<stretch> find_silences(std::span<const float> sound, hertz rate, decibels level = decibels(-60.0),
                                                 seconds at_least = seconds(0.1));

// ---------------------------------------------------------------- bodies

inline double dc_offset(std::span<const float> sound) {
    double sum = 0.0;
    for (const float x : sound) sum += static_cast<double>(x);
    return sound.empty() ? 0.0 : sum / static_cast<double>(sound.size());
}

inline double rms(std::span<const float> sound) {
    double sum = 0.0;
    for (const float x : sound) sum += static_cast<double>(x) * static_cast<double>(x);
    return sound.empty() ? 0.0 : std::sqrt(sum / static_cast<double>(sound.size()));
}

inline hertz spectral_centroid(std::span<const double> power, hertz bin_width) {
    double sum = 0.0, weighted = 0.0;
    for (std::size_t k = 0; k < power.size(); ++k) {
        sum += power[k];
        weighted += power[k] * static_cast<double>(k);
    }
    return sum > 0.0 ? bin_width * (weighted / sum) : hertz(0.0);
}

inline double spectral_flatness(std::span<const double> power, hertz bin_width, hertz low, hertz high) {
    double logs = 0.0, sum = 0.0, count = 0.0;
    for (std::size_t k = 0; k < power.size(); ++k) {
        const hertz f = bin_width * static_cast<double>(k);
        if (f < low || f > high) continue;
        logs += std::log(std::max(power[k], std::numeric_limits<double>::min()));  // an empty bin pulls down, not to nothing
        sum += power[k];
        count += 1.0;
    }
    return sum > 0.0 ? std::exp(logs / count) / (sum / count) : 0.0;
}

inline std::size_t bins_for_energy(std::span<const double> power, double share) {
    LOFI_ASSERT(share > 0.0 && share <= 1.0, "a share of the energy lies above 0 and is at most 1");
    std::vector<double> strongest(power.begin(), power.end());
    std::sort(strongest.begin(), strongest.end(), std::greater<>());
    double all = 0.0;
    for (std::size_t k = strongest.size(); k-- > 0;) all += strongest[k];  // the smallest first loses least
    if (!(all > 0.0)) return 0;
    double sum = 0.0;
    std::size_t count = 0;
    while (count < strongest.size() && sum < share * all) sum += strongest[count++];
    return count;
}

inline std::vector<float> onset_envelope(const audio::spectrogram& s) {
    constexpr float floor = 1e-4F;  // -80 dB
    std::vector<float> envelope(s.times);
    std::vector<float> before(s.bins, 0.0F);
    for (std::size_t i = 0; i < s.times; ++i) {
        float rise = 0.0F;
        for (std::size_t k = 0; k < s.bins; ++k) {
            const float now = std::log10(std::max(s.at(i)[k], floor) / floor);
            rise += std::max(0.0F, now - before[k]);
            before[k] = now;
        }
        // The first row has nothing before it: that sound begins there is not an onset of it.
        envelope[i] = i == 0 ? 0.0F : rise / static_cast<float>(s.bins);
    }
    return envelope;
}

inline pulse find_pulse(std::span<const float> onsets, seconds step, pulse_config config) {
    LOFI_ASSERT(config.slowest.value > 0.0 && config.slowest < config.fastest,
                "tempi are searched from a slower to a faster one");
    const std::size_t n = onsets.size();
    const auto lag_of = [&](bpm tempo) { return 60.0 / (tempo.value * step.value); };
    const auto shortest = static_cast<std::size_t>(std::max(1.0, std::floor(lag_of(config.fastest))));
    const auto longest = static_cast<std::size_t>(std::ceil(lag_of(config.slowest)));
    if (n < 2 * longest + 2) return {};  // a beat that came less than twice is none
    const double mean = dc_offset(onsets);
    std::vector<double> correlation(longest + 2);
    double all = 0.0;
    for (const float x : onsets) all += (static_cast<double>(x) - mean) * (static_cast<double>(x) - mean);
    if (!(all > 0.0)) return {};
    for (std::size_t lag = shortest - 1; lag < correlation.size(); ++lag) {
        double sum = 0.0;
        for (std::size_t i = 0; i + lag < n; ++i)
            sum += (static_cast<double>(onsets[i]) - mean) * (static_cast<double>(onsets[i + lag]) - mean);
        correlation[lag] =
            sum / all * static_cast<double>(n) / static_cast<double>(n - lag);  // fewer pairs meet at longer lags
    }
    std::size_t best = 0;
    for (std::size_t lag = shortest; lag <= longest; ++lag) {
        const bool peak = correlation[lag] >= correlation[lag - 1] && correlation[lag] >= correlation[lag + 1];
        if (peak && (best == 0 || correlation[lag] > correlation[best])) best = lag;
    }
    if (best == 0 || correlation[best] <= 0.0) return {};
    // The top of the parabola through three points stands between the lags.
    const double a = correlation[best - 1], b = correlation[best], c = correlation[best + 1], bend = a - 2 * b + c;
    const double lag = static_cast<double>(best) + (bend < 0.0 ? 0.5 * (a - c) / bend : 0.0);
    return {bpm(60.0 / (lag * step.value)), std::min(1.0, b)};
}

inline double beat_strength(std::span<const float> onsets, seconds step, bpm tempo, double tolerance) {
    LOFI_ASSERT(tempo.value > 0.0 && step.value > 0.0, "a beat has a tempo");
    const double lag = 60.0 / (tempo.value * step.value);
    const auto first = static_cast<std::size_t>(std::floor(lag * (1 - tolerance))),
               last = static_cast<std::size_t>(std::ceil(lag * (1 + tolerance)));
    if (first == 0 || onsets.size() < 4 * last) return std::numeric_limits<double>::quiet_NaN();
    const double mean = dc_offset(onsets);
    double all = 0.0, best = -1.0;
    for (const float x : onsets) all += (static_cast<double>(x) - mean) * (static_cast<double>(x) - mean);
    if (!(all > 0.0)) return 0.0;
    for (std::size_t d = first; d <= last; ++d) {
        double sum = 0.0;
        for (std::size_t i = 0; i + d < onsets.size(); ++i)
            sum += (static_cast<double>(onsets[i]) - mean) * (static_cast<double>(onsets[i + d]) - mean);
        best = std::max(best, sum / all * static_cast<double>(onsets.size()) / static_cast<double>(onsets.size() - d));
    }
    return best;
}

inline std::vector<click> find_clicks(std::span<const float> sound, click_config config) {
    LOFI_ASSERT(config.around >= 8, "a click is held against at least 8 samples on each side");
    std::vector<click> found;
    if (sound.size() < 4) return found;
    // Second differences: music hardly bends from one sample to the next, a click does. Sums of their squares up to each
    // sample give the mean of any stretch at once.
    std::vector<double> bend(sound.size()), sums(sound.size() + 1);
    for (std::size_t t = 1; t + 1 < sound.size(); ++t) {
        bend[t] = static_cast<double>(sound[t + 1]) - 2.0 * static_cast<double>(sound[t]) + static_cast<double>(sound[t - 1]);
    }
    for (std::size_t t = 0; t < sound.size(); ++t) sums[t + 1] = sums[t] + bend[t] * bend[t];
    constexpr std::size_t own = 3;  // samples on each side that the click itself bends
    for (std::size_t t = 1; t + 1 < sound.size(); ++t) {
        const double after = static_cast<double>(sound[t]) - static_cast<double>(sound[t - 1]);
        if (std::fabs(after) < config.quietest) continue;
        const std::size_t low = t > config.around ? t - config.around : 0, high = std::min(sound.size(), t + config.around + 1);
        const std::size_t own_low = t > own ? t - own : 0, own_high = std::min(sound.size(), t + own + 1);
        const double others = static_cast<double>((high - low) - (own_high - own_low));
        if (others < 8.0) continue;
        const double square = std::max(0.0, (sums[high] - sums[low]) - (sums[own_high] - sums[own_low])) / others;
        // A thousandth of the quietest jump stands in for digital silence, where anything would be infinitely much.
        const double around = std::max(std::sqrt(square), config.quietest * 1e-3);
        const click c{t, after, std::max(std::fabs(bend[t]), std::fabs(bend[t - 1])) / around};
        if (c.ratio < config.ratio) continue;
        if (!found.empty() && c.at - found.back().at <= config.around / 2) {
            if (c.ratio > found.back().ratio) found.back() = c;
        } else {
            found.push_back(c);
        }
    }
    return found;
}

inline std::vector<stretch> find_silences(std::span<const float> sound, hertz rate, decibels level, seconds at_least) {
    const float limit = std::pow(10.0F, static_cast<float>(level.value) / 20.0F);
    const double shortest = at_least.value * rate.value;
    std::vector<stretch> found;
    std::size_t first = 0;
    for (std::size_t t = 0; t <= sound.size(); ++t) {
        if (t < sound.size() && std::fabs(sound[t]) <= limit) continue;
        if (t > first && static_cast<double>(t - first) >= shortest) found.push_back({first, t});
        first = t + 1;
    }
    return found;
}

}  // namespace lofi::inline LOFI_ABI::analysis
