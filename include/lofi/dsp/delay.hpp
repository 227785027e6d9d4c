#pragma once
// A delay line with whole and fractional taps.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lofi/core/assert.hpp>
#include <lofi/core/units.hpp>

namespace lofi::inline LOFI_ABI::dsp {

/// Remembers the last frames of one channel. Write first, then read: `read(0)` is what was written last.
class delay_line {
public:
    delay_line() : delay_line(frames(1)) {}
    /// Room for delays of up to `longest` frames, and the few more that interpolation needs.
    explicit delay_line(frames longest) {
        std::size_t size = 8;
        while (size < static_cast<std::size_t>(longest.value) + 4) size *= 2;
        memory_.assign(size, 0.0F);
        mask_ = size - 1;
    }

    void reset() { std::fill(memory_.begin(), memory_.end(), 0.0F); }
    void write(float x) noexcept { memory_[++at_ & mask_] = x; }
    [[nodiscard]] float read(std::size_t delay) const noexcept { return memory_[(at_ - delay) & mask_]; }
    /// Reads between frames, by the cubic through the four around. The delay, at least 1, is in units of 2^-16 frame: what
    /// it rounds to decides which frames are read, so it is a whole number.
    [[nodiscard]] float read_q16(std::uint32_t delay) const noexcept;

private:
    std::vector<float> memory_;
    std::size_t mask_ = 0, at_ = 0;
};

// ---------------------------------------------------------------- bodies

inline float delay_line::read_q16(std::uint32_t delay) const noexcept {
    LOFI_ASSERT(delay >= 0x10000U, "a cubic needs one frame after the place it reads");
    const std::size_t whole = delay >> 16;
    const float t = static_cast<float>(delay & 0xffffU) * 0x1p-16F;
    // Lagrange's cubic through the values at -1, 0, 1, 2 (later to earlier), at t.
    const float a = read(whole - 1), b = read(whole), c = read(whole + 1), d = read(whole + 2);
    const float u = t + 1.0F, v = t - 1.0F, w = t - 2.0F;
    return (u * w) * (v * 0.5F * b - t * 0.5F * c) + (t * v) * (u * (1.0F / 6.0F) * d - w * (1.0F / 6.0F) * a);
}

}  // namespace lofi::inline LOFI_ABI::dsp
