#pragma once
// What the tests of plot need to look into a PNG: an inflater for fixed Huffman codes (RFC 1951) and the filters undone.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace lofi::test {

inline std::vector<std::uint8_t> inflate_fixed(std::span<const std::uint8_t> in) {
    static constexpr unsigned length_base[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                               31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
    static constexpr unsigned length_bits[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                               2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    static constexpr unsigned distance_base[] = {1,    2,    3,    4,    5,    7,    9,    13,    17,    25,
                                                 33,   49,   65,   97,   129,  193,  257,  385,   513,   769,
                                                 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
    std::size_t at = 0;
    const auto bit = [&]() -> unsigned {
        if (at / 8 >= in.size()) throw std::runtime_error("deflate: ends too soon");
        const unsigned b = in[at / 8] >> (at % 8) & 1U;
        ++at;
        return b;
    };
    const auto number = [&](unsigned n) {
        unsigned v = 0;
        for (unsigned i = 0; i < n; ++i) v |= bit() << i;
        return v;
    };
    const auto code = [&](unsigned n, unsigned v = 0) {
        for (unsigned i = 0; i < n; ++i) v = v << 1 | bit();
        return v;
    };
    if (number(1) != 1 || number(2) != 1) throw std::runtime_error("deflate: not one last block of fixed codes");
    std::vector<std::uint8_t> out;
    for (;;) {
        unsigned symbol = code(7);
        if (symbol < 24)
            symbol += 256;
        else if ((symbol = code(1, symbol)) >= 0x30 && symbol < 0xC0)
            symbol -= 0x30;
        else if (symbol >= 0xC0 && symbol < 0xC8)
            symbol += 280 - 0xC0;
        else
            symbol = code(1, symbol) - 0x190 + 144;
        if (symbol < 256) {
            out.push_back(static_cast<std::uint8_t>(symbol));
        } else if (symbol == 256) {
            if ((at + 7) / 8 != in.size()) throw std::runtime_error("deflate: bytes after its end");
            return out;
        } else {
            const unsigned length = length_base[symbol - 257] + number(length_bits[symbol - 257]);
            const unsigned d = code(5), distance = distance_base[d] + number(d < 4 ? 0 : d / 2 - 1);
            if (distance > out.size()) throw std::runtime_error("deflate: a repeat from before the beginning");
            for (unsigned i = 0; i < length; ++i) out.push_back(out[out.size() - distance]);
        }
    }
}

struct decoded_png {
    std::size_t width = 0, height = 0;
    std::vector<std::uint8_t> rgb;
};

/// Decodes an RGB picture of 8 bits; `crc` checks the chunks.
template <class Crc>
decoded_png decode_png(std::span<const std::uint8_t> file, Crc crc) {
    const auto u32 = [&](std::size_t i) {
        return std::uint32_t{file[i]} << 24 | std::uint32_t{file[i + 1]} << 16 | std::uint32_t{file[i + 2]} << 8 | file[i + 3];
    };
    if (std::string(file.begin(), file.begin() + 8) != "\x89PNG\r\n\x1a\n") throw std::runtime_error("png: no signature");
    decoded_png p;
    std::vector<std::uint8_t> lines;
    for (std::size_t at = 8; at < file.size();) {
        const std::size_t n = u32(at);
        const std::string type(file.begin() + static_cast<std::ptrdiff_t>(at) + 4,
                               file.begin() + static_cast<std::ptrdiff_t>(at) + 8);
        if (crc(file.subspan(at + 4, n + 4)) != u32(at + 8 + n)) throw std::runtime_error("png: checksum of " + type);
        if (type == "IHDR") p.width = u32(at + 8), p.height = u32(at + 12);
        if (type == "IDAT") lines = inflate_fixed(file.subspan(at + 10, n - 6));
        at += 12 + n;
    }
    const std::size_t row = 3 * p.width;
    if (lines.size() != (row + 1) * p.height) throw std::runtime_error("png: wrong number of bytes");
    p.rgb.resize(row * p.height);
    for (std::size_t y = 0; y < p.height; ++y)
        for (std::size_t i = 0; i < row; ++i) {
            const int left = i < 3 ? 0 : p.rgb[y * row + i - 3], up = y == 0 ? 0 : p.rgb[(y - 1) * row + i],
                      corner = i < 3 || y == 0 ? 0 : p.rgb[(y - 1) * row + i - 3];
            const int guess = left + up - corner, a = std::abs(guess - left), b = std::abs(guess - up),
                      c = std::abs(guess - corner);
            const int nearest = a <= b && a <= c ? left : b <= c ? up : corner;
            const int predicted[] = {0, left, up, (left + up) / 2, nearest};
            const unsigned filter = lines[y * (row + 1)];
            if (filter > 4) throw std::runtime_error("png: unknown filter");
            p.rgb[y * row + i] = static_cast<std::uint8_t>(lines[y * (row + 1) + 1 + i] + predicted[filter]);
        }
    return p;
}

}  // namespace lofi::test
