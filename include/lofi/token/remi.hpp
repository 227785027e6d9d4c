#pragma once
// REMI and TSD with the default vocabularies of MidiTok: notes as pitch, velocity and duration, placed by bars or by shifts of time.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <lofi/core/error.hpp>
#include <lofi/score/piece.hpp>
#include <lofi/token/grammar.hpp>
#include <lofi/token/melody.hpp>

namespace lofi::inline LOFI_ABI::token {

/// How notes are placed in time.
enum class event_placing : std::uint8_t {
    bars,    ///< REMI: a bar token for every bar, then positions of 32 a bar
    shifts,  ///< TSD: time shifts from the table of durations, the largest first
};
enum class event_kind : std::uint8_t { pad, begin, end, mask, bar, pitch, velocity, duration, time, pitch_drum };

/// A token: of a pitch its MIDI number, of a velocity its value, of durations and times eighths of a beat (`time` is a position in REMI and a
/// shift in TSD).
struct event_token {
    event_kind kind = event_kind::pad;
    int value = 0;

    friend constexpr bool operator==(const event_token&, const event_token&) = default;
};

/// The vocabulary of 284 (REMI) or 315 (TSD) ids in MidiTok's order: PAD, BOS, EOS, MASK; in REMI Bar; pitches 21 to 109; 32
/// velocities; 64 durations; 32 positions or 64 time shifts; drum pitches 27 to 88.
/// source: Huang and Yang: Pop Music Transformer (2020); Fradet and others: MidiTok (2021), its defaults
template <event_placing P>
struct event_vocabulary {
    static constexpr bool has_bars = P == event_placing::bars;
    static constexpr int lowest = 21, pitches = 89, lowest_drum = 27, drums = 62, velocities = 32, durations = 64;
    static constexpr int first_bar = 4, first_pitch = first_bar + (has_bars ? 1 : 0), first_velocity = first_pitch + pitches,
                         first_duration = first_velocity + velocities, first_time = first_duration + durations,
                         first_drum = first_time + (has_bars ? 32 : durations);
    static constexpr std::size_t size = static_cast<std::size_t>(first_drum + drums);

    [[nodiscard]] static constexpr event_token token_of(std::int32_t id);
    /// The id of a token whose value is one of the vocabulary's.
    [[nodiscard]] static constexpr std::int32_t to_id(event_token t);
    /// "Bar_None", "Pitch_60", "Velocity_79", "Duration_1.4.8", "Position_12", "TimeShift_0.2.8", "PitchDrum_36", "PAD_None", ...
    [[nodiscard]] static std::string spell(std::int32_t id);
    /// What may follow an id, places of a bar aside (see `event_grammar`): -1 stands for the beginning.
    [[nodiscard]] static constexpr bool may_follow(std::int32_t last, std::int32_t id);

