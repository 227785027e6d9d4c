#pragma once
// How alike two sets of pieces are in a feature: MGEval's distances, their densities, overlap and divergence.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <lofi/core/error.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// A feature of a piece, as numbers.
using feature_vector = std::vector<double>;

/// Euclidean distances of each piece to every other of its set. Pieces with a number that is not finite are left out.
[[nodiscard]] std::vector<double> distances_within(std::span<const feature_vector> set);
/// Euclidean distances of each piece of one set to each of another.
[[nodiscard]] std::vector<double> distances_between(std::span<const feature_vector> a, std::span<const feature_vector> b);

/// A smooth density of values: a normal curve over each, as wide as Scott's rule says. As `scipy.stats.gaussian_kde`.
/// source: Scott, Multivariate Density Estimation (1992)
class gaussian_density {
public:
    /// errors: throws where there are fewer than two different values
    explicit gaussian_density(std::vector<double> values);
    [[nodiscard]] double operator()(double x) const;
    [[nodiscard]] double bandwidth() const { return bandwidth_; }
    [[nodiscard]] double low() const { return values_.front().at; }
    [[nodiscard]] double high() const { return values_.back().at; }

private:
    struct weighted {
        double at, weight;
    };
    std::vector<weighted> values_;  // different ones, in order
    double bandwidth_ = 0;
};

/// Where densities are compared. Published: overlap from the least to the greatest value, which cuts the tails (a set overlaps itself by
/// .77 or so, not 1), and divergence between points each of its own set's range, which does not see a set that is only moved.
/// Common: both on the same points, over the values and four bandwidths on either side.
enum class density_ground : std::uint8_t { common, published };

/// The area under both densities: 1 where they are equal (common), 0 where they do not meet. NaN where a set has fewer than two different values.
[[nodiscard]] double overlap_area(std::span<const double> a, std::span<const double> b,
                                  density_ground where = density_ground::common);
/// Kullback-Leibler divergence of b's density from a's, in nats, at 1,000 points. NaN as above; infinite (published) where b's is 0.
[[nodiscard]] double divergence(std::span<const double> a, std::span<const double> b,
                                density_ground where = density_ground::common);

// ---------------------------------------------------------------- bodies

namespace detail {

inline bool all_finite(const feature_vector& v) {
    return std::all_of(v.begin(), v.end(), [](double x) { return std::isfinite(x); });
}

inline double distance(const feature_vector& a, const feature_vector& b) {
    double sum = 0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return std::sqrt(sum);
}

inline bool has_density(std::span<const double> values) {
    return std::any_of(values.begin(), values.end(), [&](double v) { return v != values.front(); });
}

struct span_of_values {
    double low, high;
};
inline std::vector<double> sampled(const gaussian_density& d, span_of_values over, std::size_t points) {
    std::vector<double> out(points);
    for (std::size_t i = 0; i < points; ++i)
        out[i] = d(over.low + (over.high - over.low) * static_cast<double>(i) / static_cast<double>(points - 1));
    return out;
}

inline span_of_values common_span(const gaussian_density& a, const gaussian_density& b) {
    return {std::min(a.low() - 4 * a.bandwidth(), b.low() - 4 * b.bandwidth()),
            std::max(a.high() + 4 * a.bandwidth(), b.high() + 4 * b.bandwidth())};
}

}  // namespace detail

inline std::vector<double> distances_within(std::span<const feature_vector> set) {
    std::vector<double> out;
    for (std::size_t i = 0; i < set.size(); ++i)
        for (std::size_t k = 0; k < set.size(); ++k)
            if (i != k && detail::all_finite(set[i]) && detail::all_finite(set[k]))
                out.push_back(detail::distance(set[i], set[k]));
    return out;
}

inline std::vector<double> distances_between(std::span<const feature_vector> a, std::span<const feature_vector> b) {
    std::vector<double> out;
    for (const feature_vector& x : a)
        for (const feature_vector& y : b)
            if (detail::all_finite(x) && detail::all_finite(y)) out.push_back(detail::distance(x, y));
    return out;
}

inline gaussian_density::gaussian_density(std::vector<double> values) {
    if (!detail::has_density(values)) raise(error("density", "needs two different values at least"));
    std::sort(values.begin(), values.end());
    const auto n = static_cast<double>(values.size());
    double mean = 0, square = 0;
    for (const double v : values) mean += v / n;
    for (const double v : values) square += (v - mean) * (v - mean);
    bandwidth_ = std::sqrt(square / (n - 1)) * std::pow(n, -0.2);
    for (const double v : values) {
        if (values_.empty() || values_.back().at != v) values_.push_back({v, 0});
        values_.back().weight += 1 / n;
    }
}

inline double gaussian_density::operator()(double x) const {
    constexpr double root_two_pi = 2.5066282746310002;
    double sum = 0;
    for (const weighted& v : values_) {
        const double z = (x - v.at) / bandwidth_;
        sum += v.weight * std::exp(-0.5 * z * z);
    }
    return sum / (bandwidth_ * root_two_pi);
}

inline double overlap_area(std::span<const double> a, std::span<const double> b, density_ground where) {
    if (!detail::has_density(a) || !detail::has_density(b)) return std::numeric_limits<double>::quiet_NaN();
    const gaussian_density p({a.begin(), a.end()}), q({b.begin(), b.end()});
    const detail::span_of_values over = where == density_ground::common
                                            ? detail::common_span(p, q)
                                            : detail::span_of_values{std::min(p.low(), q.low()), std::max(p.high(), q.high())};
    // Thirty points to the narrower bandwidth: what trapezoids miss is then below 1e-4 of the area.
    const double wide = over.high - over.low, wanted = 30 * wide / std::min(p.bandwidth(), q.bandwidth());
    const auto points = static_cast<std::size_t>(std::clamp(wanted, 500.0, 20000.0));
    const auto ps = detail::sampled(p, over, points), qs = detail::sampled(q, over, points);
    double sum = 0;
    for (std::size_t i = 0; i < points; ++i) sum += std::min(ps[i], qs[i]) * (i == 0 || i + 1 == points ? 0.5 : 1.0);
    return sum * wide / static_cast<double>(points - 1);
}

inline double divergence(std::span<const double> a, std::span<const double> b, density_ground where) {
    if (!detail::has_density(a) || !detail::has_density(b)) return std::numeric_limits<double>::quiet_NaN();
    constexpr std::size_t points = 1000;
    const gaussian_density p({a.begin(), a.end()}), q({b.begin(), b.end()});
    const bool common = where == density_ground::common;
    const detail::span_of_values over = detail::common_span(p, q);
    auto ps = detail::sampled(p, common ? over : detail::span_of_values{p.low(), p.high()}, points);
    auto qs = detail::sampled(q, common ? over : detail::span_of_values{q.low(), q.high()}, points);
    double p_sum = 0, q_sum = 0, out = 0;
    // Far from all values a density is smaller than a double can say, and the divergence must stay a number.
    if (common)
        for (double& v : qs) v = std::max(v, 1e-300);
    for (std::size_t i = 0; i < points; ++i) p_sum += ps[i], q_sum += qs[i];
    for (std::size_t i = 0; i < points; ++i) {
        const double share = ps[i] / p_sum;
        if (share > 0) out += share * (std::log(share) - std::log(qs[i] / q_sum));
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::analysis
