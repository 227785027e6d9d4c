#pragma once
// Reads WAV files: whole numbers and floats, RIFF, RF64 and BW64, and as much of a damaged file as is there.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <lofi/audio/block.hpp>
#include <lofi/audio/sample_format.hpp>
#include <lofi/core/bytes.hpp>
#include <lofi/core/error.hpp>
#include <lofi/core/file.hpp>

namespace lofi::inline LOFI_ABI::audio {

/// What to do with a file that is cut off or contradicts itself but still holds sound: read what is there, or refuse it.
enum class damage : std::uint8_t { tolerate, refuse };

struct wav_read_config {
    damage on_damage = damage::tolerate;
};

/// A WAV file that was read.
struct wav_file {
    buffer sound;
    sample_format format = sample_format::s16;  ///< how the samples lay in the file
    std::string notice;                         ///< what was damaged and how it was read; empty where all was well
};

/// Reads a WAV file of any length and any number of channels; what is not a number in a float file becomes silence.
/// Nothing is allocated on the word of the file: lengths beyond its end are cut to it.
/// errors: "rain.wav: byte 20: format 85 is not read here ..." and the like
/// source: Multimedia Programming Interface and Data Specifications 1.0 (1991); EBU Tech 3306 (RF64); ITU-R BS.2088 (BW64)
[[nodiscard]] result<wav_file> read_wav(std::span<const std::byte> bytes, wav_read_config config = {});
[[nodiscard]] result<wav_file> read_wav(const std::filesystem::path& path, wav_read_config config = {});

// ---------------------------------------------------------------- bodies

namespace detail {

struct wav_shape {
    sample_format format{};
    std::size_t channels = 0, bytes = 0;  // of a sample as it lies in the file
    std::uint32_t rate = 0;
};

inline error wav_error(std::size_t position, std::string_view what) { return error("byte " + std::to_string(position), what); }

inline std::optional<sample_format> wav_format_of(std::uint16_t tag, std::size_t bytes) {
    using enum sample_format;
    if (tag == 1 && bytes >= 1 && bytes <= 4) return std::array{u8, s16, s24, s32}[bytes - 1];
    if (tag == 3 && bytes == 4) return f32;
    if (tag == 3 && bytes == 8) return f64;
    if (tag == 6 && bytes == 1) return a_law;
    if (tag == 7 && bytes == 1) return mu_law;
    return std::nullopt;
}

// The body of a "fmt " chunk that starts at a byte of the file.
inline result<wav_shape> read_wav_shape(std::span<const std::byte> body, std::size_t position) {
    byte_reader in(body);
    std::uint16_t tag = in.u16_le();
    const std::uint16_t channels = in.u16_le();
    const std::uint32_t rate = in.u32_le();
    in.u32_le();  // bytes a second, which many writers get wrong and nobody needs
    const std::uint16_t frame_bytes = in.u16_le(), bits = in.u16_le();
    if (in.failed())
        return wav_error(position, "the format chunk has " + std::to_string(body.size()) + " bytes; at least 16 are needed");
    if (channels == 0) return wav_error(position + 2, "the file says it has no channels");
    if (rate == 0) return wav_error(position + 4, "the file says its sample rate is 0");
    if (tag == 0xfffe) {  // WAVE_FORMAT_EXTENSIBLE: the format is the first word of a GUID whose rest is the same for all
        constexpr std::string_view rest("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71", 14);
        in.seek(24);
        tag = in.u16_le();
        const auto guid = in.text(rest.size());
        if (in.failed()) return wav_error(position + 16, "the extensible format chunk ends before its format");
        if (guid != rest) return wav_error(position + 24, "the extensible format is none of the standard ones");
    }
    // Samples narrower than their bytes lie at the top of them (20 bits in three bytes, say), so that the bytes decide.
    const std::size_t bytes = frame_bytes % channels == 0 ? frame_bytes / channels : 0;
    const auto format = wav_format_of(tag, bytes);
    if (!format && (tag == 1 || tag == 3 || tag == 6 || tag == 7)) {
        return wav_error(position + 12, "frames of " + std::to_string(frame_bytes) + " bytes do not fit " +
                                            std::to_string(channels) + " channels of " + std::to_string(bits) + " bits");
    }
    if (!format) {
        return wav_error(
            position,
            "format " + std::to_string(tag) +
                " is not read here; convert the file to 16-bit, 24-bit or float PCM (sox in.wav -e signed -b 16 out.wav)");
    }
    if (bits > bytes * 8)
        return wav_error(position + 14,
                         "samples of " + std::to_string(bits) + " bits do not fit " + std::to_string(bytes) + " bytes");
    return wav_shape{*format, channels, bytes, rate};
}

}  // namespace detail

inline result<wav_file> read_wav(std::span<const std::byte> bytes, wav_read_config config) {
    const auto none = std::numeric_limits<std::size_t>::max();
    byte_reader in(bytes);
    const std::string_view outer = in.text(4);
    if (outer == "RIFX") return detail::wav_error(0, "RIFX files (big-endian) are not read here; convert the file to RIFF");
    const bool large = outer == "RF64" || outer == "BW64";
    if (!large && outer != "RIFF")
        return detail::wav_error(0, "this is not a WAV file: it begins with neither RIFF, RF64 nor BW64");
    const std::uint32_t outer_size = in.u32_le();
    if (in.text(4) != "WAVE") return detail::wav_error(8, "this RIFF file holds no sound: it is not of kind WAVE");

    wav_file file;
    std::optional<detail::wav_shape> shape;
    std::size_t data_at = none, data_size = 0;
    std::uint64_t large_data_size = 0;
    std::string damaged;  // the first contradiction; its place is part of it
    const auto complain = [&](std::size_t position, std::string_view what) {
        if (damaged.empty()) damaged = "byte " + std::to_string(position) + ": " + std::string(what);
    };

    while (in.left() >= 8) {
        const std::size_t at = in.position();
        const std::string_view id = in.text(4);
        std::uint64_t size = in.u32_le();
        const std::size_t body = in.position(), there = in.left();
        if (id == "data" && data_at == none) {
            const bool unfinished = size == 0 && outer_size == 0 && there > 0;
            if (large && size == 0xffffffffU) size = large_data_size;
            if (unfinished) {
                complain(at, "the lengths were never written; the sound is taken to reach to the end of the file");
                size = there;
            } else if (size > there) {
                complain(at,
                         "the sound should have " + std::to_string(size) + " bytes; " + std::to_string(there) + " are there");
            }
            data_at = body;
            data_size = static_cast<std::size_t>(std::min<std::uint64_t>(size, there));
        } else if (size > there) {
            complain(at, "a chunk should have " + std::to_string(size) + " bytes; " + std::to_string(there) + " are there");
        }
        size = std::min<std::uint64_t>(size, there);
        const auto content = bytes.subspan(body, static_cast<std::size_t>(size));
        if (id == "fmt " && !shape) {
            auto read = detail::read_wav_shape(content, body);
            if (!read) return read.error();
            shape = *read;
        } else if (id == "ds64" && large) {
            byte_reader sizes(content, 8);
            large_data_size = sizes.u64_le();
            if (sizes.failed()) complain(at, "the chunk of 64-bit lengths is cut off");
        }
        in.seek(body + static_cast<std::size_t>(size + (size & 1U)));
    }
    if (!shape) return detail::wav_error(bytes.size(), "the file ends without a format chunk");
    if (data_at == none) return detail::wav_error(bytes.size(), "the file ends without any sound");

    const std::size_t frame_bytes = shape->bytes * shape->channels, count = data_size / frame_bytes;
    if (data_size % frame_bytes != 0) complain(data_at + count * frame_bytes, "the last frame is cut off");
    file.format = shape->format;
    file.sound = buffer(shape->channels, frames(static_cast<std::int64_t>(count)), hertz(shape->rate));
    std::size_t wild = 0, first_wild = 0;
    for (std::size_t c = 0; c < shape->channels; ++c) {
        const auto samples = file.sound.channel(c);
        for (std::size_t t = 0; t < count; ++t) {
            const std::size_t at = data_at + t * frame_bytes + c * shape->bytes;
            byte_reader sample(bytes, at);
            const float x = decode_sample(shape->format, sample);
            samples[t] = std::isfinite(x) ? x : 0.0F;
            if (!std::isfinite(x) && wild++ == 0) first_wild = at;
        }
    }
    if (wild > 0) complain(first_wild, std::to_string(wild) + " samples are not numbers; they are read as silence");
    if (!damaged.empty() && config.on_damage == damage::refuse) return error(damaged);
    file.notice = std::move(damaged);
    return file;
}

inline result<wav_file> read_wav(const std::filesystem::path& path, wav_read_config config) {
    const auto bytes = read_file(path);
    if (!bytes) return bytes.error();
    auto file = read_wav(std::span<const std::byte>(*bytes), config);
    if (!file) return file.error().at(path.string());
    if (!file->notice.empty()) file->notice.insert(0, path.string() + ": ");
    return file;
}

}  // namespace lofi::inline LOFI_ABI::audio
