#include <lofi/analysis/free_running.hpp>

#include <cmath>
#include <vector>

#include <lofi/analysis/chroma.hpp>
#include <lofi/core/random.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::analysis;

namespace {
constexpr double rate = 8000;
std::vector<float> noise(std::size_t count, double level, std::uint64_t seed) {
    std::vector<float> x(count);
    random_stream random(random_key{seed});
    for (float& v : x) v = static_cast<float>(level * normal_q16(random) / 65536.0);
    return x;
}
// A tone struck twice a second (120 bpm), every fourth stroke higher.
std::vector<float> strokes(std::size_t seconds) {
    std::vector<float> x(seconds * 8000);
    for (std::size_t t = 0; t < x.size(); ++t) {
        const double since = static_cast<double>(t % 4000) / rate, f = t / 4000 % 4 == 0 ? 660 : 440;
        x[t] = static_cast<float>(0.5 * std::exp(-since * 8) * std::sin(2 * 3.14159265358979 * f * since));
    }
    return x;
}
}  // namespace

TEST_CASE("seconds at their level") {
    std::vector<float> x = noise(4 * 8000, 0.1, 1);
    for (std::size_t t = 8000; t < 16000; ++t) x[t] *= 0.5F;
    const std::vector<double> one(1, 0.1), all = levels_by_second(x, hertz(rate));
    CHECK(level_share(x, hertz(rate), one) == Approx(0.75));
    CHECK(level_share(x, hertz(rate), all) == 1);
    CHECK(level_share(std::vector<float>(16000), hertz(rate), one) == 0);
    CHECK(std::isnan(level_share(std::vector<float>(100), hertz(rate), one)));
}

TEST_CASE("noise, tones and strokes are told apart") {
    const auto hiss = measure_free_running(noise(10 * 8000, 0.1, 2), hertz(rate), {.tempo = bpm(120)});
    const auto music = measure_free_running(strokes(20), hertz(rate), {.tempo = bpm(120)});
    CHECK(hiss.bins > 20000);
    CHECK(music.bins < 1000);
    CHECK(hiss.flatness == Approx(0.56).margin(0.02));
    CHECK(music.flatness < 0.05);
    CHECK(hiss.high_band.value == Approx(20 * std::log10(0.1) + 10 * std::log10(2500.0 / 4000)).margin(0.2));
    CHECK(music.beat > 0.8);
    CHECK(music.bar > music.beat);
    CHECK(std::abs(hiss.beat) < 0.15);
    CHECK(beat_at(strokes(20), hertz(rate), bpm(83)) < 0.3);
    CHECK(beat_at(strokes(20), hertz(rate), bpm(120), 4) == Approx(music.bar));
    CHECK(hiss.similarity < 0.1);
    CHECK(measure_free_running(strokes(20), hertz(rate)).beat > 0.8);
    const auto silent = measure_free_running(std::vector<float>(80000), hertz(rate));
    CHECK((silent.bins == 0 && silent.beat == 0 && silent.flatness == 0));
}

TEST_CASE("a block that comes again and again is like itself") {
    std::vector<float> x(6 * 10000);
    const auto block = noise(10000, 0.1, 3);
    for (std::size_t t = 0; t < x.size(); ++t) x[t] = block[t % 10000];
    CHECK(block_similarity(x, hertz(4410)) > 0.9);
    CHECK(block_similarity(noise(60000, 0.1, 4), hertz(4410)) < 0.1);
    CHECK(std::isnan(block_similarity(noise(1000, 0.1, 4), hertz(4410))));
}

TEST_CASE("what was copied is found, turned upside down and soft too") {
    std::vector<std::vector<float>> clips{noise(50000, 0.1, 5), noise(70000, 0.1, 6)};
    std::vector<float> x = noise(3 * 8000, 0.05, 7);
    const replayed none = find_replay(x, hertz(rate), clips);
    CHECK(none.correlation < 0.08);
    for (std::size_t t = 0; t < 8000; ++t) x[8000 + t] += -0.5F * clips[1][33333 + t];
    const replayed found = find_replay(x, hertz(rate), clips);
    CHECK(found.correlation == Approx(1 / std::sqrt(2.0)).margin(0.03));
    CHECK((found.clip == 1 && found.second == 1));
    CHECK(find_replay(x, hertz(rate), std::vector<std::vector<float>>{}).correlation == 0);
}

TEST_CASE("a seam is held against natural steps") {
    std::vector<float> x(1000);
    for (std::size_t t = 0; t < x.size(); ++t) x[t] = static_cast<float>(0.3 * std::sin(0.1 * static_cast<double>(t)));
    std::vector<float> joined = x;
    CHECK(seam_jump(joined, 500, x) <= 1.0);
    for (std::size_t t = 500; t < 1000; ++t) joined[t] += 0.2F;
    CHECK(seam_jump(joined, 500, x) > 4);
}

TEST_CASE("a chord sounds on its notes") {
    std::vector<float> x(16000);
    for (const double f : {220.0, 261.626, 329.628})
        for (std::size_t t = 0; t < x.size(); ++t)
            x[t] += static_cast<float>(0.1 * std::sin(2 * 3.14159265358979 * f * static_cast<double>(t) / rate));
    const auto frames = chroma_of(x, hertz(rate));
    CHECK(frames[3][9] == Approx(1.0 / 3).margin(0.05));
    CHECK(frames[3][0] == Approx(1.0 / 3).margin(0.05));
    CHECK(chroma_share(frames, 1U << 9 | 1U << 0 | 1U << 4) > 0.95);
    CHECK(chroma_share(frames, 1U << 1 | 1U << 6) < 0.05);
    CHECK(chroma_share(chroma_of(std::vector<float>(16000), hertz(rate)), 0xfff) == 0);
}
