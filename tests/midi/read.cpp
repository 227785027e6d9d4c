#include <lofi/midi/read.hpp>

#include <set>

#include <lofi/core/random.hpp>
#include <lofi/midi/notes.hpp>
#include <lofi/midi/write.hpp>

#include "bytes_of.hpp"
#include "support/test.hpp"

using namespace lofi::test;
using lofi::ticks;
using lofi::midi::meta;
using lofi::midi::oddity;
using lofi::midi::read;
using lofi::midi::read_mode;

namespace {

std::vector<oddity> oddities(const bytes& b, read_mode mode = read_mode::tolerant) {
    auto r = read(b, {mode});
    REQUIRE(r);
    std::vector<oddity> out;
    for (const auto& d : r->diagnostics.kept) out.push_back(d.what);
    return out;
}
std::string refusal(const bytes& b, read_mode mode = read_mode::strict) {
    auto r = read(b, {mode});
    REQUIRE_FALSE(r);
    return r.error().message();
}
lofi::midi::file strictly(const bytes& b) { return read(b, {read_mode::strict}).value().file; }
lofi::midi::file tolerantly(const bytes& b) { return read(b).value().file; }
std::size_t note_count(const lofi::midi::file& f) {
    std::size_t n = 0;
    for (const auto& t : f.tracks) n += lofi::midi::pair_notes(t).size();
    return n;
}
// Three notes: running status, a note-on of velocity 0, a two-byte delta.
const bytes three_notes = raw({0x00, 0x90, 60, 100, 0x60, 60, 0, 0x00, 64, 90, 0x60, 64, 0, 0x81, 0x00, 67, 80, 0x60, 67, 0});

}  // namespace

TEST_CASE("every kind of event is read exactly") {
    const bytes body =
        raw({0x00, 0x80, 1,    2,    0x01, 0x91, 3,    4,  0x7F, 0xA2, 5,    6,    0x81, 0x00, 0xB3, 7,    8,    0xFF,
             0x7F, 0xC4, 9,    0x81, 0x80, 0x00, 0xD5, 10, 0xFF, 0xFF, 0xFF, 0x7F, 0xE6, 11,   12,   0x00, 0xF0, 3,
             0x43, 0x12, 0xF7, 0x00, 0xF7, 2,    0xF3, 1,  0x00, 0xFF, 0x01, 2,    'h',  'i',  0x05, 0xFF, 0x7F, 0});
    const auto f = strictly(one_track(body));
    REQUIRE(f.tracks.size() == 1);
    CHECK(f.format == lofi::midi::format::single);
    CHECK(f.division.raw == 96);
    const auto& t = f.tracks[0];
    const std::int64_t at[] = {0, 1, 128, 256, 16639, 33023, 268468478, 268468478, 268468478, 268468478, 268468483};
    const int status[] = {0x80, 0x91, 0xA2, 0xB3, 0xC4, 0xD5, 0xE6, 0xF0, 0xF7, 0xFF, 0xFF};
    const int data[][2] = {{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 0}, {10, 0}, {11, 12}, {0, 0}, {0, 0}, {1, 0}, {0x7F, 0}};
    REQUIRE(t.events.size() == 11);
    for (std::size_t i = 0; i < 11; ++i) {
        CAPTURE(i);
        CHECK(t.events[i].at.value == at[i]);
        CHECK(t.events[i].status == status[i]);
        CHECK(t.events[i].data1 == data[i][0]);
        CHECK(t.events[i].data2 == data[i][1]);
    }
    const auto bytes_at = [&](std::size_t i) { return bytes(t.payload(t.events[i]).begin(), t.payload(t.events[i]).end()); };
    CHECK(bytes_at(7) == raw({0x43, 0x12, 0xF7}));
    CHECK(bytes_at(8) == raw({0xF3, 1}));
    CHECK(bytes_at(9) == text("hi"));
    CHECK(bytes_at(10).empty());
    CHECK(t.end.value == 268468483);
}

