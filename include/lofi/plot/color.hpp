#pragma once
// Colours: eight for lines that lie side by side, and one ramp from quiet to loud.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::plot {

/// Red, green, blue and opacity.
struct color {
    std::uint8_t r = 0, g = 0, b = 0, a = 255;

    [[nodiscard]] constexpr color faded(std::uint8_t opacity) const { return {r, g, b, opacity}; }
    friend constexpr bool operator==(color, color) = default;
};

inline constexpr color white{255, 255, 255}, ink{45, 49, 58}, soft_ink{110, 116, 128}, grid_gray{228, 231, 236},
    row_gray{244, 245, 248};

/// Gives the colour of the i-th line; they differ in lightness too, so that they can be told apart in gray.
[[nodiscard]] constexpr color line_color(std::size_t i) {
    constexpr std::array<color, 8> colors{{{38, 98, 178},
                                           {222, 111, 42},
                                           {58, 148, 98},
                                           {186, 52, 84},
                                           {124, 92, 178},
                                           {20, 160, 176},
                                           {196, 152, 24},
                                           {120, 126, 138}}};
    return colors[i % colors.size()];
}

/// Gives the colour of a value in [0, 1]: night blue, plum, ember, cream; lightness rises all the way.
[[nodiscard]] inline color ramp_color(double value) {
    constexpr std::array<color, 6> stops{
        {{16, 18, 44}, {64, 36, 104}, {142, 48, 110}, {212, 84, 78}, {244, 154, 82}, {254, 242, 204}}};
    const double v = std::isfinite(value) ? std::clamp(value, 0.0, 1.0) * (stops.size() - 1) : 0.0;
    const auto i = std::min(static_cast<std::size_t>(v), stops.size() - 2);
    const double t = v - static_cast<double>(i);
    const auto mix = [t](std::uint8_t from, std::uint8_t to) {
        return static_cast<std::uint8_t>(std::lround(from + t * (to - from)));
    };
    return {mix(stops[i].r, stops[i + 1].r), mix(stops[i].g, stops[i + 1].g), mix(stops[i].b, stops[i + 1].b)};
}

}  // namespace lofi::inline LOFI_ABI::plot
