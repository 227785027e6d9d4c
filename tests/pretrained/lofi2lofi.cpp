#include <lofi/pretrained/lofi2lofi.hpp>

#include <vector>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("built-in weights: there, of the right size, at most a megabyte") {
    const auto network = pretrained::lofi2lofi::builtin();
    CHECK(network.hash() == pretrained::lofi2lofi::builtin().hash());
    CHECK(sizeof(pretrained::detail::lofi2lofi_words) <= 1U << 20);
    CHECK(sizeof(pretrained::detail::lofi2lofi_words) > 500000);
}

TEST_CASE("other weights: too short, too long, or of another size are refused") {
    std::vector<std::uint64_t> words(std::begin(pretrained::detail::lofi2lofi_words),
                                     std::end(pretrained::detail::lofi2lofi_words));
    const auto read = [&] { return pretrained::lofi2lofi::read(std::span<const std::uint64_t>(words)); };
    REQUIRE(read());
    CHECK(read().value().hash() == pretrained::lofi2lofi::builtin().hash());
    words[1] ^= 1;  // one weight is another
    CHECK(read().value().hash() != pretrained::lofi2lofi::builtin().hash());
    words[0] -= 1;  // says one byte fewer
    REQUIRE_FALSE(read());
    CHECK_THAT(read().error().message(), test::contains("is not what a lofi2lofi of this size needs"));
    words.pop_back();
    words.resize(words.size() / 2);
    CHECK_FALSE(read());
    words.clear();
    CHECK_FALSE(read());
}
