#pragma once
// MIDI-Like tokens: note-ons with their velocities, note-offs, and shifts of time between them.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <lofi/core/error.hpp>
#include <lofi/score/piece.hpp>
#include <lofi/token/grammar.hpp>
#include <lofi/token/remi.hpp>

namespace lofi::inline LOFI_ABI::token {

/// The 402 ids in MidiTok's order: PAD, BOS, EOS, MASK; note-ons and note-offs of pitches 21 to 109; 32 velocities; 64 shifts; drum-ons and
/// drum-offs of 27 to 88. At one time note-offs stand before note-ons, drums behind the rest, lower before higher; a shift is as
/// long as the table of durations lets it be.
/// source: Oore and others: This Time with Feeling (2018); Fradet and others: MidiTok (2021), its defaults
struct midi_like {
    static constexpr int pitches = 89, lowest = 21, drums = 62, lowest_drum = 27;
    static constexpr int pad = 0, begin = 1, end = 2, mask = 3, note_on = 4, note_off = note_on + pitches,
                         velocity = note_off + pitches, shift = velocity + 32, drum_on = shift + 64, drum_off = drum_on + drums;
    static constexpr std::size_t size = drum_off + drums;
    static constexpr int keys = pitches + drums;  ///< what can sound: pitches, then drums

    /// "NoteOn_60", "NoteOff_60", "Velocity_79", "TimeShift_0.2.8", "DrumOn_36", "DrumOff_36", "PAD_None", ...
    [[nodiscard]] static std::string spell(std::int32_t id);

    /// Turns a piece, all its tracks together, into ids. Of one pitch twice at once the longer stays, of two as long the louder; one that
    /// begins while it sounds ends what sounded. Pitches outside the vocabulary do not count.
    /// errors: no notes, more than 40,000 quarter notes
    [[nodiscard]] static result<std::vector<std::int32_t>> encode(const score::piece& piece);
    /// Turns ids into a piece, first in, first out; what is not ended sounds to the end. Takes the events of a time in any order.
    /// errors: "token 7: NoteOff_60 ends nothing", "token 9: Velocity_79 may not follow NoteOff_60"
    [[nodiscard]] static result<score::piece> decode(std::span<const std::int32_t> ids, bpm tempo = bpm(120));
};
static_assert(midi_like::size == 402);

/// What may follow what. Every sequence that keeps to it from the first note to `end` is the tokens of just one piece.
class midi_like_grammar {
public:
    /// realtime: yes
    [[nodiscard]] constexpr bool allows(std::int32_t id) const noexcept;
    constexpr void push(std::int32_t id) noexcept;
    [[nodiscard]] constexpr bool done() const noexcept { return last_ == midi_like::end; }

private:
    [[nodiscard]] constexpr bool sounds(int key) const {
        return (sounding_[static_cast<std::size_t>(key) / 64] >> key % 64 & 1U) != 0;
    }

