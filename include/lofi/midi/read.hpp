#pragma once
// Reads Standard MIDI Files: formats 0, 1 and 2, bare or in RMID; sound, odd or broken.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/core/error.hpp>
#include <lofi/core/file.hpp>
#include <lofi/midi/detail/track_reader.hpp>
#include <lofi/midi/diagnostic.hpp>
#include <lofi/midi/file.hpp>

namespace lofi::inline LOFI_ABI::midi {

struct read_config {
    read_mode mode = read_mode::tolerant;
};

struct read_result {
    midi::file file;
    midi::diagnostics diagnostics;  ///< empty where the file keeps to the standard
};

/// Reads a Standard MIDI File. Whatever the bytes are, it ends in time and memory proportional to them.
/// errors: "byte 0: no MIDI file (this is a ZIP archive)"; strict: the first oddity, "byte 312, track 2: no End of Track"
/// source: Standard MIDI Files 1.0 (RP-001), RMID (RP-029)
[[nodiscard]] result<read_result> read(std::span<const std::byte> bytes, const read_config& config = {});

/// Reads a file by its path.
/// errors: those of `read` and of `lofi::read_file`, with the path in front
[[nodiscard]] result<read_result> read_file(const std::filesystem::path& path, const read_config& config = {});

// ---------------------------------------------------------------- bodies

namespace detail {

/// Names what a file is when it is no MIDI file, from its first bytes.
inline std::string_view other_kind(std::string_view s) {
    const auto starts = [&](std::string_view magic) { return s.substr(0, magic.size()) == magic; };
    if (s.empty()) return "the file is empty";
    if (starts("RIFF"))
        return s.size() >= 12 && s.substr(8, 4) == "WAVE" ? "this is a WAVE file" : "this is a RIFF file of another kind";
    if (starts("SMF2CLIP")) return "this is a MIDI Clip File of MIDI 2.0";
    if (starts("PK\x03\x04")) return "this is a ZIP archive";
    if (starts("Rar!")) return "this is a RAR archive";
    if (starts("\x1F\x8B")) return "this is a gzip archive";
    if (starts("MTM")) return "this is a MultiTracker module";
    if (starts("GIF8")) return "this is a GIF image";
    if (starts("ID3") || starts("\xFF\xFB")) return "this is an MP3 file";
    if (starts("OggS")) return "this is an Ogg file";
    if (starts("fLaC")) return "this is a FLAC file";
    if (const auto tag = s.find_first_not_of(" \t\r\n\xEF\xBB\xBF"); tag != std::string_view::npos && s[tag] == '<')
        return "this is an HTML or XML page";
    return "it does not begin with MThd";
}

class file_reader {
public:
    file_reader(std::span<const std::byte> bytes, read_mode mode)
        : b_{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, mode_(mode) {}

    result<read_result> read() {
        std::size_t at = 0;
        if (!find_start(at) || !read_header(at) || !read_chunks(at)) return error(std::move(error_));
        return std::move(out_);
    }

private:
    [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(b_.data()), b_.size()}; }
    [[nodiscard]] bool stands_at(std::size_t at, std::string_view id) const {
        return at <= b_.size() && text().substr(at, id.size()) == id;
    }
    [[nodiscard]] std::uint32_t u32_at(std::size_t at) const {
        return static_cast<std::uint32_t>(b_[at]) << 24 | static_cast<std::uint32_t>(b_[at + 1]) << 16 |
               static_cast<std::uint32_t>(b_[at + 2]) << 8 | b_[at + 3];
    }
    bool refuse(std::string message) { return error_ = std::move(message), false; }
    /// Takes note of an oddity; false where reading ends with it.
    bool odd(oddity what, std::size_t at, std::size_t track = 0) {
        const diagnostic d{what, static_cast<std::uint32_t>(track), at};
        if (mode_ == read_mode::strict) return refuse(to_string(d));
        return out_.diagnostics.add(d), true;
    }

    bool find_start(std::size_t& at);
    bool read_header(std::size_t& at);
    bool read_chunks(std::size_t at);
    bool read_other_chunk(std::size_t& at, std::size_t size);
    [[nodiscard]] bool is_damaged_track(std::size_t at) const;

