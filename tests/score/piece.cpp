#include <lofi/score/piece.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::score;

TEST_CASE("a piece finds its parts and its last end") {
    piece p;
    CHECK(p.last_end() == ticks(0));
    CHECK(p.find(part::bass) == nullptr);
    CHECK(p.resolution() == resolution(480));

    track keys, bass, more;
    keys.name = "one", bass.name = "two", more.name = "three";
    bass.part = more.part = part::bass;
    keys.notes = {{ticks(0), ticks(2000)}};
    bass.notes = {{ticks(0), ticks(480)}, {ticks(960), ticks(480)}};
    p.tracks = {keys, bass, more};
    CHECK(p.last_end() == ticks(2000));
    REQUIRE(p.find(part::bass) != nullptr);
    CHECK(p.find(part::bass)->name == "two");

    piece q = p;
    CHECK(p == q);
    q.tracks[1].notes[1].force = velocity(81);
    CHECK_FALSE(p == q);
}
