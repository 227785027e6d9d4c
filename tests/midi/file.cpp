#include <lofi/midi/file.hpp>

#include "bytes_of.hpp"
#include "support/test.hpp"

using namespace lofi::test;
using lofi::ticks;
using lofi::midi::message;
using lofi::midi::meta;

TEST_CASE("payloads come back by their index, empty ones too") {
    lofi::midi::payload_pool pool;
    CHECK(pool[0].empty());
    const auto a = pool.add(raw({1, 2, 3})), b = pool.add(bytes{}), c = pool.add(raw({4}));
    CHECK(bytes(pool[a].begin(), pool[a].end()) == raw({1, 2, 3}));
    CHECK(pool[b].empty());
    CHECK(bytes(pool[c].begin(), pool[c].end()) == raw({4}));
    CHECK(pool[3].empty());
    CHECK(pool.count() == 3);
    CHECK(pool.size() == 4);
}

TEST_CASE("events know what they are") {
    lofi::midi::track t;
    t.add(ticks(0), message::note_on, 3, 60, 1);
    t.add(ticks(0), message::note_on, 3, 60, 0);
    t.add(ticks(0), message::note_off, 3, 60, 5);
    t.add(ticks(0), meta::marker, "A");
    t.add_sysex(ticks(0), raw({0xF7}));
    const auto& e = t.events;
    CHECK((e[0].starts_note() && !e[0].ends_note() && e[0].is_channel() && e[0].channel() == 3));
    CHECK((!e[1].starts_note() && e[1].ends_note()));
    CHECK((!e[2].starts_note() && e[2].ends_note()));
    CHECK((e[3].is(meta::marker) && !e[3].is(meta::lyric) && !e[3].starts_note() && !e[3].ends_note() && !e[3].is_sysex()));
    CHECK((e[4].is_sysex() && !e[4].is_meta() && !e[4].is_channel()));
    CHECK(t.payload(e[0]).empty());
}

TEST_CASE("tracks are equal by what they say, not by where their bytes lie") {
    lofi::midi::track a, b;
    a.add(ticks(0), meta::text, "x");
    b.payloads.add(text("unused"));
    b.add(ticks(0), meta::text, "x");
    CHECK(a == b);
    b.add(ticks(0), meta::text, "y");
    CHECK_FALSE(a == b);
    a.add(ticks(0), meta::text, "z");
    CHECK_FALSE(a == b);
    lofi::midi::track c = a;
    c.end = ticks(1);
    CHECK_FALSE(a == c);
}

TEST_CASE("an added event moves the end, never back") {
    lofi::midi::track t;
    t.add(ticks(10), message::note_on, 0, 1, 1);
    CHECK(t.end == ticks(10));
    t.end = ticks(50);
    t.add(ticks(20), meta::text, "x");
    CHECK(t.end == ticks(50));
}
