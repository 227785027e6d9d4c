#include <lofi/midi/write.hpp>

#include <lofi/midi/read.hpp>

#include "bytes_of.hpp"
#include "support/test.hpp"

using namespace lofi::test;
using lofi::ticks;
using lofi::midi::message;
using lofi::midi::meta;

namespace {

lofi::midi::file example() {
    lofi::midi::file f{.format = lofi::midi::format::single, .division = {96}};
    auto& t = f.tracks.emplace_back();
    t.add(ticks(0), meta::tempo, raw({7, 0xA1, 0x20}));
    t.add(ticks(0), message::note_on, 0, 60, 100);
    t.add(ticks(96), message::note_on, 0, 60, 0);
    t.add(ticks(96), message::program_change, 1, 5);
    t.add(ticks(300), message::channel_pressure, 1, 6);
    t.add_sysex(ticks(300), raw({0x7E, 0x7F, 9, 1, 0xF7}));
    t.add(ticks(300), message::note_off, 1, 1, 2);
    t.end = ticks(16384 + 300);
    return f;
}
std::string refusal(const lofi::midi::file& f) {
    auto b = lofi::midi::write(f);
    REQUIRE_FALSE(b);
    return b.error().message();
}
lofi::midi::file strictly(const bytes& b) { return lofi::midi::read(b, {lofi::midi::read_mode::strict}).value().file; }

}  // namespace

TEST_CASE("a file is written byte for byte") {
    const bytes start = raw({0, 0xFF, 0x51, 3, 7, 0xA1, 0x20});
    const bytes running = start + raw({0, 0x90, 60,   100, 96, 60,   0, 0,    0xC1, 5, 0x81, 0x4C, 0xD1, 6,    0,    0xF0,
                                       5, 0x7E, 0x7F, 9,   1,  0xF7, 0, 0x81, 1,    2, 0x81, 0x80, 0x00, 0xFF, 0x2F, 0});
    CHECK(lofi::midi::write(example()).value() == header(0, 1, 96) + chunk_of("MTrk", running));
    const bytes plain = start + raw({0, 0x90, 60,   100, 96, 0x90, 60, 0,    0, 0xC1, 5,    0x81, 0x4C, 0xD1, 6,    0, 0xF0,
                                     5, 0x7E, 0x7F, 9,   1,  0xF7, 0,  0x81, 1, 2,    0x81, 0x80, 0x00, 0xFF, 0x2F, 0});
    CHECK(lofi::midi::write(example(), {.status = lofi::midi::status_bytes::every_event}).value() ==
          header(0, 1, 96) + chunk_of("MTrk", plain));
}

TEST_CASE("numbers have their shortest form") {
    const std::pair<std::int64_t, bytes> forms[] = {{0, raw({0})},
                                                    {0x7F, raw({0x7F})},
                                                    {0x80, raw({0x81, 0})},
                                                    {0x3FFF, raw({0xFF, 0x7F})},
                                                    {0x4000, raw({0x81, 0x80, 0})},
                                                    {0x1FFFFF, raw({0xFF, 0xFF, 0x7F})},
                                                    {0x200000, raw({0x81, 0x80, 0x80, 0})},
                                                    {0xFFFFFFF, raw({0xFF, 0xFF, 0xFF, 0x7F})}};
    for (const auto& [delta, form] : forms) {
        lofi::midi::file f{.format = lofi::midi::format::single, .division = {96}};
        f.tracks.resize(1);
        f.tracks[0].add(ticks(delta), message::note_on, 0, 1, 2);
        CHECK(lofi::midi::write(f).value() == one_track(form + raw({0x90, 1, 2})));
        f.tracks[0].events.clear();
        CHECK(lofi::midi::write(f).value() == header(0, 1, 96) + chunk_of("MTrk", form + raw({0xFF, 0x2F, 0})));
    }
}

