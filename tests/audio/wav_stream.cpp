#include <lofi/audio/wav_stream.hpp>

#include <array>
#include <vector>

#include <lofi/audio/wav_writer.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::audio;

TEST_CASE("a stretch of a file on disk is what the whole file holds there, in every format") {
    for (const char* name : {"tone_8.wav", "tone_16.wav", "tone_24.wav", "tone_32.wav", "tone_f32.wav", "tone_f64.wav",
                             "tone_mu_law.wav", "tone_a_law.wav", "tone_rf64.wav", "tone_piped.wav"}) {
        CAPTURE(name);
        const auto path = test::data(std::string("audio/") + name);
        const auto whole = read_wav(path);
        auto file = wav_stream::open(path);
        REQUIRE(whole);
        REQUIRE(file);
        CHECK(file->format() == whole->format);
        CHECK(file->length() == whole->sound.length());
        CHECK(file->rate() == whole->sound.rate());
        CHECK(file->notice() == whole->notice);
        std::array<float, 20> left{}, right{};
        const std::array<std::span<float>, 2> both{left, right};
        for (const std::int64_t first : {30, 0, 50, 64, 1000}) {
            const auto got = file->read(frames(first), both);
            REQUIRE(got);
            CHECK(static_cast<std::int64_t>(*got) == std::clamp<std::int64_t>(64 - first, 0, 20));
            for (std::size_t t = 0; t < *got; ++t) {
                CHECK(left[t] == whole->sound.channel(0)[static_cast<std::size_t>(first) + t]);
                CHECK(right[t] == whole->sound.channel(1)[static_cast<std::size_t>(first) + t]);
            }
        }
    }
}

TEST_CASE("a hundred hours in 64-bit lengths are read at any place at once") {
    // Holes take no room on disk; what the file system fills them with is silence.
    const test::temporary_folder folder;
    const std::uint64_t length = 100ULL * 3600 * 44100;
    const auto header = wav_header(sample_format::s16, 2, hertz(44100), length);
    const auto path = folder / "long.wav";
    test::write_text(path, std::string_view(reinterpret_cast<const char*>(header.data()), header.size()));
    std::error_code ec;
    std::filesystem::resize_file(path, header.size() + length * 4, ec);
    if (ec) LOFI_SKIP("the file system has no room for a file with holes");
    {
        std::fstream out(path, std::ios::binary | std::ios::in | std::ios::out);
        out.seekp(static_cast<std::streamoff>(header.size() + (length - 2) * 4));
        out.write("\x00\x40\x00\xC0", 4);
    }
    auto file = wav_stream::open(path, {.on_damage = damage::refuse});
    REQUIRE(file);
    CHECK(file->length() == frames(static_cast<std::int64_t>(length)));
    std::array<float, 4> left{}, right{};
    const std::array<std::span<float>, 2> both{left, right};
    const auto got = file->read(frames(static_cast<std::int64_t>(length) - 3), both);
    REQUIRE(got);
    CHECK(*got == 3);
    CHECK((left[0] == 0.0F && left[1] == 0.5F && right[1] == -0.5F && left[2] == 0.0F));
}

TEST_CASE("a stretch counts what is no number, and bad files say why") {
    const test::temporary_folder folder;
    buffer b(1, frames(4), hertz(8000));
    b.channel(0)[1] = std::nanf("");
    b.channel(0)[2] = 0.25F;
    write_wav(folder / "nan.wav", b, {.format = sample_format::f32}).value();
    auto file = wav_stream::open(folder / "nan.wav");
    REQUIRE(file);
    std::array<float, 4> x{};
    const std::array<std::span<float>, 1> one{x};
    CHECK(*file->read(frames(0), one) == 4);
    CHECK((x[1] == 0.0F && x[2] == 0.25F));
    CHECK(file->wild() == 1);
    test::write_text(folder / "empty.wav", "");
    CHECK_THAT(wav_stream::open(folder / "empty.wav").error().message(),
               test::contains("empty.wav: byte 0: this is not a WAV"));
    CHECK_THAT(wav_stream::open(folder / "none.wav").error().message(), test::contains("none.wav: cannot be opened"));
    CHECK_THAT(wav_stream::open(folder.path()).error().message(), test::contains("is a folder"));
    const std::string whole = test::read_text(folder / "nan.wav");
    test::write_text(folder / "cut.wav", whole.substr(0, whole.size() - 6));
    CHECK_THAT(wav_stream::open(folder / "cut.wav").value().notice(), test::contains("cut.wav: byte"));
    CHECK_FALSE(wav_stream::open(folder / "cut.wav", {.on_damage = damage::refuse}));
}
