#include <lofi/sampling/voice_leading.hpp>

#include <cstdlib>
#include <vector>

#include "support/test.hpp"

using namespace lofi::sampling;

TEST_CASE("a register holds both its ends") {
    const std::vector<std::int16_t> pitches = {47, 48, 60, 72, 73, no_pitch};
    const auto m = register_mask<6>(pitches, 48, 72);
    CHECK_FALSE(m.has(0));
    CHECK(m.has(1));
    CHECK(m.has(3));
    CHECK_FALSE(m.has(4));
    CHECK(m.has(5));
}

TEST_CASE("leaps cost their size, steps nothing") {
    const std::vector<std::int16_t> pitches = {60, 67, 68, 53, 52, no_pitch};
    std::vector<std::int32_t> whole(6);
    leap_bias<std::int32_t>(pitches, 60, 1000, whole);
    CHECK(whole == std::vector<std::int32_t>{0, 0, -8000, 0, -8000, 0});
    std::vector<float> floats(6);
    leap_bias<float>(pitches, 60, 0.5F, floats, 2);
    CHECK(floats == std::vector<float>{0, -3.5F, -4, -3.5F, -4, 0});
    std::vector<float> first(6);
    leap_bias<float>(pitches, no_pitch, 0.5F, first);
    CHECK(first == std::vector<float>(6));
    // A cost beyond 32 bits is held there.
    leap_bias<std::int32_t>(pitches, 60, 2147483647, whole);
    CHECK(whole[2] == -2147483647);
}

TEST_CASE("fifths and octaves in parallel, and nothing else") {
    const moved_part up = {48, 50};
    CHECK(parallel(55, 57, up));        // fifths
    CHECK(parallel(67, 69, up));        // an octave higher
    CHECK(parallel(60, 62, up));        // octaves
    CHECK(parallel(48, 50, up));        // unison
    CHECK_FALSE(parallel(52, 54, up));  // thirds may
    CHECK_FALSE(parallel(53, 55, up));  // and so may fourths
    CHECK_FALSE(parallel(55, 55, up));
    CHECK_FALSE(parallel(62, 57, up));  // contrary motion into a fifth
    CHECK_FALSE(parallel(55, 57, {48, 48}));
    CHECK_FALSE(parallel(72, 62, up));  // octaves by contrary motion are no parallels
    CHECK_FALSE(parallel(no_pitch, 57, up));
    CHECK_FALSE(parallel(55, 57, {no_pitch, 50}));
    // Below the other part as above it.
    CHECK(parallel(41, 43, up));
    const std::vector<std::int16_t> pitches = {55, 56, 57, 58, no_pitch};
    const auto m = parallels_mask<5>(pitches, 55, up);
    CHECK(m.count() == 4);
    CHECK_FALSE(m.has(2));
}
