#pragma once
// Notes out of note-ons and note-offs.
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lofi/midi/file.hpp>

namespace lofi::inline LOFI_ABI::midi {

/// A note of a track, with all that MIDI says of it.
struct paired_note {
    ticks start{};
    ticks length{};
    std::uint8_t key = 0;
    std::uint8_t velocity = 0;           ///< 1 to 127
    std::uint8_t release_velocity = 64;  ///< of the note-off; 64 where a note-on of velocity 0 stands for it
    std::uint8_t channel = 0;
    std::uint8_t port = 0;
    bool closed = true;  ///< false where no note-off came, and the track's end is taken

    friend constexpr bool operator==(const paired_note&, const paired_note&) = default;
};

/// The notes of a track in the order of their note-ons. A note-off ends the longest-sounding note of its port, channel and
/// key; a note that nothing ends lasts to the end of the track.
[[nodiscard]] std::vector<paired_note> pair_notes(const track& t);

/// The port that a meta event FF 21 selects for what follows; `before` for any other event.
[[nodiscard]] inline std::uint8_t port_after(const track& t, const event& e, std::uint8_t before) {
    if (!e.is(meta::port)) return before;
    const auto bytes = t.payload(e);
    return bytes.empty() ? before : std::to_integer<std::uint8_t>(bytes[0]);
}

// ---------------------------------------------------------------- bodies

inline std::vector<paired_note> pair_notes(const track& t) {
    constexpr std::uint32_t none = 0xFFFFFFFFU;
    // For every key of every channel that is met: its sounding notes, first in first out, as a list.
    struct sounding {
        std::uint32_t first = none, last = none;
    };
    std::vector<sounding> keys;
    std::vector<std::uint32_t> next;
    std::vector<paired_note> notes;
    // Channels of ports in the order they are met: there could be 4096, and a track rarely has more than one.
    std::array<std::uint16_t, 4096> place;
    place.fill(0xFFFF);
    std::uint16_t places = 0;
    std::uint8_t port = 0;

    for (const event& e : t.events) {
        port = port_after(t, e, port);
        const bool starts = e.starts_note();
        if (!starts && !e.ends_note()) continue;
        std::uint16_t& channel = place[std::size_t{port} * 16 + e.channel()];
        if (channel == 0xFFFF) {
            channel = places++;
            keys.resize(std::size_t{places} * 128);
        }
        sounding& s = keys[std::size_t{channel} * 128 + (e.data1 & 0x7F)];
        if (starts) {
            const auto index = static_cast<std::uint32_t>(notes.size());
            notes.push_back({e.at, t.end - e.at, e.data1, e.data2, 64, e.channel(), port, false});
            next.push_back(none);
            (s.first == none ? s.first : next[s.last]) = index;
            s.last = index;
        } else if (s.first != none) {
            paired_note& n = notes[s.first];
            n.length = e.at - n.start;
            n.closed = true;
            if (e.is(message::note_off)) n.release_velocity = e.data2;
            s.first = next[s.first];
        }
    }
    return notes;
}

}  // namespace lofi::inline LOFI_ABI::midi
