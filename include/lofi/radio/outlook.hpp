#pragma once
// What is going to sound, published for any thread to look at.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/core/published.hpp>
#include <lofi/radio/conductor.hpp>

namespace lofi::inline LOFI_ABI::engine {

/// The sections that are written, from the conductor to whoever peeks. It takes memory once, when it is made.
class outlook {
public:
    outlook() : words_(header_words + 2 * (most_notes + most_chords)) {}

    /// Publishes what stands written. `shift` is what turns a frame of the music into one of the output.
    /// realtime: yes
    void publish(const conductor& c, std::int64_t shift) noexcept;
    /// Tells what will sound from a frame of the output on, for so many bars: sections, chords and notes, in order, as far as they are
    /// written and `out` has room. Returns how many.
    /// realtime: yes; any thread
    std::size_t read(std::int64_t from, std::int32_t bars, std::span<event> out) const noexcept;

private:
    static constexpr std::size_t header_words = 16, most_notes = 1536, most_chords = 2 * phrase_rows;
    enum word : std::size_t { running, shift_at, beat, beat_frame, beat_length, start, length, key, kind, notes, chords, then };
    // The section after: its beats, key, kind, notes and chords.
    static constexpr std::size_t then_key = then + 1, then_kind = then + 2, then_notes = then + 3, then_chords = then + 4;
    static_assert(then_chords < header_words);

    static std::uint64_t pack(const section_note& n);
    static std::uint64_t pack(const section_chord& c);
    static std::uint64_t pack(const score::key& k) {
        return std::uint64_t{k.tonic.value} << 8 | static_cast<std::uint64_t>(k.scale);
    }
    static score::key key_of(std::uint64_t w) {
        score::key k;
        k.tonic = score::pitch_class(static_cast<int>(w >> 8 & 15)), k.scale = static_cast<score::mode>(w & 7);
        return k;
    }

