#include <lofi/audio/mono.hpp>

#include <vector>

#include <lofi/audio/wav_stream.hpp>
#include <lofi/audio/wav_writer.hpp>
#include <lofi/core/random.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::audio;

namespace {
buffer noise(std::size_t channels, std::int64_t length, double rate) {
    buffer b(channels, frames(length), hertz(rate));
    random_stream random(random_key{5});
    for (std::size_t c = 0; c < channels; ++c)
        for (float& x : b.channel(c)) x = static_cast<float>(uniform_between(random, -20000, 20000)) / 32768.0F;
    return b;
}
mono_stream<wav_stream> open(const std::filesystem::path& path, double rate) {
    return mono_stream<wav_stream>::open(wav_stream::open(path).value(), hertz(rate)).value();
}
}  // namespace

TEST_CASE("two dozen channels become their mean") {
    const buffer b = noise(24, 100, 44100), m = mono(b);
    REQUIRE(m.channels() == 1);
    for (std::size_t t = 0; t < 100; ++t) {
        double sum = 0;
        for (std::size_t c = 0; c < 24; ++c) sum += static_cast<double>(b.channel(c)[t]);
        CHECK(static_cast<double>(m.channel(0)[t]) == Approx(sum / 24).margin(1e-6));
    }
}

TEST_CASE("a stretch of a file, mixed and resampled, is the same bits as in the whole, wherever it begins") {
    const test::temporary_folder folder;
    const buffer b = noise(2, 30011, 44100);
    write_wav(folder / "noise.wav", b, {.format = sample_format::f32}).value();
    for (const double rate : {8000.0, 4410.0, 44100.0, 48000.0, 11025.0}) {
        CAPTURE(rate);
        const buffer whole = resample(mono(b), hertz(rate));
        auto file = open(folder / "noise.wav", rate);
        REQUIRE(file.length() == whole.length());
        const std::int64_t n = whole.length().value;
        for (const std::int64_t first : {std::int64_t{0}, std::int64_t{1}, std::int64_t{777}, n / 2, n - 30, n}) {
            std::vector<float> out(500);
            const std::size_t got = file.read(frames(first), out).value();
            CHECK(static_cast<std::int64_t>(got) == std::min<std::int64_t>(500, n - first));
            std::size_t different = 0;
            for (std::size_t t = 0; t < got; ++t)
                different += out[t] != whole.channel(0)[static_cast<std::size_t>(first) + t] ? 1 : 0;
            CHECK(different == 0);
        }
    }
}

TEST_CASE("rates that no sound has are refused with a sentence") {
    const test::temporary_folder folder;
    write_wav(folder / "fast.wav", noise(1, 10, 1e7)).value();
    write_wav(folder / "odd.wav", noise(1, 10, 767999)).value();
    write_wav(folder / "good.wav", noise(1, 10, 8000)).value();
    const auto failure = [&](const char* name, double rate) {
        const auto r = mono_stream<wav_stream>::open(wav_stream::open(folder / name).value(), hertz(rate));
        return r ? "was read" : r.error().message();
    };
    CHECK_THAT(failure("fast.wav", 8000), test::contains("10000000 Hz is beyond what is read here"));
    CHECK_THAT(failure("good.wav", 0), test::contains("a sample rate of 0 Hz"));
    CHECK_THAT(failure("odd.wav", 4411), test::contains("from 767999 to 4411 Hz is a ratio that needs too many filters"));
}
