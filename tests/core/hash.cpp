#include <lofi/core/hash.hpp>

#include "support/test.hpp"

using lofi::hasher;

TEST_CASE("the hash is FNV-1a of 64 bits") {
    // Values of the authors' test suite.
    CHECK(hasher().value() == 0xcbf29ce484222325U);
    CHECK(hasher().add("a").value() == 0xaf63dc4c8601ec8cU);
    CHECK(hasher().add("foobar").value() == 0x85944171f73967e8U);
    CHECK(hasher().add("foo").add("bar").value() == 0x85944171f73967e8U);
}

TEST_CASE("numbers are hashed by value, not by how wide or signed they are") {
    CHECK(hasher().add(5).value() == hasher().add(std::uint64_t{5}).value());
    CHECK(hasher().add(std::int8_t{-1}).value() == hasher().add(std::int64_t{-1}).value());
    CHECK(hasher().add(1).add(2).value() != hasher().add(2).add(1).value());
    const std::byte bytes[] = {std::byte{'a'}};
    CHECK(hasher().add(std::span<const std::byte>(bytes)).value() == hasher().add("a").value());
}
