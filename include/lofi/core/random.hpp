#pragma once
// Counter-based random numbers with integer distributions: the same on every machine, and any position reachable at once.
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include <lofi/core/assert.hpp>
#include <lofi/core/detail/normal_table.hpp>

namespace lofi::inline LOFI_ABI {

/// Names a stream of random numbers. Keys form a tree: `key(seed).child("drums").child(bar)`; children never overlap in
/// practice, so that asking more of one stream never moves another.
struct random_key {
    std::uint64_t value = 0;

    [[nodiscard]] constexpr random_key child(std::uint64_t n) const;
    [[nodiscard]] constexpr random_key child(std::string_view name) const;
    friend constexpr bool operator==(random_key, random_key) = default;
};

/// Four 32-bit words for a 128-bit counter and a 64-bit key.
/// source: Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2, 3 (2011), Philox4x32-10
[[nodiscard]] constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                                            std::array<std::uint32_t, 2> key);

/// Draws words of one key in order. Its whole state is the key and the position.
class random_stream {
public:
    constexpr explicit random_stream(random_key key, std::uint64_t position = 0) : key_(key), position_(position) {}

    [[nodiscard]] constexpr std::uint32_t next();
    [[nodiscard]] constexpr std::uint64_t next64() {
        const std::uint64_t high = next();
        return high << 32 | next();
    }
    [[nodiscard]] constexpr random_key key() const { return key_; }
    [[nodiscard]] constexpr std::uint64_t position() const { return position_; }

private:
    random_key key_;
    std::uint64_t position_ = 0;
    std::array<std::uint32_t, 4> block_{};
};

/// Draws a whole number in [0, n), without bias. n > 0.
/// source: Lemire: Fast Random Integer Generation in an Interval (2019)
[[nodiscard]] constexpr std::uint32_t uniform_below(random_stream&, std::uint32_t n);
/// Draws a whole number in [low, high], without bias.
[[nodiscard]] constexpr std::int32_t uniform_between(random_stream&, std::int32_t low, std::int32_t high);
/// Is true `numerator` times in `denominator`.
[[nodiscard]] constexpr bool chance(random_stream&, std::uint32_t numerator, std::uint32_t denominator);
/// Draws an index with probability proportional to its weight; at least one weight must be above 0 and their sum below 2^32.
[[nodiscard]] constexpr std::size_t pick(random_stream&, std::span<const std::uint32_t> weights);
/// Draws from the standard normal distribution, in units of 1/65536 of a standard deviation.
[[nodiscard]] constexpr std::int32_t normal_q16(random_stream&);
/// Draws from [0, 1): a multiple of 2^-24, exact in float.
[[nodiscard]] constexpr float uniform_unit(random_stream& s) { return static_cast<float>(s.next() >> 8) * 0x1p-24F; }
/// Puts the elements in an order in which every permutation is equally likely.
template <class T>
constexpr void shuffle(random_stream&, std::span<T> values);

// ---------------------------------------------------------------- bodies

namespace detail {
// Finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit of the input reaches every bit of the output.
constexpr std::uint64_t mix64(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}
}  // namespace detail

constexpr random_key random_key::child(std::uint64_t n) const {
    return {detail::mix64(detail::mix64(value + 0x9e3779b97f4a7c15U) ^ (n * 0xd1342543de82ef95U + 0x632be59bd9b4e019U))};
}

constexpr random_key random_key::child(std::string_view name) const {
    std::uint64_t h = 0xcbf29ce484222325U;  // FNV-1a
    for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    return child(h);
}

constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> c, std::array<std::uint32_t, 2> k) {
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t a = std::uint64_t{0xD2511F53U} * c[0], b = std::uint64_t{0xCD9E8D57U} * c[2];
        c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ k[0], static_cast<std::uint32_t>(b),
             static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ k[1], static_cast<std::uint32_t>(a)};
        k = {k[0] + 0x9E3779B9U, k[1] + 0xBB67AE85U};
    }
    return c;
}

