#pragma once
// The grit of an early sampler: fewer bits and a lower rate.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <lofi/audio/block.hpp>
#include <lofi/core/phase.hpp>
#include <lofi/dsp/noise.hpp>

namespace lofi::inline LOFI_ABI::dsp {

struct crusher_config {
    std::uint8_t bits = 12;  ///< 2 to 16; 0 leaves the samples as they are
    hertz held{26000.0};     ///< rate at which samples are taken and held; at or above the sound's, none is

    friend constexpr bool operator==(const crusher_config&, const crusher_config&) = default;
};

/// Rounds to few bits, with triangular dither, and holds samples. When it takes one is told by a whole-number phase, so
/// it is the same frame on every machine.
class crusher {
public:
    explicit crusher(hertz rate, random_key key = {}, crusher_config config = {}) : rate_(rate), key_(key), dither_(key) {
        set(config);
    }

    void set(const crusher_config& c) noexcept {
        step_ = c.held < rate_ ? phase32::step(hertz(std::max(c.held.value, 100.0)), rate_) : 0U;
        const int bits = c.bits == 0 ? 0 : std::clamp<int>(c.bits, 2, 16);
        levels_ = bits == 0 ? 0.0F : static_cast<float>(1 << (bits - 1));
    }
    void reset() noexcept { reset(key_); }
    /// Starts anew, as one that was made with this key and the last settings.
    void reset(random_key key) noexcept {
        key_ = key, dither_ = white_noise(key);
        phase_ = phase32(0xffffffffU), left_ = right_ = 0.0F;
    }
    /// writes: = x
    void process(audio::stereo_view x) noexcept {
        for (std::size_t n = 0; n < x.size(); ++n) {
            const std::uint32_t before = phase_.value();
            phase_.advance(step_);
            if (step_ == 0 || phase_.value() < before) left_ = rounded(x.left[n]), right_ = rounded(x.right[n]);
            x.left[n] = left_, x.right[n] = right_;
        }
    }

private:
    float rounded(float x) noexcept {
        if (levels_ == 0.0F) return x;
        const float loud = std::clamp(x * levels_, -levels_, levels_ - 1.0F);
        // Drawn always, so that the dither of what follows hangs on how many samples went before and not on what they were.
        const float first = dither_.tick(), second = dither_.tick();
        // Silence stays silent: dither only where there is something to round.
        if (loud == 0.0F) return 0.0F;
        return static_cast<float>(math::round_int(loud + 0.5F * (first + second))) / levels_;
    }

    hertz rate_;
    random_key key_;
    white_noise dither_;
    phase32 phase_{0xffffffffU};
    std::uint32_t step_ = 0;
    float levels_ = 0.0F, left_ = 0.0F, right_ = 0.0F;
};

}  // namespace lofi::inline LOFI_ABI::dsp
