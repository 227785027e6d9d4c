#pragma once
// Where the sound of a WAV file lies and in which form, found by walking its chunks; its bytes may be in memory or on disk.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <lofi/audio/sample_format.hpp>
#include <lofi/core/bytes.hpp>
#include <lofi/core/error.hpp>

namespace lofi::inline LOFI_ABI::audio::detail {

struct wav_shape {
    sample_format format{};
    std::size_t channels = 0, bytes = 0;  // of a sample as it lies in the file
    std::uint32_t rate = 0;

    [[nodiscard]] std::size_t frame_bytes() const { return bytes * channels; }
};

struct wav_layout {
    wav_shape shape;
    std::uint64_t data_at = 0, count = 0;  // the first byte of the sound, and its whole frames that are there
    std::string damaged;                   // the first contradiction with its place; empty where all was well
};

inline error wav_error(std::uint64_t position, std::string_view what) {
    return error("byte " + std::to_string(position), what);
}

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
inline result<wav_shape> read_wav_shape(std::span<const std::byte> body, std::uint64_t position) {
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

// Source: size(), and read(position, bytes), which gives how many it read.
template <class Source>
result<wav_layout> find_wav_layout(Source& source) {
    const std::uint64_t end = source.size(), none = std::numeric_limits<std::uint64_t>::max();
    std::array<std::byte, 64> read_bytes{};
    // So many bytes of the file; a reader of fewer than were asked for fails as one at the end of the file does.
    const auto at = [&](std::uint64_t position, std::uint64_t count) {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(count, read_bytes.size()));
        return std::span<const std::byte>(read_bytes).first(source.read(position, std::span(read_bytes).first(wanted)));
    };

    byte_reader head(at(0, 12));
    const std::string_view outer = head.text(4);
    if (outer == "RIFX") return wav_error(0, "RIFX files (big-endian) are not read here; convert the file to RIFF");
    const bool large = outer == "RF64" || outer == "BW64";
    if (!large && outer != "RIFF") return wav_error(0, "this is not a WAV file: it begins with neither RIFF, RF64 nor BW64");
    const std::uint32_t outer_size = head.u32_le();
    if (head.text(4) != "WAVE") return wav_error(8, "this RIFF file holds no sound: it is not of kind WAVE");

    wav_layout found;
    std::optional<wav_shape> shape;
    std::uint64_t data_size = 0, large_data_size = 0;
    found.data_at = none;
    const auto complain = [&](std::uint64_t position, std::string_view what) {
        if (found.damaged.empty()) found.damaged = "byte " + std::to_string(position) + ": " + std::string(what);
    };
    for (std::uint64_t position = 12; end - position >= 8 && position < end;) {
        byte_reader chunk(at(position, 8));
        const std::string id(chunk.text(4));
        std::uint64_t size = chunk.u32_le();
        const std::uint64_t body = position + 8, there = end - body;
        if (id == "data" && found.data_at == none) {
            const bool unfinished = size == 0 && outer_size == 0 && there > 0;
            if (large && size == 0xffffffffU) size = large_data_size;
            if (unfinished) {
                complain(position, "the lengths were never written; the sound is taken to reach to the end of the file");
                size = there;
            } else if (size > there) {
                complain(position,
                         "the sound should have " + std::to_string(size) + " bytes; " + std::to_string(there) + " are there");
            }
            found.data_at = body;
            data_size = std::min(size, there);
        } else if (size > there) {
            complain(position,
                     "a chunk should have " + std::to_string(size) + " bytes; " + std::to_string(there) + " are there");
        }
        size = std::min(size, there);
        if (id == "fmt " && !shape) {
            auto read = read_wav_shape(at(body, size), body);
            if (!read) return read.error();
            shape = *read;
        } else if (id == "ds64" && large) {
            byte_reader sizes(at(body, size), 8);
            large_data_size = sizes.u64_le();
            if (sizes.failed()) complain(position, "the chunk of 64-bit lengths is cut off");
        }
        position = body + std::min(there, size + (size & 1U));
    }
    if (!shape) return wav_error(end, "the file ends without a format chunk");
    if (found.data_at == none) return wav_error(end, "the file ends without any sound");
    found.shape = *shape;
    found.count = data_size / shape->frame_bytes();
    if (data_size % shape->frame_bytes() != 0)
        complain(found.data_at + found.count * shape->frame_bytes(), "the last frame is cut off");
    return found;
}

}  // namespace lofi::inline LOFI_ABI::audio::detail
