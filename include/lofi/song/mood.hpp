#pragma once
// Moods by name: where energy, valence and tempo start when a listener names a feeling.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <lofi/core/error.hpp>
#include <lofi/core/units.hpp>
#include <lofi/score/mode.hpp>

namespace lofi::inline LOFI_ABI::song {

/// What a name stands for. Energy and valence run from 0 to 1.
struct mood {
    std::string_view name, says;
    double energy, valence;
    bpm tempo;  ///< as felt
    std::optional<score::mode> scale;
    double rain, vinyl;  ///< levels of the ambience, 0 to 1
};

inline constexpr std::array<mood, 8> moods = {{
    {"night", "late, warm, a little blue", .58, .52, bpm(74.0), score::mode::dorian, .0, .55},
    {"rain", "grey and slow, rain at the window", .52, .43, bpm(68.0), score::mode::aeolian, .8, .35},
    {"study", "even and unobtrusive", .60, .58, bpm(78.0), std::nullopt, .0, .40},
    {"morning", "bright, with room to breathe", .64, .75, bpm(82.0), score::mode::ionian, .0, .30},
    {"sunset", "golden, nostalgic", .60, .66, bpm(76.0), score::mode::mixolydian, .0, .50},
    {"cafe", "friendly, on its feet", .68, .76, bpm(88.0), score::mode::ionian, .0, .35},
    {"drift", "hardly moving", .50, .68, bpm(64.0), score::mode::lydian, .25, .45},
    {"train", "going somewhere, looking out", .66, .52, bpm(90.0), score::mode::aeolian, .15, .45},
}};

/// Finds a mood by its name.
/// errors: an unknown name, naming those there are
[[nodiscard]] inline result<mood> find_mood(std::string_view name) {
    std::string names;
    for (const mood& m : moods) {
        if (m.name == name) return m;
        names += (names.empty() ? "" : ", ") + std::string(m.name);
    }
    return error("mood '" + std::string(name) + "'", "is not known; there are " + names);
}

}  // namespace lofi::inline LOFI_ABI::song
