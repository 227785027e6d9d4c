#pragma once
// What a MIDI file holds, in a few numbers.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lofi/core/units.hpp>
#include <lofi/midi/file.hpp>
#include <lofi/midi/notes.hpp>
#include <lofi/midi/time_map.hpp>

namespace lofi::inline LOFI_ABI::midi {

/// A file in numbers.
struct summary {
    midi::format format{};
    midi::division division{};
    std::size_t tracks = 0;
    std::uint64_t events = 0;    ///< End of Track not counted
    std::uint64_t note_ons = 0;  ///< with a velocity above 0
    std::uint64_t notes = 0;     ///< note-ons that a note-off ends
    ticks end_tick{};            ///< the largest tick of any track's last event, End of Track included
    seconds duration{};          ///< of the file; of the longest pattern where tracks stand alone
    std::size_t tempo_changes = 0;
    std::size_t meter_changes = 0;
    std::size_t key_changes = 0;
};

[[nodiscard]] inline summary summarise(const file& f) {
    summary s{.format = f.format, .division = f.division, .tracks = f.tracks.size()};
    for (std::size_t i = 0; i < f.tracks.size(); ++i) {
        const track& t = f.tracks[i];
        s.events += t.events.size();
        s.end_tick = std::max(s.end_tick, t.end);
        for (const event& e : t.events) s.key_changes += e.is(meta::key_signature) ? 1 : 0;
        for (const paired_note& n : pair_notes(t)) {
            ++s.note_ons;
            s.notes += n.closed ? 1 : 0;
        }
        if (f.format != format::patterns) continue;
        const time_map m(f, i);
        s.duration = std::max(s.duration, m.seconds_at(t.end));
        s.tempo_changes += m.tempo_changes().size();
        s.meter_changes += m.meters().size();
    }
    if (f.format != format::patterns) {
        const time_map m(f);
        s.duration = m.seconds_at(s.end_tick);
        s.tempo_changes = m.tempo_changes().size();
        s.meter_changes = m.meters().size();
    }
    return s;
}

}  // namespace lofi::inline LOFI_ABI::midi
