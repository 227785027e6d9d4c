#include <lofi/core/math.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <lofi/core/hash.hpp>

#include "support/test.hpp"

using namespace lofi;

namespace {

constexpr long double two_pi = 6.283185307179586476925286766559005768L;
constexpr double infinity = std::numeric_limits<double>::infinity();

enum class measure : std::uint8_t { absolute, relative };

// Largest error of `ours` against `theirs` (long double, of the C library) over a dense grid.
template <class Real, class Ours, class Theirs>
double largest_error(double low, double high, measure kind, Ours ours, Theirs theirs) {
    constexpr int points = 200'000;
    double worst = 0;
    for (int i = 0; i <= points; ++i) {
        const auto x = static_cast<Real>(low + (high - low) * i / points);
        const auto expected = static_cast<long double>(theirs(static_cast<long double>(x)));
        const long double off = std::fabs(static_cast<long double>(ours(x)) - expected);
        const long double size = kind == measure::relative ? std::fabs(expected) : 1.0L;
        if (off > 0) worst = std::max(worst, static_cast<double>(off / size));
    }
    return worst;
}

// What can be asked at compile time is asked there.
static_assert(math::sqrt(2.0) == 1.4142135623730951);
static_assert(math::sqrt(2.0F) == 1.41421354F);
static_assert(math::exp2(10.0F) == 1024.0F && math::exp2(-10.0) == 1.0 / 1024.0);
static_assert(math::log2(8.0F) == 3.0F && math::log2(1.0) == 0.0);
static_assert(math::floor_int(-0.5F) == -1 && math::floor_int(2.0F) == 2 && math::floor_int(-3.0) == -3);
static_assert(math::round_int(-1.5F) == -2 && math::round_int(2.4) == 2 && math::round_int(0.49999997F) == 0);
static_assert(math::midi_to_hertz(69.0) == hertz(440.0) && math::midi_to_hertz(57.0, hertz(432.0)) == hertz(216.0));

}  // namespace

TEST_CASE("sine and cosine of turns stay within their stated error") {
    const auto sine = [](auto x) { return math::sin_turns(x); };
    const auto cosine = [](auto x) { return math::cos_turns(x); };
    const auto sine_l = [](long double x) { return std::sin(two_pi * x); };
    const auto cosine_l = [](long double x) { return std::cos(two_pi * x); };
    CHECK(largest_error<float>(-3, 3, measure::absolute, sine, sine_l) < 1.95e-7);
    CHECK(largest_error<float>(-3, 3, measure::absolute, cosine, cosine_l) < 1.95e-7);
    CHECK(largest_error<float>(1e-9, 0.25, measure::relative, sine, sine_l) < 2.0e-7);
    CHECK(largest_error<double>(-3, 3, measure::absolute, sine, sine_l) < 3.3e-16);
    CHECK(largest_error<double>(-3, 3, measure::absolute, cosine, cosine_l) < 3.3e-16);
    CHECK(largest_error<double>(
              -0.2, 0.2, measure::relative, [](double x) { return math::tan_turns(x); },
              [](long double x) { return std::tan(two_pi * x); }) < 6e-16);
}

TEST_CASE("the sine of a whole-number phase agrees with the sine of turns and has exact zeros") {
    double worst = 0;
    for (std::uint64_t p = 0; p < (1ULL << 32); p += 65'521) {
        const auto phase = static_cast<std::uint32_t>(p);
        worst = std::max(worst, std::fabs(static_cast<double>(math::sin_turns(phase)) -
                                          static_cast<double>(std::sin(two_pi * phase / 0x1p32L))));
    }
    CHECK(worst < 1.95e-7);
    CHECK(math::sin_turns(0U) == 0.0F);
    CHECK(math::sin_turns(0x80000000U) == 0.0F);
    CHECK(math::sin_turns(0x40000000U) == Approx(1.0F).margin(1e-7));
    CHECK(math::sin_turns(0x80000001U) == -math::sin_turns(1U));
}

