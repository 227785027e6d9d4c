#include <lofi/corpus/midi_corpus.hpp>

#include <lofi/core/random.hpp>
#include <lofi/midi/write.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::corpus;
using namespace lofi::test;
namespace fs = std::filesystem;

namespace {

/// A song of sixteen bars that a seed decides.
score::piece song(std::uint64_t seed, int up = 0, bool varied = false) {
    random_stream draw(random_key{seed});
    score::piece p;
    p.tempo.set(ticks(0), bpm(120));
    p.tracks.resize(2);
    p.tracks[0].name = "Melody";
    constexpr int scale[] = {0, 2, 4, 5, 7, 9, 11};
    constexpr int roots[] = {0, 3, 4, 5};
    int step = 4;
    for (int bar = 0; bar < 16; ++bar) {
        const int root = bar % 4 == 0 ? 0 : roots[uniform_below(draw, 4)];
        for (const int tone : {0, 2, 4}) {
            const int s = root + tone;
            p.tracks[1].notes.push_back(
                {ticks(bar * 1920), ticks(1920), score::pitch(48 + up + scale[s % 7] + 12 * (s / 7)), {}});
        }
        for (int k = 0; k < 8; k += 2) {
            step = std::clamp(step + static_cast<int>(uniform_below(draw, 7)) - 3, 0, 13);
            if (varied && bar % 4 == 3 && k == 6) continue;  // a version leaves some notes out
            p.tracks[0].notes.push_back(
                {ticks(bar * 1920 + k * 240), ticks(480), score::pitch(60 + up + scale[step % 7] + 12 * (step / 7)), {}});
        }
    }
    for (score::track& t : p.tracks) score::sort_notes(t.notes);
    return p;
}

void save(const score::piece& p, const fs::path& path) { midi::write_file(path, midi::from_piece(p).value()).value(); }

split split_of_song(const fs::path& name, const std::string& title) {
    for (const split s : {split::train, split::valid, split::test})
        for (const score::lead_sheet& sheet :
             read_lead_sheets(fs::path(name).concat("." + std::string(to_string(s)) + ".jsonl")))
            if (song_of(sheet.title) == title) return s;
    return split::hold_out;
}

}  // namespace

TEST_CASE("a folder is walked in the order of its names") {
    const temporary_folder f;
    fs::create_directories(f / "in/b/c");
    for (const char* name : {"in/z.mid", "in/b/y.MIDI", "in/b/c/x.smf", "in/a.mid", "in/notes.txt"}) write_text(f / name, "");
    const auto found = midi_files_below(f / "in");
    REQUIRE(found.size() == 4);
    CHECK(found[0] == f / "in/a.mid");
    CHECK(found[1] == f / "in/b/c/x.smf");
    CHECK(found[2] == f / "in/b/y.MIDI");
    CHECK_THROWS_WITH(midi_files_below(f / "in/none"), contains("cannot be looked through"));
    fs::create_directory(f / "empty");
    CHECK_THROWS_WITH(midi_files_below(f / "empty"), contains("holds no MIDI files (.mid, .midi, .smf)"));
}

TEST_CASE("transpositions and versions are one family, other songs are not") {
    std::vector<piece_sketch> sketches;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        sketches.push_back(sketch_of(hear(song(seed)).value()));
        sketches.push_back(sketch_of(hear(song(seed, 5)).value()));
        sketches.push_back(sketch_of(hear(song(seed, -2, true)).value()));
    }
    const auto family = find_families(sketches);
    for (std::size_t i = 0; i < family.size(); ++i) CHECK(family[i] == i / 3 * 3);
    CHECK(sketches[0].hashes == sketches[1].hashes);
    CHECK(sketches[0].hashes != sketches[2].hashes);
    CHECK(find_families({}).empty());
}

