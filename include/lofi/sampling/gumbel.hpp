#pragma once
// The Gumbel-max draw: the largest of logits with noise. It draws as a softmax does, without one.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include <lofi/core/random.hpp>
#include <lofi/sampling/exponent.hpp>
#include <lofi/sampling/integer.hpp>

namespace lofi::inline LOFI_ABI::sampling {

/// Turns a random word into -log(-log(u)), in 1/65536: at least -3.2, at most 22.9.
/// measured: off by at most 1.2e-5 from the definition at u = 1 - (word + 1/2) / 2^32
[[nodiscard]] constexpr std::int32_t gumbel_q16(std::uint32_t word);

/// Draws an id with the probability that a softmax of logits / temperature gives it: the largest of logit / temperature plus
/// Gumbel noise, the lowest id of several. -infinity and what is not a number removes an id; where none is left, all may come.
/// One word of the stream a draw, as in `sampler`; the noise comes from a stream of its own at that position.
/// params: temperature from 0 on; 0 takes the largest
/// realtime: yes
/// source: Gumbel 1954; Maddison, Tarlow, Minka: A* Sampling (2014)
[[nodiscard]] constexpr std::size_t gumbel_max(std::span<const float> logits, float temperature, random_stream& stream);

/// The same in whole numbers alone: logits in 1/65536, `never` removes an id, temperature in 1/65536.
[[nodiscard]] constexpr std::size_t gumbel_max(std::span<const std::int32_t> logits, std::uint32_t temperature,
                                               random_stream& stream);

// ---------------------------------------------------------------- bodies

constexpr std::int32_t gumbel_q16(std::uint32_t word) {
    // The exponential number -log(1 - v), v = (2 * word + 1) / 2^33: a series where v is small, for there only the size of the
    // error against v matters; elsewhere a logarithm.
    const std::uint64_t v = 2 * std::uint64_t{word} + 1;
    std::uint64_t wait = 0;  // in 1/2^33
    if (v < std::uint64_t{1} << 27) {
        const std::uint64_t v2 = v * v >> 33, v3 = v2 * v >> 33, v4 = v3 * v >> 33;
        wait = v + v2 / 2 + v3 / 3 + v4 / 4;
    } else {
        const std::uint64_t octaves = (std::uint64_t{33} << 32) - log2_whole((std::uint64_t{1} << 33) - v);
        wait = octaves * 23258160U >> 24;  // 2 * log(2) in 1/2^24
    }
    const auto octaves = static_cast<std::int64_t>(std::uint64_t{33} << 32) - static_cast<std::int64_t>(log2_whole(wait));
    return static_cast<std::int32_t>(octaves * 11629080 / (std::int64_t{1} << 40));  // log(2) in 1/2^24
}

namespace detail {
// The place of the largest of what `value(id, noise)` says; V where each is left out (`out`).
template <class Value, class Number>
constexpr std::size_t largest_with_noise(std::size_t V, random_stream& stream, Number out, Value&& value) {
    LOFI_ASSERT(V > 0, "a draw needs at least one logit");
    static_cast<void>(stream.next());
    random_stream noise(stream.key().child("gumbel").child(stream.position()));
    std::size_t best = V, any = 0;
    Number most = out;
    std::int32_t most_noise = std::numeric_limits<std::int32_t>::min();
    for (std::size_t id = 0; id < V; ++id) {
        const std::int32_t g = gumbel_q16(noise.next());
        const Number v = value(id, g);
        if (v > out && (best == V || v > most)) most = v, best = id;
        if (g > most_noise) most_noise = g, any = id;
    }
    return best == V ? any : best;
}
}  // namespace detail

constexpr std::size_t gumbel_max(std::span<const float> logits, float temperature, random_stream& stream) {
    LOFI_ASSERT(temperature >= 0.0F, "a temperature is a number from 0 on");
    constexpr double none = -std::numeric_limits<double>::infinity();
    return detail::largest_with_noise(logits.size(), stream, none, [&](std::size_t id, std::int32_t g) {
        const double v = logits[id];
        if (!(v > none)) return none;
        return temperature == 0.0F ? v : v / double{temperature} + static_cast<double>(g) / 65536.0;
    });
}

constexpr std::size_t gumbel_max(std::span<const std::int32_t> logits, std::uint32_t temperature, random_stream& stream) {
    constexpr std::int64_t none = std::numeric_limits<std::int64_t>::min();
    return detail::largest_with_noise(logits.size(), stream, none, [&](std::size_t id, std::int32_t g) {
        if (logits[id] == never) return none;
        return temperature == 0 ? std::int64_t{logits[id]} : std::int64_t{logits[id]} * 65536 / temperature + g;
    });
}

}  // namespace lofi::inline LOFI_ABI::sampling
