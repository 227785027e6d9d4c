#pragma once
// The keys: voiced chords in comping patterns that breathe.
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/arrange/bass.hpp>
#include <lofi/arrange/feel.hpp>
#include <lofi/arrange/harmony.hpp>
#include <lofi/arrange/melody.hpp>
#include <lofi/arrange/voicing.hpp>

namespace lofi::inline LOFI_ABI::arrange {

/// Writes the keys of one section into a track, from a tick on. Where no bass plays, a left hand adds the roots below the same chords.
/// The last voicing and `lateness` go from section to section.
inline void arrange_keys(const section& s, const arrange_config& config, random_key section_key, ticks start, voicing& last,
                         std::int32_t& lateness, score::track& out);

// ---------------------------------------------------------------- bodies

namespace detail {

/// One stroke of a comping pattern, in sixteenths of the bar.
struct stroke {
    std::uint8_t at, length, force;
};

struct comping {
    std::array<stroke, 4> strokes;
    std::uint8_t count;
    std::uint8_t least;  ///< fullness that the pattern needs
};

// From one long chord to syncopated figures. What follows a stroke before the next is silence: the chord breathes.
inline constexpr std::array<comping, 9> comping_patterns = {{
    {{{{0, 16, 66}}}, 1, 0},
    {{{{0, 13, 66}}}, 1, 0},
    {{{{0, 8, 68}, {8, 7, 60}}}, 2, 0},
    {{{{0, 6, 70}, {6, 9, 60}}}, 2, 60},
    {{{{0, 7, 68}, {10, 6, 60}}}, 2, 80},
    {{{{0, 3, 70}, {6, 2, 56}, {8, 7, 64}}}, 3, 110},
    {{{{0, 6, 70}, {7, 1, 50}, {8, 7, 62}}}, 3, 120},
    {{{{0, 7, 70}, {8, 2, 62}, {11, 5, 56}}}, 3, 140},
    {{{{0, 3, 70}, {3, 3, 58}, {8, 3, 66}, {14, 2, 54}}}, 4, 190},
}};

// The melody leaves room, or it does not: under many attacks the hand plays little.
inline std::size_t pick_comping(random_stream& s, std::uint32_t fullness, std::size_t melody_attacks) {
    std::array<std::uint32_t, comping_patterns.size()> weights{};
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const comping& p = comping_patterns[i];
        const bool crowded = melody_attacks >= 6 && p.count >= 3;
        weights[i] = p.least > fullness ? 0U : crowded ? 1U : 4U + p.least / 20U;
    }
    return pick(s, weights);
}

}  // namespace detail

