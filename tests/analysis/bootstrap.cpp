#include <lofi/analysis/bootstrap.hpp>

#include <cmath>
#include <vector>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::analysis;

TEST_CASE("a constant difference is sure") {
    const std::vector<paired_score> songs(20, {3.0, 1.0, 4.0});
    const paired_difference d = paired_bootstrap(songs, random_key{1}, 500);
    CHECK(d.mean == 0.5);
    CHECK(d.low == 0.5);
    CHECK(d.high == 0.5);
    CHECK(d.above_zero == 1.0);
    CHECK(paired_bootstrap(std::vector<paired_score>(5, {1.0, 1.0, 1.0}), random_key{1}).above_zero == 0.5);
}

TEST_CASE("the interval is as wide as the normal approximation says, and contains the truth as often as it should") {
    random_stream stream(random_key{77});
    int held = 0;
    double width = 0.0;
    constexpr int rounds = 300, n = 60;
    for (int round = 0; round < rounds; ++round) {
        std::vector<paired_score> songs(n);
        for (paired_score& s : songs) s.a = 0.25 + normal_q16(stream) / 65536.0, s.b = 0.0;
        const paired_difference d = paired_bootstrap(songs, random_key{5}.child(static_cast<std::uint64_t>(round)), 600);
        held += d.low <= 0.25 && 0.25 <= d.high ? 1 : 0;
        width += (d.high - d.low) / rounds;
        CHECK(d.low <= d.mean);
        CHECK(d.mean <= d.high);
    }
    CHECK(width == Approx(2 * 1.96 / std::sqrt(60.0)).epsilon(0.06));
    CHECK(held > 0.90 * rounds);
    CHECK(held < 0.985 * rounds);
}

TEST_CASE("heavy songs weigh more, and the same key gives the same answer") {
    const std::vector<paired_score> songs = {{10.0, 0.0, 1.0}, {0.0, 10.0, 99.0}};
    const paired_difference d = paired_bootstrap(songs, random_key{3}, 1000);
    CHECK(d.mean == 0.0);
    CHECK(d.low == Approx(-10.0 / 99));
    CHECK(d.high == Approx(10.0));
    const paired_difference again = paired_bootstrap(songs, random_key{3}, 1000);
    CHECK(d.above_zero == again.above_zero);
    CHECK(d.above_zero == Approx(0.5).margin(0.06));
}
