#pragma once
// What an instrument makes of one note, as a value: the modes that ring, the noise of the touch, and how it ends.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/core/random.hpp>
#include <lofi/dsp/modal.hpp>

namespace lofi::inline LOFI_ABI::synth {

/// Filtered noise: the hammer's felt, a finger on a string, the wires of a snare.
struct burst {
    enum class pass : std::uint8_t { low, band, high };
    float gain = 0.0F;
    seconds attack{0.0005};
    seconds decay{0.05};  ///< time to fall by 60 dB
    hertz corner{1000.0};
    double q = 0.7;
    pass through = pass::band;
};

/// A sine whose pitch falls: the skin of a kick.
struct sweep {
    float gain = 0.0F;
    hertz from{}, to{};
    seconds fall{0.02};  ///< time constant of the way down
    seconds decay{0.4};  ///< time to fall by 60 dB
};

/// One note, ready for a voice. Instruments are plain functions that return this.
struct strike {
    static constexpr std::size_t most_modes = 24;

    std::array<dsp::mode, most_modes> modes{};
    std::size_t count = 0;
    std::array<burst, 2> bursts{};
    burst lift{};  ///< the noise of the end: a damper that falls, a key that comes up, a finger that stops the string
    sweep skin{};
    seconds attack{0.001};  ///< a smooth rise from silence
    seconds release{0.2};   ///< time to fall by 60 dB once the note ends; below 0, the end is not heard and it rings on
    float pan = 0.0F;       ///< -1 left to 1 right

    constexpr void add(const dsp::mode& m) {
        if (count < most_modes) modes[count++] = m;
    }
    [[nodiscard]] constexpr std::span<const dsp::mode> sounding() const { return {modes.data(), count}; }
    constexpr void scale(double gain) {
        for (std::size_t i = 0; i < count; ++i) modes[i].gain *= static_cast<float>(gain);
    }
    /// Brings the modes to a level: `rms` of their sum at the start, were they all to sound at random phases.
    constexpr void level(double rms) {
        double power = 0.0;
        for (const dsp::mode& m : sounding()) power += 0.5 * double{m.gain} * double{m.gain};
        if (power > 0.0) scale(rms / math::sqrt(power));
    }
};

/// A number from 1-width to 1+width: what makes no two hits alike.
[[nodiscard]] constexpr double about_one(random_stream& r, double width) {
    return 1.0 + width * (2.0 * double{uniform_unit(r)} - 1.0);
}
/// A frequency ratio of up to `cents` either way.
[[nodiscard]] constexpr double detune(random_stream& r, double cents) {
    return math::exp2(cents / 1200.0 * (2.0 * double{uniform_unit(r)} - 1.0));
}

}  // namespace lofi::inline LOFI_ABI::synth
