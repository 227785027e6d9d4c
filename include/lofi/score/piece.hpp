#pragma once
// A whole piece: tracks over one tempo map, with metre, keys and markers.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <lofi/score/key.hpp>
#include <lofi/score/note.hpp>
#include <lofi/score/tempo_map.hpp>

namespace lofi::inline LOFI_ABI::score {

/// A time signature from a tick on.
struct meter_change {
    ticks at{};
    std::uint8_t numerator = 4;
    std::uint8_t denominator = 4;

    friend constexpr bool operator==(const meter_change&, const meter_change&) = default;
};

/// A key from a tick on.
struct key_change {
    ticks at{};
    score::key key{};

    friend constexpr bool operator==(const key_change&, const key_change&) = default;
};

/// A named place: where a section starts, say.
struct marker {
    ticks at{};
    std::string text;

    friend bool operator==(const marker&, const marker&) = default;
};

/// A piece of music.
struct piece {
    std::string title;
    tempo_map tempo;
    std::vector<meter_change> meters;
    std::vector<key_change> keys;
    std::vector<marker> markers;
    std::vector<track> tracks;
    ticks length{};  ///< where the piece ends, at or after its last note: the loop length, for a game

    [[nodiscard]] score::resolution resolution() const { return tempo.resolution(); }
    /// The end of the last note.
    [[nodiscard]] ticks last_end() const {
        ticks end{};
        for (const track& t : tracks)
            for (const note& n : t.notes) end = std::max(end, n.end());
        return end;
    }
    /// The first track that plays a part, or nothing.
    [[nodiscard]] const track* find(part p) const {
        const auto it = std::find_if(tracks.begin(), tracks.end(), [&](const track& t) { return t.part == p; });
        return it == tracks.end() ? nullptr : &*it;
    }
    friend bool operator==(const piece&, const piece&) = default;
};

}  // namespace lofi::inline LOFI_ABI::score