TEST_CASE("the delta of End of Track counts") {
    const auto f = strictly(header(0, 1, 96) + chunk_of("MTrk", raw({0, 0x90, 60, 1, 10, 60, 0, 0x83, 0x60, 0xFF, 0x2F, 0})));
    CHECK(f.tracks[0].end == ticks(490));
    CHECK(f.tracks[0].events.size() == 2);
}

TEST_CASE("long tracks read the same event by event and in blocks") {
    // Random sound events through the writer, longer than any block; read against what was written.
    lofi::random_stream r(lofi::random_key{3});
    lofi::midi::file f;
    f.tracks.resize(2);
    for (auto& t : f.tracks) {
        std::int64_t at = 0;
        for (int i = 0; i < 3000; ++i) {
            at += lofi::uniform_below(r, 1U << lofi::uniform_below(r, 29));
            const auto kind = static_cast<lofi::midi::message>(0x80 + 16 * lofi::uniform_below(r, 7));
            const auto channel = static_cast<std::uint8_t>(lofi::uniform_below(r, 3));
            const bool one = (static_cast<int>(kind) & 0xE0) == 0xC0;
            t.add(ticks(at), kind, channel, static_cast<std::uint8_t>(lofi::uniform_below(r, 128)),
                  one ? std::uint8_t{0} : static_cast<std::uint8_t>(lofi::uniform_below(r, 128)));
            if (lofi::chance(r, 1, 50)) t.add(ticks(at), meta::lyric, std::string(lofi::uniform_below(r, 300), 'x'));
        }
    }
    for (const auto status : {lofi::midi::status_bytes::running, lofi::midi::status_bytes::every_event}) {
        const auto b = lofi::midi::write(f, {.status = status}).value();
        CHECK(strictly(b) == f);
    }
}

TEST_CASE("headers") {
    SECTION("longer than six bytes: the excess is skipped") {
        CHECK(strictly(chunk_of("MThd", raw({0, 0, 0, 1, 0, 96, 1, 2, 3})) + chunk_of("MTrk", three_notes + end_of_track))
                  .tracks.size() == 1);
    }
    SECTION("shorter") {
        const bytes b = text("MThd") + big32(4) + raw({0, 0, 0, 1, 0, 96}) + chunk_of("MTrk", three_notes + end_of_track);
        CHECK(oddities(b) == std::vector{oddity::header_too_short});
        CHECK(note_count(tolerantly(b)) == 3);
    }
    SECTION("a length beyond the file") {
        const bytes b =
            text("MThd") + big32(0x7FFFFFFF) + raw({0, 0, 0, 1, 0, 96}) + chunk_of("MTrk", three_notes + end_of_track);
        CHECK(note_count(tolerantly(b)) == 3);
    }
    SECTION("cut off at every byte") {
        const bytes whole = header(1, 2, 96);
        for (std::size_t n = 4; n < whole.size(); ++n)
            CHECK(oddities(bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n))) ==
                  std::vector{oddity::header_cut});
    }
    SECTION("formats") {
        CHECK(strictly(header(2, 1, 96) + chunk_of("MTrk", end_of_track)).format == lofi::midi::format::patterns);
        CHECK_THAT(refusal(header(3, 1, 96) + chunk_of("MTrk", end_of_track)),
                   contains("byte 8: the format is none of 0, 1 and 2"));
        const bytes two = header(0, 2, 96) + chunk_of("MTrk", end_of_track) + chunk_of("MTrk", three_notes + end_of_track);
        CHECK(oddities(two) == std::vector{oddity::format_0_with_tracks});
        CHECK(tolerantly(two).format == lofi::midi::format::parallel);
    }
    SECTION("divisions") {
        const auto f = strictly(header(0, 1, 0xE250) + chunk_of("MTrk", end_of_track));
        CHECK(f.division.is_smpte());
        CHECK(f.division.smpte_rate() == 30);
        CHECK(f.division.ticks_per_frame() == 80);
        CHECK(strictly(header(0, 1, 0xE728) + chunk_of("MTrk", end_of_track)).division.ticks_per_second() == 1000);
        for (const int raw_division : {0, 0x8000, 0xFF10, 0xE700, 0xE500}) {
            const bytes b = header(0, 1, raw_division) + chunk_of("MTrk", end_of_track);
            CHECK(oddities(b) == std::vector{oddity::unknown_division});
            const auto d = tolerantly(b).division;
            CHECK((d.is_smpte() ? d.ticks_per_second() : d.ticks_per_quarter()) > 0);
        }
    }
    SECTION("a count that is not so") {
        CHECK(oddities(header(1, 5, 96) + chunk_of("MTrk", three_notes + end_of_track)) ==
              std::vector{oddity::wrong_track_count});
    }
}

