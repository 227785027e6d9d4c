#pragma once
// Portable mathematics for sound: sines, powers and logarithms from our own polynomials, the same bits on every machine.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <lofi/core/bits.hpp>
#include <lofi/core/units.hpp>

/// The standard library's sine or power differs from one machine to the next in the last bits. These do not: they are
/// plain additions and multiplications in a fixed order, so that with contraction off (`lofi::exact`) every machine gives
/// the same bits. The float forms have no branch, table or call, so that a loop over them becomes vector code.
namespace lofi::inline LOFI_ABI::math {

inline constexpr double pi = 3.14159265358979323846;

/// Whole number at or below x. |x| < 2^31.
[[nodiscard]] constexpr std::int32_t floor_int(float x);
[[nodiscard]] constexpr std::int32_t floor_int(double x);
/// Whole number nearest to x, halves away from zero. |x| < 2^31 - 1.
[[nodiscard]] constexpr std::int32_t round_int(float x);
[[nodiscard]] constexpr std::int32_t round_int(double x);
/// The value without its sign.
[[nodiscard]] constexpr float abs(float x);
[[nodiscard]] constexpr double abs(double x);

/// Sine and cosine of an angle in turns (1 is the whole circle), so that oscillators need no multiple of pi and large
/// phases lose nothing. Any finite phase.
/// measured: largest error 1.9e-7 in float, 3.2e-16 in double
[[nodiscard]] constexpr float sin_turns(float phase);
[[nodiscard]] constexpr double sin_turns(double phase);
[[nodiscard]] constexpr float cos_turns(float phase);
[[nodiscard]] constexpr double cos_turns(double phase);
/// Sine of a phase in units of 2^-32 of a turn (see core/phase.hpp).
[[nodiscard]] constexpr float sin_turns(std::uint32_t phase);
/// Tangent of an angle in turns, for the design of filters.
[[nodiscard]] constexpr double tan_turns(double phase) { return sin_turns(phase) / cos_turns(phase); }

/// 2 to the x. Below the smallest normal number the result is 0: no denormal ever comes out.
/// measured: largest relative error 9.2e-8 in float, 1.5e-16 in double
[[nodiscard]] constexpr float exp2(float x);
[[nodiscard]] constexpr double exp2(double x);
/// Logarithm to the base 2. Zero, denormals and negative numbers give -infinity.
/// measured: largest relative error 2.1e-7 in float, 3.7e-16 in double
[[nodiscard]] constexpr float log2(float x);
[[nodiscard]] constexpr double log2(double x);
/// e to the x, and the natural logarithm.
[[nodiscard]] constexpr double exp(double x) { return exp2(x * 1.4426950408889634); }
[[nodiscard]] constexpr double log(double x) { return log2(x) * 0.69314718055994531; }
/// Positive base to any exponent; the float form works in double within and is right to the last place or the next.
[[nodiscard]] constexpr double pow(double base, double exponent) { return exp2(exponent * log2(base)); }
[[nodiscard]] constexpr float pow(float base, float exponent) {
    return static_cast<float>(pow(double{base}, double{exponent}));
}
/// Square root, exactly rounded.
[[nodiscard]] constexpr double sqrt(double x);
[[nodiscard]] constexpr float sqrt(float x);
/// Hyperbolic tangent: the soft limit of saturation. Keeps its relative precision for quiet sound.
/// measured: largest relative error 2.4e-7 in float, 4.1e-16 in double
[[nodiscard]] constexpr float tanh(float x);
[[nodiscard]] constexpr double tanh(double x);

/// Gain of a level: 0 dB is 1, -6.02 dB is a half.
[[nodiscard]] constexpr float db_to_gain(decibels level);
/// Level of a gain above 0; a gain of 0 is -infinity.
[[nodiscard]] constexpr decibels gain_to_db(double gain);
/// Frequency of a MIDI note in twelve equal steps an octave; 69 is A at `tuning`. Parts of a note are allowed.
[[nodiscard]] constexpr hertz midi_to_hertz(double note, hertz tuning = hertz(440.0));
[[nodiscard]] constexpr double hertz_to_midi(hertz frequency, hertz tuning = hertz(440.0));

// ---------------------------------------------------------------- bodies

namespace detail {

// What differs between float and double: the layout of bits, and how many terms reach the last place.
// Coefficients by tools/make_polynomials.py, lowest power first; the least largest relative error on
//   sine       sin(2 pi t) / t by t^2, |t| <= 1/4
//   power      (2^f - 1) / f by f, 0 <= f <= 1
//   logarithm  log2((1 + s) / (1 - s)) / s by s^2, |s| <= (sqrt 2 - 1) / (sqrt 2 + 1)
template <class Real>
struct series;

template <>
struct series<float> {
    using signed_bits = std::int32_t;
    using bits = std::uint32_t;
    static constexpr int mantissa_bits = 23, bias = 127;
    static constexpr bits sqrt_half = 0x3f3504f3U;
    static constexpr std::array sine{6.28318548F, -41.3416786F, 81.6022339F, -76.5749969F, 39.7109413F};
    static constexpr std::array power{0.693147182F, 0.240227133F, 0.055496566F, 0.00965065043F, 0.00127100607F, 0.00020745564F};
    static constexpr std::array logarithm{2.88539004F, 0.961798847F, 0.576714396F, 0.431735933F};
};

template <>
struct series<double> {
    using signed_bits = std::int64_t;
    using bits = std::uint64_t;
    static constexpr int mantissa_bits = 52, bias = 1023;
    static constexpr bits sqrt_half = 0x3fe6a09e667f3bcdU;
    static constexpr std::array sine{6.2831853071795862,  -41.341702240399755,  81.605249276073408,
                                     -76.705859752798531, 42.058693923787061,   -15.094641620574276,
                                     3.8199270517326362,  -0.71772359285820952, 0.10085638295622293};
    static constexpr std::array power{0.69314718055994529,    0.24022650695910078,    0.055504108664818884,
                                      0.0096181291076796547,  0.0013333558141427472,  0.00015403530680832789,
                                      1.5252723362159901e-05, 1.3215735628264441e-06, 1.0174147302936396e-07,
                                      7.0958248723456563e-09, 4.1791605285113278e-10, 3.536536881083189e-11};
    static constexpr std::array logarithm{2.8853900817779268,  0.96179669392597544, 0.57707801635569411,
                                          0.41219858307332607, 0.32059890455669771, 0.2623075465191394,
                                          0.22198986960006198, 0.19113795284418897, 0.19134270634884773};
};

template <class Real, std::size_t N>
LOFI_INLINE constexpr Real horner(const std::array<Real, N>& c, Real x) {
    Real y = c[N - 1];
    for (std::size_t i = N - 1; i-- > 0;) y = y * x + c[i];
    return y;
}

template <class Real>
LOFI_INLINE constexpr Real magnitude(Real x) {
    using bits = typename series<Real>::bits;
    return bits_as<Real>(bits_as<bits>(x) & ~(bits{1} << (sizeof(bits) * 8 - 1)));
}

// a or b without a branch: compilers that may not reorder what could trap leave loops with ?: as they are.
template <class Real>
LOFI_INLINE constexpr Real select(bool first, Real a, Real b) {
    using bits = typename series<Real>::bits;
    const bits mask = bits{0} - static_cast<bits>(first);
    return bits_as<Real>((bits_as<bits>(a) & mask) | (bits_as<bits>(b) & ~mask));
}

// a with its sign turned where b is negative (b = -0 counts as negative).
template <class Real>
LOFI_INLINE constexpr Real turned_by(Real a, Real b) {
    using bits = typename series<Real>::bits;
    return bits_as<Real>(bits_as<bits>(a) ^ (bits_as<bits>(b) & (bits{1} << (sizeof(bits) * 8 - 1))));
}

// x without whole turns, in [-1/2, 1/2] and a hair. The subtraction is exact; beyond 2^(mantissa bits) all x are whole turns.
template <class Real>
LOFI_INLINE constexpr Real within_a_turn(Real x) {
    using s = series<Real>;
    constexpr Real whole = static_cast<Real>(typename s::bits{1} << s::mantissa_bits);
    const bool small = magnitude(x) < whole;
    const Real y = select(small, x, Real{0});
    const auto n = static_cast<typename s::signed_bits>(y + turned_by(Real(0.5), y));
    return select(small, y - static_cast<Real>(n), x - x);  // x - x: 0, or not a number where x is not finite
}

template <class Real>
LOFI_INLINE constexpr Real sine_of_quarter(Real t) {
    return t * horner(series<Real>::sine, t * t);
}

template <class Real>
LOFI_INLINE constexpr Real sine(Real phase) {
    const Real r = within_a_turn(phase);
    const Real a = magnitude(r), mirrored = Real(0.5) - a;  // the mirror stands at a quarter turn; beyond it this is exact
    return turned_by(sine_of_quarter(select(a < mirrored, a, mirrored)), r);
}

template <class Real>
LOFI_INLINE constexpr Real cosine(Real phase) {
    return sine_of_quarter(Real(0.25) - magnitude(within_a_turn(phase)));
}

template <class Real>
LOFI_INLINE constexpr Real two_to_whole(std::int32_t n) {
    using s = series<Real>;
    return bits_as<Real>(static_cast<typename s::bits>(n + s::bias) << s::mantissa_bits);
}

template <class Real>
LOFI_INLINE constexpr Real power_of_two(Real x) {
    constexpr Real low = Real(1 - series<Real>::bias), high = Real(series<Real>::bias + 1);
    const Real y = select(x > low, select(x < high, x, low), low);  // low stands in for whatever is handled at the end
    const std::int32_t n = floor_int(y);
    const Real f = y - static_cast<Real>(n);
    const Real inside = two_to_whole<Real>(n) * (Real{1} + f * horner(series<Real>::power, f));
    const Real bounded = select(x < high, inside, x + std::numeric_limits<Real>::infinity());
    return select(x < low, Real{0}, bounded);
}

template <class Real>
LOFI_INLINE constexpr Real logarithm_to_two(Real x) {
    using s = series<Real>;
    // The mantissa is brought between sqrt(1/2) and sqrt(2), so that near 1 the whole part is 0 and nothing cancels.
    const auto raw = bits_as<typename s::bits>(x);
    const auto whole = static_cast<typename s::signed_bits>(raw - s::sqrt_half) >> s::mantissa_bits;
    const Real m = bits_as<Real>(raw - (static_cast<typename s::bits>(whole) << s::mantissa_bits));
    const Real t = (m - 1) / (m + 1);
    const Real y = t * horner(s::logarithm, t * t) + static_cast<Real>(static_cast<std::int32_t>(whole));
    const Real bounded = select(x < std::numeric_limits<Real>::min(), -std::numeric_limits<Real>::infinity(), y);
    return select(magnitude(x) <= std::numeric_limits<Real>::max(), bounded, x);
}

template <class Real>
LOFI_INLINE constexpr Real hyperbolic_tangent(Real x) {
    // e^2x - 1 as (2^n - 1) + 2^n (2^f - 1): all terms are positive, so that nothing cancels at any x.
    constexpr Real flat = sizeof(Real) == 4 ? Real(10) : Real(20);  // from here on the result rounds to 1
    const Real a = magnitude(x);
    const Real y = select(a < flat, a, flat) * Real(2 * 1.4426950408889634);
    const std::int32_t n = static_cast<std::int32_t>(y);
    const Real f = y - static_cast<Real>(n), scale = two_to_whole<Real>(n);
    const Real e = (scale - 1) + scale * (f * horner(series<Real>::power, f));
    return select(x == x, turned_by(e / (e + 2), x), x);
}

// Digit by digit, for constant expressions, where std::sqrt cannot go. Exactly rounded as std::sqrt is.
constexpr double constant_sqrt(double x) {
    if (!(x > 0) || x > std::numeric_limits<double>::max()) return x < 0 ? std::numeric_limits<double>::quiet_NaN() : x;
    if (x < std::numeric_limits<double>::min()) return constant_sqrt(x * 0x1p108) * 0x1p-54;
    const auto raw = bits_as<std::uint64_t>(x);
    const int exponent = static_cast<int>(raw >> 52) - 1023;
    // 54 digits of the root of m * 2^55 or m * 2^56 in pairs of binary digits; the last one only decides the rounding.
    const std::uint64_t m = ((raw & 0xfffffffffffffU) | (std::uint64_t{1} << 52)) << (exponent & 1);
    std::uint64_t root = 0, rest = 0;
    for (int i = 0; i < 54; ++i) {
        const std::uint64_t pair = i < 27 ? m >> (52 - 2 * i) & 3U : 0U;
        rest = rest << 2 | pair;
        const std::uint64_t trial = root << 2 | 1U;
        root <<= 1;
        if (rest >= trial) rest -= trial, root |= 1U;
    }
    root = (root + 1) >> 1;  // never half way: the root of a number of 53 digits has no 54 digits
    return static_cast<double>(root) * 0x1p-52 * bits_as<double>(static_cast<std::uint64_t>((exponent >> 1) + 1023) << 52);
}

}  // namespace detail

constexpr std::int32_t floor_int(float x) {
    const auto n = static_cast<std::int32_t>(x);
    return n - static_cast<std::int32_t>(static_cast<float>(n) > x);
}
constexpr std::int32_t floor_int(double x) {
    const auto n = static_cast<std::int32_t>(x);
    return n - static_cast<std::int32_t>(static_cast<double>(n) > x);
}
constexpr std::int32_t round_int(float x) { return round_int(double{x}); }
constexpr std::int32_t round_int(double x) { return static_cast<std::int32_t>(x + (x < 0 ? -0.5 : 0.5)); }
constexpr float abs(float x) { return detail::magnitude(x); }
constexpr double abs(double x) { return detail::magnitude(x); }

constexpr float sin_turns(float phase) { return detail::sine(phase); }
constexpr double sin_turns(double phase) { return detail::sine(phase); }
constexpr float cos_turns(float phase) { return detail::cosine(phase); }
constexpr double cos_turns(double phase) { return detail::cosine(phase); }
constexpr float sin_turns(std::uint32_t phase) {
    // The second and third quarters are mirrored in whole numbers, so that the zero at half a turn is exact too.
    const bool mirrored = ((phase + 0x40000000U) & 0x80000000U) != 0;
    const auto t = static_cast<std::int32_t>(mirrored ? 0x80000000U - phase : phase);
    return detail::sine_of_quarter(static_cast<float>(t) * 0x1p-32F);
}

constexpr float exp2(float x) { return detail::power_of_two(x); }
constexpr double exp2(double x) { return detail::power_of_two(x); }
constexpr float log2(float x) { return detail::logarithm_to_two(x); }
constexpr double log2(double x) { return detail::logarithm_to_two(x); }
constexpr float tanh(float x) { return detail::hyperbolic_tangent(x); }
constexpr double tanh(double x) { return detail::hyperbolic_tangent(x); }

constexpr double sqrt(double x) { return std::is_constant_evaluated() ? detail::constant_sqrt(x) : std::sqrt(x); }
constexpr float sqrt(float x) {
    // Rounding twice is harmless here: double holds more than twice the digits of float.
    return std::is_constant_evaluated() ? static_cast<float>(detail::constant_sqrt(x)) : std::sqrt(x);
}

constexpr float db_to_gain(decibels level) {
    return static_cast<float>(exp2(level.value * 0.16609640474436813));
}  // log2(10) / 20
constexpr decibels gain_to_db(double gain) { return decibels(log2(gain) * 6.0205999132796239); }  // 20 / log2(10)

constexpr hertz midi_to_hertz(double note, hertz tuning) {
    // Octaves are taken out first, so that they are exact doublings.
    const std::int32_t octave = floor_int((note - 69.0) / 12.0);
    const double rest = note - 69.0 - 12.0 * octave;
    return tuning * (detail::two_to_whole<double>(octave) * exp2(rest / 12.0));
}
constexpr double hertz_to_midi(hertz frequency, hertz tuning) { return 69.0 + 12.0 * log2(frequency / tuning); }

}  // namespace lofi::inline LOFI_ABI::math
