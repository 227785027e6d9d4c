#pragma once
// From what is asked for (energy, valence, tempo) to what the lead-sheet network is told: mode, major chords, attacks, steps.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include <lofi/core/units.hpp>
#include <lofi/score/mode.hpp>

namespace lofi::inline LOFI_ABI::model {

/// What a phrase is told before it is written. Everything is a whole number, so that it is the same everywhere.
/// A part that is not given is left to the network.
struct lead_conditions {
    std::int32_t rows = 16;                 ///< how long the phrase is; the generator keeps to it
    bool rows_known = true;                 ///< whether the network may know
    std::uint8_t corpus = 0;                ///< 1 ewld, 2 lieder, 3 billboard_chords, 4 midi_chords; 0 not told
    std::uint8_t mode = 0;                  ///< 1 Ionian to 7 Locrian; 0 not told
    std::optional<std::int32_t> tempo{};    ///< of the rows, in 1/1000 beat a minute
    std::optional<std::int32_t> majors{};   ///< how many rows have a chord whose diatonic triad is major
    std::optional<std::int32_t> attacks{};  ///< how many melody notes begin
    std::optional<std::int32_t> steps{};    ///< sum of the sizes of the melody's steps, in scale degrees

    friend constexpr bool operator==(const lead_conditions&, const lead_conditions&) = default;
};

/// What a listener asks of a phrase. Energy and valence are the proxies of `analysis/lead_measures.hpp`, measured on the rows'
/// tempo, in 1/65536.
struct lead_request {
    std::int32_t energy = 32768;
    std::int32_t valence = 32768;
    std::int32_t tempo = 150000;         ///< of the rows, in 1/1000 beat a minute
    std::optional<score::mode> scale{};  ///< the mode, if it is given and not chosen for the valence
    std::int32_t rows = 16;
};

/// The energies or valences that can be met, in 1/65536.
struct reach {
    std::int32_t low = 0, high = 65536;
};

/// Chooses mode, major chords, attacks and steps so that the proxies come out as asked, or as near as can be.
/// source: the definitions of energy and valence in the corpora, inverted
[[nodiscard]] constexpr lead_conditions plan(const lead_request& r);

/// The energies that `plan` can reach at a tempo.
[[nodiscard]] constexpr reach reachable_energy(std::int32_t tempo);
/// The valences that `plan` can reach at a tempo and an energy, in a mode or in any.
[[nodiscard]] constexpr reach reachable_valence(std::int32_t tempo, std::int32_t energy, std::optional<score::mode> scale);

/// Whether the diatonic triad on a degree (1 to 7) of a mode is major.
[[nodiscard]] constexpr bool triad_is_major(score::mode m, int degree) {
    const auto s = score::steps(m);
    const auto at = [&](int k) { return static_cast<int>(s[static_cast<std::size_t>((degree - 1 + k) % 7)]); };
    return (at(2) - at(0) + 12) % 12 == 4 && (at(4) - at(0) + 12) % 12 == 7;
}

/// How bright a mode is in the valence proxy, in 1/100.
[[nodiscard]] constexpr int brightness(score::mode m) {
    constexpr int values[] = {90, 45, 10, 100, 75, 25, 0};
    return values[static_cast<int>(m) - 1];
}

// ---------------------------------------------------------------- bodies

namespace detail {

inline constexpr std::int64_t one = 65536;

// (bpm - 60) / 120, held to [0, 1].
constexpr std::int64_t tempo_share(std::int64_t tempo) {
    return std::clamp<std::int64_t>((tempo - 60000) * one / 120000, 0, one);
}

/// Attacks a second and mean step that an energy asks for at a tempo, both in 1/65536.
struct activity {
    std::int64_t density, leap;
    std::int32_t attacks;
};

constexpr activity activity_for(std::int64_t energy, std::int64_t tempo, std::int64_t rows) {
    // energy = .45 d/3 + .40 tempo + .15 leap/3: first the density at a usual step, then the step for what is left.
    const std::int64_t rest = energy - 2 * tempo_share(tempo) / 5;
    const std::int64_t usual = 17 * one / 10;
    const std::int64_t rows_a_second = tempo * one / 240000;
    std::int64_t density = (rest - usual / 20) * 20 / 3;
    density = std::clamp(density, 3 * rows_a_second / 10, std::min(7 * rows_a_second, 3 * one));
    const auto attacks =
        static_cast<std::int32_t>(std::max<std::int64_t>(2, (density * rows + rows_a_second / 2) / rows_a_second));
    density = attacks * rows_a_second / rows;
    const std::int64_t leap = std::clamp((rest - 3 * std::min(density, 3 * one) / 20) * 20, 7 * one / 10, 7 * one / 2);
    return {density, leap, attacks};
}

constexpr std::int64_t energy_of(const activity& a, std::int64_t tempo) {
    return 2 * tempo_share(tempo) / 5 + 3 * std::min(a.density, 3 * one) / 20 + std::min(a.leap, 3 * one) / 20;
}

// The part of valence that is not the mode's or the chords'.
constexpr std::int64_t valence_rest(std::int64_t density, std::int64_t tempo) {
    return tempo_share(tempo) / 4 + std::min(density, 3 * one) / 15;
}

struct mode_habit {
    score::mode scale;
    int majors, cost;  // usual share of major chords and a price for rare modes, in 1/100
};
inline constexpr std::array<mode_habit, 6> mode_habits = {{{score::mode::ionian, 75, 0},
                                                           {score::mode::aeolian, 45, 0},
                                                           {score::mode::mixolydian, 65, 5},
                                                           {score::mode::dorian, 50, 5},
                                                           {score::mode::lydian, 70, 15},
                                                           {score::mode::phrygian, 45, 20}}};

}  // namespace detail

constexpr lead_conditions plan(const lead_request& r) {
    using detail::one;
    const detail::activity a = detail::activity_for(r.energy, r.tempo, r.rows);
    const std::int64_t owed = r.valence - detail::valence_rest(a.density, r.tempo);
    std::int64_t best_cost = -1, best_majors = 0;
    score::mode best = score::mode::ionian;
    const auto consider = [&](score::mode m, int usual, int cost) {
        // valence = .35 brightness + .20 majors + rest
        const std::int64_t need = (owed - 35 * brightness(m) * one / 10000) * 5;
        const std::int64_t majors = std::clamp(need, one / 10, 95 * one / 100);
        const std::int64_t missing = need > majors ? need - majors : majors - need, odd = majors - usual * one / 100;
        const std::int64_t price = 8 * missing / 5 + 2 * (odd < 0 ? -odd : odd) / 5 + cost * one / 100;
        if (best_cost < 0 || price < best_cost) best_cost = price, best = m, best_majors = majors;
    };
    if (r.scale)
        consider(*r.scale, 50, 0);
    else
        for (const detail::mode_habit& h : detail::mode_habits) consider(h.scale, h.majors, h.cost);

    lead_conditions c;
    c.rows = r.rows;
    c.mode = static_cast<std::uint8_t>(best);
    c.tempo = r.tempo;
    c.majors = static_cast<std::int32_t>((best_majors * r.rows + one / 2) / one);
    c.attacks = a.attacks;
    c.steps = static_cast<std::int32_t>((a.leap * (a.attacks - 1) + one / 2) / one);
    return c;
}

constexpr reach reachable_energy(std::int32_t tempo) {
    return {static_cast<std::int32_t>(detail::energy_of(detail::activity_for(0, tempo, 16), tempo)),
            static_cast<std::int32_t>(detail::energy_of(detail::activity_for(detail::one, tempo, 16), tempo))};
}

constexpr reach reachable_valence(std::int32_t tempo, std::int32_t energy, std::optional<score::mode> scale) {
    const std::int64_t rest = detail::valence_rest(detail::activity_for(energy, tempo, 16).density, tempo);
    const int dark = scale ? brightness(*scale) : brightness(score::mode::phrygian);
    const int bright = scale ? brightness(*scale) : brightness(score::mode::lydian);
    const auto at = [&](int b, std::int64_t majors) {
        return static_cast<std::int32_t>(rest + 35 * b * detail::one / 10000 + majors * detail::one / 500);
    };
    return {at(dark, 10), at(bright, 95)};
}

}  // namespace lofi::inline LOFI_ABI::model
