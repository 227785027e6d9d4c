#include <lofi/midi/convert.hpp>

#include <lofi/midi/read.hpp>
#include <lofi/midi/write.hpp>

#include "bytes_of.hpp"
#include "support/test.hpp"

using namespace lofi::test;
using lofi::ticks;
using lofi::midi::message;
using lofi::midi::meta;
namespace score = lofi::score;

namespace {

score::note note(int start, int length, int key, int force = 80) {
    return {ticks(start), ticks(length), score::pitch(key), score::velocity(force)};
}

score::piece example() {
    score::piece p;
    p.title = "Caf\xC3\xA9 at night";
    p.tempo = score::tempo_map(score::resolution(480), {{ticks(0), 750000}, {ticks(1920), 740740}});
    p.meters = {{ticks(0), 4, 4}, {ticks(3840), 6, 8}};
    p.keys = {{ticks(0), {score::pitch_class(3), score::mode::ionian}},
              {ticks(1920), {score::pitch_class(2), score::mode::dorian}},
              {ticks(3840), {score::pitch_class(0), score::mode::aeolian}}};
    p.markers = {{ticks(0), "verse"}, {ticks(1920), "chorus"}};
    p.tracks = {{"rhodes",
                 score::part::keys,
                 0,
                 4,
                 {note(0, 480, 60), note(0, 480, 64), note(480, 480, 60)},
                 {{ticks(0), 64, 127}, {ticks(470), 64, 0}}},
                {"lead", score::part::melody, 1, 4, {note(10, 0, 72), note(10, 5, 74)}, {}},
                {"sub", score::part::bass, 2, 38, {note(0, 1900, 36, 127)}, {}},
                {"kit", score::part::drums, 9, 0, {note(0, 10, 36), note(0, 10, 42), note(240, 10, 42, 1)}, {}},
                {"air", score::part::texture, 3, 89, {}, {}}};
    p.length = ticks(7680);
    return p;
}

score::piece there_and_back(const score::piece& p) {
    const auto b = lofi::midi::write(lofi::midi::from_piece(p).value()).value();
    return lofi::midi::to_piece(lofi::midi::read(b, {lofi::midi::read_mode::strict}).value().file).value();
}

}  // namespace

TEST_CASE("a piece comes back from a file as it was") {
    CHECK(there_and_back(example()) == example());
    CHECK(there_and_back({}) == score::piece{});
}

TEST_CASE("every key and mode comes back") {
    score::piece p;
    for (int tonic = 0; tonic < 12; ++tonic)
        for (const auto m : score::all_modes)
            p.keys.push_back({ticks(static_cast<std::int64_t>(p.keys.size()) * 480), {score::pitch_class(tonic), m}});
    p.length = ticks(84 * 480);
    CHECK(there_and_back(p).keys == p.keys);
}

TEST_CASE("a file of a piece is laid out as sequencers expect") {
    const auto f = lofi::midi::from_piece(example()).value();
    CHECK(f.format == lofi::midi::format::parallel);
    CHECK(f.division.raw == 480);
    REQUIRE(f.tracks.size() == 6);
    for (const auto& t : f.tracks) CHECK(t.end == ticks(7680));
    const auto& conductor = f.tracks[0];
    for (const auto& e : conductor.events) CHECK(e.is_meta());
    CHECK(conductor.events[0].is(meta::track_name));
    for (std::size_t i = 1; i < 6; ++i)
        for (const auto& e : f.tracks[i].events)
            CHECK_FALSE((e.is(meta::tempo) || e.is(meta::time_signature) || e.is(meta::key_signature)));
    // The key struck again at tick 480 ends before it starts; the pedal stands between.
    std::vector<int> order;
    for (const auto& e : f.tracks[1].events)
        if (e.at == ticks(480)) order.push_back(e.status);
    CHECK(order == std::vector{0x80, 0x80, 0x90});
    // D dorian is written with the signature of C, and as minor.
    const auto bytes_of = [&](meta type, std::size_t which) {
        for (const auto& e : conductor.events)
            if (e.is(type) && which-- == 0) return bytes(conductor.payload(e).begin(), conductor.payload(e).end());
        return bytes{};
    };
    CHECK(bytes_of(meta::key_signature, 0) == raw({0xFD, 0}));
    CHECK(bytes_of(meta::key_signature, 1) == raw({0, 1}));
    CHECK(bytes_of(meta::text, 0) == text("key: D dorian"));
    CHECK(bytes_of(meta::time_signature, 1) == raw({6, 3, 36, 8}));
    CHECK(bytes_of(meta::tempo, 0) == raw({0x0B, 0x71, 0xB0}));
}

TEST_CASE("tracks that share a channel with other programs keep their sound") {
    score::piece p;
    p.tracks = {{"one", score::part::keys, 0, 4, {note(0, 10, 60), note(200, 10, 60)}, {}},
                {"two", score::part::melody, 0, 80, {note(100, 10, 70), note(300, 10, 70)}, {}}};
    p.length = ticks(400);
    CHECK(there_and_back(p) == p);
}

