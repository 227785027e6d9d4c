#include <lofi/sampling/exponent.hpp>

#include <cmath>
#include <limits>
#include <random>

#include <lofi/core/hash.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::sampling;

TEST_CASE("the table of powers is made of the nearest whole numbers") {
    hasher h;
    for (std::size_t i = 0; i < sampling::detail::exp2_table.size(); ++i) {
        CHECK(sampling::detail::exp2_table[i] == std::llround(std::exp2(-static_cast<long double>(i) / 64) * 2147483648.0L));
        h.add(sampling::detail::exp2_table[i]);
    }
    CHECK(h.value() == 0x71ef540ced1fe4dfU);
}

TEST_CASE("exp is as near as its documentation says, and never rises") {
    double worst = 0.0;
    std::uint32_t before = full_weight;
    CHECK(exp_weight(0) == full_weight);
    for (std::uint64_t x = 0; x <= std::uint64_t{23} << 32; x += 98765431) {
        const double exact = std::exp(-static_cast<double>(x) / 4294967296.0) * full_weight;
        worst = std::max(worst, std::abs(exp_weight(x) - exact));
        REQUIRE(std::abs(exp_weight(x) - exact) < 12.0);
        REQUIRE(std::abs(exp_weight(x) - exact) < 0.5 + 1.4e-7 * exact);
        REQUIRE(exp_weight(x) <= before);
        before = exp_weight(x);
    }
    CHECK(worst > 1.0);  // the bound is not idle
    CHECK(exp_weight(std::uint64_t{23} << 32) == 0);
}

TEST_CASE("the table of logarithms is made of the nearest whole numbers") {
    hasher h;
    for (std::size_t i = 0; i < sampling::detail::log2_table.size(); ++i) {
        CHECK(sampling::detail::log2_table[i] == std::llround(std::log2(1 + static_cast<long double>(i) / 64) * 4294967296.0L));
        h.add(sampling::detail::log2_table[i]);
    }
    CHECK(h.value() == 0xda59eb9c97146da0U);
}

TEST_CASE("logarithms are as near as their documentation says, and exact for powers of two") {
    for (std::uint64_t i = 0; i < 64; ++i) CHECK(log2_whole(std::uint64_t{1} << i) == i << 32);
    std::mt19937_64 rng(5);
    long double worst = 0;
    for (int i = 0; i < 200000; ++i) {
        const std::uint64_t x = rng() >> rng() % 64;
        if (x == 0) continue;
        const long double off =
            std::abs(static_cast<long double>(log2_whole(x)) / 4294967296.0L - std::log2(static_cast<long double>(x)));
        worst = std::max(worst, off);
    }
    CHECK(worst < 1.6e-9L);
    CHECK(worst > 1e-10L);  // the bound is not idle
    CHECK(log2_whole(std::numeric_limits<std::uint64_t>::max()) <= std::uint64_t{64} << 32);
}

TEST_CASE("powers of two beyond what a weight holds are nothing") {
    CHECK(exp2_weight(0) == full_weight);
    CHECK(exp2_weight(std::uint64_t{1} << 56) == full_weight / 2);
    CHECK(exp2_weight(std::uint64_t{31} << 56) == 1);
    CHECK(exp2_weight(std::uint64_t{33} << 56) == 0);
    CHECK(exp2_weight(std::uint64_t{255} << 56) == 0);
}

TEST_CASE("roots are the largest whole numbers whose squares fit") {
    for (const std::uint64_t r : {0ULL, 1ULL, 2ULL, 65535ULL, 65536ULL, 4294967295ULL}) {
        CHECK(sampling::detail::root(r * r) == r);
        if (r > 1) CHECK(sampling::detail::root(r * r - 1) == r - 1);
    }
    CHECK(sampling::detail::root(std::numeric_limits<std::uint64_t>::max()) == 4294967295ULL);
}
