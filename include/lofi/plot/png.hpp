#pragma once
// Pictures of pixels as PNG.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

#include <lofi/core/assert.hpp>
#include <lofi/plot/color.hpp>
#include <lofi/plot/deflate.hpp>

namespace lofi::inline LOFI_ABI::plot {

/// Opaque pixels, rows from the top.
struct image {
    std::size_t width = 0, height = 0;
    std::vector<std::uint8_t> rgb;  ///< 3*width*height bytes

    image() = default;
    image(std::size_t columns, std::size_t lines, color fill);
    void set(std::size_t x, std::size_t y, color c) {
        std::uint8_t* p = rgb.data() + 3 * (y * width + x);
        p[0] = c.r, p[1] = c.g, p[2] = c.b;
    }
};

/// Encodes pixels: 8 bits a channel, no palette, each row under the filter that leaves the smallest sum of differences.
/// source: Portable Network Graphics (ISO/IEC 15948)
[[nodiscard]] std::vector<std::uint8_t> png_encode(const image&);

// ---------------------------------------------------------------- bodies

inline image::image(std::size_t columns, std::size_t lines, color fill)
    : width(columns), height(lines), rgb(3 * columns * lines) {
    for (std::size_t i = 0; i < columns * lines; ++i) set(i % columns, i / columns, fill);
}

namespace detail {

constexpr std::uint8_t paeth(int left, int up, int up_left) {
    const int p = left + up - up_left;
    const int from_left = p > left ? p - left : left - p, from_up = p > up ? p - up : up - p,
              from_corner = p > up_left ? p - up_left : up_left - p;
    if (from_left <= from_up && from_left <= from_corner) return static_cast<std::uint8_t>(left);
    return static_cast<std::uint8_t>(from_up <= from_corner ? up : up_left);
}

inline void put_chunk(std::vector<std::uint8_t>& out, std::string_view type, std::span<const std::uint8_t> data) {
    const auto put32 = [&](std::uint32_t v) {
        for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(v >> shift));
    };
    put32(static_cast<std::uint32_t>(data.size()));
    const std::size_t first = out.size();
    out.insert(out.end(), type.begin(), type.end());
    out.insert(out.end(), data.begin(), data.end());
    put32(crc32(std::span<const std::uint8_t>(out).subspan(first)));
}

}  // namespace detail

inline std::vector<std::uint8_t> png_encode(const image& picture) {
    LOFI_ASSERT(picture.rgb.size() == 3 * picture.width * picture.height && !picture.rgb.empty(),
                "a picture has pixels, three bytes each");
    const std::size_t row = 3 * picture.width;
    std::vector<std::uint8_t> filtered;
    filtered.reserve((row + 1) * picture.height);
    std::array<std::vector<std::uint8_t>, 4> tried;
    const std::vector<std::uint8_t> nothing(row, 0);
    for (std::size_t y = 0; y < picture.height; ++y) {
        const std::uint8_t* line = picture.rgb.data() + y * row;
        const std::uint8_t* above = y == 0 ? nothing.data() : line - row;
        for (auto& t : tried) t.resize(row);
        for (std::size_t i = 0; i < row; ++i) {
            const std::uint8_t left = i < 3 ? std::uint8_t{0} : line[i - 3], corner = i < 3 ? std::uint8_t{0} : above[i - 3];
            tried[0][i] = line[i];
            tried[1][i] = static_cast<std::uint8_t>(line[i] - left);
            tried[2][i] = static_cast<std::uint8_t>(line[i] - above[i]);
            tried[3][i] = static_cast<std::uint8_t>(line[i] - detail::paeth(left, above[i], corner));
        }
        constexpr std::array<std::uint8_t, 4> filter_type{0, 1, 2, 4};
        std::size_t best = 0, least = SIZE_MAX;
        for (std::size_t f = 0; f < 4; ++f) {
            std::size_t sum = 0;
            for (const std::uint8_t d : tried[f]) sum += static_cast<std::size_t>(std::abs(static_cast<std::int8_t>(d)));
            if (sum < least) least = sum, best = f;
        }
        filtered.push_back(filter_type[best]);
        filtered.insert(filtered.end(), tried[best].begin(), tried[best].end());
    }

    std::vector<std::uint8_t> out{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    std::vector<std::uint8_t> size;
    for (const std::size_t n : {picture.width, picture.height})
        for (int shift = 24; shift >= 0; shift -= 8) size.push_back(static_cast<std::uint8_t>(n >> shift));
    size.insert(size.end(), {8, 2, 0, 0, 0});  // 8 bits, red green blue, deflate, filters, no interlace
    detail::put_chunk(out, "IHDR", size);
    detail::put_chunk(out, "IDAT", zlib_compress(filtered));
    detail::put_chunk(out, "IEND", {});
    return out;
}

}  // namespace lofi::inline LOFI_ABI::plot
