#include <lofi/analysis/sound.hpp>

#include <cmath>
#include <vector>

#include <lofi/core/math.hpp>
#include <lofi/core/random.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::analysis;

namespace {

std::vector<float> tone(double frequency, double rate, std::size_t length, float amplitude = 0.5F) {
    std::vector<float> x(length);
    for (std::size_t t = 0; t < length; ++t)
        x[t] = amplitude * static_cast<float>(math::sin_turns(frequency * static_cast<double>(t) / rate));
    return x;
}
std::vector<float> noise(std::size_t length, float amplitude, std::uint64_t seed = 1) {
    random_stream random(random_key{seed});
    std::vector<float> x(length);
    for (float& v : x) v = amplitude * (2.0F * uniform_unit(random) - 1.0F);
    return x;
}
// Drum-like bursts at a tempo.
std::vector<float> beats_at(double tempo, double rate, std::size_t length) {
    auto x = noise(length, 0.5F);
    for (std::size_t t = 0; t < length; ++t) {
        const double since = std::fmod(static_cast<double>(t) / rate, 60.0 / tempo);
        x[t] *= static_cast<float>(std::exp(-since * 30.0));
    }
    return x;
}
pulse pulse_of(const std::vector<float>& x, double rate) {
    const auto s = audio::magnitude_spectrogram(x, hertz(rate), {.window = 512, .hop = 128});
    return find_pulse(onset_envelope(s), s.time_step);
}

}  // namespace

// numpy 1.24 in double, on the same samples under the same window:
//   t = numpy.arange(4096); n = ((t * t % 10007) * t) % 10007
//   x = (.5 sin(2 pi .05 t) + .25 sin(2 pi .21 t) + (n / 10007 - .5) / 2).astype(float32)
//   p = abs(rfft(x * (.5 - .5 cos(2 pi t / 4096)))) ** 2; p[0] /= 2; p[-1] /= 2
TEST_CASE("centroid, flatness and bins of energy are numpy's") {
    std::vector<float> x(4096);
    for (std::size_t t = 0; t < x.size(); ++t) {
        const auto n = static_cast<double>((t * t % 10007) * t % 10007);
        const auto s = static_cast<double>(t);
        x[t] = static_cast<float>(0.5 * std::sin(2 * math::pi * 0.05 * s) + 0.25 * std::sin(2 * math::pi * 0.21 * s) +
                                  (n / 10007 - 0.5) / 2);
    }
    const auto p = audio::power_spectrum(x, {.window = 4096, .hop = 4096});
    const hertz width(8000.0 / 4096);
    CHECK(spectral_centroid(p, width).value == Approx(833.0710681935386).epsilon(1e-5));
    CHECK(spectral_flatness(p, width) == Approx(0.06686487390789732).epsilon(1e-4));
    CHECK(spectral_flatness(p, width, hertz(1000), hertz(1600)) == Approx(0.5382187474138191).epsilon(1e-4));
    CHECK(bins_for_energy(p) == 1267);
    CHECK(bins_for_energy(p, 0.9) == 69);
}

