#pragma once
// How people play: a swing that all share, timing that wanders, force that rises and falls with the phrase.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/arrange/section.hpp>

namespace lofi::inline LOFI_ABI::arrange {

/// Moves a tick of the straight grid (0 or later) to where the swing puts it: the second sixteenth of every eighth comes late, by
/// up to a third of a sixteenth, which is a triplet. Eighths stay where they are.
[[nodiscard]] constexpr std::int64_t swung(std::int64_t tick, std::uint8_t swing) {
    constexpr std::int64_t eighth = 2 * sixteenth;
    const std::int64_t start = tick / eighth * eighth, within = tick - start, late = sixteenth * swing / (3 * 255);
    if (within <= sixteenth) return start + within * (sixteenth + late) / sixteenth;
    return start + sixteenth + late + (within - sixteenth) * (sixteenth - late) / sixteenth;
}

/// Draws a whole number of roughly normal shape with mean 0 and the given spread, never beyond three spreads.
[[nodiscard]] constexpr std::int32_t scatter(random_stream& s, std::int32_t spread) {
    const std::int64_t z = normal_q16(s) * std::int64_t{spread} / 65536;
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(z, -3 * spread, 3 * spread));
}

/// A timing error of one note, in ticks: the part of it that no other note shares.
[[nodiscard]] constexpr std::int32_t slip(random_stream& s, const arrange_config& c) {
    return scatter(s, 20 * c.looseness / 255);
}

/// What a phrase of four bars adds to the force of its notes: it swells into the third bar and lets go.
[[nodiscard]] constexpr std::int32_t phrase_force(std::int64_t at_bar) {
    constexpr std::int32_t arch[4] = {0, 2, 4, -1};
    return arch[at_bar & 3];
}

/// One player over one section. Notes are given on the straight grid, in ticks from the start of the section; the performer swings
/// them, lets the player's timing wander, keeps every note inside the section, and no pitch over itself.
/// measured: walk and `slip` at looseness 255 have the spread of the drummers in the Groove MIDI Dataset at 100 bpm and below, 0.12 of a
/// sixteenth a limb, and as there about half of its variance is shared by notes a beat apart.
class performer {
public:
    /// `lateness`, in 1/256 tick, is carried from section to section. Its walk takes one random number a beat, however many notes there
    /// are, so that no note moves another.
    /// `out` is where it plays into: whatever stands there already stays as it is.
    performer(const section& s, const arrange_config& config, random_key part_key, ticks start, std::int32_t& lateness,
              score::track& out);

    /// Plays a note from one place of the grid to another, both `late` ticks behind. Notes that become too short to be heard, at the very
    /// end of the section, are left out.
    void play(std::int64_t from, std::int64_t until, std::int32_t late, int pitch, std::int32_t force);
    /// Puts what was played in order.
    void finish();

    /// Ticks of the section.
    [[nodiscard]] std::int64_t length() const { return length_; }

private:
    static constexpr std::int64_t shortest = sixteenth / 4;
    std::int64_t start_, length_;
    std::uint8_t swing_;
    std::int32_t louder_;
    fixed_vector<std::int32_t, most_beats> walk_;
    std::vector<score::note>& notes_;
    std::size_t first_;
};

// ---------------------------------------------------------------- bodies

inline performer::performer(const section& s, const arrange_config& config, random_key part_key, ticks start,
                            std::int32_t& lateness, score::track& out)
    : start_(start.value),
      length_(length_ticks(s, config)),
      swing_(config.swing),
      louder_((config.energy - 128) / 14),
      notes_(out.notes),
      first_(out.notes.size()) {
    random_stream chance_of(part_key.child("timing"));
    const std::int64_t spread = 22 * 256 * config.looseness / 255;
    for (std::int64_t beat = 0; beat * quarter < length_; ++beat) {
        // A walk that forgets: x = 0.83 x + 0.56 spread n keeps the spread and its correlation halves in about four beats.
        lateness =
            static_cast<std::int32_t>((lateness * std::int64_t{212} + normal_q16(chance_of) * spread / 65536 * 143) / 256);
        walk_.push_back(lateness / 256);
    }
}

inline void performer::play(std::int64_t from, std::int64_t until, std::int32_t late, int pitch, std::int32_t force) {
    until = std::min(until, length_);
    if (from < 0 || from >= until) return;
    late += walk_[static_cast<std::size_t>(from / quarter)];
    const std::int64_t on = std::max<std::int64_t>(0, swung(from, swing_) + late),
                       off = std::min(length_, swung(until, swing_) + late);
    if (off - on < shortest) return;
    notes_.push_back(
        {ticks(start_ + on), ticks(off - on), score::pitch(pitch), score::velocity(std::clamp(force + louder_, 12, 120))});
}

inline void performer::finish() {
    const std::span<score::note> played = std::span(notes_).subspan(first_);
    score::sort_notes(played);
    std::array<std::size_t, 128> last{};  // one more than the index of the pitch's latest note
    std::size_t kept = 0;
    for (const score::note n : played) {
        std::size_t& before = last[n.which.midi];
        if (before != 0) {
            score::note& b = played[before - 1];
            if (n.start - b.start < ticks(shortest)) continue;
            b.length = std::min(b.length, n.start - b.start);
        }
        played[kept++] = n;
        before = kept;
    }
    notes_.resize(first_ + kept);
    first_ = notes_.size();
}

}  // namespace lofi::inline LOFI_ABI::arrange
