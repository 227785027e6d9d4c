#include <lofi/corpus/lead_sheet_maker.hpp>

#include <lofi/corpus/lead_sheet_json.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::corpus;
using namespace lofi::test;

namespace {

/// Plays a sheet: the melody, and each row's diatonic triad over its root.
score::piece played(const score::lead_sheet& sheet) {
    score::piece p;
    p.tempo.set(ticks(0), sheet.tempo);
    p.tracks.resize(2);
    p.tracks[0].name = "Melody";
    const auto pitch = [&](int base, int step) {
        return score::pitch(base + sheet.key.tonic.value + semitones_of_step(sheet.key.scale, step));
    };
    std::uint8_t before = 0;
    for (std::size_t r = 0; r < sheet.rows.size(); ++r) {
        const auto at = static_cast<std::int64_t>(r) * 1920;
        if (const int d = sheet.rows[r].chord; d > 0)
            for (const auto& [base, step] : {std::pair{36, d - 1}, {48, d - 1}, {48, d + 1}, {48, d + 3}})
                p.tracks[1].notes.push_back({ticks(at), ticks(1920), pitch(base, step), {}});
        for (std::size_t s = 0; s < 8; ++s) {
            const std::uint8_t v = sheet.rows[r].melody[s];
            const ticks here(at + static_cast<std::int64_t>(s) * 240);
            if (v != 0 && v == before)
                p.tracks[0].notes.back().length += ticks(240);
            else if (v != 0)
                p.tracks[0].notes.push_back({here, ticks(240), pitch(60, score::melody_step(v)), {}});
            before = v;
        }
    }
    for (score::track& t : p.tracks) score::sort_notes(t.notes);
    return p;
}

made_sheets sheets_of(const score::piece& p) { return make_lead_sheets(p, hear(p).value()).value(); }

/// A sheet whose melody is made of steps around each row's chord.
score::lead_sheet sheet_of(std::vector<int> chords, score::key key = {}) {
    score::lead_sheet s;
    s.key = key;
    for (const int c : chords) {
        const auto v = [&](int up) { return static_cast<std::uint8_t>((c + up - 1) % 7 + 8); };
        s.rows.push_back({static_cast<std::uint8_t>(c), {v(0), v(0), v(2), v(1), v(0), v(4), v(4), v(2)}});
    }
    return s;
}

}  // namespace

TEST_CASE("sheets that are played are heard again") {
    std::size_t rows = 0, chords = 0, slots = 0, same_slots = 0, keys = 0, phrases = 0;
    for (score::lead_sheet sheet : read_lead_sheets(data("corpus/ewld.test.jsonl"))) {
        sheet.tempo = bpm(120);
        const made_sheets made = sheets_of(played(sheet));
        ++phrases;
        if (made.sheets.size() != 1 || made.sheets[0].rows.size() != sheet.rows.size()) continue;
        const score::lead_sheet& heard = made.sheets[0];
        if (heard.key != sheet.key) continue;
        ++keys;
        for (std::size_t r = 0; r < sheet.rows.size(); ++r) {
            ++rows, chords += heard.rows[r].chord == sheet.rows[r].chord ? 1 : 0;
            // A melody within one octave may be heard in the upper one as well.
            for (std::size_t s = 0; s < 8; ++s) {
                const int was = sheet.rows[r].melody[s], is = heard.rows[r].melody[s];
                ++slots, same_slots += is == was || (was != 0 && is == was + 7) ? 1 : 0;
            }
        }
    }
    CHECK(keys * 4 >= phrases * 3);
    CHECK(chords * 100 >= rows * 98);
    CHECK(same_slots * 100 >= slots * 99);
}

