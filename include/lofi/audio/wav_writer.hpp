#pragma once
// Writes WAV files block by block, so that sound of any length needs no memory of its length.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/audio/block.hpp>
#include <lofi/audio/sample_format.hpp>
#include <lofi/core/bytes.hpp>
#include <lofi/core/file.hpp>

namespace lofi::inline LOFI_ABI::audio {

struct wav_write_config {
    sample_format format = sample_format::s16;  ///< s16, s24 or f32
    dither noise = dither::tpdf;                ///< for s16; the other formats are fine enough without
    random_key key{};                           ///< of the noise
};

/// Writes a WAV file as sound comes. The file takes its name only at `commit()`; before that, and if anything fails, what
/// was there stays. Beyond 4 GiB it becomes an RF64 file by itself.
///
///     audio::wav_writer file("night.wav", 2, hertz(44100));
///     while (radio.render(block)) file.write(block);
///     file.commit().value();
class wav_writer {
public:
    wav_writer(std::filesystem::path target, std::size_t channels, hertz rate, wav_write_config config = {});

    void write(stereo_view block);
    void write(const buffer& block);
    /// One span a channel, of equal lengths.
    void write(std::span<const std::span<const float>> block);

    [[nodiscard]] frames length() const { return frames(static_cast<std::int64_t>(count_)); }
    /// errors: "night.wav: cannot be written: No space left on device" and the like
    [[nodiscard]] result<void> commit();

private:
    void encode(float sample, std::size_t channel);