    /// Turns a piece, all its tracks together, into ids. Pitches outside the vocabulary do not count.
    /// errors: a metre other than 4/4 (REMI), no notes, more than 10,000 bars
    [[nodiscard]] static result<std::vector<std::int32_t>> encode(const score::piece& piece);
    /// errors: "token 7: Velocity_79 may not follow Bar_None"
    [[nodiscard]] static result<score::piece> decode(std::span<const std::int32_t> ids, bpm tempo = bpm(120));
};
using remi = event_vocabulary<event_placing::bars>;
using tsd = event_vocabulary<event_placing::shifts>;
static_assert(remi::size == 284 && tsd::size == 315);

/// What may follow what: `may_follow`, and in REMI places that rise within a bar.
template <event_placing P>
class event_grammar {
public:
    /// realtime: yes
    [[nodiscard]] constexpr bool allows(std::int32_t id) const noexcept;
    constexpr void push(std::int32_t id) noexcept;
    [[nodiscard]] constexpr bool done() const noexcept { return last_ == static_cast<std::int32_t>(event_kind::end); }

private:
    using vocabulary = event_vocabulary<P>;
    std::int32_t last_ = -1;
    int place_ = -1;  // of the bar, -1 before the first
};

/// Durations in eighths of a beat: 1 to 31, then quarters of a beat from 4 to 11.75 beats, and 12.
[[nodiscard]] constexpr int event_duration(int number) {
    return number < 31 ? number + 1 : number < 63 ? 32 + 2 * (number - 31) : 96;
}
/// The number of the nearest duration, the larger of two.
[[nodiscard]] constexpr int event_duration_number(std::int64_t eighths);
/// Velocities: int(i * 127 / 32), i from 1 to 32.
[[nodiscard]] constexpr int event_velocity(int number) { return (number + 1) * 127 / 32; }
[[nodiscard]] constexpr int event_velocity_number(int velocity);

// ---------------------------------------------------------------- bodies

constexpr int event_duration_number(std::int64_t eighths) {
    int best = 0;
    const auto off = [&](int n) {
        return eighths < event_duration(n) ? event_duration(n) - eighths : eighths - event_duration(n);
    };
    for (int n = 1; n < 64; ++n)
        if (off(n) <= off(best)) best = n;
    return best;
}

constexpr int event_velocity_number(int velocity) {
    int best = 0;
    const auto off = [&](int n) {
        return velocity < event_velocity(n) ? event_velocity(n) - velocity : velocity - event_velocity(n);
    };
    for (int n = 1; n < 32; ++n)
        if (off(n) <= off(best)) best = n;
    return best;
}

template <event_placing P>
constexpr event_token event_vocabulary<P>::token_of(std::int32_t id) {
    LOFI_ASSERT(id >= 0 && id < static_cast<std::int32_t>(size), "an id is below the vocabulary's size");
    if (id < first_bar) return {static_cast<event_kind>(id), 0};
    if (id < first_pitch) return {event_kind::bar, 0};
    if (id < first_velocity) return {event_kind::pitch, id - first_pitch + lowest};
    if (id < first_duration) return {event_kind::velocity, event_velocity(id - first_velocity)};
    if (id < first_time) return {event_kind::duration, event_duration(id - first_duration)};
    if (id < first_drum) return {event_kind::time, has_bars ? id - first_time : event_duration(id - first_time)};
    return {event_kind::pitch_drum, id - first_drum + lowest_drum};
}

template <event_placing P>
constexpr std::int32_t event_vocabulary<P>::to_id(event_token t) {
    switch (t.kind) {
        case event_kind::pad:
        case event_kind::begin:
        case event_kind::end:
        case event_kind::mask: return static_cast<std::int32_t>(t.kind);
        case event_kind::bar: return first_bar;
        case event_kind::pitch: return first_pitch + t.value - lowest;
        case event_kind::velocity: return first_velocity + event_velocity_number(t.value);
        case event_kind::duration: return first_duration + event_duration_number(t.value);
        case event_kind::time: return first_time + (has_bars ? t.value : event_duration_number(t.value));
        case event_kind::pitch_drum: return first_drum + t.value - lowest_drum;
    }
    return 0;
}

template <event_placing P>
std::string event_vocabulary<P>::spell(std::int32_t id) {
    const event_token t = token_of(id);
    constexpr std::string_view names[] = {"PAD", "BOS", "EOS", "MASK", "Bar", "Pitch", "Velocity", "Duration", "", "PitchDrum"};
    const auto beats = [&](int eighths) {
        // Up to 4 beats in eighths of a beat, then in quarters.
        const int res = eighths < 32 ? 8 : 4, parts = eighths * res / 8;
        return std::to_string(parts / res) + "." + std::to_string(parts % res) + "." + std::to_string(res);
    };
    switch (t.kind) {
        case event_kind::pitch:
        case event_kind::velocity:
        case event_kind::pitch_drum:
            return std::string(names[static_cast<std::size_t>(t.kind)]).append("_").append(std::to_string(t.value));
        case event_kind::duration: return "Duration_" + beats(t.value);
        case event_kind::time: return has_bars ? "Position_" + std::to_string(t.value) : "TimeShift_" + beats(t.value);
        default: return std::string(names[static_cast<std::size_t>(t.kind)]).append("_None");
    }
}

template <event_placing P>
constexpr bool event_vocabulary<P>::may_follow(std::int32_t last, std::int32_t id) {
    const event_kind next = token_of(id).kind;
    const bool pitch = next == event_kind::pitch || next == event_kind::pitch_drum;
    if (next == event_kind::pad || next == event_kind::begin || next == event_kind::mask) return false;
    if (last < 0) return has_bars ? next == event_kind::bar : pitch || next == event_kind::time;
    switch (token_of(last).kind) {
        case event_kind::bar: return next == event_kind::bar || next == event_kind::time || next == event_kind::end;
        case event_kind::time:
            if (next == event_kind::time && !has_bars) return true;
            return pitch;
        case event_kind::pitch:
        case event_kind::pitch_drum: return next == event_kind::velocity;
        case event_kind::velocity: return next == event_kind::duration;
        case event_kind::duration:
            return pitch || next == event_kind::time || next == event_kind::bar || next == event_kind::end;
        default: return false;
    }
}

template <event_placing P>
constexpr bool event_grammar<P>::allows(std::int32_t id) const noexcept {
    if (done() || id < 0 || id >= static_cast<std::int32_t>(vocabulary::size) || !vocabulary::may_follow(last_, id))
        return false;
    const event_token t = vocabulary::token_of(id);
    return !vocabulary::has_bars || t.kind != event_kind::time || t.value > place_;
}

template <event_placing P>
constexpr void event_grammar<P>::push(std::int32_t id) noexcept {
    LOFI_ASSERT(allows(id), "only what the grammar allows may come next");
    const event_token t = vocabulary::token_of(id);
    if (t.kind == event_kind::bar) place_ = -1;
    if (t.kind == event_kind::time) place_ = t.value;
    last_ = id;
}

template <event_placing P>
result<std::vector<std::int32_t>> event_vocabulary<P>::encode(const score::piece& piece) {
    if (has_bars)
        if (auto fine = detail::in_common_time(piece); !fine) return fine.error();
    const std::int64_t quarter = piece.resolution().ticks_per_quarter;
    const auto eighths = [&](ticks t) { return (16 * t.value + quarter) / (2 * quarter); };  // of a beat, halves up
    struct event {
        std::int64_t at;
        int pitch, duration, velocity;
        bool drum;
    };
    std::vector<event> notes;
    for (const score::track& t : piece.tracks)
        for (const score::note& n : t.notes) {
            const int midi = n.which.midi;
            const bool drum = t.drums();
            if (drum ? midi < lowest_drum || midi >= lowest_drum + drums : midi < lowest || midi >= lowest + pitches) continue;
            const std::int64_t length = std::max<std::int64_t>(1, eighths(n.length));
            notes.push_back(
                {eighths(n.start), midi, event_duration_number(length), event_velocity_number(n.force.value), drum});
        }
    if (notes.empty()) return error("piece", "has no notes that the vocabulary knows");
    std::sort(notes.begin(), notes.end(), [](const event& a, const event& b) {
        return std::tie(a.at, a.drum, a.pitch, a.duration, a.velocity) <
               std::tie(b.at, b.drum, b.pitch, b.duration, b.velocity);
    });
    if (notes.back().at >= 32 * 10000) return error("piece", "is longer than 10000 bars");
    std::vector<std::int32_t> out;
    std::int64_t bars = 0, now = 0;
    for (std::size_t i = 0; i < notes.size(); ++i) {
        const event& n = notes[i];
        if (has_bars) {
            for (; bars <= n.at / 32; ++bars) out.push_back(first_bar);
            if (i == 0 || n.at != notes[i - 1].at) out.push_back(first_time + static_cast<std::int32_t>(n.at % 32));
        } else {
            for (; now < n.at;) {
                int largest = 63;
                while (event_duration(largest) > n.at - now) --largest;
                out.push_back(first_time + largest);
                now += event_duration(largest);
            }
        }
        out.push_back(n.drum ? first_drum + n.pitch - lowest_drum : first_pitch + n.pitch - lowest);
        out.push_back(first_velocity + n.velocity);
        out.push_back(first_duration + n.duration);
    }
    return out;
}

template <event_placing P>
result<score::piece> event_vocabulary<P>::decode(std::span<const std::int32_t> ids, bpm tempo) {
    constexpr std::int64_t eighth = 60;  // of a beat
    score::piece out;
    out.tempo = score::tempo_map(score::resolution(8 * eighth));
    out.tempo.set(ticks(0), tempo);
    out.tracks.resize(2);
    out.tracks[0].name = "keys";
    out.tracks[1].name = "drums", out.tracks[1].part = score::part::drums, out.tracks[1].channel = 9;
    std::int64_t bars = 0, now = 0;
    std::size_t track = 0;
    event_grammar<P> grammar;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto known = [&](std::int32_t id) { return id >= 0 && id < static_cast<std::int32_t>(size); };
        const std::string here = "token " + std::to_string(i + 1);
        if (!known(ids[i])) return error(here, std::to_string(ids[i]) + " is not below " + std::to_string(size));
        const event_token t = token_of(ids[i]);
        if (!grammar.allows(ids[i]))
            return error(here,
                         spell(ids[i]) + (i == 0 ? std::string(" is no beginning") : " may not follow " + spell(ids[i - 1])));
        grammar.push(ids[i]);
        switch (t.kind) {
            case event_kind::bar: ++bars; break;
            case event_kind::time: now = has_bars ? (bars - 1) * 32 + t.value : now + t.value; break;
            case event_kind::pitch:
            case event_kind::pitch_drum:
                track = t.kind == event_kind::pitch_drum ? 1 : 0;
                out.tracks[track].notes.push_back({ticks(now * eighth), ticks(eighth), score::pitch(t.value), {}});
                break;
            case event_kind::velocity: out.tracks[track].notes.back().force = score::velocity(t.value); break;
            case event_kind::duration: out.tracks[track].notes.back().length = ticks(t.value * eighth); break;
            default: break;
        }
    }
    if (out.tracks[1].notes.empty()) out.tracks.pop_back();
    for (score::track& t : out.tracks) score::sort_notes(t.notes);
    out.length = std::max(out.last_end(), ticks(bars * 32 * eighth));
    return out;
}

}  // namespace lofi::inline LOFI_ABI::token