    byte_view b_;
    read_mode mode_;
    read_result out_;
    std::string error_;
    bool has_header_ = true;
    std::size_t tracks_said_ = 0;
};

inline bool file_reader::find_start(std::size_t& at) {
    // Chunk lengths are 32-bit numbers; a pool of bytes counts on that.
    if (b_.size() > 0xFFFFFFFFU) return refuse("the file is larger than the 4 GiB that a MIDI file can be");
    if (stands_at(0, "MThd")) return true;
    if (stands_at(0, "RIFF") && stands_at(8, "RMID")) {
        // RIFF counts in little-endian numbers and pads to even places; the data chunk holds the MIDI file.
        for (std::size_t c = 12; c + 8 <= b_.size();) {
            const std::size_t size = b_[c + 4] | b_[c + 5] << 8 | b_[c + 6] << 16 | static_cast<std::size_t>(b_[c + 7]) << 24;
            if (stands_at(c, "data") && stands_at(c + 8, "MThd")) {
                const std::size_t end = std::min(c + 8 + size, b_.size());
                if (end < c + 8 + size && !odd(oddity::chunk_cut, c)) return false;
                b_ = b_.first(end);
                return at = c + 8, true;
            }
            c += 8 + size + (size & 1);
        }
    }
    if (stands_at(128, "MThd") && b_[0] == 0) return at = 128, odd(oddity::macbinary_header, 0);
    if (mode_ == read_mode::salvage) {
        if (const auto found = text().find("MThd"); found != std::string_view::npos)
            return at = found, odd(oddity::bytes_before_header, 0);
        if (const auto found = text().find("MTrk"); found != std::string_view::npos)
            return at = found, has_header_ = false, odd(oddity::no_header, 0);
    }
    return refuse("byte 0: no MIDI file (" + std::string(other_kind(text())) + ")");
}

inline bool file_reader::read_header(std::size_t& at) {
    if (!has_header_) return true;
    const std::size_t begin = at + 8;
    if (b_.size() < begin + 6) {
        if (!odd(oddity::header_cut, at)) return false;
        return at = b_.size(), true;
    }
    const std::size_t size = u32_at(at + 4);
    const auto u16_at = [&](std::size_t p) { return static_cast<std::uint16_t>(b_[p] << 8 | b_[p + 1]); };
    const std::uint16_t format = u16_at(begin);
    tracks_said_ = u16_at(begin + 2);
    out_.file.division.raw = u16_at(begin + 4);
    if (size < 6 && !odd(oddity::header_too_short, at + 4)) return false;
    if (format > 2 && !odd(oddity::unknown_format, begin)) return false;
    out_.file.format = format > 2 ? midi::format::parallel : static_cast<midi::format>(format);
    const midi::division d = out_.file.division;
    const int rate = d.smpte_rate();
    const bool known =
        d.is_smpte() ? (rate == 24 || rate == 25 || rate == 29 || rate == 30) && (d.raw & 0xFF) != 0 : d.raw != 0;
    if (!known && !odd(oddity::unknown_division, begin + 4)) return false;
    // What a longer header may hold one day is skipped, unless that length is nonsense.
    at = begin + std::max<std::size_t>(size, 6);
    if (at > b_.size() || (size != 6 && !stands_at(at, "MTrk") && stands_at(begin + 6, "MTrk"))) {
        if (size > 6 && !odd(oddity::chunk_cut, begin - 4)) return false;
        at = begin + 6;
    }
    return true;
}

inline bool file_reader::read_chunks(std::size_t at) {
    const std::size_t end = b_.size();
    midi::file& f = out_.file;
    std::size_t room = end / 3 + 64;  // events that tracks make room for before they are read
    while (at < end) {
        if (end - at >= 8 && (stands_at(at, "MTrk") || (mode_ == read_mode::salvage && is_damaged_track(at)))) {
            if (!stands_at(at, "MTrk") && !odd(oddity::damaged_track_name, at)) return false;
            f.tracks.emplace_back();
            const std::size_t number = f.tracks.size();
            track_reader reader(b_, mode_, f.tracks.back(), room, [&](oddity o, std::size_t p) { return odd(o, p, number); });
            if (!reader.read(at, at + 8 + u32_at(at + 4))) return false;
            at = reader.next();
            continue;
        }
        if (stands_at(at, "MThd") && end - at >= 14) {
            if (!odd(oddity::second_header, at)) return false;
            if (mode_ != read_mode::salvage) break;
            at += 14;
            continue;
        }
        if (is_chunk(b_, at)) {
            if (!read_other_chunk(at, u32_at(at + 4))) return false;
            continue;
        }
        if (!odd(oddity::bytes_between_chunks, at)) return false;
        at = std::min(find_track(b_, at + 1), end);
    }
    if (has_header_ && tracks_said_ != f.tracks.size() && !odd(oddity::wrong_track_count, b_.size())) return false;
    if (f.format == format::single && f.tracks.size() > 1) {
        if (!odd(oddity::format_0_with_tracks, b_.size())) return false;
        f.format = format::parallel;
    }
    if (f.tracks.empty() && !has_header_) return refuse("byte 0: nothing of a MIDI file is left");
    return true;
}

/// Whether a chunk is a track whose name has one wrong letter.
inline bool file_reader::is_damaged_track(std::size_t at) const {
    const std::string_view id = text().substr(at, 4), right = "MTrk";
    std::size_t same = 0;
    for (std::size_t i = 0; i < 4; ++i) same += id[i] == right[i] ? 1 : 0;
    return same == 3 && makes_sense(b_, at + 8, b_.size(), {}, 4);
}

inline bool file_reader::read_other_chunk(std::size_t& at, std::size_t size) {
    chunk c;
    for (std::size_t i = 0; i < 4; ++i) c.id[i] = static_cast<char>(b_[at + i]);
    const auto* first = reinterpret_cast<const std::byte*>(b_.data() + at + 8);
    c.bytes.assign(first, first + size);
    c.before_track = out_.file.tracks.size();
    out_.file.other_chunks.push_back(std::move(c));
    return at += 8 + size, true;
}

}  // namespace detail

inline result<read_result> read(std::span<const std::byte> bytes, const read_config& config) {
    return detail::file_reader(bytes, config.mode).read();
}

inline result<read_result> read_file(const std::filesystem::path& path, const read_config& config) {
    auto bytes = lofi::read_file(path, 0xFFFFFFFFU);
    if (!bytes) return bytes.error();
    auto read = midi::read(*bytes, config);
    if (!read) return read.error().at(path.string());
    return read;
}

}  // namespace lofi::inline LOFI_ABI::midi
