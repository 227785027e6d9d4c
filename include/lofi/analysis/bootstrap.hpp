#pragma once
// Is one model better than another, or is it chance? The paired bootstrap over whole songs.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lofi/core/assert.hpp>
#include <lofi/core/random.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// One song under two models: the sums of both (bits, say) and what they are divided by (symbols).
struct paired_score {
    double a = 0.0, b = 0.0;
    double weight = 1.0;
};

/// The difference a - b, by weight, and how sure it is.
struct paired_difference {
    double mean = 0.0;             ///< sum of a - b over all songs, by the sum of weights
    double low = 0.0, high = 0.0;  ///< the middle 95 % of the draws
    double above_zero = 0.0;       ///< share of draws in which a is above b, ties half
};

/// Draws as many songs as there are, with replacement, `draws` times. Songs and not phrases are drawn, because phrases of one song
/// are alike and would make any difference look surer than it is.
/// source: Efron and Tibshirani: An Introduction to the Bootstrap (1993), chapter 16
[[nodiscard]] paired_difference paired_bootstrap(std::span<const paired_score> songs, random_key key, std::size_t draws = 2000);

// ---------------------------------------------------------------- bodies

inline paired_difference paired_bootstrap(std::span<const paired_score> songs, random_key key, std::size_t draws) {
    LOFI_ASSERT(!songs.empty() && draws > 0, "a bootstrap needs at least one song and one draw");
    paired_difference out;
    double sum = 0.0, weight = 0.0;
    for (const paired_score& s : songs) sum += s.a - s.b, weight += s.weight;
    out.mean = sum / weight;

    random_stream stream(key);
    std::vector<double> means(draws);
    for (double& mean : means) {
        double drawn = 0.0, drawn_weight = 0.0;
        for (std::size_t i = 0; i < songs.size(); ++i) {
            const paired_score& s = songs[uniform_below(stream, static_cast<std::uint32_t>(songs.size()))];
            drawn += s.a - s.b, drawn_weight += s.weight;
        }
        mean = drawn / drawn_weight;
        out.above_zero += mean > 0.0 ? 1.0 : mean == 0.0 ? 0.5 : 0.0;
    }
    std::sort(means.begin(), means.end());
    const auto at = [&](double share) {
        return means[static_cast<std::size_t>(std::lround(share * static_cast<double>(draws - 1)))];
    };
    out.low = at(0.025), out.high = at(0.975);
    out.above_zero /= static_cast<double>(draws);
    return out;
}

}  // namespace lofi::inline LOFI_ABI::analysis
