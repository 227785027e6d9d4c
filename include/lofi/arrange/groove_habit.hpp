#pragma once
// The habit of a groove: two bars of kicks, ghost notes and hats that a material keeps, and the ornaments of single bars.
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/arrange/section.hpp>

namespace lofi::inline LOFI_ABI::arrange {

/// What drummer and bass player have agreed on for a material. Bit k of a mask is the k-th sixteenth of a bar.
struct groove_habit {
    std::array<std::uint16_t, 2> kicks{}, ghosts{}, bass{};
    std::uint16_t hats = 0;  ///< sixteenths between the eighths
    std::uint16_t open_hats = 0;
    std::array<std::uint8_t, 16> reluctance{};  ///< of each step's ornaments, 0 to 255: the drive it takes to play them
};

/// Draws the habit of a material; where the section brings a groove, its kicks are the groove's, and the bass follows those. It hangs on
/// nothing else, so that a theme comes back with its groove.
[[nodiscard]] inline groove_habit habit_of(const section& s, const arrange_config& config);

/// Returns the kicks of one bar: the habit's, with an ornament now and then; none in a breakdown. Drums and bass both ask.
[[nodiscard]] inline std::uint16_t kicks_in(const groove_habit& h, const section& s, random_key section_key,
                                            std::int64_t at_bar);

// ---------------------------------------------------------------- bodies

namespace detail {

constexpr bool on(std::uint16_t mask, std::size_t step) { return (mask >> step & 1U) != 0; }
constexpr std::uint16_t bit(std::size_t step) { return static_cast<std::uint16_t>(1U << step); }

/// The sixteenths of one bar, 0 or 1, on which a voice of a pattern hits.
constexpr std::uint16_t steps_of(const drum_pattern& p, score::drum voice, std::size_t at_bar) {
    std::uint16_t steps = 0;
    for (const score::drum_hit& h : p)
        if (h.voice == voice && h.step / 16U == at_bar) steps = static_cast<std::uint16_t>(steps | bit(h.step % 16U));
    return steps;
}

template <class... Steps>
constexpr std::uint16_t steps_of(Steps... s) {
    return static_cast<std::uint16_t>(((1U << s) | ...));
}

struct kick_bar {
    std::uint16_t steps;
    std::uint8_t least_drive, weight;
};

// Bars of kicks as drummers of hip-hop, soul and funk play them under a backbeat, from sparse to busy.
inline constexpr std::array<kick_bar, 17> kick_bars = {{{steps_of(0), 0, 2},
                                                        {steps_of(0, 10), 0, 5},
                                                        {steps_of(0, 8), 0, 5},
                                                        {steps_of(0, 7, 10), 40, 4},
                                                        {steps_of(0, 7, 8), 40, 4},
                                                        {steps_of(0, 2, 8), 50, 6},
                                                        {steps_of(0, 10, 15), 60, 3},
                                                        {steps_of(0, 2, 10), 60, 6},
                                                        {steps_of(0, 8, 15), 70, 3},
                                                        {steps_of(0, 5, 7), 80, 4},
                                                        {steps_of(0, 3, 10), 80, 5},
                                                        {steps_of(0, 7, 8, 10), 110, 4},
                                                        {steps_of(0, 7, 8, 15), 120, 3},
                                                        {steps_of(0, 2, 8, 10), 120, 6},
                                                        {steps_of(0, 3, 10, 13), 150, 3},
                                                        {steps_of(0, 2, 5, 7, 10), 180, 4},
                                                        {steps_of(0, 3, 5, 7, 10), 190, 4}}};

// How likely each sixteenth has a ghost note or a hat between the eighths, in 255. The shapes are those of the Groove MIDI
// Dataset's lo-fi windows at 100 bpm and below: ghosts (snare under 50) of hip-hop, hats of full bars.
inline constexpr std::array<std::uint8_t, 16> ghost_chance = {6, 31, 4, 20, 0, 9, 23, 70, 12, 80, 4, 30, 0, 38, 5, 50};
inline constexpr std::array<std::uint8_t, 16> lace_chance = {0, 104, 0, 89, 0, 90, 0, 110, 0, 112, 0, 60, 0, 75, 0, 90};

}  // namespace detail

inline groove_habit habit_of(const section& s, const arrange_config& config) {
    using namespace detail;
    random_stream chance_of(config.key_of_chance.child("groove").child(s.material));
    groove_habit h;
    // The energy decides how busy a kick may be, not the section: the figure stays the listener's whatever comes and goes around it.
    std::array<std::uint32_t, kick_bars.size()> weights{};
    for (std::size_t i = 0; i < weights.size(); ++i)
        weights[i] = kick_bars[i].least_drive <= config.energy
                         ? kick_bars[i].weight * (40U + kick_bars[i].least_drive * config.energy / 128U)
                         : 0U;
    h.kicks[0] = kick_bars[pick(chance_of, weights)].steps;
    h.kicks[1] = chance(chance_of, 1, 4) ? h.kicks[0] : kick_bars[pick(chance_of, weights)].steps;
    if (!s.groove.empty())
        for (std::size_t b = 0; b < 2; ++b) h.kicks[b] = steps_of(s.groove, score::drum::kick, b);
    for (std::size_t b = 0; b < 2; ++b)
        for (std::size_t step = 0; step < 16; ++step) {
            if (chance(chance_of, ghost_chance[step] * 2U, 255)) h.ghosts[b] |= bit(step);
            // The bass follows the kick, and fills a little where it rests.
            const bool kick = on(h.kicks[b], step), between = step == 6 || step == 8 || step == 10 || step == 14;
            if (step == 0 || chance(chance_of, kick ? 90U + config.energy / 2U : between ? 10U + config.energy / 8U : 0U, 255))
                h.bass[b] |= bit(step);
        }
    for (std::size_t step = 0; step < 16; ++step) {
        if (chance(chance_of, lace_chance[step], 200)) h.hats |= bit(step);
        h.reluctance[step] = static_cast<std::uint8_t>(uniform_below(chance_of, 256));
    }
    constexpr std::array<std::uint16_t, 4> openings = {0, bit(10), bit(14), bit(6)};
    constexpr std::array<std::uint32_t, 4> likes = {4, 2, 3, 1};
    h.open_hats = openings[pick(chance_of, likes)];
    return h;
}

inline std::uint16_t kicks_in(const groove_habit& h, const section& s, random_key section_key, std::int64_t at_bar) {
    using namespace detail;
    if (s.kind == section_kind::breakdown) return 0;
    std::uint16_t kicks = h.kicks[static_cast<std::size_t>(at_bar & 1)];
    random_stream chance_of(section_key.child("kicks").child(static_cast<std::uint64_t>(at_bar)));
    if (chance(chance_of, at_bar % 4 == 3 ? 2 : 1, 6)) {
        // One kick more, or the last one less; never on the backbeat, never three in a row.
        constexpr std::array<std::uint8_t, 6> places = {7, 8, 10, 11, 14, 15};
        const std::uint16_t extra = bit(places[uniform_below(chance_of, places.size())]);
        const auto neighbours = static_cast<std::uint16_t>(extra << 1U | extra >> 1U);
        if ((kicks & neighbours) == 0) kicks ^= extra;
    }
    return kicks;
}

}  // namespace lofi::inline LOFI_ABI::arrange
