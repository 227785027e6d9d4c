#include <lofi/analysis/permutation.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("permutation test: p is the share of orders that cost no more") {
    // Four items in one class, right partners free: of 24 orders one alone is as cheap.
    const std::vector<std::uint32_t> one(4, 7);
    const auto r = analysis::permutation_test(
        one, [](auto i, auto j) { return i == j ? 0.0 : 1.0; }, random_key{1}, 24000);
    CHECK(r.right == 0);
    CHECK(r.p == Approx(1.0 / 24).margin(.004));
    CHECK(r.shuffled == Approx(3).margin(.03));  // one fixed point a permutation, on average
    CHECK(r.movable == 4);
    // Two classes of two: one order in four.
    const std::vector<std::uint32_t> two{1, 2, 1, 2};
    const auto s = analysis::permutation_test(
        two, [](auto i, auto j) { return i == j ? -1.0 : 0.0; }, random_key{2}, 24000);
    CHECK(s.p == Approx(.25).margin(.01));
}

TEST_CASE("permutation test: what does not matter is not found to, and classes of one have nothing to shuffle") {
    const std::vector<std::uint32_t> classes{1, 1, 1, 2, 2, 3};
    const auto same = analysis::permutation_test(
        classes, [](auto i, auto) { return .1 * static_cast<double>(i); }, random_key{1});
    CHECK(same.p == 1);
    CHECK(same.right == Approx(same.shuffled));
    CHECK(same.movable == 5);
    const std::vector<std::uint32_t> alone{1, 2, 3};
    CHECK(analysis::permutation_test(
              alone, [](auto, auto) { return 1.0; }, random_key{1})
              .p == 1);

    // Under chance p is even: as often below .2 as a fifth of the time.
    int below = 0;
    for (std::uint64_t k = 0; k < 200; ++k) {
        random_stream random(random_key{k});
        std::vector<double> costs(64);
        for (double& c : costs) c = static_cast<double>(normal_q16(random));
        const std::vector<std::uint32_t> all(8, 0);
        below += analysis::permutation_test(
                     all, [&](auto i, auto j) { return costs[8 * i + j]; }, random_key{k}, 500)
                     .p <= .2;
    }
    CHECK(below > 22);
    CHECK(below < 60);
}
