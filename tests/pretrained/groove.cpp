#include <lofi/pretrained/groove.hpp>

#include <vector>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("built-in drummer: there, of the right size, at most a quarter of a megabyte") {
    const auto network = pretrained::groove::builtin();
    CHECK(network.hash() == pretrained::groove::builtin().hash());
    CHECK(sizeof(pretrained::detail::groove_words) <= 1U << 18);
    CHECK(sizeof(pretrained::detail::groove_words) > 200000);
}

TEST_CASE("other drummers: too short, too long, or of another size are refused") {
    std::vector<std::uint64_t> words(std::begin(pretrained::detail::groove_words), std::end(pretrained::detail::groove_words));
    const auto read = [&] { return pretrained::groove::read(std::span<const std::uint64_t>(words)); };
    REQUIRE(read());
    CHECK(read().value().hash() == pretrained::groove::builtin().hash());
    words[1] ^= 1;  // one weight is another
    CHECK(read().value().hash() != pretrained::groove::builtin().hash());
    words[0] -= 1;  // says one byte fewer
    REQUIRE_FALSE(read());
    CHECK_THAT(read().error().message(), test::contains("is not what a groove network of this size needs"));
    words.resize(words.size() / 2);
    CHECK_FALSE(read());
    words.clear();
    CHECK_FALSE(read());
}
