#include <lofi/corpus/note_corpus.hpp>

#include <string_view>
#include <vector>

#include "support/test.hpp"

#include <lofi/core/file.hpp>

using namespace lofi;
namespace fs = std::filesystem;

namespace {

std::vector<fs::path> file_of(const test::temporary_folder& folder, const char* name, std::string_view text) {
    write_file(folder / name, std::as_bytes(std::span(text))).value();
    return {folder / name};
}

}  // namespace

TEST_CASE("note corpus: songs, splits and sets") {
    const test::temporary_folder folder;
    auto files =
        file_of(folder, "tokens_loops.train.txt", "a/1-01\t1\t-2\t0.4.7 C4 E4\r\n\na/2-01\t6\t0\tE-4\nempty\t0\t0\t\n");
    const auto more = file_of(folder, "mine.test.txt", "b\t0\t0\tC4 C4\n");
    files.insert(files.end(), more.begin(), more.end());
    const auto all = corpus::read_note_corpus(files);
    REQUIRE(all.songs.size() == 3);
    CHECK(all.sets == std::vector<std::string>{"loops", "mine"});
    CHECK(all.songs[0].transposition == -2);
    CHECK(all.songs[1].scale == score::mode::aeolian);
    CHECK(all.tokens(corpus::split::train) == 4);
    CHECK(all.count(corpus::split::test) == 1);
    CHECK(all.all_tokens().size() == 6);
}

TEST_CASE("note corpus: what is wrong is named with its line") {
    const test::temporary_folder folder;
    const auto refuses = [&](std::string_view text, const char* says) {
        CHECK_THROWS_WITH(corpus::read_note_corpus(file_of(folder, "x.train.txt", text)), test::contains(says));
    };
    refuses("a\t1\t0\tC4\nb\t1\t0\tC4 H9\n", "x.train.txt:2: token 2: token 'H9'");
    refuses("a\t1\n", "x.train.txt:1: line: has 2 fields");
    refuses("a\t8\t0\tC4\n", "x.train.txt:1: mode: '8' is not a whole number from 0 to 7");
    refuses("a\t1\t999999999999999\tC4\n", "x.train.txt:1: semitones:");
    refuses("\n\n", "has no tokens");
    CHECK_THROWS_AS(corpus::read_note_corpus({}), error);
    CHECK_THROWS_AS(corpus::read_note_corpus(std::vector<fs::path>{folder / "nowhere.txt"}), error);
}

TEST_CASE("note corpus: thinned evenly to about so many tokens, and only where it learns") {
    corpus::note_corpus all;
    for (int i = 0; i < 100; ++i) {
        corpus::note_song s;
        s.tokens.resize(30);
        s.name = std::to_string(i);
        s.split = i % 10 == 0 ? corpus::split::test : corpus::split::train;
        all.songs.push_back(s);
    }
    const auto less = corpus::thinned(all, 900);
    CHECK(less.tokens(corpus::split::train) >= 900);
    CHECK(less.tokens(corpus::split::train) <= 930);
    CHECK(less.count(corpus::split::test) == 10);
    CHECK(corpus::thinned(all, 1000000).songs.size() == 100);
    // Evenly: something of each third of the corpus.
    for (const int from : {0, 33, 66})
        CHECK(std::any_of(less.songs.begin(), less.songs.end(), [&](const corpus::note_song& s) {
            return s.split == corpus::split::train && std::stoi(s.name) >= from && std::stoi(s.name) < from + 33;
        }));
}
