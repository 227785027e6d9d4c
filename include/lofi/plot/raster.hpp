#pragma once
// A sheet of pixels on which boxes, lines and letters are drawn with smooth edges.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <lofi/plot/color.hpp>
#include <lofi/plot/font.hpp>
#include <lofi/plot/png.hpp>

namespace lofi::inline LOFI_ABI::plot {

struct point {
    double x = 0, y = 0;
};

/// Draws in points; `scale` pixels make a point.
class raster {
public:
    raster(double width, double height, double scale)
        : scale_(scale),
          pixels_(pixel_count(width, scale), pixel_count(height, scale), white),
          cover_(pixels_.width * pixels_.height) {}

    /// Fills a box; edges between pixels are shared out.
    void fill(double x, double y, double width, double height, color c);
    /// Draws a line with round joints and ends.
    void stroke(std::span<const point> points, double width, color c);
    /// Writes letters from `start` on, along a direction of length one.
    void text(point start, std::string_view letters, double size, color c, point direction = {1, 0});
    /// Stretches a picture over a box, nearest cell for each pixel.
    void paste(double x, double y, double width, double height, const image& cells);

    [[nodiscard]] const image& pixels() const { return pixels_; }

private:
    static std::size_t pixel_count(double points, double scale) {
        return static_cast<std::size_t>(std::clamp(std::round(points * scale), 1.0, 16384.0));
    }
    void blend(std::size_t x, std::size_t y, color c, double share);
    // Strokes gather how much of each pixel they cover, the greatest wins, and are laid on at once: joints do not darken.
    void cover(point from, point to, double radius);
    void lay_on(color c);