TEST_CASE("65,535 tracks claimed on 14 bytes cost nothing") {
    const auto f = read(header(1, 65535, 96), {read_mode::salvage}).value();
    CHECK(f.file.tracks.capacity() < 16);
    CHECK(f.diagnostics.count == 1);
}

TEST_CASE("a length that the file does not have is not allocated") {
    const bytes b = header(0, 1, 96) + text("MTrk") + big32(0xFFFFFFFF) + three_notes + end_of_track;
    for (const auto mode : {read_mode::tolerant, read_mode::salvage}) {
        const auto r = read(b, {mode}).value();
        CHECK(note_count(r.file) == 3);
        CHECK(r.file.tracks[0].events.capacity() < 64);
    }
    CHECK(refusal(b) == "byte 18, track 1: a chunk is longer than the file");
    // Many tracks, each claiming the whole rest of the file: room is made for their own bytes alone.
    bytes many = header(1, 20000, 96);
    for (int i = 0; i < 20000; ++i) {
        const bytes track = text("MTrk") + big32(0xFFFFFF) + end_of_track;
        many.insert(many.end(), track.begin(), track.end());
    }
    std::size_t room = 0;
    const auto r = read(many).value();
    for (const auto& t : r.file.tracks) room += t.events.capacity();
    CHECK(r.file.tracks.size() == 20000);
    CHECK(room < 100000);
    CHECK(r.diagnostics.kept.size() == lofi::midi::diagnostics::most_kept);
    CHECK(r.diagnostics.count > 20000);
}

TEST_CASE("chunks") {
    const bytes track = chunk_of("MTrk", three_notes + end_of_track);
    SECTION("unknown ones are kept, and there is no pad byte") {
        const auto f = strictly(header(1, 2, 96) + chunk_of("XFIH", raw({1, 2, 3})) + track + chunk_of("ABCD", {}) + track +
                                chunk_of("tail", raw({9})));
        REQUIRE(f.other_chunks.size() == 3);
        CHECK(f.other_chunks[0].bytes == raw({1, 2, 3}));
        CHECK(f.other_chunks[1].before_track == 1);
        CHECK(f.other_chunks[2].before_track == 2);
        CHECK(note_count(f) == 6);
    }
    SECTION("rubbish between") {
        const bytes b = header(1, 2, 96) + track + raw({0, 1, 2}) + track;
        CHECK(oddities(b) == std::vector{oddity::bytes_between_chunks});
        CHECK(note_count(tolerantly(b)) == 6);
        CHECK_THAT(refusal(b), contains("bytes that are no chunk"));
    }
    SECTION("a length that is too short: the track goes on by its content") {
        for (const std::size_t n : {0U, 1U, 4U, 9U, 20U}) {
            const bytes body = three_notes + end_of_track;
            const bytes b = header(1, 2, 96) + text("MTrk") + big32(n) + body + track;
            CAPTURE(n);
            CHECK(note_count(tolerantly(b)) == 6);
            CHECK(oddities(b) == std::vector{oddity::track_longer_than_said});
        }
    }
    SECTION("a length that is too long: the next track's name ends the track") {
        for (const std::size_t n : {1U, 5U, 28U, 100U}) {
            const bytes body = three_notes + end_of_track;
            const bytes b = header(1, 2, 96) + text("MTrk") + big32(body.size() + n) + body + track;
            CAPTURE(n);
            CHECK(note_count(tolerantly(b)) == 6);
            CHECK(note_count(read(b, {read_mode::salvage}).value().file) == 6);
            CHECK_THAT(refusal(b), contains("track 1"));
        }
    }
    SECTION("a second file behind the first") {
        const bytes b = header(0, 1, 96) + track + header(0, 1, 96) + track;
        CHECK(oddities(b) == std::vector{oddity::second_header});
        CHECK(note_count(tolerantly(b)) == 3);
        CHECK(note_count(read(b, {read_mode::salvage}).value().file) == 6);
    }
}

