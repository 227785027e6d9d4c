#pragma once
// The lo-fi accent: what lo-fi loops do with chords that the songs the network learned from do not.
#include <array>
#include <cstdint>

#include <lofi/model/lofi2lofi_generate.hpp>
#include <lofi/score/mode.hpp>

namespace lofi::inline LOFI_ABI::song {

/// Returns a bias on chord logits, in 1/65536, that moves the shares of the degrees from those of the training songs toward those
/// counted in 44 lo-fi loops: less tonic and dominant, more of the others. `dial` runs from 0, none, to 255, all of it.
[[nodiscard]] constexpr std::array<std::int32_t, model::chord_symbols> accent(score::mode m, std::uint8_t dial) {
    // log(share in the loops / share in the training songs) of degrees 1 to 7, in 1/65536. Major: I 25 ii 20 iii 14 IV 18 V 7 vi 18
    // vii 6 of 108; minor: i 29 ii 4 III 16 iv 10 v 11 VI 17 VII 13 of 100.
    constexpr std::array<std::int32_t, 7> major = {-33386, 41125, 41171, 28695, -80611, 36807, 59718};
    constexpr std::array<std::int32_t, 7> minor = {-14409, -9960, 36898, -14643, -42683, 29511, 54465};
    const bool bright = m == score::mode::ionian || m == score::mode::lydian || m == score::mode::mixolydian;
    std::array<std::int32_t, model::chord_symbols> bias{};
    for (std::size_t d = 0; d < 7; ++d) bias[d + 1] = (bright ? major : minor)[d] * dial / 255;
    return bias;
}

/// How songs draw from the network: with the accent, and with breath. A note that is held for two bars says nothing, and is most of
/// what a melody can share with any other.
[[nodiscard]] constexpr model::lead_sampling shipped_sampling(score::mode m, std::uint8_t accent_dial) {
    model::lead_sampling s;
    s.chord_bias = accent(m, accent_dial);
    s.longest_note = 10;
    return s;
}

}  // namespace lofi::inline LOFI_ABI::song
