#include <lofi/plot/png.hpp>

#include "plot/inflate.hpp"
#include "support/test.hpp"

#include <lofi/core/random.hpp>

using namespace lofi;

TEST_CASE("pixels come back from a PNG, whatever the filters made of them") {
    random_stream random(random_key{2});
    for (const auto& [width, height] : {std::pair<std::size_t, std::size_t>{1, 1}, {1, 40}, {40, 1}, {33, 17}, {200, 100}})
        for (int kind = 0; kind < 5; ++kind) {
            plot::image picture(width, height, {1, 2, 3});
            for (std::size_t y = 0; y < height; ++y)
                for (std::size_t x = 0; x < width; ++x) {
                    const auto noise = [&] { return static_cast<std::uint8_t>(random.next()); };
                    const auto byte = [](std::size_t v) { return static_cast<std::uint8_t>(v); };
                    if (kind == 0) picture.set(x, y, {noise(), noise(), noise()});
                    if (kind == 1) picture.set(x, y, {byte(x), byte(2 * x), byte(x + 9)});
                    if (kind == 2) picture.set(x, y, {byte(y), byte(3 * y), 0});
                    if (kind == 3) picture.set(x, y, {byte(x + y), byte(x + 2 * y), byte(x * 3 - y)});
                }
            const auto file = plot::png_encode(picture);
            const auto back = test::decode_png(file, [](auto part) { return plot::crc32(part); });
            CHECK(back.width == width);
            CHECK(back.height == height);
            CHECK(back.rgb == picture.rgb);
        }
}
