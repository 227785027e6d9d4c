#pragma once
// The windowed sinc from which the filters of resampling and true peak are made.
#include <lofi/core/math.hpp>

namespace lofi::inline LOFI_ABI::audio::detail {

// Modified Bessel function of the first kind and order 0, by its series.
constexpr double bessel_i0(double x) {
    double sum = 1.0, term = 1.0;
    for (int k = 1; term > sum * 1e-17; ++k) {
        const double half = x / (2.0 * k);
        term *= half * half;
        sum += term;
    }
    return sum;
}

// source: Kaiser (1974): shape for a stop-band so many decibels down, and the width of the transition, in parts of the
// sample rate, that a filter of so many taps then has
constexpr double kaiser_beta(double stop_band_db) { return 0.1102 * (stop_band_db - 8.7); }
constexpr double kaiser_transition(double stop_band_db, double taps) { return (stop_band_db - 7.95) / (14.36 * taps); }

// Kaiser's window at x in [-1, 1], 0 beyond.
constexpr double kaiser(double x, double beta) {
    return math::abs(x) > 1.0 ? 0.0 : bessel_i0(beta * math::sqrt(1.0 - x * x)) / bessel_i0(beta);
}

constexpr double sinc(double x) { return x == 0.0 ? 1.0 : math::sin_turns(x / 2.0) / (math::pi * x); }

}  // namespace lofi::inline LOFI_ABI::audio::detail
