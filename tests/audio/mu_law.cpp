#include <lofi/audio/mu_law.hpp>

#include <cmath>
#include <cstdint>
#include <cstdlib>

#include <lofi/core/hash.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::audio;

// The hashes are of Python 3.11's audioop (FNV-1a over its bytes, 16-bit samples little-endian):
//   audioop.ulaw2lin(bytes(range(256)), 2), audioop.alaw2lin(bytes(range(256)), 2),
//   audioop.lin2alaw(struct.pack("<65536h", *range(-32768, 32768)), 2)
TEST_CASE("G.711 decodes and encodes as the reference does") {
    hasher mu, a, codes;
    const auto two_bytes = [](hasher& h, std::int16_t x) {
        const auto u = static_cast<std::uint16_t>(x);
        const std::byte bytes[] = {static_cast<std::byte>(u), static_cast<std::byte>(u >> 8)};
        h.add(std::span<const std::byte>(bytes));
    };
    for (int code = 0; code < 256; ++code) {
        two_bytes(mu, decode_mu_law(static_cast<std::uint8_t>(code)));
        two_bytes(a, decode_a_law(static_cast<std::uint8_t>(code)));
    }
    for (int x = -32768; x < 32768; ++x) {
        const std::byte code{encode_a_law(static_cast<std::int16_t>(x))};
        codes.add(std::span<const std::byte>(&code, 1));
    }
    CHECK(mu.value() == 0xb91e65d68481a1a8U);
    CHECK(a.value() == 0x693a40ca62a3d2a5U);
    CHECK(codes.value() == 0xf030666eb780cf25U);
}

// audioop.lin2ulaw(struct.pack("<32768h", *range(32768)), 2); below zero audioop rounds away, we mirror as the standard does.
TEST_CASE("mu-law encodes as the reference does, the same on both sides of zero") {
    hasher codes;
    for (int x = 0; x < 32768; ++x) {
        const std::byte code{encode_mu_law(static_cast<std::int16_t>(x))};
        codes.add(std::span<const std::byte>(&code, 1));
        if (x > 0) REQUIRE(encode_mu_law(static_cast<std::int16_t>(-x)) == (std::to_integer<int>(code) ^ 0x80));
    }
    CHECK(codes.value() == 0x18303138f6eaeb89U);
    CHECK(encode_mu_law(-32768) == 0);
}

TEST_CASE("the continuous curve is its formula, and its own inverse") {
    for (int i = -1000; i <= 1000; ++i) {
        const double x = i / 1000.0;
        CHECK(mu_law_compress(x) == Approx(std::copysign(std::log1p(255 * std::fabs(x)) / std::log(256.0), x)).margin(1e-15));
        CHECK(mu_law_expand(mu_law_compress(x)) == Approx(x).margin(1e-14));
    }
    CHECK(mu_law_compress(1.0) == 1.0);
}

TEST_CASE("the 256 classes cover the range in order") {
    for (int c = 0; c < 256; ++c) {
        const auto code = static_cast<std::uint8_t>(c);
        CHECK(encode_mu_law_256(decode_mu_law_256(code)) == code);
        if (c > 0) CHECK(decode_mu_law_256(code) > decode_mu_law_256(static_cast<std::uint8_t>(c - 1)));
    }
    CHECK(encode_mu_law_256(0.0F) == 128);
    CHECK(encode_mu_law_256(-1e-9F) == 127);
    CHECK(encode_mu_law_256(-7.0F) == 0);
    CHECK(encode_mu_law_256(7.0F) == 255);
    for (int i = -999; i < 1000; ++i) {
        const float x = static_cast<float>(i) / 1000.0F + 1e-5F;
        CHECK(encode_mu_law_256(x) == static_cast<int>(std::floor((mu_law_compress(x) + 1) * 128)));
    }
}
