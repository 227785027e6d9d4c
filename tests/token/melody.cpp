#include <lofi/token/melody.hpp>

#include "events_fixture.hpp"

using namespace lofi;
using namespace lofi::token;

TEST_CASE("melody: an implementation of its own in Python finds the same first melodies") {
    const auto cases = test::event_cases("melody");
    CHECK(cases.size() == 60);
    for (const test::event_case& c : cases) {
        const auto found = encode_melodies(c.piece).value();
        REQUIRE_FALSE(found.empty());
        CHECK(found[0] == c.ids);
        // What is decoded is encoded again.
        const auto again = encode_melodies(decode_melody(c.ids).value()).value();
        REQUIRE(again.size() == 1);
        CHECK(again[0] == c.ids);
    }
}

TEST_CASE("melody: a bar of silence parts two, and windows lie a bar apart") {
    score::piece p;
    p.tracks.resize(1);
    const auto note = [&](int step, int length, int midi) {
        p.tracks[0].notes.push_back({ticks(120 * step), ticks(120 * length), score::pitch(midi), {}});
    };
    note(4, 2, 60), note(4, 4, 72), note(8, 100, 64), note(10, 2, 65);
    note(12 + 16, 4, 67);
    const auto found = encode_melodies(p).value();
    REQUIRE(found.size() == 2);
    CHECK(found[0] == std::vector<std::int32_t>{0, 0, 0, 0, 53, 0, 0, 0, 45, 0, 46, 0, 1, 0, 0, 0});
    CHECK(found[1] == std::vector<std::int32_t>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 48, 0, 0, 0});
    std::vector<std::int32_t> three(48, 0);
    three[0] = 40, three[15] = 1, three[18] = 1, three[20] = 41;
    const auto windows = melody_windows(three);
    REQUIRE(windows.size() == 2);
    CHECK(windows[0][15] == 1);
    CHECK(windows[1][2] == 0);  // a note-off before the first note
    CHECK(windows[1][4] == 41);
}

TEST_CASE("melody: what does not count, and what is refused") {
    score::piece p;
    CHECK(encode_melodies(p).value().empty());
    p.tracks.resize(3);
    p.tracks[0].program = 32, p.tracks[1].channel = 9;
    for (auto& t : p.tracks) t.notes = {{ticks(0), ticks(480), score::pitch(60), {}}};
    p.tracks[2].notes[0].which = score::pitch(20);
    CHECK(encode_melodies(p).value().empty());
    p.meters = {{ticks(0), 6, 8}};
    CHECK_THAT(encode_melodies(p).error().message(), test::contains("is in 6/8"));
    CHECK(decode_melody(std::vector<std::int32_t>{2, 90}).error().message() == "step 2: class 90 is not 0 to 89");
    const auto piece = decode_melody(std::vector<std::int32_t>{41, 0, 1, 0, 42, 43}).value();
    REQUIRE(piece.tracks[0].notes.size() == 3);
    CHECK(piece.tracks[0].notes[0].length == ticks(240));
    CHECK(piece.tracks[0].notes[2].which.midi == 62);
}
