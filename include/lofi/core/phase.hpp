#pragma once
// The phase of an oscillator as a whole number: it wraps by itself, never drifts, and is the same on every machine.
#include <cstdint>

#include <lofi/core/math.hpp>
#include <lofi/core/units.hpp>

namespace lofi::inline LOFI_ABI {

/// Where in its turn an oscillator is, in units of 2^-32 of a turn.
///
///     phase32 phase;
///     const std::uint32_t step = phase32::step(hertz(440), rate);
///     for (float& x : block) x = phase.sine(), phase.advance(step);
class phase32 {
public:
    constexpr phase32() = default;
    constexpr explicit phase32(std::uint32_t turns_q32) : value_(turns_q32) {}

    /// Step per frame of a frequency, rounded to the nearest 2^-32 of a turn: at 48 kHz that is 11 microhertz. Negative
    /// frequencies run backwards. |frequency| must be below 2^30 times the rate.
    [[nodiscard]] static constexpr std::uint32_t step(hertz frequency, hertz rate) {
        const double turns = frequency / rate * 0x1p32;
        return static_cast<std::uint32_t>(static_cast<std::int64_t>(turns + (turns < 0 ? -0.5 : 0.5)));
    }
    /// Any number of turns, of which the part below one is kept. |turns| < 2^30.
    [[nodiscard]] static constexpr phase32 turns(double t) { return phase32(step(hertz(t), hertz(1.0))); }

    constexpr void advance(std::uint32_t step, std::uint32_t count = 1) { value_ += step * count; }

    [[nodiscard]] constexpr std::uint32_t value() const { return value_; }
    /// The phase in [0, 1), a multiple of 2^-24.
    [[nodiscard]] constexpr float unit() const { return static_cast<float>(value_ >> 8) * 0x1p-24F; }
    /// The phase in [-1, 1): a rising saw, not limited in band.
    [[nodiscard]] constexpr float saw() const { return static_cast<float>(static_cast<std::int32_t>(value_)) * 0x1p-31F; }
    [[nodiscard]] constexpr float sine() const { return math::sin_turns(value_); }

    friend constexpr bool operator==(phase32, phase32) = default;

private:
    std::uint32_t value_ = 0;
};

}  // namespace lofi::inline LOFI_ABI
