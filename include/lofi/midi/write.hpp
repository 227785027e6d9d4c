#pragma once
// Writes Standard MIDI Files in one canonical form: six-byte header, shortest numbers, End of Track at its own tick.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <lofi/core/error.hpp>
#include <lofi/core/file.hpp>
#include <lofi/midi/file.hpp>

namespace lofi::inline LOFI_ABI::midi {

enum class status_bytes : std::uint8_t {
    running,     ///< left out where the status is the one before: smaller
    every_event  ///< written with every event: for readers that do not know running status
};
enum class container : std::uint8_t {
    bare,
    rmid  ///< a RIFF file around the MIDI file (RP-029)
};

struct write_config {
    midi::status_bytes status = status_bytes::running;
    midi::container container = container::bare;
};

/// Writes a file into bytes. Reading them gives an equal file.
/// errors: "track 2, event 17: is earlier than the event before it" and the like; more than 65,535 tracks, or one beyond 4 GiB
/// source: Standard MIDI Files 1.0 (RP-001)
[[nodiscard]] result<std::vector<std::byte>> write(const file& f, const write_config& config = {});

/// Writes a file to its path, beside it first and then renamed.
[[nodiscard]] result<void> write_file(const std::filesystem::path& path, const file& f, const write_config& config = {});

// ---------------------------------------------------------------- bodies

namespace detail {

inline constexpr std::uint32_t largest_number = 0x0FFFFFFF;

/// Writes a variable-length number in its shortest form; gives the place behind it.
constexpr std::uint8_t* put_number(std::uint8_t* p, std::uint32_t v) {
    if (v >= 0x80) {
        if (v >= 0x4000) {
            if (v >= 0x200000) *p++ = static_cast<std::uint8_t>(v >> 21 | 0x80);
            *p++ = static_cast<std::uint8_t>(v >> 14 | 0x80);
        }
        *p++ = static_cast<std::uint8_t>(v >> 7 | 0x80);
    }
    *p++ = static_cast<std::uint8_t>(v & 0x7F);
    return p;
}

class track_writer {
public:
    track_writer(std::vector<std::byte>& out, status_bytes status) : out_(out), running_(status == status_bytes::running) {}

    /// Writes a track's chunk; says what is wrong with the track, if anything is.
    std::string write(const track& t);

private:
    void flush(const std::uint8_t* end) {
        const auto* first = reinterpret_cast<const std::byte*>(block_.data());
        out_.insert(out_.end(), first, first + (end - block_.data()));
    }
    std::uint8_t* put_delta(std::uint8_t* p, std::int64_t delta);
    static std::string complaint(const track& t);

