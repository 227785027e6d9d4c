#include <lofi/song/mood.hpp>

#include <lofi/model/lead_plan.hpp>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("moods: each can be found, and what it asks for can be met") {
    for (const song::mood& m : song::moods) {
        CHECK(song::find_mood(m.name).value().name == m.name);
        const auto tempo = static_cast<std::int32_t>(2000 * m.tempo.value),
                   energy = static_cast<std::int32_t>(65536 * m.energy);
        const auto e = model::reachable_energy(tempo), v = model::reachable_valence(tempo, energy, m.scale);
        INFO(m.name);
        CHECK(energy >= e.low);
        CHECK(energy <= e.high);
        CHECK(65536 * m.valence >= v.low);
        CHECK(65536 * m.valence <= v.high);
    }
    CHECK_FALSE(song::find_mood("Night"));
    CHECK_FALSE(song::find_mood(""));
}