inline void arrange_keys(const section& s, const arrange_config& config, random_key section_key, ticks start, voicing& last,
                         std::int32_t& lateness, score::track& out) {
    const random_key key = section_key.child("keys");
    performer pianist(s, config, key, start, lateness, out);
    const std::int64_t row = row_ticks(config.rows), bars = bar_count(s, config);
    const melody_line line = sing(s, config);
    // A material has its figure; now and then a bar has another, so that the hand has a habit and not a loop.
    const std::uint64_t kind = s.strength / 64U;
    random_stream habits(config.key_of_chance.child("comping").child(s.material).child(kind));
    const std::size_t habit = detail::pick_comping(habits, s.strength, 0);

    fixed_vector<std::size_t, most_bars> figures;
    for (std::int64_t b = 0; b < bars; ++b) {
        random_stream dice(key.child("figure").child(static_cast<std::uint64_t>(b)));
        const std::size_t attacks = line.attacks(b * bar, (b + 1) * bar);
        const std::uint32_t full = fullness(s, b, bars);
        const bool crowded = attacks >= 6 && detail::comping_patterns[habit].count >= 3;
        figures.push_back(!crowded && chance(dice, 3, 4) ? habit : detail::pick_comping(dice, full, attacks));
    }

    // A chord on a bar line is now and then taken an eighth early, and the one before it ends there.
    const chord_spans spans = harmonise(s, config);
    fixed_vector<std::int64_t, chord_spans::capacity()> begin, end;
    for (std::size_t i = 0; i < spans.size(); ++i) {
        random_stream dice(key.child("anticipation").child(spans[i].row));
        const std::int64_t from = static_cast<std::int64_t>(spans[i].row) * row;
        const bool follows = i > 0 && end[i - 1] == from, loose = fullness(s, from / bar, bars) > 120;
        const bool early = follows && loose && from % bar == 0 && chance(dice, 1, 6);
        begin.push_back(early ? from - 2 * sixteenth : from);
        if (follows) end[i - 1] = begin[i];
        end.push_back(from + static_cast<std::int64_t>(spans[i].rows) * row);
    }

    for (std::size_t i = 0; i < spans.size(); ++i) {
        const chord_span& span = spans[i];
        const std::int64_t from = static_cast<std::int64_t>(span.row) * row, to = end[i];
        random_stream dice(key.child("chord").child(span.row));
        voicing_config hand;
        // The top voice stays below the melody that it accompanies, as far as the register lets it.
        hand.ceiling = static_cast<std::uint8_t>(std::clamp(line.lowest(from, to) - 1, 62, 71));
        last = voice(hand_tones(span.chord, config.key), last, hand);

        bool struck = false;
        for (std::int64_t bar_start = from - from % bar; bar_start < to; bar_start += bar) {
            const std::int64_t b = bar_start / bar;
            const bool calm = fullness(s, b, bars) < 110;
            const detail::comping& figure = detail::comping_patterns[figures[static_cast<std::size_t>(b)]];
            // A quiet hand lets a chord that stays ring on instead of striking it again.
            if (calm && struck && (b - from / bar) % 2 == 1) continue;
            for (std::size_t k = 0; k < figure.count; ++k) {
                const detail::stroke stroke = figure.strokes[k];
                std::int64_t at = bar_start + stroke.at * sixteenth, until = at + stroke.length * sixteenth;
                if (until <= from || at >= to) continue;
                if (calm && k + 1U == figure.count) until += bar;
                // The chord's first stroke stands where the chord comes in, whatever the figure, and is no shorter than an eighth.
                if (!struck) at = begin[i], until = std::max(until, from + 2 * sixteenth);
                struck = true;
                until = std::min(until, to);
                if (until - at < sixteenth) continue;
                const std::int32_t late = 8 + slip(dice, config);
                const auto roll = static_cast<std::int32_t>(uniform_below(dice, 4U + config.looseness / 10U));
                const auto release = static_cast<std::int64_t>(uniform_below(dice, 30)) + 20;
                const std::int32_t force = stroke.force + scatter(dice, 4) + (s.strength - 128) / 14 + phrase_force(b);
                for (std::size_t v = 0; v < last.count; ++v) {
                    // The top voice sings a little, the inner ones step back.
                    const std::int32_t place = v + 1U == last.count ? 5 : v == 0 ? 0 : -4;
                    const std::int32_t touch = scatter(dice, 2);
                    pianist.play(at, until - release, late + roll * static_cast<std::int32_t>(v), last.midi[v],
                                 force + place + touch);
                }
            }
        }
        if (!s.plays[score::part::bass]) {
            random_stream left(key.child("left hand").child(span.row));
            const int low = detail::nearest_in(root(span.chord, config.key), 41, 36, 47);
            for (std::int64_t at = from; at < to; at += 2 * bar) {
                const std::int32_t late = 4 + slip(left, config), touch = scatter(left, 3);
                pianist.play(at, std::min(to, at + 2 * bar) - sixteenth / 4, late, low, 60 + touch + phrase_force(at / bar));
            }
        }
    }
    pianist.finish();
}

}  // namespace lofi::inline LOFI_ABI::arrange
