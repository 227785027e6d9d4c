#include <lofi/plot/raster.hpp>

#include "support/test.hpp"

#include <array>
#include <limits>

using namespace lofi;

namespace {
int red(const plot::raster& r, std::size_t x, std::size_t y) { return r.pixels().rgb[3 * (y * r.pixels().width + x)]; }
constexpr plot::color black{0, 0, 0};
}  // namespace

TEST_CASE("a box fills its pixels and shares out its edges") {
    plot::raster r(10, 10, 2);
    CHECK(r.pixels().width == 20);
    r.fill(1, 1, 2.25, 2, black);
    CHECK(red(r, 1, 2) == 255);
    CHECK(red(r, 2, 2) == 0);
    CHECK(red(r, 5, 5) == 0);
    CHECK(red(r, 6, 3) == 128);  // half a pixel
    CHECK(red(r, 7, 3) == 255);
    CHECK(red(r, 3, 6) == 255);
    r.fill(0, 5, 10, 1, black.faded(51));
    CHECK(red(r, 8, 10) == 204);
}

TEST_CASE("lines have their width, and joints are no darker") {
    plot::raster r(20, 20, 1);
    const std::array<plot::point, 3> corner{{{4, 10}, {10, 10}, {16, 10}}};
    r.stroke(corner, 3, black.faded(128));
    for (std::size_t x = 5; x < 15; ++x) {
        CHECK(red(r, x, 10) == red(r, 5, 10));
        CHECK(red(r, x, 9) == red(r, 5, 9));
    }
    CHECK(red(r, 10, 6) == 255);
    CHECK(red(r, 10, 13) == 255);
    plot::raster thin(20, 20, 1);
    thin.stroke(corner, 0.2, black);
    double ink = 0;
    for (std::size_t y = 0; y < 20; ++y) ink += (255 - red(thin, 10, y)) / 255.0;
    CHECK(ink == Approx(0.2).margin(0.03));
}

TEST_CASE("nothing that is drawn outside or without end does harm") {
    plot::raster r(8, 8, 1);
    const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
    r.fill(-1e300, -inf, 1e301, inf, black.faded(10));
    r.fill(nan, 0, 4, 4, black);
    r.fill(3, 3, -2, -2, black);
    const std::array<plot::point, 4> wild{{{-1e300, 3}, {1e300, 4}, {-inf, inf}, {1e9, 1e9}}};
    r.stroke(wild, 2, black);
    r.stroke({}, 2, black);
    r.text({-50, -50}, "far away", 12, black);
    r.text({4, 4}, std::string("\xff\x80\x00 \xf0\x9f\x8e\xb9", 8), 12, black);
    r.paste(-5, -5, 1000, 1000, plot::image(3, 3, black));
    CHECK(red(r, 4, 4) == 0);
}

TEST_CASE("letters stand on their line and turn") {
    plot::raster r(60, 30, 4);
    r.text({5, 20}, "L", 20, black);
    // A stroke down and a foot, on a grid of 8 pixels: capitals are seven dots high.
    CHECK(red(r, 24, 40) < 40);
    CHECK(red(r, 40, 76) < 40);
    CHECK(red(r, 40, 40) == 255);
    CHECK(red(r, 24, 84) == 255);
    CHECK(red(r, 24, 20) == 255);
    CHECK(plot::text_width("LL", 20) == Approx(2 * 8 + 2.8));
    CHECK(plot::text_width("", 20) == 0);
    CHECK(plot::text_width("\xc3\xa9", 20) == plot::text_width("?", 20));
    plot::raster turned(30, 60, 4);
    turned.text({20, 55}, "L", 20, black, {0, -1});
    CHECK(red(turned, 40, 216) < 40);  // the stroke lies
    CHECK(red(turned, 76, 200) < 40);  // the foot stands
}
