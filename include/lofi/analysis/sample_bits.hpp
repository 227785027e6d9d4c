#pragma once
// What a prediction of the next sample is worth: bits a 16-bit code, bits a mu-law class, and decibels of gain.
#include <cmath>
#include <cstdint>
#include <limits>

#include <lofi/audio/mu_law.hpp>
#include <lofi/core/assert.hpp>
#include <lofi/core/units.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// A density with a peak and two straight slopes in the logarithm. `log2_mass` is what the measures below ask of any density.
struct laplace {
    double mean = 0, scale = 1;

    /// The logarithm of the probability of [low, high], good far out in the tails too.
    [[nodiscard]] double log2_mass(double low, double high) const;
};

/// Bits of a sample under a density: its probability is that of all values that round to it.
/// params: code: -32768 to 32767, full scale at 32768
template <class Density>
[[nodiscard]] double code_bits(const Density& d, int code) {
    return -d.log2_mass((code - 0.5) / 32768, (code + 0.5) / 32768);
}
/// Bits of the sample's class among the 256 of `encode_mu_law_256`, by the same density.
template <class Density>
[[nodiscard]] double mu_law_bits(const Density& d, std::uint8_t c) {
    return -d.log2_mass(audio::mu_law_expand(c / 128.0 - 1), audio::mu_law_expand((c + 1) / 128.0 - 1));
}
/// How many 16-bit codes a mu-law class holds. All classes together hold all 65,536.
[[nodiscard]] int codes_of_mu_law(std::uint8_t c);
/// Bits a 16-bit code of a network that predicts mu-law classes: the mass of a class, spread evenly over its codes.
[[nodiscard]] inline double code_bits_of_mu_law(double class_bits, std::uint8_t c) {
    return class_bits + std::log2(codes_of_mu_law(c));
}
/// The 16-bit code of a sample.
[[nodiscard]] inline int code_of(float sample) {
    const double v = std::round(static_cast<double>(sample) * 32768);
    return static_cast<int>(v < -32768 ? -32768 : v > 32767 ? 32767 : v);
}

/// How much less a prediction errs than one that says silence: 10 log10 (sum x^2 / sum (x - prediction)^2).
class prediction_gain {
public:
    void add(double x, double predicted) {
        squares_ += x * x;
        errors_ += (x - predicted) * (x - predicted);
    }
    [[nodiscard]] decibels value() const { return decibels(10 * std::log10(squares_ / errors_)); }

private:
    double squares_ = 0, errors_ = 0;
};

// ---------------------------------------------------------------- bodies

inline double laplace::log2_mass(double low, double high) const {
    LOFI_ASSERT(scale > 0 && low < high, "a Laplace density has a scale above 0, and a mass lies between two ends");
    constexpr double log2e = 1.4426950408889634;
    const double a = (low - mean) / scale, b = (high - mean) / scale;
    // On one side of the peak: e^-near (1 - e^-(far - near)) / 2, whose logarithm is taken factor by factor.
    const auto tail = [](double near, double far) { return log2e * (-near + std::log(-std::expm1(near - far))) - 1; };
    if (a >= 0) return tail(a, b);
    if (b <= 0) return tail(-b, -a);
    return std::log2(-(std::expm1(a) + std::expm1(-b)) / 2);
}

inline int codes_of_mu_law(std::uint8_t c) {
    // The first code of a class stands at its lower edge or just above it.
    const auto first = [](int k) {
        if (k <= 0) return -32768;
        if (k >= 256) return 32768;
        return static_cast<int>(
            std::ceil(static_cast<double>(audio::detail::mu_law_edges[static_cast<std::size_t>(k - 1)]) * 32768));
    };
    return first(c + 1) - first(c);
}

}  // namespace lofi::inline LOFI_ABI::analysis
