#include <lofi/sampling/pitch_ids.hpp>

#include <vector>

#include "support/test.hpp"

using namespace lofi::sampling;

TEST_CASE("ids without a pitch stay in, and no bias moves them") {
    const std::vector<std::int16_t> pitches = {no_pitch, 60, -5, 61};
    const auto none = pitch_mask<5>(pitches, [](int) { return false; });
    CHECK(none.count() == 1);
    CHECK(none.has(0));
    CHECK_FALSE(none.has(4));  // beyond the vocabulary
    CHECK(pitch_mask<4>(pitches, [](int p) { return p < 61; }).count() == 3);
    std::vector<std::int32_t> bias = {5, 5, 5, 5};
    pitch_bias(pitches, std::span(bias), [](int p) { return p; });
    CHECK(bias == std::vector<std::int32_t>{5, 65, 0, 66});
}

TEST_CASE("what would overflow is held, and what is removed stays removed") {
    constexpr std::int32_t out = std::numeric_limits<std::int32_t>::min(), most = std::numeric_limits<std::int32_t>::max();
    const std::vector<std::int16_t> pitches = {1, 2, 3};
    std::vector<std::int32_t> bias = {out, most, -most};
    pitch_bias(pitches, std::span(bias), [](int p) { return p == 3 ? -most : most; });
    CHECK(bias == std::vector<std::int32_t>{out, most, -most});
    std::vector<float> floats = {-std::numeric_limits<float>::infinity(), 1.0F, 0.0F};
    pitch_bias(pitches, std::span(floats), [](int p) { return p * 0.5F; });
    CHECK(floats == std::vector<float>{-std::numeric_limits<float>::infinity(), 2.0F, 1.5F});
}
