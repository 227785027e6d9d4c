#include <lofi/sampling/scale_mask.hpp>

#include <set>
#include <vector>

#include "support/test.hpp"

using namespace lofi::sampling;
namespace score = lofi::score;

namespace {
// A rest, and the pitches 0 to 127.
std::vector<std::int16_t> piano() {
    std::vector<std::int16_t> p = {no_pitch};
    for (std::int16_t i = 0; i < 128; ++i) p.push_back(i);
    return p;
}
}  // namespace

TEST_CASE("a scale is its pitch classes in every octave") {
    CHECK(scale_of(score::pitch_class(0), score::mode::ionian) == score::pitch_set{0, 2, 4, 5, 7, 9, 11});
    CHECK(scale_of(score::pitch_class(2), score::mode::dorian) == score::pitch_set{0, 2, 4, 5, 7, 9, 11});
    CHECK(scale_of(score::pitch_class(9), score::mode::aeolian) == score::pitch_set{0, 2, 4, 5, 7, 9, 11});
    CHECK(scale_of(score::pitch_class(7), score::mode::ionian) == score::pitch_set{7, 9, 11, 0, 2, 4, 6});
    const auto white = scale_mask<129>(piano(), scale_of(score::pitch_class(0), score::mode::ionian));
    const std::set<int> classes = {0, 2, 4, 5, 7, 9, 11};
    CHECK(white.has(0));
    for (int p = 0; p < 128; ++p) CHECK(white.has(static_cast<std::size_t>(p) + 1) == (classes.count(p % 12) != 0));
}

TEST_CASE("what passes does so by step, on weak steps alone") {
    const auto scale = scale_of(score::pitch_class(0), score::mode::ionian);
    const auto strict = scale_mask<129>(piano(), scale);
    CHECK(scale_mask<129>(piano(), scale, stress::strong, 60) == strict);
    CHECK(scale_mask<129>(piano(), scale, stress::weak, no_pitch) == strict);
    auto weak = scale_mask<129>(piano(), scale, stress::weak, 60);
    CHECK(weak.has(61 + 1));
    CHECK(weak.has(58 + 1));
    CHECK_FALSE(weak.has(63 + 1));
    CHECK_FALSE(weak.has(73 + 1));
    CHECK(weak.remove(62).remove(59) == strict);
    // A note outside the scale does not come twice: it passes.
    CHECK_FALSE(scale_mask<129>(piano(), scale, stress::weak, 61).has(61 + 1));
}

TEST_CASE("a soft scale costs what lies outside it") {
    const std::vector<std::int16_t> pitches = {no_pitch, 60, 61, 62};
    const auto scale = scale_of(score::pitch_class(0), score::mode::ionian);
    std::vector<std::int32_t> whole = {1, 1, 1, 1};
    scale_bias<std::int32_t>(pitches, scale, -65536, whole);
    CHECK(whole == std::vector<std::int32_t>{1, 1, -65535, 1});
    std::vector<float> floats(4);
    scale_bias<float>(pitches, scale, -2.0F, floats);
    CHECK(floats == std::vector<float>{0, 0, -2, 0});
}
