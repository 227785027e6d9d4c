#pragma once
// White noise from a counter: the same on every machine, and any position reachable at once.
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/core/random.hpp>

namespace lofi::inline LOFI_ABI::dsp {

/// Scrambles a 32-bit counter so that neighbours share nothing. Cheap enough for every sample of every noise.
/// source: the construction of integer hashes with two multiplications (Wellons, 2018), its constants "lowbias32"
[[nodiscard]] constexpr std::uint32_t scramble(std::uint32_t x) {
    x = (x ^ (x >> 16)) * 0x7feb352dU;
    x = (x ^ (x >> 15)) * 0x846ca68bU;
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
    constexpr void bits(std::span<std::uint32_t> out) {
        for (std::size_t n = 0; n < out.size(); ++n) out[n] = scramble(start_ + at_ + static_cast<std::uint32_t>(n));
        at_ += static_cast<std::uint32_t>(out.size());
    }
    constexpr float tick() { return static_cast<float>(static_cast<std::int32_t>(bits())) * 0x1p-31F; }
    /// writes: = out
    constexpr void process(std::span<float> out) {
        for (std::size_t n = 0; n < out.size(); ++n)
            out[n] = static_cast<float>(static_cast<std::int32_t>(scramble(start_ + at_ + static_cast<std::uint32_t>(n)))) *
                     0x1p-31F;
        at_ += static_cast<std::uint32_t>(out.size());
    }

private:
    std::uint32_t start_ = 0, at_ = 0;
};

}  // namespace lofi::inline LOFI_ABI::dsp
