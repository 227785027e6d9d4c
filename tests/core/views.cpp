#include <lofi/core/views.hpp>

#include <numeric>
#include <vector>

#include "support/test.hpp"

TEST_CASE("rows show memory that somebody else owns") {
    std::vector<float> data(12);
    std::iota(data.begin(), data.end(), 0.0F);
    const lofi::rows<float, 4> r(data.data(), 3);
    CHECK(r.count() == 3);
    CHECK(r.size() == 12);
    CHECK_FALSE(r.empty());
    CHECK(r.width == 4);
    CHECK(r[1][2] == 6.0F);
    CHECK(r.flat().size() == 12);
    r[2][3] = -1.0F;
    CHECK(data[11] == -1.0F);
    const auto part = r.sub(1, 2);
    CHECK(part.data() == data.data() + 4);
    CHECK(part.count() == 2);
    CHECK(part[1][3] == -1.0F);
    CHECK(r.sub(3, 0).empty());
}

TEST_CASE("rows that may be written are rows that may be read, and not the other way round") {
    STATIC_REQUIRE(std::is_convertible_v<lofi::rows<float, 3>, lofi::rows<const float, 3>>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<lofi::rows<const float, 3>, lofi::rows<float, 3>>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<lofi::rows<float, 3>, lofi::rows<const float, 4>>);
    CHECK(lofi::rows<float, 3>().empty());
}
