#pragma once
// Chords laid under the right hand: three or four voices in one register, each moving as little as it can.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include <lofi/score/chord.hpp>

namespace lofi::inline LOFI_ABI::arrange {

inline constexpr std::size_t most_voices = 4;

/// Pitches that sound together, lowest first.
struct voicing {
    std::array<std::uint8_t, most_voices> midi{};
    std::uint8_t count = 0;

    [[nodiscard]] constexpr std::span<const std::uint8_t> notes() const { return {midi.data(), count}; }
    [[nodiscard]] constexpr int top() const { return count == 0 ? 0 : midi[count - 1U]; }
    friend constexpr bool operator==(const voicing&, const voicing&) = default;
};

/// The register of the right hand, in MIDI numbers.
struct voicing_config {
    std::uint8_t low = 49, high = 74;  ///< lowest and highest note
    std::uint8_t centre = 59;          ///< where the hand likes to be
    std::uint8_t ceiling = 71;         ///< the top voice stays below if it can: a melody sings there
};

/// Returns the tones that the hand takes of a chord: of more than four first the root goes, which bass or left hand play, then
/// the fifth.
[[nodiscard]] constexpr score::pitch_set hand_tones(const score::chord& c, const score::key& key);

/// Returns the voicing of at most four tones whose voices move least from the one before; an empty one before means the centre.
[[nodiscard]] constexpr voicing voice(score::pitch_set tones, const voicing& before, const voicing_config& config = {});

/// Semitones from a voicing to another: voice by voice where they are equally many, else from each voice to the nearest.
[[nodiscard]] constexpr int movement(const voicing& from, const voicing& to);

// ---------------------------------------------------------------- bodies

constexpr score::pitch_set hand_tones(const score::chord& c, const score::key& key) {
    score::pitch_set tones = pitch_classes(c, key);
    const auto leave = [&](score::pitch_class p) { tones = score::pitch_set(tones.mask & ~(1U << p.value)); };
    if (tones.size() > most_voices) leave(root(c, key));
    if (tones.size() > most_voices) leave(score::pitch_class(root(c, key).value + fifth_of(c.type)));
    return tones;
}

constexpr int movement(const voicing& from, const voicing& to) {
    int sum = 0;
    const auto distance = [](int a, int b) { return a < b ? b - a : a - b; };
    for (std::size_t i = 0; i < to.count; ++i) {
        int nearest = 127;
        if (from.count == to.count)
            nearest = distance(from.midi[i], to.midi[i]);
        else
            for (const std::uint8_t a : from.notes()) nearest = std::min(nearest, distance(a, to.midi[i]));
        sum += nearest;
    }
    return sum;
}

namespace detail {

// What a voicing costs: what would sound bad, how far the hand is from its place, and how far it has to move.
constexpr int voicing_cost(const voicing& v, const voicing& before, const voicing_config& config) {
    int cost = 0, sum = 0;
    for (std::size_t i = 0; i < v.count; ++i) {
        sum += v.midi[i];
        for (std::size_t j = 0; j < i; ++j)
            if (v.midi[i] - v.midi[j] == 13) cost += 200;  // a minor ninth bites wherever it is
        if (i == 0) continue;
        const int gap = v.midi[i] - v.midi[i - 1];
        if (gap == 1) cost += v.midi[i] < 60 ? 200 : i + 1 == v.count ? 60 : 8;  // a semitone rubs: low down, and under the top
        if (gap == 2) cost += v.midi[i] < 56 ? 16 : 2;
        if (gap > 8) cost += 5 * (gap - 8);  // a hole in the middle
    }
    const int off_centre = sum - config.centre * v.count;
    cost += (off_centre < 0 ? -off_centre : off_centre) * 3 / 4;
    if (v.top() > config.ceiling) cost += 9 * (v.top() - config.ceiling);
    if (before.count != 0) {
        const int top = v.top() - before.top();
        cost += 3 * movement(before, v) + 2 * (top < 0 ? -top : top);  // the top line is heard most
    }
    return cost;
}

// Tries every order of the tones from the bottom up, each tone the next above the one before, from every start in the register.
struct voicing_search {
    const voicing& before;
    const voicing_config& config;
    voicing best{};
    int best_cost = std::numeric_limits<int>::max();

    constexpr void lay(score::pitch_set left, const voicing& v) {
        if (left.empty() || v.count == most_voices) {
            const int cost = voicing_cost(v, before, config);
            if (cost < best_cost) best_cost = cost, best = v;
            return;
        }
        for (int at = v.count == 0 ? config.low : v.top() + 1, end = at + 12; at < end && at <= config.high; ++at) {
            if (!left.contains(score::pitch_class(at))) continue;
            voicing more = v;
            more.midi[more.count++] = static_cast<std::uint8_t>(at);
            lay(score::pitch_set(left.mask & ~(1U << at % 12)), more);
        }
    }
};

}  // namespace detail

constexpr voicing voice(score::pitch_set tones, const voicing& before, const voicing_config& config) {
    LOFI_ASSERT(tones.size() <= most_voices, "a hand has four voices");
    LOFI_ASSERT(config.high - config.low >= 23, "a register of two octaves holds every chord");
    if (tones.empty()) return {};
    detail::voicing_search search{before, config};
    search.lay(tones, {});
    return search.best;
}

}  // namespace lofi::inline LOFI_ABI::arrange
