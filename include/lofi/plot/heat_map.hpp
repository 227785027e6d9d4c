#pragma once
// Matrices as colours: heat maps of any numbers, spectrograms of magnitudes.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/core/units.hpp>
#include <lofi/plot/axes.hpp>

namespace lofi::inline LOFI_ABI::plot {

/// Numbers in rows; a view.
struct matrix {
    std::span<const float> values;
    std::size_t rows = 0, columns = 0;

    [[nodiscard]] float at(std::size_t row, std::size_t column) const { return values[row * columns + column]; }
};

struct heat_map_config {
    std::string title = {}, x_label = {}, y_label = {};
    std::vector<std::string> row_names = {}, column_names = {};  ///< empty: numbers
    axis values = {};                                            ///< what the colours mean
    sheet_size size = {};
};

/// Draws a matrix, its first row on top. Numbers that are not finite are left white.
[[nodiscard]] figure heat_map(matrix m, const heat_map_config& config = {});

struct spectrogram_config {
    std::string title = {};
    seconds hop{};        ///< time between rows
    hertz bin{};          ///< frequency between columns
    decibels floor{-80};  ///< what is darkest, below the loudest magnitude
    sheet_size size = {};
};

/// Draws magnitudes, T rows of F bins, as decibels below the greatest; time goes right, frequency up.
/// shapes: [T, F]
[[nodiscard]] figure spectrogram(matrix magnitudes, const spectrogram_config& config);

// ---------------------------------------------------------------- bodies

namespace detail {

// A sheet shows so many cells at most; of those that share one, the greatest is seen.
inline constexpr std::size_t most_columns = 1200, most_rows = 700;

template <class Value>
image color_cells(std::size_t rows, std::size_t columns, const range& values, Value value) {
    const std::size_t height = std::min(rows, most_rows), width = std::min(columns, most_columns);
    image cells(width, height, white);
    for (std::size_t y = 0; y < height; ++y)
        for (std::size_t x = 0; x < width; ++x) {
            double greatest = -std::numeric_limits<double>::infinity();
            for (std::size_t r = y * rows / height; r < (y + 1) * rows / height; ++r)
                for (std::size_t c = x * columns / width; c < (x + 1) * columns / width; ++c)
                    if (const double v = value(r, c); std::isfinite(v)) greatest = std::max(greatest, v);
            if (std::isfinite(greatest)) cells.set(x, y, ramp_color(values.share(greatest)));
        }
    return cells;
}

// The colours and what they mean, beside a panel.
inline void color_bar(panel& p, const range& values, const std::string& name) {
    constexpr std::size_t shades = 128;
    image ramp(1, shades, white);
    for (std::size_t i = 0; i < shades; ++i) ramp.set(0, i, ramp_color(1 - (static_cast<double>(i) + 0.5) / shades));
    const double x = p.right + 18, height = p.bottom - p.top;
    p.sheet.marks.emplace_back(picture{x, p.top, 14, height, std::move(ramp)});
    for (const tick& t : values.ticks(5)) {
        const double y = p.bottom - values.share(t.value) * height;
        p.sheet.marks.emplace_back(polyline{{{x + 14, y}, {x + 18, y}}, soft_ink, 1});
        p.sheet.marks.emplace_back(label{x + 22, y + 4, t.text, 11, soft_ink});
    }
    if (!name.empty())
        p.sheet.marks.emplace_back(
            label{p.sheet.width - 14, (p.top + p.bottom) / 2, name, 12, ink, anchor::middle, turn::left});
}

// Ticks in the middle of cells: their names, or their numbers; not more than fit.
inline std::vector<tick> cell_ticks(std::size_t count, const std::vector<std::string>& names, std::size_t most) {
    std::vector<tick> list;
    if (count == 0) return list;
    const std::size_t every = names.empty()
                                  ? static_cast<std::size_t>(std::max(1.0, round_step(static_cast<double>(count), most)))
                                  : (count + most - 1) / std::max<std::size_t>(most, 1);
    for (std::size_t i = 0; i < count; i += std::max<std::size_t>(every, 1))
        list.push_back({static_cast<double>(i) + 0.5, i < names.size() ? names[i] : std::to_string(i)});
    return list;
}

inline constexpr double bar_space = 100;

}  // namespace detail

inline figure heat_map(matrix m, const heat_map_config& config) {
    LOFI_ASSERT(m.values.size() == m.rows * m.columns, "a matrix has rows times columns values");
    bounds b(config.values.scale);
    for (const float v : m.values) b.add(std::vector<double>{static_cast<double>(v)});
    const range values = b.over(config.values);
    const axis x_axis{.label = config.x_label, .low = 0.0, .high = static_cast<double>(m.columns)},
        y_axis{.label = config.y_label, .low = 0.0, .high = static_cast<double>(m.rows)};
    panel p(config.title, x_axis, y_axis, range(0, 1, x_axis), range(0, 1, y_axis), config.size, detail::bar_space);
    if (!m.values.empty())
        p.sheet.marks.emplace_back(picture{p.left, p.top, p.right - p.left, p.bottom - p.top,
                                           detail::color_cells(m.rows, m.columns, values, [&](std::size_t r, std::size_t c) {
                                               return static_cast<double>(m.at(r, c));
                                           })});
    auto rows = detail::cell_ticks(m.rows, config.row_names, 24);
    for (tick& t : rows) t.value = static_cast<double>(m.rows) - t.value;  // the first row is on top
    p.frame(detail::cell_ticks(m.columns, config.column_names, 16), rows);
    detail::color_bar(p, values, config.values.label);
    return p.sheet;
}

inline figure spectrogram(matrix magnitudes, const spectrogram_config& config) {
    LOFI_ASSERT(magnitudes.values.size() == magnitudes.rows * magnitudes.columns, "a matrix has rows times columns values");
    double loudest = 0;
    for (const float v : magnitudes.values)
        if (std::isfinite(v)) loudest = std::max(loudest, static_cast<double>(std::abs(v)));
    const double silent = std::min(config.floor.value, -1.0);
    const range values(silent, 0, {.label = {}, .low = silent, .high = 0.0});
    const double time = static_cast<double>(magnitudes.rows) * (config.hop.value > 0 ? config.hop.value : 1);
    const double top = static_cast<double>(magnitudes.columns) * (config.bin.value > 0 ? config.bin.value : 1);
    const axis x_axis{.label = config.hop.value > 0 ? "seconds" : "frame", .low = 0.0, .high = time};
    const axis y_axis{.label = config.bin.value > 0 ? "hertz" : "bin", .low = 0.0, .high = top};
    panel p(config.title, x_axis, y_axis, range(0, time, x_axis), range(0, top, y_axis), config.size, detail::bar_space);
    const auto level = [&](std::size_t row, std::size_t column) {
        const double v = static_cast<double>(std::abs(magnitudes.at(column, magnitudes.columns - 1 - row)));
        return std::isnan(v) ? v : std::clamp(v > 0 && loudest > 0 ? 20 * std::log10(v / loudest) : silent, silent, 0.0);
    };
    if (!magnitudes.values.empty())
        p.sheet.marks.emplace_back(picture{p.left, p.top, p.right - p.left, p.bottom - p.top,
                                           detail::color_cells(magnitudes.columns, magnitudes.rows, values, level)});
    p.frame(p.x_range.ticks(8), p.y_range.ticks(6));
    detail::color_bar(p, values, "decibels");
    return p.sheet;
}

}  // namespace lofi::inline LOFI_ABI::plot
