#pragma once
// Compression for PNG: repeats within 32 KiB and fixed Huffman codes, in a zlib stream.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::plot {

/// Compresses bytes into a zlib stream.
/// source: RFC 1950 (zlib), RFC 1951 (deflate)
[[nodiscard]] std::vector<std::uint8_t> zlib_compress(std::span<const std::uint8_t> bytes);

/// source: RFC 1950, 8.2
[[nodiscard]] constexpr std::uint32_t adler32(std::span<const std::uint8_t> bytes);
/// The checksum of PNG's chunks.
/// source: Portable Network Graphics (ISO/IEC 15948), annex D
[[nodiscard]] constexpr std::uint32_t crc32(std::span<const std::uint8_t> bytes);

// ---------------------------------------------------------------- bodies

namespace detail {

// Bits go into bytes from the lowest up; Huffman codes go in with their highest bit first.
class bit_writer {
public:
    explicit bit_writer(std::vector<std::uint8_t>& out) : out_(out) {}
    void bits(std::uint32_t value, unsigned count) {
        held_ |= std::uint64_t{value} << used_;
        for (used_ += count; used_ >= 8; used_ -= 8, held_ >>= 8) out_.push_back(static_cast<std::uint8_t>(held_));
    }
    void code(std::uint32_t value, unsigned count) {
        std::uint32_t turned = 0;
        for (unsigned i = 0; i < count; ++i) turned |= (value >> i & 1U) << (count - 1 - i);
        bits(turned, count);
    }
    void finish() {
        if (used_ > 0) bits(0, 8 - used_);
    }

private:
    std::vector<std::uint8_t>& out_;
    std::uint64_t held_ = 0;
    unsigned used_ = 0;
};

// Fixed codes, RFC 1951 3.2.6.
inline void put_symbol(bit_writer& out, unsigned symbol) {
    if (symbol < 144)
        out.code(0x30 + symbol, 8);
    else if (symbol < 256)
        out.code(0x190 + symbol - 144, 9);
    else if (symbol < 280)
        out.code(symbol - 256, 7);
    else
        out.code(0xC0 + symbol - 280, 8);
}

// Lengths and distances, RFC 1951 3.2.5: a symbol names a range, extra bits the place in it. The ranges double in size
// every `per_octave` symbols, so they are counted out here instead of tabulated.
struct coded_range {
    unsigned symbol, extra_bits, extra;
};
constexpr coded_range find_range(unsigned value, unsigned first, unsigned per_octave) {
    unsigned symbol = 0, base = first, bits = 0;
    while (value >= base + (1U << bits)) {
        base += 1U << bits;
        if (++symbol >= 2 * per_octave && symbol % per_octave == 0) ++bits;
    }
    return {symbol, bits, value - base};
}

inline void put_match(bit_writer& out, unsigned length, unsigned distance) {
    // Length 258 has a symbol of its own.
    const coded_range l = length == 258 ? coded_range{28, 0, 0} : find_range(length, 3, 4);
    put_symbol(out, 257 + l.symbol);
    out.bits(l.extra, l.extra_bits);
    const coded_range d = find_range(distance, 1, 2);
    out.code(d.symbol, 5);
    out.bits(d.extra, d.extra_bits);
}

}  // namespace detail

constexpr std::uint32_t adler32(std::span<const std::uint8_t> bytes) {
    std::uint32_t a = 1, b = 0;
    for (const std::uint8_t byte : bytes) {
        a = (a + byte) % 65521U;
        b = (b + a) % 65521U;
    }
    return b << 16 | a;
}

namespace detail {
inline constexpr std::array<std::uint32_t, 256> crc_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t n = 0; n < 256; ++n) {
        std::uint32_t c = n;
        for (int k = 0; k < 8; ++k) c = (c & 1U) != 0 ? 0xEDB88320U ^ (c >> 1) : c >> 1;
        table[n] = c;
    }
    return table;
}();
}  // namespace detail

constexpr std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
    std::uint32_t c = 0xFFFFFFFFU;
    for (const std::uint8_t byte : bytes) c = detail::crc_table[(c ^ byte) & 0xFFU] ^ (c >> 8);
    return ~c;
}

inline std::vector<std::uint8_t> zlib_compress(std::span<const std::uint8_t> in) {
    constexpr std::size_t window = 32768, hashes = 1U << 15, longest = 258, tries = 24;
    constexpr std::uint32_t none = 0xFFFFFFFFU;
    std::vector<std::uint8_t> out{0x78, 0x01};
    detail::bit_writer bits(out);
    bits.bits(1, 1);  // the last block
    bits.bits(1, 2);  // fixed codes

    // For every place, the place before it whose three bytes have the same hash.
    std::vector<std::uint32_t> head(hashes, none), before(window, none);
    const auto remember = [&](std::size_t at) {
        if (at + 3 > in.size()) return;
        const std::uint32_t three = std::uint32_t{in[at]} << 16 | std::uint32_t{in[at + 1]} << 8 | in[at + 2];
        const std::size_t h = (three * 0x9E3779B1U) >> 17;
        before[at % window] = head[h];
        head[h] = static_cast<std::uint32_t>(at);
    };
    for (std::size_t at = 0; at < in.size();) {
        std::size_t best = 0, distance = 0;
        remember(at);
        const std::size_t most = std::min(longest, in.size() - at);
        if (most >= 3) {
            std::uint32_t candidate = before[at % window];
            for (std::size_t n = 0; n < tries && candidate != none && at - candidate < window && best < most; ++n) {
                if (best == 0 || in[candidate + best] == in[at + best]) {
                    std::size_t length = 0;
                    while (length < most && in[candidate + length] == in[at + length]) ++length;
                    if (length > best) best = length, distance = at - candidate;
                }
                const std::uint32_t next = before[candidate % window];
                if (next != none && next >= candidate) break;  // a slot that was written over
                candidate = next;
            }
        }
        if (best >= 3) {
            detail::put_match(bits, static_cast<unsigned>(best), static_cast<unsigned>(distance));
            for (std::size_t i = 1; i < best; ++i) remember(at + i);
            at += best;
        } else {
            detail::put_symbol(bits, in[at++]);
        }
    }
    detail::put_symbol(bits, 256);
    bits.finish();
    const std::uint32_t sum = adler32(in);
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(sum >> shift));
    return out;
}

}  // namespace lofi::inline LOFI_ABI::plot