TEST_CASE("moods, titles and tempo of a made sheet") {
    const score::lead_sheet sheet = sheet_of({1, 6, 4, 5, 1, 6, 4, 1});
    const made_sheets made = sheets_of(played(sheet));
    REQUIRE(made.sheets.size() == 1);
    CHECK(made.sheets[0].key == sheet.key);
    CHECK(made.sheets[0].tempo == bpm(120));
    CHECK(made.sheets[0].rows == sheet.rows);
    CHECK(made.sheets[0].energy == Approx(analysis::mood_of(sheet).energy).margin(.0006));
    CHECK(made.sheets[0].valence == Approx(analysis::mood_of(sheet).valence).margin(.0006));
    CHECK(made.rows == 8);
    CHECK(!made.half_bars);
}

TEST_CASE("slow songs with two chords a bar have rows of half a bar") {
    score::piece p = played(sheet_of({1, 6, 4, 5, 1, 6, 4, 1}));
    for (score::track& t : p.tracks)
        for (score::note& n : t.notes) n.start = n.start / std::int64_t{2}, n.length = n.length / std::int64_t{2};
    p.tempo = score::tempo_map(score::resolution(480), {{ticks(0), 750000}});  // 80 bpm
    const made_sheets made = sheets_of(p);
    CHECK(made.half_bars);
    REQUIRE(made.sheets.size() == 1);
    CHECK(made.sheets[0].tempo == bpm(160));
    CHECK(made.sheets[0].rows == sheet_of({1, 6, 4, 5, 1, 6, 4, 1}).rows);
}

TEST_CASE("phrases end where the melody rests, and are not too long") {
    score::lead_sheet sheet = sheet_of({1, 4, 5, 1, 6, 4, 5, 1, 1, 1, 4, 5, 1, 6, 4, 1});
    for (const std::size_t r : {8, 9}) sheet.rows[r].melody = {};
    const made_sheets two = sheets_of(played(sheet));
    REQUIRE(two.sheets.size() == 2);
    CHECK(two.sheets[0].rows.size() == 8);
    CHECK(two.sheets[1].rows.size() == 6);
    CHECK(two.dropped.at("pauses of the melody, two rows or more") == 1);

    std::vector<int> many;
    for (int i = 0; i < 12; ++i) many.insert(many.end(), {1, 6, 4, 5});
    std::size_t rows = 0;
    for (const score::lead_sheet& s : sheets_of(played(sheet_of(many))).sheets) {
        CHECK(s.rows.size() >= 4);
        CHECK(s.rows.size() <= 20);
        rows += s.rows.size();
    }
    CHECK(rows == 48);
}

TEST_CASE("other metres are passed over, alone they are refused") {
    score::piece p = played(sheet_of({1, 4, 5, 1, 6, 4, 5, 1, 1, 4, 5, 1, 6, 4, 5, 1}));
    p.meters = {{ticks(0), 3, 4}, {ticks(4 * 1920), 4, 4}, {ticks(12 * 1920), 7, 8}};
    const made_sheets made = sheets_of(p);
    REQUIRE(made.sheets.size() == 1);
    CHECK(made.sheets[0].rows.size() == 8);
    CHECK(made.beats_elsewhere == 32);
    p.meters = {{ticks(0), 3, 4}};
    CHECK_THAT(make_lead_sheets(p, hear(p).value()).error().what(), contains("is in 3/4"));
}

TEST_CASE("what cannot be heard says why") {
    score::piece p;
    const auto why = [&] { return std::string(hear(p).error().what()); };
    CHECK(why() == "has no notes");
    p = played(sheet_of({1, 4, 5, 1}));
    const score::piece whole = p;
    for (score::track& t : p.tracks) t.channel = 9;
    CHECK(why() == "has no notes but drums");
    p = whole;
    p.tracks.pop_back();
    CHECK(why() == "is a melody without accompaniment");
    p = whole;
    std::int64_t late = 0;
    for (score::track& t : p.tracks)
        for (score::note& n : t.notes) n.start += ticks(late = (late * 31 + 97) % 480);
    CHECK(why() == "is not played to its beats");
    p = whole;
    p.tracks.erase(p.tracks.begin());
    CHECK(!hear(p).value().sung);
    CHECK(!sheets_of(p).sheets.at(0).has_melody);
    CHECK(sheets_of(p).sheets[0].rows.size() == 4);
}
