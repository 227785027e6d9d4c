#pragma once
// MIDI files to pieces of music, and back.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <lofi/core/error.hpp>
#include <lofi/midi/file.hpp>
#include <lofi/midi/notes.hpp>
#include <lofi/midi/text.hpp>
#include <lofi/midi/time_map.hpp>
#include <lofi/score/piece.hpp>

namespace lofi::inline LOFI_ABI::midi {

/// Makes a piece of a file: notes, controls (pedals among them), programs, names, markers, tempo, metre, keys, and the end.
/// One track of the piece for every instrument of a track of the file: port, channel and program. What a piece has no
/// place for (pitch bend, pressure, lyrics, system exclusives) stays in the file.
/// In format 2 every track is a piece of its own, and `pattern` says which; elsewhere it must be 0.
/// errors: a file without that pattern, or longer than 2^38 ticks, where exact time would overflow
[[nodiscard]] result<score::piece> to_piece(const file& f, std::size_t pattern = 0);

/// Makes a file of format 1 of a piece: a first track with tempo, metre, keys and markers, then a track for every track.
/// Note-offs stand before note-ons of the same tick; every End of Track is at the end of the piece. Parts (as instrument
/// names) and modes (as texts) are written so that `to_piece` gives the same piece; notes that overlap on one key and
/// channel are told apart first in, first out, as MIDI has it.
/// errors: what MIDI cannot say: a resolution above 32767, ticks below 0, channels above 15, a metre of thirds, too slow a tempo
[[nodiscard]] result<file> from_piece(const score::piece& p);

// ---------------------------------------------------------------- bodies

namespace detail {

/// The part an instrument most likely plays, from its General MIDI channel and program.
constexpr score::part part_of_program(std::uint8_t channel, std::uint8_t program) {
    if (channel == 9) return score::part::drums;
    if (program >= 32 && program < 40) return score::part::bass;
    if (program >= 88 && program < 104) return score::part::texture;                // pads and effects
    if (program < 32 || (program >= 44 && program < 56)) return score::part::keys;  // what plays chords
    return program < 88 ? score::part::melody : score::part::texture;
}

inline bool part_from(std::string_view name, score::part& out) {
    for (std::size_t i = 0; i < score::part_count; ++i)
        if (name == to_string(static_cast<score::part>(i))) return out = static_cast<score::part>(i), true;
    return false;
}

inline std::string_view raw_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline constexpr std::string_view mode_prefix = "key: ";

class piece_maker {
public:
    piece_maker(const file& f, std::size_t first, std::size_t count) : f_(f), first_(first), count_(count) {}
    score::piece make(const time_map& times);

private:
    // Which program a channel of a port has from a tick on. All tracks of a file share it.
    struct program_change {
        ticks at;
        std::uint8_t program;
    };
    using instrument = std::tuple<std::uint8_t, std::uint8_t, std::uint8_t>;  // port, channel, program

    void gather_programs();
    [[nodiscard]] std::uint8_t program_at(std::uint8_t port, std::uint8_t channel, ticks t) const;
    void add_track(const track& t, bool conductor);

