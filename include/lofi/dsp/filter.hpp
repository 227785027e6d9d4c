#pragma once
// Filters: one pole, the state-variable filter, shelves and other biquads, and the DC blocker.
#include <algorithm>
#include <span>

#include <lofi/core/units.hpp>
#include <lofi/dsp/denormal.hpp>

/// Filters keep tiny numbers in their memory while they ring out. `process` takes them out after each block; who calls
/// `tick` alone calls `settle` now and then (each 32 frames, say).
namespace lofi::inline LOFI_ABI::dsp {

/// Share of the way that an exponential approach goes in one frame, for a time constant (1 - 1/e of the way).
[[nodiscard]] constexpr double approach(seconds time_constant, hertz rate) {
    return time_constant.value * rate.value < 1e-3 ? 1.0 : 1.0 - math::exp(-1.0 / (time_constant.value * rate.value));
}
/// Keeps a corner frequency inside what a rate can carry.
[[nodiscard]] constexpr hertz below_nyquist(hertz f, hertz rate) { return hertz(std::clamp(f.value, 0.01, 0.49 * rate.value)); }

/// Low-pass of 6 dB an octave; `high` is what it leaves over.
class one_pole {
public:
    constexpr one_pole() = default;
    constexpr one_pole(hertz corner, hertz rate) { set(corner, rate); }

    constexpr void set(hertz corner, hertz rate) {
        // The bilinear form: -3 dB exactly at the corner, and nothing left at half the rate.
        const double g = math::tan_turns(0.5 * below_nyquist(corner, rate).value / rate.value);
        gain_ = static_cast<float>(g / (1.0 + g));
    }
    constexpr void reset() { state_ = 0.0F; }
    constexpr float tick(float x) {
        const float v = (x - state_) * gain_, low = v + state_;
        state_ = low + v;
        return low;
    }
    constexpr void settle() { state_ = flush(state_); }
    constexpr float high(float x) { return x - tick(x); }
    constexpr void process(std::span<float> x) {
        for (float& s : x) s = tick(s);
        settle();
    }

private:
    float gain_ = 1.0F, state_ = 0.0F;
};

/// The state-variable filter: low-, band- and high-pass of 12 dB an octave at once, steady while its corner moves.
/// source: Zavalishin, The Art of VA Filter Design (2012), chapter 3; Simper, solving the SVF by trapezoidal integration (2013)
class state_variable {
public:
    struct outputs {
        float low, band, high;  ///< band has gain 1 at the corner
    };

    constexpr state_variable() = default;
    constexpr state_variable(hertz corner, double q, hertz rate) { set(corner, q, rate); }

    constexpr void set(hertz corner, double q, hertz rate) {
        const double g = math::tan_turns(0.5 * below_nyquist(corner, rate).value / rate.value), k = 1.0 / q;
        const double a = 1.0 / (1.0 + g * (g + k));
        a1_ = static_cast<float>(a), a2_ = static_cast<float>(g * a), a3_ = static_cast<float>(g * g * a),
        k_ = static_cast<float>(k);
    }
    constexpr void reset() { s1_ = s2_ = 0.0F; }
    constexpr outputs tick(float x) {
        const float v3 = x - s2_;
        const float v1 = a1_ * s1_ + a2_ * v3, v2 = s2_ + a2_ * s1_ + a3_ * v3;
        s1_ = 2.0F * v1 - s1_, s2_ = 2.0F * v2 - s2_;
        return {v2, k_ * v1, x - k_ * v1 - v2};
    }
    constexpr void settle() { s1_ = flush(s1_), s2_ = flush(s2_); }

private:
    float a1_ = 1.0F, a2_ = 0.0F, a3_ = 0.0F, k_ = 1.0F;
    float s1_ = 0.0F, s2_ = 0.0F;
};

/// A filter of two poles and two zeros, in double, so that corners at a thousandth of the rate keep their shape.
/// source: Bristow-Johnson, Cookbook formulae for audio equalizer biquad filter coefficients
class biquad {
public:
    constexpr biquad() = default;
    [[nodiscard]] static constexpr biquad low_pass(hertz corner, double q, hertz rate);
    [[nodiscard]] static constexpr biquad high_pass(hertz corner, double q, hertz rate);
    [[nodiscard]] static constexpr biquad low_shelf(hertz corner, decibels gain, hertz rate);
    [[nodiscard]] static constexpr biquad high_shelf(hertz corner, decibels gain, hertz rate);
    [[nodiscard]] static constexpr biquad peak(hertz centre, double q, decibels gain, hertz rate);

