#pragma once
// Histograms: how often values fall where, for one set of values or several side by side.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/plot/axes.hpp>

namespace lofi::inline LOFI_ABI::plot {

struct sample {
    std::string name = {};
    std::vector<double> values = {};  ///< those that are not finite are left out
};

struct histogram_config {
    std::string title = {};
    axis x = {};
    std::size_t bins = 0;  ///< 0: as many as the values call for
    sheet_size size = {};
};

/// Draws the share of each sample's values in each bin, in percent, so that samples of different sizes compare.
/// source: Freedman, Diaconis: On the histogram as a density estimator (1981), the width of bins
[[nodiscard]] figure histogram(std::span<const sample> samples, const histogram_config& config = {});

/// Counts values in equal bins from low to high; a value at `high` is in the last. Others are left out.
[[nodiscard]] std::vector<std::size_t> count_bins(std::span<const double> values, double low, double high, std::size_t bins);

// ---------------------------------------------------------------- bodies

namespace detail {

inline std::size_t bins_wanted(std::vector<double> values, double low, double high) {
    std::erase_if(values, [](double v) { return !std::isfinite(v); });
    if (values.size() < 2) return 1;
    const auto quantile = [&](double q) {
        const auto at = values.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
        std::nth_element(values.begin(), at, values.end());
        return *at;
    };
    const double between = quantile(0.75) - quantile(0.25), width = 2 * between / std::cbrt(static_cast<double>(values.size()));
    // Where half of the values are one value that rule has nothing to say, and the root of their number does.
    const double bins = width > 0 ? (high - low) / width : std::sqrt(static_cast<double>(values.size()));
    return static_cast<std::size_t>(std::clamp(std::ceil(bins), 5.0, 120.0));
}

}  // namespace detail

inline std::vector<std::size_t> count_bins(std::span<const double> values, double low, double high, std::size_t bins) {
    std::vector<std::size_t> counts(bins);
    for (const double v : values) {
        if (!(v >= low && v <= high)) continue;
        const auto i = static_cast<std::size_t>((v - low) / (high - low) * static_cast<double>(bins));
        ++counts[std::min(i, bins - 1)];
    }
    return counts;
}

inline figure histogram(std::span<const sample> samples, const histogram_config& config) {
    bounds x_bounds;
    for (const sample& s : samples) x_bounds.add(s.values);
    const range x = x_bounds.over({config.x.label, config.x.low, config.x.high, axis_scale::linear});
    std::size_t bins = config.bins;
    if (bins == 0)
        for (const sample& s : samples) bins = std::max(bins, detail::bins_wanted(s.values, x.low(), x.high()));
    bins = std::max<std::size_t>(bins, 1);

    std::vector<std::vector<double>> shares;
    std::vector<std::pair<std::string, color>> names;
    double most = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto counts = count_bins(samples[i].values, x.low(), x.high(), bins);
        std::size_t total = 0;
        for (const std::size_t n : counts) total += n;
        auto& share = shares.emplace_back();
        for (const std::size_t n : counts)
            share.push_back(total == 0 ? 0 : 100.0 * static_cast<double>(n) / static_cast<double>(total));
        most = std::max(most, *std::max_element(share.begin(), share.end()));
        if (!samples[i].name.empty()) names.emplace_back(samples[i].name, line_color(i));
    }

    const axis y_axis{.label = "% of values", .low = 0.0};
    panel p(config.title, config.x, y_axis, x, range(0, most > 0 ? most : 1, y_axis), config.size, 22, names.empty() ? 0 : 1);
    const auto x_ticks = p.x_range.ticks(8), y_ticks = p.y_range.ticks(6);
    p.grid({}, y_ticks);
    const double wide = (p.right - p.left) / static_cast<double>(bins);
    for (std::size_t i = 0; i < shares.size(); ++i) {
        std::vector<point> outline{{p.left, p.bottom}};
        for (std::size_t b = 0; b < bins; ++b) {
            const double x0 = p.left + static_cast<double>(b) * wide, y = p.y(shares[i][b]);
            p.sheet.marks.emplace_back(box{x0, y, wide, p.bottom - y, line_color(i).faded(shares.size() == 1 ? 150 : 70)});
            outline.push_back({x0, y});
            outline.push_back({x0 + wide, y});
        }
        outline.push_back({p.right, p.bottom});
        p.sheet.marks.emplace_back(polyline{std::move(outline), line_color(i), 1.5});
    }
    p.frame(x_ticks, y_ticks);
    p.legend(names);
    return p.sheet;
}

}  // namespace lofi::inline LOFI_ABI::plot
