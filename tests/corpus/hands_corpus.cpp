#include <lofi/corpus/hands_corpus.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "support/test.hpp"

#include <lofi/core/file.hpp>
#include <lofi/midi/write.hpp>

using namespace lofi;
namespace fs = std::filesystem;

namespace {

void write_song(const fs::path& path, int shift, std::uint8_t beats = 4, bool melody = true) {
    score::piece p;
    p.meters.push_back({ticks(0), beats, 4});
    p.tracks.resize(2);
    p.tracks[0].name = "CHORDS", p.tracks[1].name = "MELODY", p.tracks[1].channel = 1;
    for (int bar = 0; bar < 4; ++bar) {
        for (const int m : {48, 52, 55})
            p.tracks[0].notes.push_back({ticks(1920 * bar), ticks(1920), score::pitch(m + shift), {}});
        if (melody) p.tracks[1].notes.push_back({ticks(1920 * bar), ticks(960), score::pitch(72 + shift), {}});
    }
    p.length = ticks(4 * 1920);
    fs::create_directories(path.parent_path());
    write_file(path, std::span<const std::byte>(midi::write(midi::from_piece(p).value()).value())).value();
}

void write_text(const fs::path& path, std::string_view text) { write_file(path, std::as_bytes(std::span(text))).value(); }

}  // namespace

TEST_CASE("hands corpus: what an index says, and what is found without") {
    const test::temporary_folder folder;
    write_song(folder / "a/one.mid", 2);
    write_song(folder / "a/two.mid", 0, 3);
    write_song(folder / "b/three.mid", 5, 4, false);
    write_text(folder / "b/broken.mid", "<html>");
    const std::vector<fs::path> here = {folder / "."};
    auto all = corpus::read_hands_corpus(here);
    REQUIRE(all.songs.size() == 2);
    CHECK(all.left_out.at("not in 4/4") == 1);
    CHECK(all.left_out.at("cannot be read") == 1);
    CHECK(all.sets == std::vector<std::string>{"a", "b"});
    CHECK(all.songs[0].key.tonic == score::pitch_class(2));
    CHECK(all.songs[0].melody);
    CHECK_FALSE(all.songs[1].melody);
    CHECK(all.songs[1].key.tonic == score::pitch_class(5));
    // The same music in another key is the same tokens.
    CHECK(all.songs[0].tokens.size() > all.songs[1].tokens.size());

    write_text(folder / "index.tsv",
               "file\tset\tsplit\tkey\tmode\tbpm\n"
               "a/one.mid\tours\ttest\t12\t2\t93.5\r\n"
               "b/three.mid\ttheirs\tvalid\t0\t0\t70\n");
    all = corpus::read_hands_corpus(here);
    REQUIRE(all.songs.size() == 2);
    CHECK(all.sets == std::vector<std::string>{"ours", "theirs"});
    CHECK(all.songs[0].key == score::key{score::pitch_class(11), score::mode::dorian});
    CHECK(all.songs[0].split == corpus::split::test);
    CHECK(all.songs[0].tempo.value == 93.5);
    CHECK(all.songs[1].key.tonic == score::pitch_class(5));
    CHECK(all.count(corpus::split::valid) == 1);
    constexpr std::string_view wanted[] = {"theirs"};
    CHECK(corpus::read_hands_corpus(here, wanted).songs.size() == 1);

    write_text(folder / "index.tsv", "file\tset\na/one.mid\n");
    CHECK_THROWS_WITH(corpus::read_hands_corpus(here), test::contains("index.tsv:2: has 1 fields, not 2"));
}

TEST_CASE("hands corpus: one family of files is divided, and what an index says is not") {
    const test::temporary_folder folder;
    std::string index = "file\tsplit\n";
    for (int i = 0; i < 10; ++i) {
        write_song(folder / ("a/take-" + std::to_string(i) + ".mid"), i);
        index += "a/take-" + std::to_string(i) + ".mid\ttest\n";
    }
    const std::vector<fs::path> here = {folder.path()};
    auto all = corpus::read_hands_corpus(here);
    CHECK(all.count(corpus::split::train) == 8);
    CHECK(all.count(corpus::split::valid) == 2);
    write_text(folder / "index.tsv", index);
    all = corpus::read_hands_corpus(here);
    CHECK(all.count(corpus::split::test) == 10);
}

TEST_CASE("hands corpus: nothing to read is an error") {
    const test::temporary_folder folder;
    const std::vector<fs::path> here = {folder / "."};
    CHECK_THROWS_WITH(corpus::read_hands_corpus(here), test::contains("has no MIDI files in 4/4 that can be read"));
    CHECK_THROWS_AS(corpus::read_hands_corpus({}), error);
}
