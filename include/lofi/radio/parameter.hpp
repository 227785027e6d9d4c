#pragma once
// What a game may steer: names, ranges, and whole numbers to keep the values in.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <lofi/core/error.hpp>
#include <lofi/score/note.hpp>

namespace lofi::inline LOFI_ABI::engine {

/// Everything that can be set while the music plays.
enum class parameter : std::uint8_t {
    energy,      ///< 0 calm to 1 lively: how much is played, by whom and how hard
    valence,     ///< 0 dark to 1 bright: chords and mode of what is composed next
    density,     ///< 0 as few notes as will do, 0.5 as the energy asks, 1 as many as can be
    brightness,  ///< 0 under a blanket to 1 open
    dust,        ///< of the record: crackle, pops and hiss
    wow,         ///< how unevenly the tape runs
    rain,        ///< at the window
    reverb,      ///< of the room
    swing,       ///< 0 straight to 1 triplets
    tempo,       ///< beats a minute, as felt: 50 to 110
    key,         ///< tonic: 0 C to 11 B
    mode,        ///< 1 Ionian to 7 Locrian; 0 goes by mood and valence
    gain,        ///< of everything, decibels: -60, which is silence, to 12
    keys_level,  ///< decibels against the house mix, as `gain`; so are the next four
    melody_level,
    bass_level,
    drums_level,
    texture_level,
    keys_mute,  ///< 1 silences a layer; so do the next four
    melody_mute,
    bass_mute,
    drums_mute,
    texture_mute,
    keys_solo,  ///< while any is 1, layers whose solo is 0 are silent
    melody_solo,
    bass_solo,
    drums_solo,
    texture_solo,
    mood,     ///< index into `song::moods`: sets energy, valence, tempo, mode, rain and dust
    playing,  ///< 0 ends at the next cadence; 1 begins again
    pause,    ///< 1 holds the music where it is, 0 lets it go on
    skip,     ///< ends the section at the next bar line
    stinger   ///< plays a `engine::stinger` in key
};
inline constexpr std::size_t parameter_count = 33;

/// Short figures, in the key and over the chord of the moment.
enum class stinger : std::uint8_t { chord, rise, fall, bell };

/// The level, mute and solo of a layer.
[[nodiscard]] constexpr parameter level(score::part p) {
    return static_cast<parameter>(static_cast<std::size_t>(parameter::keys_level) + static_cast<std::size_t>(p));
}
[[nodiscard]] constexpr parameter mute(score::part p) {
    return static_cast<parameter>(static_cast<std::size_t>(parameter::keys_mute) + static_cast<std::size_t>(p));
}
[[nodiscard]] constexpr parameter solo(score::part p) {
    return static_cast<parameter>(static_cast<std::size_t>(parameter::keys_solo) + static_cast<std::size_t>(p));
}

/// What is known of a parameter. Values are held as whole numbers of 1/scale.
struct parameter_info {
    std::string_view name;
    double low, high, initial;
    std::int32_t scale;
    bool glides;  ///< whether a ramp means anything
};
[[nodiscard]] constexpr const parameter_info& info(parameter p);
/// The parameter's value as it is held, clamped to its range; a value that is not a number is taken as the lowest.
[[nodiscard]] constexpr std::int32_t to_held(parameter p, double value);
[[nodiscard]] constexpr double from_held(parameter p, std::int32_t held) { return static_cast<double>(held) / info(p).scale; }
/// Whether a value may be set as it is.
[[nodiscard]] constexpr bool in_range(parameter p, double value) { return value >= info(p).low && value <= info(p).high; }

[[nodiscard]] constexpr std::string_view to_string(parameter p) { return info(p).name; }
/// Finds a parameter by its name.
/// errors: an unknown name, naming those there are
[[nodiscard]] result<parameter> find_parameter(std::string_view name);

/// A parameter and what it shall be.
struct setting {
    parameter what{};
    double value = 0.0;
};

// ---------------------------------------------------------------- bodies

namespace detail {
inline constexpr std::int32_t unit = 65536;
inline constexpr std::array<parameter_info, parameter_count> parameters = {{
    {"energy", 0, 1, 0.5, unit, true},
    {"valence", 0, 1, 0.5, unit, true},
    {"density", 0, 1, 0.5, unit, true},
    {"brightness", 0, 1, 0.5, unit, true},
    {"dust", 0, 1, 0.4, unit, true},
    {"wow", 0, 1, 0.35, unit, true},
    {"rain", 0, 1, 0, unit, true},
    {"reverb", 0, 1, 0.4, unit, true},
    {"swing", 0, 1, 0.43, unit, true},
    {"tempo", 50, 110, 76, 1000, true},
    {"key", 0, 11, 0, 1, false},
    {"mode", 0, 7, 0, 1, false},
    {"gain", -60, 12, 0, 1024, true},
    {"keys level", -60, 12, 0, 1024, true},
    {"melody level", -60, 12, 0, 1024, true},
    {"bass level", -60, 12, 0, 1024, true},
    {"drums level", -60, 12, 0, 1024, true},
    {"texture level", -60, 12, 0, 1024, true},
    {"keys mute", 0, 1, 0, 1, false},
    {"melody mute", 0, 1, 0, 1, false},
    {"bass mute", 0, 1, 0, 1, false},
    {"drums mute", 0, 1, 0, 1, false},
    {"texture mute", 0, 1, 0, 1, false},
    {"keys solo", 0, 1, 0, 1, false},
    {"melody solo", 0, 1, 0, 1, false},
    {"bass solo", 0, 1, 0, 1, false},
    {"drums solo", 0, 1, 0, 1, false},
    {"texture solo", 0, 1, 0, 1, false},
    {"mood", 0, 7, 0, 1, false},
    {"playing", 0, 1, 1, 1, false},
    {"pause", 0, 1, 0, 1, false},
    {"skip", 0, 1, 0, 1, false},
    {"stinger", 0, 3, 0, 1, false},
}};
}  // namespace detail

constexpr const parameter_info& info(parameter p) {
    LOFI_ASSERT(static_cast<std::size_t>(p) < parameter_count, "there is no such parameter");
    return detail::parameters[static_cast<std::size_t>(p)];
}

constexpr std::int32_t to_held(parameter p, double value) {
    const parameter_info& i = info(p);
    const double clamped = value >= i.low ? (value <= i.high ? value : i.high) : i.low;  // what is not a number is not >= low
    // One product and one rounding: nothing that contraction could change.
    const double x = clamped * i.scale;
    return static_cast<std::int32_t>(x < 0.0 ? x - 0.5 : x + 0.5);
}

inline result<parameter> find_parameter(std::string_view name) {
    std::string names;
    for (std::size_t i = 0; i < parameter_count; ++i) {
        if (detail::parameters[i].name == name) return static_cast<parameter>(i);
        names.append(i == 0 ? "" : ", ").append(detail::parameters[i].name);
    }
    std::string place("parameter '");
    place.append(name).append("'");
    return error(place, "is not known; there are " + names);
}

}  // namespace lofi::inline LOFI_ABI::engine
