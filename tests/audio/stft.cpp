#include <lofi/audio/stft.hpp>

#include <cmath>
#include <map>
#include <sstream>
#include <vector>

#include <lofi/audio/harmonic_percussive.hpp>
#include <lofi/core/random.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::audio;

namespace {
std::map<std::string, std::vector<double>> fixture() {
    std::map<std::string, std::vector<double>> all;
    std::istringstream lines(test::read_text(test::data("audio/stft.txt")));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string name;
        words >> name;
        for (double v = 0; words >> v;) all[name].push_back(v);
    }
    return all;
}
std::vector<float> formula(std::size_t count) {
    std::vector<float> x(count);
    for (std::size_t n = 0; n < count; ++n) {
        const double t = static_cast<double>(n);
        x[n] = static_cast<float>(std::sin(0.3 * t) + 0.25 * std::cos(1.1 * t + 0.5) + 0.01 * t);
    }
    return x;
}
std::vector<float> noise(std::size_t count) {
    std::vector<float> x(count);
    random_stream random(random_key{3});
    for (float& v : x) v = static_cast<float>(uniform_between(random, -10000, 10000)) / 32768.0F;
    return x;
}
double energy(std::span<const float> x) {
    double sum = 0;
    for (const float v : x) sum += static_cast<double>(v) * static_cast<double>(v);
    return sum;
}
}  // namespace

TEST_CASE("frames are those of scipy, windowed and whole") {
    const auto expected = fixture();
    const std::vector<float> x = formula(200);
    stft transform({64, 16});
    const auto frames = transform.forward(x);
    CHECK(frames.size() == transform.times(200) * 33);
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}, std::size_t{4}}) {
        const auto& row = expected.at("frame" + std::to_string(i));
        REQUIRE(row.size() == 66);
        for (std::size_t k = 0; k < 33; ++k) {
            CHECK(static_cast<double>(frames[i * 33 + k].real()) == Approx(row[2 * k]).margin(2e-5));
            CHECK(static_cast<double>(frames[i * 33 + k].imag()) == Approx(row[2 * k + 1]).margin(2e-5));
        }
    }
    std::vector<float> block(100);
    block_dft(50).forward(std::span(x).first(50), block);
    for (std::size_t k = 0; k < 100; ++k) CHECK(static_cast<double>(block[k]) == Approx(expected.at("block")[k]).margin(2e-5));
    std::vector<float> median(40);
    audio::detail::running_median(x.data(), median.data(), 40, 1, 7);
    for (std::size_t n = 0; n < 40; ++n) CHECK(static_cast<double>(median[n]) == Approx(expected.at("median")[n]).margin(1e-5));
}

TEST_CASE("what goes there comes back, to its very ends") {
    const std::vector<float> x = noise(3001);
    for (const stft_config c : {stft_config{512, 128}, stft_config{500, 250}, stft_config{64, 7}}) {
        stft transform(c);
        std::vector<float> back(x.size());
        transform.inverse(transform.forward(x), back);
        double worst = 0;
        for (std::size_t t = 0; t < x.size(); ++t) worst = std::max(worst, static_cast<double>(std::fabs(x[t] - back[t])));
        CHECK(worst < 1e-5);
    }
    block_dft whole(500);
    std::vector<float> spectra(6000), back(3000);
    whole.forward(std::span(x).first(3000), spectra);
    whole.inverse(spectra, back);
    for (std::size_t t = 0; t < 3000; t += 37) CHECK(back[t] == Approx(x[t]).margin(1e-6));
}

TEST_CASE("a tone rings, clicks strike, and both together are parted again") {
    const std::size_t n = 16000;
    std::vector<float> tone(n), clicks(n), both(n);
    for (std::size_t t = 0; t < n; ++t) {
        tone[t] = 0.2F * static_cast<float>(std::sin(0.35 * static_cast<double>(t)));
        clicks[t] = t % 4000 == 2000 ? 0.9F : 0.0F;
        both[t] = tone[t] + clicks[t];
    }
    const auto parts = separate(both);
    std::vector<float> wrong_tone(n);
    double lost = 0;
    for (std::size_t t = 0; t < n; ++t) {
        lost = std::max(lost, static_cast<double>(std::fabs(parts.harmonic[t] + parts.percussive[t] - both[t])));
        wrong_tone[t] = parts.harmonic[t] - tone[t];
    }
    const auto middle = [](std::span<const float> x) { return x.subspan(1500, 13000); };
    CHECK(lost < 1e-6);
    CHECK(energy(middle(wrong_tone)) < 0.02 * energy(middle(tone)));
    CHECK(parts.percussive[6000] > 0.6F);
    CHECK(separate(std::vector<float>{}).harmonic.empty());
}
