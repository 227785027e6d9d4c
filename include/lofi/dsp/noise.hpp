#pragma once
// White noise from a counter: the same on every machine, and any position reachable at once.
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/core/random.hpp>
#include <lofi/dsp/lanes.hpp>

namespace lofi::inline LOFI_ABI::dsp {

/// Scrambles a 32-bit counter so that neighbours share nothing. Cheap enough for every sample of every noise.
/// source: the construction of integer hashes with two multiplications (Wellons, 2018), its constants "lowbias32"
[[nodiscard]] constexpr std::uint32_t scramble(std::uint32_t x) {
    x = (x ^ (x >> 16)) * 0x7feb352dU;
    x = (x ^ (x >> 15)) * 0x846ca68bU;
    return x ^ (x >> 16);
}
[[nodiscard]] LOFI_INLINE uint4 scramble(uint4 x) {
    x = (x ^ (x >> 16)) * splat(0x7feb352dU);
    x = (x ^ (x >> 15)) * splat(0x846ca68bU);
    return x ^ (x >> 16);
}

/// White noise, evenly spread over [-1, 1): -4.8 dB RMS. Repeats after 2^32 samples, a day at 48 kHz.
class white_noise {
public:
    constexpr explicit white_noise(random_key key = {}) : start_(static_cast<std::uint32_t>(key.value ^ (key.value >> 32))) {}

    constexpr void reset() { at_ = 0; }
    /// The next 32 random bits.
    constexpr std::uint32_t bits() { return scramble(start_ + at_++); }
    /// The next random bits for a block.
    /// writes: = out
    void bits(std::span<std::uint32_t> out) noexcept {
        const std::size_t fours = out.size() / 4 * 4;
        for (std::size_t n = 0; n < fours; n += 4)
            store(&out[n], scramble(splat(start_ + at_ + static_cast<std::uint32_t>(n)) + uint4{0, 1, 2, 3}));
        for (std::size_t n = fours; n < out.size(); ++n) out[n] = scramble(start_ + at_ + static_cast<std::uint32_t>(n));
        at_ += static_cast<std::uint32_t>(out.size());
    }
    constexpr float tick() { return static_cast<float>(static_cast<std::int32_t>(bits())) * 0x1p-31F; }
    /// writes: = out
    void process(std::span<float> out) noexcept {
        const std::size_t fours = out.size() / 4 * 4;
        for (std::size_t n = 0; n < fours; n += 4) {
            const uint4 b = scramble(splat(start_ + at_ + static_cast<std::uint32_t>(n)) + uint4{0, 1, 2, 3});
            store(&out[n], to_float(bits_as<int4>(b)) * splat(0x1p-31F));
        }
        at_ += static_cast<std::uint32_t>(fours);
        for (float& x : out.subspan(fours)) x = tick();
    }

private:
    std::uint32_t start_ = 0, at_ = 0;
};

}  // namespace lofi::inline LOFI_ABI::dsp
