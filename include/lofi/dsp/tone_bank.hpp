#pragma once
// The channels of a mixer, side by side: each with its own low cut and its own tone knob.
#include <array>
#include <cstddef>

#include <lofi/core/config.hpp>
#include <lofi/dsp/filter.hpp>
#include <lofi/dsp/lanes.hpp>
#include <lofi/dsp/modal.hpp>

namespace lofi::inline LOFI_ABI::dsp {

/// A high-pass of one pole and a low-pass of two for each of several channels, a chunk at a time. What `one_pole` and
/// `state_variable` do one channel at a time, this does four at a time: a filter waits for its own last frame, but not for
/// others.
template <std::size_t Channels>
class tone_bank {
    static_assert(Channels % 4 == 0, "channels are filtered four at a time");

public:
    void set(std::size_t channel, hertz low_cut, hertz tone, double q, hertz rate) noexcept {
        const double h = math::tan_turns(0.5 * below_nyquist(low_cut, rate).value / rate.value), cut = h / (1.0 + h);
        cut_[channel] = static_cast<float>(2.0 * cut);
        // Half the gain, since the low-pass adds its state before and after.
        left_[channel] = static_cast<float>(0.5 * (1.0 - cut));
        const double g = math::tan_turns(0.5 * below_nyquist(tone, rate).value / rate.value),
                     a = 1.0 / (1.0 + g * (g + 1.0 / q));
        rise_[channel] = static_cast<float>(2.0 * g * g * a), hold_[channel] = static_cast<float>(2.0 * a);
    }
    void reset() noexcept { s0_ = s1_ = s2_ = {}; }
    /// Filters a chunk of each channel.
    /// writes: = *channels
    void process(const std::array<float*, Channels>& channels) noexcept;

private:
    using row = std::array<float, Channels>;
    // s1 is the first state of the state-variable filter times the tangent of its corner: so it costs seven operations.
    row cut_{}, left_{}, rise_{}, hold_{}, s0_{}, s1_{}, s2_{};
};

// ---------------------------------------------------------------- bodies

template <std::size_t Channels>
void tone_bank<Channels>::process(const std::array<float*, Channels>& channels) noexcept {
    constexpr std::size_t groups = Channels / 4;
    std::array<float4, groups> s0, s1, s2;
    unrolled<groups>([&](auto g) { s0[g] = load(&s0_[4 * g]), s1[g] = load(&s1_[4 * g]), s2[g] = load(&s2_[4 * g]); });
    for (std::size_t n = 0; n < chunk_frames; n += 4) {
        std::array<std::array<float4, 4>, groups> x;
        unrolled<groups>([&](auto g) {
            unrolled<4>([&](auto k) { x[g][k] = load(channels[4 * g + k] + n); });
            transpose(x[g][0], x[g][1], x[g][2], x[g][3]);
        });
        unrolled<4>([&](auto k) {
            unrolled<groups>([&](auto g) {
                const float4 d = x[g][k] - s0[g];
                s0[g] += load(&cut_[4 * g]) * d;
                const float4 w = load(&rise_[4 * g]) * (load(&left_[4 * g]) * d - s2[g]) + load(&hold_[4 * g]) * s1[g];
                const float4 now = s2[g] + w;
                x[g][k] = s2[g] + now;
                s1[g] = w - s1[g], s2[g] = now;
            });
        });
        unrolled<groups>([&](auto g) {
            transpose(x[g][0], x[g][1], x[g][2], x[g][3]);
            unrolled<4>([&](auto k) { store(channels[4 * g + k] + n, x[g][k]); });
        });
    }
    unrolled<groups>(
        [&](auto g) { store(&s0_[4 * g], flush(s0[g])), store(&s1_[4 * g], flush(s1[g])), store(&s2_[4 * g], flush(s2[g])); });
}

}  // namespace lofi::inline LOFI_ABI::dsp
