#pragma once
// Pictures of several panels, written beside the test programs: those of docs/pictures/synth are copies.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <lofi/plot/curves.hpp>

#include "support/test.hpp"

namespace lofi::test {

inline plot::point moved(plot::point p, double x, double y) { return {p.x + x, p.y + y}; }

/// Lays figures side by side, row after row.
inline plot::figure tiled(std::span<const plot::figure> panels, std::size_t columns) {
    plot::figure all;
    all.width = panels[0].width * static_cast<double>(columns);
    all.height = panels[0].height * static_cast<double>((panels.size() + columns - 1) / columns);
    for (std::size_t i = 0; i < panels.size(); ++i) {
        const double x = panels[0].width * static_cast<double>(i % columns),
                     y = panels[0].height * static_cast<double>(i / columns);
        for (plot::mark m : panels[i].marks) {
            std::visit(
                [&](auto& shape) {
                    if constexpr (requires { shape.points; })
                        for (plot::point& p : shape.points) p = moved(p, x, y);
                    else
                        shape.x += x, shape.y += y;
                },
                m);
            all.marks.push_back(std::move(m));
        }
    }
    return all;
}

/// Puts the dots of one figure onto the lines of another with the same axes.
inline plot::figure with_dots(plot::figure lines, const plot::figure& dots) {
    for (const plot::mark& m : dots.marks)
        if (const auto* p = std::get_if<plot::polyline>(&m); p != nullptr && p->points.size() == 1) lines.marks.push_back(*p);
    return lines;
}

/// Writes a picture. With a palette of 64 colours it is a quarter as long: so it is kept in docs/pictures/synth.
inline void show(const std::string& name, const plot::figure& f) {
    const std::filesystem::path folder = std::filesystem::path(LOFI_TEST_BIN).parent_path() / "pictures" / "synth";
    std::filesystem::create_directories(folder);
    const auto png = plot::to_png(f, 1.0);
    CAPTURE(name, png.size());
    CHECK(png.size() < 200000);
    REQUIRE(write_file(folder / (name + ".png"), std::as_bytes(std::span(png))));
}

}  // namespace lofi::test
