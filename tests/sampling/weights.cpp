#include <lofi/sampling/weights.hpp>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::sampling;

namespace {

std::vector<std::uint32_t> filtered(const filters& f, std::vector<int> values, std::vector<std::uint32_t> weights) {
    std::vector<std::uint32_t> order(weights.size());
    apply(f, std::span<const int>(values), std::span(weights), std::span(order));
    return weights;
}
constexpr std::uint64_t q32(double p) { return static_cast<std::uint64_t>(p * 4294967296.0); }
constexpr std::uint32_t full = full_weight;

}  // namespace

TEST_CASE("top-k keeps what ties with the last") {
    const std::vector<int> values = {5, 7, 5, 3, 7};
    const std::vector<std::uint32_t> weights = {400, full, 400, 100, full};
    CHECK(filtered({.top_k = 1}, values, weights) == std::vector<std::uint32_t>{0, full, 0, 0, full});
    CHECK(filtered({.top_k = 3}, values, weights) == std::vector<std::uint32_t>{400, full, 400, 0, full});
    CHECK(filtered({.top_k = 4}, values, weights) == std::vector<std::uint32_t>{400, full, 400, 0, full});
    CHECK(filtered({.top_k = 5}, values, weights) == weights);
    CHECK(filtered({.top_k = 4000000000U}, values, weights) == weights);
    CHECK(filtered({}, values, weights) == weights);
}

TEST_CASE("top-p keeps an id while those before it have less than p, by value and then by id") {
    const std::vector<int> even = {1, 1, 1, 1};
    const std::vector<std::uint32_t> equal(4, full);
    CHECK(filtered({.top_p = q32(0.5)}, even, equal) == std::vector<std::uint32_t>{full, full, 0, 0});
    CHECK(filtered({.top_p = q32(0.5) + 1}, even, equal) == std::vector<std::uint32_t>{full, full, full, 0});
    CHECK(filtered({.top_p = q32(0.25)}, even, equal) == std::vector<std::uint32_t>{full, 0, 0, 0});
    CHECK(filtered({.top_p = 0}, even, equal) == std::vector<std::uint32_t>{full, 0, 0, 0});
    CHECK(filtered({.top_p = filters::one}, even, equal) == equal);
    // Halves: 1/2 + 1/4 + 1/8 + 1/8.
    const std::vector<std::uint32_t> halves = {full / 4, full / 2, full / 4, full};
    const std::vector<int> values = {0, 1, 0, 2};
    CHECK(filtered({.top_p = q32(0.5)}, values, halves) == std::vector<std::uint32_t>{0, 0, 0, full});
    CHECK(filtered({.top_p = q32(0.75)}, values, halves) == std::vector<std::uint32_t>{0, full / 2, 0, full});
    CHECK(filtered({.top_p = q32(0.8)}, values, halves) == std::vector<std::uint32_t>{full / 4, full / 2, 0, full});
    CHECK(filtered({.top_p = q32(0.9)}, values, halves) == halves);
}

TEST_CASE("top-p sees what top-k left, and min-p looks at the likeliest") {
    const std::vector<int> values = {3, 2, 1, 0};
    const std::vector<std::uint32_t> weights = {full, full / 2, full / 4, full / 4};
    // After top-k 2 the first has two thirds.
    CHECK(filtered({.top_k = 2, .top_p = q32(0.66)}, values, weights) == std::vector<std::uint32_t>{full, 0, 0, 0});
    CHECK(filtered({.top_k = 2, .top_p = q32(0.67)}, values, weights) == std::vector<std::uint32_t>{full, full / 2, 0, 0});
    CHECK(filtered({.min_p = q32(0.5)}, values, weights) == std::vector<std::uint32_t>{full, full / 2, 0, 0});
    CHECK(filtered({.min_p = q32(0.5) + 2}, values, weights) == std::vector<std::uint32_t>{full, 0, 0, 0});
    CHECK(filtered({.min_p = filters::one}, values, weights) == std::vector<std::uint32_t>{full, 0, 0, 0});
}

TEST_CASE("sums of 65536 full weights do not overflow") {
    std::vector<int> values(65536, 0);
    const auto left = filtered({.top_p = q32(0.5)}, values, std::vector<std::uint32_t>(65536, full));
    CHECK(std::count(left.begin(), left.end(), full) == 32768);
    random_stream stream(random_key{1});
    std::size_t largest = 0, least = 65536;
    for (int i = 0; i < 100; ++i) {
        const std::size_t id = draw(left, stream);
        largest = std::max(largest, id), least = std::min(least, id);
    }
    CHECK(largest < 32768);
    CHECK(largest > 30000);
    CHECK(least < 2000);
}

TEST_CASE("draws come as often as their weights say, one word each") {
    const std::vector<std::uint32_t> weights = {0, 100, 0, 300, 600, 0};
    random_stream stream(random_key{42});
    std::vector<double> seen(weights.size());
    constexpr int draws = 200000;
    for (int i = 0; i < draws; ++i) seen[draw(weights, stream)] += 1.0;
    CHECK(stream.position() == draws);
    double chi = 0.0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const double expected = draws * weights[i] / 1000.0;
        if (weights[i] == 0)
            CHECK(seen[i] == 0.0);
        else
            chi += (seen[i] - expected) * (seen[i] - expected) / expected;
    }
    CHECK(chi < 13.8);  // two degrees of freedom, p = .001
}
