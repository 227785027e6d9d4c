#include <lofi/score/note.hpp>

#include <algorithm>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::score;

TEST_CASE("velocities stay playable") {
    CHECK(velocity(0).value == 1);
    CHECK(velocity(-5).value == 1);
    CHECK(velocity(64).value == 64);
    CHECK(velocity(300).value == 127);
}

TEST_CASE("notes are sorted by start, then pitch, then length, and none is lost") {
    std::vector<note> notes;
    for (int i = 0; i < 60; ++i)
        notes.push_back({ticks((i * 37) % 5), ticks((i * 11) % 4), pitch(40 + (i * 7) % 3), velocity(i)});
    const auto before = notes;
    sort_notes(notes);
    REQUIRE(notes.size() == before.size());
    CHECK(std::is_permutation(notes.begin(), notes.end(), before.begin()));
    for (std::size_t i = 1; i < notes.size(); ++i) {
        const auto rank = [](const note& n) { return std::tuple(n.start, n.which, n.length); };
        CHECK(rank(notes[i - 1]) <= rank(notes[i]));
    }
    CHECK(note{ticks(10), ticks(5)}.end() == ticks(15));
}

TEST_CASE("drums are known by their part or by channel ten") {
    track t;
    CHECK_FALSE(t.drums());
    t.channel = 9;
    CHECK(t.drums());
    t.channel = 0, t.part = part::drums;
    CHECK(t.drums());
    CHECK(to_string(part::bass) == "bass");
}
