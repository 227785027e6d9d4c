#pragma once
// Drums as MusicVAE reads them: which of nine classes are struck, a sixteenth each: 512 combinations.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <lofi/core/error.hpp>
#include <lofi/score/groove.hpp>
#include <lofi/score/piece.hpp>
#include <lofi/token/melody.hpp>

namespace lofi::inline LOFI_ABI::token {

inline constexpr std::size_t drum_classes = 9, drum_ids = std::size_t{1} << drum_classes;

/// The class of a General MIDI drum key, kick to ride as `score::drum` has them, or -1 for keys that are none of them.
/// source: Roberts and others (2018), with the public mapping of Magenta
[[nodiscard]] constexpr int drum_class(int midi);

/// Turns the drum tracks of a piece into masks of the classes struck at each sixteenth, bit k for class k, to the end of a bar.
/// errors: a metre other than 4/4, no drums, more than 10,000 bars
[[nodiscard]] result<std::vector<std::int32_t>> encode_drums(const score::piece& piece);
/// Plays masks, each hit a sixteenth long.
/// errors: "step 7: 600 is not 0 to 511"
[[nodiscard]] result<score::piece> decode_drums(std::span<const std::int32_t> masks, bpm tempo = bpm(120),
                                                score::velocity force = score::velocity(80));

// ---------------------------------------------------------------- bodies

constexpr int drum_class(int midi) {
    // From key 22 on; 9 for none.
    constexpr std::array<std::uint8_t, 66> classes = {2, 9, 9, 9, 3, 1, 1, 4, 6, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 4, 2, 4,
                                                      2, 4, 3, 5, 5, 7, 6, 8, 7, 8, 2, 7, 1, 7, 7, 8, 5, 4, 6, 5, 4, 1,
                                                      1, 3, 2, 2, 2, 2, 3, 2, 3, 1, 6, 5, 2, 3, 2, 8, 8, 6, 4, 1, 5, 5};
    if (midi < 22 || midi >= 22 + static_cast<int>(classes.size())) return -1;
    const std::uint8_t c = classes[static_cast<std::size_t>(midi - 22)];
    return c == 9 ? -1 : c;
}

inline result<std::vector<std::int32_t>> encode_drums(const score::piece& piece) {
    if (auto fine = detail::in_common_time(piece); !fine) return fine.error();
    const std::int64_t quarter = piece.resolution().ticks_per_quarter;
    std::vector<std::int32_t> out;
    for (const score::track& t : piece.tracks) {
        if (!t.drums()) continue;
        for (const score::note& n : t.notes) {
            const int c = drum_class(n.which.midi);
            const std::int64_t at = (8 * n.start.value + quarter) / (2 * quarter);
            if (c < 0 || at < 0) continue;
            if (at >= 160000) return error("tick " + std::to_string(n.start.value), "lies beyond 10000 bars");
            const auto step = static_cast<std::size_t>(at);
            if (step >= out.size()) out.resize((step / melody_bar + 1) * melody_bar, 0);
            out[step] |= 1 << c;
        }
    }
    if (out.empty()) return error("piece", "has no drums");
    return out;
}

inline result<score::piece> decode_drums(std::span<const std::int32_t> masks, bpm tempo, score::velocity force) {
    constexpr std::int64_t sixteenth = 120;
    score::piece out;
    out.tempo = score::tempo_map(score::resolution(4 * sixteenth));
    out.tempo.set(ticks(0), tempo);
    score::track& t = out.tracks.emplace_back();
    t.name = "drums", t.part = score::part::drums, t.channel = 9;
    for (std::size_t i = 0; i < masks.size(); ++i) {
        if (masks[i] < 0 || masks[i] >= static_cast<std::int32_t>(drum_ids))
            return error("step " + std::to_string(i + 1), std::to_string(masks[i]) + " is not 0 to 511");
        for (std::size_t c = 0; c < drum_classes; ++c)
            if ((masks[i] >> c & 1) != 0)
                t.notes.push_back({ticks(static_cast<std::int64_t>(i) * sixteenth), ticks(sixteenth),
                                   score::general_midi_key(static_cast<score::drum>(c)), force});
    }
    score::sort_notes(t.notes);
    out.length = ticks(static_cast<std::int64_t>(masks.size()) * sixteenth);
    return out;
}

}  // namespace lofi::inline LOFI_ABI::token
