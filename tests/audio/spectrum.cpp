#include <lofi/audio/spectrum.hpp>

#include <cmath>
#include <numeric>
#include <vector>

#include <lofi/core/random.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::audio;

TEST_CASE("the transform is the sum that defines it") {
    random_stream random(random_key{9});
    for (const std::size_t size : {4U, 8U, 16U, 64U, 512U}) {
        std::vector<float> x(size);
        for (float& v : x) v = uniform_unit(random) - 0.5F;
        real_fft fft(size);
        std::vector<float> re(fft.bins()), im(fft.bins());
        fft.forward(x, re, im);
        for (std::size_t k = 0; k < fft.bins(); ++k) {
            double a = 0, b = 0;
            for (std::size_t t = 0; t < size; ++t) {
                const double angle = 2 * math::pi * static_cast<double>(k * t % size) / static_cast<double>(size);
                a += static_cast<double>(x[t]) * std::cos(angle);
                b -= static_cast<double>(x[t]) * std::sin(angle);
            }
            CAPTURE(size, k);
            CHECK(re[k] == Approx(a).margin(2e-6 * std::sqrt(static_cast<double>(size))));
            CHECK(im[k] == Approx(b).margin(2e-6 * std::sqrt(static_cast<double>(size))));
        }
    }
}

TEST_CASE("a spectrogram shows a tone at its place, time and amplitude") {
    std::vector<float> sound(16384);
    for (std::size_t t = 8192; t < sound.size(); ++t)
        sound[t] = 0.25F * math::sin_turns(static_cast<float>(t) * 64.0F / 1024.0F);
    const auto s = magnitude_spectrogram(sound, hertz(8000), {.window = 1024, .hop = 256});
    CHECK(s.times == 64);
    CHECK(s.bins == 513);
    CHECK(s.bin_width.value == 7.8125);
    CHECK(s.time_step.value == 0.032);
    CHECK(s.at(40)[64] == Approx(0.25F).epsilon(1e-5));
    CHECK(s.at(40)[63] == Approx(0.125F).epsilon(1e-4));  // Hann's neighbours are a half
    CHECK(s.at(40)[60] < 1e-6F);
    CHECK(s.at(32)[64] == Approx(0.125F).epsilon(0.01));  // its middle stands where the tone begins
    CHECK(s.at(29)[64] == 0.0F);
    CHECK(magnitude_spectrogram({}, hertz(8000)).times == 0);
    const std::vector<float> constant(4096, 0.5F);
    CHECK(magnitude_spectrogram(constant, hertz(8000), {.window = 1024, .hop = 256}).at(8)[0] == Approx(0.5F).epsilon(1e-5));
}

TEST_CASE("the power spectrum holds the power of the sound") {
    std::vector<float> tone(65536);
    for (std::size_t t = 0; t < tone.size(); ++t)
        tone[t] = 0.5F * math::sin_turns(static_cast<float>(t % 2048) * 100.3F / 2048.0F);
    random_stream random(random_key{2});
    std::vector<float> noise(65536);
    for (float& v : noise) v = uniform_unit(random) - 0.5F;
    const auto total = [](const std::vector<double>& p) { return std::accumulate(p.begin(), p.end(), 0.0); };
    CHECK(total(power_spectrum(tone)) == Approx(0.125).epsilon(0.01));
    CHECK(total(power_spectrum(noise)) == Approx(1.0 / 12).epsilon(0.02));
    CHECK(total(power_spectrum(std::vector<float>(10))) == 0.0);
}