TEST_CASE("around the file") {
    const bytes file = one_track(three_notes);
    const auto little = [](std::size_t v) {
        auto b = big32(v);
        std::reverse(b.begin(), b.end());
        return b;
    };
    SECTION("RMID") {
        const bytes inside =
            text("LIST") + little(5) + text("INFOx") + raw({0}) + text("data") + little(file.size()) + file + raw({0});
        const bytes b = text("RIFF") + little(inside.size() + 4) + text("RMID") + inside;
        CHECK(note_count(strictly(b)) == 3);
        CHECK(strictly(b) == strictly(file));
        CHECK(oddities(bytes(b.begin(), b.end() - 8)).front() == oddity::chunk_cut);
    }
    SECTION("MacBinary") {
        bytes mac(128);
        mac[1] = std::byte{5};
        CHECK(oddities(mac + file) == std::vector{oddity::macbinary_header});
        CHECK(refusal(mac + file) == "byte 0: a MacBinary header stands before the file");
    }
    SECTION("bytes before the header, and no header") {
        CHECK(note_count(read(text("From: me\n") + file, {read_mode::salvage}).value().file) == 3);
        const bytes headless(file.begin() + 14, file.end());
        const auto r = read(headless, {read_mode::salvage}).value();
        CHECK(note_count(r.file) == 3);
        CHECK(r.file.division.ticks_per_quarter() == 480);
        CHECK(r.diagnostics.kept.front().what == oddity::no_header);
        CHECK_FALSE(read(headless));
    }
}

TEST_CASE("what is no MIDI file is named") {
    const std::pair<bytes, const char*> kinds[] = {{{}, "the file is empty"},
                                                   {text("RIFF") + big32(4) + text("WAVEfmt "), "this is a WAVE file"},
                                                   {text("PK\x03\x04 and so on"), "this is a ZIP archive"},
                                                   {text("Rar!\x1A"), "this is a RAR archive"},
                                                   {text("GIF89a"), "this is a GIF image"},
                                                   {text("\r\n <!DOCTYPE html>"), "this is an HTML or XML page"},
                                                   {text("MTM\x10"), "this is a MultiTracker module"},
                                                   {text("SMF2CLIP"), "this is a MIDI Clip File of MIDI 2.0"},
                                                   {text("ID3\x04"), "this is an MP3 file"},
                                                   {text("vtix"), "it does not begin with MThd"},
                                                   {text("RIFF"), "this is a RIFF file of another kind"},
                                                   {text("MTh"), "it does not begin with MThd"}};
    for (const auto& [b, name] : kinds)
        for (const auto mode : {read_mode::strict, read_mode::tolerant, read_mode::salvage})
            CHECK(refusal(b, mode) == "byte 0: no MIDI file (" + std::string(name) + ")");
}

