#pragma once
// Curves over a common axis: losses, accuracies, rates, envelopes.
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/plot/axes.hpp>

namespace lofi::inline LOFI_ABI::plot {

/// One curve. An empty x counts 0, 1, 2, ...; a number that is not finite parts the curve.
struct curve {
    std::string name = {};
    std::vector<double> x = {}, y = {};
};

struct curves_config {
    std::string title = {};
    axis x = {}, y = {};
    sheet_size size = {};
};

/// Draws curves.
[[nodiscard]] figure curves(std::span<const curve> lines, const curves_config& config = {});

// ---------------------------------------------------------------- bodies

namespace detail {

// Of the points that share a column of the sheet, only the first, the lowest, the highest and the last show.
inline std::vector<point> thin(const std::vector<point>& points) {
    if (points.size() < 4000) return points;
    std::vector<point> kept;
    for (std::size_t i = 0; i < points.size();) {
        std::size_t end = i, low = i, high = i;
        for (; end < points.size() && std::floor(points[end].x * 2) == std::floor(points[i].x * 2); ++end) {
            if (points[end].y < points[low].y) low = end;
            if (points[end].y > points[high].y) high = end;
        }
        std::size_t last = SIZE_MAX;
        for (const std::size_t k : {i, std::min(low, high), std::max(low, high), end - 1})
            if (k != last) kept.push_back(points[last = k]);
        i = end;
    }
    return kept;
}

}  // namespace detail

inline figure curves(std::span<const curve> lines, const curves_config& config) {
    std::vector<std::vector<double>> xs;
    bounds x_bounds(config.x.scale), y_bounds(config.y.scale);
    for (const curve& c : lines) {
        auto& x = xs.emplace_back(c.x);
        if (x.empty())
            for (std::size_t i = 0; i < c.y.size(); ++i) x.push_back(static_cast<double>(i));
        LOFI_ASSERT(x.size() == c.y.size(), "a curve has as many x as y");
        x_bounds.add(x);
        y_bounds.add(c.y);
    }
    std::vector<std::pair<std::string, color>> names;
    for (std::size_t i = 0; i < lines.size(); ++i)
        if (!lines[i].name.empty()) names.emplace_back(lines[i].name, line_color(i));

    panel p(config.title, config.x, config.y, x_bounds.over(config.x), y_bounds.over(config.y), config.size, 22,
            names.empty() ? 0 : 1);
    const auto x_ticks = p.x_range.ticks(8), y_ticks = p.y_range.ticks(6);
    p.grid(x_ticks, y_ticks);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::vector<point> part;
        const auto draw = [&] {
            if (part.size() == 1)
                p.sheet.marks.emplace_back(polyline{part, line_color(i), 5});  // a lone number is a dot
            else if (!part.empty())
                p.sheet.marks.emplace_back(polyline{detail::thin(part), line_color(i), 2});
            part.clear();
        };
        for (std::size_t k = 0; k < lines[i].y.size(); ++k) {
            const double sx = p.x_range.share(xs[i][k]), sy = p.y_range.share(lines[i].y[k]);
            // Outside the named bounds a curve is cut at the frame's height, and parted at its sides.
            if (!std::isfinite(sx) || !std::isfinite(sy) || sx < 0 || sx > 1)
                draw();
            else
                part.push_back({p.left + sx * (p.right - p.left), p.bottom - std::clamp(sy, 0.0, 1.0) * (p.bottom - p.top)});
        }
        draw();
    }
    p.frame(x_ticks, y_ticks);
    p.legend(names);
    return p.sheet;
}

}  // namespace lofi::inline LOFI_ABI::plot