TEST_CASE("a track of several instruments becomes several tracks") {
    lofi::midi::file f{.format = lofi::midi::format::single, .division = {96}};
    auto& t = f.tracks.emplace_back();
    t.add(ticks(0), meta::track_name, "caf\xE9");
    t.add(ticks(0), message::program_change, 0, 33);
    t.add(ticks(0), message::note_on, 0, 40, 100);
    t.add(ticks(0), message::note_on, 9, 36, 100);
    t.add(ticks(10), message::note_off, 0, 40, 64);
    t.add(ticks(10), message::note_off, 9, 36, 64);
    t.add(ticks(20), message::program_change, 0, 73);
    t.add(ticks(20), message::note_on, 0, 80, 100);
    t.add(ticks(25), message::control_change, 0, 1, 5);
    t.add(ticks(30), message::note_off, 0, 80, 64);
    t.add(ticks(30), meta::port, raw({1}));
    t.add(ticks(30), message::note_on, 0, 81, 100);
    t.end = ticks(50);
    const auto p = lofi::midi::to_piece(f).value();
    CHECK(p.title == "caf\xC3\xA9");
    CHECK(p.length == ticks(50));
    REQUIRE(p.tracks.size() == 4);
    CHECK(p.tracks[0].part == score::part::bass);
    CHECK(p.tracks[0].notes == std::vector{note(0, 10, 40, 100)});
    CHECK(p.tracks[1].part == score::part::drums);
    CHECK(p.tracks[2].program == 73);
    CHECK(p.tracks[2].part == score::part::melody);
    CHECK(p.tracks[2].controls == std::vector{score::control{ticks(25), 1, 5}});
    CHECK(p.tracks[3].notes == std::vector{note(30, 20, 81, 100)});
    for (const auto& made : p.tracks) CHECK(made.name == "caf\xC3\xA9");
}

TEST_CASE("patterns are pieces of their own") {
    lofi::midi::file f{.format = lofi::midi::format::patterns, .division = {96}};
    f.tracks.resize(2);
    f.tracks[0].add(ticks(0), meta::tempo, raw({0x0F, 0x42, 0x40}));
    f.tracks[1].add(ticks(0), message::note_on, 0, 60, 100);
    f.tracks[1].add(ticks(96), message::note_off, 0, 60, 0);
    CHECK(lofi::midi::to_piece(f, 0).value().tracks.empty());
    CHECK(lofi::midi::to_piece(f, 0).value().tempo.changes().size() == 1);
    CHECK(lofi::midi::to_piece(f, 1).value().tracks.size() == 1);
    CHECK(lofi::midi::to_piece(f, 1).value().tempo.changes().empty());
    CHECK_FALSE(lofi::midi::to_piece(f, 2));
    f.format = lofi::midi::format::parallel;
    CHECK_FALSE(lofi::midi::to_piece(f, 1));
}

TEST_CASE("a SMPTE file keeps its time") {
    lofi::midi::file f{.format = lofi::midi::format::single, .division = {0xE728}};
    f.tracks.resize(1);
    f.tracks[0].add(ticks(0), meta::tempo, raw({1, 0, 0}));
    f.tracks[0].add(ticks(1000), message::note_on, 0, 60, 100);
    f.tracks[0].add(ticks(2500), message::note_off, 0, 60, 0);
    const auto p = lofi::midi::to_piece(f).value();
    CHECK(p.tempo.seconds_at(p.tracks.at(0).notes.at(0).end()).value == 2.5);
}

TEST_CASE("what MIDI cannot say is refused") {
    const auto refusal = [](const score::piece& p) {
        auto f = lofi::midi::from_piece(p);
        REQUIRE_FALSE(f);
        return f.error().message();
    };
    auto p = example();
    SECTION("resolution") {
        p.tempo = score::tempo_map(score::resolution(40000));
        CHECK_THAT(refusal(p), contains("40000"));
    }
    SECTION("metre") {
        p.meters[0].denominator = 3;
        CHECK_THAT(refusal(p), contains("metre 4/3"));
    }
    SECTION("tempo") {
        p.tempo = score::tempo_map(score::resolution(480), {{ticks(0), 20000000}});
        CHECK_THAT(refusal(p), contains("slower than MIDI can say"));
    }
    SECTION("before the start") {
        p.tracks[2].notes[0].start = ticks(-1);
        CHECK_THAT(refusal(p), contains("track 3 (sub): a note or a control stands before tick 0"));
    }
    SECTION("a marker before the start") {
        p.markers[0].at = ticks(-1);
        CHECK_THAT(refusal(p), contains("before tick 0"));
    }
    SECTION("channel") {
        p.tracks[0].channel = 16;
        CHECK_THAT(refusal(p), contains("channel 16"));
    }
    SECTION("a length below 0") {
        p.tracks[0].notes[0].length = ticks(-5);
        CHECK_THAT(refusal(p), contains("ends before it starts"));
    }
}

TEST_CASE("a file too long for exact time makes no piece") {
    lofi::midi::file f;
    f.tracks.resize(1);
    f.tracks[0].end = ticks((std::int64_t{1} << 38) + 1);
    CHECK_THAT(lofi::midi::to_piece(f).error().message(), contains("2^38"));
    f.tracks[0].end = ticks(std::int64_t{1} << 38);
    const auto p = lofi::midi::to_piece(f).value();
    CHECK(p.tempo.seconds_at(p.length).value > 1e8);
}
