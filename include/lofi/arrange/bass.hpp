#pragma once
// The bass: roots under every chord, onsets where the kick is, fifths and octaves between, a step into the next chord.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <lofi/arrange/feel.hpp>
#include <lofi/arrange/groove_habit.hpp>
#include <lofi/score/key.hpp>

namespace lofi::inline LOFI_ABI::arrange {

/// Lowest and highest MIDI number the bass plays: E1 to B2, where small speakers still say something.
inline constexpr int bass_low = 28, bass_high = 47;

/// Writes the bass of one section into a track, from a tick on. `next_degree` is the chord that follows the section, or 0; `last` is
/// the bass's last pitch, 0 before the first. Both `last` and `lateness` go from section to section.
inline void arrange_bass(const section& s, const arrange_config& config, random_key section_key, ticks start,
                         std::uint8_t next_degree, std::uint8_t& last, std::int32_t& lateness, score::track& out);

// ---------------------------------------------------------------- bodies

namespace detail {

// The pitch of a class that is nearest to another pitch, inside a register of an octave or more.
constexpr int nearest_in(score::pitch_class p, int to, int low, int high) {
    int best = -1;
    for (int m = low; m <= high; ++m)
        if (m % 12 == p.value && (best < 0 || std::abs(m - to) < std::abs(best - to))) best = m;
    return best;
}
// A root lies low: halfway between where the bass is and the bottom of its register.
constexpr int root_near(score::pitch_class p, int from) { return nearest_in(p, (from + 32) / 2, bass_low, bass_low + 14); }

}  // namespace detail

inline void arrange_bass(const section& s, const arrange_config& config, random_key section_key, ticks start,
                         std::uint8_t next_degree, std::uint8_t& last, std::int32_t& lateness, score::track& out) {
    using detail::on;
    const random_key key = section_key.child("bass");
    performer bassist(s, config, key, start, lateness, out);
    const groove_habit habit = habit_of(s, config);
    const std::int64_t row = row_ticks(config.rows), length = bassist.length(), bars = bar_count(s, config);
    const bar_range here = playing_bars(s, score::part::bass, bars);
    const auto degree_at = [&](std::int64_t tick) -> int {
        return tick < length ? s.rows[static_cast<std::size_t>(tick / row)].chord : next_degree;
    };
    const auto begins = [&](std::int64_t tick) {
        return tick % row == 0 && degree_at(tick) != 0 && (tick == 0 || degree_at(tick) != degree_at(tick - 1));
    };

    struct onset {
        std::int64_t at;
        std::size_t step;
        bool root, kick;
    };
    fixed_vector<onset, 16 * most_bars> onsets;
    for (std::int64_t b = 0; b < bars; ++b) {
        if (!here.holds(b)) continue;
        random_stream dice(key.child("onsets").child(static_cast<std::uint64_t>(b)));
        const std::uint32_t push = drive(config, fullness(s, b, bars));
        const std::uint16_t kicks = kicks_in(habit, s, section_key, b);
        const std::size_t most = 1 + push / 50;
        std::size_t played = 0;
        for (std::size_t step = 0; step < 16; ++step) {
            const std::int64_t tick = b * bar + static_cast<std::int64_t>(step) * sixteenth;
            if (tick >= length) break;
            const bool root = begins(tick) || (tick == here.first * bar && degree_at(tick) != 0);
            const bool kick = on(kicks, step);
            const bool habitual = on(habit.bass[static_cast<std::size_t>(b & 1)], step);
            // Off the habit's places a quiet bass does nothing; a kick that is an ornament of this bar is sometimes joined.
            const bool wanted = step == 0 || (habitual && (kick || push > 110)) || (kick && chance(dice, push, 700));
            if (!root && (degree_at(tick) == 0 || !wanted || played >= most)) continue;
            // Just after the root of a chord it would stumble.
            if (!root && !onsets.empty() && tick - onsets.back().at < 2 * sixteenth) continue;
            onsets.push_back({tick, step, root, kick});
            ++played;
        }
        // A step into the next chord, on the last eighth of the bar.
        const std::int64_t next_bar = (b + 1) * bar, lead = next_bar - 2 * sixteenth;
        if (push > 80 && lead < length && degree_at(next_bar) != 0 && degree_at(next_bar) != degree_at(lead) &&
            degree_at(lead) != 0 && !onsets.empty() && lead - onsets.back().at >= 3 * sixteenth && chance(dice, push, 500))
            onsets.push_back({lead, 14, false, false});
    }

    random_stream dice(key.child("touch"));
    int at = last == 0 ? 33 : last;
    for (std::size_t i = 0; i < onsets.size(); ++i) {
        const onset& o = onsets[i];
        const int degree = degree_at(o.at);
        // No note reaches over a change of chord, a rest, or the end of the section.
        std::int64_t until = i + 1 < onsets.size() ? onsets[i + 1].at : std::min(length, here.last * bar);
        for (std::int64_t t = o.at - o.at % row + row; t < until; t += row)
            if (degree_at(t) != degree) until = t;
        const std::int64_t room = until - o.at;
        // Breath: long notes are let go before what comes, sometimes well before, so that the backbeat stands free.
        until -= room >= 6 * sixteenth && chance(dice, 1, 3) ? 2 * sixteenth : sixteenth / 6;

        const std::int64_t next_bar = (o.at / bar + 1) * bar;
        const int next = degree_at(next_bar);
        const std::uint32_t push = drive(config, fullness(s, o.at / bar, bars));
        const bool last_of_bar = i + 1 == onsets.size() || onsets[i + 1].at >= next_bar;
        const std::uint32_t side = uniform_below(dice, 2), taste = uniform_below(dice, 255);
        const int root = detail::root_near(score::degree(config.key, degree), at);
        int pitch = root;
        if (!o.root && last_of_bar && o.step >= 13 && next != 0 && next != degree) {
            const int goal = detail::root_near(score::degree(config.key, next), at);
            pitch = detail::nearest_in(score::degree(config.key, next + (side == 0 ? 1 : -1)), goal, bass_low, bass_high);
        } else if (!o.root && o.step != 0 && taste < 60) {
            const bool perfect = score::contains(config.key, score::pitch_class(root + 7));
            if (perfect) pitch = detail::nearest_in(score::pitch_class(root + 7), root, bass_low, bass_high);
        } else if (!o.root && o.step != 0 && taste < 60 + push / 3 && root + 12 <= bass_high) {
            pitch = root + 12;
        }
        if (pitch == root) at = root;
        const std::int32_t late = 8 + slip(dice, config);
        const std::int32_t force = (o.root || o.step == 0 ? 84
                                    : o.kick              ? 78
                                                          : 66) +
                                   scatter(dice, 4) + phrase_force(o.at / bar);
        bassist.play(o.at, until, late, pitch, force);
    }
    last = static_cast<std::uint8_t>(at);
    bassist.finish();
}

}  // namespace lofi::inline LOFI_ABI::arrange
