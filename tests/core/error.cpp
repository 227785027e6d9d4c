#include <lofi/core/error.hpp>

#include <memory>

#include "support/test.hpp"

using lofi::error;
using lofi::result;

TEST_CASE("an error says its place first, and places may be put in front") {
    const error e("byte 312", "track ends inside an event");
    CHECK(e.message() == "byte 312: track ends inside an event");
    CHECK(e.at("kit.mid").message() == "kit.mid: byte 312: track ends inside an event");
    CHECK(std::string(e.what()) == e.message());
    CHECK(error("alone").message() == "alone");
}

TEST_CASE("a result holds a value or the error in its place") {
    const result<int> good = 7;
    CHECK(good);
    CHECK(*good == 7);
    CHECK(good.value() == 7);
    const result<int> bad = error("no");
    CHECK_FALSE(bad);
    CHECK(bad.error().message() == "no");
    CHECK_THROWS_AS(bad.value(), error);
    CHECK_THROWS_WITH(bad.value(), "no");
}

TEST_CASE("a result gives up what it holds, also where that cannot be copied") {
    result<std::unique_ptr<int>> r = std::make_unique<int>(3);
    CHECK(**r == 3);
    const std::unique_ptr<int> taken = std::move(r).value();
    CHECK(*taken == 3);
    result<std::string> s = std::string("text");
    CHECK(s->size() == 4);
    s.value() += "!";
    CHECK(*std::move(s) == "text!");
}

TEST_CASE("a result of nothing") {
    const result<void> done;
    CHECK(done);
    CHECK_NOTHROW(done.value());
    const result<void> failed = error("full");
    CHECK_FALSE(failed);
    CHECK(failed.error().message() == "full");
    CHECK_THROWS_AS(failed.value(), error);
}

TEST_CASE("raise throws the error it was given") { CHECK_THROWS_WITH(lofi::raise(error("x", "y")), "x: y"); }
