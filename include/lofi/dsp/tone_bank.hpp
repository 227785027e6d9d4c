#pragma once
// The channels of a mixer, side by side: each with its own low cut and its own tone knob.
#include <array>
#include <cstddef>

#include <lofi/core/config.hpp>
#include <lofi/dsp/filter.hpp>

namespace lofi::inline LOFI_ABI::dsp {

/// A high-pass of one pole and a low-pass of two for each of several channels. What `one_pole` and `state_variable` do one
/// channel at a time, this does for all at once, in vector code: a filter waits for its own last frame, but not for others.
template <std::size_t Channels>
class tone_bank {
public:
    /// One frame of all channels.
    using frame = std::array<float, Channels>;

    void set(std::size_t channel, hertz low_cut, hertz tone, double q, hertz rate) {
        const double h = math::tan_turns(0.5 * below_nyquist(low_cut, rate).value / rate.value);
        cut_[channel] = static_cast<float>(h / (1.0 + h));
        const double g = math::tan_turns(0.5 * below_nyquist(tone, rate).value / rate.value),
                     a = 1.0 / (1.0 + g * (g + 1.0 / q));
        a1_[channel] = static_cast<float>(a), a2_[channel] = static_cast<float>(g * a),
        a3_[channel] = static_cast<float>(g * g * a);
    }
    void reset() { s0_ = s1_ = s2_ = {}; }
    /// writes: = x
    void process(frame* x, std::size_t frames) noexcept {
        for (std::size_t n = 0; n < frames; ++n) {
            float* LOFI_RESTRICT const y = x[n].data();
            for (std::size_t c = 0; c < Channels; ++c) {
                const float v = (y[c] - s0_[c]) * cut_[c], low = v + s0_[c];
                s0_[c] = low + v;
                const float v3 = y[c] - low - s2_[c];
                const float v1 = a1_[c] * s1_[c] + a2_[c] * v3, v2 = s2_[c] + a2_[c] * s1_[c] + a3_[c] * v3;
                s1_[c] = 2.0F * v1 - s1_[c], s2_[c] = 2.0F * v2 - s2_[c];
                y[c] = v2;
            }
        }
        for (std::size_t c = 0; c < Channels; ++c) s0_[c] = flush(s0_[c]), s1_[c] = flush(s1_[c]), s2_[c] = flush(s2_[c]);
    }

private:
    frame cut_{}, a1_{}, a2_{}, a3_{}, s0_{}, s1_{}, s2_{};
};

}  // namespace lofi::inline LOFI_ABI::dsp