    std::array<std::uint64_t, (midi_like::keys + 63) / 64> sounding_{};
    int last_ = -1;            // first id of a kind
    int key_ = -1, span_ = 0;  // of the last event at this time; eighths of the last shift
    int count_ = 0;            // of what sounds
};

// ---------------------------------------------------------------- bodies

namespace detail {

// A note-on or note-off, of drums too: which key, pitches before drums; -1: neither.
struct key_event {
    int key = -1;
    bool on = false;
};
constexpr key_event key_event_of(std::int32_t id) {
    using m = midi_like;
    if (id >= m::note_on && id < m::note_off) return {id - m::note_on, true};
    if (id >= m::note_off && id < m::velocity) return {id - m::note_off, false};
    if (id >= m::drum_on && id < m::drum_off) return {id - m::drum_on + m::pitches, true};
    if (id >= m::drum_off && id < static_cast<std::int32_t>(m::size)) return {id - m::drum_off + m::pitches, false};
    return {};
}
constexpr std::int32_t id_of_key(int key, bool on) {
    using m = midi_like;
    if (key < m::pitches) return (on ? m::note_on : m::note_off) + key;
    return (on ? m::drum_on : m::drum_off) + key - m::pitches;
}

// Whether a shift may stand behind another one: the longest that fits comes first.
constexpr bool shift_may_follow(int before, int eighths) {
    const int longest = event_duration(63);
    if (before == longest) return true;
    int fits = 63;
    while (event_duration(fits) > before + eighths) --fits;
    return event_duration(fits) == before;
}

}  // namespace detail

inline std::string midi_like::spell(std::int32_t id) {
    LOFI_ASSERT(id >= 0 && id < static_cast<std::int32_t>(size), "an id is below the vocabulary's size");
    if (const auto [key, on] = detail::key_event_of(id); key >= 0) {
        const bool drum = key >= pitches;
        const int midi = drum ? key - pitches + lowest_drum : key + lowest;
        return std::string(drum ? "Drum" : "Note").append(on ? "On_" : "Off_").append(std::to_string(midi));
    }
    // The rest is spelled as TSD has it.
    if (id < note_on) return tsd::spell(id);
    return tsd::spell(id < shift ? tsd::first_velocity + id - velocity : tsd::first_time + id - shift);
}

constexpr bool midi_like_grammar::allows(std::int32_t id) const noexcept {
    using m = midi_like;
    if (done() || id < 0 || id >= static_cast<std::int32_t>(m::size)) return false;
    if (last_ == m::note_on) return id >= m::velocity && id < m::shift;
    if (id < m::note_on) return id == m::end && count_ == 0 && last_ == m::note_off;
    if (const auto [key, on] = detail::key_event_of(id); key >= 0) {
        if (on) return !sounds(key) && (last_ != m::velocity || key > key_);
        return sounds(key) && (last_ == m::shift || (last_ == m::note_off && key > key_));
    }
    return id >= m::shift && (last_ != m::shift || detail::shift_may_follow(span_, event_duration(id - m::shift)));
}

constexpr void midi_like_grammar::push(std::int32_t id) noexcept {
    using m = midi_like;
    LOFI_ASSERT(allows(id), "only what the grammar allows may come next");
    if (const auto [key, on] = detail::key_event_of(id); key >= 0) {
        sounding_[static_cast<std::size_t>(key) / 64] ^= std::uint64_t{1} << key % 64;
        count_ += on ? 1 : -1;
        key_ = key;
        last_ = on ? m::note_on : m::note_off;
    } else if (id >= m::shift) {
        // Behind a longest shift everything starts anew; behind a shorter one its rest is all that can come.
        const int eighths = event_duration(id - m::shift);
        span_ = last_ == m::shift && span_ != event_duration(63) ? span_ + eighths : eighths;
        last_ = m::shift;
    } else {
        last_ = id >= m::velocity ? m::velocity : m::end;
    }
}

inline result<std::vector<std::int32_t>> midi_like::encode(const score::piece& piece) {
    const std::int64_t quarter = piece.resolution().ticks_per_quarter;
    const auto eighths = [&](ticks t) { return (16 * t.value + quarter) / (2 * quarter); };  // of a beat, halves up
    struct sounding {
        int key;
        std::int64_t start, end;
        int velocity;
    };
    std::vector<sounding> notes;
    for (const score::track& t : piece.tracks)
        for (const score::note& n : t.notes) {
            const int midi = n.which.midi;
            const bool drum = t.drums();
            const int key = drum ? midi - lowest_drum : midi - lowest;
            if (key < 0 || key >= (drum ? drums : pitches)) continue;
            const std::int64_t start = eighths(n.start);
            if (start < 0) return error("tick " + std::to_string(n.start.value), "lies before the start");
            if (start + eighths(n.length) >= 320000)
                return error("tick " + std::to_string(n.end().value), "lies beyond 40000 quarter notes");
            notes.push_back({drum ? key + pitches : key, start, start + std::max<std::int64_t>(1, eighths(n.length)),
                             event_velocity_number(n.force.value)});
        }
    if (notes.empty()) return error("piece", "has no notes that the vocabulary knows");
    std::sort(notes.begin(), notes.end(), [](const sounding& a, const sounding& b) {
        return std::tie(a.key, a.start, b.end, b.velocity) < std::tie(b.key, b.start, a.end, a.velocity);
    });
    struct event {
        std::int64_t at;
        bool on;
        int key, velocity;
    };
    std::vector<event> events;
    for (std::size_t i = 0; i < notes.size(); ++i) {
        const sounding& n = notes[i];
        if (i > 0 && notes[i - 1].key == n.key && notes[i - 1].start == n.start) continue;
        std::size_t next = i + 1;
        while (next < notes.size() && notes[next].key == n.key && notes[next].start == n.start) ++next;
        const bool cut = next < notes.size() && notes[next].key == n.key;
        events.push_back({n.start, true, n.key, n.velocity});
        events.push_back({cut ? std::min(n.end, notes[next].start) : n.end, false, n.key, 0});
    }
    std::sort(events.begin(), events.end(),
              [](const event& a, const event& b) { return std::tie(a.at, a.on, a.key) < std::tie(b.at, b.on, b.key); });
    std::vector<std::int32_t> out;
    std::int64_t now = 0;
    for (const event& e : events) {
        while (now < e.at) {
            int longest = 63;
            while (event_duration(longest) > e.at - now) --longest;
            out.push_back(shift + longest);
            now += event_duration(longest);
        }
        out.push_back(detail::id_of_key(e.key, e.on));
        if (e.on) out.push_back(velocity + e.velocity);
    }
    return out;
}

inline result<score::piece> midi_like::decode(std::span<const std::int32_t> ids, bpm tempo) {
    constexpr std::int64_t eighth = 60;  // of a beat
    score::piece out;
    out.tempo = score::tempo_map(score::resolution(8 * eighth));
    out.tempo.set(ticks(0), tempo);
    out.tracks.resize(2);
    out.tracks[0].name = "keys";
    out.tracks[1].name = "drums", out.tracks[1].part = score::part::drums, out.tracks[1].channel = 9;
    std::array<std::vector<std::size_t>, keys> open;  // notes that wait for their end, the oldest first
    std::int64_t now = 0;
    const auto track_of = [&](int key) -> score::track& { return out.tracks[key < pitches ? 0 : 1]; };
    const auto close = [&](int key, std::size_t n) {
        score::note& note = track_of(key).notes[n];
        note.length = std::max(ticks(eighth), ticks(now * eighth) - note.start);
    };
    bool waits = false;  // for a velocity
    int key = -1;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const std::string here = "token " + std::to_string(i + 1);
        if (ids[i] < 0 || ids[i] >= static_cast<std::int32_t>(size))
            return error(here, std::to_string(ids[i]) + " is not below " + std::to_string(size));
        const bool force = ids[i] >= velocity && ids[i] < shift, last = ids[i] == end && i + 1 == ids.size();
        if (force != waits || (ids[i] < note_on && !last))
            return error(here,
                         spell(ids[i]) + (i == 0 ? std::string(" is no beginning") : " may not follow " + spell(ids[i - 1])));
        waits = false;
        if (force) {
            track_of(key).notes.back().force = score::velocity(event_velocity(ids[i] - velocity));
        } else if (const detail::key_event e = detail::key_event_of(ids[i]); e.key >= 0) {
            key = e.key;
            auto& waiting = open[static_cast<std::size_t>(key)];
            if (e.on) {
                const int midi = key < pitches ? key + lowest : key - pitches + lowest_drum;
                waiting.push_back(track_of(key).notes.size());
                track_of(key).notes.push_back({ticks(now * eighth), ticks(eighth), score::pitch(midi), {}});
                waits = true;
            } else {
                if (waiting.empty()) return error(here, spell(ids[i]) + " ends nothing");
                close(key, waiting.front());
                waiting.erase(waiting.begin());
            }
        } else if (ids[i] >= shift) {
            now += event_duration(ids[i] - shift);
        }
    }
    for (int k = 0; k < keys; ++k)
        for (const std::size_t n : open[static_cast<std::size_t>(k)]) close(k, n);
    if (out.tracks[1].notes.empty()) out.tracks.pop_back();
    for (score::track& t : out.tracks) score::sort_notes(t.notes);
    out.length = std::max(out.last_end(), ticks(now * eighth));
    return out;
}

}  // namespace lofi::inline LOFI_ABI::token
