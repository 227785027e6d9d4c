#include <lofi/plot/heat_map.hpp>

#include "support/test.hpp"

using namespace lofi;

namespace {
const plot::image& cells(const plot::figure& f) {
    for (const auto& m : f.marks)
        if (const auto* p = std::get_if<plot::picture>(&m)) return p->cells;
    FAIL("no picture");
    static const plot::image none;
    return none;
}
plot::color at(const plot::image& p, std::size_t x, std::size_t y) {
    return {p.rgb[3 * (y * p.width + x)], p.rgb[3 * (y * p.width + x) + 1], p.rgb[3 * (y * p.width + x) + 2]};
}
bool says(const plot::figure& f, const std::string& text) {
    return std::any_of(f.marks.begin(), f.marks.end(), [&](const auto& m) {
        const auto* l = std::get_if<plot::label>(&m);
        return l != nullptr && l->text == text;
    });
}
}  // namespace

TEST_CASE("a heat map has its first row on top") {
    const std::vector<float> v{0, 0.5F, 1, 1, 0, std::nanf("")};
    const auto f = plot::heat_map({v, 2, 3}, {.title = "t", .row_names = {"one", "two"}, .values = {.label = "p"}});
    const auto& p = cells(f);
    CHECK(p.width == 3);
    CHECK(p.height == 2);
    CHECK(at(p, 0, 0) == plot::ramp_color(0));
    CHECK(at(p, 1, 0) == plot::ramp_color(0.5));
    CHECK(at(p, 2, 0) == plot::ramp_color(1));
    CHECK(at(p, 0, 1) == plot::ramp_color(1));
    CHECK(at(p, 2, 1) == plot::white);
    for (const char* text : {"one", "two", "p", "2"}) CHECK(says(f, text));
    CHECK_NOTHROW(plot::to_png(plot::heat_map({}, {}), 1));
}

TEST_CASE("a spectrogram has time to the right, frequency upward, decibels below the loudest") {
    std::vector<float> m(10 * 4, 0.0F);
    m[0 * 4 + 3] = 2.0F;   // first frame, highest bin: the loudest
    m[9 * 4 + 0] = 0.2F;   // last frame, lowest bin: 20 dB below
    m[5 * 4 + 1] = -2.0F;  // a sign means nothing
    const auto f = plot::spectrogram({m, 10, 4}, {.hop = seconds(0.5), .bin = hertz(100), .floor = decibels(-40)});
    const auto& p = cells(f);
    CHECK(p.width == 10);
    CHECK(p.height == 4);
    CHECK(at(p, 0, 0) == plot::ramp_color(1));
    CHECK(at(p, 9, 3) == plot::ramp_color(0.5));
    CHECK(at(p, 5, 2) == plot::ramp_color(1));
    CHECK(at(p, 3, 3) == plot::ramp_color(0));
    for (const char* text : {"seconds", "hertz", "5.0", "400", "-40"}) CHECK(says(f, text));
    CHECK_NOTHROW(plot::to_png(plot::spectrogram({m, 10, 4}, {}), 1));
    CHECK_NOTHROW(plot::to_png(plot::spectrogram({}, {}), 1));
}

TEST_CASE("a large matrix becomes few cells that keep its peaks") {
    std::vector<float> m(3000 * 1000, 0.0F);
    m[1234 * 1000 + 567] = 1;
    const auto f = plot::heat_map({m, 3000, 1000}, {});
    const auto& p = cells(f);
    CHECK(p.height == 700);
    CHECK(p.width == 1000);
    CHECK(at(p, 567, 288) == plot::ramp_color(1));  // rows 1234 to 1237
}
