#include <lofi/plot/figure.hpp>

#include "plot/inflate.hpp"
#include "support/test.hpp"

using namespace lofi;
using namespace lofi::test;

namespace {
plot::figure small() {
    plot::figure f{100, 50, {}};
    f.marks.push_back(plot::box{10, 10, 20.125, 30, {255, 0, 0, 128}});
    f.marks.push_back(plot::polyline{{{0, 0}, {50.5, 25}}, {0, 0, 255}, 1.5});
    f.marks.push_back(plot::label{5, 45, "a<b & \"c\" \xc3\xa9", 12, plot::ink, plot::anchor::middle, plot::turn::left});
    f.marks.push_back(plot::picture{60, 10, 30, 30, plot::image(2, 2, {9, 8, 7})});
    return f;
}
}  // namespace

TEST_CASE("a figure as SVG") {
    const std::string svg = plot::to_svg(small());
    CHECK_THAT(svg, contains("width=\"100\" height=\"50\" viewBox=\"0 0 100 50\""));
    CHECK_THAT(svg, contains("<rect x=\"10\" y=\"10\" width=\"20.13\" height=\"30\" fill=\"#ff0000\" fill-opacity=\"0.5\"/>"));
    CHECK_THAT(svg, contains("stroke=\"#0000ff\" stroke-width=\"1.5\" points=\"0,0 50.5,25\"/>"));
    CHECK_THAT(svg,
               contains("text-anchor=\"middle\" transform=\"rotate(-90 5 45)\">a&lt;b &amp; &quot;c&quot; \xc3\xa9</text>"));
    CHECK_THAT(svg, contains("xlink:href=\"data:image/png;base64,iVBORw0KGgo"));
}

TEST_CASE("text that is not text does not break the SVG") {
    using plot::detail::xml_text;
    CHECK(xml_text("\xff") == "?");
    CHECK(xml_text("\xc3") == "?");
    CHECK(xml_text("\xc0\xaf") == "??");     // a long form of '/'
    CHECK(xml_text("\xed\xa0\x80") == "?");  // half of a surrogate pair
    CHECK(xml_text("\xf0\x9f\x8e\xb9") == "\xf0\x9f\x8e\xb9");
    CHECK(xml_text(std::string("a\0\x1b\n", 4)) == "a???");
    CHECK(xml_text("\xef\xbf\xbf") == "?");
}

TEST_CASE("numbers have a point whatever the locale, and no more digits than they need") {
    using plot::detail::coordinate;
    CHECK(coordinate(0.5) == "0.5");
    CHECK(coordinate(-0.001) == "0");
    CHECK(coordinate(-12.345) == "-12.35");
    CHECK(coordinate(1e300) == "0");
    CHECK(coordinate(std::nan("")) == "0");
    CHECK(plot::detail::fixed(2.05, 1) == "2.1");
    CHECK(plot::detail::fixed(-0.04, 1) == "0.0");
    const std::vector<std::uint8_t> m{'M'}, ma{'M', 'a'}, man{'M', 'a', 'n'};
    CHECK(plot::detail::base64(m) == "TQ==");
    CHECK(plot::detail::base64(ma) == "TWE=");
    CHECK(plot::detail::base64(man) == "TWFu");
}

TEST_CASE("a figure as PNG, and files by their ending") {
    const auto png = plot::to_png(small(), 2);
    const auto back = decode_png(png, [](auto part) { return plot::crc32(part); });
    CHECK(back.width == 200);
    CHECK(back.height == 100);
    const auto pixel = [&](std::size_t x, std::size_t y) {
        const auto* p = &back.rgb[3 * (y * back.width + x)];
        return std::array<int, 3>{p[0], p[1], p[2]};
    };
    CHECK(pixel(199, 0) == std::array<int, 3>{255, 255, 255});
    CHECK(pixel(30, 70) == std::array<int, 3>{255, 127, 127});
    CHECK(pixel(150, 50) == std::array<int, 3>{9, 8, 7});
    const temporary_folder folder;
    plot::write(folder / "a.png", small()).value();
    plot::write(folder / "a.svg", small()).value();
    CHECK(read_text(folder / "a.png") == std::string(png.begin(), png.end()));
    CHECK(read_text(folder / "a.svg") == plot::to_svg(small()));
    const auto wrong = plot::write(folder / "a.gif", small());
    REQUIRE(!wrong);
    CHECK_THAT(wrong.error().message(), contains("a.gif: a figure is written as .svg or .png"));
    CHECK(!plot::write(folder / "nowhere" / "a.svg", small()));
}