TEST_CASE("a folder becomes three files, families whole, phrases once, keys even") {
    const temporary_folder f;
    fs::create_directories(f / "in/more");
    for (std::uint64_t seed = 1; seed <= 24; ++seed) save(song(seed), f / "in" / ("song" + std::to_string(seed) + ".mid"));
    for (std::uint64_t seed = 1; seed <= 24; seed += 2) {
        save(song(seed, 3), f / "in/more" / ("copy" + std::to_string(seed) + ".mid"));
        save(song(seed, 1, true), f / "in/more" / ("version" + std::to_string(seed) + ".mid"));
    }
    write_text(f / "in/broken.mid", "PK\x03\x04");
    write_text(f / "in/readme.txt", "x");
    save({}, f / "in/silent.mid");
    score::piece waltz = song(99);
    waltz.meters = {{ticks(0), 3, 4}};
    save(waltz, f / "in/waltz.mid");

    std::size_t told = 0;
    const midi_corpus_report r = make_midi_corpus(f / "in", f / "all", {}, [&](std::size_t done, std::size_t of) {
        CHECK(done == ++told);
        CHECK(of == 51);
    });
    CHECK(r.files == 51);
    CHECK(r.songs == 48);
    CHECK(r.families == 24);
    CHECK(r.without_kin == 12);
    CHECK(r.other_files.count == 1);
    CHECK(r.files_dropped.at("no MIDI file (this is a ZIP archive)").first == std::vector<std::string>{"broken.mid"});
    CHECK(r.files_dropped.at("has no notes").count == 1);
    CHECK(r.files_dropped.at("is in 3/4").first[0] == "waltz");
    CHECK(r.phrases_dropped.at("again in another song") >= 12);

    for (std::uint64_t seed = 1; seed <= 24; seed += 2) {
        const split s = split_of_song(f / "all", "song" + std::to_string(seed));
        const split version = split_of_song(f / "all", "more/version" + std::to_string(seed));
        if (version != split::hold_out && s != split::hold_out) CHECK(s == version);
        // Of two that are equal in all but key, one is there.
        CHECK((split_of_song(f / "all", "more/copy" + std::to_string(seed)) == split::hold_out) != (s == split::hold_out));
    }
    const std::vector<fs::path> files = {f / "all.train.jsonl", f / "all.valid.jsonl", f / "all.test.jsonl"};
    const lead_sheet_corpus all = read_lead_sheet_corpus(files);
    CHECK(all.count(split::train) == r.splits[0].phrases);
    CHECK(all.count(split::valid) == r.splits[1].phrases);
    CHECK(all.count(split::valid) > 0);
    CHECK(all.count(split::train) > all.count(split::valid));
    std::size_t least = 1000, most = 0;
    for (const std::size_t n : r.splits[0].tonics) least = std::min(least, n), most = std::max(most, n);
    CHECK(most <= least + 4);
    CHECK(!fs::exists(f / "all.waiting"));

    const std::string once = read_text(f / "all.train.jsonl");
    (void)make_midi_corpus(f / "in", f / "again");
    CHECK(read_text(f / "again.train.jsonl") == once);
    midi_corpus_config as_found;
    as_found.keys = key_balance::as_found;
    (void)make_midi_corpus(f / "in", f / "found", as_found);
    for (const score::lead_sheet& s : read_lead_sheets(f / "found.train.jsonl"))
        if (s.title.find("song") == 0) CHECK(s.key.tonic == score::pitch_class(0));
}

TEST_CASE("versions of one song alone are divided file by file; one file has nothing to validate") {
    const temporary_folder f;
    fs::create_directories(f / "in");
    for (int i = 0; i < 4; ++i) save(song(7, i, i % 2 == 1), f / "in" / ("v" + std::to_string(i) + ".mid"));
    const midi_corpus_report r = make_midi_corpus(f / "in", f / "v");
    CHECK(r.divided_files);
    CHECK(r.splits[0].phrases > 0);
    CHECK(r.splits[1].phrases > 0);
    for (int i = 1; i < 4; ++i) fs::remove(f / "in" / ("v" + std::to_string(i) + ".mid"));
    CHECK(make_midi_corpus(f / "in", f / "v").nothing_to_validate);
    CHECK(read_text(f / "v.valid.jsonl").empty());
}

TEST_CASE("a folder that gives nothing is an error that says why, and leaves nothing") {
    const temporary_folder f;
    fs::create_directories(f / "in");
    CHECK_THROWS_WITH(make_midi_corpus(f / "in", f / "x"), contains("in: holds no MIDI files"));
    save({}, f / "in/a.mid");
    write_text(f / "in/b.mid", "no MIDI");
    save({}, f / "in/c.mid");
    CHECK_THROWS_WITH(
        make_midi_corpus(f / "in", f / "x"),
        contains("of 3 MIDI files none has a phrase in 4/4; the commonest reason: has no notes (2, a the first)"));
    CHECK(!fs::exists(f / "x.train.jsonl"));
    CHECK(!fs::exists(f / "x.waiting"));
}
