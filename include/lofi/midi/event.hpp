#pragma once
// One event of a MIDI file: sixteen bytes, whatever it is; the bytes of meta events and system exclusives lie in a pool.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <lofi/core/units.hpp>

namespace lofi::inline LOFI_ABI::midi {

/// The kind of a channel message: its status byte without the channel.
enum class message : std::uint8_t {
    note_off = 0x80,
    note_on = 0x90,
    key_pressure = 0xA0,
    control_change = 0xB0,
    program_change = 0xC0,
    channel_pressure = 0xD0,
    pitch_bend = 0xE0
};

/// The type of a meta event.
/// source: Standard MIDI Files 1.0 (RP-001), RP-019, RP-026
enum class meta : std::uint8_t {
    sequence_number = 0x00,
    text = 0x01,
    copyright = 0x02,
    track_name = 0x03,
    instrument_name = 0x04,
    lyric = 0x05,
    marker = 0x06,
    cue_point = 0x07,
    program_name = 0x08,
    device_name = 0x09,
    channel_prefix = 0x20,
    port = 0x21,
    end_of_track = 0x2F,
    tempo = 0x51,
    smpte_offset = 0x54,
    time_signature = 0x58,
    key_signature = 0x59,
    sequencer_specific = 0x7F
};

inline constexpr std::uint8_t sysex_status = 0xF0, escape_status = 0xF7, meta_status = 0xFF;

/// One event at its absolute tick. A channel message has its data bytes here; a meta event has its type in `data1`, and like
/// a system exclusive it names its bytes by `payload`, to be asked of the track it belongs to.
struct event {
    ticks at{};
    std::uint32_t payload = 0;  ///< index into the track's pool
    std::uint8_t status = 0;    ///< 0x80 to 0xEF with the channel, 0xF0 or 0xF7, 0xFF
    std::uint8_t data1 = 0;     ///< key, controller, program, ...; or the type of a meta event
    std::uint8_t data2 = 0;     ///< velocity, value, ...; 0 where the message has one data byte

    [[nodiscard]] constexpr bool is_channel() const { return status < 0xF0; }
    [[nodiscard]] constexpr bool is(message m) const { return (status & 0xF0) == static_cast<std::uint8_t>(m); }
    [[nodiscard]] constexpr bool is_meta() const { return status == meta_status; }
    [[nodiscard]] constexpr bool is(meta m) const { return is_meta() && data1 == static_cast<std::uint8_t>(m); }
    /// F0 (a system exclusive begins) or F7 (it goes on, or any other bytes to be sent).
    [[nodiscard]] constexpr bool is_sysex() const { return status == sysex_status || status == escape_status; }
    [[nodiscard]] constexpr std::uint8_t channel() const { return status & 0x0F; }
    /// A note starts: a note-on with a velocity above 0.
    [[nodiscard]] constexpr bool starts_note() const { return is(message::note_on) && data2 != 0; }
    /// A note ends: a note-off, or a note-on with velocity 0.
    [[nodiscard]] constexpr bool ends_note() const { return is(message::note_off) || (is(message::note_on) && data2 == 0); }
};
static_assert(sizeof(event) == 16, "millions of events lie in memory: sixteen bytes each");

/// The bytes of a track's meta events and system exclusives, one after another: no allocation an event.
class payload_pool {
public:
    /// Keeps a copy of the bytes; the index goes into the event.
    std::uint32_t add(std::span<const std::byte> bytes) {
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
        ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
        return static_cast<std::uint32_t>(ends_.size() - 1);
    }
    /// The bytes of an index; none for an index that was never given out.
    [[nodiscard]] std::span<const std::byte> operator[](std::uint32_t index) const {
        if (index >= ends_.size()) return {};
        const std::size_t first = index == 0 ? 0 : ends_[index - 1];
        return {bytes_.data() + first, ends_[index] - first};
    }
    [[nodiscard]] std::size_t count() const { return ends_.size(); }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }

private:
    std::vector<std::byte> bytes_;
    std::vector<std::uint32_t> ends_;
};

}  // namespace lofi::inline LOFI_ABI::midi