    double scale_;
    image pixels_;
    std::vector<float> cover_;
    std::size_t left_ = SIZE_MAX, top_ = SIZE_MAX, right_ = 0, bottom_ = 0;  // where cover_ is not zero
};

/// Gives the width of letters in points.
[[nodiscard]] double text_width(std::string_view letters, double size);

// ---------------------------------------------------------------- bodies

namespace detail {
// The grid of the letters in points: seven dots make a capital.
inline double dot_size(double text_size) { return text_size * 0.1; }

// Letters as people count them: one for each start of a UTF-8 sequence.
inline bool continues_letter(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; }
}  // namespace detail

inline double text_width(std::string_view letters, double size) {
    double dots = 0;
    for (const char c : letters)
        if (!detail::continues_letter(c)) dots += glyph_of(c).width + 1.4;
    return std::max(0.0, dots - 1.4) * detail::dot_size(size);
}

inline void raster::blend(std::size_t x, std::size_t y, color c, double share) {
    std::uint8_t* p = pixels_.rgb.data() + 3 * (y * pixels_.width + x);
    const double a = share * c.a / 255.0;
    const auto mix = [a](std::uint8_t& under, std::uint8_t over) {
        under = static_cast<std::uint8_t>(std::lround(under + a * (over - under)));
    };
    mix(p[0], c.r), mix(p[1], c.g), mix(p[2], c.b);
}

inline void raster::fill(double x, double y, double width, double height, color c) {
    const auto clip = [](double v, std::size_t most) { return std::clamp(v, 0.0, static_cast<double>(most)); };
    const double x0 = clip(x * scale_, pixels_.width), x1 = clip((x + width) * scale_, pixels_.width);
    const double y0 = clip(y * scale_, pixels_.height), y1 = clip((y + height) * scale_, pixels_.height);
    if (!(x1 > x0) || !(y1 > y0)) return;
    const auto share = [](std::size_t i, double low, double high) {
        return std::min(static_cast<double>(i) + 1, high) - std::max(static_cast<double>(i), low);
    };
    for (auto py = static_cast<std::size_t>(y0); static_cast<double>(py) < y1; ++py)
        for (auto px = static_cast<std::size_t>(x0); static_cast<double>(px) < x1; ++px)
            blend(px, py, c, share(px, x0, x1) * share(py, y0, y1));
}

inline void raster::cover(point from, point to, double radius) {
    const double far = 1e6;
    from = {std::clamp(from.x * scale_, -far, far), std::clamp(from.y * scale_, -far, far)};
    to = {std::clamp(to.x * scale_, -far, far), std::clamp(to.y * scale_, -far, far)};
    const double r = radius * scale_, reach = r + 1;
    const auto first = [&](double v) { return static_cast<std::size_t>(std::max(0.0, v - reach)); };
    const auto last = [&](double v, std::size_t most) {
        return static_cast<std::size_t>(std::clamp(v + reach + 1, 0.0, static_cast<double>(most)));
    };
    const std::size_t x0 = first(std::min(from.x, to.x)), x1 = last(std::max(from.x, to.x), pixels_.width);
    const std::size_t y0 = first(std::min(from.y, to.y)), y1 = last(std::max(from.y, to.y), pixels_.height);
    if (x0 >= x1 || y0 >= y1) return;
    left_ = std::min(left_, x0), right_ = std::max(right_, x1), top_ = std::min(top_, y0), bottom_ = std::max(bottom_, y1);
    const double dx = to.x - from.x, dy = to.y - from.y, square = dx * dx + dy * dy;
    for (std::size_t y = y0; y < y1; ++y)
        for (std::size_t x = x0; x < x1; ++x) {
            const double px = static_cast<double>(x) + 0.5 - from.x, py = static_cast<double>(y) + 0.5 - from.y;
            const double t = square > 0 ? std::clamp((px * dx + py * dy) / square, 0.0, 1.0) : 0.0;
            const double away = std::hypot(px - t * dx, py - t * dy);
            // A line thinner than a pixel covers its width's share of it.
            const double share = std::min(1.0, 2 * r) * std::clamp(std::max(r, 0.5) + 0.5 - away, 0.0, 1.0);
            float& held = cover_[y * pixels_.width + x];
            held = std::max(held, static_cast<float>(share));
        }
}

inline void raster::lay_on(color c) {
    for (std::size_t y = top_; y < bottom_; ++y)
        for (std::size_t x = left_; x < right_; ++x) {
            float& held = cover_[y * pixels_.width + x];
            if (held > 0) blend(x, y, c, static_cast<double>(held));
            held = 0;
        }
    left_ = top_ = SIZE_MAX;
    right_ = bottom_ = 0;
}

inline void raster::stroke(std::span<const point> points, double width, color c) {
    for (std::size_t i = 0; i + 1 < points.size(); ++i) cover(points[i], points[i + 1], width / 2);
    if (points.size() == 1) cover(points[0], points[0], width / 2);
    lay_on(c);
}

inline void raster::text(point start, std::string_view letters, double size, color c, point direction) {
    const double dot = detail::dot_size(size), radius = dot * 0.5;
    double along = 0;
    for (const char letter : letters) {
        if (detail::continues_letter(letter)) continue;
        const glyph& g = glyph_of(letter);
        const auto place = [&](std::size_t x, std::size_t y) {
            const double u = along + (static_cast<double>(x) + 0.5) * dot,
                         v = (static_cast<double>(y) + 0.5 - glyph::above_line) * dot;
            return point{start.x + u * direction.x - v * direction.y, start.y + u * direction.y + v * direction.x};
        };
        // Neighbouring dots are joined by strokes, diagonal ones only where no straight way leads round: the grid becomes a pen.
        for (std::size_t y = 0; y < glyph::rows; ++y)
            for (std::size_t x = 0; x < glyph::columns; ++x) {
                if (!g.lit(x, y)) continue;
                const point here = place(x, y);
                cover(here, here, radius);
                if (g.lit(x + 1, y)) cover(here, place(x + 1, y), radius);
                if (g.lit(x, y + 1)) cover(here, place(x, y + 1), radius);
                if (g.lit(x + 1, y + 1) && !g.lit(x + 1, y) && !g.lit(x, y + 1)) cover(here, place(x + 1, y + 1), radius);
                if (x > 0 && g.lit(x - 1, y + 1) && !g.lit(x - 1, y) && !g.lit(x, y + 1))
                    cover(here, place(x - 1, y + 1), radius);
            }
        along += (g.width + 1.4) * dot;
    }
    lay_on(c);
}

inline void raster::paste(double x, double y, double width, double height, const image& cells) {
    if (cells.rgb.empty()) return;
    const auto edge = [&](double v, std::size_t most) {
        return static_cast<std::size_t>(std::clamp(std::round(v * scale_), 0.0, static_cast<double>(most)));
    };
    const std::size_t x0 = edge(x, pixels_.width), x1 = edge(x + width, pixels_.width), y0 = edge(y, pixels_.height),
                      y1 = edge(y + height, pixels_.height);
    for (std::size_t py = y0; py < y1; ++py)
        for (std::size_t px = x0; px < x1; ++px) {
            const std::size_t cx = (px - x0) * cells.width / (x1 - x0), cy = (py - y0) * cells.height / (y1 - y0);
            const std::uint8_t* from = cells.rgb.data() + 3 * (cy * cells.width + cx);
            pixels_.set(px, py, {from[0], from[1], from[2]});
        }
}

}  // namespace lofi::inline LOFI_ABI::plot
