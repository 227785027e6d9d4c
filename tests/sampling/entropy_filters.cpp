#include <lofi/sampling/entropy_filters.hpp>

#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "support/test.hpp"

using namespace lofi::sampling;

namespace {

struct ranked {
    std::vector<std::uint32_t> weights, ids;
    explicit ranked(std::vector<std::uint32_t> w) : weights(std::move(w)), ids(weights.size()) {
        std::iota(ids.begin(), ids.end(), 0U);
    }
    operator ranking() const { return {ids, weights}; }
};
constexpr std::uint64_t q32(double p) { return static_cast<std::uint64_t>(p * 4294967296.0); }
constexpr std::uint32_t full = full_weight;
// 1/2 1/4 1/8 1/8: surprises of 1, 2, 3, 3 bits and an entropy of 1.75.
const ranked halves({full, full / 2, full / 4, full / 4});

std::vector<std::uint32_t> ids(const ranking& r) { return {r.ids.begin(), r.ids.end()}; }

}  // namespace

TEST_CASE("entropy is that of the definition") {
    CHECK(entropy(halves) == 7U << 22);
    CHECK(entropy(ranked({full})) == 0);
    CHECK(entropy(ranked(std::vector<std::uint32_t>(65536, full))) == 16U << 24);
    std::mt19937 rng(8);
    double worst = 0;
    for (int round = 0; round < 2000; ++round) {
        std::vector<std::uint32_t> w(1 + rng() % 300);
        for (std::uint32_t& v : w) v = 1 + (rng() >> 1 >> rng() % 31);
        w[0] = full;
        std::sort(w.rbegin(), w.rend());
        const double total = std::accumulate(w.begin(), w.end(), 0.0);
        double exact = 0;
        for (const std::uint32_t v : w) exact -= v / total * std::log2(v / total);
        worst = std::max(worst, std::abs(static_cast<double>(entropy(ranked(w))) / 16777216.0 - exact));
    }
    CHECK(worst < 1.3e-7);
    CHECK(worst > 1e-8);  // the bound is not idle
}

TEST_CASE("typical keeps what is nearest the entropy, the crossing id, and ties") {
    // Distances from 1.75: .75, .25, 1.25, 1.25.
    CHECK(ids(keep_typical(halves, q32(0.1))) == std::vector<std::uint32_t>{1});
    CHECK(ids(keep_typical(halves, q32(0.25))) == std::vector<std::uint32_t>{1});
    CHECK(ids(keep_typical(halves, q32(0.26))) == std::vector<std::uint32_t>{0, 1});
    CHECK(ids(keep_typical(halves, q32(0.76))) == std::vector<std::uint32_t>{0, 1, 2, 3});
    CHECK(ids(keep_typical(halves, q32(0.1), 2)) == std::vector<std::uint32_t>{0, 1});
    CHECK(ids(keep_typical(halves, 0)) == std::vector<std::uint32_t>{1});
    CHECK(keep_typical(ranked(std::vector<std::uint32_t>(5, full)), q32(0.2)).size() == 5);
}

TEST_CASE("epsilon and eta drop what is less likely, never the likeliest") {
    CHECK(keep_epsilon(halves, q32(0.125)).size() == 4);
    CHECK(keep_epsilon(halves, q32(0.125) + 1).size() == 2);
    CHECK(keep_epsilon(halves, q32(0.9)).size() == 1);
    CHECK(keep_epsilon(halves, q32(0.9), 3).size() == 3);
    CHECK(keep_epsilon(ranked({full, full, full / 2}), q32(0.9)).size() == 2);
    // exp(-1.75 ln 2) = .2973; sqrt(.16) * .2973 = .1189, sqrt(.2) * .2973 = .133.
    CHECK(keep_eta(halves, q32(0.16)).size() == 4);
    CHECK(keep_eta(halves, q32(0.2)).size() == 2);
    CHECK(keep_eta(halves, q32(0.126)).size() == 4);
}

TEST_CASE("top-h keeps a share of the entropy") {
    // Terms .5 .5 .375 .375 of 1.75.
    CHECK(keep_top_h(halves, 0).size() == 1);
    CHECK(keep_top_h(halves, q32(0.57)).size() == 1);
    CHECK(keep_top_h(halves, q32(0.58)).size() == 2);
    CHECK(keep_top_h(halves, q32(0.79)).size() == 3);
    CHECK(keep_top_h(halves, q32(1.0)).size() == 4);
    CHECK(keep_top_h(halves, 0, 3).size() == 3);
    CHECK(keep_top_h(ranked({full}), 0).size() == 1);
}
