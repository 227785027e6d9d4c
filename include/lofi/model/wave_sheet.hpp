#pragma once
// What a network of sound is told of the music: where in the bar it is, over which chord, with drums or without, and how loud.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lofi/core/math.hpp>
#include <lofi/core/units.hpp>
#include <lofi/score/key.hpp>

namespace lofi::inline LOFI_ABI::model {

enum class drumming : std::uint8_t { none, some };

/// A lead sheet as sound goes by it: chords, one after the other, over and over.
struct wave_sheet {
    bpm tempo{80.0};  ///< felt beats
    double beats_a_chord = 4;
    struct harmony {
        score::key key{};
        std::uint8_t degree = 0;  ///< 0: none
        double energy = 0.5;      ///< 0 to 1: how loud, 6 dB from end to end
        friend constexpr bool operator==(const harmony&, const harmony&) = default;
    };
    std::vector<harmony> chords;
    drumming drums = drumming::some;

    [[nodiscard]] double beat_at(double seconds) const { return seconds * tempo.value / 60; }
    [[nodiscard]] const harmony* chord_at(double seconds) const {
        if (chords.empty() || seconds < 0) return nullptr;
        return &chords[static_cast<std::size_t>(beat_at(seconds) / beats_a_chord) % chords.size()];
    }
    /// Sixteenth of the bar of four beats, 0 to 15.
    [[nodiscard]] std::size_t sixteenth_at(double seconds) const {
        const double bar = beat_at(seconds) / 4;
        return static_cast<std::size_t>((bar - std::floor(bar)) * 16) % 16;
    }
};

/// Logarithms of a frame's level and of its residual's, against what is usual.
struct wave_level {
    float sound = 0, residual = 0;
};

/// Features of a frame: sine and cosine of 1, 2, 4, 8 and 16 turns a bar, which of twelve tones the seventh chord has, which is its root,
/// whether drums play, both levels, and that all this is known. All 0 where nothing is told.
inline constexpr std::size_t wave_condition_size = 38;
[[nodiscard]] inline std::array<float, wave_condition_size> wave_condition(const wave_sheet& sheet, double seconds,
                                                                           wave_level level) {
    std::array<float, wave_condition_size> f{};
    const double bar = sheet.beat_at(seconds) / 4;
    for (std::size_t i = 0; i < 5; ++i) {
        const double turns = bar * static_cast<double>(std::size_t{1} << i);
        f[2 * i] = static_cast<float>(math::sin_turns(turns)), f[2 * i + 1] = static_cast<float>(math::cos_turns(turns));
    }
    if (const wave_sheet::harmony* const h = sheet.chord_at(seconds); h != nullptr && h->degree > 0) {
        for (int i = 0; i < 4; ++i) f[10 + score::degree(h->key, h->degree + 2 * i).value] = 1;
        f[22 + score::degree(h->key, h->degree).value] = 1;
    }
    f[34] = sheet.drums == drumming::some ? 1.0F : 0.0F;
    f[35] = level.sound, f[36] = level.residual, f[37] = 1;
    return f;
}

}  // namespace lofi::inline LOFI_ABI::model
