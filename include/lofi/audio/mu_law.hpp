#pragma once
// Companding: 8 bits that keep quiet sound audible. The mu-law and A-law of telephony, and the continuous mu-law of networks.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/core/math.hpp>

namespace lofi::inline LOFI_ABI::audio {

/// Codes of ITU-T G.711 for samples of 16 bits and back.
/// source: ITU-T G.711 (1988)
[[nodiscard]] constexpr std::uint8_t encode_mu_law(std::int16_t sample);
[[nodiscard]] constexpr std::int16_t decode_mu_law(std::uint8_t code);
[[nodiscard]] constexpr std::uint8_t encode_a_law(std::int16_t sample);
[[nodiscard]] constexpr std::int16_t decode_a_law(std::uint8_t code);

/// The curve itself: sign(x) ln(1 + 255 |x|) / ln 256, from [-1, 1] to [-1, 1], and its inverse.
[[nodiscard]] constexpr double mu_law_compress(double x);
[[nodiscard]] constexpr double mu_law_expand(double y);

/// Class 0 to 255 of a sample, as networks on raw sound predict it: 256 equal steps of the compressed range, so that class c
/// reaches from expand(c / 128 - 1) to expand((c + 1) / 128 - 1). Sound beyond +-1 goes to the outer classes.
/// source: van den Oord et al.: WaveNet (2016), 2.2
[[nodiscard]] constexpr std::uint8_t encode_mu_law_256(float sample);
/// Middle, in the compressed range, of a class.
[[nodiscard]] constexpr float decode_mu_law_256(std::uint8_t code);

// ---------------------------------------------------------------- bodies

constexpr std::uint8_t encode_mu_law(std::int16_t sample) {
    const bool negative = sample < 0;
    const std::int32_t magnitude = std::min(negative ? -std::int32_t{sample} : std::int32_t{sample}, 32635) + 132;
    int segment = 7;
    while (segment > 0 && magnitude < 128 << segment) --segment;  // with the bias, segments begin at 128, 256, ...
    const int step = magnitude >> (segment + 3) & 15;
    return static_cast<std::uint8_t>(~((negative ? 0x80 : 0) | segment << 4 | step));
}

constexpr std::int16_t decode_mu_law(std::uint8_t code) {
    const int bits = ~code & 0xff;
    const int magnitude = (((bits & 15) << 3) + 132) << (bits >> 4 & 7);
    return static_cast<std::int16_t>((bits & 0x80) != 0 ? 132 - magnitude : magnitude - 132);
}

constexpr std::uint8_t encode_a_law(std::int16_t sample) {
    const bool negative = sample < 0;
    const std::int32_t magnitude =
        (negative ? ~std::int32_t{sample} : std::int32_t{sample}) >> 4;  // 11 bits: G.711 counts in 13 with the sign
    int segment = 7;
    while (segment > 0 && magnitude < 16 << (segment - 1)) --segment;
    const int step = magnitude >> (segment > 1 ? segment - 1 : 0) & 15;
    return static_cast<std::uint8_t>(((negative ? 0 : 0x80) | segment << 4 | step) ^ 0x55);  // every other bit is sent turned
}

constexpr std::int16_t decode_a_law(std::uint8_t code) {
    const int bits = code ^ 0x55;
    const int segment = bits >> 4 & 7, step = bits & 15;
    const int magnitude = segment == 0 ? (step << 4) + 8 : ((step << 4) + 264) << (segment - 1);
    return static_cast<std::int16_t>((bits & 0x80) != 0 ? magnitude : -magnitude);
}

constexpr double mu_law_compress(double x) {
    const double y = math::log2(1.0 + 255.0 * math::abs(x)) / 8.0;
    return x < 0 ? -y : y;
}

constexpr double mu_law_expand(double y) {
    const double x = (math::exp2(8.0 * math::abs(y)) - 1.0) / 255.0;
    return y < 0 ? -x : x;
}

namespace detail {
// Lower edges of classes 1 to 255. A search among edges made by the compiler, rather than a logarithm of each sample, puts
// every sample into the same class on every machine.
inline constexpr auto mu_law_edges = [] {
    std::array<float, 255> edges{};
    for (std::size_t i = 0; i < edges.size(); ++i)
        edges[i] = static_cast<float>(mu_law_expand(static_cast<double>(i + 1) / 128.0 - 1.0));
    return edges;
}();
inline constexpr auto mu_law_middles = [] {
    std::array<float, 256> middles{};
    for (std::size_t i = 0; i < middles.size(); ++i)
        middles[i] = static_cast<float>(mu_law_expand((static_cast<double>(i) + 0.5) / 128.0 - 1.0));
    return middles;
}();
}  // namespace detail

constexpr std::uint8_t encode_mu_law_256(float sample) {
    const auto& edges = detail::mu_law_edges;
    return static_cast<std::uint8_t>(std::upper_bound(edges.begin(), edges.end(), sample) - edges.begin());
}

constexpr float decode_mu_law_256(std::uint8_t code) { return detail::mu_law_middles[code]; }

}  // namespace lofi::inline LOFI_ABI::audio
