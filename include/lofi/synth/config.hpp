#pragma once
// What a synth is made with, and what may change while it plays.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <lofi/core/error.hpp>
#include <lofi/dsp/crusher.hpp>
#include <lofi/score/note.hpp>

namespace lofi::inline LOFI_ABI::synth {

enum class instrument : std::uint8_t { tine, reed, felt, nylon, harp, vibes, bass, pad };
inline constexpr std::size_t instrument_count = 8;

[[nodiscard]] constexpr std::string_view to_string(instrument i) {
    constexpr std::string_view names[] = {"tine", "reed", "felt", "nylon", "harp", "vibes", "bass", "pad"};
    return names[static_cast<std::size_t>(i)];
}

/// A layer of the sound: the five parts of the music, and the room that answers them.
enum class layer : std::uint8_t { keys, melody, bass, drums, texture, room };
inline constexpr std::size_t layer_count = 6;

[[nodiscard]] constexpr std::string_view to_string(layer l) {
    constexpr std::string_view names[] = {"keys", "melody", "bass", "drums", "texture", "room"};
    return names[static_cast<std::size_t>(l)];
}

/// Taste: everything that may change while the music plays. Amounts go from 0 (none) to 1 (much).
struct mix {
    instrument keys = instrument::tine;
    instrument melody = instrument::nylon;
    instrument texture = instrument::pad;            ///< plays the notes of the texture part, if it has any
    std::array<decibels, score::part_count> gain{};  ///< faders of the parts, against the house mix

    float hiss = 0.4F;  ///< of the record
    float dust = 0.4F;
    float rain = 0.0F;
    float tremolo = 0.4F;  ///< of the keys
    float ducking = 0.5F;  ///< how far keys, melody and texture give way to the kick
    float reverb = 0.4F;
    float drive = 0.4F;                                       ///< of the tape
    float wow = 0.35F;                                        ///< and its flutter
    hertz tone{6500.0};                                       ///< everything above is taken off gently
    dsp::crusher_config grit{.bits = 0, .held = hertz(1e9)};  ///< as it stands, none

    friend constexpr bool operator==(const mix&, const mix&) = default;
};

/// Whether a player limits its own sound. A program that adds up several leaves it out of each and limits their sum.
enum class limiting : std::uint8_t { off, on };

/// How a synth is made.
struct config {
    hertz rate{48000.0};       ///< 8 kHz to 192 kHz
    std::uint64_t seed = 0;    ///< of the dust, of the rain, and of what makes no two hits alike
    decibels loudness{-16.0};  ///< LUFS of the whole
    decibels ceiling{-1.0};    ///< true peak
    limiting limiter = limiting::on;
    synth::mix mix{};
};

/// Says what is wrong with a configuration that came from outside.
/// errors: "rate: 96 Hz is not from 8000 to 192000" and the like
[[nodiscard]] inline result<void> check(const config& c) {
    const auto outside = [](double x, double low, double high) { return !(x >= low && x <= high); };
    if (outside(c.rate.value, 8000.0, 192000.0))
        return error("rate", std::to_string(static_cast<std::int64_t>(c.rate.value)) + " Hz is not from 8000 to 192000");
    if (c.rate.value != static_cast<double>(static_cast<std::int64_t>(c.rate.value)))
        return error("rate", "is not a whole number of hertz");
    if (outside(c.loudness.value, -60.0, 0.0)) return error("loudness", "is not from -60 to 0 LUFS");
    if (outside(c.ceiling.value, -40.0, 0.0)) return error("ceiling", "is not from -40 to 0 dB");
    const mix& m = c.mix;
    if (static_cast<std::size_t>(m.keys) >= instrument_count || static_cast<std::size_t>(m.melody) >= instrument_count ||
        static_cast<std::size_t>(m.texture) >= instrument_count)
        return error("mix", "names an instrument that is not there");
    for (std::size_t p = 0; p < score::part_count; ++p)
        if (outside(m.gain[p].value, -200.0, 24.0))
            return error("mix: gain of " + std::string(to_string(static_cast<layer>(p))), "is not from -200 to 24 dB");
    for (const float amount : {m.hiss, m.dust, m.rain, m.tremolo, m.ducking, m.reverb, m.drive, m.wow})
        if (outside(double{amount}, 0.0, 1.0)) return error("mix", "an amount is not from 0 to 1");
    if (outside(m.tone.value, 100.0, 1e9)) return error("mix: tone", "is below 100 Hz");
    return {};
}

}  // namespace lofi::inline LOFI_ABI::synth
