#include <lofi/core/units.hpp>

#include <type_traits>

#include "support/test.hpp"

using lofi::frames;
using lofi::seconds;
using lofi::ticks;

template <class A, class B>
concept addable = requires(A a, B b) {
    a + b;
};
template <class A, class B>
concept comparable = requires(A a, B b) {
    a < b;
};

TEST_CASE("units of one kind reckon with each other") {
    CHECK(ticks(3) + ticks(4) == ticks(7));
    CHECK(ticks(3) - ticks(4) == ticks(-1));
    CHECK(-ticks(3) == ticks(-3));
    CHECK(ticks(3) * 5 == ticks(15));
    CHECK(5 * ticks(3) == ticks(15));
    CHECK(ticks(7) / 2 == ticks(3));
    CHECK(ticks(7) / ticks(2) == 3);
    CHECK(ticks(7) % ticks(4) == ticks(3));
    CHECK(ticks(1) < ticks(2));
    ticks t(1);
    t += ticks(5);
    t -= ticks(2);
    CHECK(t == ticks(4));
    CHECK(seconds(1.0) / seconds(4.0) == 0.25);
    CHECK(ticks() == ticks(0));
}

TEST_CASE("units of two kinds do not mix, nor do plain numbers slip in") {
    STATIC_REQUIRE(addable<ticks, ticks>);
    STATIC_REQUIRE_FALSE(addable<ticks, frames>);
    STATIC_REQUIRE_FALSE(comparable<ticks, frames>);
    STATIC_REQUIRE_FALSE(addable<ticks, std::int64_t>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<std::int64_t, ticks>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<ticks, frames>);
    STATIC_REQUIRE(sizeof(ticks) == sizeof(std::int64_t));
    STATIC_REQUIRE(std::is_trivially_copyable_v<ticks>);
}