    published words_;
};

// ---------------------------------------------------------------- bodies

inline std::uint64_t outlook::pack(const section_note& n) {
    return static_cast<std::uint64_t>(n.tick) << 40 | static_cast<std::uint64_t>(n.length) << 20 |
           static_cast<std::uint64_t>(n.part) << 16 | std::uint64_t{n.which.midi} << 8 | n.force.value;
}

inline std::uint64_t outlook::pack(const section_chord& c) {
    const score::chord& h = c.chord;
    return static_cast<std::uint64_t>(c.tick) << 40 | pack(c.key) << 28 | std::uint64_t{h.degree} << 24 |
           static_cast<std::uint64_t>(h.accidental + 2) << 20 | static_cast<std::uint64_t>(h.type.quality) << 16 |
           static_cast<std::uint64_t>(h.type.seventh) << 12 | std::uint64_t{h.type.added.bits} << 4 | h.inversion;
}

inline void outlook::publish(const conductor& c, std::int64_t shift) noexcept {
    words_.publish([&](auto put) {
        const section_score &now = c.playing(), *rewritten = c.rewritten(), *next = c.following();
        std::size_t at = header_words;
        // What is rewritten takes over at its first tick.
        const std::int32_t until = rewritten != nullptr ? rewritten->from : INT32_MAX;
        const auto put_all = [&](const auto& first, const auto* second, std::size_t most) {
            const std::size_t begin = at;
            for (const auto& n : first)
                if (n.tick < until && at - begin < most) put(at++, pack(n));
            if (second != nullptr)
                for (const auto& n : *second)
                    if (at - begin < most) put(at++, pack(n));
            return at - begin;
        };
        put(notes, put_all(now.notes, rewritten != nullptr ? &rewritten->notes : nullptr, most_notes));
        put(chords, put_all(now.chords, rewritten != nullptr ? &rewritten->chords : nullptr, most_chords));
        put(running, c.running() ? 1 : 0);
        put(shift_at, static_cast<std::uint64_t>(shift));
        put(beat, static_cast<std::uint64_t>(c.clock().beat));
        put(beat_frame, static_cast<std::uint64_t>(c.clock().start));
        put(beat_length, static_cast<std::uint64_t>(c.clock().length));
        put(start, static_cast<std::uint64_t>(c.section_start()));
        put(length, static_cast<std::uint64_t>(c.section_beats()));
        put(key, pack(now.how.key));
        put(kind, static_cast<std::uint64_t>(c.sheet().plan.kind));
        put(then, next != nullptr ? std::uint64_t{4} * c.next_plan().bars : 0);
        if (next == nullptr) return put(then_notes, 0), put(then_chords, 0);
        put(then_key, pack(next->how.key));
        put(then_kind, static_cast<std::uint64_t>(c.next_plan().kind));
        const auto put_next = [&](const auto& all, std::size_t most) {
            const std::size_t begin = at;
            for (const auto& n : all)
                if (at - begin < most) put(at++, pack(n));
            return at - begin;
        };
        put(then_notes, put_next(next->notes, most_notes));
        put(then_chords, put_next(next->chords, most_chords));
    });
}

inline std::size_t outlook::read(std::int64_t from, std::int32_t bars, std::span<event> out) const noexcept {
    std::size_t count = 0;
    const bool whole = words_.read([&](auto get) {
        count = 0;
        if (get(running) == 0) return;
        const auto shift = static_cast<std::int64_t>(get(shift_at)), now = static_cast<std::int64_t>(get(beat)),
                   q = static_cast<std::int64_t>(get(beat_frame)), len = static_cast<std::int64_t>(get(beat_length));
        // Half-written words are possible here: what comes of them is thrown away, but nothing may run astray.
        const std::int64_t tick_q = std::max<std::int64_t>(1, len / arrange::quarter);
        const std::int64_t last = from + std::clamp<std::int64_t>(bars, 0, 64) * ((len * 4) >> beat_clock::fraction);
        const auto add = [&](event_kind what, std::int64_t beat0, std::int64_t tick) -> event* {
            const std::int64_t at = ((q + (beat0 - now) * len + tick * tick_q) >> beat_clock::fraction) + shift;
            if (at < from || at >= last || count == out.size()) return nullptr;
            event& e = out[count++];
            e = {};
            e.kind = what, e.at = frames(at);
            const std::int64_t whole_tick = beat0 * arrange::quarter + tick;
            e.bar = static_cast<std::int32_t>(whole_tick / arrange::bar),
            e.tick = static_cast<std::int32_t>(whole_tick % arrange::bar);
            return &e;
        };
        const auto section = [&](std::int64_t beat0, std::int64_t beats, std::uint64_t key_word, std::uint64_t kind_word,
                                 std::size_t first, std::size_t note_count, std::size_t chord_count) {
            note_count = std::min(note_count, most_notes), chord_count = std::min(chord_count, most_chords);
            if (first + note_count + chord_count > words_.size()) return;
            if (event* e = add(event_kind::section, beat0, 0))
                e->section = static_cast<arrange::section_kind>(kind_word & 7), e->key = key_of(key_word);
            std::size_t c = 0;
            const auto chord_word = [&](std::size_t i) { return get(first + note_count + i); };
            const auto chords_until = [&](std::int64_t tick) {
                for (; c < chord_count; ++c) {
                    const std::uint64_t w = chord_word(c);
                    if (static_cast<std::int64_t>(w >> 40) > tick) return;
                    if (static_cast<std::int64_t>(w >> 40) >= beats * arrange::quarter) continue;
                    if (event* e = add(event_kind::chord, beat0, static_cast<std::int64_t>(w >> 40))) {
                        e->key = key_of(w >> 28 & 4095);
                        e->chord.degree = static_cast<std::uint8_t>(w >> 24 & 15);
                        e->chord.accidental = static_cast<std::int8_t>(static_cast<int>(w >> 20 & 15) - 2);
                        e->chord.type.quality = static_cast<score::quality>(w >> 16 & 15);
                        e->chord.type.seventh = static_cast<score::seventh>(w >> 12 & 15);
                        e->chord.type.added.bits = static_cast<std::uint8_t>(w >> 4 & 255);
                        e->chord.inversion = static_cast<std::uint8_t>(w & 15);
                    }
                }
            };
            for (std::size_t i = 0; i < note_count; ++i) {
                const std::uint64_t w = get(first + i);
                const auto tick = static_cast<std::int64_t>(w >> 40);
                if (tick >= beats * arrange::quarter) break;
                chords_until(tick);
                if (event* e = add(event_kind::note_on, beat0, tick)) {
                    e->part = static_cast<score::part>(w >> 16 & 7);
                    e->pitch.midi = static_cast<std::uint8_t>(w >> 8 & 127),
                    e->velocity.value = static_cast<std::uint8_t>(w & 127);
                    e->length = frames((static_cast<std::int64_t>(w >> 20 & 0xfffff) * tick_q) >> beat_clock::fraction);
                }
            }
            chords_until(INT64_MAX);
        };
        const auto n = static_cast<std::size_t>(get(notes)), c = static_cast<std::size_t>(get(chords));
        const auto begin = static_cast<std::int64_t>(get(start)), beats = static_cast<std::int64_t>(get(length));
        section(begin, beats, get(key), get(kind), header_words, n, c);
        if (get(then) != 0)
            section(begin + beats, static_cast<std::int64_t>(get(then)), get(then_key), get(then_kind), header_words + n + c,
                    static_cast<std::size_t>(get(then_notes)), static_cast<std::size_t>(get(then_chords)));
    });
    return whole ? count : 0;
}

}  // namespace lofi::inline LOFI_ABI::engine
