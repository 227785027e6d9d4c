#pragma once
// From ticks to time and back, exactly.
#include <algorithm>
#include <cstdint>
#include <vector>

#include <lofi/core/assert.hpp>
#include <lofi/core/units.hpp>

namespace lofi::inline LOFI_ABI::score {

/// Ticks that make a quarter note.
struct resolution {
    std::int32_t ticks_per_quarter = 480;

    constexpr resolution() = default;
    constexpr explicit resolution(std::int32_t tpq) : ticks_per_quarter(tpq) {
        LOFI_ASSERT(tpq > 0, "a quarter note has at least one tick");
    }
    friend constexpr bool operator==(resolution, resolution) = default;
};

/// A tempo from a tick on, in microseconds a quarter note as MIDI files hold it.
struct tempo_change {
    ticks at{};
    std::uint32_t microseconds_per_quarter = 500000;

    friend constexpr bool operator==(const tempo_change&, const tempo_change&) = default;
};

[[nodiscard]] constexpr std::uint32_t microseconds_per_quarter(bpm tempo) {
    return static_cast<std::uint32_t>(60000000.0 / tempo.value + 0.5);
}

/// Tempo over time. Positions in time are whole numbers of 1/(1,000,000 * ticks_per_quarter) second, so that no error
/// gathers over hours; 120 bpm until the first change, and the last of several changes on one tick holds.
class tempo_map {
public:
    tempo_map() { rebuild(); }
    explicit tempo_map(score::resolution r, std::vector<tempo_change> changes = {})
        : resolution_(r), changes_(std::move(changes)) {
        rebuild();
    }

    [[nodiscard]] score::resolution resolution() const { return resolution_; }
    [[nodiscard]] const std::vector<tempo_change>& changes() const { return changes_; }
    /// Sets the tempo from a tick on.
    void set(ticks at, bpm tempo) { changes_.push_back({at, microseconds_per_quarter(tempo)}), rebuild(); }

    [[nodiscard]] bpm tempo_at(ticks t) const { return bpm(60000000.0 / segment_of(t).tempo); }
    /// Microseconds times ticks per quarter from the start to a tick: the exact time, as a whole number.
    [[nodiscard]] std::int64_t numerator_at(ticks t) const {
        const segment& s = segment_of(t);
        return s.numerator + (t.value - s.at) * s.tempo;
    }
    [[nodiscard]] seconds seconds_at(ticks t) const {
        return seconds(static_cast<double>(numerator_at(t)) / (1e6 * resolution_.ticks_per_quarter));
    }
    /// The frame that sounds at a tick: the exact time times the rate, rounded down.
    [[nodiscard]] frames frame_at(ticks t, std::int64_t rate) const {
        const std::int64_t unit = std::int64_t{1000000} * resolution_.ticks_per_quarter, n = numerator_at(t);
        return frames(n / unit * rate + n % unit * rate / unit);
    }
    /// The last tick at or before a frame.
    [[nodiscard]] ticks tick_at(frames f, std::int64_t rate) const;

    friend bool operator==(const tempo_map& a, const tempo_map& b) {
        return a.resolution_ == b.resolution_ && a.changes_ == b.changes_;
    }

private:
    struct segment {
        std::int64_t at, numerator, tempo;
    };
    void rebuild();
    [[nodiscard]] const segment& segment_of(ticks t) const {
        auto next = std::upper_bound(segments_.begin(), segments_.end(), t.value,
                                     [](std::int64_t v, const segment& s) { return v < s.at; });
        return next == segments_.begin() ? segments_.front() : *std::prev(next);
    }

    score::resolution resolution_;
    std::vector<tempo_change> changes_;
    std::vector<segment> segments_;
};

// ---------------------------------------------------------------- bodies

inline void tempo_map::rebuild() {
    std::stable_sort(changes_.begin(), changes_.end(),
                     [](const tempo_change& a, const tempo_change& b) { return a.at < b.at; });
    segments_.assign(1, {0, 0, 500000});
    for (const tempo_change& c : changes_) {
        segment& last = segments_.back();
        // A tempo of zero would stop time; it is read as the tempo before it.
        const std::int64_t tempo = c.microseconds_per_quarter == 0 ? last.tempo : std::int64_t{c.microseconds_per_quarter};
        if (c.at.value <= last.at)
            last.tempo = tempo;
        else
            segments_.push_back({c.at.value, last.numerator + (c.at.value - last.at) * last.tempo, tempo});
    }
}

inline ticks tempo_map::tick_at(frames f, std::int64_t rate) const {
    const std::int64_t unit = std::int64_t{1000000} * resolution_.ticks_per_quarter;
    // The smallest numerator whose frame is f+1, less one, lies in the last tick of frame f.
    const std::int64_t whole = (f.value + 1) / rate, rest = (f.value + 1) % rate;
    const std::int64_t bound = whole * unit + (rest * unit + rate - 1) / rate - 1;
    const auto next = std::upper_bound(segments_.begin(), segments_.end(), bound,
                                       [](std::int64_t v, const segment& s) { return v < s.numerator; });
    const segment& s = next == segments_.begin() ? segments_.front() : *std::prev(next);
    return ticks(s.at + (bound - s.numerator) / s.tempo);
}

}  // namespace lofi::inline LOFI_ABI::score
