#include <lofi/core/bits.hpp>

#include <cstdint>

#include "support/test.hpp"

TEST_CASE("bits: those of IEEE 754, both ways, in constant expressions too") {
    static_assert(lofi::bits_as<std::uint32_t>(1.0F) == 0x3f800000U);
    static_assert(lofi::bits_as<double>(std::uint64_t{0xc000000000000000U}) == -2.0);
    const volatile float x = -0.0F;
    CHECK(lofi::bits_as<std::uint32_t>(float{x}) == 0x80000000U);
    CHECK(lofi::bits_as<std::uint32_t>(lofi::bits_as<float>(std::uint32_t{0x7fc12345U})) == 0x7fc12345U);
}
