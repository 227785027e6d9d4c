#pragma once
// A piece beat by beat: how long each pitch class sounds, what is lowest, and where bars begin.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lofi/score/piece.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// Where in its bar a beat stands.
enum class beat_place : std::uint8_t { bar, half, other };

/// One beat.
struct beat_sound {
    std::array<float, 12> time{};    ///< beats that each pitch class sounds, those of several notes added; without the melody
    std::array<float, 12> melody{};  ///< of the melody
    float whole = 0, sung = 0;       ///< sums of both
    std::int16_t low = -1;           ///< the lowest pitch that sounds beside the melody; -1 none
    beat_place place = beat_place::other;
    bool opens = false;  ///< whether the melody begins here after a rest

    [[nodiscard]] bool silent() const { return whole <= 0 && sung <= 0; }
};

/// The beats of a piece from tick 0 to its last end.
struct beat_grid {
    ticks beat{480};  ///< a quarter note, in 6/8 and its kind a dotted one
    std::vector<beat_sound> beats;
};

/// Lays a piece over its beats, drums left out. Where no metre is said it is 4/4 from the start. What comes after 100,000 beats
/// is left out: nobody plays for a day.
/// params: melody: a track of the piece, or null
[[nodiscard]] beat_grid lay_out(const score::piece& piece, const score::track* melody = nullptr);

/// The metre that holds at the start; 4/4 where none is said.
[[nodiscard]] inline score::meter_change first_meter(const score::piece& piece) {
    return piece.meters.empty() || piece.meters.front().at.value > 0 ? score::meter_change{} : piece.meters.front();
}
/// Whether beats are dotted quarter notes: 6/8, 9/8, 12/8.
[[nodiscard]] constexpr bool is_compound(const score::meter_change& m) {
    return m.denominator == 8 && m.numerator > 3 && m.numerator % 3 == 0;
}
/// Ticks of a bar.
[[nodiscard]] constexpr ticks bar_of(const score::meter_change& m, score::resolution r) {
    return ticks(std::max<std::int64_t>(std::int64_t{4} * r.ticks_per_quarter * m.numerator / m.denominator, 1));
}

// ---------------------------------------------------------------- bodies

inline beat_grid lay_out(const score::piece& piece, const score::track* melody) {
    constexpr std::int64_t most_beats = 100000;
    const score::resolution r = piece.resolution();
    const score::meter_change first = first_meter(piece);
    beat_grid out;
    out.beat = ticks(is_compound(first) ? std::max(std::int64_t{3} * r.ticks_per_quarter / 2, std::int64_t{1})
                                        : std::int64_t{r.ticks_per_quarter});
    std::int64_t last = 0;
    for (const score::track& t : piece.tracks)
        if (!t.drums())
            for (const score::note& n : t.notes) last = std::max(last, n.end().value);
    const std::int64_t unit = out.beat.value;
    const auto count = static_cast<std::size_t>(std::min(last / unit + (last % unit != 0 ? 1 : 0), most_beats));
    out.beats.resize(count);

    for (const score::track& t : piece.tracks) {
        if (t.drums()) continue;
        const bool sings = &t == melody;
        std::int64_t sung_to = -unit;
        for (const score::note& n : t.notes) {
            const std::int64_t from = std::max<std::int64_t>(n.start.value, 0), to = n.end().value;
            // An eighth before the beat begins on it.
            if (const auto at = static_cast<std::size_t>((from + unit / 2) / unit);
                sings && from - sung_to >= 3 * unit / 4 && at < count)
                out.beats[at].opens = true;
            sung_to = std::max(sung_to, to);
            for (std::int64_t b = from / unit; b < static_cast<std::int64_t>(count) && b * unit < to; ++b) {
                beat_sound& sound = out.beats[static_cast<std::size_t>(b)];
                const std::int64_t here = std::min(to, (b + 1) * unit) - std::max(from, b * unit);
                // What only leans over into the beat is no part of its harmony.
                if (here * 16 < unit && here < to - from) continue;
                const auto time = static_cast<float>(static_cast<double>(here) / static_cast<double>(unit));
                (sings ? sound.melody : sound.time)[n.which.name().value] += time;
                (sings ? sound.sung : sound.whole) += time;
                if (!sings && (sound.low < 0 || n.which.midi < sound.low)) sound.low = n.which.midi;
            }
        }
    }

    // Bars are counted anew from every change of metre.
    std::vector<score::meter_change> meters = piece.meters;
    if (meters.empty() || meters.front().at.value > 0) meters.insert(meters.begin(), score::meter_change{});
    for (std::size_t i = 0, m = 0; i < count; ++i) {
        const std::int64_t at = static_cast<std::int64_t>(i) * unit;
        while (m + 1 < meters.size() && meters[m + 1].at.value <= at) ++m;
        const std::int64_t bar = bar_of(meters[m], r).value, in = (at - meters[m].at.value) % bar;
        out.beats[i].place = in < unit                                  ? beat_place::bar
                             : in * 2 >= bar && in * 2 < bar + 2 * unit ? beat_place::half
                                                                        : beat_place::other;
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::analysis
