#pragma once
// The state-variable filter four frames at a time.
#include <array>
#include <cstddef>
#include <span>

#include <lofi/dsp/filter.hpp>
#include <lofi/dsp/lanes.hpp>
#include <lofi/dsp/modal.hpp>

namespace lofi::inline LOFI_ABI::dsp {

/// A filter of two poles for one channel, a chunk at a time. A recursion waits for its own last frame; here four frames come
/// at once out of the state and the frames before, by a matrix that is reckoned when the corner is set. Its memory means the
/// same whatever the corner, so that corners may move while it sounds.
/// source: Zavalishin, The Art of VA Filter Design (2012), chapter 3; Simper, solving the SVF by trapezoidal integration (2013)
class two_pole {
public:
    void low_pass(hertz corner, double q, hertz rate) noexcept { set(bent(corner, rate), q, 0.0, 0.0, 1.0); }
    /// Gain 1 at the corner.
    void band_pass(hertz corner, double q, hertz rate) noexcept { set(bent(corner, rate), q, 0.0, 1.0 / q, 0.0); }
    void high_pass(hertz corner, double q, hertz rate) noexcept { set(bent(corner, rate), q, 1.0, -1.0 / q, -1.0); }
    void low_shelf(hertz corner, decibels gain, hertz rate) noexcept {
        const double a = math::exp2(gain.value / 12.041199826559248), q = 0.70710678118654752;  // a: amplitude's square root
        set(bent(corner, rate) / math::sqrt(a), q, 1.0, (a - 1.0) / q, a * a - 1.0);
    }

    void reset() noexcept { state_ = {}; }
    /// writes: = x
    void process(std::span<float, chunk_frames> x) noexcept;

private:
    using numbers = std::array<float, 4>;
    // The output is input * through + band * v1 + low * v2 of the filter's equations.
    void set(double g, double q, double through, double band, double low) noexcept;
    // The corner as the bilinear form bends it.
    static double bent(hertz corner, hertz rate) noexcept {
        return math::tan_turns(0.5 * below_nyquist(corner, rate).value / rate.value);
    }

    std::array<numbers, 4> from_in_{}, state_from_in_{};        // what each frame gives to four outputs, and to the state
    std::array<numbers, 2> from_state_{}, state_from_state_{};  // what each half of the state gives
    numbers state_{};
};

// ---------------------------------------------------------------- bodies

inline void two_pole::set(double g, double q, double through, double band, double low) noexcept {
    const double a1 = 1.0 / (1.0 + g * (g + 1.0 / q)), a2 = g * a1, a3 = g * a2;
    struct pair {
        double s1, s2;
    };
    const auto onward = [&](pair s) {
        return pair{(2.0 * a1 - 1.0) * s.s1 - 2.0 * a2 * s.s2, 2.0 * a2 * s.s1 + (1.0 - 2.0 * a3) * s.s2};
    };
    const auto heard = [&](pair s) { return band * (a1 * s.s1 - a2 * s.s2) + low * (a2 * s.s1 + (1.0 - a3) * s.s2); };
    from_in_ = {};
    // What a single 1 does, in the state it leaves: the answer to it, and to it a frame later, and so on.
    pair s{2.0 * a2, 2.0 * a3};
    for (std::size_t late = 0; late < 4; ++late) {
        state_from_in_[3 - late] = {static_cast<float>(s.s1), static_cast<float>(s.s2), 0.0F, 0.0F};
        const auto now = static_cast<float>(heard(s));
        for (std::size_t i = 0; i + late + 1 < 4; ++i) from_in_[i][i + late + 1] = now;
        from_in_[late][late] = static_cast<float>(through + band * a2 + low * a3);
        s = onward(s);
    }
    for (std::size_t half = 0; half < 2; ++half) {
        s = half == 0 ? pair{1.0, 0.0} : pair{0.0, 1.0};
        for (std::size_t n = 0; n < 4; ++n) from_state_[half][n] = static_cast<float>(heard(s)), s = onward(s);
        state_from_state_[half] = {static_cast<float>(s.s1), static_cast<float>(s.s2), 0.0F, 0.0F};
    }
}

inline void two_pole::process(std::span<float, chunk_frames> x) noexcept {
    const auto in = [&](std::size_t i) { return load(from_in_[i].data()); };
    const auto in_state = [&](std::size_t i) { return load(state_from_in_[i].data()); };
    const float4 o1 = load(from_state_[0].data()), o2 = load(from_state_[1].data());
    const float4 a1 = load(state_from_state_[0].data()), a2 = load(state_from_state_[1].data());
    float4 s = load(state_.data());
    for (std::size_t n = 0; n < chunk_frames; n += 4) {
        const float4 v = load(&x[n]);
        const float4 v0 = spread<0>(v), v1 = spread<1>(v), v2 = spread<2>(v), v3 = spread<3>(v);
        const float4 s1 = spread<0>(s), s2 = spread<1>(s);
        const float4 y = ((v0 * in(0) + v1 * in(1)) + (v2 * in(2) + v3 * in(3))) + (s1 * o1 + s2 * o2);
        s = ((v0 * in_state(0) + v1 * in_state(1)) + (v2 * in_state(2) + v3 * in_state(3))) + (s1 * a1 + s2 * a2);
        store(&x[n], y);
    }
    store(state_.data(), flush(s));
}

}  // namespace lofi::inline LOFI_ABI::dsp
