#include <lofi/token/midi_like.hpp>

#include <set>

#include "events_fixture.hpp"

using namespace lofi;
using namespace lofi::token;

namespace {

constexpr std::array<std::int32_t, 7> kinds = {midi_like::note_on,
                                               midi_like::note_off,
                                               midi_like::velocity,
                                               midi_like::shift,
                                               midi_like::drum_on,
                                               midi_like::drum_off,
                                               static_cast<std::int32_t>(midi_like::size)};

}  // namespace

TEST_CASE("MIDI-Like: an implementation of its own in Python says the same, and decoding undoes it") {
    const auto cases = test::event_cases("midi-like", "token/grids.txt");
    CHECK(cases.size() == 50);
    for (const test::event_case& c : cases) {
        CHECK(midi_like::encode(c.piece).value() == c.ids);
        CHECK(midi_like::encode(midi_like::decode(c.ids).value()).value() == c.ids);
        midi_like_grammar g;
        for (const std::int32_t id : c.ids) {
            REQUIRE(g.allows(id));
            g.push(id);
        }
        CHECK(g.allows(midi_like::end));
    }
}

TEST_CASE("MIDI-Like: what is decoded is encoded again, whatever the grammar lets through") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        auto ids = test::babble<midi_like_grammar>(seed, 80, kinds);
        midi_like_grammar g;
        for (const std::int32_t id : ids) g.push(id);
        // What sounds is ended, one after the other.
        for (std::int32_t id = midi_like::end; !g.done(); ++id) {
            const bool starts = (id >= midi_like::note_on && id < midi_like::note_off) ||
                                (id >= midi_like::drum_on && id < midi_like::drum_off);
            if (id >= static_cast<std::int32_t>(midi_like::size)) id = midi_like::end;
            if (starts || !g.allows(id)) continue;
            g.push(id), ids.push_back(id);
            id = midi_like::end - 1;
        }
        const auto piece = midi_like::decode(ids).value();
        ids.pop_back();
        CHECK(midi_like::encode(piece).value() == ids);
    }
}

TEST_CASE("MIDI-Like: spellings, and what the end and overlapping notes do") {
    std::set<std::string> all;
    for (std::int32_t id = 0; id < static_cast<std::int32_t>(midi_like::size); ++id) all.insert(midi_like::spell(id));
    CHECK(all.size() == midi_like::size);
    CHECK(midi_like::spell(4) == "NoteOn_21");
    CHECK(midi_like::spell(181) == "NoteOff_109");
    CHECK(midi_like::spell(182) == "Velocity_3");
    CHECK(midi_like::spell(277) == "TimeShift_12.0.4");
    CHECK(midi_like::spell(278) == "DrumOn_27");
    CHECK(midi_like::spell(401) == "DrumOff_88");

    // The second note ends the first; two that overlap in ids end in the order in which they began.
    score::piece p;
    p.tempo = score::tempo_map(score::resolution(8));
    p.tracks.resize(1);
    p.tracks[0].notes = {{ticks(0), ticks(8), score::pitch(60), {}}, {ticks(4), ticks(8), score::pitch(60), {}}};
    const auto cut = midi_like::decode(midi_like::encode(p).value()).value();
    REQUIRE(cut.tracks[0].notes.size() == 2);
    CHECK(cut.tracks[0].notes[0].length == ticks(4 * 60));
    CHECK(cut.tracks[0].notes[1].length == ticks(8 * 60));
    const int on = midi_like::note_on + 39, off = midi_like::note_off + 39, force = midi_like::velocity,
              eighth = midi_like::shift;
    const std::vector<std::int32_t> twice = {on, force, eighth, on, force + 1, eighth + 1, off, eighth};
    const auto both = midi_like::decode(twice).value().tracks[0].notes;
    REQUIRE(both.size() == 2);
    CHECK(both[0].length == ticks(3 * 60));
    CHECK(both[1].start == ticks(60));
    CHECK(both[1].length == ticks(3 * 60));  // not ended, it sounds to the end
}

TEST_CASE("MIDI-Like: what cannot be is refused with its place") {
    using ids = std::vector<std::int32_t>;
    CHECK_THAT(midi_like::encode(score::piece{}).error().message(), test::contains("no notes"));
    CHECK(midi_like::decode(ids{132}).error().message() == "token 1: NoteOff_60 ends nothing");
    CHECK(midi_like::decode(ids{43, 43}).error().message() == "token 2: NoteOn_60 may not follow NoteOn_60");
    CHECK(midi_like::decode(ids{200}).error().message() == "token 1: Velocity_75 is no beginning");
    CHECK_THAT(midi_like::decode(ids{402}).error().message(), test::contains("402 is not below 402"));
    CHECK_FALSE(midi_like::decode(ids{2, 43}));  // goes on behind the end
    CHECK_FALSE(midi_like::decode(ids{-1}));
    score::piece p;
    p.tracks.resize(1);
    p.tracks[0].notes = {{ticks(0), ticks(std::int64_t{1} << 40), score::pitch(60), {}}};
    CHECK_THAT(midi_like::encode(p).error().message(), test::contains("beyond 40000 quarter notes"));
}
