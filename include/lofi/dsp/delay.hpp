#pragma once
// A delay line with whole and fractional taps.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lofi/core/assert.hpp>
#include <lofi/core/units.hpp>
#include <lofi/dsp/lanes.hpp>

namespace lofi::inline LOFI_ABI::dsp {

/// Remembers the last frames of one channel. Write first, then read: `read(0)` is what was written last.
class delay_line {
public:
    delay_line() : delay_line(frames(1)) {}
    /// Room for delays of up to `longest` frames, and the few more that interpolation needs.
    explicit delay_line(frames longest) {
        std::size_t size = 8;
        while (size < static_cast<std::size_t>(longest.value) + 4) size *= 2;
        memory_.assign(size + beyond, 0.0F);
        mask_ = size - 1;
    }

    void reset() noexcept { std::fill(memory_.begin(), memory_.end(), 0.0F); }
    void write(float x) noexcept {
        const std::size_t place = ++at_ & mask_;
        memory_[place] = x;
        if (place < beyond) memory_[mask_ + 1 + place] = x;
    }
    void write(std::span<const float> x) noexcept {
        const std::size_t place = (at_ + 1) & mask_;
        if (x.size() == 32 && place >= beyond && place + 32 <= mask_ + 1) {
            std::copy_n(x.data(), 32, memory_.data() + place);  // of constant length, which needs no call
            at_ += 32;
        } else {
            for (const float v : x) write(v);
        }
    }
    [[nodiscard]] float read(std::size_t delay) const noexcept { return memory_[(at_ - delay) & mask_]; }
    /// Reads between frames, by the cubic through the four around. The delay, at least 1, is in units of 2^-16 frame: what
    /// it rounds to decides which frames are read, so it is a whole number.
    [[nodiscard]] float read_q16(std::uint32_t delay) const noexcept;
    /// Reads so for each of the last frames written, the oldest first: delays[i] goes back from that frame.
    /// writes: = out
    void read_q16(std::span<const std::uint32_t> delays, std::span<float> out) const noexcept;

private:
    static constexpr std::size_t beyond = 3;  // past the end stands the beginning again, so that four neighbours lie in a row
    std::vector<float> memory_;
    std::size_t mask_ = 0, at_ = 0;
};

/// Remembers one channel in blocks of up to 32 frames, each of which ends where 32 frames do at the latest (`room` says how
/// many are left): so none is written across the end of the memory, and since beyond the end the beginning stands once more,
/// none is read across it. Starts anew in no time: what it remembers is not cleared but forgotten.
class block_delay {
public:
    static constexpr std::size_t most = 32;
    using block = std::array<float, most>;

    block_delay() = default;
    /// Room for delays of up to `longest` frames.
    explicit block_delay(frames longest)
        : size_((static_cast<std::size_t>(longest.value) + 2 * most - 1) / most * most), memory_(size_ + most) {}

    void reset() noexcept { at_ = written_ = 0; }
    /// Frames that the next block may have.
    [[nodiscard]] std::size_t room() const noexcept { return most - at_ % most; }
    /// writes: = 32 frames of out, the first of which was written `delay` frames before the one that will be written next
    void read(std::size_t delay, block& out) const noexcept;
    /// Takes n frames.
    void write(const float* in, std::size_t n) noexcept;

private:
    std::size_t size_ = 0, at_ = 0, written_ = 0;
    std::vector<float> memory_;
};

// ---------------------------------------------------------------- bodies

inline void delay_line::read_q16(std::span<const std::uint32_t> delays, std::span<float> out) const noexcept {
    const std::size_t n = delays.size(), first = at_ - (n - 1);
    std::size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        std::array<float4, 4> v;  // of each frame its four neighbours, the earliest first
        unrolled<4>([&](auto k) { v[k] = load(&memory_[(first + i + k - (delays[i + k] >> 16) - 2) & mask_]); });
        transpose(v[0], v[1], v[2], v[3]);
        const float4 t = to_float(bits_as<int4>(load(&delays[i]) & splat(0xffffU))) * splat(0x1p-16F);
        const float4 u = t + splat(1.0F), q = t - splat(1.0F), w = t - splat(2.0F);
        store(&out[i], (u * w) * (q * splat(0.5F) * v[2] - t * splat(0.5F) * v[1]) +
                           (t * q) * (u * splat(1.0F / 6.0F) * v[0] - w * splat(1.0F / 6.0F) * v[3]));
    }
    for (; i < n; ++i) out[i] = read_q16(delays[i] + (static_cast<std::uint32_t>(n - 1 - i) << 16));
}

inline void block_delay::read(std::size_t delay, block& out) const noexcept {
    LOFI_ASSERT(delay <= size_, "a delay is longer than what was made room for");
    const std::size_t from = at_ >= delay ? at_ - delay : at_ + size_ - delay;
    std::copy_n(memory_.data() + from, most, out.data());
    if (written_ < delay) std::fill_n(out.data(), std::min(most, delay - written_), 0.0F);
}

inline void block_delay::write(const float* in, std::size_t n) noexcept {
    LOFI_ASSERT(n <= room(), "a block is written across the end of 32 frames");
    const auto copy = [&](float* to) {
        if (n == most)
            std::copy_n(in, most, to);  // of constant length, which needs no call
        else
            std::copy_n(in, n, to);
    };
    copy(memory_.data() + at_);
    if (at_ < most) copy(memory_.data() + size_ + at_);
    at_ = at_ + n == size_ ? 0 : at_ + n, written_ = std::min(written_ + n, size_);
}

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