    std::vector<std::byte>& out_;
    bool running_;
    std::array<std::uint8_t, 8192> block_{};
};

inline void put_big(std::vector<std::byte>& out, std::uint64_t v, int bytes) {
    while (bytes-- > 0) out.push_back(static_cast<std::byte>(v >> (8 * bytes)));
}
inline void put_text(std::vector<std::byte>& out, std::string_view s) {
    for (const char c : s) out.push_back(static_cast<std::byte>(c));
}

/// Writes a pause; one too long for a number is made of empty texts, which mean nothing.
inline std::uint8_t* track_writer::put_delta(std::uint8_t* p, std::int64_t delta) {
    while (delta > std::int64_t{largest_number}) {
        p = put_number(p, largest_number);
        *p++ = meta_status, *p++ = 0x01, *p++ = 0;
        delta -= std::int64_t{largest_number};
        flush(p);
        p = block_.data();
    }
    return put_number(p, static_cast<std::uint32_t>(delta));
}

inline std::string track_writer::write(const track& t) {
    put_text(out_, "MTrk");
    const std::size_t length_at = out_.size();
    put_big(out_, 0, 4);

    std::uint8_t* p = block_.data();
    const std::uint8_t* const full = block_.data() + block_.size() - 64;
    std::uint32_t running = 0x100;  // no status
    std::int64_t before = 0;
    bool sound = true;
    for (const event& e : t.events) {
        if (p > full) flush(p), p = block_.data();
        const std::int64_t delta = e.at.value - before;
        before = e.at.value;
        if (e.status < 0xF0) {
            if (delta >= 0x4000) {
                p = put_delta(p, delta);
                running = 0x100;
            } else {
                // By masks, for a branch that cannot be foretold costs more than a byte too many, which the next one covers.
                const auto d = static_cast<std::uint32_t>(delta);
                const std::uint32_t long_delta = (0x7FU - d) >> 31, high = d >> 7 | 0x80U, if_long = 0U - long_delta;
                p[0] = static_cast<std::uint8_t>((high & if_long) | (d & ~if_long));
                p[1] = static_cast<std::uint8_t>(d & 0x7FU);
                p += 1 + long_delta;
            }
            *p = e.status;
            p += (e.status ^ running) != 0 ? 1 : 0;
            running = running_ ? e.status : 0x100U;
            p[0] = e.data1;
            p[1] = e.data2;
            p += (e.status & 0xE0) != 0xC0 ? 2 : 1;
            sound &= delta >= 0 && ((e.data1 | e.data2) & 0x80) == 0 && e.status >= 0x80;
            continue;
        }
        const auto bytes = t.payload(e);
        if (delta < 0 || bytes.size() > largest_number) {
            sound = false;
            break;
        }
        running = 0x100;
        p = put_delta(p, delta);
        *p++ = e.status;
        if (e.is_meta()) *p++ = e.data1;
        sound &= e.is_meta() ? e.data1 < 0x80 && !e.is(meta::end_of_track) : e.is_sysex();
        flush(put_number(p, static_cast<std::uint32_t>(bytes.size())));
        p = block_.data();
        out_.insert(out_.end(), bytes.begin(), bytes.end());
    }
    if (!sound || t.end.value < before) return complaint(t);
    p = put_delta(p, t.end.value - before);
    *p++ = meta_status, *p++ = 0x2F, *p++ = 0;
    flush(p);

    const std::size_t length = out_.size() - length_at - 4;
    if (length > 0xFFFFFFFFU) return "is larger than the 4 GiB that a track can be";
    for (std::size_t i = 0; i < 4; ++i) out_[length_at + i] = static_cast<std::byte>(length >> (24 - 8 * i));
    return {};
}

/// Finds the event that cannot be written.
inline std::string track_writer::complaint(const track& t) {
    std::int64_t before = 0;
    for (std::size_t i = 0; i < t.events.size(); ++i) {
        const event& e = t.events[i];
        const std::string place = "event " + std::to_string(i + 1) + ": ";
        if (e.at.value < before) return place + (i == 0 ? "is earlier than tick 0" : "is earlier than the event before it");
        before = e.at.value;
        if (e.is(meta::end_of_track)) return place + "is an End of Track, which only the track's `end` may say";
        if (e.is_channel() ? e.status < 0x80 || ((e.data1 | e.data2) & 0x80) != 0
            : e.is_meta()  ? e.data1 > 0x7F
                           : !e.is_sysex())
            return place + "has a status or a data byte that MIDI does not have";
        if (t.payload(e).size() > largest_number) return place + "has more than the 268,435,455 bytes that an event can have";
    }
    return "ends before its last event";
}

}  // namespace detail

inline result<std::vector<std::byte>> write(const file& f, const write_config& config) {
    std::vector<std::byte> out;
    if (f.tracks.size() > 0xFFFF)
        return error("a MIDI file holds at most 65535 tracks; this one has " + std::to_string(f.tracks.size()));
    if (f.format == format::single && f.tracks.size() > 1)
        return error("a MIDI file of format 0 holds one track; this one has " + std::to_string(f.tracks.size()));
    std::size_t size = 64;
    for (const track& t : f.tracks) size += t.events.size() * 4 + t.payloads.size() + t.payloads.count() * 3 + 32;
    for (const chunk& c : f.other_chunks) size += c.bytes.size() + 8;
    out.reserve(size);

    const bool rmid = config.container == container::rmid;
    if (rmid) detail::put_text(out, "RIFF    RMIDdata    ");
    const std::size_t begin = out.size();
    detail::put_text(out, "MThd");
    detail::put_big(out, 6, 4);
    detail::put_big(out, static_cast<std::uint64_t>(f.format), 2);
    detail::put_big(out, f.tracks.size(), 2);
    detail::put_big(out, f.division.raw, 2);
    detail::track_writer writer(out, config.status);
    const auto put_chunks_before = [&](std::size_t track, bool last) {
        for (const chunk& c : f.other_chunks) {
            if (c.before_track != track && !(last && c.before_track > track)) continue;
            detail::put_text(out, {c.id.data(), 4});
            detail::put_big(out, c.bytes.size(), 4);
            out.insert(out.end(), c.bytes.begin(), c.bytes.end());
        }
    };
    for (std::size_t i = 0; i < f.tracks.size(); ++i) {
        put_chunks_before(i, false);
        if (std::string wrong = writer.write(f.tracks[i]); !wrong.empty())
            return error("track " + std::to_string(i + 1), wrong);
    }
    put_chunks_before(f.tracks.size(), true);
    if (rmid) {
        const std::size_t length = out.size() - begin;
        if (length % 2 != 0) out.push_back(std::byte{0});
        for (std::size_t i = 0; i < 4; ++i) {
            out[4 + i] = static_cast<std::byte>((out.size() - 8) >> (8 * i));
            out[16 + i] = static_cast<std::byte>(length >> (8 * i));
        }
    }
    return out;
}

inline result<void> write_file(const std::filesystem::path& path, const file& f, const write_config& config) {
    auto bytes = write(f, config);
    if (!bytes) return bytes.error().at(path.string());
    return lofi::write_file(path, *bytes);
}

}  // namespace lofi::inline LOFI_ABI::midi
