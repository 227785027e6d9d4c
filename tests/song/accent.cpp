#include <lofi/song/accent.hpp>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("accent: nothing at 0; less tonic and dominant, more of the others, the further the dial is turned") {
    for (const score::mode m : score::all_modes) {
        for (const std::int32_t b : song::accent(m, 0)) CHECK(b == 0);
        const auto half = song::accent(m, 128), full = song::accent(m, 255);
        CHECK(full[0] == 0);
        CHECK(full[model::chord_end] == 0);
        CHECK(full[1] < 0);
        CHECK(full[5] < half[5]);
        CHECK(half[5] < 0);
        CHECK(full[3] > half[3]);
        CHECK(full[6] > 0);
    }
}
