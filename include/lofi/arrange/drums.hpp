#pragma once
// The drums: a lazy boom-bap with ghost notes, swing, a late snare, and something that happens where a section turns.
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/arrange/feel.hpp>
#include <lofi/arrange/groove_habit.hpp>
#include <lofi/score/groove.hpp>

namespace lofi::inline LOFI_ABI::arrange {

/// Writes the drums of one section into a track, from a tick on. No two bars are alike: every hit has its own force and time.
/// Below strength 90 a rim takes the snare's place and a shaker the hat's. `lateness` goes from section to section.
inline void arrange_drums(const section& s, const arrange_config& config, random_key section_key, ticks start,
                          std::int32_t& lateness, score::track& out);

// ---------------------------------------------------------------- bodies

namespace detail {

/// What happens at the end of a section.
enum class turn : std::uint8_t { none, fill, drop };

/// A hit of a fill: sixteenth of the bar, voice, force.
struct fill_hit {
    std::uint8_t step;
    score::drum voice;
    std::uint8_t force;
};
struct fill_figure {
    std::uint8_t first;  // from here on the groove is silent
    std::array<fill_hit, 6> hits;
    std::uint8_t count;
};

inline constexpr std::array<fill_figure, 5> fills = {{
    {12,
     {{{12, score::drum::snare, 84}, {13, score::drum::snare, 44}, {14, score::drum::snare, 62}, {15, score::drum::snare, 74}}},
     4},
    {10,
     {{{10, score::drum::kick, 82},
       {11, score::drum::snare, 54},
       {12, score::drum::snare, 88},
       {14, score::drum::kick, 74},
       {15, score::drum::snare, 60}}},
     5},
    {12,
     {{{12, score::drum::snare, 82},
       {13, score::drum::mid_tom, 62},
       {14, score::drum::mid_tom, 66},
       {15, score::drum::low_tom, 74}}},
     4},
    {13, {{{13, score::drum::snare, 50}, {14, score::drum::open_hat, 58}}}, 2},
    {8,
     {{{8, score::drum::kick, 80},
       {10, score::drum::snare, 64},
       {11, score::drum::snare, 46},
       {12, score::drum::high_tom, 68},
       {14, score::drum::low_tom, 72}}},
     5},
}};

// How far behind the kick each voice lies, in ticks. The drummers of the Groove MIDI Dataset play the backbeat 12 ticks after the
// kick and the hat 6; the backbeat here leans back a little further.
inline constexpr std::int32_t hat_late = 6, ghost_late = 16, snare_late = 16;

}  // namespace detail

inline void arrange_drums(const section& s, const arrange_config& config, random_key section_key, ticks start,
                          std::int32_t& lateness, score::track& out) {
    using score::drum, detail::on, detail::turn;
    const random_key key = section_key.child("drums");
    random_stream chance_of(key);
    performer drummer(s, config, key, start, lateness, out);
    const groove_habit habit = habit_of(s, config);
    const std::int64_t bars = bar_count(s, config);
    const bar_range here = playing_bars(s, score::part::drums, bars);
    const bool soft = s.strength < 90;

    // Long sections end with a fill, or with a beat of silence; the other hits of that bar are then left out from there on.
    turn last_bar = turn::none;
    if (bars > 2 && s.kind != section_kind::outro) {
        constexpr std::array<std::uint32_t, 3> likes = {2, 4, 3};
        last_bar = static_cast<turn>(pick(chance_of, likes));
    }
    const detail::fill_figure& fill = detail::fills[uniform_below(chance_of, soft ? 1U : std::uint32_t{detail::fills.size()})];
    // Rarely a long section holds its breath in the middle as well.
    const bool rest_in_middle = bars >= 8 && chance(chance_of, 1, 5);

    for (std::int64_t b = 0; b < bars; ++b) {
        if (!here.holds(b)) continue;
        random_stream dice(key.child(static_cast<std::uint64_t>(b)));
        const std::uint32_t full = fullness(s, b, bars), push = drive(config, full);
        const bool turning = b + 1 == bars && last_bar != turn::none;
        std::size_t silent_from = 16;
        if (turning)
            silent_from = last_bar == turn::fill ? fill.first : 12;
        else if (rest_in_middle && b == bars / 2 - 1)
            silent_from = 12;

        const auto hit = [&](std::size_t step, drum voice, std::int32_t force, std::int32_t late) {
            const std::int64_t at = b * bar + static_cast<std::int64_t>(step) * sixteenth;
            const std::int32_t error = slip(dice, config);
            const std::int32_t touch = scatter(dice, 5);
            drummer.play(at, at + (voice == drum::open_hat ? quarter : sixteenth / 2), late + error,
                         general_midi_key(voice).midi, force + touch + phrase_force(b));
        };
        if (b == 0 && full > 150 && chance(dice, 1, 10)) hit(0, drum::crash, 58, detail::hat_late);

        const std::uint16_t kicks = kicks_in(habit, s, section_key, b), ghosts = habit.ghosts[static_cast<std::size_t>(b & 1)];
        for (std::size_t step = 0; step < silent_from; ++step) {
            const std::uint8_t reluctance = habit.reluctance[step];
            if (on(kicks, step)) hit(step, drum::kick, step == 0 ? 94 : step % 2 == 0 ? 84 : 70, 0);

            if (step == 4 || step == 12) {
                hit(step, soft ? drum::rim : drum::snare, (soft ? 66 : 86) + (step == 12 ? 4 : 0), detail::snare_late);
            } else if (!soft && on(ghosts, step) && push > 72U + reluctance / 2U && chance(dice, 4, 5)) {
                hit(step, drum::snare, 26, detail::ghost_late);
            } else if (!soft && step >= 7 && push > 110 && chance(dice, 1, 60)) {
                hit(step, drum::snare, 30, detail::ghost_late);
            }

            // Eighths, of which a quiet groove drops some and a breakdown most; sixteenths lace them as the drive grows.
            const bool open = !soft && on(habit.open_hats, step) && push > 90 && chance(dice, 1 + (full > 170 ? 1 : 0), 3);
            const std::uint32_t eighth = s.kind == section_kind::breakdown ? (step % 4 == 2 ? 220U : 90U)
                                         : step % 4 == 0                   ? 236U
                                                                           : 150U + push / 2U;
            if (open) {
                hit(step, drum::open_hat, 50, detail::hat_late);
            } else if (step % 2 == 0 ? chance(dice, eighth, 255)
                                     : on(habit.hats, step) && push > 112U + reluctance / 2U && chance(dice, 3, 4)) {
                const std::int32_t accent = step % 4 == 0 ? 12 : step % 2 == 0 ? -4 : -18;
                hit(step, soft ? drum::shaker : drum::closed_hat, (soft ? 46 : 56) + accent, detail::hat_late);
            }
        }
        if (turning && last_bar == turn::fill)
            for (std::size_t k = 0; k < fill.count; ++k)
                hit(fill.hits[k].step, soft && fill.hits[k].voice == drum::snare ? drum::rim : fill.hits[k].voice,
                    fill.hits[k].force - (soft ? 16 : 0), detail::hat_late);
    }
    drummer.finish();
}

}  // namespace lofi::inline LOFI_ABI::arrange
