#include <lofi/audio/wav_writer.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <lofi/audio/wav_reader.hpp>
#include <lofi/core/math.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::audio;

namespace {

buffer tones(std::size_t channels, std::int64_t length) {
    buffer b(channels, frames(length), hertz(44100));
    for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t t = 0; t < b.channel(c).size(); ++t) {
            b.channel(c)[t] = 0.7F * math::sin_turns(static_cast<float>(t) * static_cast<float>(c + 1) * 0.01F);
        }
    }
    return b;
}

}  // namespace

TEST_CASE("what is written is read again to the last bit that the format holds") {
    const test::temporary_folder folder;
    struct row {
        sample_format format;
        float step;
    };
    for (const std::size_t channels : {1U, 2U, 3U}) {
        for (const auto& [format, step] :
             {row{sample_format::s16, 0.5F / 32768}, row{sample_format::s24, 0.5F / 8388608}, row{sample_format::f32, 0.0F}}) {
            CAPTURE(channels, name(format));
            const buffer sound = tones(channels, 5001);  // odd, so that 24 bits need padding
            const auto path = folder / "tones.wav";
            REQUIRE(write_wav(path, sound, {.format = format, .noise = dither::none}));
            CHECK(std::filesystem::file_size(path) % 2 == 0);
            const auto file = read_wav(path, {.on_damage = damage::refuse});
            REQUIRE(file);
            CHECK(file->format == format);
            REQUIRE(file->sound.channels() == channels);
            REQUIRE(file->sound.length() == sound.length());
            CHECK(file->sound.rate() == hertz(44100));
            float worst = 0;
            for (std::size_t c = 0; c < channels; ++c) {
                for (std::size_t t = 0; t < 5001; ++t)
                    worst = std::max(worst, std::fabs(file->sound.channel(c)[t] - sound.channel(c)[t]));
            }
            CHECK(worst <= step);
        }
    }
}

TEST_CASE("blocks of any size make the same file") {
    const test::temporary_folder folder;
    buffer sound = tones(2, 10'000);
    REQUIRE(write_wav(folder / "whole.wav", sound, {.key = {7}}));
    wav_writer parts(folder / "parts.wav", 2, hertz(44100), {.key = {7}});
    std::size_t at = 0;
    for (std::size_t size = 0; at < 10'000; at += size, size = (size * 3 + 1) % 977) {
        size = std::min<std::size_t>(size, 10'000 - at);
        parts.write(sound.stereo().sub(at, size));
    }
    CHECK(parts.length() == frames(10'000));
    CHECK_FALSE(std::filesystem::exists(folder / "parts.wav"));
    REQUIRE(parts.commit());
    CHECK(test::read_text(folder / "whole.wav") == test::read_text(folder / "parts.wav"));
    REQUIRE(write_wav(folder / "other.wav", sound, {.key = {8}}));
    CHECK(test::read_text(folder / "whole.wav") != test::read_text(folder / "other.wav"));
}

TEST_CASE("a file that is given up leaves what was there") {
    const test::temporary_folder folder;
    test::write_text(folder / "kept.wav", "before");
    { wav_writer(folder / "kept.wav", 1, hertz(44100)).write(tones(1, 100)); }
    CHECK(test::read_text(folder / "kept.wav") == "before");
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
    CHECK_THAT(write_wav(folder / "no such folder" / "x.wav", tones(1, 10)).error().message(),
               test::contains("x.wav: cannot be written"));
}

TEST_CASE("dither is triangular, two steps wide, and turns rounding into noise") {
    dither_noise noise(dither::tpdf, random_key{3});
    double sum = 0, square = 0;
    int outer = 0;
    constexpr int count = 200'000;
    for (int i = 0; i < count; ++i) {
        const double x = static_cast<double>(noise.tick());
        sum += x, square += x * x;
        outer += std::fabs(x) > 0.5 ? 1 : 0;
        REQUIRE(std::fabs(x) < 1.0);
    }
    CHECK(sum / count == Approx(0.0).margin(0.005));
    CHECK(square / count == Approx(1.0 / 6.0).epsilon(0.01));    // variance of the triangle
    CHECK(outer / double{count} == Approx(0.25).margin(0.005));  // its tails

    // A tone of a third of a step is lost without dither, and is there in the mean with it.
    double with = 0, without = 0;
    for (int i = 0; i < count; ++i) {
        with += quantise<16>(0.3F / 32768, noise.tick());
        without += quantise<16>(0.3F / 32768);
    }
    CHECK(without == 0);
    CHECK(with / count == Approx(0.3).margin(0.01));
}

TEST_CASE("samples beyond full scale are clipped, and none wraps") {
    CHECK(quantise<16>(1.0F) == 32767);
    CHECK(quantise<16>(-1.0F) == -32768);
    CHECK(quantise<16>(-1.0F, -0.9F) == -32768);
    CHECK(quantise<16>(0.99998F, 0.99F) == 32767);
    CHECK(quantise<16>(1e30F) == 32767);
    CHECK(quantise<24>(-1e30F) == -8388608);
    CHECK(quantise<16>(std::nanf("")) == 0);
    CHECK(quantise<16>(0.5F / 32768) == 1);
    CHECK(quantise<16>(-0.5F / 32768) == 0);
}

TEST_CASE("the header turns into RF64 where 32 bits end, without changing its size") {
    const auto word = [](const std::vector<std::byte>& bytes, std::size_t at) { return byte_reader(bytes, at).u32_le(); };
    const auto wide = [](const std::vector<std::byte>& bytes, std::size_t at) { return byte_reader(bytes, at).u64_le(); };
    const auto text = [](const std::vector<std::byte>& bytes, std::size_t at) {
        return std::string(byte_reader(bytes, at).text(4));
    };
    for (const auto format : {sample_format::s16, sample_format::s24, sample_format::f32}) {
        for (const std::size_t channels : {1U, 2U, 6U}) {
            const std::uint64_t frame_bytes = bytes_per_sample(format) * channels, limit = 0xffffffffULL / frame_bytes;
            const auto small = wav_header(format, channels, hertz(48000), limit - 100),
                       large = wav_header(format, channels, hertz(48000), limit + 1);
            CHECK(small.size() == large.size());
            CHECK(text(small, 0) == "RIFF");
            CHECK(text(small, 12) == "JUNK");
            CHECK(word(small, small.size() - 4) == (limit - 100) * frame_bytes);
            CHECK(text(large, 0) == "RF64");
            CHECK(text(large, 12) == "ds64");
            CHECK(word(large, 4) == 0xffffffffU);
            CHECK(word(large, large.size() - 4) == 0xffffffffU);
            const std::uint64_t data = (limit + 1) * frame_bytes;
            CHECK(wide(large, 20) == large.size() - 8 + data + data % 2);
            CHECK(wide(large, 28) == data);
            CHECK(wide(large, 36) == limit + 1);
            // The reader takes the 64-bit lengths from it: it misses exactly the sound that is not there.
            const auto file = read_wav(std::span<const std::byte>(large));
            REQUIRE(file);
            CHECK_THAT(file->notice, test::contains("should have " + std::to_string(data) + " bytes; 0 are there"));
        }
    }
}
