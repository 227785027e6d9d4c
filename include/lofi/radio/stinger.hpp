#pragma once
// Short figures over the chord of the moment, for doors that open and coins that are found.
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/core/fixed_vector.hpp>
#include <lofi/radio/parameter.hpp>
#include <lofi/score/chord.hpp>

namespace lofi::inline LOFI_ABI::engine {

/// A note of a figure.
struct stinger_note {
    std::int64_t after = 0;  ///< frames from its beginning
    score::pitch which{};
    score::velocity force{};
};

/// Writes a figure of tones of a chord, above the melody's middle; `beat` is the length of a beat in frames.
[[nodiscard]] inline fixed_vector<stinger_note, 5> figure(stinger kind, const score::chord& chord, const score::key& key,
                                                          std::int64_t beat) {
    const score::pitch_set tones = pitch_classes(chord, key);
    fixed_vector<int, 5> ladder;
    for (int m = 67; !ladder.full() && m < 100; ++m)
        if (tones.contains(score::pitch_class(m))) ladder.push_back(m);
    fixed_vector<stinger_note, 5> out;
    const auto add = [&](std::int64_t after, int pitch, int force) {
        out.push_back({after, score::pitch(pitch), score::velocity(force)});
    };
    const auto last = static_cast<int>(ladder.size()) - 1;
    for (int i = 0; i <= last; ++i) {
        const auto at = [&](int rung) { return ladder[static_cast<std::size_t>(rung)]; };
        switch (kind) {
            case stinger::chord:
                if (i < 4) add(i * beat / 24, at(i), 84);
                break;
            case stinger::rise: add(i * beat / 6, at(i), 72 + 4 * i); break;
            case stinger::fall: add(i * beat / 6, at(last - i), 88 - 4 * i); break;
            case stinger::bell:
                if (i == last) add(0, at(i), 92);
                break;
        }
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::engine
