#pragma once
// The colours of chords: sevenths, ninths, suspensions and added tones, as far as the key has them.
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/arrange/section.hpp>
#include <lofi/score/chord.hpp>

namespace lofi::inline LOFI_ABI::arrange {

enum class chord_colour : std::uint8_t { triad, added_ninth, seventh, ninth, suspended, eleventh };
inline constexpr std::size_t chord_colour_count = 6;

/// Returns the chord on a degree, 1 to 7, in a colour. Every tone belongs to the key: where a colour would need one that does not,
/// or would grind (a ninth a semitone above its root, an eleventh above a major third), the nearest plainer colour is taken.
[[nodiscard]] constexpr score::chord coloured(const score::key& key, int degree, chord_colour colour);

/// A chord that stays for a number of rows.
struct chord_span {
    std::size_t row = 0, rows = 0;
    std::uint8_t degree = 0;
    score::chord chord{};
};

/// Colours the chords of a section. Over rows without a chord the one before them stays, and the first chord stands from the beginning: a
/// calm band, whose melody rests too, would leave a hole of whole seconds. A suspension that lasts is resolved halfway. The colours hang
/// on material, row and degree, so that a progression comes back as it was.
using chord_spans = fixed_vector<chord_span, 2 * most_rows>;
[[nodiscard]] inline chord_spans harmonise(const section& s, const arrange_config& config);

// ---------------------------------------------------------------- bodies

constexpr score::chord coloured(const score::key& key, int degree, chord_colour colour) {
    using score::extension, score::quality, score::seventh;
    score::chord triad = score::diatonic(key.scale, degree), out = score::diatonic(key.scale, degree, score::stack::seventh);
    const auto has = [&](int semitones_up) { return contains(key, score::pitch_class(root(out, key).value + semitones_up)); };
    const bool stable = triad.type.quality != quality::diminished, ninth = stable && has(14);
    switch (colour) {
        case chord_colour::triad: return triad;
        case chord_colour::added_ninth:
            if (ninth) triad.type.added = extension::ninth;
            return triad;
        case chord_colour::seventh: break;
        case chord_colour::eleventh:
            if (ninth && out.type.quality == quality::minor)
                out.type.added = extension::ninth | extension::eleventh;
            else if (ninth && has(18))
                out.type.added = extension::ninth | extension::sharp_eleventh;
            else if (ninth)
                out.type.added = extension::ninth;
            break;
        case chord_colour::suspended:
            // A fourth wants to fall to the third, which suits a minor seventh; over a major seventh the second floats.
            if (stable && out.type.seventh == seventh::minor && has(5))
                out.type.quality = quality::sus4;
            else if (ninth)
                out.type.quality = quality::sus2;
            break;
        case chord_colour::ninth:
            if (ninth) out.type.added = extension::ninth;
            break;
    }
    return out;
}

inline chord_spans harmonise(const section& s, const arrange_config& config) {
    const random_key colours = config.key_of_chance.child("colour").child(s.material);
    chord_spans spans;
    const std::uint32_t c = config.colour;
    fixed_vector<std::uint8_t, most_rows> degrees;
    std::uint8_t stays = 0;
    for (std::size_t i = 0; i < s.rows.size() && stays == 0; ++i) stays = s.rows[i].chord;
    for (const score::lead_row& row : s.rows) {
        LOFI_ASSERT(row.chord <= 7, "a row's chord is a degree from 1 to 7, or 0");
        degrees.push_back(stays = row.chord != 0 ? row.chord : stays);
    }
    for (std::size_t i = 0; i < s.rows.size();) {
        const std::uint8_t degree = degrees[i];
        std::size_t rows = 1;
        while (i + rows < s.rows.size() && degrees[i + rows] == degree) ++rows;
        if (degree != 0) {
            random_stream chance_of(colours.child(i).child(degree));
            // A dominant likes to be suspended, the subdominants to be coloured further.
            const std::array<std::uint32_t, chord_colour_count> weights = {2 * (255 - c) + 1,
                                                                           40 + c / 8,
                                                                           90,
                                                                           c,
                                                                           degree == 5 ? c / 2 : c / 12,
                                                                           degree == 2 || degree == 4 ? c / 3 : c / 10};
            const auto colour = static_cast<chord_colour>(pick(chance_of, weights));
            if (colour == chord_colour::suspended && rows >= 2) {
                const std::size_t half = rows / 2;
                spans.push_back({i, half, degree, coloured(config.key, degree, colour)});
                spans.push_back({i + half, rows - half, degree, coloured(config.key, degree, chord_colour::seventh)});
            } else {
                spans.push_back({i, rows, degree, coloured(config.key, degree, colour)});
            }
        }
        i += rows;
    }
    return spans;
}

}  // namespace lofi::inline LOFI_ABI::arrange
