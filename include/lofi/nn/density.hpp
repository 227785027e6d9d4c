#pragma once
// What a network says of the next number when it does not say one: mixtures of logistics, Laplace and Gaussian densities.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include <lofi/core/assert.hpp>
#include <lofi/core/random.hpp>

/// Each kind reads `size` outputs of a network. `log_mass` is the natural logarithm of the probability of [low, high), so that a code of
/// 16 bits, or a class of mu-law, has a probability like any other symbol; it stays finite far out in the tails. Logarithms of scales are
/// kept between `least_log_scale` and `greatest_log_scale`, beyond which their slope is 0.
namespace lofi::inline LOFI_ABI::nn {

inline constexpr double least_log_scale = -9, greatest_log_scale = 7;

/// Outputs: K logits, K means, K logarithms of scales.
/// source: Salimans et al.: PixelCNN++ (2017), 2.1
template <std::size_t K>
struct logistic_mixture {
    static_assert(K > 0, "a mixture has at least one component");
    static constexpr std::size_t size = 3 * K;

    /// params: slope: (size) of the logarithm by each output; null: not wanted
    template <class Real>
    static Real log_mass(const Real* out, Real low, Real high, Real* slope = nullptr);
    template <class Real>
    static Real mean(const Real* out);
    /// Draws a number; temperature 1 draws from the density, below it nearer to its peaks.
    template <class Real>
    static Real draw(const Real* out, random_stream& random, double temperature = 1);
};

/// Outputs: mean, logarithm of the scale (the mean distance from the mean).
struct laplace {
    static constexpr std::size_t size = 2;
    template <class Real>
    static Real log_mass(const Real* out, Real low, Real high, Real* slope = nullptr);
    template <class Real>
    static Real mean(const Real* out) {
        return out[0];
    }
    template <class Real>
    static Real draw(const Real* out, random_stream& random, double temperature = 1);
};

/// Outputs: mean, logarithm of the standard deviation.
struct gaussian {
    static constexpr std::size_t size = 2;
    template <class Real>
    static Real log_mass(const Real* out, Real low, Real high, Real* slope = nullptr);
    template <class Real>
    static Real mean(const Real* out) {
        return out[0];
    }
    template <class Real>
    static Real draw(const Real* out, random_stream& random, double temperature = 1);
};

/// Draws a class with the probability that its logit has.
template <class Real>
[[nodiscard]] std::size_t draw_class(const Real* logits, std::size_t count, random_stream& random, double temperature = 1);

// ---------------------------------------------------------------- bodies

namespace detail {

template <class Real>
struct log_scale {
    Real inverse;  ///< exp(-value)
    Real slope;    ///< 0 where the output was held
    explicit log_scale(Real out) {
        const auto least = static_cast<Real>(least_log_scale), greatest = static_cast<Real>(greatest_log_scale);
        slope = out < least || out > greatest ? Real{0} : Real{1};
        inverse = std::exp(-std::clamp(out, least, greatest));
    }
};

// A number of (0, 1): never either end, whose logarithm is not finite.
inline double inner_unit(random_stream& random) { return (static_cast<double>(random.next()) + 0.5) * 0x1p-32; }

}  // namespace detail

template <std::size_t K>
template <class Real>
Real logistic_mixture<K>::log_mass(const Real* out, Real low, Real high, Real* slope) {
    LOFI_ASSERT(low < high, "a mass lies between two ends");
    Real mass[K], by_mean[K], by_scale[K];
    Real greatest_logit = out[0], greatest = 0;
    for (std::size_t k = 1; k < K; ++k) greatest_logit = std::max(greatest_logit, out[k]);
    for (std::size_t k = 0; k < K; ++k) {
        const detail::log_scale<Real> s(out[2 * K + k]);
        const Real a = (low - out[K + k]) * s.inverse, b = (high - out[K + k]) * s.inverse, w = (high - low) * s.inverse;
        // sigmoid(b) - sigmoid(a) = sigmoid(b) sigmoid(-a) (1 - e^-w): no difference of near numbers, and no tail that underflows.
        const Real ea = std::exp(-std::abs(a)), eb = std::exp(-std::abs(b)), rest = -std::expm1(-w);
        mass[k] = std::min(b, Real{0}) + std::min(-a, Real{0}) + std::log(rest / ((1 + ea) * (1 + eb)));
        const Real up = (a > 0 ? Real{1} : ea) / (1 + ea), down = (b > 0 ? eb : Real{1}) / (1 + eb);  // sigmoid(a), sigmoid(-b)
        by_mean[k] = (up - down) * s.inverse;
        by_scale[k] = s.slope * (a * up - b * down - w * (1 - rest) / rest);
        mass[k] += out[k] - greatest_logit;
        greatest = k == 0 ? mass[0] : std::max(greatest, mass[k]);
    }
    Real logits = 0, sum = 0, share[K];
    for (std::size_t k = 0; k < K; ++k)
        logits += std::exp(out[k] - greatest_logit), sum += share[k] = std::exp(mass[k] - greatest);
    if (slope != nullptr)
        for (std::size_t k = 0; k < K; ++k) {
            const Real r = share[k] / sum;
            slope[k] = r - std::exp(out[k] - greatest_logit) / logits;
            slope[K + k] = r * by_mean[k];
            slope[2 * K + k] = r * by_scale[k];
        }
    return greatest + std::log(sum / logits);
}

template <std::size_t K>
template <class Real>
Real logistic_mixture<K>::mean(const Real* out) {
    Real greatest = out[0], weight = 0, sum = 0;
    for (std::size_t k = 1; k < K; ++k) greatest = std::max(greatest, out[k]);
    for (std::size_t k = 0; k < K; ++k) {
        const Real p = std::exp(out[k] - greatest);
        weight += p, sum += p * out[K + k];
    }
    return sum / weight;
}

template <std::size_t K>
template <class Real>
Real logistic_mixture<K>::draw(const Real* out, random_stream& random, double temperature) {
    const std::size_t k = draw_class(out, K, random, temperature);
    const double u = detail::inner_unit(random), s = 1 / static_cast<double>(detail::log_scale<Real>(out[2 * K + k]).inverse);
    return static_cast<Real>(static_cast<double>(out[K + k]) + temperature * s * std::log(u / (1 - u)));
}

template <class Real>
Real laplace::log_mass(const Real* out, Real low, Real high, Real* slope) {
    LOFI_ASSERT(low < high, "a mass lies between two ends");
    const detail::log_scale<Real> s(out[1]);
    const Real a = (low - out[0]) * s.inverse, b = (high - out[0]) * s.inverse, w = (high - low) * s.inverse;
    const Real half = static_cast<Real>(0.69314718055994531);
    Real mass = 0, by_mean = 0, by_scale = 0;
    if (a >= 0 || b <= 0) {
        // On one side of the peak the density is e^-near (1 - e^-w) / 2.
        const Real near = a >= 0 ? a : -b, rest = -std::expm1(-w);
        mass = -near + std::log(rest) - half;
        by_mean = a >= 0 ? s.inverse : -s.inverse;
        by_scale = near - w * (1 - rest) / rest;
    } else {
        const Real twice = -(std::expm1(a) + std::expm1(-b)), ea = std::exp(a), eb = std::exp(-b);
        mass = std::log(twice) - half;
        by_mean = (ea - eb) / twice * s.inverse;
        by_scale = (a * ea - b * eb) / twice;
    }
    if (slope != nullptr) slope[0] = by_mean, slope[1] = s.slope * by_scale;
    return mass;
}

template <class Real>
Real laplace::draw(const Real* out, random_stream& random, double temperature) {
    const double u = detail::inner_unit(random), s = temperature / static_cast<double>(detail::log_scale<Real>(out[1]).inverse);
    return static_cast<Real>(static_cast<double>(out[0]) + s * (u < 0.5 ? std::log(2 * u) : -std::log(2 - 2 * u)));
}

template <class Real>
Real gaussian::log_mass(const Real* out, Real low, Real high, Real* slope) {
    LOFI_ASSERT(low < high, "a mass lies between two ends");
    const detail::log_scale<Real> s(out[1]);
    const auto real = [](Real v) { return static_cast<double>(v); };
    double a = real(low - out[0]) * real(s.inverse), b = real(high - out[0]) * real(s.inverse);
    const bool turned = a + b < 0;
    if (turned) a = -std::exchange(b, -a);
    // Now the upper end is the far one. Density at both ends by that at the near one, so that nothing underflows.
    constexpr double root = 0.70710678118654752, log_two_pi = 1.8378770664093454;
    const double w = b - a;
    double mass = 0, at_a = 0, at_b = 0;  // logarithm of the mass; densities divided by it
    if (a < 25) {
        const double p =
            a > 0 ? (std::erfc(a * root) - std::erfc(b * root)) / 2 : (std::erf(b * root) - std::erf(a * root)) / 2;
        const double flat = std::exp(-(a + b) * (a + b) / 8 - log_two_pi / 2) * w;  // where the difference has lost its digits
        const double mass_here = w < 1e-5 ? flat : p;
        mass = std::log(mass_here);
        at_a = std::exp(-a * a / 2 - log_two_pi / 2) / mass_here, at_b = std::exp(-b * b / 2 - log_two_pi / 2) / mass_here;
    } else {
        // The tail beyond z is the density at z times this (Mills's ratio); e^(-z^2/2) falls by e^(-fall w) from end to end.
        const auto mills = [](double z) { return (1 - (1 - 3 * (1 - 5 / (z * z)) / (z * z)) / (z * z)) / z; };
        const double fall = (a + b) / 2, far = std::exp(-fall * w);
        const double ratio = fall * w < 1e-4 ? w * (1 + far) / 2 : mills(a) - far * mills(b);
        mass = -a * a / 2 - log_two_pi / 2 + std::log(ratio);
        at_a = 1 / ratio, at_b = far / ratio;
    }
    if (slope != nullptr) {
        slope[0] = static_cast<Real>((turned ? -1 : 1) * (at_a - at_b) * real(s.inverse));
        slope[1] = static_cast<Real>(real(s.slope) * (a * at_a - b * at_b));
    }
    return static_cast<Real>(mass);
}

template <class Real>
Real gaussian::draw(const Real* out, random_stream& random, double temperature) {
    const double s = temperature / static_cast<double>(detail::log_scale<Real>(out[1]).inverse);
    return static_cast<Real>(static_cast<double>(out[0]) + s * static_cast<double>(normal_q16(random)) * 0x1p-16);
}

template <class Real>
std::size_t draw_class(const Real* logits, std::size_t count, random_stream& random, double temperature) {
    LOFI_ASSERT(count > 0, "a class is drawn from at least one");
    const Real greatest = *std::max_element(logits, logits + count);
    if (!(temperature > 0)) return static_cast<std::size_t>(std::max_element(logits, logits + count) - logits);
    const auto weight = [&](std::size_t i) { return std::exp(static_cast<double>(logits[i] - greatest) / temperature); };
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += weight(i);
    double at = detail::inner_unit(random) * sum;
    for (std::size_t i = 0; i + 1 < count; ++i)
        if ((at -= weight(i)) < 0) return i;
    return count - 1;
}

}  // namespace lofi::inline LOFI_ABI::nn
