#include <lofi/midi/notes.hpp>

#include "bytes_of.hpp"
#include "support/test.hpp"

using namespace lofi::test;
using lofi::ticks;
using lofi::midi::message;
using lofi::midi::meta;

TEST_CASE("notes are paired first in first out, by channel and key") {
    lofi::midi::track t;
    t.add(ticks(0), message::note_on, 0, 60, 10);
    t.add(ticks(5), message::note_on, 0, 60, 20);
    t.add(ticks(6), message::note_on, 1, 60, 30);
    t.add(ticks(7), message::note_on, 0, 61, 40);
    t.add(ticks(8), message::note_on, 0, 60, 0);
    t.add(ticks(9), message::note_off, 0, 60, 99);
    t.add(ticks(9), message::note_off, 0, 60, 1);  // nothing sounds there any more
    t.add(ticks(9), message::note_on, 0, 60, 50);
    t.add(ticks(9), message::note_off, 0, 60, 64);
    t.add(ticks(11), message::note_off, 1, 60, 2);
    t.end = ticks(100);
    const auto n = lofi::midi::pair_notes(t);
    REQUIRE(n.size() == 5);
    CHECK(n[0] == lofi::midi::paired_note{ticks(0), ticks(8), 60, 10, 64, 0, 0, true});
    CHECK(n[1] == lofi::midi::paired_note{ticks(5), ticks(4), 60, 20, 99, 0, 0, true});
    CHECK(n[2] == lofi::midi::paired_note{ticks(6), ticks(5), 60, 30, 2, 1, 0, true});
    CHECK(n[3] == lofi::midi::paired_note{ticks(7), ticks(93), 61, 40, 64, 0, 0, false});
    CHECK(n[4] == lofi::midi::paired_note{ticks(9), ticks(0), 60, 50, 64, 0, 0, true});
}

TEST_CASE("a port is part of the instrument") {
    lofi::midi::track t;
    t.add(ticks(0), meta::port, raw({1}));
    t.add(ticks(0), message::note_on, 0, 60, 10);
    t.add(ticks(1), meta::port, raw({200}));
    t.add(ticks(1), message::note_on, 0, 60, 20);
    t.add(ticks(2), message::note_off, 0, 60, 64);
    t.add(ticks(2), meta::port, bytes{});  // without its byte it changes nothing
    t.add(ticks(3), meta::port, raw({1}));
    t.add(ticks(4), message::note_off, 0, 60, 64);
    const auto n = lofi::midi::pair_notes(t);
    REQUIRE(n.size() == 2);
    CHECK(n[0].length == ticks(4));
    CHECK(n[0].port == 1);
    CHECK(n[1].length == ticks(1));
    CHECK(n[1].port == 200);
}

TEST_CASE("every key of every channel of every port at once") {
    lofi::midi::track t;
    for (int port = 0; port < 256; ++port) {
        t.add(ticks(0), meta::port, raw({port}));
        for (int channel = 0; channel < 16; ++channel)
            t.add(ticks(0), message::note_on, static_cast<std::uint8_t>(channel), static_cast<std::uint8_t>(port / 2), 1);
    }
    t.end = ticks(7);
    const auto n = lofi::midi::pair_notes(t);
    REQUIRE(n.size() == 4096);
    for (const auto& x : n) REQUIRE(x.length == ticks(7));
}
