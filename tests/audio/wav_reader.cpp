#include <lofi/audio/wav_reader.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::audio;

namespace {

// A chunk with its padding, and a file of chunks.
std::string chunk(const std::string& id, const std::string& body, std::int64_t claimed = -1) {
    byte_writer out;
    out.text(id);
    out.u32_le(static_cast<std::uint32_t>(claimed < 0 ? static_cast<std::int64_t>(body.size()) : claimed));
    out.text(body);
    if (body.size() % 2 == 1) out.u8(0);
    return {reinterpret_cast<const char*>(out.bytes().data()), out.size()};
}
std::string le(std::uint64_t v, std::size_t count) {
    std::string s;
    for (std::size_t i = 0; i < count; ++i) s += static_cast<char>(v >> (8 * i));
    return s;
}
std::string format(std::uint16_t tag, std::uint16_t channels, std::uint32_t rate, std::uint16_t frame_bytes,
                   std::uint16_t bits) {
    return chunk("fmt ",
                 le(tag, 2) + le(channels, 2) + le(rate, 4) + le(rate * frame_bytes, 4) + le(frame_bytes, 2) + le(bits, 2));
}
std::string riff(const std::string& chunks, const std::string& outer = "RIFF") {
    return outer + le(chunks.size() + 4, 4) + "WAVE" + chunks;
}

result<wav_file> read(const std::string& s, damage d = damage::tolerate) {
    return read_wav(std::as_bytes(std::span(s.data(), s.size())), {.on_damage = d});
}
std::string failure(const std::string& s, damage d = damage::tolerate) {
    const auto r = read(s, d);
    return r ? "was read" : r.error().message();
}
const std::string samples16 = le(0x4000, 2) + le(0xc000, 2) + le(0x7fff, 2) + le(0x8000, 2);

}  // namespace

TEST_CASE("files of sox and ffmpeg are read in every format") {
    const std::string raw = test::read_text(test::data("audio/tone.f64"));
    REQUIRE(raw.size() == 64 * 2 * 8);
    struct row {
        const char* name;
        sample_format format;
        double step;  // largest difference from the doubles of sox
    };
    for (const auto& [name, expected, step] : std::initializer_list<row>{{"tone_8.wav", sample_format::u8, 0.5 / 128},
                                                                         {"tone_16.wav", sample_format::s16, 0.5 / 32768},
                                                                         {"tone_24.wav", sample_format::s24, 1.2 / (1 << 24)},
                                                                         {"tone_32.wav", sample_format::s32, 1.0 / (1 << 24)},
                                                                         {"tone_f32.wav", sample_format::f32, 1.0 / (1 << 24)},
                                                                         {"tone_f64.wav", sample_format::f64, 1.0 / (1 << 24)},
                                                                         {"tone_mu_law.wav", sample_format::mu_law, 0.0157},
                                                                         {"tone_a_law.wav", sample_format::a_law, 0.0157},
                                                                         {"tone_rf64.wav", sample_format::s16, 0.5 / 32768}}) {
        CAPTURE(name);
        const auto file = read_wav(test::data(std::string("audio/") + name), {.on_damage = damage::refuse});
        REQUIRE(file);
        CHECK(file->format == expected);
        CHECK(file->notice.empty());
        REQUIRE(file->sound.channels() == 2);
        REQUIRE(file->sound.length() == frames(64));
        CHECK(file->sound.rate() == hertz(8000));
        byte_reader reference(std::as_bytes(std::span(raw.data(), raw.size())));
        double worst = 0;
        for (std::size_t t = 0; t < 64; ++t) {
            for (std::size_t c = 0; c < 2; ++c) {
                worst = std::max(worst, std::fabs(static_cast<double>(file->sound.channel(c)[t]) -
                                                  std::bit_cast<double>(reference.u64_le())));
            }
        }
        CHECK(worst <= step * 1.0001);
    }
}

