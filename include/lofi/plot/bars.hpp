#pragma once
// Bars: numbers of named things, one series or several side by side, standing or lying.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/plot/axes.hpp>

namespace lofi::inline LOFI_ABI::plot {

/// A series: a number for each thing. Those that are not finite, and those below 0, are drawn as 0; missing ones, too.
struct bar_series {
    std::string name = {};
    std::vector<double> values = {};
};

/// Names of things stand under the bars, or before them, which long names call for.
enum class bar_direction : std::uint8_t { up, across };

struct bars_config {
    std::string title = {};
    std::string things = {};  ///< what the things are
    axis numbers = {};        ///< from 0, where it names no bound
    bar_direction direction = bar_direction::up;
    sheet_size size = {};
};

/// Draws a group of bars for each name.
[[nodiscard]] figure bars(std::span<const std::string> names, std::span<const bar_series> series,
                          const bars_config& config = {});

// ---------------------------------------------------------------- bodies

namespace detail {
inline double bar_value(const bar_series& s, std::size_t i) {
    return i < s.values.size() && std::isfinite(s.values[i]) ? std::max(s.values[i], 0.0) : 0.0;
}
}  // namespace detail

inline figure bars(std::span<const std::string> names, std::span<const bar_series> series, const bars_config& config) {
    double most = 0;
    std::vector<std::pair<std::string, color>> told;
    for (std::size_t k = 0; k < series.size(); ++k) {
        for (std::size_t i = 0; i < names.size(); ++i) most = std::max(most, detail::bar_value(series[k], i));
        if (!series[k].name.empty()) told.emplace_back(series[k].name, line_color(k));
    }
    axis numbers = config.numbers;
    if (!numbers.low) numbers.low = 0.0;
    const bool across = config.direction == bar_direction::across;
    const auto count = static_cast<double>(std::max<std::size_t>(names.size(), 1));
    const range value(0, most > 0 ? most : 1, numbers), thing(0, count, {.low = 0.0, .high = count});
    const axis things{.label = config.things};
    panel p(config.title, across ? numbers : things, across ? things : numbers, across ? value : thing, across ? thing : value,
            config.size, 22, told.empty() ? 0 : 1);

    // As many names as there is room for.
    std::vector<tick> named;
    double widest = 0;
    for (const std::string& n : names) widest = std::max(widest, text_width(n, 11));
    if (across) p.left = std::min(widest + (config.things.empty() ? 24 : 44), config.size.width / 2);
    const double room = across ? (p.bottom - p.top) / count / 14 : (p.right - p.left) / count / (widest + 8);
    const auto every = static_cast<std::size_t>(std::max(1.0, std::ceil(1 / std::max(room, 1e-3))));
    for (std::size_t i = 0; i < names.size(); i += every)
        named.push_back({across ? count - static_cast<double>(i) - .5 : static_cast<double>(i) + .5, names[i]});
    const auto ticks = value.ticks(6);
    p.grid(across ? ticks : std::vector<tick>{}, across ? std::vector<tick>{} : ticks);
    const double thick = .8 / static_cast<double>(std::max<std::size_t>(series.size(), 1));
    for (std::size_t k = 0; k < series.size(); ++k)
        for (std::size_t i = 0; i < names.size(); ++i) {
            const double v = std::min(detail::bar_value(series[k], i), value.high());
            const double from = static_cast<double>(i) + .1 + static_cast<double>(k) * thick;
            if (across) {
                const double y = p.y(count - from);
                p.sheet.marks.emplace_back(
                    box{p.left, y, p.x(v) - p.left, p.y(count - from - thick) - y, line_color(k).faded(200)});
            } else {
                p.sheet.marks.emplace_back(
                    box{p.x(from), p.y(v), p.x(from + thick) - p.x(from), p.bottom - p.y(v), line_color(k).faded(200)});
            }
        }
    p.frame(across ? ticks : named, across ? named : ticks);
    p.legend(told);
    return p.sheet;
}

}  // namespace lofi::inline LOFI_ABI::plot
