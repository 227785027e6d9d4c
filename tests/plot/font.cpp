#include <lofi/plot/font.hpp>

#include "support/test.hpp"

#include <set>
#include <string>

using namespace lofi;

TEST_CASE("each letter has its own picture, inside its grid") {
    std::set<std::string> seen;
    for (char c = ' '; c <= '~'; ++c) {
        const auto& g = plot::glyph_of(c);
        std::string dots;
        bool any = false, below = false;
        for (std::size_t y = 0; y < plot::glyph::rows; ++y)
            for (std::size_t x = 0; x < plot::glyph::columns; ++x) {
                dots += g.lit(x, y) ? '#' : '.';
                any |= g.lit(x, y);
                below |= y >= plot::glyph::above_line && g.lit(x, y);
                if (g.lit(x, y)) CHECK(x < g.width);
            }
        INFO(c);
        CHECK(any == (c != ' '));
        CHECK(seen.insert(dots).second);
        CHECK(below == (std::string("gjpqy,;_()[]{}|").find(c) != std::string::npos));
        CHECK(g.width >= 1);
        CHECK(g.width <= 5);
    }
    CHECK(&plot::glyph_of('\n') == &plot::glyph_of(static_cast<char>(0xC3)));  // the box
}
