#include <lofi/midi/summary.hpp>

#include "bytes_of.hpp"
#include "support/test.hpp"

using namespace lofi::test;
using lofi::ticks;
using lofi::midi::message;
using lofi::midi::meta;

TEST_CASE("a file in numbers") {
    lofi::midi::file f{.format = lofi::midi::format::parallel, .division = {100}};
    f.tracks.resize(2);
    f.tracks[0].add(ticks(0), meta::tempo, raw({0x0F, 0x42, 0x40}));
    f.tracks[0].add(ticks(100), meta::tempo, raw({0x07, 0xA1, 0x20}));
    f.tracks[0].add(ticks(0), meta::time_signature, raw({3, 2, 24, 8}));
    f.tracks[0].add(ticks(0), meta::key_signature, raw({0, 0}));
    std::sort(f.tracks[0].events.begin(), f.tracks[0].events.end(), [](auto& a, auto& b) { return a.at < b.at; });
    f.tracks[1].add(ticks(0), message::note_on, 0, 60, 1);
    f.tracks[1].add(ticks(10), message::note_on, 0, 60, 0);
    f.tracks[1].add(ticks(20), message::note_on, 0, 62, 1);
    f.tracks[1].end = ticks(300);
    auto s = lofi::midi::summarise(f);
    CHECK(s.tracks == 2);
    CHECK(s.events == 7);
    CHECK(s.note_ons == 2);
    CHECK(s.notes == 1);
    CHECK(s.end_tick == ticks(300));
    CHECK(s.duration.value == Approx(1.0 + 1.0));
    CHECK(s.tempo_changes == 2);
    CHECK(s.meter_changes == 1);
    CHECK(s.key_changes == 1);

    // Patterns stand alone: the second has no tempo of its own, so 120 bpm.
    f.format = lofi::midi::format::patterns;
    s = lofi::midi::summarise(f);
    CHECK(s.duration.value == Approx(1.5));
    CHECK(s.tempo_changes == 2);
}

TEST_CASE("an empty file") {
    const auto s = lofi::midi::summarise({});
    CHECK(s.tracks == 0);
    CHECK(s.duration.value == 0.0);
}
