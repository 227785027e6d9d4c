#pragma once
// Strong units, so that ticks are never taken for frames nor beats for seconds.
#include <compare>
#include <cstdint>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI {

/// A number with a unit. Adds and compares with its own kind, scales by plain numbers, and its ratio is a plain number.
template <class Tag, class Rep>
struct quantity {
    using rep = Rep;
    Rep value{};

    constexpr quantity() = default;
    constexpr explicit quantity(Rep v) : value(v) {}

    friend constexpr auto operator<=>(const quantity&, const quantity&) = default;
    friend constexpr quantity operator+(quantity a, quantity b) { return quantity(a.value + b.value); }
    friend constexpr quantity operator-(quantity a, quantity b) { return quantity(a.value - b.value); }
    friend constexpr quantity operator-(quantity a) { return quantity(-a.value); }
    friend constexpr quantity operator*(quantity a, Rep k) { return quantity(a.value * k); }
    friend constexpr quantity operator*(Rep k, quantity a) { return quantity(k * a.value); }
    friend constexpr quantity operator/(quantity a, Rep k) { return quantity(a.value / k); }
    friend constexpr Rep operator/(quantity a, quantity b) { return a.value / b.value; }
    friend constexpr quantity operator%(quantity a, quantity b) requires(requires(Rep x) { x % x; }) {
        return quantity(a.value % b.value);
    }
    constexpr quantity& operator+=(quantity b) { return value += b.value, *this; }
    constexpr quantity& operator-=(quantity b) { return value -= b.value, *this; }
};

using ticks = quantity<struct ticks_tag, std::int64_t>;    ///< musical time; how many make a quarter note is the score's
using frames = quantity<struct frames_tag, std::int64_t>;  ///< samples per channel
using beats = quantity<struct beats_tag, double>;          ///< quarter notes
using seconds = quantity<struct seconds_tag, double>;
using hertz = quantity<struct hertz_tag, double>;
using bpm = quantity<struct bpm_tag, double>;  ///< beats a minute
using decibels = quantity<struct decibels_tag, double>;
using semitones = quantity<struct semitones_tag, double>;

}  // namespace lofi::inline LOFI_ABI
