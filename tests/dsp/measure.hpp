#pragma once
// What the tests of this room measure with: sines, their levels, and what lies beside them.
#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <vector>

#include <lofi/audio/block.hpp>
#include <lofi/audio/spectrum.hpp>

namespace lofi::test {

inline std::vector<float> sine(double turns_a_frame, std::size_t n, double gain = 1.0) {
    std::vector<float> x(n);
    for (std::size_t i = 0; i < n; ++i)
        x[i] = static_cast<float>(gain * std::sin(2.0 * M_PI * turns_a_frame * static_cast<double>(i)));
    return x;
}

inline double rms(std::span<const float> x) {
    double sum = 0.0;
    for (const float v : x) sum += double{v} * double{v};
    return std::sqrt(sum / static_cast<double>(x.size()));
}

inline double decibels_of(double gain) { return 20.0 * std::log10(std::max(gain, 1e-30)); }

/// Amplitude of one frequency in a sound, by correlation under Hann's window.
inline double amplitude(std::span<const float> x, double turns_a_frame) {
    std::complex<double> sum = 0.0;
    double weight = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double w = 0.5 - 0.5 * std::cos(2.0 * M_PI * (static_cast<double>(i) + 0.5) / static_cast<double>(x.size()));
        sum += w * double{x[i]} * std::polar(1.0, -2.0 * M_PI * turns_a_frame * static_cast<double>(i));
        weight += w;
    }
    return 2.0 * std::abs(sum) / weight;
}

/// Gain of a processor for a steady sine, in decibels.
inline double response(const std::function<void(std::span<float>)>& process, double turns_a_frame, std::size_t settle = 16384,
                       double gain = 0.5) {
    std::vector<float> x = sine(turns_a_frame, settle + 16384, gain);
    process(x);
    return decibels_of(amplitude(std::span(x).subspan(settle), turns_a_frame) / gain);
}

/// Level of everything that is not a harmonic of `bin` against the strongest harmonic, in decibels. The sound is periodic
/// in its own length, so that harmonics fall on single bins and what folds back falls between them. Looks at frequencies
/// below `up_to` of the rate.
inline double aliases(std::span<const float> x, std::size_t bin, double up_to = 0.5) {
    audio::real_fft fft(x.size());
    std::vector<float> re(fft.bins()), im(fft.bins());
    fft.forward(x, re, im);
    std::set<std::size_t> harmonics;
    for (std::size_t k = 0; k < fft.bins(); k += bin) harmonics.insert(k);
    double strongest = 0.0, worst = 0.0;
    for (std::size_t k = 0; k < static_cast<std::size_t>(up_to * static_cast<double>(x.size())); ++k) {
        const double power = double{re[k]} * double{re[k]} + double{im[k]} * double{im[k]};
        (harmonics.count(k) != 0 ? strongest : worst) = std::max(harmonics.count(k) != 0 ? strongest : worst, power);
    }
    return 10.0 * std::log10(worst / strongest + 1e-30);
}

/// Lengths from 1 to 4096 that cut a sound into blocks, in no order.
inline std::size_t next_cut(std::uint32_t& state) {
    state = state * 1664525U + 1013904223U;
    const std::uint32_t sizes[] = {1, 2, 7, 31, 32, 33, 64, 100, 128, 511, 1024, 4096};
    return sizes[(state >> 20) % 12];
}

}  // namespace lofi::test
