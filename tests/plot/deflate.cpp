#include <lofi/plot/deflate.hpp>

#include "plot/inflate.hpp"
#include "support/test.hpp"

#include <lofi/core/random.hpp>

using namespace lofi;

namespace {
std::vector<std::uint8_t> bytes(std::string_view text) { return {text.begin(), text.end()}; }

bool comes_back(const std::vector<std::uint8_t>& in) {
    const auto z = plot::zlib_compress(in);
    CHECK((z[0] * 256 + z[1]) % 31 == 0);
    const auto sum = plot::adler32(in);
    for (std::size_t i = 0; i < 4; ++i) CHECK(z[z.size() - 4 + i] == static_cast<std::uint8_t>(sum >> (24 - 8 * i)));
    return test::inflate_fixed(std::span(z).subspan(2, z.size() - 6)) == in;
}
}  // namespace

TEST_CASE("checksums of known texts") {
    CHECK(plot::crc32(bytes("123456789")) == 0xCBF43926U);
    CHECK(plot::crc32(bytes("IEND")) == 0xAE426082U);
    CHECK(plot::adler32(bytes("Wikipedia")) == 0x11E60398U);
    CHECK(plot::adler32({}) == 1);
    CHECK(plot::crc32({}) == 0);
}

TEST_CASE("every length and distance comes back") {
    CHECK(comes_back({}));
    CHECK(comes_back({7}));
    CHECK(comes_back(bytes("abcabcabcabcabd")));
    for (std::size_t n = 1; n < 600; ++n) CHECK(comes_back(std::vector<std::uint8_t>(n, 200)));  // lengths to 258 and past
    random_stream random(random_key{1});
    // A mark, noise of every width up to the window and past it, the mark again.
    for (std::size_t gap : {1U, 2U, 3U, 4U, 5U, 8U, 9U, 100U, 1024U, 1025U, 20000U, 32755U, 32756U, 32757U, 32768U, 40000U}) {
        auto in = bytes("the mark 0123");
        for (std::size_t i = 0; i < gap; ++i) in.push_back(static_cast<std::uint8_t>(random.next()));
        const auto mark = bytes("the mark 0123");
        in.insert(in.end(), mark.begin(), mark.end());
        CHECK(comes_back(in));
    }
    for (int i = 0; i < 300; ++i) {
        std::vector<std::uint8_t> in;
        const std::uint32_t letters = 1 + uniform_below(random, 6);
        for (std::uint32_t n = uniform_below(random, 3000); n > 0; --n)
            in.push_back(static_cast<std::uint8_t>(uniform_below(random, letters) * 40));
        CHECK(comes_back(in));
    }
}

TEST_CASE("what repeats becomes small") {
    std::vector<std::uint8_t> flat(1000000, 255), waves;
    for (std::size_t i = 0; i < 300000; ++i) waves.push_back(static_cast<std::uint8_t>(i % 1000 / 4));
    CHECK(plot::zlib_compress(flat).size() < 8000);
    CHECK(plot::zlib_compress(waves).size() < 5000);
}
