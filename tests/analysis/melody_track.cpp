#include <lofi/analysis/melody_track.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::analysis;

namespace {

score::track line(const char* name, int low, int program = 0) {
    score::track t;
    t.name = name;
    t.program = static_cast<std::uint8_t>(program);
    constexpr int steps[] = {0, 4, 2, 5, 4, 7, 5, 2};
    for (int i = 0; i < 32; ++i) t.notes.push_back({ticks(i * 480), ticks(480), score::pitch(low + steps[i % 8]), {}});
    return t;
}
score::track chords() {
    score::track t;
    for (int i = 0; i < 8; ++i)
        for (const int m : {55, 60, 64, 67}) t.notes.push_back({ticks(i * 1920), ticks(1920), score::pitch(m), {}});
    return t;
}

}  // namespace

TEST_CASE("a track that says so sings; without names it is the high line") {
    score::piece p;
    p.tracks = {chords(), line("", 36), line("", 67), line("Lead Vocal", 55)};
    CHECK(find_melody(p).track == 3);
    p.tracks[3].name = "Strings";
    const found_melody m = find_melody(p);
    CHECK(m.source == melody_source::track);
    CHECK(m.track == 2);
    CHECK(m.notes == p.tracks[2].notes);
    p.tracks[2].channel = 9;  // drums, whatever they play
    CHECK(find_melody(p).track == 3);
    p.tracks[3].name = "Bass";
    CHECK(find_melody(p).source == melody_source::skyline);
}

TEST_CASE("a piano alone sings with its highest notes") {
    score::piece p;
    p.tracks = {chords()};
    for (const score::note& n : line("", 72).notes) p.tracks[0].notes.push_back(n);
    score::sort_notes(p.tracks[0].notes);
    const found_melody m = find_melody(p);
    CHECK(m.source == melody_source::skyline);
    CHECK(m.notes == line("", 72).notes);
}

TEST_CASE("a skyline is one line, and holds no inner voices") {
    const auto n = [](int at, int length, int pitch) { return score::note{ticks(at), ticks(length), score::pitch(pitch), {}}; };
    CHECK(skyline({n(0, 960, 60), n(0, 960, 72), n(480, 480, 64), n(960, 960, 67), n(1440, 960, 74)}) ==
          std::vector<score::note>{n(0, 960, 72), n(960, 480, 67), n(1440, 960, 74)});
    CHECK(skyline({}).empty());
}

TEST_CASE("no notes, or drums alone, sing nothing") {
    score::piece p;
    CHECK(find_melody(p).source == melody_source::none);
    p.tracks = {line("", 60)};
    p.tracks[0].channel = 9;
    CHECK(find_melody(p).source == melody_source::none);
    CHECK(find_melody(p).notes.empty());
}