TEST_CASE("oddities inside a track, each at its byte") {
    struct odd_case {
        bytes body;
        oddity what;
        std::size_t byte, notes;
    };
    const odd_case cases[] = {
        {three_notes + raw({0, 0xFF, 1, 1, 'x', 0, 60, 100, 9, 60, 0}), oddity::running_status_across, 47, 4},
        {three_notes + raw({0, 0xF0, 1, 0xF7, 0, 60, 100, 9, 60, 0}), oddity::running_status_across, 46, 4},
        {three_notes + raw({0, 0x90, 60, 200}) + three_notes, oddity::status_in_data, 42, 7},
        {three_notes + raw({0, 0xF1, 1}) + three_notes, oddity::bare_system_message, 42, 6},
        {three_notes + raw({0, 0xF2, 1, 2}) + three_notes, oddity::bare_system_message, 42, 6},
        {three_notes + raw({0, 0xF3, 1}) + three_notes, oddity::bare_system_message, 42, 6},
        {three_notes + raw({0, 0xF6}) + three_notes, oddity::bare_system_message, 42, 6},
        {three_notes + raw({0, 0xF8}) + three_notes, oddity::bare_system_message, 42, 6},
        {three_notes + raw({0, 0xFE}) + three_notes, oddity::bare_system_message, 42, 6},
        {three_notes + raw({0, 0xFF, 0x80, 1, 1}) + three_notes, oddity::meta_type_too_high, 42, 6},
        {three_notes + raw({0, 0xFF, 0x51, 2, 1, 1}) + three_notes, oddity::meta_too_short, 42, 6},
        {three_notes + raw({0, 0xFF, 0x51, 3, 0, 0, 0}) + three_notes, oddity::tempo_of_zero, 42, 6},
        {three_notes + raw({0, 0xFF, 0x58, 4, 0, 2, 24, 8}) + three_notes, oddity::bad_time_signature, 42, 6},
        {three_notes + raw({0, 0xFF, 0x58, 4, 4, 255, 24, 8}) + three_notes, oddity::bad_time_signature, 42, 6},
        {three_notes + raw({0, 0xFF, 0x59, 2, 25, 0}) + three_notes, oddity::bad_key_signature, 42, 6},
        {three_notes + raw({0, 0xFF, 0x59, 2, 0, 2}) + three_notes, oddity::bad_key_signature, 42, 6},
        {three_notes + end_of_track + three_notes, oddity::bytes_after_end_of_track_kept, 46, 6},
    };
    for (const auto& c : cases) {
        const bytes b = one_track(c.body);
        CAPTURE(to_string(c.what));
        const auto r = read(b).value();
        REQUIRE(r.diagnostics.count == 1);
        CHECK(r.diagnostics.kept[0] == lofi::midi::diagnostic{c.what, 1, c.byte});
        CHECK(note_count(r.file) == c.notes);
        CHECK(note_count(read(b, {read_mode::salvage}).value().file) == c.notes);
        CHECK(refusal(b) == "byte " + std::to_string(c.byte) + ", track 1: " + std::string(to_string(c.what)));
    }
}

TEST_CASE("running status ends with a meta event, and real-time bytes leave it") {
    const auto f = tolerantly(one_track(raw({0, 0x90, 60, 100, 0, 0xF8, 5, 60, 0})));
    CHECK(f.tracks[0].events.size() == 2);
    CHECK(f.tracks[0].events[1].at == ticks(5));
    CHECK_THAT(refusal(one_track(raw({0, 60, 100}))), contains("byte 22, track 1: a data byte where a status is needed"));
}

TEST_CASE("variable-length numbers") {
    CHECK(strictly(one_track(raw({0x80, 0x80, 0x80, 0x05, 0x90, 60, 1}))).tracks[0].events[0].at == ticks(5));
    CHECK_THAT(refusal(one_track(raw({0x80, 0x80, 0x80, 0x80, 0x05, 0x90, 60, 1}))), contains("more than 4 bytes"));
}

