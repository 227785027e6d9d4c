#pragma once
// A WAV file that stays on disk: any stretch of it is read when it is asked for, so that memory does not grow with its length.
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <lofi/audio/detail/wav_layout.hpp>
#include <lofi/audio/wav_reader.hpp>
#include <lofi/core/file.hpp>

namespace lofi::inline LOFI_ABI::audio {

/// Reads stretches of a WAV file of any length, RF64 and BW64 included.
///
///     auto file = audio::wav_stream::open("night.wav").value();
///     std::vector<float> left(4096), right(4096);
///     const std::span<float> both[] = {left, right};
///     file.read(frames(0), both).value();
class wav_stream {
public:
    /// errors: as `read_wav`, the path in front
    [[nodiscard]] static result<wav_stream> open(const std::filesystem::path& path, wav_read_config config = {});

    [[nodiscard]] hertz rate() const { return hertz(layout_.shape.rate); }
    [[nodiscard]] std::size_t channels() const { return layout_.shape.channels; }
    [[nodiscard]] frames length() const { return frames(static_cast<std::int64_t>(layout_.count)); }
    [[nodiscard]] sample_format format() const { return layout_.shape.format; }
    [[nodiscard]] const std::string& notice() const { return layout_.damaged; }  ///< as `wav_file::notice`
    /// Samples read so far that were no numbers; they were read as silence.
    [[nodiscard]] std::uint64_t wild() const { return wild_; }

    /// Reads frames from any place on, one span a channel, of equal lengths. Gives how many there were: fewer at the end only.
    /// errors: "night.wav: byte 312: cannot be read: ..."
    [[nodiscard]] result<std::size_t> read(frames first, std::span<const std::span<float>> out);

private:
    struct disk {
        std::ifstream stream;
        std::uint64_t length = 0;

        [[nodiscard]] std::uint64_t size() const { return length; }
        std::size_t read(std::uint64_t position, std::span<std::byte> out) {
            stream.clear();
            stream.seekg(static_cast<std::streamoff>(position));
            stream.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
            return static_cast<std::size_t>(stream.gcount());
        }
    };

    disk disk_;
    detail::wav_layout layout_;
    std::string place_;
    std::vector<std::byte> bytes_;
    std::uint64_t wild_ = 0;
};

// ---------------------------------------------------------------- bodies

inline result<wav_stream> wav_stream::open(const std::filesystem::path& path, wav_read_config config) {
    std::error_code ec;
    if (std::filesystem::is_directory(path, ec)) return error(path.string(), "is a folder, not a file");
    wav_stream file;
    file.place_ = path.string();
    errno = 0;
    file.disk_.stream.open(path, std::ios::binary);
    if (!file.disk_.stream) return error(file.place_, "cannot be opened: " + lofi::detail::last_system_error());
    file.disk_.length = std::filesystem::file_size(path, ec);
    if (ec) return error(file.place_, "cannot be read in stretches: " + ec.message());
    auto layout = detail::find_wav_layout(file.disk_);
    if (!layout) return layout.error().at(file.place_);
    if (!layout->damaged.empty()) {
        layout->damaged = file.place_ + ": " + layout->damaged;
        if (config.on_damage == damage::refuse) return error(layout->damaged);
    }
    file.layout_ = std::move(*layout);
    return file;
}

inline result<std::size_t> wav_stream::read(frames first, std::span<const std::span<float>> out) {
    LOFI_ASSERT(out.size() == channels(), "a stretch is read into one span a channel");
    LOFI_ASSERT(first.value >= 0, "a stretch begins at the beginning at the earliest");
    constexpr std::size_t part = 4096;  // frames decoded at once: bounds the memory, whatever the stretch
    const auto from = std::min<std::uint64_t>(static_cast<std::uint64_t>(first.value), layout_.count);
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(out[0].size(), layout_.count - from));
    const std::size_t frame_bytes = layout_.shape.frame_bytes();
    for (std::size_t done = 0; done < count; done += part) {
        const std::size_t now = std::min(part, count - done);
        const std::uint64_t at = layout_.data_at + (from + done) * frame_bytes;
        bytes_.resize(now * frame_bytes);
        errno = 0;
        if (disk_.read(at, bytes_) != bytes_.size())
            return detail::wav_error(at, "cannot be read: " + lofi::detail::last_system_error()).at(place_);
        byte_reader samples{std::span<const std::byte>(bytes_)};
        for (std::size_t t = done; t < done + now; ++t) {
            for (const std::span<float> channel : out) {
                const float x = decode_sample(layout_.shape.format, samples);
                channel[t] = std::isfinite(x) ? x : 0.0F;
                wild_ += std::isfinite(x) ? 0 : 1;
            }
        }
    }
    return count;
}

}  // namespace lofi::inline LOFI_ABI::audio
