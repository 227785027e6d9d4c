#include <lofi/plot/bars.hpp>

#include "support/test.hpp"

using namespace lofi;

namespace {
std::vector<plot::box> boxes_of(const plot::figure& f) {
    std::vector<plot::box> out;
    for (const auto& m : f.marks)
        if (const auto* b = std::get_if<plot::box>(&m)) out.push_back(*b);
    return out;
}
}  // namespace

TEST_CASE("bars are as long as their numbers, whichever way they lie") {
    const std::vector<std::string> names = {"C", "C#", "D"};
    const std::vector<plot::bar_series> one = {{.values = {1, 0, 4}}};
    const auto up = boxes_of(plot::bars(names, one));
    REQUIRE(up.size() == 3);
    CHECK(up[2].height == Approx(4 * up[0].height));
    CHECK(up[1].height == Approx(0).margin(1e-9));
    CHECK(up[0].x + up[0].width < up[1].x);
    const auto across = boxes_of(plot::bars(names, one, {.direction = plot::bar_direction::across}));
    REQUIRE(across.size() == 3);
    CHECK(across[2].width == Approx(4 * across[0].width));
    CHECK(across[0].y + across[0].height < across[1].y);  // the first is on top
    CHECK(across[0].height > 0);
}

TEST_CASE("series stand side by side; what is no number, and nothing at all, can be drawn") {
    const std::vector<std::string> names = {"a", "b"};
    const std::vector<plot::bar_series> two = {{"x", {1, std::nan("")}}, {"y", {-3}}};
    const auto sheet = plot::bars(names, two, {.title = "t", .things = "letters", .numbers = {.label = "n"}});
    const auto all = boxes_of(sheet);
    REQUIRE(all.size() >= 4);
    CHECK(all[0].height > 0);
    CHECK(all[1].height == 0);
    CHECK(all[2].height == 0);
    CHECK(all[0].x + all[0].width == Approx(all[2].x));
    CHECK_NOTHROW(plot::to_png(sheet, 1));
    CHECK_NOTHROW(plot::to_svg(plot::bars({}, {})));
    std::vector<std::string> many(500, "a long name");
    const std::vector<plot::bar_series> high = {{.values = std::vector<double>(500, 1.0)}};
    std::size_t labels = 0;
    for (const auto& m : plot::bars(many, high).marks)
        if (const auto* l = std::get_if<plot::label>(&m)) labels += l->text == "a long name" ? 1 : 0;
    CHECK(labels > 2);
    CHECK(labels < 15);
}
