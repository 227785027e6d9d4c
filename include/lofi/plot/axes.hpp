#pragma once
// Axes: from numbers to places on the sheet, with round ticks, titles and a legend.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/plot/figure.hpp>

namespace lofi::inline LOFI_ABI::plot {

enum class axis_scale : std::uint8_t { linear, logarithmic };

/// An axis; what is not said follows from the numbers.
struct axis {
    std::string label = {};
    std::optional<double> low = {}, high = {};
    axis_scale scale = axis_scale::linear;
};

struct sheet_size {
    double width = 720, height = 440;
};

/// One number's place on an axis, and what stands beside it.
struct tick {
    double value = 0;
    std::string text;
};

/// Numbers from `low` to `high` along an axis.
class range {
public:
    /// Widens the numbers' own bounds to round ones, unless the axis names bounds.
    range(double least, double greatest, const axis&);

    [[nodiscard]] double low() const { return low_; }
    [[nodiscard]] double high() const { return high_; }
    /// Gives 0 at `low`, 1 at `high`.
    [[nodiscard]] double share(double value) const;
    /// About `wanted` round numbers.
    [[nodiscard]] std::vector<tick> ticks(std::size_t wanted) const;

private:
    double low_, high_;
    axis_scale scale_;
};

/// The bounds of those numbers that are finite (and above zero on a logarithmic axis).
class bounds {
public:
    explicit bounds(axis_scale scale = axis_scale::linear) : scale_(scale) {}
    void add(std::span<const double> values);
    [[nodiscard]] range over(const axis& a) const { return {low_, high_, a}; }

private:
    axis_scale scale_;
    double low_ = std::numeric_limits<double>::infinity(), high_ = -std::numeric_limits<double>::infinity();
};

/// A figure with a title, two axes and the space between them.
class panel {
public:
    panel(const std::string& title, const axis& x_axis, const axis& y_axis, range x, range y, sheet_size size,
          double space_right = 22, std::size_t legend_rows = 0);

    [[nodiscard]] double x(double value) const { return left + x_range.share(value) * (right - left); }
    [[nodiscard]] double y(double value) const { return bottom - y_range.share(value) * (bottom - top); }

    /// Draws lines across at the ticks; call before the contents.
    void grid(std::span<const tick> x_ticks, std::span<const tick> y_ticks);
    /// Draws the axes and what stands beside the ticks; call after the contents.
    void frame(std::span<const tick> x_ticks, std::span<const tick> y_ticks);
    /// Names colours above the panel.
    void legend(std::span<const std::pair<std::string, color>> entries);