TEST_CASE("turns of any size are reduced exactly") {
    for (const float whole : {1.0F, -7.0F, 4096.0F, 1e9F, -3e20F}) {
        CHECK(math::sin_turns(whole) == 0.0F);
        CHECK(math::cos_turns(whole) == Approx(1.0F).margin(1e-7));
    }
    CHECK(math::sin_turns(1000.25F) == math::sin_turns(0.25F));
    CHECK(math::sin_turns(-8388607.5F) == 0.0F);
    CHECK(math::cos_turns(8388607.5F) == Approx(-1.0F).margin(1e-7));
    CHECK(math::sin_turns(4503599627370495.5) == 0.0);
    CHECK(std::isnan(math::sin_turns(std::numeric_limits<float>::infinity())));
    CHECK(std::isnan(math::cos_turns(std::nan(""))));
}

TEST_CASE("powers and logarithms stay within their stated error") {
    const auto power = [](auto x) { return math::exp2(x); };
    const auto power_l = [](long double x) { return std::exp2(x); };
    CHECK(largest_error<float>(-126, 127.99, measure::relative, power, power_l) < 9.3e-8);
    CHECK(largest_error<double>(-1022, 1023.99, measure::relative, power, power_l) < 1.7e-16);
    const auto logarithm = [](auto x) { return math::log2(x); };
    const auto logarithm_l = [](long double x) { return std::log2(x); };
    CHECK(largest_error<float>(0.001, 4, measure::relative, logarithm, logarithm_l) < 2.15e-7);
    CHECK(largest_error<float>(0.999, 1.001, measure::relative, logarithm, logarithm_l) < 2.15e-7);
    CHECK(largest_error<float>(1, 3e38, measure::relative, logarithm, logarithm_l) < 2.15e-7);
    CHECK(largest_error<double>(0.001, 4, measure::relative, logarithm, logarithm_l) < 4e-16);
    CHECK(largest_error<double>(1e-300, 1e300, measure::relative, logarithm, logarithm_l) < 4e-16);
    CHECK(largest_error<float>(
              0.01, 100, measure::relative, [](float x) { return math::pow(x, 3.7F); },
              [](long double x) { return std::pow(x, static_cast<long double>(3.7F)); }) < 6e-8);
    CHECK(largest_error<double>(
              0.01, 100, measure::relative, [](double x) { return math::pow(x, -2.3); },
              [](long double x) { return std::pow(x, static_cast<long double>(-2.3)); }) < 5e-15);
    CHECK(largest_error<double>(
              -20, 20, measure::relative, [](double x) { return math::exp(x); }, [](long double x) { return std::exp(x); }) <
          5e-15);
    CHECK(largest_error<double>(
              0.1, 9, measure::relative, [](double x) { return math::log(x); }, [](long double x) { return std::log(x); }) <
          6e-16);
}

TEST_CASE("powers and logarithms end where numbers end, without denormals") {
    CHECK(math::exp2(-126.0F) == std::numeric_limits<float>::min());
    for (const float x : {-126.00001F, -127.0F, -149.0F, -1e30F, -std::numeric_limits<float>::infinity()})
        CHECK(math::exp2(x) == 0.0F);
    for (const float x : {128.0F, 1e30F, std::numeric_limits<float>::infinity()})
        CHECK(math::exp2(x) == std::numeric_limits<float>::infinity());
    CHECK(math::exp2(-1022.5) == 0.0);
    CHECK(math::exp2(1024.0) == infinity);
    CHECK(std::isnan(math::exp2(std::nanf(""))));
    for (const float x : {0.0F, -0.0F, -1.0F, 1e-40F, -std::numeric_limits<float>::infinity()}) {
        CHECK(math::log2(x) == -std::numeric_limits<float>::infinity());
    }
    CHECK(math::log2(std::numeric_limits<float>::infinity()) == std::numeric_limits<float>::infinity());
    CHECK(std::isnan(math::log2(std::nanf(""))));
    CHECK(std::isnan(math::log2(std::nan(""))));
    for (int n = -126; n < 128; ++n) {
        CHECK(math::exp2(static_cast<float>(n)) == std::ldexp(1.0F, n));
        CHECK(math::log2(std::ldexp(1.0F, n)) == static_cast<float>(n));
    }
}