TEST_CASE("End of Track") {
    const bytes open = header(0, 1, 96) + chunk_of("MTrk", three_notes);
    CHECK(oddities(open) == std::vector{oddity::no_end_of_track});
    CHECK(tolerantly(open).tracks[0].end == ticks(416));
    const bytes padded = one_track(three_notes + end_of_track + raw({0, 0, 0}));
    CHECK(oddities(padded) == std::vector{oddity::bytes_after_end_of_track});
    CHECK(tolerantly(padded).tracks[0].end == ticks(416));
    CHECK(note_count(tolerantly(padded)) == 3);
}

TEST_CASE("every truncation keeps every event that is whole") {
    const bytes whole =
        header(1, 2, 96) + chunk_of("MTrk", three_notes + end_of_track) + chunk_of("MTrk", three_notes + end_of_track);
    const std::size_t ends[] = {26, 29, 32, 35, 39, 42, 58, 61, 64, 67, 71, 74};
    for (std::size_t n = 22; n <= whole.size(); ++n)
        for (const auto mode : {read_mode::tolerant, read_mode::salvage}) {
            const auto r = read(std::span(whole).first(n), {mode}).value();
            std::size_t events = 0, expected = 0;
            for (const auto& t : r.file.tracks) events += t.events.size();
            for (const std::size_t e : ends) expected += e <= n ? 1 : 0;
            CAPTURE(n);
            CHECK(events == expected);
            CHECK(r.diagnostics.empty() == (n == whole.size()));
        }
}

TEST_CASE("salvage finds its way back after damage") {
    lofi::midi::file f;
    f.tracks.resize(1);
    auto& t = f.tracks[0];
    for (int i = 0; i < 400; ++i) {
        t.add(ticks(i * 200), lofi::midi::message::note_on, 0, static_cast<std::uint8_t>(36 + i % 48),
              static_cast<std::uint8_t>(1 + i % 127));
        t.add(ticks(i * 200 + 150), lofi::midi::message::note_off, 0, static_cast<std::uint8_t>(36 + i % 48), 64);
    }
    const auto whole = lofi::midi::write(f).value();
    std::set<std::pair<int, int>> expected;
    for (const auto& n : lofi::midi::pair_notes(t)) expected.insert({n.key, n.velocity});
    lofi::random_stream r(lofi::random_key{11});
    std::size_t kept = 0, all = 0;
    for (int round = 0; round < 300; ++round) {
        auto b = whole;
        const auto at = static_cast<std::ptrdiff_t>(22 + lofi::uniform_below(r, static_cast<std::uint32_t>(b.size() - 30)));
        switch (round % 3) {
            case 0: b[static_cast<std::size_t>(at)] ^= static_cast<std::byte>(1U << lofi::uniform_below(r, 8)); break;
            case 1: b.erase(b.begin() + at); break;
            default: b.insert(b.begin() + at, static_cast<std::byte>(lofi::uniform_below(r, 256))); break;
        }
        const auto read_back = read(b, {read_mode::salvage}).value();
        REQUIRE(read_back.file.tracks.size() == 1);
        std::set<std::pair<int, int>> found;
        for (const auto& n : lofi::midi::pair_notes(read_back.file.tracks[0])) found.insert({n.key, n.velocity});
        for (const auto& n : expected) kept += found.count(n);
        all += expected.size();
    }
    CHECK(static_cast<double>(kept) >= 0.99 * static_cast<double>(all));
}

TEST_CASE("a track's name with one wrong letter") {
    bytes b = one_track(three_notes);
    b[15] = std::byte{'x'};
    CHECK(note_count(tolerantly(b)) == 0);
    CHECK(note_count(read(b, {read_mode::salvage}).value().file) == 3);
}

TEST_CASE("files by their path") {
    const temporary_folder folder;
    write_text(folder / "no.mid", "nothing");
    const auto r = lofi::midi::read_file(folder / "no.mid");
    REQUIRE_FALSE(r);
    CHECK(r.error().message() == (folder / "no.mid").string() + ": byte 0: no MIDI file (it does not begin with MThd)");
    CHECK_FALSE(lofi::midi::read_file(folder / "absent.mid"));
}