    const file& f_;
    std::size_t first_, count_;
    std::map<std::pair<std::uint8_t, std::uint8_t>, std::vector<program_change>> programs_;
    score::piece out_;
};

inline void piece_maker::gather_programs() {
    for (std::size_t i = 0; i < count_; ++i) {
        const track& t = f_.tracks[first_ + i];
        std::uint8_t port = 0;
        for (const event& e : t.events) {
            port = port_after(t, e, port);
            if (e.is(message::program_change)) programs_[{port, e.channel()}].push_back({e.at, e.data1});
        }
    }
    for (auto& [channel, changes] : programs_)
        std::stable_sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
}

inline std::uint8_t piece_maker::program_at(std::uint8_t port, std::uint8_t channel, ticks t) const {
    const auto found = programs_.find({port, channel});
    if (found == programs_.end()) return 0;
    const auto& changes = found->second;
    const auto after =
        std::upper_bound(changes.begin(), changes.end(), t, [](ticks v, const program_change& c) { return v < c.at; });
    // Before its first change a channel has that first program: files often set it a little late.
    return after == changes.begin() ? changes.front().program : std::prev(after)->program;
}

inline void piece_maker::add_track(const track& t, bool conductor) {
    std::string name;
    score::part part{};
    bool has_part = false;
    std::map<instrument, std::size_t> place;
    const std::size_t before = out_.tracks.size();
    const auto track_of = [&](std::uint8_t port, std::uint8_t channel, ticks at) -> score::track& {
        const std::uint8_t program = program_at(port, channel, at);
        const auto [found, is_new] = place.try_emplace({port, channel, program}, out_.tracks.size());
        if (is_new) out_.tracks.push_back({{}, part_of_program(channel, program), channel, program, {}, {}});
        return out_.tracks[found->second];
    };
    for (const paired_note& n : pair_notes(t))
        track_of(n.port, n.channel, n.start)
            .notes.push_back({n.start, n.length, score::pitch(n.key), score::velocity(n.velocity)});
    std::uint8_t port = 0;
    bool named = false;
    for (const event& e : t.events) {
        port = port_after(t, e, port);
        if (e.is(message::control_change))
            track_of(port, e.channel(), e.at).controls.push_back({e.at, e.data1, e.data2});
        else if (e.is(meta::track_name) && !std::exchange(named, true))
            name = text_utf8(t.payload(e));
        else if (e.is(meta::instrument_name) && !has_part)
            has_part = part_from(raw_text(t.payload(e)), part);
        else if (e.is(meta::marker))
            out_.markers.push_back({e.at, text_utf8(t.payload(e))});
    }
    // An instrument that is set up but never played is a track without notes.
    port = 0;
    for (const event& e : t.events) {
        port = port_after(t, e, port);
        if (e.is(message::program_change) && out_.tracks.size() == before) track_of(port, e.channel(), e.at);
    }
    if (conductor) out_.title = name;
    for (std::size_t i = before; i < out_.tracks.size(); ++i) {
        score::track& made = out_.tracks[i];
        made.name = name;
        if (has_part) made.part = part;
        score::sort_notes(made.notes);
    }
}

inline score::piece piece_maker::make(const time_map& times) {
    out_.tempo = score::tempo_map(times.resolution(), times.tempo_changes());
    out_.meters = times.meters();
    out_.keys = times.keys();
    gather_programs();
    for (std::size_t i = 0; i < count_; ++i) {
        const track& t = f_.tracks[first_ + i];
        add_track(t, i == 0);
        out_.length = std::max(out_.length, t.end);
        for (const event& e : t.events) {
            // A mode that key signatures cannot say stands beside the signature as a text.
            if (!e.is(meta::text)) continue;
            const std::string_view text = raw_text(t.payload(e));
            if (text.substr(0, mode_prefix.size()) != mode_prefix) continue;
            const auto key = score::parse_key(text.substr(mode_prefix.size()));
            for (score::key_change& k : out_.keys)
                if (key && k.at == e.at && signature(*key) == signature(k.key)) k.key = *key;
        }
    }
    std::stable_sort(out_.markers.begin(), out_.markers.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    return std::move(out_);
}

/// Writes what a piece says of time, and its markers.
inline std::string conductor_of(const score::piece& p, track& out) {
    // Stable by tick, and on one tick in this order: metre, key, tempo, marker.
    std::vector<std::pair<ticks, std::pair<meta, std::string>>> items;
    const auto add = [&](ticks at, meta type, std::string bytes) { items.push_back({at, {type, std::move(bytes)}}); };
    for (const score::meter_change& m : p.meters) {
        int exponent = 0;
        while ((1 << exponent) < m.denominator) ++exponent;
        if (m.numerator == 0 || (1 << exponent) != m.denominator)
            return "metre " + std::to_string(m.numerator) + "/" + std::to_string(m.denominator) + " has no MIDI form";
        // A click every quarter note, or every dotted one where the metre is compound; 8 thirty-seconds a quarter note.
        const bool compound = m.denominator == 8 && m.numerator % 3 == 0;
        add(m.at, meta::time_signature,
            {static_cast<char>(m.numerator), static_cast<char>(exponent), compound ? '\x24' : '\x18', '\x08'});
    }
    for (const score::key_change& k : p.keys) {
        const bool minor = (mask(k.key.scale) >> 3 & 1U) != 0;  // the third of the scale
        add(k.at, meta::key_signature, {static_cast<char>(signature(k.key)), minor ? '\x01' : '\x00'});
        if (k.key.scale != score::mode::ionian && k.key.scale != score::mode::aeolian)
            add(k.at, meta::text, std::string(mode_prefix) + to_string(k.key));
    }
    for (const score::tempo_change& c : p.tempo.changes()) {
        const std::uint32_t t = c.microseconds_per_quarter;
        if (t > 0xFFFFFF) return "a tempo of " + std::to_string(t) + " microseconds a quarter note is slower than MIDI can say";
        add(c.at, meta::tempo, {static_cast<char>(t >> 16), static_cast<char>(t >> 8), static_cast<char>(t)});
    }
    for (const score::marker& m : p.markers) add(m.at, meta::marker, m.text);
    std::stable_sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    if (!p.title.empty()) out.add(ticks(0), meta::track_name, p.title);
    for (const auto& [at, item] : items) {
        if (at.value < 0) return "a change of tempo, metre or key, or a marker, stands before tick 0";
        out.add(at, item.first, item.second);
    }
    return {};
}

/// Says at which ticks a track has to set its program: at its start, or where another track has taken the channel meanwhile.
inline std::vector<std::vector<ticks>> program_ticks(const score::piece& p) {
    std::vector<std::vector<ticks>> out(p.tracks.size());
    for (std::uint8_t channel = 0; channel < 16; ++channel) {
        std::vector<std::size_t> sharers;
        for (std::size_t i = 0; i < p.tracks.size(); ++i)
            if (p.tracks[i].channel == channel) sharers.push_back(i);
        const auto same = [&](std::size_t i) { return p.tracks[i].program == p.tracks[sharers.front()].program; };
        if (std::all_of(sharers.begin(), sharers.end(), same)) {
            for (const std::size_t i : sharers) out[i] = {ticks(0)};
            continue;
        }
        std::vector<std::pair<ticks, std::size_t>> uses;
        for (const std::size_t i : sharers) {
            for (const score::note& n : p.tracks[i].notes) uses.emplace_back(n.start, i);
            for (const score::control& c : p.tracks[i].controls) uses.emplace_back(c.at, i);
        }
        std::sort(uses.begin(), uses.end());
        int program = -1;
        for (const auto& [at, i] : uses) {
            if (p.tracks[i].program == program) continue;
            program = p.tracks[i].program;
            out[i].push_back(at);
        }
    }
    return out;
}

inline std::string track_of(const score::track& t, const std::vector<ticks>& programs, track& out) {
    struct item {
        ticks at;
        int order;  // on one tick: notes end, the program changes, controls change, notes start
        message what;
        std::uint8_t data1, data2;
    };
    if (t.channel > 15) return "channel " + std::to_string(t.channel) + " is above 15";
    std::vector<item> items;
    items.reserve(2 * t.notes.size() + t.controls.size() + programs.size());
    for (const ticks at : programs) items.push_back({at, 1, message::program_change, t.program, 0});
    for (const score::control& c : t.controls) items.push_back({c.at, 2, message::control_change, c.number, c.value});
    for (const score::note& n : t.notes) {
        if (n.length.value < 0) return "a note ends before it starts";
        // A note without length ends after it has started.
        items.push_back({n.start, 3, message::note_on, n.which.midi, n.force.value});
        items.push_back({n.end(), n.length.value == 0 ? 3 : 0, message::note_off, n.which.midi, 64});
    }
    std::stable_sort(items.begin(), items.end(),
                     [](const item& a, const item& b) { return a.at != b.at ? a.at < b.at : a.order < b.order; });
    if (!items.empty() && items.front().at.value < 0) return "a note or a control stands before tick 0";
    if (!t.name.empty()) out.add(ticks(0), meta::track_name, t.name);
    out.add(ticks(0), meta::instrument_name, to_string(t.part));
    for (const item& i : items) out.add(i.at, i.what, t.channel, i.data1, i.data2);
    return {};
}

}  // namespace detail

inline result<score::piece> to_piece(const file& f, std::size_t pattern) {
    const bool patterns = f.format == format::patterns;
    if (pattern >= std::max<std::size_t>(patterns ? f.tracks.size() : 1, 1))
        return error("pattern " + std::to_string(pattern), "the file has " + std::to_string(patterns ? f.tracks.size() : 1));
    constexpr ticks longest{std::int64_t{1} << 38};
    for (const track& t : f.tracks)
        if (t.end > longest)
            return error("the file is " + std::to_string(t.end.value) + " ticks long; at most 2^38 make a piece");
    if (patterns && !f.tracks.empty()) return detail::piece_maker(f, pattern, 1).make(time_map(f, pattern));
    return detail::piece_maker(f, 0, f.tracks.size()).make(time_map(f));
}

inline result<file> from_piece(const score::piece& p) {
    const std::int32_t resolution = p.resolution().ticks_per_quarter;
    if (resolution > 0x7FFF) return error("a resolution of " + std::to_string(resolution) + " ticks is above MIDI's 32767");
    file f;
    f.division.raw = static_cast<std::uint16_t>(resolution);
    f.tracks.resize(p.tracks.size() + 1);
    if (std::string wrong = detail::conductor_of(p, f.tracks[0]); !wrong.empty()) return error(std::move(wrong));
    const auto programs = detail::program_ticks(p);
    for (std::size_t i = 0; i < p.tracks.size(); ++i)
        if (std::string wrong = detail::track_of(p.tracks[i], programs[i], f.tracks[i + 1]); !wrong.empty())
            return error("track " + std::to_string(i + 1) + " (" + p.tracks[i].name + ")", wrong);
    ticks end = p.length;
    for (const track& t : f.tracks) end = std::max(end, t.end);
    for (track& t : f.tracks) t.end = end;
    return f;
}

}  // namespace lofi::inline LOFI_ABI::midi
