#include <lofi/core/bytes.hpp>

#include <limits>

#include "support/test.hpp"

using lofi::byte_order;
using lofi::byte_reader;
using lofi::byte_writer;

TEST_CASE("numbers come back in both orders, whatever the machine's") {
    byte_writer w;
    w.u8(0xAB);
    w.u16_be(0x0102);
    w.u16_le(0x0102);
    w.u32_be(0x01020304);
    w.u32_le(0x01020304);
    w.u24_le(0xFFA1B2C3);
    w.u64_le(0x0102030405060708);
    w.f32_le(-0.15625F);
    w.text("end");
    const unsigned char expected[] = {0xAB, 1, 2, 2, 1, 1, 2, 3, 4,    4,    3,    2,    1,   0xC3, 0xB2, 0xA1,
                                      8,    7, 6, 5, 4, 3, 2, 1, 0x00, 0x00, 0x20, 0xBE, 'e', 'n',  'd'};
    REQUIRE(w.size() == sizeof(expected));
    for (std::size_t i = 0; i < sizeof(expected); ++i) CHECK(std::to_integer<int>(w.bytes()[i]) == expected[i]);

    byte_reader r(w.bytes());
    CHECK(r.u8() == 0xAB);
    CHECK(r.u16_be() == 0x0102);
    CHECK(r.u16_le() == 0x0102);
    CHECK(r.u32_be() == 0x01020304);
    CHECK(r.u32_le() == 0x01020304);
    CHECK(r.number<std::uint32_t, byte_order::little, 3>() == 0xA1B2C3);
    CHECK(r.u64_le() == 0x0102030405060708);
    CHECK(r.u32_le() == 0xBE200000);
    CHECK(r.text(3) == "end");
    CHECK(r.left() == 0);
    CHECK_FALSE(r.failed());
}

TEST_CASE("a read beyond the end gives zero, moves nothing and is remembered") {
    const std::byte three[3] = {std::byte{1}, std::byte{2}, std::byte{3}};
    byte_reader r(three);
    CHECK(r.u32_be() == 0);
    CHECK(r.failed());
    CHECK(r.position() == 0);
    CHECK(r.u16_be() == 0x0102);
    CHECK(r.failed());
    byte_reader t(three);
    CHECK(t.take(4).empty());
    CHECK(t.failed());
    byte_reader u(three);
    CHECK(u.take(3).size() == 3);
    CHECK_FALSE(u.failed());
    CHECK(u.u8() == 0);
    CHECK(u.failed());
}

TEST_CASE("a place beyond the end is allowed until it is read") {
    const std::byte one[1] = {std::byte{9}};
    byte_reader r(one);
    r.seek(std::numeric_limits<std::size_t>::max());
    CHECK(r.left() == 0);
    CHECK_FALSE(r.failed());
    CHECK(r.u8() == 0);
    CHECK(r.failed());
    byte_reader huge(one);
    CHECK(huge.take(std::numeric_limits<std::size_t>::max()).empty());
    CHECK(huge.failed());
}

TEST_CASE("a length known afterwards is written into its place") {
    byte_writer w;
    w.u32_be(0);
    w.text("abc");
    w.patch_u32_be(0, 0x00000003);
    byte_reader r(w.bytes());
    CHECK(r.u32_be() == 3);
    CHECK(std::move(w).take().size() == 7);
}
