#pragma once
// Reads WAV files: whole numbers and floats, RIFF, RF64 and BW64, and as much of a damaged file as is there.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>

#include <lofi/audio/block.hpp>
#include <lofi/audio/detail/wav_layout.hpp>
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

struct wav_bytes {
    std::span<const std::byte> bytes;

    [[nodiscard]] std::uint64_t size() const { return bytes.size(); }
    std::size_t read(std::uint64_t position, std::span<std::byte> out) const {
        const auto from = bytes.subspan(static_cast<std::size_t>(std::min<std::uint64_t>(position, bytes.size())));
        const std::size_t count = std::min(from.size(), out.size());
        std::copy_n(from.begin(), count, out.begin());
        return count;
    }
};

}  // namespace detail

inline result<wav_file> read_wav(std::span<const std::byte> bytes, wav_read_config config) {
    detail::wav_bytes source{bytes};
    auto layout = detail::find_wav_layout(source);
    if (!layout) return layout.error();
    const detail::wav_shape& shape = layout->shape;
    const auto count = static_cast<std::size_t>(layout->count), data_at = static_cast<std::size_t>(layout->data_at);

    wav_file file;
    file.format = shape.format;
    file.sound = buffer(shape.channels, frames(static_cast<std::int64_t>(count)), hertz(shape.rate));
    std::size_t wild = 0, first_wild = 0;
    for (std::size_t c = 0; c < shape.channels; ++c) {
        const auto samples = file.sound.channel(c);
        for (std::size_t t = 0; t < count; ++t) {
            const std::size_t at = data_at + t * shape.frame_bytes() + c * shape.bytes;
            byte_reader sample(bytes, at);
            const float x = decode_sample(shape.format, sample);
            samples[t] = std::isfinite(x) ? x : 0.0F;
            if (!std::isfinite(x) && wild++ == 0) first_wild = at;
        }
    }
    if (wild > 0 && layout->damaged.empty())
        layout->damaged =
            detail::wav_error(first_wild, std::to_string(wild) + " samples are not numbers; they are read as silence")
                .message();
    if (!layout->damaged.empty() && config.on_damage == damage::refuse) return error(layout->damaged);
    file.notice = std::move(layout->damaged);
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
