#pragma once
// A Standard MIDI File as a value: format, division, tracks of events. Nothing of a valid file is lost in it.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <lofi/midi/event.hpp>

namespace lofi::inline LOFI_ABI::midi {

/// How the tracks of a file belong together.
enum class format : std::uint8_t {
    single = 0,    ///< one track
    parallel = 1,  ///< tracks that play together, over one tempo map
    patterns = 2   ///< tracks that stand alone, each with its own tempo map
};

/// What a tick is: a part of a quarter note, or a part of a SMPTE frame and so absolute time.
struct division {
    std::uint16_t raw = 480;  ///< as the header holds it

    [[nodiscard]] constexpr bool is_smpte() const { return (raw & 0x8000U) != 0; }
    /// Ticks a quarter note. A header that says 0 is read as 480, so that time goes on.
    [[nodiscard]] constexpr std::int32_t ticks_per_quarter() const { return raw == 0 ? 480 : raw & 0x7FFF; }
    /// SMPTE frames a second by name: 24, 25, 29 (which is 30000/1001) or 30.
    [[nodiscard]] constexpr int smpte_rate() const { return 256 - (raw >> 8); }
    [[nodiscard]] constexpr int ticks_per_frame() const { return std::max(raw & 0xFF, 1); }
    /// SMPTE: ticks in one second, or in 1.001 seconds at rate 29.
    [[nodiscard]] constexpr std::int32_t ticks_per_second() const {
        return (smpte_rate() == 29 ? 30 : smpte_rate()) * ticks_per_frame();
    }
    friend constexpr bool operator==(division, division) = default;
};

/// Events by tick, and where the track ends. End of Track is no event here: `end` is its tick, and its delta counts.
struct track {
    std::vector<event> events;
    payload_pool payloads;
    ticks end{};

    void add(ticks at, message m, std::uint8_t channel, std::uint8_t data1, std::uint8_t data2 = 0);
    void add(ticks at, meta type, std::span<const std::byte> bytes);
    void add(ticks at, meta type, std::string_view text) { add(at, type, std::as_bytes(std::span(text.data(), text.size()))); }
    /// Adds a system exclusive: the bytes after F0, the closing F7 among them.
    void add_sysex(ticks at, std::span<const std::byte> bytes, std::uint8_t status = sysex_status);

    [[nodiscard]] std::span<const std::byte> payload(const event& e) const {
        return e.is_channel() ? std::span<const std::byte>{} : payloads[e.payload];
    }
    /// Equal in every event and byte; where the bytes lie in the pool does not matter.
    friend bool operator==(const track& a, const track& b);
};

/// A chunk that is neither header nor track: kept as it is.
struct chunk {
    std::array<char, 4> id{};
    std::vector<std::byte> bytes;
    std::size_t before_track = 0;  ///< which track it stands before

    friend bool operator==(const chunk&, const chunk&) = default;
};

/// A Standard MIDI File.
struct file {
    midi::format format = midi::format::parallel;
    midi::division division{};
    std::vector<track> tracks{};
    std::vector<chunk> other_chunks{};

    friend bool operator==(const file&, const file&) = default;
};

// ---------------------------------------------------------------- bodies

inline void track::add(ticks at, message m, std::uint8_t channel, std::uint8_t data1, std::uint8_t data2) {
    events.push_back({at, 0, static_cast<std::uint8_t>(static_cast<std::uint8_t>(m) | (channel & 0x0F)), data1, data2});
    end = std::max(end, at);
}

inline void track::add(ticks at, meta type, std::span<const std::byte> bytes) {
    events.push_back({at, payloads.add(bytes), meta_status, static_cast<std::uint8_t>(type), 0});
    end = std::max(end, at);
}

inline void track::add_sysex(ticks at, std::span<const std::byte> bytes, std::uint8_t status) {
    events.push_back({at, payloads.add(bytes), status, 0, 0});
    end = std::max(end, at);
}

inline bool operator==(const track& a, const track& b) {
    return a.end == b.end &&
           std::equal(a.events.begin(), a.events.end(), b.events.begin(), b.events.end(), [&](const event& x, const event& y) {
               const auto p = a.payload(x), q = b.payload(y);
               return x.at == y.at && x.status == y.status && x.data1 == y.data1 && x.data2 == y.data2 &&
                      std::equal(p.begin(), p.end(), q.begin(), q.end());
           });
}

}  // namespace lofi::inline LOFI_ABI::midi
