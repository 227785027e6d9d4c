#include <lofi/score/groove.hpp>

#include <set>

#include "support/test.hpp"

using namespace lofi::score;

TEST_CASE("every drum voice has a General MIDI key and a name of its own") {
    std::set<int> keys;
    std::set<std::string_view> names;
    for (std::size_t d = 0; d < drum_count; ++d) {
        keys.insert(general_midi_key(static_cast<drum>(d)).midi);
        names.insert(to_string(static_cast<drum>(d)));
    }
    CHECK(keys.size() == drum_count);
    CHECK(names.size() == drum_count);
    CHECK(*keys.begin() >= 35);
    CHECK(*keys.rbegin() <= 81);
    CHECK(general_midi_key(drum::snare).midi == 38);
    CHECK(general_midi_key(drum::ride).midi == 51);
    CHECK(groove{{{0, drum::kick, velocity(90), 3}}} == groove{{{0, drum::kick, velocity(90), 3}}});
    CHECK_FALSE(groove{{{0, drum::kick, velocity(90), 3}}} == groove{{{0, drum::kick, velocity(90), -3}}});
}
