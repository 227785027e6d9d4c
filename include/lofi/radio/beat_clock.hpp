#pragma once
// Musical time in frames: the beat that passes, where it began and how long it is.
#include <algorithm>
#include <cstdint>

#include <lofi/arrange/section.hpp>

namespace lofi::inline LOFI_ABI::engine {

/// Counts beats. Frames are kept with 20 binary places, so that no tempo drifts: an error of a frame takes a million beats.
struct beat_clock {
    static constexpr int fraction = 20;

    std::int64_t beat = -1;              ///< that passes; -1 before the first
    std::int64_t start = 0, length = 0;  ///< in 1/2^fraction frame

    /// The frame on which a beat begins, if the tempo stays.
    [[nodiscard]] constexpr std::int64_t frame_of(std::int64_t other) const {
        return (start + length * (other - beat)) >> fraction;
    }
    /// The frame of a tick after the start of the beat that passes.
    [[nodiscard]] constexpr std::int64_t frame_after(std::int64_t ticks) const {
        return (start + length * ticks / arrange::quarter) >> fraction;
    }
    /// How many frames so many ticks last, at least one.
    [[nodiscard]] constexpr std::int64_t frames_in(std::int64_t ticks) const {
        return std::max<std::int64_t>(1, (length / arrange::quarter * ticks) >> fraction);
    }
    /// The tick that a frame falls on, counted from the first beat.
    [[nodiscard]] constexpr std::int64_t tick_at(std::int64_t frame) const {
        const std::int64_t past = ((frame << fraction) - start) / std::max<std::int64_t>(1, length / arrange::quarter);
        return std::max<std::int64_t>(0, beat * arrange::quarter + std::max<std::int64_t>(0, past));
    }
    /// How long a beat is at a tempo in 1/1000 beat a minute.
    [[nodiscard]] static constexpr std::int64_t length_at(std::int64_t rate, std::int32_t tempo) {
        return ((rate * 60000) << fraction) / tempo;
    }

    template <class Archive>
    void visit(Archive& archive) {
        archive(beat), archive(start), archive(length);
    }
};

}  // namespace lofi::inline LOFI_ABI::engine