    pending_file file_;
    wav_write_config config_;
    hertz rate_;
    std::uint64_t count_ = 0;
    std::vector<dither_noise> noise_;  // one a channel
    std::vector<std::byte> encoded_;
};

/// Writes a whole sound.
[[nodiscard]] inline result<void> write_wav(const std::filesystem::path& path, const buffer& sound,
                                            wav_write_config config = {}) {
    wav_writer file(path, sound.channels(), sound.rate(), config);
    file.write(sound);
    return file.commit();
}

/// Bytes of a file before its samples. Their number does not depend on the length, so that they can be written again when
/// the length is known: room for the 64-bit lengths of RF64 is kept in a chunk that readers skip.
/// source: EBU Tech 3306
[[nodiscard]] std::vector<std::byte> wav_header(sample_format format, std::size_t channels, hertz rate, std::uint64_t length);

// ---------------------------------------------------------------- bodies

inline std::vector<std::byte> wav_header(sample_format format, std::size_t channels, hertz rate, std::uint64_t length) {
    const bool is_float = format == sample_format::f32, many = channels > 2;
    const std::size_t sample_bytes = bytes_per_sample(format), frame_bytes = sample_bytes * channels;
    const std::uint64_t data_size = length * frame_bytes;
    const std::uint32_t format_size = many ? 40 : is_float ? 18 : 16, fact_size = is_float ? 12 : 0;
    const std::uint64_t size = 4 + 36 + 8 + format_size + fact_size + 8 + data_size + (data_size & 1U);
    const bool large = size >= 0xffffffffU;
    const auto u32 = [large](std::uint64_t n) { return large ? 0xffffffffU : static_cast<std::uint32_t>(n); };
    const auto whole_rate = static_cast<std::uint32_t>(rate.value + 0.5);

    byte_writer out;
    out.text(large ? "RF64" : "RIFF");
    out.u32_le(u32(size));
    out.text("WAVE");
    out.text(large ? "ds64" : "JUNK");
    out.u32_le(28);
    out.u64_le(large ? size : 0);
    out.u64_le(large ? data_size : 0);
    out.u64_le(large ? length : 0);
    out.u32_le(0);  // no table of other chunks
    out.text("fmt ");
    out.u32_le(format_size);
    const std::uint16_t tag = is_float ? 3 : 1;
    out.u16_le(many ? 0xfffe : tag);
    out.u16_le(static_cast<std::uint16_t>(channels));
    out.u32_le(whole_rate);
    out.u32_le(static_cast<std::uint32_t>(whole_rate * frame_bytes));
    out.u16_le(static_cast<std::uint16_t>(frame_bytes));
    out.u16_le(static_cast<std::uint16_t>(sample_bytes * 8));
    if (many) {
        out.u16_le(22);
        out.u16_le(static_cast<std::uint16_t>(sample_bytes * 8));
        out.u32_le(0);  // no loudspeaker is named
        out.u16_le(tag);
        out.text(std::string_view("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71", 14));
    } else if (is_float) {
        out.u16_le(0);
    }
    if (is_float) {
        out.text("fact");
        out.u32_le(4);
        out.u32_le(u32(length));
    }
    out.text("data");
    out.u32_le(u32(data_size));
    return std::move(out).take();
}

inline wav_writer::wav_writer(std::filesystem::path target, std::size_t channels, hertz rate, wav_write_config config)
    : file_(std::move(target)), config_(config), rate_(rate) {
    LOFI_ASSERT(channels > 0 && channels <= 1024, "a WAV file needs 1 to 1024 channels");
    LOFI_ASSERT(rate.value >= 1.0 && rate.value < 0x1p31, "the sample rate of a WAV file is a whole number of hertz");
    LOFI_ASSERT(
        config.format == sample_format::s16 || config.format == sample_format::s24 || config.format == sample_format::f32,
        "WAV files are written with 16 bits, 24 bits or as 32-bit float");
    const dither kind = config.format == sample_format::s16 ? config.noise : dither::none;
    for (std::size_t c = 0; c < channels; ++c) noise_.emplace_back(kind, config.key.child("dither").child(c));
    file_.write(std::span<const std::byte>(wav_header(config.format, channels, rate, 0)));
}

inline void wav_writer::write(stereo_view block) {
    const std::span<const float> both[] = {block.left, block.right};
    write(std::span<const std::span<const float>>(both));
}

inline void wav_writer::write(const buffer& block) {
    LOFI_ASSERT(block.rate() == rate_, "the block has another sample rate than the file");
    std::vector<std::span<const float>> all;
    for (std::size_t c = 0; c < block.channels(); ++c) all.push_back(block.channel(c));
    write(std::span<const std::span<const float>>(all));
}

inline void wav_writer::write(std::span<const std::span<const float>> block) {
    LOFI_ASSERT(block.size() == noise_.size(), "the block has another number of channels than the file");
    constexpr std::size_t part = 4096;  // frames encoded at once: bounds the memory, whatever the block
    const std::size_t length = block[0].size();
    for (std::size_t first = 0; first < length; first += part) {
        encoded_.clear();
        for (std::size_t t = first; t < std::min(first + part, length); ++t) {
            for (std::size_t c = 0; c < block.size(); ++c) encode(block[c][t], c);
        }
        file_.write(std::span<const std::byte>(encoded_));
    }
    count_ += length;
}

inline void wav_writer::encode(float sample, std::size_t channel) {
    std::uint32_t bits = 0;
    if (config_.format == sample_format::s16) {
        bits = static_cast<std::uint32_t>(quantise<16>(sample, noise_[channel].tick()));
    } else if (config_.format == sample_format::s24) {
        bits = static_cast<std::uint32_t>(quantise<24>(sample));
    } else {
        bits = bits_as<std::uint32_t>(sample);
    }
    for (std::size_t i = 0; i < bytes_per_sample(config_.format); ++i)
        encoded_.push_back(static_cast<std::byte>(bits >> (8 * i)));
}

inline result<void> wav_writer::commit() {
    const std::uint64_t size = count_ * noise_.size() * bytes_per_sample(config_.format);
    if ((size & 1U) != 0) {
        const std::byte padding{0};
        file_.write(std::span<const std::byte>(&padding, 1));
    }
    file_.seek(0);
    file_.write(std::span<const std::byte>(wav_header(config_.format, noise_.size(), rate_, count_)));
    return file_.commit();
}

}  // namespace lofi::inline LOFI_ABI::audio