TEST_CASE("the hyperbolic tangent keeps its relative precision and its limit") {
    const auto ours = [](auto x) { return math::tanh(x); };
    const auto theirs = [](long double x) { return std::tanh(x); };
    CHECK(largest_error<float>(-12, 12, measure::relative, ours, theirs) < 2.45e-7);
    CHECK(largest_error<float>(-1e-3, 1e-3, measure::relative, ours, theirs) < 2.45e-7);
    CHECK(largest_error<double>(-22, 22, measure::relative, ours, theirs) < 4.5e-16);
    CHECK(math::tanh(1e30F) == 1.0F);
    CHECK(math::tanh(-infinity) == -1.0);
    CHECK(math::tanh(0.0F) == 0.0F);
    CHECK(std::isnan(math::tanh(std::nanf(""))));
}

TEST_CASE("the square root of constant expressions is the square root of the processor") {
    double x = 0x1p-1060;
    for (int i = 0; i < 5000; ++i, x *= 1.5234375) {
        CHECK(math::detail::constant_sqrt(x) == std::sqrt(x));
        if (x < 0x1p-1022) x *= 0x1p30;
        if (x > 1e300) x = 1.0 + i * 0x1p-40;
    }
    CHECK(math::detail::constant_sqrt(0.0) == 0.0);
    CHECK(math::detail::constant_sqrt(infinity) == infinity);
    CHECK(std::isnan(math::detail::constant_sqrt(-1.0)));
    CHECK(math::detail::constant_sqrt(std::numeric_limits<double>::denorm_min()) ==
          std::sqrt(std::numeric_limits<double>::denorm_min()));
}

TEST_CASE("levels and gains, notes and frequencies") {
    CHECK(math::db_to_gain(decibels(0)) == 1.0F);
    CHECK(math::db_to_gain(decibels(20)) == 10.0F);
    CHECK(math::db_to_gain(decibels(-6)) == Approx(0.50118723F).epsilon(1e-7));
    CHECK(math::db_to_gain(decibels(-infinity)) == 0.0F);
    CHECK(math::gain_to_db(0.1).value == Approx(-20.0).epsilon(1e-14));
    CHECK(math::gain_to_db(0.0).value == -infinity);
    for (int note = 0; note < 128; ++note) {
        CHECK(math::midi_to_hertz(note).value == Approx(440.0 * std::pow(2.0, (note - 69) / 12.0)).epsilon(1e-15));
        CHECK(math::hertz_to_midi(math::midi_to_hertz(note)) == Approx(note).margin(1e-12));
        CHECK(math::midi_to_hertz(note + 12).value == 2 * math::midi_to_hertz(note).value);
    }
    CHECK(math::midi_to_hertz(69.5).value == Approx(452.8929841231365).epsilon(1e-15));
}

// Contraction changes last bits, so this holds where the target has none or where it is switched off (lofi::exact).
#if defined(LOFI_EXACT) || !defined(__FP_FAST_FMAF)
TEST_CASE("every machine gives the same bits") {
    hasher single, wide;
    for (int i = -4000; i <= 4000; ++i) {
        const float x = static_cast<float>(i) / 512.0F;
        for (const float y : {math::sin_turns(x), math::cos_turns(x), math::exp2(x), math::log2(x * x), math::tanh(x),
                              math::pow(x * x + 0.5F, x)}) {
            single.add(std::bit_cast<std::uint32_t>(y));
        }
        const double z = static_cast<double>(i) / 500.0;
        for (const double y : {math::sin_turns(z), math::cos_turns(z), math::exp2(z), math::log2(z * z), math::tanh(z)}) {
            wide.add(std::bit_cast<std::uint64_t>(y));
        }
    }
    CHECK(single.value() == 0xe7ca99e0c9404441U);
    CHECK(wide.value() == 0x7f09c4c0926f0a68U);
}
#endif
