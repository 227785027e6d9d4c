#pragma once
// The envelope of attack, decay, sustain and release, of exponential pieces.
#include <cstdint>
#include <span>

#include <lofi/core/units.hpp>
#include <lofi/dsp/filter.hpp>

namespace lofi::inline LOFI_ABI::dsp {

struct envelope_config {
    seconds attack{0.005};  ///< to full level
    seconds decay{0.2};     ///< down by 60 dB of the way to the sustain level
    double sustain = 0.5;   ///< level while the gate is held, 0 to 1
    seconds release{0.3};   ///< down by 60 dB
};

/// Follows a gate. Starting again goes on from the level reached, so that nothing clicks.
class envelope {
public:
    enum class stage : std::uint8_t { idle, attack, decay, release };

    constexpr envelope() = default;
    constexpr envelope(envelope_config c, hertz rate)
        // The attack aims beyond the top, as a charging capacitor does, and is cut off at it.
        : attack_(step(c.attack.value / 1.4663370687934272, rate)),
          decay_(step(c.decay.value / to_60_db, rate)),
          release_(step(c.release.value / to_60_db, rate)),
          sustain_(static_cast<float>(c.sustain)) {}

    constexpr void open() { stage_ = stage::attack; }
    constexpr void close() {
        if (stage_ != stage::idle) stage_ = stage::release;
    }
    constexpr void reset() { stage_ = stage::idle, level_ = 0.0F; }
    [[nodiscard]] constexpr stage now() const { return stage_; }
    [[nodiscard]] constexpr float level() const { return level_; }

    constexpr float tick();
    /// writes: = out
    constexpr void process(std::span<float> out) {
        for (float& x : out) x = tick();
    }

private:
    static constexpr double to_60_db = 6.9077552789821368;  // ln 1000
    static constexpr float step(double time_constant, hertz rate) {
        return static_cast<float>(approach(seconds(time_constant), rate));
    }

    float attack_ = 1.0F, decay_ = 1.0F, release_ = 1.0F, sustain_ = 1.0F, level_ = 0.0F;
    stage stage_ = stage::idle;
};

// ---------------------------------------------------------------- bodies

constexpr float envelope::tick() {
    switch (stage_) {
        case stage::idle: return 0.0F;
        case stage::attack:
            level_ += attack_ * (1.3F - level_);  // ln(1.3 / 0.3) = 1.466 time constants to the top
            if (level_ >= 1.0F) level_ = 1.0F, stage_ = stage::decay;
            return level_;
        case stage::decay: return level_ += decay_ * (sustain_ - level_);
        case stage::release:
            level_ -= release_ * level_;
            if (level_ < 1e-6F) reset();
            return level_;
    }
    return 0.0F;
}

}  // namespace lofi::inline LOFI_ABI::dsp
