#pragma once
// Periodic waves: the sine, and saw, square and triangle whose corners are rounded just enough that nothing aliases.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/core/phase.hpp>
#include <lofi/core/units.hpp>

namespace lofi::inline LOFI_ABI::dsp {

/// A sine from a whole-number phase.
class sine_oscillator {
public:
    constexpr sine_oscillator() = default;
    constexpr sine_oscillator(hertz f, hertz rate, phase32 start = {}) : phase_(start), step_(phase32::step(f, rate)) {}

    constexpr void set(hertz f, hertz rate) { step_ = phase32::step(f, rate); }
    constexpr void reset(phase32 start = {}) { phase_ = start; }
    constexpr float tick() {
        const float y = phase_.sine();
        phase_.advance(step_);
        return y;
    }
    /// writes: = out
    constexpr void process(std::span<float> out) {
        for (float& x : out) x = tick();
    }

private:
    phase32 phase_;
    std::uint32_t step_ = 0;
};

enum class wave : std::uint8_t { saw, square, triangle };

/// Saw, square or triangle, limited in band: each jump or bend of the plain wave gets the difference between a sharp and
/// a band-limited one added around it. Comes `latency` frames late.
/// source: Brandt, Hard Sync Without Aliasing (2001); Esqueda, Valimaki, Bilbao (2016) for bends
/// measured: aliases below -70 dB for saws up to a sixth of the rate
class oscillator {
public:
    static constexpr std::size_t latency = 16;

    oscillator() = default;
    oscillator(wave shape, hertz f, hertz rate) : shape_(shape) { set(f, rate); }

    /// Frequency from now on, at most a quarter of the rate.
    void set(hertz f, hertz rate) { step_ = phase32::step(hertz(std::min(f.value, 0.25 * rate.value)), rate); }
    void reset() { phase_ = {}, at_ = 0, pending_.fill(0.0F); }
    float tick() noexcept;
    /// writes: = out
    void process(std::span<float> out) noexcept {
        for (float& x : out) x = tick();
    }

private:
    void corner(float frames_ago, float jump, float bend) noexcept;

    static constexpr std::size_t ring = 4 * latency;
    wave shape_ = wave::saw;
    phase32 phase_;
    std::uint32_t step_ = 0;
    std::size_t at_ = 0;
    std::array<float, ring> pending_{};
};

// ---------------------------------------------------------------- bodies

namespace detail {

// What a band-limited step and ramp have more than sharp ones, from 16 frames before to 16 after, 32 places a frame.
struct corner_tables {
    static constexpr std::size_t places = 32, size = 2 * oscillator::latency * places + 2;
    std::array<float, size> step{}, ramp{};

    constexpr corner_tables() {
        constexpr double half = oscillator::latency, corner = 0.425, dt = 1.0 / places;
        // A sinc under the four-term Blackman-Harris window, summed once for the step and twice for the ramp.
        std::array<double, size> h{};
        double total = 0.0;
        for (std::size_t i = 0; i + 1 < size; ++i) {
            const double t = static_cast<double>(i) * dt - half, u = (t + half) / (2.0 * half);
            const double window = 0.35875 - 0.48829 * math::cos_turns(u) + 0.14128 * math::cos_turns(2.0 * u) -
                                  0.01168 * math::cos_turns(3.0 * u);
            const double x = 2.0 * corner * t;
            h[i] = window * (x == 0.0 ? 1.0 : math::sin_turns(0.5 * x) / (math::pi * x));
            total += h[i];
        }
        double s = 0.0, r = 0.0;
        for (std::size_t i = 0; i + 1 < size; ++i) {
            const double before = s;
            s += 0.5 * (h[i] + (i > 0 ? h[i - 1] : 0.0)) / total;
            // The sharp step is 1 from the middle on, where a frame exactly on the corner already counts as after it.
            const bool after = 2 * i >= size - 2;
            r += 0.5 * dt * (before + s - (2 * (i - 1) >= size - 2 && i > 0 ? 2.0 : 0.0));
            step[i] = static_cast<float>(s - (after ? 1.0 : 0.0));
            ramp[i] = static_cast<float>(r);
        }
    }
};
inline constexpr corner_tables corners{};

}  // namespace detail

inline void oscillator::corner(float frames_ago, float jump, float bend) noexcept {
    constexpr auto places = static_cast<float>(detail::corner_tables::places);
    const float exact = frames_ago * places;
    const auto place = static_cast<std::size_t>(exact);
    const float t = exact - static_cast<float>(place);
    for (std::size_t k = 0; k < 2 * latency; ++k) {
        const std::size_t i = k * detail::corner_tables::places + place;
        // Across the middle the step's table has the jump itself, which must not be interpolated.
        const bool middle = 2 * (i + 1) == detail::corner_tables::size - 2;
        const float next = detail::corners.step[i + 1] + (middle ? 1.0F : 0.0F);
        const float s = detail::corners.step[i] + t * (next - detail::corners.step[i]);
        const float r = detail::corners.ramp[i] + t * (detail::corners.ramp[i + 1] - detail::corners.ramp[i]);
        pending_[(at_ + ring + k - latency) % ring] += jump * s + bend * r;
    }
}

inline float oscillator::tick() noexcept {
    const std::uint32_t before = phase_.value();
    phase_.advance(step_);
    const std::uint32_t now = phase_.value();
    const bool wrapped = now < before, halved = ((before ^ now) & 0x80000000U) != 0 && !wrapped;
    const float per_frame = static_cast<float>(step_) * 0x1p-32F;
    float plain = 0.0F;
    switch (shape_) {
        case wave::saw: plain = static_cast<float>(static_cast<std::int32_t>(now ^ 0x80000000U)) * 0x1p-31F; break;
        case wave::square: plain = now < 0x80000000U ? 1.0F : -1.0F; break;
        case wave::triangle: plain = math::abs(static_cast<float>(static_cast<std::int32_t>(now)) * 0x1p-30F) - 1.0F; break;
    }
    pending_[at_ % ring] += plain;
    if (wrapped || halved) {
        const std::uint32_t since = wrapped ? now : now - 0x80000000U;
        const float ago = math::abs(static_cast<float>(since)) / static_cast<float>(step_);
        const float up = wrapped ? 1.0F : -1.0F;
        if (shape_ == wave::saw && wrapped) corner(ago, -2.0F, 0.0F);
        if (shape_ == wave::square) corner(ago, 2.0F * up, 0.0F);
        if (shape_ == wave::triangle) corner(ago, 0.0F, 8.0F * per_frame * up);
    }
    float& done = pending_[(at_ + ring - latency) % ring];
    const float y = done;
    done = 0.0F;
    ++at_;
    return y;
}

}  // namespace lofi::inline LOFI_ABI::dsp