    constexpr void reset() { s1_ = s2_ = 0.0; }
    constexpr float tick(float x) {
        const double y = b0_ * x + s1_;
        s1_ = b1_ * x - a1_ * y + s2_, s2_ = b2_ * x - a2_ * y;
        return static_cast<float>(y);
    }
    constexpr void settle() { s1_ = flush(s1_), s2_ = flush(s2_); }
    constexpr void process(std::span<float> x) {
        for (float& s : x) s = tick(s);
        settle();
    }

private:
    struct angle {
        double cosine, alpha;
    };
    static constexpr angle at(hertz f, double q, hertz rate) {
        const double w = below_nyquist(f, rate).value / rate.value;
        return {math::cos_turns(w), math::sin_turns(w) / (2.0 * q)};
    }
    constexpr biquad(double b0, double b1, double b2, double a0, double a1, double a2)
        : b0_(b0 / a0), b1_(b1 / a0), b2_(b2 / a0), a1_(a1 / a0), a2_(a2 / a0) {}

    double b0_ = 1.0, b1_ = 0.0, b2_ = 0.0, a1_ = 0.0, a2_ = 0.0;
    double s1_ = 0.0, s2_ = 0.0;
};

/// Takes the mean out of a sound: a high-pass of 6 dB an octave.
class dc_blocker {
public:
    constexpr dc_blocker() = default;
    constexpr dc_blocker(hertz corner, hertz rate) : keep_(math::exp(-2.0 * math::pi * corner.value / rate.value)) {}

    constexpr void reset() { last_in_ = last_out_ = 0.0; }
    constexpr float tick(float x) {
        // Scaled so that half the rate passes with gain 1.
        last_out_ = (x - last_in_) * (0.5 + 0.5 * keep_) + keep_ * last_out_;
        last_in_ = x;
        return static_cast<float>(last_out_);
    }
    constexpr void settle() { last_out_ = flush(last_out_); }
    constexpr void process(std::span<float> x) {
        for (float& s : x) s = tick(s);
        settle();
    }

private:
    double keep_ = 0.999, last_in_ = 0.0, last_out_ = 0.0;
};

// ---------------------------------------------------------------- bodies

constexpr biquad biquad::low_pass(hertz corner, double q, hertz rate) {
    const auto [c, a] = at(corner, q, rate);
    return {(1.0 - c) / 2.0, 1.0 - c, (1.0 - c) / 2.0, 1.0 + a, -2.0 * c, 1.0 - a};
}
constexpr biquad biquad::high_pass(hertz corner, double q, hertz rate) {
    const auto [c, a] = at(corner, q, rate);
    return {(1.0 + c) / 2.0, -1.0 - c, (1.0 + c) / 2.0, 1.0 + a, -2.0 * c, 1.0 - a};
}
constexpr biquad biquad::low_shelf(hertz corner, decibels gain, hertz rate) {
    const auto [c, a] = at(corner, 0.70710678118654752, rate);
    const double g = math::exp2(gain.value / 12.041199826559248), r = 2.0 * math::sqrt(g) * a;  // g: amplitude's square root
    return {g * ((g + 1) - (g - 1) * c + r), 2 * g * ((g - 1) - (g + 1) * c), g * ((g + 1) - (g - 1) * c - r),
            (g + 1) + (g - 1) * c + r,       -2 * ((g - 1) + (g + 1) * c),    (g + 1) + (g - 1) * c - r};
}
constexpr biquad biquad::high_shelf(hertz corner, decibels gain, hertz rate) {
    const auto [c, a] = at(corner, 0.70710678118654752, rate);
    const double g = math::exp2(gain.value / 12.041199826559248), r = 2.0 * math::sqrt(g) * a;
    return {g * ((g + 1) + (g - 1) * c + r), -2 * g * ((g - 1) + (g + 1) * c), g * ((g + 1) + (g - 1) * c - r),
            (g + 1) - (g - 1) * c + r,       2 * ((g - 1) - (g + 1) * c),      (g + 1) - (g - 1) * c - r};
}
constexpr biquad biquad::peak(hertz centre, double q, decibels gain, hertz rate) {
    const auto [c, a] = at(centre, q, rate);
    const double g = math::exp2(gain.value / 12.041199826559248);
    return {1.0 + a * g, -2.0 * c, 1.0 - a * g, 1.0 + a / g, -2.0 * c, 1.0 - a / g};
}

}  // namespace lofi::inline LOFI_ABI::dsp
