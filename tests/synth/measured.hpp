#pragma once
// How single notes are measured in the tests of this room.
#include <array>
#include <cmath>
#include <complex>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <lofi/audio/spectrum.hpp>
#include <lofi/synth/player.hpp>

#include "dsp/measure.hpp"

namespace lofi::test {

/// Plays one strike, both channels added.
inline std::vector<float> play(const synth::strike& s, double rate, double held, double length) {
    auto v = std::make_unique<synth::voice>();
    v->start(s, hertz(rate), 0, frames(static_cast<std::int64_t>(held * rate)), random_key{1});
    std::vector<float> y;
    std::array<float, 32> left, right;
    while (y.size() < static_cast<std::size_t>(length * rate)) {
        left.fill(0.0F), right.fill(0.0F);
        if (!v->silent()) v->process(left, right);
        for (std::size_t n = 0; n < 32; ++n) y.push_back(left[n] + right[n]);
    }
    return y;
}

inline synth::strike note(synth::instrument i, int pitch, int force) {
    random_stream r(random_key{static_cast<std::uint64_t>(pitch)});
    return synth::strike_of(i, score::pitch(pitch), score::velocity(force), r);
}
inline synth::strike drum(score::drum d, int force) {
    random_stream r(random_key{static_cast<std::uint64_t>(force)});
    return synth::hit(d, score::velocity(force), r);
}

enum class window { none, hann };

/// Power of each bin of a sound, padded to 65536.
inline std::vector<double> powers(std::span<const float> x, window w) {
    std::vector<float> padded(65536);
    std::copy_n(x.begin(), std::min(x.size(), padded.size()), padded.begin());
    for (std::size_t i = 0; w == window::hann && i < x.size() && i < padded.size(); ++i)
        padded[i] = x[i] * static_cast<float>(0.5 - 0.5 * std::cos(2.0 * M_PI * (static_cast<double>(i) + 0.5) /
                                                                   static_cast<double>(x.size())));
    audio::real_fft fft(padded.size());
    std::vector<float> re(fft.bins()), im(fft.bins());
    fft.forward(padded, re, im);
    std::vector<double> p(fft.bins());
    for (std::size_t k = 0; k < p.size(); ++k) p[k] = double{re[k]} * double{re[k]} + double{im[k]} * double{im[k]};
    return p;
}

inline double centroid(std::span<const float> x, double rate, window w) {
    const auto p = powers(x, w);
    double sum = 0.0, weighted = 0.0;
    for (std::size_t k = 0; k < p.size(); ++k) sum += p[k], weighted += p[k] * static_cast<double>(k) * rate / 65536.0;
    return weighted / sum;
}

/// Level over time in windows of a width, in decibels, every hundredth of a second.
inline std::vector<double> levels(std::span<const float> x, double rate, double width = 0.02) {
    const auto w = static_cast<std::size_t>(width * rate), hop = static_cast<std::size_t>(0.01 * rate);
    std::vector<double> y;
    for (std::size_t n = 0; n + w < x.size(); n += hop) y.push_back(decibels_of(rms(x.subspan(n, w)) + 1e-9));
    return y;
}

}  // namespace lofi::test
