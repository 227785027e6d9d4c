#include <lofi/core/phase.hpp>

#include <cmath>
#include <cstdint>

#include "support/test.hpp"

using namespace lofi;

static_assert(phase32::step(hertz(12000), hertz(48000)) == 0x40000000U);
static_assert(phase32::step(hertz(-12000), hertz(48000)) == 0xc0000000U);
static_assert(phase32::step(hertz(60000), hertz(48000)) == 0x40000000U);
static_assert(phase32::turns(-2.75) == phase32(0x40000000U));

TEST_CASE("a step is the nearest whole number and wraps without drift") {
    CHECK(phase32::step(hertz(440), hertz(44100)) == 42'852'281U);  // 440 / 44100 * 2^32 = 42852281.3
    CHECK(phase32::step(hertz(0), hertz(44100)) == 0U);
    // After an hour the phase is what the step says to the last bit, however it was reached.
    phase32 stepped, leapt;
    const std::uint32_t step = phase32::step(hertz(261.6255653), hertz(48000));
    for (std::uint32_t i = 0; i < 1'000'000; ++i) stepped.advance(step);
    leapt.advance(step, 1'000'000);
    CHECK(stepped == leapt);
}

TEST_CASE("readings of a phase") {
    CHECK(phase32(0).unit() == 0.0F);
    CHECK(phase32(0xffffffffU).unit() < 1.0F);
    CHECK(phase32(0x80000000U).unit() == 0.5F);
    CHECK(phase32(0x80000000U).saw() == -1.0F);
    CHECK(phase32(0x40000000U).saw() == 0.5F);
    CHECK(phase32(0x20000000U).sine() == Approx(std::sqrt(0.5F)).epsilon(2e-7));
}