constexpr std::uint32_t random_stream::next() {
    const auto lane = static_cast<std::size_t>(position_ & 3U);
    // A stream made in the middle of a block has no block yet: all zeros stands for that and is made again, which is rare.
    if (lane == 0 || (block_[0] | block_[1] | block_[2] | block_[3]) == 0) {
        const std::uint64_t n = position_ >> 2;
        block_ = philox({static_cast<std::uint32_t>(n), static_cast<std::uint32_t>(n >> 32), 0, 0},
                        {static_cast<std::uint32_t>(key_.value), static_cast<std::uint32_t>(key_.value >> 32)});
    }
    ++position_;
    return block_[lane];
}

constexpr std::uint32_t uniform_below(random_stream& s, std::uint32_t n) {
    LOFI_ASSERT(n > 0, "uniform_below needs at least one value to draw from");
    std::uint64_t m = std::uint64_t{s.next()} * n;
    if (static_cast<std::uint32_t>(m) < n) {
        const std::uint32_t threshold = (0U - n) % n;
        while (static_cast<std::uint32_t>(m) < threshold) m = std::uint64_t{s.next()} * n;
    }
    return static_cast<std::uint32_t>(m >> 32);
}

constexpr std::int32_t uniform_between(random_stream& s, std::int32_t low, std::int32_t high) {
    LOFI_ASSERT(low <= high, "uniform_between needs low <= high");
    const auto span = static_cast<std::uint32_t>(std::int64_t{high} - low);
    const std::uint32_t offset = span == 0xffffffffU ? s.next() : uniform_below(s, span + 1);
    return static_cast<std::int32_t>(low + std::int64_t{offset});
}

constexpr bool chance(random_stream& s, std::uint32_t numerator, std::uint32_t denominator) {
    return uniform_below(s, denominator) < numerator;
}

constexpr std::size_t pick(random_stream& s, std::span<const std::uint32_t> weights) {
    std::uint64_t total = 0;
    for (const std::uint32_t w : weights) total += w;
    LOFI_ASSERT(total > 0 && total <= 0xffffffffU, "pick needs weights whose sum is above 0 and below 2^32");
    std::uint32_t u = uniform_below(s, static_cast<std::uint32_t>(total));
    std::size_t i = 0;
    while (u >= weights[i]) u -= weights[i++];
    return i;
}

constexpr std::int32_t normal_q16(random_stream& s) {
    // The upper tail probability t = bits / 2^31 halved decides; octaves of t, linear inside 16 parts of each. Below the last
    // octave (one draw in 2^25) the value stays at its end.
    const std::uint32_t word = s.next();
    const std::uint32_t bits = (word >> 1) | 1U;    // (0, 2^31)
    const int octave = std::countl_zero(bits) - 1;  // 0: t in [1/4, 1/2)
    std::int32_t z = detail::normal_quantile_q16.back();
    if (octave < detail::normal_octaves) {
        const std::uint32_t mantissa = (bits << (octave + 1)) & 0x7fffffffU;  // below the leading one, 31 bits
        const auto part = static_cast<std::size_t>(mantissa >> 27);
        const std::int64_t within = mantissa & 0x7ffffffU;
        const std::size_t at = static_cast<std::size_t>(octave) * 16 + (16 - part);
        const std::int64_t far = detail::normal_quantile_q16[at], near = detail::normal_quantile_q16[at - 1];
        z = static_cast<std::int32_t>(far + ((near - far) * within >> 27));
    }
    return (word & 1U) != 0 ? -z : z;
}

template <class T>
constexpr void shuffle(random_stream& s, std::span<T> values) {
    for (std::size_t n = values.size(); n > 1; --n) {
        const auto i = static_cast<std::size_t>(uniform_below(s, static_cast<std::uint32_t>(n)));
        std::swap(values[n - 1], values[i]);
    }
}

}  // namespace lofi::inline LOFI_ABI