    figure sheet;
    range x_range, y_range;
    double left = 0, right = 0, top = 0, bottom = 0;

private:
    std::string x_label_, y_label_;
};

// ---------------------------------------------------------------- bodies

namespace detail {

// The power of ten that is not above a number.
inline int decade(double v) { return static_cast<int>(std::floor(std::log10(v) + 1e-9)); }

// The number 1, 2 or 5 times a power of ten that is not above a number.
inline double round_below(double v) {
    const double unit = std::pow(10.0, decade(v)), times = v / unit * (1 + 1e-9);
    return unit * (times >= 5 ? 5 : times >= 2 ? 2 : 1);
}

// And the one that is not below it: 2 after 1, 5 after 2, 10 after 5.
inline double round_above(double v) {
    const double below = round_below(v), first = below / std::pow(10.0, decade(below));
    return below >= v * (1 - 1e-9) ? below : below * (std::lround(first) == 2 ? 2.5 : 2);
}

// A step of 1, 2 or 5 times a power of ten that cuts `span` into about `wanted` parts.
inline double round_step(double span, std::size_t wanted) {
    const double rough = span / static_cast<double>(std::max<std::size_t>(wanted, 1)), unit = std::pow(10.0, decade(rough)),
                 times = rough / unit;
    return unit * (times <= 1.5 ? 1 : times <= 3.5 ? 2 : times <= 7.5 ? 5 : 10);
}

// A tick's number with as many digits as the step between ticks needs.
inline std::string tick_text(double value, double step) {
    const double size = std::max(std::abs(value), step);
    if (size >= 1e6 || step < 1e-5) {
        if (value == 0) return "0";
        const int power = decade(std::abs(value));
        std::string digits = fixed(value / std::pow(10.0, power), std::clamp(power - decade(step), 0, 6));
        return digits + "e" + std::to_string(power);
    }
    return fixed(value, std::clamp(-decade(step), 0, 6));
}

}  // namespace detail

inline range::range(double least, double greatest, const axis& a) : low_(least), high_(greatest), scale_(a.scale) {
    const bool logarithmic = scale_ == axis_scale::logarithmic;
    // Numbers beyond these, or nearer to each other than a double can part, would leave no room for ticks.
    constexpr double most = 1e300, tiny = 1e-300, close = 1e-12;
    const auto apart = [](double low, double high) {
        return high - low > tiny && high - low > close * std::max(std::abs(low), std::abs(high));
    };
    if (!(low_ <= high_)) low_ = logarithmic ? 1 : 0, high_ = logarithmic ? 10 : 1;  // nothing to show
    low_ = std::clamp(low_, logarithmic ? tiny : -most, most);
    high_ = std::clamp(high_, logarithmic ? tiny : -most, most);
    if (logarithmic) {
        low_ = detail::round_below(low_);
        high_ = detail::round_above(high_);
        if (!(low_ < high_)) high_ = low_ * 10;
    } else {
        if (!apart(low_, high_)) {
            const double some = std::abs(low_) <= tiny ? 1 : std::abs(low_) * 0.1;
            low_ -= some, high_ += some;
        }
        const double step = detail::round_step(high_ - low_, 5);
        low_ = std::floor(low_ / step + 1e-9) * step;
        high_ = std::ceil(high_ / step - 1e-9) * step;
    }
    const auto fits = [&](double v) { return std::abs(v) <= most && (!logarithmic || v >= tiny); };
    if (a.low && fits(*a.low)) low_ = *a.low;
    if (a.high && fits(*a.high)) high_ = *a.high;
    if (!apart(low_, high_)) high_ = logarithmic ? low_ * 10 : low_ + std::max(1.0, std::abs(low_) * 0.1);
}

inline double range::share(double value) const {
    if (scale_ == axis_scale::linear) return (value - low_) / (high_ - low_);
    return std::log(value / low_) / std::log(high_ / low_);
}

inline std::vector<tick> range::ticks(std::size_t wanted) const {
    std::vector<tick> list;
    if (scale_ == axis_scale::logarithmic) {
        const int first = detail::decade(low_), last = detail::decade(high_);
        const int every = std::max(1, (last - first) / static_cast<int>(std::max<std::size_t>(wanted, 1)));
        for (int power = first; power <= last; power += every)
            for (const int digit : {1, 2, 5}) {
                if (digit != 1 && last - first > 2) break;  // 2 and 5 where there is room
                const double v = digit * std::pow(10.0, power);
                if (v < low_ * (1 - 1e-9) || v > high_ * (1 + 1e-9)) continue;
                list.push_back({v, power >= -3 && power <= 5 ? detail::fixed(v, std::max(0, -power))
                                                             : std::to_string(digit) + "e" + std::to_string(power)});
            }
        return list;
    }
    const double step = detail::round_step(high_ - low_, wanted), slack = step * 1e-6;
    for (double n = std::ceil((low_ - slack) / step); n * step <= high_ + slack && list.size() < 100; ++n) {
        const double v = n == 0 ? 0 : n * step;
        list.push_back({v, detail::tick_text(v, step)});
    }
    return list;
}

inline void bounds::add(std::span<const double> values) {
    for (const double v : values) {
        if (!std::isfinite(v) || (scale_ == axis_scale::logarithmic && v <= 0)) continue;
        low_ = std::min(low_, v);
        high_ = std::max(high_, v);
    }
}

inline panel::panel(const std::string& title, const axis& x_axis, const axis& y_axis, range x, range y, sheet_size size,
                    double space_right, std::size_t legend_rows)
    : x_range(x), y_range(y), x_label_(x_axis.label), y_label_(y_axis.label) {
    sheet.width = size.width;
    sheet.height = size.height;
    left = y_axis.label.empty() ? 58 : 74;
    right = size.width - space_right;
    top = (title.empty() ? 20 : 46) + static_cast<double>(legend_rows) * 20;
    bottom = size.height - (x_axis.label.empty() ? 36 : 54);
    if (!title.empty()) sheet.marks.emplace_back(label{left, 30, title, 16, ink});
}

inline void panel::grid(std::span<const tick> x_ticks, std::span<const tick> y_ticks) {
    for (const tick& t : x_ticks) sheet.marks.emplace_back(polyline{{{x(t.value), top}, {x(t.value), bottom}}, grid_gray, 1});
    for (const tick& t : y_ticks) sheet.marks.emplace_back(polyline{{{left, y(t.value)}, {right, y(t.value)}}, grid_gray, 1});
}

inline void panel::frame(std::span<const tick> x_ticks, std::span<const tick> y_ticks) {
    sheet.marks.emplace_back(polyline{{{left, top}, {left, bottom}, {right, bottom}}, soft_ink, 1});
    for (const tick& t : x_ticks) {
        sheet.marks.emplace_back(polyline{{{x(t.value), bottom}, {x(t.value), bottom + 4}}, soft_ink, 1});
        sheet.marks.emplace_back(label{x(t.value), bottom + 17, t.text, 11, soft_ink, anchor::middle});
    }
    for (const tick& t : y_ticks) {
        sheet.marks.emplace_back(polyline{{{left - 4, y(t.value)}, {left, y(t.value)}}, soft_ink, 1});
        sheet.marks.emplace_back(label{left - 8, y(t.value) + 4, t.text, 11, soft_ink, anchor::end});
    }
    if (!x_label_.empty()) sheet.marks.emplace_back(label{(left + right) / 2, bottom + 40, x_label_, 12, ink, anchor::middle});
    if (!y_label_.empty())
        sheet.marks.emplace_back(label{22, (top + bottom) / 2, y_label_, 12, ink, anchor::middle, turn::left});
}

inline void panel::legend(std::span<const std::pair<std::string, color>> entries) {
    double at = left;
    for (const auto& [name, c] : entries) {
        if (at > left && at + 22 + text_width(name, 12) > right) break;  // what does not fit is left away, never drawn over
        sheet.marks.emplace_back(box{at, top - 19, 14, 4, c});
        sheet.marks.emplace_back(label{at + 20, top - 13, name, 12, ink});
        at += 20 + text_width(name, 12) + 24;
    }
}

}  // namespace lofi::inline LOFI_ABI::plot