TEST_CASE("a file written to a pipe is read to its end, with a word about it") {
    const auto path = test::data("audio/tone_piped.wav");
    const auto file = read_wav(path);
    REQUIRE(file);
    CHECK(file->sound.length() == frames(64));
    CHECK_THAT(file->notice, test::contains("tone_piped.wav: byte 60: the sound should have 4294967295 bytes; 384 are there"));
    const auto refused = read_wav(path, {.on_damage = damage::refuse});
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().message(), test::contains("byte 60"));
}

TEST_CASE("unknown chunks may stand anywhere and have odd lengths") {
    const std::string odd = chunk("LIST", "abc"), empty = chunk("junk", "");
    const auto file =
        read(riff(odd + format(1, 2, 44100, 4, 16) + empty + odd + chunk("data", samples16) + odd), damage::refuse);
    REQUIRE(file);
    REQUIRE(file->sound.length() == frames(2));
    CHECK(file->sound.channel(0)[0] == 0.5F);
    CHECK(file->sound.channel(1)[0] == -0.5F);
    CHECK(file->sound.channel(0)[1] == 32767.0F / 32768.0F);
    CHECK(file->sound.channel(1)[1] == -1.0F);
    const auto late = read(riff(chunk("data", samples16) + format(1, 2, 44100, 4, 16)), damage::refuse);
    REQUIRE(late);
    CHECK(late->sound.length() == frames(2));
    const auto odd_sound = read(riff(format(1, 1, 8000, 3, 24) + chunk("data", "\x01\x02\x03") + odd), damage::refuse);
    REQUIRE(odd_sound);
    CHECK(odd_sound->sound.channel(0)[0] == static_cast<float>(0x030201) / 8388608.0F);
}

TEST_CASE("twenty bits in three bytes are read from the top") {
    const auto file = read(riff(format(1, 1, 8000, 3, 20) + chunk("data", le(0x400000, 3) + le(0xc00000, 3))), damage::refuse);
    REQUIRE(file);
    CHECK(file->format == sample_format::s24);
    CHECK(file->sound.channel(0)[0] == 0.5F);
    CHECK(file->sound.channel(0)[1] == -0.5F);
}

TEST_CASE("64-bit lengths, under both names") {
    for (const char* outer : {"RF64", "BW64"}) {
        const std::string sizes = chunk("ds64", le(0, 8) + le(4, 8) + le(2, 8) + le(0, 4));
        const std::string all =
            sizes + format(1, 1, 8000, 2, 16) + chunk("data", samples16.substr(0, 4), 0xffffffff) + chunk("tail", "0123");
        const auto file = read(riff(all, outer), damage::refuse);
        REQUIRE(file);
        CHECK(file->sound.length() == frames(2));
    }
}

TEST_CASE("damaged files give what is there, or are refused") {
    const std::string head = format(1, 2, 44100, 4, 16);
    struct row {
        std::string bytes, says;
        int count;
    };
    const std::string huge =
        "RF64" + le(0xffffffff, 4) + "WAVE" + chunk("ds64", le(~0ULL, 8) + le(~0ULL - 1, 8) + le(~0ULL, 8) + le(0, 4));
    for (const auto& [bytes, says, count] : std::initializer_list<row>{
             {riff(head + chunk("data", samples16, 8000)), "byte 36: the sound should have 8000 bytes; 8 are there", 2},
             {riff(head + chunk("data", samples16.substr(0, 6))), "byte 48: the last frame is cut off", 1},
             {riff(head + chunk("data", samples16) + chunk("LIST", "ab", 99)),
              "byte 52: a chunk should have 99 bytes; 2 are there", 2},
             {"RIFF" + le(0, 4) + "WAVE" + head + chunk("data", samples16, 0), "byte 36: the lengths were never written", 2},
             {huge + head + chunk("data", samples16, 0xffffffff),
              "the sound should have 18446744073709551614 bytes; 8 are there", 2}}) {
        CAPTURE(says);
        const auto file = read(bytes);
        REQUIRE(file);
        CHECK(file->sound.length() == frames(count));
        CHECK_THAT(file->notice, test::contains(says));
        CHECK_THAT(failure(bytes, damage::refuse), test::contains(says));
    }
}

