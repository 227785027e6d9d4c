#include <lofi/plot/curves.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::test;

namespace {
std::vector<plot::polyline> drawn(const plot::figure& f, plot::color c) {
    std::vector<plot::polyline> lines;
    for (const auto& m : f.marks)
        if (const auto* l = std::get_if<plot::polyline>(&m); l != nullptr && l->stroke == c) lines.push_back(*l);
    return lines;
}
bool says(const plot::figure& f, const std::string& text) {
    return std::any_of(f.marks.begin(), f.marks.end(), [&](const auto& m) {
        const auto* l = std::get_if<plot::label>(&m);
        return l != nullptr && l->text == text;
    });
}
}  // namespace

TEST_CASE("curves lie where their numbers are") {
    const std::vector<plot::curve> lines{{.name = "a", .x = {0, 5, 10}, .y = {0, 10, 5}}, {.name = "b", .y = {1, 2, 3}}};
    const auto f = plot::curves(lines, {.title = "T", .x = {.label = "X"}, .y = {.label = "Y"}});
    for (const char* text : {"T", "X", "Y", "a", "b", "0", "10"}) CHECK(says(f, text));
    const auto a = drawn(f, plot::line_color(0));
    REQUIRE(a.size() == 1);
    REQUIRE(a[0].points.size() == 3);
    CHECK(a[0].points[0].x == Approx(74));
    CHECK(a[0].points[2].x == Approx(720 - 22));
    CHECK(a[0].points[1].x == Approx((74 + 698) / 2.0));
    CHECK(a[0].points[0].y == Approx(440 - 54));
    CHECK(a[0].points[1].y == Approx(46 + 20));
    CHECK(a[0].points[2].y == Approx((386 + 66) / 2.0));
    CHECK(drawn(f, plot::line_color(1))[0].points.size() == 3);
}

TEST_CASE("what is not finite parts a curve, and a lone number is a dot") {
    const double nan = std::nan("");
    const std::vector<plot::curve> lines{{.name = "", .y = {1, 2, nan, 3, nan, nan, 4, 5, INFINITY}}};
    const auto parts = drawn(plot::curves(lines), plot::line_color(0));
    REQUIRE(parts.size() == 3);
    CHECK(parts[0].points.size() == 2);
    CHECK(parts[1].points.size() == 1);
    CHECK(parts[2].points.size() == 2);
    CHECK_NOTHROW(plot::to_png(plot::curves({}), 1));
    const std::vector<plot::curve> nothing{{.name = "n", .y = {nan}}};
    CHECK_NOTHROW(plot::to_png(plot::curves(nothing), 1));
}

TEST_CASE("a million points become few, and no peak is lost") {
    std::vector<plot::curve> lines(1);
    for (int i = 0; i < 1000000; ++i) lines[0].y.push_back(i == 654321 ? 100 : std::sin(i * 0.01));
    const auto f = plot::curves(lines);
    const auto parts = drawn(f, plot::line_color(0));
    REQUIRE(parts.size() == 1);
    CHECK(parts[0].points.size() < 6000);
    double top = 1e9;
    for (const auto p : parts[0].points) top = std::min(top, p.y);
    CHECK(top == Approx(20));
    CHECK(plot::to_svg(f).size() < 200000);
}
