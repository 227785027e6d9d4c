#include <lofi/arrange/drum_voicing.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::arrange;
using score::drum;

namespace {
score::drum_hit hit(drum voice, int force, int offset = 0) {
    return {0, voice, score::velocity(force), static_cast<std::int8_t>(offset)};
}
}  // namespace

TEST_CASE("force: a drummer's range becomes a narrower one, in order, whatever the voice") {
    for (std::size_t v = 0; v < score::drum_count; ++v)
        for (const drum_manner how : {drum_manner::full, drum_manner::soft}) {
            const auto voice = static_cast<drum>(v);
            std::int32_t before = 0;
            for (int force = voice == drum::snare ? ghost_below : 1; force <= 127; ++force) {
                const std::int32_t now = lofi_force(hit(voice, force), how);
                CHECK(now >= before);
                CHECK(now >= 10);
                CHECK(now <= 115);
                before = now;
            }
            CHECK(before - lofi_force(hit(voice, 60), how) < 127 - 60);
        }
    CHECK(lofi_force(hit(drum::snare, ghost_below - 1), drum_manner::full) < 32);
    CHECK(lofi_force(hit(drum::snare, ghost_below), drum_manner::full) > 64);
    CHECK(lofi_force(hit(drum::low_tom, 100), drum_manner::soft) < lofi_force(hit(drum::low_tom, 100), drum_manner::full));
}

TEST_CASE("voice: a quiet section has a rim and a shaker, and keeps its kick") {
    CHECK(lofi_voice(hit(drum::snare, 90), drum_manner::full) == drum::snare);
    CHECK(lofi_voice(hit(drum::snare, 90), drum_manner::soft) == drum::rim);
    CHECK(lofi_voice(hit(drum::closed_hat, 90), drum_manner::soft) == drum::shaker);
    CHECK(lofi_voice(hit(drum::open_hat, 90), drum_manner::soft) == drum::shaker);
    CHECK(lofi_voice(hit(drum::ride, 90), drum_manner::soft) == drum::shaker);
    CHECK(lofi_voice(hit(drum::kick, 90), drum_manner::soft) == drum::kick);
}

TEST_CASE("lateness: the drummer's own, the looser the more") {
    CHECK(lofi_lateness(hit(drum::kick, 90, 64), {.looseness = 0}) == 0);
    CHECK(lofi_lateness(hit(drum::kick, 90, 64), {.looseness = 192}) == sixteenth / 2);
    CHECK(lofi_lateness(hit(drum::kick, 90, -64), {.looseness = 96}) == -sixteenth / 4);
    CHECK(lofi_lateness(hit(drum::snare, 90, 0), {.looseness = 255}) > 0);
}
