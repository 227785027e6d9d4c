#pragma once
// When notes start: a groove's template, and a budget of notes for each bar.
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/sampling/pitch_ids.hpp>

namespace lofi::inline LOFI_ABI::sampling {

/// The ids that start no note, and on the steps of a template (bit s for step s, at most 64) all.
template <std::size_t V>
[[nodiscard]] constexpr id_mask<V> onset_mask(pitch_ids pitches, std::uint64_t steps, std::size_t step) {
    const bool here = step < 64 && (steps >> step & 1U) != 0;
    return pitch_mask<V>(pitches, [=](int) { return here; });
}

/// Adds the template's amount at a step to the bias of every id that starts a note.
/// writes: bias +=
template <class Number>
constexpr void onset_bias(pitch_ids pitches, std::span<const Number> amounts, std::size_t step, std::span<Number> bias) {
    LOFI_ASSERT(!amounts.empty(), "a template has at least one step");
    pitch_bias(pitches, bias, [=](int) { return amounts[step % amounts.size()]; });
}

/// Holds the number of notes of each bar between two bounds, for vocabularies with one id a step.
/// realtime: yes
class bar_budget {
public:
    /// At least `low` notes start in a bar of `steps`, and at most `high`.
    constexpr bar_budget(std::size_t steps, std::size_t low, std::size_t high) : steps_(steps), low_(low), high_(high) {
        LOFI_ASSERT(steps > 0 && low <= high && low <= steps, "a budget has low <= high, and no more notes than steps");
    }

    /// The ids that keep the bar within its bounds: no note any more at `high`, notes alone where every step left is needed.
    template <std::size_t V>
    [[nodiscard]] constexpr id_mask<V> mask(pitch_ids pitches) const;
    /// Moves on by a step, past the bar's end into the next.
    constexpr void step(pitch_ids pitches, std::size_t id);
    constexpr void reset() { at_ = notes_ = 0; }

    [[nodiscard]] constexpr std::size_t notes() const { return notes_; }
    [[nodiscard]] constexpr std::size_t steps_left() const { return steps_ - at_; }

private:
    std::size_t steps_, low_, high_, at_ = 0, notes_ = 0;
};

// ---------------------------------------------------------------- bodies

template <std::size_t V>
constexpr id_mask<V> bar_budget::mask(pitch_ids pitches) const {
    const bool needed = notes_ + steps_left() <= low_, may = notes_ < high_;
    id_mask<V> m;
    for (std::size_t id = 0; id < pitches.size(); ++id)
        if (pitches[id] == no_pitch ? !needed : may) m.insert(id);
    return m;
}

constexpr void bar_budget::step(pitch_ids pitches, std::size_t id) {
    LOFI_ASSERT(id < pitches.size(), "an id is one of the vocabulary");
    if (pitches[id] != no_pitch) ++notes_;
    if (++at_ == steps_) reset();
}

}  // namespace lofi::inline LOFI_ABI::sampling
