#pragma once
// What is odd about a MIDI file, and at which byte.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::midi {

/// A departure from the standard. Strict reading refuses the file at the first one.
enum class oddity : std::uint8_t {
    macbinary_header,
    bytes_before_header,
    no_header,
    header_too_short,
    header_cut,
    unknown_format,
    format_0_with_tracks,
    unknown_division,
    wrong_track_count,
    bytes_between_chunks,
    damaged_track_name,
    second_header,
    chunk_cut,
    track_longer_than_said,
    track_shorter_than_said,
    no_end_of_track,
    bytes_after_end_of_track,
    bytes_after_end_of_track_kept,
    event_cut,
    number_too_long,
    no_running_status,
    running_status_across,
    status_in_data,
    bare_system_message,
    meta_type_too_high,
    meta_too_short,
    bad_key_signature,
    bad_time_signature,
    tempo_of_zero,
    rest_of_track_lost,
    resynchronised
};

/// Says an oddity in words.
[[nodiscard]] constexpr std::string_view to_string(oddity o);

/// An oddity and its place.
struct diagnostic {
    oddity what{};
    std::uint32_t track = 0;  ///< counted from 1; 0 where no track is concerned
    std::uint64_t byte = 0;   ///< offset in the file

    friend constexpr bool operator==(const diagnostic&, const diagnostic&) = default;
};

/// Says where and what: "byte 312, track 2: no End of Track".
[[nodiscard]] inline std::string to_string(const diagnostic& d) {
    std::string s = "byte " + std::to_string(d.byte);
    if (d.track != 0) s += ", track " + std::to_string(d.track);
    return s.append(": ").append(to_string(d.what));
}

/// The oddities of a file: the first thousand are kept, all are counted.
struct diagnostics {
    static constexpr std::size_t most_kept = 1000;
    std::vector<diagnostic> kept;
    std::uint64_t count = 0;

    void add(const diagnostic& d) {
        if (count++ < most_kept) kept.push_back(d);
    }
    [[nodiscard]] bool empty() const { return count == 0; }
};

// ---------------------------------------------------------------- bodies

constexpr std::string_view to_string(oddity o) {
    switch (o) {
        case oddity::macbinary_header: return "a MacBinary header stands before the file";
        case oddity::bytes_before_header: return "bytes that mean nothing stand before the header";
        case oddity::no_header: return "no header (MThd); a division of 480 ticks a quarter note is assumed";
        case oddity::header_too_short: return "the header says that it is shorter than 6 bytes";
        case oddity::header_cut: return "the header is cut off; what is missing is assumed";
        case oddity::unknown_format: return "the format is none of 0, 1 and 2; read as 1";
        case oddity::format_0_with_tracks: return "a file of format 0 does not have exactly one track";
        case oddity::unknown_division: return "the division is 0 or names no SMPTE rate";
        case oddity::wrong_track_count: return "the header counts other tracks than there are";
        case oddity::bytes_between_chunks: return "bytes that are no chunk";
        case oddity::damaged_track_name: return "a track whose name (MTrk) is damaged";
        case oddity::second_header: return "a second header: another file begins";
        case oddity::chunk_cut: return "a chunk is longer than the file";
        case oddity::track_longer_than_said: return "the track goes on beyond its length";
        case oddity::track_shorter_than_said: return "the next track begins inside the length of this one";
        case oddity::no_end_of_track: return "no End of Track";
        case oddity::bytes_after_end_of_track: return "bytes after End of Track that are no events";
        case oddity::bytes_after_end_of_track_kept: return "events after End of Track";
        case oddity::event_cut: return "the track ends inside an event";
        case oddity::number_too_long: return "a variable-length number of more than 4 bytes";
        case oddity::no_running_status: return "a data byte where a status is needed";
        case oddity::running_status_across: return "running status across a system exclusive or a meta event";
        case oddity::status_in_data: return "a status byte where a data byte is needed";
        case oddity::bare_system_message: return "a system message that may not stand in a file";
        case oddity::meta_type_too_high: return "a meta event of a type above 127";
        case oddity::meta_too_short: return "a meta event shorter than its type needs";
        case oddity::bad_key_signature: return "a key signature of more than 7 accidentals, or neither major nor minor";
        case oddity::bad_time_signature: return "a time signature with a numerator of 0 or a denominator beyond 2^15";
        case oddity::tempo_of_zero: return "a tempo of 0 microseconds a quarter note";
        case oddity::rest_of_track_lost: return "the rest of the track makes no sense";
        case oddity::resynchronised: return "events make sense again from here";
    }
    return "";
}

}  // namespace lofi::inline LOFI_ABI::midi
