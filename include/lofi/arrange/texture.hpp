#pragma once
// The texture: in full sections a sparse high arpeggio of the chords that answers the melody where it rests.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <lofi/arrange/feel.hpp>
#include <lofi/arrange/harmony.hpp>
#include <lofi/arrange/melody.hpp>

namespace lofi::inline LOFI_ABI::arrange {

/// Writes the texture of one section into a track, from a tick on: nothing below strength 100. `lateness` goes from section to section.
inline void arrange_texture(const section& s, const arrange_config& config, random_key section_key, ticks start,
                            std::int32_t& lateness, score::track& out);

// ---------------------------------------------------------------- bodies

namespace detail {

/// Which tones of a chord, counted from the bottom, an arpeggio takes in eighths; 255 is silence.
inline constexpr std::uint8_t no_rung = 255;
inline constexpr std::array<std::array<std::uint8_t, 4>, 6> arpeggios = {
    {{0, 1, 2, 3}, {3, 2, 1, 0}, {0, 2, 1, 3}, {no_rung, 1, 3, 2}, {no_rung, 3, no_rung, 2}, {0, no_rung, 2, no_rung}}};

}  // namespace detail

inline void arrange_texture(const section& s, const arrange_config& config, random_key section_key, ticks start,
                            std::int32_t& lateness, score::track& out) {
    const random_key key = section_key.child("texture");
    performer harpist(s, config, key, start, lateness, out);
    const std::int64_t bars = bar_count(s, config), row = row_ticks(config.rows);
    const bar_range here = playing_bars(s, score::part::texture, bars);
    if (s.strength < 100) return;
    const melody_line line = sing(s, config);
    random_stream habits(config.key_of_chance.child("arpeggio").child(s.material));
    const std::uint32_t habit = uniform_below(habits, detail::arpeggios.size());
    const chord_spans spans = harmonise(s, config);
    for (const chord_span& span : spans) {
        const score::pitch_set tones = pitch_classes(span.chord, config.key);
        // From the root up, beginning where the register does: above the middle of the melody.
        std::array<int, 4> ladder{};
        std::size_t rungs = 0;
        for (int m = 72; rungs < ladder.size(); ++m)
            if (tones.contains(score::pitch_class(m))) ladder[rungs++] = m;
        const std::int64_t from = static_cast<std::int64_t>(span.row) * row,
                           to = from + static_cast<std::int64_t>(span.rows) * row;
        for (std::int64_t half = from; half < to; half += 2 * quarter) {
            if (!here.holds(half / bar)) continue;
            random_stream dice(key.child(static_cast<std::uint64_t>(half)));
            const std::size_t attacks = line.attacks(half, half + 2 * quarter);
            const std::uint32_t full = fullness(s, half / bar, bars);
            const std::uint32_t wish = attacks == 0 ? full : attacks == 1 ? full / 2 : full / 8;
            if (!chance(dice, wish, 300)) continue;
            const std::uint32_t which = chance(dice, 2, 3) ? habit : uniform_below(dice, detail::arpeggios.size());
            for (std::size_t k = 0; k < 4; ++k) {
                const std::uint8_t rung = detail::arpeggios[which][k];
                const std::int64_t at = half + static_cast<std::int64_t>(k) * 2 * sixteenth;
                if (rung == detail::no_rung || at >= to) continue;
                const std::int32_t late = 12 + slip(dice, config), touch = scatter(dice, 5);
                // Beside a held note of the melody it would rub, and on it double.
                const bool free = std::none_of(line.notes.begin(), line.notes.end(), [&](const sung_note& n) {
                    return n.from < at + quarter && n.until > at && std::abs(n.pitch - ladder[rung]) <= 1;
                });
                if (!free) continue;
                harpist.play(at, std::min(at + quarter, to), late, ladder[rung], 44 + touch + phrase_force(at / bar));
            }
        }
    }
    harpist.finish();
}

}  // namespace lofi::inline LOFI_ABI::arrange
