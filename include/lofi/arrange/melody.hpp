#pragma once
// The melody: slots of scale degrees become sung notes, with breath at the ends of phrases and a curve of force.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <lofi/arrange/feel.hpp>
#include <lofi/score/key.hpp>

namespace lofi::inline LOFI_ABI::arrange {

/// Lowest and highest MIDI number of the melody, D4 to C6, and where it sings best: above the hand that accompanies it.
inline constexpr int melody_low = 62, melody_high = 84, melody_middle = 74;

/// A note of the lead sheet: slots of equal value are one note.
struct sung_note {
    std::int32_t from = 0, until = 0;  ///< on the straight grid, in ticks from the start of the section
    std::int16_t pitch = 0;
    bool breath = false;  ///< a rest follows, or the end
};

/// The melody of a section as pitches, before anybody plays it. The other parts listen to it too, whether it sounds or not.
struct melody_line {
    fixed_vector<sung_note, most_rows * score::slots_per_row> notes;

    /// How many notes begin in a stretch of ticks.
    [[nodiscard]] std::size_t attacks(std::int64_t from, std::int64_t until) const;
    /// The lowest pitch that sounds in a stretch of ticks, or 127.
    [[nodiscard]] int lowest(std::int64_t from, std::int64_t until) const;
    [[nodiscard]] bool sounds(std::int64_t from, std::int64_t until) const { return lowest(from, until) < 127; }
};

/// Puts the melody into the octave where most of it lies between `melody_low` and `melody_high`; what still lies outside moves by an
/// octave.
[[nodiscard]] inline melody_line sing(const section& s, const arrange_config& config);

/// Writes the melody of one section into a track, from a tick on; `lateness` goes from section to section.
inline void arrange_melody(const section& s, const arrange_config& config, random_key section_key, ticks start,
                           std::int32_t& lateness, score::track& out);

// ---------------------------------------------------------------- bodies

inline std::size_t melody_line::attacks(std::int64_t from, std::int64_t until) const {
    return static_cast<std::size_t>(
        std::count_if(notes.begin(), notes.end(), [&](const sung_note& n) { return n.from >= from && n.from < until; }));
}

inline int melody_line::lowest(std::int64_t from, std::int64_t until) const {
    int low = 127;
    for (const sung_note& n : notes)
        if (n.from < until && n.until > from) low = std::min<int>(low, n.pitch);
    return low;
}

inline melody_line sing(const section& s, const arrange_config& config) {
    const auto slot = static_cast<std::int32_t>(slot_ticks(config.rows));
    const std::size_t slots = s.rows.size() * score::slots_per_row;
    const auto value = [&](std::size_t i) { return s.rows[i / score::slots_per_row].melody[i % score::slots_per_row]; };
    melody_line line;
    for (std::size_t i = 0; i < slots;) {
        const std::uint8_t v = value(i);
        LOFI_ASSERT(v <= 15, "a melody slot is 0 to 15");
        std::size_t held = 1;
        while (i + held < slots && value(i + held) == v) ++held;
        const auto from = static_cast<std::int32_t>(i) * slot;
        i += held;
        if (v == 0) continue;
        const int above = score::semitones_of_step(config.key.scale, score::melody_step(v));
        line.notes.push_back({from, static_cast<std::int32_t>(i) * slot,
                              static_cast<std::int16_t>(config.key.tonic.value + above), i >= slots || value(i) == 0});
    }
    // The octave with the fewest ticks outside the register, and of those the one nearest to `melody_middle`.
    std::int64_t best_cost = -1;
    int best = 60;
    for (const int octave : {48, 60, 72}) {
        std::int64_t cost = 0;
        for (const sung_note& n : line.notes) {
            const int at = n.pitch + octave, outside = std::max({0, melody_low - at, at - melody_high});
            cost += (n.until - n.from) * (100 * std::min(outside, 3) + std::abs(at - melody_middle));
        }
        if (best_cost < 0 || cost < best_cost) best_cost = cost, best = octave;
    }
    for (sung_note& n : line.notes) {
        int at = n.pitch + best;
        while (at < melody_low) at += 12;
        while (at > melody_high) at -= 12;
        n.pitch = static_cast<std::int16_t>(at);
    }
    return line;
}

inline void arrange_melody(const section& s, const arrange_config& config, random_key section_key, ticks start,
                           std::int32_t& lateness, score::track& out) {
    const random_key key = section_key.child("melody");
    random_stream dice(key);
    performer singer(s, config, key, start, lateness, out);
    const std::int64_t bars = bar_count(s, config);
    const bar_range here = playing_bars(s, score::part::melody, bars);
    std::int32_t in_phrase = 0;
    const melody_line line = sing(s, config);
    for (const sung_note& n : line.notes) {
        const std::int64_t held = n.until - n.from;
        // A phrase swells into its middle and lets go; long notes sing and come a little late, short ones between beats are light.
        const std::int32_t arch = in_phrase < 4 ? in_phrase * 2 : 8 - in_phrase % 5;
        const std::int32_t metric = n.from % (2 * quarter) == 0     ? 6
                                    : n.from % quarter == 0         ? 3
                                    : n.from % (2 * sixteenth) == 0 ? 0
                                                                    : -5;
        const std::int32_t touch = scatter(dice, 4);
        const std::int32_t late = 12 + (held >= quarter ? 8 : 0) + slip(dice, config);
        const auto release = static_cast<std::int64_t>(10 + uniform_below(dice, 24));
        in_phrase = n.breath ? 0 : in_phrase + 1;
        if (!here.holds(n.from / bar)) continue;
        std::int64_t until =
            std::min({std::int64_t{n.until}, n.from + 2 * bar, here.last * bar});  // a string is silent after two bars
        if (n.breath) until -= std::min((until - n.from) / 4, quarter / 2);
        singer.play(n.from, until - release, late, n.pitch,
                    66 + arch + metric + (held >= quarter ? 4 : 0) + (s.strength - 128) / 16 + touch);
    }
    singer.finish();
}

}  // namespace lofi::inline LOFI_ABI::arrange
