#pragma once
// What makes old machines live: a slow coming and going without a period.
#include <cstdint>

#include <lofi/core/phase.hpp>
#include <lofi/core/random.hpp>
#include <lofi/core/units.hpp>
#include <lofi/dsp/noise.hpp>

namespace lofi::inline LOFI_ABI::dsp {

/// A smooth curve through random points, one every `stride`, from -1 to 1. Asked `rate` times a second.
class breath {
public:
    breath(seconds stride, hertz rate, random_key key = {}) : step_(phase32::step(hertz(1.0 / stride.value), rate)) {
        reset(key);
    }

    void reset(random_key key) noexcept {
        points_ = white_noise(key), phase_ = {};
        from_ = points_.tick(), to_ = points_.tick();
    }
    float tick() noexcept {
        const std::uint32_t before = phase_.value();
        phase_.advance(step_);
        if (phase_.value() < before) from_ = to_, to_ = points_.tick();
        const float t = phase_.unit();
        return from_ + t * t * (3.0F - 2.0F * t) * (to_ - from_);
    }

private:
    std::uint32_t step_;
    phase32 phase_;
    white_noise points_;
    float from_ = 0.0F, to_ = 0.0F;
};

}  // namespace lofi::inline LOFI_ABI::dsp
