#include <lofi/sampling/chord_mask.hpp>

#include <vector>

#include "support/test.hpp"

using namespace lofi::sampling;
namespace score = lofi::score;

namespace {
const std::vector<std::int16_t> octave = {60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, no_pitch};
const score::pitch_set major = {0, 2, 4, 5, 7, 9, 11}, c = {0, 4, 7}, d7 = {2, 5, 9, 0}, e_flat_maj7 = {3, 7, 10, 2};

std::vector<std::size_t> in(const id_mask<13>& m) {
    std::vector<std::size_t> ids;
    for (std::size_t id = 0; id < 13; ++id)
        if (m.has(id)) ids.push_back(id);
    return ids;
}
}  // namespace

TEST_CASE("strong steps take the chord, weak ones chord and scale") {
    CHECK(in(chord_mask<13>(octave, c, major, stress::strong)) == std::vector<std::size_t>{0, 4, 7, 12});
    CHECK(in(chord_mask<13>(octave, c, major, stress::weak)) == std::vector<std::size_t>{0, 2, 4, 5, 7, 9, 11, 12});
    CHECK(in(chord_mask<13>(octave, e_flat_maj7, major, stress::weak)) ==
          std::vector<std::size_t>{0, 2, 3, 4, 5, 7, 9, 10, 11, 12});
}

TEST_CASE("notes to avoid are those that theory names") {
    CHECK(avoid_notes(c, major) == score::pitch_set{5});                 // the fourth over I
    CHECK(avoid_notes(d7, major) == score::pitch_set{});                 // none over the Dorian ii7
    CHECK(avoid_notes({4, 7, 11, 2}, major) == score::pitch_set{5, 0});  // b9 and b13 over iii7
    CHECK(avoid_notes({5, 9, 0, 4}, major) == score::pitch_set{});       // none over the Lydian IVmaj7
    CHECK(avoid_notes({9, 0, 4, 7}, major) == score::pitch_set{5});      // b13 over vi7
    CHECK(in(avoid_mask<13>(octave, c, major)) == std::vector<std::size_t>{0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12});
}

TEST_CASE("guide tones are third and seventh") {
    CHECK(guide_tones(score::pitch_class(2), d7) == score::pitch_set{5, 0});
    CHECK(guide_tones(score::pitch_class(3), e_flat_maj7) == score::pitch_set{7, 2});
    std::vector<std::int32_t> bias(13);
    guide_bias<std::int32_t>(octave, score::pitch_class(0), c, 100, bias);
    for (std::size_t id = 0; id < 13; ++id) CHECK(bias[id] == (id == 4 ? 100 : 0));
}
