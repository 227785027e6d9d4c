#include <lofi/plot/histogram.hpp>

#include "support/test.hpp"

#include <lofi/core/random.hpp>

using namespace lofi;

TEST_CASE("bins count each value once") {
    const std::vector<double> v{0, 0.5, 1, 1.5, 2, -0.1, 2.1, std::nan(""), INFINITY};
    CHECK(plot::count_bins(v, 0, 2, 2) == std::vector<std::size_t>{2, 3});  // 1 begins the second; 2, the end, is inside
    CHECK(plot::count_bins(v, 0, 2, 4) == std::vector<std::size_t>{1, 1, 1, 2});
}

TEST_CASE("shares of samples of different sizes compare, and every sample can be drawn") {
    random_stream random(random_key{1});
    std::vector<plot::sample> s{
        {.name = "many"}, {.name = "few"}, {.name = "none"}, {.name = "same", .values = std::vector<double>(50, 1.0)}};
    for (int i = 0; i < 5000; ++i) s[0].values.push_back(normal_q16(random) / 65536.0);
    for (int i = 0; i < 50; ++i) s[1].values.push_back(normal_q16(random) / 65536.0);
    s[1].values.push_back(std::nan(""));
    CHECK_NOTHROW(plot::to_png(plot::histogram(s, {.title = "t", .x = {.label = "x"}}), 1));
    CHECK_NOTHROW(plot::to_svg(plot::histogram({})));
    // One of four bins holds three of four values: a bar of 75 %.
    const std::vector<plot::sample> one{{.values = {0, 0.1, 0.2, 3.9}}};
    const auto f = plot::histogram(one, {.x = {.low = 0.0, .high = 4.0}, .bins = 4});
    std::vector<plot::box> bars;
    for (const auto& m : f.marks)
        if (const auto* b = std::get_if<plot::box>(&m)) bars.push_back(*b);
    REQUIRE(bars.size() == 4);
    CHECK(bars[0].height == Approx(3 * bars[3].height));
    CHECK(bars[1].height == Approx(0).margin(1e-9));
    CHECK(bars[0].height / (440 - 36 - 20) == Approx(75.0 / 80));
}
