#include <lofi/plot/axes.hpp>

#include "support/test.hpp"

using namespace lofi;

namespace {
std::string ticks(const plot::range& r, std::size_t wanted = 5) {
    std::string text;
    for (const auto& t : r.ticks(wanted)) text += (text.empty() ? "" : " ") + t.text;
    return text;
}
}  // namespace

TEST_CASE("ticks are round numbers with as many digits as they need") {
    CHECK(ticks({0, 97, {}}) == "0 20 40 60 80 100");
    CHECK(ticks({0.013, 0.0871, {}}) == "0.02 0.04 0.06 0.08");
    CHECK(ticks({-1, 1, {}}) == "-1.0 -0.5 0.0 0.5 1.0");
    CHECK(ticks({3, 3, {}}).find("3.0") != std::string::npos);
    CHECK(ticks({0, 0, {}}) == "-1.0 -0.5 0.0 0.5 1.0");
    CHECK(ticks({0, 5e6, {}}) == "0 1e6 2e6 3e6 4e6 5e6");
    CHECK(ticks({1e-9, 5e-9, {}}).find("2e-9") != std::string::npos);
    CHECK(ticks({0, 1, {.label = {}, .low = 0.25, .high = 0.75}}) == "0.3 0.4 0.5 0.6 0.7");
    const plot::axis log{.label = {}, .low = {}, .high = {}, .scale = plot::axis_scale::logarithmic};
    CHECK(ticks({0.3, 7, log}) == "0.2 0.5 1 2 5 10");
    CHECK(ticks({1e-4, 1e4, log}, 4) == "1e-4 0.01 1 100 10000");
    CHECK(ticks({5, 5, log}) == "5 10 20 50");
}

TEST_CASE("bounds leave out what cannot be shown, and nothing is a range too") {
    plot::bounds b;
    b.add(std::vector<double>{std::nan(""), 1, 9, INFINITY});
    CHECK(b.over({}).low() == 0);
    CHECK(b.over({}).high() == 10);
    const auto empty = plot::bounds().over({});
    CHECK(empty.low() == 0);
    CHECK(empty.high() == 1);
    plot::bounds log(plot::axis_scale::logarithmic);
    log.add(std::vector<double>{-1, 0, 2, 500});
    const auto r = log.over({.label = {}, .low = -3.0, .high = {}, .scale = plot::axis_scale::logarithmic});
    CHECK(r.low() == Approx(2));
    CHECK(r.high() == Approx(500));
    CHECK(r.share(std::sqrt(1000.0)) == Approx(0.5));
    CHECK(!std::isfinite(r.share(0)));
    for (const auto& [low, high] : {std::pair{-1e308, 1e308}, {0.0, 5e-324}, {1e308, 1e308}, {1.0, 1.0 + 1e-15}})
        CHECK(plot::range(low, high, {}).ticks(5).size() <= 100);
}
