#include <lofi/plot/color.hpp>

#include "support/test.hpp"

#include <set>

using namespace lofi;

TEST_CASE("lines differ, and the ramp grows lighter all the way") {
    std::set<std::uint32_t> seen;
    for (std::size_t i = 0; i < 8; ++i) {
        const auto c = plot::line_color(i);
        seen.insert(c.r * 65536U + c.g * 256U + c.b);
    }
    CHECK(seen.size() == 8);
    CHECK(plot::line_color(8) == plot::line_color(0));
    double before = -1;
    for (int i = 0; i <= 100; ++i) {
        const auto c = plot::ramp_color(i / 100.0);
        const double lightness = 0.2126 * c.r + 0.7152 * c.g + 0.0722 * c.b;
        CHECK(lightness > before);
        before = lightness;
    }
    CHECK(plot::ramp_color(-3) == plot::ramp_color(0));
    CHECK(plot::ramp_color(7) == plot::ramp_color(1));
    CHECK(plot::ramp_color(std::nan("")) == plot::ramp_color(0));
}