TEST_CASE("pauses longer than a number keep their length") {
    lofi::midi::file f;
    f.tracks.resize(1);
    const std::int64_t far = 5 * std::int64_t{0xFFFFFFF} + 17;
    f.tracks[0].add(ticks(0), message::note_on, 0, 60, 1);
    f.tracks[0].add(ticks(far), message::note_on, 0, 60, 0);
    f.tracks[0].end = ticks(2 * far);
    const auto t = strictly(lofi::midi::write(f).value()).tracks.at(0);
    std::vector<ticks> notes;
    for (const auto& e : t.events)
        if (e.is_channel()) notes.push_back(e.at);
    CHECK(notes == std::vector{ticks(0), ticks(far)});
    CHECK(t.end == ticks(2 * far));
}

TEST_CASE("RMID") {
    for (int extra = 0; extra < 2; ++extra) {
        auto f = example();
        f.tracks[0].add(ticks(300), meta::text, std::string(static_cast<std::size_t>(extra), 'x'));
        f.tracks[0].end = ticks(999);
        const auto b = lofi::midi::write(f, {.container = lofi::midi::container::rmid}).value();
        const auto little = [&](std::size_t at) {
            return std::to_integer<std::size_t>(b[at]) | std::to_integer<std::size_t>(b[at + 1]) << 8;
        };
        CHECK(b.size() % 2 == 0);
        CHECK(little(4) == b.size() - 8);
        CHECK(little(16) == lofi::midi::write(f).value().size());
        CHECK(strictly(b) == f);
    }
}

TEST_CASE("other chunks stay where they were") {
    const bytes track = chunk_of("MTrk", end_of_track);
    const bytes b =
        header(1, 2, 480) + chunk_of("XFIH", raw({1})) + track + chunk_of("ABCD", raw({2, 3})) + track + chunk_of("tail", {});
    CHECK(lofi::midi::write(strictly(b)).value() == b);
}

TEST_CASE("what cannot be written is refused by its place") {
    auto f = example();
    SECTION("an earlier event") {
        f.tracks[0].events[3].at = ticks(5);
        CHECK(refusal(f) == "track 1: event 4: is earlier than the event before it");
    }
    SECTION("before the start") {
        f.tracks[0].events[0].at = ticks(-1);
        CHECK(refusal(f) == "track 1: event 1: is earlier than tick 0");
        f.tracks[0].events.erase(f.tracks[0].events.begin());
        f.tracks[0].events[0].at = ticks(-1);
        CHECK(refusal(f) == "track 1: event 1: is earlier than tick 0");
    }
    SECTION("an end before the last event") {
        f.tracks[0].end = ticks(299);
        CHECK(refusal(f) == "track 1: ends before its last event");
    }
    SECTION("bytes that are none of MIDI") {
        for (const auto& e : {lofi::midi::event{ticks(300), 0, 0x90, 128, 0},
                              {ticks(300), 0, 0x90, 0, 255},
                              {ticks(300), 0, 0x7F, 0, 0},
                              {ticks(300), 0, 0xF1, 0, 0},
                              {ticks(300), 0, 0xFF, 0x80, 0}}) {
            auto g = f;
            g.tracks[0].events.push_back(e);
            CHECK(refusal(g) == "track 1: event 8: has a status or a data byte that MIDI does not have");
        }
    }
    SECTION("End of Track as an event") {
        f.tracks[0].add(ticks(400), meta::end_of_track, "");
        CHECK_THAT(refusal(f), contains("event 8: is an End of Track"));
    }
    SECTION("more tracks than the format holds") {
        f.tracks.resize(2);
        CHECK_THAT(refusal(f), contains("format 0 holds one track; this one has 2"));
        f.format = lofi::midi::format::parallel;
        f.tracks.resize(65536);
        CHECK_THAT(refusal(f), contains("at most 65535 tracks"));
    }
}

TEST_CASE("files are written by their path") {
    const temporary_folder folder;
    REQUIRE(lofi::midi::write_file(folder / "a.mid", example()));
    CHECK(lofi::midi::read_file(folder / "a.mid", {lofi::midi::read_mode::strict}).value().file == example());
    auto broken = example();
    broken.tracks[0].end = ticks(0);
    CHECK_FALSE(lofi::midi::write_file(folder / "a.mid", broken));
    CHECK(lofi::midi::read_file(folder / "a.mid").value().file == example());
}