TEST_CASE("numbers that are none become silence") {
    const auto f32 = [](float x) { return le(std::bit_cast<std::uint32_t>(x), 4); };
    const std::string bytes = riff(format(3, 1, 8000, 4, 32) + chunk("data", f32(std::nanf("")) + f32(0.25F) +
                                                                                 f32(std::numeric_limits<float>::infinity())));
    const auto file = read(bytes);
    REQUIRE(file);
    CHECK(file->sound.channel(0)[0] == 0.0F);
    CHECK(file->sound.channel(0)[1] == 0.25F);
    CHECK(file->sound.channel(0)[2] == 0.0F);
    CHECK_THAT(file->notice, test::contains("byte 44: 2 samples are not numbers"));
    CHECK_THAT(failure(bytes, damage::refuse), test::contains("byte 44"));
}

TEST_CASE("what is no WAV file, or none that can be read, is refused with its place") {
    const std::string data = chunk("data", samples16);
    CHECK_THAT(failure(""), test::contains("byte 0: this is not a WAV file"));
    CHECK_THAT(failure("MThd...."), test::contains("byte 0: this is not a WAV file"));
    CHECK_THAT(failure("RIFX" + riff(data).substr(4)), test::contains("big-endian"));
    CHECK_THAT(failure("RIFF" + le(4, 4) + "AVI "), test::contains("byte 8"));
    CHECK_THAT(failure(riff(data)), test::contains("byte 28: the file ends without a format chunk"));
    CHECK_THAT(failure(riff(format(1, 2, 44100, 4, 16))), test::contains("byte 36: the file ends without any sound"));
    CHECK_THAT(failure(riff(format(85, 2, 44100, 1, 0) + data)), test::contains("byte 20: format 85 is not read here"));
    CHECK_THAT(failure(riff(format(1, 0, 44100, 4, 16) + data)), test::contains("byte 22: the file says it has no channels"));
    CHECK_THAT(failure(riff(format(1, 2, 0, 4, 16) + data)), test::contains("byte 24"));
    CHECK_THAT(failure(riff(format(1, 2, 44100, 3, 16) + data)),
               test::contains("byte 32: frames of 3 bytes do not fit 2 channels of 16 bits"));
    CHECK_THAT(failure(riff(format(1, 2, 44100, 0, 16) + data)), test::contains("byte 32"));
    CHECK_THAT(failure(riff(format(1, 1, 44100, 2, 24) + data)),
               test::contains("byte 34: samples of 24 bits do not fit 2 bytes"));
    CHECK_THAT(failure(riff(format(3, 1, 44100, 2, 16) + data)), test::contains("byte 32"));
    CHECK_THAT(failure(riff(chunk("fmt ", "0123456789") + data)), test::contains("byte 20: the format chunk has 10 bytes"));
    CHECK_THAT(failure(riff(format(0xfffe, 1, 44100, 2, 16) + data)), test::contains("ends before its format"));
    CHECK_THAT(read_wav("no such folder/x.wav").error().message(), test::contains("x.wav: cannot be opened"));
}

TEST_CASE("every prefix and every changed byte of a file ends in sound or an error, never in harm") {
    const std::string whole = test::read_text(test::data("audio/tone_24.wav"));
    for (std::size_t n = 0; n < whole.size(); ++n) {
        const auto file = read(whole.substr(0, n));
        if (file) CHECK(file->sound.length().value <= 64);
    }
    for (std::size_t at = 0; at < 90; ++at) {
        for (const int value : {0, 1, 2, 3, 127, 128, 254, 255}) {
            std::string changed = whole;
            changed[at] = static_cast<char>(value);
            const auto file = read(changed);
            if (file) CHECK(static_cast<std::size_t>(file->sound.length().value) * file->sound.channels() <= whole.size());
        }
    }
}
