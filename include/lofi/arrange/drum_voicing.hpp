#pragma once
// From a drummer's hit to a lo-fi one: how hard, how late, on what.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/arrange/section.hpp>

namespace lofi::inline LOFI_ABI::arrange {

/// How a section sounds on the drums: sticks, or a rim and a shaker where it is quiet.
enum class drum_manner : std::uint8_t { full, soft };

/// A snare below this is a ghost note.
inline constexpr std::uint8_t ghost_below = 40;

/// The force of a hit in a groove as lo-fi plays it: a drummer's range, narrowed around a level of each voice's own.
[[nodiscard]] constexpr std::int32_t lofi_force(const score::drum_hit& h, drum_manner how);
/// The voice that plays it.
[[nodiscard]] constexpr score::drum lofi_voice(const score::drum_hit& h, drum_manner how);
/// How late it comes, in ticks: as the drummer played it, the looser the more.
[[nodiscard]] constexpr std::int32_t lofi_lateness(const score::drum_hit& h, const arrange_config& c);

// ---------------------------------------------------------------- bodies

namespace detail {

struct force_range {
    std::int16_t drummer, here, share;  // the drummers' usual velocity, ours, and how much of a difference is kept, in 1/256
};
// Usual velocities are those of the Groove MIDI Dataset's hip-hop, soul and funk windows at 100 bpm and below.
inline constexpr std::array<force_range, score::drum_count> force_ranges = {{{67, 84, 110},   // kick
                                                                             {104, 88, 64},   // snare
                                                                             {67, 54, 110},   // closed hat
                                                                             {104, 50, 64},   // open hat
                                                                             {100, 70, 90},   // low tom
                                                                             {100, 66, 90},   // mid tom
                                                                             {100, 64, 90},   // high tom
                                                                             {70, 58, 60},    // crash
                                                                             {78, 52, 100},   // ride
                                                                             {100, 68, 64},   // rim
                                                                             {67, 46, 80}}};  // shaker

}  // namespace detail

constexpr std::int32_t lofi_force(const score::drum_hit& h, drum_manner how) {
    using score::drum;
    const std::int32_t v = h.force.value;
    if (h.voice == drum::snare && v < ghost_below) return 20 + v / 4;
    const drum voice = lofi_voice(h, how);
    const detail::force_range r = detail::force_ranges[static_cast<std::size_t>(voice)];
    const bool tom = voice >= drum::low_tom && voice <= drum::high_tom;
    return r.here + (v - r.drummer) * r.share / 256 - (how == drum_manner::soft && tom ? 16 : 0);
}

constexpr score::drum lofi_voice(const score::drum_hit& h, drum_manner how) {
    using score::drum;
    if (how == drum_manner::full) return h.voice;
    switch (h.voice) {
        case drum::snare: return drum::rim;
        case drum::closed_hat:
        case drum::open_hat:
        case drum::ride: return drum::shaker;
        default: return h.voice;
    }
}

constexpr std::int32_t lofi_lateness(const score::drum_hit& h, const arrange_config& c) {
    // The backbeat leans back a little further than drummers let it.
    const std::int32_t lean = h.voice == score::drum::snare ? 8 : h.voice == score::drum::kick ? 0 : 4;
    return h.offset * std::int32_t{sixteenth} * c.looseness / (128 * 192) + lean;
}

}  // namespace lofi::inline LOFI_ABI::arrange
