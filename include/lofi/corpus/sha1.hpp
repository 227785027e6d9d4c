#pragma once
// SHA-1, for names that must fall in the same split wherever it is computed. Not for secrets.
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::corpus {

/// The 160-bit digest of a text, most significant byte first.
/// source: FIPS 180-4
[[nodiscard]] std::array<std::uint8_t, 20> sha1(std::string_view text);

/// The digest as one whole number, modulo n. n > 0.
[[nodiscard]] inline std::uint32_t sha1_modulo(std::string_view text, std::uint32_t n) {
    std::uint64_t rest = 0;
    for (const std::uint8_t byte : sha1(text)) rest = (rest << 8 | byte) % n;
    return static_cast<std::uint32_t>(rest);
}

// ---------------------------------------------------------------- bodies

inline std::array<std::uint8_t, 20> sha1(std::string_view text) {
    std::string bytes(text);
    bytes += '\x80';
    while (bytes.size() % 64 != 56) bytes += '\0';
    for (int shift = 56; shift >= 0; shift -= 8)
        bytes += static_cast<char>(static_cast<std::uint64_t>(text.size()) * 8 >> shift);

    std::array<std::uint32_t, 5> h = {0x67452301U, 0xEFCDAB89U, 0x98BADCFEU, 0x10325476U, 0xC3D2E1F0U};
    for (std::size_t block = 0; block < bytes.size(); block += 64) {
        std::array<std::uint32_t, 80> w{};
        for (std::size_t i = 0; i < 64; ++i) w[i / 4] = w[i / 4] << 8 | static_cast<std::uint8_t>(bytes[block + i]);
        for (std::size_t i = 16; i < 80; ++i) w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        auto [a, b, c, d, e] = h;
        for (std::size_t i = 0; i < 80; ++i) {
            const std::uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
            constexpr std::array<std::uint32_t, 4> k = {0x5A827999U, 0x6ED9EBA1U, 0x8F1BBCDCU, 0xCA62C1D6U};
            const std::uint32_t next = std::rotl(a, 5) + f + e + k[i / 20] + w[i];
            e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
        }
        h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
    }
    std::array<std::uint8_t, 20> out{};
    for (std::size_t i = 0; i < 20; ++i) out[i] = static_cast<std::uint8_t>(h[i / 4] >> (24 - 8 * (i % 4)));
    return out;
}

}  // namespace lofi::inline LOFI_ABI::corpus
