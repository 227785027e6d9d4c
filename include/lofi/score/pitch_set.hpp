#pragma once
// Sets of pitch classes: normal order, prime form, interval vector.
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include <lofi/score/pitch.hpp>

namespace lofi::inline LOFI_ABI::score {

/// A set of pitch classes: bit k of the mask stands for pitch class k.
struct pitch_set {
    std::uint16_t mask = 0;

    constexpr pitch_set() = default;
    constexpr explicit pitch_set(unsigned bits) : mask(static_cast<std::uint16_t>(bits & 0xfffU)) {}
    constexpr pitch_set(std::initializer_list<int> classes) {
        for (const int c : classes) insert(pitch_class(c));
    }

    [[nodiscard]] constexpr bool contains(pitch_class p) const { return (mask >> p.value & 1U) != 0; }
    [[nodiscard]] constexpr std::size_t size() const { return static_cast<std::size_t>(std::popcount(mask)); }
    [[nodiscard]] constexpr bool empty() const { return mask == 0; }
    constexpr pitch_set& insert(pitch_class p) { return mask = static_cast<std::uint16_t>(mask | 1U << p.value), *this; }

    friend constexpr pitch_set operator|(pitch_set a, pitch_set b) { return pitch_set(unsigned{a.mask} | b.mask); }
    friend constexpr pitch_set operator&(pitch_set a, pitch_set b) { return pitch_set(unsigned{a.mask} & b.mask); }
    friend constexpr bool operator==(pitch_set, pitch_set) = default;
};

/// Pitch classes in an order, at most twelve.
struct pitch_row {
    std::array<pitch_class, 12> classes{};
    std::uint8_t count = 0;

    [[nodiscard]] constexpr std::size_t size() const { return count; }
    [[nodiscard]] constexpr bool empty() const { return count == 0; }
    [[nodiscard]] constexpr pitch_class operator[](std::size_t i) const { return classes[i]; }
    [[nodiscard]] constexpr const pitch_class* begin() const { return classes.data(); }
    [[nodiscard]] constexpr const pitch_class* end() const { return classes.data() + count; }
    friend constexpr bool operator==(const pitch_row&, const pitch_row&) = default;
};

/// The set moved up by a number of semitones (below 0: down).
[[nodiscard]] constexpr pitch_set transposed(pitch_set s, int semitones);
/// The set mirrored at C.
[[nodiscard]] constexpr pitch_set inverted(pitch_set s);
/// The most compact cyclic order: the smallest span, then packed to the left, then the lowest first class.
/// source: Forte, The Structure of Atonal Music (1973), as music21 has it for all 4095 sets
[[nodiscard]] constexpr pitch_row normal_order(pitch_set s);
/// The set from 0 that stands for all transpositions of a set (its Tn class): the normal order moved to C.
[[nodiscard]] constexpr pitch_set tn_form(pitch_set s);
/// The set from 0 that stands for all transpositions and inversions of a set: the more compact of it and its mirror.
[[nodiscard]] constexpr pitch_set prime_form(pitch_set s);
/// How many pairs lie 1, 2, ... 6 semitones apart.
[[nodiscard]] constexpr std::array<std::uint8_t, 6> interval_vector(pitch_set s);

// ---------------------------------------------------------------- bodies

namespace detail {
// Of two sets that hold 0, whether a is the more compact: the smaller span, else the one that has the lowest bit in which
// they differ, which is the list that is smaller from left to right.
constexpr bool packed_before(unsigned a, unsigned b) {
    const auto span_a = std::bit_width(a), span_b = std::bit_width(b);
    if (span_a != span_b) return span_a < span_b;
    const unsigned differ = a ^ b;
    return (a & differ & (0U - differ)) != 0;
}
// The pitch class that comes first in normal order.
constexpr int first_of_normal_order(pitch_set s) {
    int best = -1;
    for (int first = 0; first < 12; ++first) {
        if (!s.contains(pitch_class(first))) continue;
        if (best < 0 || packed_before(transposed(s, -first).mask, transposed(s, -best).mask)) best = first;
    }
    return best;
}
}  // namespace detail

constexpr pitch_set transposed(pitch_set s, int semitones) {
    const int up = ((semitones % 12) + 12) % 12;
    return pitch_set(unsigned{s.mask} << up | unsigned{s.mask} >> (12 - up));
}

constexpr pitch_set inverted(pitch_set s) {
    pitch_set out;
    for (int c = 0; c < 12; ++c)
        if (s.contains(pitch_class(c))) out.insert(pitch_class(-c));
    return out;
}

constexpr pitch_row normal_order(pitch_set s) {
    pitch_row out;
    if (s.empty()) return out;
    const int first = detail::first_of_normal_order(s);
    for (int k = 0; k < 12; ++k)
        if (s.contains(pitch_class(first + k))) out.classes[out.count++] = pitch_class(first + k);
    return out;
}

constexpr pitch_set tn_form(pitch_set s) { return s.empty() ? s : transposed(s, -detail::first_of_normal_order(s)); }

constexpr pitch_set prime_form(pitch_set s) {
    const pitch_set a = tn_form(s), b = tn_form(inverted(s));
    return detail::packed_before(b.mask, a.mask) ? b : a;
}

constexpr std::array<std::uint8_t, 6> interval_vector(pitch_set s) {
    std::array<std::uint8_t, 6> out{};
    for (int distance = 1; distance <= 6; ++distance) {
        const std::size_t pairs = (s & transposed(s, distance)).size();
        // Every pair six semitones apart is met from both ends.
        out[static_cast<std::size_t>(distance - 1)] = static_cast<std::uint8_t>(distance == 6 ? pairs / 2 : pairs);
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::score
