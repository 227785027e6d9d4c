// Damaged files by the thousand: nothing crashes, hangs or grows, and what is read can be written and read again.
#include <lofi/core/random.hpp>
#include <lofi/midi/convert.hpp>
#include <lofi/midi/read.hpp>
#include <lofi/midi/summary.hpp>
#include <lofi/midi/write.hpp>

#include "bytes_of.hpp"
#include "support/test.hpp"

using namespace lofi::test;
using lofi::ticks;
using lofi::midi::read_mode;

namespace {

std::vector<bytes> seeds() {
    lofi::score::piece p;
    p.title = "seed";
    p.tempo = lofi::score::tempo_map(lofi::score::resolution(480), {{ticks(0), 700000}, {ticks(960), 650000}});
    p.meters = {{ticks(0), 3, 4}};
    p.keys = {{ticks(0), {lofi::score::pitch_class(2), lofi::score::mode::dorian}}};
    p.markers = {{ticks(480), "A"}};
    for (int i = 0; i < 3; ++i) {
        lofi::score::track t{"track", lofi::score::part::keys, static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(4 + i),
                             {},      {{ticks(0), 64, 127}}};
        for (int k = 0; k < 30; ++k)
            t.notes.push_back({ticks(k * 120), ticks(100 + 40 * i), lofi::score::pitch(40 + k), lofi::score::velocity(90)});
        p.tracks.push_back(t);
    }
    p.length = ticks(5000);
    const auto f = lofi::midi::from_piece(p).value();
    auto patterns = f;
    patterns.format = lofi::midi::format::patterns;
    patterns.division.raw = 0xE728;
    patterns.other_chunks.push_back({{'X', 'F', 'I', 'H'}, raw({1, 2, 3}), 1});
    patterns.tracks[1].add_sysex(ticks(5000), raw({0x43, 0x10, 0xF7}));
    return {lofi::midi::write(f).value(),
            lofi::midi::write(f, {lofi::midi::status_bytes::every_event, lofi::midi::container::rmid}).value(),
            lofi::midi::write(patterns).value()};
}

void damage(bytes& b, lofi::random_stream& r) {
    if (b.empty()) return;
    const std::size_t at = lofi::uniform_below(r, static_cast<std::uint32_t>(b.size()));
    const auto here = b.begin() + static_cast<std::ptrdiff_t>(at);
    const auto any = static_cast<std::byte>(lofi::uniform_below(r, 256));
    switch (lofi::uniform_below(r, 8)) {
        case 0: b[at] ^= static_cast<std::byte>(1U << lofi::uniform_below(r, 8)); break;
        case 1: b[at] = any; break;
        case 2: b.erase(here); break;
        case 3: b.insert(here, any); break;
        case 4: b.resize(at); break;
        case 5:
            b.erase(here,
                    here + static_cast<std::ptrdiff_t>(lofi::uniform_below(r, static_cast<std::uint32_t>(b.size() - at))));
            break;
        case 6: std::fill(here, here + static_cast<std::ptrdiff_t>(std::min<std::size_t>(b.size() - at, 12)), any); break;
        default: {
            constexpr int telling[] = {0xFF, 0x2F, 0x51, 0xF0, 0xF7, 0x80, 0x90, 0x00};
            b[at] = static_cast<std::byte>(telling[lofi::uniform_below(r, 8)]);
        }
    }
}

void check_everything(const bytes& b) {
    const auto strict = lofi::midi::read(b, {read_mode::strict});
    const auto tolerant = lofi::midi::read(b), salvage = lofi::midi::read(b, {read_mode::salvage});
    REQUIRE(strict.has_value() == (tolerant && tolerant->diagnostics.empty()));
    if (strict) REQUIRE(strict->file == tolerant->file);
    if (tolerant) REQUIRE(salvage);
    for (const auto* r : {&tolerant, &salvage}) {
        if (!*r) continue;
        const lofi::midi::file& f = (*r)->file;
        std::size_t room = 0;
        for (const auto& t : f.tracks) {
            ticks before{};
            for (const auto& e : t.events) {
                REQUIRE(e.at >= before);
                before = e.at;
            }
            REQUIRE(t.end >= before);
            room += t.events.capacity();
        }
        REQUIRE(room <= 2 * b.size() + 64);
        const auto written = lofi::midi::write(f);
        REQUIRE(written);
        const auto back = lofi::midi::read(*written);
        REQUIRE(back);
        REQUIRE(lofi::midi::write(back->file).value() == *written);
        const auto s = lofi::midi::summarise(f), s2 = lofi::midi::summarise(back->file);
        REQUIRE(s.notes == s2.notes);
        REQUIRE(s.note_ons == s2.note_ons);
        REQUIRE(s.end_tick == s2.end_tick);
        if (const auto p = lofi::midi::to_piece(f)) {
            const auto again = lofi::midi::from_piece(*p);
            REQUIRE(again);
            REQUIRE(lofi::midi::read(lofi::midi::write(*again).value(), {read_mode::strict}));
        }
    }
}

}  // namespace

TEST_CASE("files damaged once, twice and more") {
    const auto sound = seeds();
    lofi::random_stream r(lofi::random_key{2024}.child("midi"));
    for (const bytes& seed : sound) {
        check_everything(seed);
        for (int round = 0; round < 2000; ++round) {
            bytes b = seed;
            for (std::uint32_t n = lofi::uniform_below(r, 6) + 1; n > 0; --n) damage(b, r);
            check_everything(b);
        }
    }
}

TEST_CASE("files cut off at every byte") {
    for (const bytes& seed : seeds())
        for (std::size_t n = 0; n < seed.size(); ++n)
            check_everything(bytes(seed.begin(), seed.begin() + static_cast<std::ptrdiff_t>(n)));
}

TEST_CASE("noise behind a header") {
    lofi::random_stream r(lofi::random_key{5});
    for (int round = 0; round < 1000; ++round) {
        bytes noise;
        for (std::uint32_t n = lofi::uniform_below(r, 600); n > 0; --n)
            noise.push_back(static_cast<std::byte>(r.next() & (round % 2 == 0 ? 0xFF : 0x8F)));
        check_everything(header(round % 3, 1, 96) + chunk_of("MTrk", noise));
    }
}

TEST_CASE("files made to cost time cost little") {
    // Patterns that would take hours where a search or a scan began anew at every place: a megabyte each.
    const bytes patterns[] = {raw({0x00, 0xFF, 0x2F, 0x00}),
                              text("MTrk"),
                              text("MTrk") + big32(0xFFFFFF),
                              raw({0x00, 0x90}),
                              raw({0xFF}),
                              raw({0x00, 0xFF, 0x01, 0xFF, 0xFF, 0x7F}),
                              raw({0x00, 0xF0, 0x80, 0x01}),
                              raw({0x80}),
                              text("MThd") + big32(6) + big32(0),
                              text("ABCD") + big32(0xFFFF),
                              raw({0x00, 0x90, 0x80, 0x40, 0x40}),
                              text("MTrk") + big32(0x7FFFFFFF) + raw({0, 0xFF, 0x2F, 0})};
    for (const bytes& pattern : patterns) {
        bytes body;
        while (body.size() < 1000000) body.insert(body.end(), pattern.begin(), pattern.end());
        for (const bytes& b : {header(1, 1, 96) + body, header(1, 1, 96) + chunk_of("MTrk", body),
                               text("MTrk") + big32(4) + raw({0, 0x90, 1, 1}) + body})
            for (const auto mode : {read_mode::tolerant, read_mode::salvage}) (void)lofi::midi::read(b, {mode});
    }
    SUCCEED();
}
