#include <lofi/midi/time_map.hpp>

#include "bytes_of.hpp"
#include "support/test.hpp"

using namespace lofi::test;
using lofi::ticks;
using lofi::midi::meta;
using lofi::midi::time_map;

TEST_CASE("tempo, metre and key are gathered from every track, and the last on a tick wins") {
    lofi::midi::file f{.format = lofi::midi::format::parallel, .division = {100}};
    f.tracks.resize(2);
    f.tracks[0].add(ticks(0), meta::tempo, raw({0x07, 0xA1, 0x20}));
    f.tracks[0].add(ticks(200), meta::tempo, raw({0x0F, 0x42, 0x40}));
    f.tracks[0].add(ticks(300), meta::time_signature, raw({6, 3, 36, 8}));
    f.tracks[1].add(ticks(100), meta::tempo, raw({0x03, 0xD0, 0x90}));
    f.tracks[1].add(ticks(200), meta::tempo, raw({0x1E, 0x84, 0x80}));
    f.tracks[1].add(ticks(250), meta::tempo, raw({0, 0, 0}));
    f.tracks[1].add(ticks(260), meta::tempo, raw({1, 2}));
    f.tracks[1].add(ticks(0), meta::time_signature, raw({0, 2, 24, 8}));
    f.tracks[1].add(ticks(0), meta::time_signature, raw({4, 255, 24, 8}));
    f.tracks[1].add(ticks(0), meta::key_signature, raw({0xFD, 1}));
    f.tracks[1].add(ticks(9), meta::key_signature, raw({25, 0}));
    f.tracks[1].add(ticks(10), meta::key_signature, raw({2, 7}));
    const time_map m(f);
    CHECK(m.tempo_changes() ==
          std::vector<lofi::score::tempo_change>{{ticks(0), 500000}, {ticks(100), 250000}, {ticks(200), 2000000}});
    CHECK(m.meters() == std::vector<lofi::score::meter_change>{{ticks(300), 6, 8}});
    REQUIRE(m.keys().size() == 2);
    CHECK(to_string(m.keys()[0].key) == "C minor");
    CHECK(to_string(m.keys()[1].key) == "D major");
    CHECK(m.seconds_at(ticks(300)).value == Approx(0.5 + 0.25 + 2.0));
    CHECK(m.seconds_at(ticks(50)).value == Approx(0.25));

    f.format = lofi::midi::format::patterns;
    CHECK(time_map(f, 1).seconds_at(ticks(150)).value == Approx(0.5 + 0.125));
    CHECK(time_map(f, 7).tempo_changes().empty());
}

TEST_CASE("every key signature") {
    const char* major[] = {"B", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "Db"};
    const char* minor[] = {"Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#"};
    for (int sharps = -7; sharps <= 7; ++sharps)
        for (int mode = 0; mode < 2; ++mode) {
            lofi::midi::file f;
            f.tracks.resize(1);
            f.tracks[0].add(ticks(0), meta::key_signature, raw({sharps & 255, mode}));
            const auto k = time_map(f).keys().at(0).key;
            const auto name = mode == 0 ? major[sharps + 7] : minor[sharps + 7];
            CHECK(k.tonic == lofi::score::parse_pitch_class(name).value());
            CHECK(k.scale == (mode == 0 ? lofi::score::mode::ionian : lofi::score::mode::aeolian));
        }
}

TEST_CASE("SMPTE divisions count absolute time, whatever the tempo events say") {
    const std::pair<int, double> rates[] = {{24, 1.0}, {25, 1.0}, {29, 1.001}, {30, 1.0}};
    for (const auto& [rate, second] : rates) {
        lofi::midi::file f;
        f.division.raw = static_cast<std::uint16_t>((256 - rate) << 8 | 40);
        f.tracks.resize(1);
        f.tracks[0].add(ticks(0), meta::tempo, raw({1, 0, 0}));
        const time_map m(f);
        const int frames = rate == 29 ? 30 : rate;
        CHECK(m.seconds_at(ticks(frames * 40 * 60)).value == Approx(60 * second).epsilon(1e-12));
        const lofi::score::tempo_map exact(m.resolution(), m.tempo_changes());
        CHECK(exact.seconds_at(ticks(frames * 40 * 60)).value == Approx(60 * second).epsilon(1e-12));
    }
}

TEST_CASE("a division of 0 and ticks beyond everything are harmless") {
    lofi::midi::file f;
    f.division.raw = 0;
    f.tracks.resize(1);
    CHECK(time_map(f).seconds_at(ticks(480)).value == Approx(0.5));
    CHECK(time_map(f).seconds_at(ticks(INT64_MAX)).value > 0);
}
