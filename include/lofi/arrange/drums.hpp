#pragma once
// The drums: the groove that a section brings or a lazy boom-bap of their own, and something that happens where it turns.
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/arrange/drum_fills.hpp>
#include <lofi/arrange/drum_voicing.hpp>
#include <lofi/arrange/feel.hpp>
#include <lofi/arrange/groove_habit.hpp>
#include <lofi/score/groove.hpp>

namespace lofi::inline LOFI_ABI::arrange {

/// Writes the drums of one section into a track, from a tick on. No two bars are alike: every hit has its own force and time, and what
/// is not needed is left out now and then. Below strength 90 a rim takes the snare's place and a shaker the hat's. `lateness` goes from
/// section to section.
inline void arrange_drums(const section& s, const arrange_config& config, random_key section_key, ticks start,
                          std::int32_t& lateness, score::track& out);

// ---------------------------------------------------------------- bodies

namespace detail {

/// What happens at the end of a section.
enum class turn : std::uint8_t { none, fill, drop };

/// One bar for the drums.
struct drum_bar {
    std::int64_t index;  ///< in the section
    section_kind kind;
    drum_manner how;
    std::uint32_t full, push;  ///< fullness, drive
    std::uint16_t kicks;       ///< the bass knows of them
    std::size_t silent_from;   ///< sixteenth
};

// How far behind the kick each voice lies, in ticks. The drummers of the Groove MIDI Dataset play the backbeat 12 ticks after the
// kick and the hat 6; the backbeat here leans back a little further.
inline constexpr std::int32_t hat_late = 6, ghost_late = 16, snare_late = 16;

// Plays a bar of the habit; hit(step, voice, force, late) plays a hit.
template <class Hit>
void play_habit(const drum_bar& now, const groove_habit& habit, random_stream& dice, Hit&& hit) {
    using score::drum;
    const bool soft = now.how == drum_manner::soft;
    const std::uint16_t ghosts = habit.ghosts[static_cast<std::size_t>(now.index & 1)];
    for (std::size_t step = 0; step < now.silent_from; ++step) {
        const std::uint8_t reluctance = habit.reluctance[step];
        if (on(now.kicks, step)) hit(step, drum::kick, step == 0 ? 94 : step % 2 == 0 ? 84 : 70, 0);

        if (step == 4 || step == 12) {
            hit(step, soft ? drum::rim : drum::snare, (soft ? 66 : 86) + (step == 12 ? 4 : 0), snare_late);
        } else if (!soft && on(ghosts, step) && now.push > 72U + reluctance / 2U && chance(dice, 4, 5)) {
            hit(step, drum::snare, 26, ghost_late);
        } else if (!soft && step >= 7 && now.push > 110 && chance(dice, 1, 60)) {
            hit(step, drum::snare, 30, ghost_late);
        }

        // Eighths, of which a quiet groove drops some and a breakdown most; sixteenths lace them as the drive grows.
        const bool open = !soft && on(habit.open_hats, step) && now.push > 90 && chance(dice, 1 + (now.full > 170 ? 1 : 0), 3);
        const std::uint32_t eighth = now.kind == section_kind::breakdown ? (step % 4 == 2 ? 220U : 90U)
                                     : step % 4 == 0                     ? 236U
                                                                         : 150U + now.push / 2U;
        if (open) {
            hit(step, drum::open_hat, 50, hat_late);
        } else if (step % 2 == 0 ? chance(dice, eighth, 255)
                                 : on(habit.hats, step) && now.push > 112U + reluctance / 2U && chance(dice, 3, 4)) {
            const std::int32_t accent = step % 4 == 0 ? 12 : step % 2 == 0 ? -4 : -18;
            hit(step, soft ? drum::shaker : drum::closed_hat, (soft ? 46 : 56) + accent, hat_late);
        }
    }
}

// How likely a hit of a groove is played, in 255. Kicks and backbeats stand; ghosts and what laces the eighths wait for the drive; a
// breakdown keeps little.
inline std::uint32_t likelihood(const score::drum_hit& h, const drum_bar& now, std::uint8_t reluctance) {
    using score::drum;
    const std::size_t step = h.step % 16U;
    const bool soft = now.how == drum_manner::soft, between = step % 2 == 1;
    if (h.voice == drum::snare && step % 8 == 4 && h.force.value >= ghost_below) return 255;
    if (h.voice == drum::snare) return soft || now.push < 60U + reluctance / 2U ? 0U : 230U;
    if (now.kind == section_kind::breakdown) return step % 4 == 2 ? 220U : step % 4 == 0 ? 90U : 0U;
    if (h.voice == drum::open_hat) return soft || now.push < 60 ? 0U : 210U;
    if (between) return now.push < (soft ? 90U : 50U) + reluctance / 2U ? 0U : 220U;
    return step % 4 == 0 ? 250U : 180U + now.push / 4U;
}

// Plays a bar of a pattern; its kicks are those of `now.kicks`, with an ornament where those have one.
template <class Hit>
void play_groove(const drum_bar& now, const drum_pattern& p, const groove_habit& habit, const arrange_config& config,
                 random_stream& dice, Hit&& hit) {
    using score::drum;
    const auto half = static_cast<std::size_t>(now.index & 1);
    std::uint16_t kicks = now.kicks;
    for (const score::drum_hit& h : p) {
        const std::size_t step = h.step % 16U;
        if (h.step / 16U != half || step >= now.silent_from) continue;
        if (h.voice == drum::kick) {
            if (!on(kicks, step)) continue;
            kicks = static_cast<std::uint16_t>(kicks & ~bit(step));
        } else if (!chance(dice, likelihood(h, now, habit.reluctance[step]), 255)) {
            continue;
        }
        hit(step, lofi_voice(h, now.how), lofi_force(h, now.how), lofi_lateness(h, config));
    }
    for (std::size_t step = 0; step < now.silent_from; ++step)
        if (on(kicks, step)) hit(step, drum::kick, 70, 0);
}

}  // namespace detail

inline void arrange_drums(const section& s, const arrange_config& config, random_key section_key, ticks start,
                          std::int32_t& lateness, score::track& out) {
    using score::drum, detail::turn;
    const random_key key = section_key.child("drums");
    random_stream chance_of(key);
    performer drummer(s, config, key, start, lateness, out);
    const groove_habit habit = habit_of(s, config);
    const std::int64_t bars = bar_count(s, config);
    const bar_range here = playing_bars(s, score::part::drums, bars);
    const drum_manner how = s.strength < 90 ? drum_manner::soft : drum_manner::full;
    const bool soft = how == drum_manner::soft;

    // Long sections end with a fill, or with a beat of silence; the other hits of that bar are then left out from there on.
    turn last_bar = turn::none;
    if (bars > 2 && s.kind != section_kind::outro) {
        constexpr std::array<std::uint32_t, 3> likes = {2, 4, 3};
        last_bar = static_cast<turn>(pick(chance_of, likes));
    }
    const detail::fill_figure& figure =
        detail::fills[uniform_below(chance_of, soft ? 1U : std::uint32_t{detail::fills.size()})];
    // Rarely a long section holds its breath in the middle as well.
    const bool rest_in_middle = bars >= 8 && chance(chance_of, 1, 5);

    // What lies off the grid in a groove is most of a drummer's error; the rest of it is drawn.
    arrange_config steadier = config;
    if (!s.groove.empty()) steadier.looseness = static_cast<std::uint8_t>(config.looseness / 2);

    for (std::int64_t b = 0; b < bars; ++b) {
        if (!here.holds(b)) continue;
        random_stream dice(key.child(static_cast<std::uint64_t>(b)));
        const bool fills = b + 1 == bars && last_bar == turn::fill, pattern_fills = fills && !s.fill.empty();
        const std::uint32_t full = fullness(s, b, bars);
        detail::drum_bar now{b, s.kind, how, full, drive(config, full), kicks_in(habit, s, section_key, b), 16};
        if (fills && !pattern_fills)
            now.silent_from = figure.first;
        else if ((b + 1 == bars && last_bar == turn::drop) || (rest_in_middle && b == bars / 2 - 1))
            now.silent_from = 12;

        const auto hit = [&](std::size_t step, drum voice, std::int32_t force, std::int32_t late) {
            const std::int64_t at = b * bar + static_cast<std::int64_t>(step) * sixteenth;
            const std::int32_t error = slip(dice, steadier);
            const std::int32_t touch = scatter(dice, 5);
            drummer.play(at, at + (voice == drum::open_hat ? quarter : sixteenth / 2), late + error,
                         general_midi_key(voice).midi, force + touch + phrase_force(b));
        };
        if (b == 0 && full > 150 && chance(dice, 1, 10)) hit(0, drum::crash, 58, detail::hat_late);

        if (pattern_fills) {
            for (const score::drum_hit& h : s.fill)
                if (h.step >= 16) hit(h.step - 16U, lofi_voice(h, how), lofi_force(h, how), lofi_lateness(h, config));
        } else if (!s.groove.empty()) {
            detail::play_groove(now, s.groove, habit, config, dice, hit);
        } else {
            detail::play_habit(now, habit, dice, hit);
        }
        if (fills && !pattern_fills)
            for (std::size_t k = 0; k < figure.count; ++k)
                hit(figure.hits[k].step, soft && figure.hits[k].voice == drum::snare ? drum::rim : figure.hits[k].voice,
                    figure.hits[k].force - (soft ? 16 : 0), detail::hat_late);
    }
    drummer.finish();
}

}  // namespace lofi::inline LOFI_ABI::arrange