TEST_CASE("tones and noise lie at the two ends of flatness and bins") {
    const auto of = [](const std::vector<float>& x) { return audio::power_spectrum(x, {.window = 65536, .hop = 65536}); };
    const hertz width(8000.0 / 65536);
    const auto white = of(noise(65536, 0.5F)), pure = of(tone(440, 8000, 65536));
    CHECK(spectral_flatness(white, width) ==
          Approx(0.5615).epsilon(0.02));  // e to the minus Euler's constant: one window of noise
    CHECK(spectral_flatness(pure, width) < 1e-4);
    CHECK(spectral_centroid(pure, width).value == Approx(440).margin(1));
    CHECK(spectral_centroid(white, width).value == Approx(2000).epsilon(0.02));
    CHECK(bins_for_energy(pure) <= 4);
    CHECK(bins_for_energy(white) > 25'000);
    const std::vector<double> silent(100);
    CHECK(spectral_centroid(silent, width).value == 0.0);
    CHECK(spectral_flatness(silent, width) == 0.0);
    CHECK(bins_for_energy(silent) == 0);
    CHECK(bins_for_energy({}) == 0);
    CHECK(bins_for_energy(std::vector<double>{1, 0, 3}, 1.0) == 2);
}

TEST_CASE("a beat is found at its tempo, and none in noise, a held tone or nothing") {
    for (const double tempo : {62.0, 75.0, 84.0, 120.0, 140.0}) {
        const pulse p = pulse_of(beats_at(tempo, 8000, 8000 * 12), 8000);
        CAPTURE(tempo, p.tempo.value, p.strength);
        // A beat repeats at its half tempo too; either is right, nothing else is.
        const double ratio = tempo / p.tempo.value;
        CHECK(ratio == Approx(std::round(ratio)).epsilon(0.02));
        CHECK(ratio < 2.5);
        CHECK(p.strength > 0.6);
    }
    CHECK(pulse_of(noise(8000 * 12, 0.5F), 8000).strength < 0.2);
    CHECK(pulse_of(tone(220, 8000, 8000 * 12), 8000).strength < 0.2);
    CHECK(pulse_of(std::vector<float>(8000 * 12), 8000).strength == 0.0);
    CHECK(pulse_of(beats_at(120, 8000, 8000), 8000).strength == 0.0);  // too short for any
    CHECK(find_pulse({}, seconds(0.01)).strength == 0.0);
}

TEST_CASE("clicks are found where they are, and music is none") {
    auto x = tone(330, 44100, 44100);
    CHECK(find_clicks(x).empty());
    CHECK(find_clicks(noise(44100, 0.5F)).empty());
    CHECK(find_clicks(beats_at(90, 44100, 44100)).empty());
    std::vector<float> square(44100);
    for (std::size_t t = 0; t < square.size(); ++t) square[t] = t / 50 % 2 == 0 ? 0.5F : -0.5F;
    CHECK(find_clicks(square).empty());  // jumps that belong to the sound

    for (std::size_t t = 20'000; t < x.size(); ++t) x[t] += 0.05F;  // a step
    x[30'000] += 0.03F;                                             // a lone sample
    const auto clicks = find_clicks(x);
    REQUIRE(clicks.size() == 2);
    CHECK(clicks[0].at == 20'000);
    CHECK(clicks[0].jump == Approx(0.05).margin(0.025));
    CHECK((clicks[1].at == 30'000 || clicks[1].at == 30'001));
    CHECK(clicks[0].ratio > 20);

    std::vector<float> cut(4000);
    for (std::size_t t = 0; t < 2000; ++t) cut[t] = 0.4F;
    REQUIRE(find_clicks(cut).size() == 1);  // sound cut off to digital silence
    CHECK(find_clicks(cut)[0].at == 2000);
    CHECK(find_clicks(std::vector<float>(3, 1.0F)).empty());
    CHECK(find_clicks({}).empty());
}

TEST_CASE("silences are found with their ends") {
    auto x = tone(440, 8000, 8000);
    std::fill(x.begin() + 2000, x.begin() + 4000, 0.0005F);
    std::fill(x.begin() + 5000, x.begin() + 5400, 0.0F);  // too short
    std::fill(x.begin() + 7000, x.end(), 0.0F);
    x[7000] = x[1999] = x[4000] = 0.1F;
    CHECK(find_silences(x, hertz(8000)) == std::vector<stretch>{{2000, 4000}, {7001, 8000}});
    CHECK(find_silences(x, hertz(8000), decibels(-80)) == std::vector<stretch>{{7001, 8000}});
    CHECK(find_silences(std::vector<float>(1000), hertz(8000)) == std::vector<stretch>{{0, 1000}});
    CHECK(find_silences({}, hertz(8000)).empty());
}

TEST_CASE("the constant part and the root mean square") {
    auto x = tone(100, 8000, 8000);
    for (float& v : x) v += 0.125F;
    CHECK(dc_offset(x) == Approx(0.125).epsilon(1e-6));
    CHECK(rms(x) == Approx(std::sqrt(0.125 + 0.125 * 0.125)).epsilon(1e-6));
    CHECK(dc_offset({}) == 0.0);
    CHECK(rms({}) == 0.0);
}
