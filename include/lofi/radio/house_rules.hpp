#pragma once
// What the dials mean: from parameters to what the network is told, how a section is played, and how it sounds.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/core/math.hpp>
#include <lofi/model/lead_plan.hpp>
#include <lofi/radio/parameter.hpp>
#include <lofi/radio/sheet.hpp>
#include <lofi/synth/config.hpp>

namespace lofi::inline LOFI_ABI::engine {

/// What the network is told of a phrase. `value(parameter)` is a value as held; all of it is whole numbers.
template <class Value>
[[nodiscard]] model::lead_conditions conditions_of(const Value& value, score::mode scale);
/// The mode: as it is set, else the mood's own, else what suits the valence.
template <class Value>
[[nodiscard]] score::mode mode_of(const Value& value, std::int32_t mood_mode);
/// How a section is played: who plays, how full and how hard.
template <class Value>
[[nodiscard]] treatment treatment_of(const Value& value, const arrange::section_plan& plan, score::mode scale);
/// How it sounds.
template <class Value>
[[nodiscard]] synth::mix mix_of(const Value& value, const synth::mix& band);
/// The band of a material: which instruments play.
[[nodiscard]] inline synth::mix band_of(std::uint32_t home, random_key seed);

// ---------------------------------------------------------------- bodies

namespace detail {
// Rows are half bars, so that their tempo is twice the felt one.
inline constexpr std::int32_t rows_to_bars = 2;
inline constexpr std::int32_t half = unit / 2;
}  // namespace detail

template <class Value>
score::mode mode_of(const Value& value, std::int32_t mood_mode) {
    if (const std::int32_t set = value(parameter::mode); set != 0) return static_cast<score::mode>(set);
    if (mood_mode != 0) return static_cast<score::mode>(mood_mode);
    // From dark to bright, as the share of major chords in each rises; what energy and tempo do to valence is the network's affair.
    using enum score::mode;
    struct step {
        double below;
        score::mode mode;
    };
    constexpr std::array<step, 6> steps = {
        {{0.05, phrygian}, {0.36, aeolian}, {0.46, dorian}, {0.66, mixolydian}, {0.95, ionian}, {2.0, lydian}}};
    const std::int32_t valence = value(parameter::valence);
    std::size_t i = 0;
    while (valence >= static_cast<std::int32_t>(steps[i].below * detail::unit)) ++i;
    return steps[i].mode;
}

template <class Value>
model::lead_conditions conditions_of(const Value& value, score::mode scale) {
    model::lead_conditions c = model::plan({.energy = value(parameter::energy),
                                            .valence = value(parameter::valence),
                                            .tempo = detail::rows_to_bars * value(parameter::tempo),
                                            .scale = scale,
                                            .rows = static_cast<std::int32_t>(phrase_rows)});
    // Half to one and a half times the attacks, by the density.
    const std::int64_t wish = detail::half + value(parameter::density);
    if (c.attacks) c.attacks = static_cast<std::int32_t>(std::clamp<std::int64_t>(*c.attacks * wish / detail::unit, 2, 112));
    return c;
}

template <class Value>
treatment treatment_of(const Value& value, const arrange::section_plan& plan, score::mode scale) {
    using score::part, arrange::section_kind;
    const std::int32_t energy = value(parameter::energy), density = value(parameter::density) - detail::half;
    // How many may play: energy, and half as much the density.
    const std::int32_t push = energy + density / 2;
    const auto above = [&](double share) { return push >= static_cast<std::int32_t>(share * detail::unit); };
    treatment t;
    t.key = {score::pitch_class(value(parameter::key)), scale};
    t.energy = static_cast<std::uint8_t>(std::clamp(16 + energy / 280, 0, 255));
    t.strength = static_cast<std::uint8_t>(std::clamp(plan.strength + (energy - detail::half) / 420 + density / 320, 0, 255));
    t.swing = static_cast<std::uint8_t>(std::min(value(parameter::swing) / 256, 255));
    t.plays = plan.plays;
    // The calm lose players from the rhythm up; the lively get all of them, even where the form would rest.
    const bool whole = plan.kind == section_kind::theme || plan.kind == section_kind::bridge;
    if (!above(0.22)) t.plays.set(part::drums, false);
    if (!above(0.14)) t.plays.set(part::bass, false);
    if (!above(0.40)) t.plays.set(part::texture, false);
    if (!above(0.03)) t.plays.set(part::melody, false);
    if (above(0.72)) t.plays.set(part::drums, true).set(part::bass, true);
    if (above(0.80) && whole) t.plays.set(part::melody, true).set(part::texture, true);
    return t;
}

template <class Value>
synth::mix mix_of(const Value& value, const synth::mix& band) {
    const auto share = [&](parameter p) { return static_cast<float>(value(p)) * (1.0F / detail::unit); };
    synth::mix m = band;
    const float lively = share(parameter::energy) - 0.5F;
    m.hiss = m.dust = share(parameter::dust);
    m.rain = share(parameter::rain);
    m.wow = share(parameter::wow);
    m.reverb = share(parameter::reverb);
    m.tone = hertz(double{math::exp2(11.6F + 2.2F * share(parameter::brightness) + 1.2F * lively)});
    bool solo = false;
    for (std::size_t p = 0; p < score::part_count; ++p) solo = solo || value(engine::solo(static_cast<score::part>(p))) != 0;
    for (std::size_t p = 0; p < score::part_count; ++p) {
        const auto part = static_cast<score::part>(p);
        const double fader = from_held(engine::level(part), value(engine::level(part)));
        const bool silent = value(engine::mute(part)) != 0 || (solo && value(engine::solo(part)) == 0) ||
                            fader <= info(engine::level(part)).low;
        const double push = part == score::part::drums  ? 7.0 * double{lively}
                            : part == score::part::bass ? 2.0 * double{lively}
                                                        : 0.0;
        m.gain[p] = silent ? decibels(-200.0) : decibels(fader + push);
    }
    return m;
}

inline synth::mix band_of(std::uint32_t home, random_key seed) {
    using synth::instrument;
    random_stream taste(seed.child("band").child(home));
    synth::mix m;
    constexpr std::array<instrument, 4> keys = {instrument::tine, instrument::tine, instrument::reed, instrument::felt};
    constexpr std::array<instrument, 4> melody = {instrument::nylon, instrument::vibes, instrument::harp, instrument::felt};
    constexpr std::array<instrument, 2> texture = {instrument::harp, instrument::vibes};
    m.keys = keys[uniform_below(taste, keys.size())];
    do m.melody = melody[uniform_below(taste, melody.size())];
    while (m.melody == m.keys);
    do m.texture = texture[uniform_below(taste, texture.size())];
    while (m.texture == m.melody);
    return m;
}

}  // namespace lofi::inline LOFI_ABI::engine
