// lofi corpus: a folder becomes lead sheets with a report, which lofi train reads; what it refuses.
#include <algorithm>

#include "run.hpp"

using namespace lofi::test;
namespace fs = std::filesystem;

namespace {

std::size_t lines_of(const fs::path& p) {
    const std::string text = read_text(p);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("a folder of songs becomes lead sheets and a report, and is learned from") {
    if (!has_train()) return;
    const temporary_folder f;
    const run_result songs =
        lofi_in(f.path(), {"generate", "note-lstm", "--count", "10", "--length", "96", "--seed", "3", "--out", "music"});
    INFO(songs.err);
    REQUIRE(songs.status == 0);
    write_text(f / "music/page.mid", "<html>");
    const run_result made = lofi_in(f.path(), {"corpus", "music", "--out", "mine"});
    INFO(made.err);
    REQUIRE(made.status == 0);
    CHECK_THAT(made.out, contains("11 files: 10 songs") && contains("no MIDI file (this is an HTML or XML page) (page.mid)") &&
                             contains("  mine.train.jsonl\n"));
    CHECK_THAT(read_text(f / "mine.report.md"), contains("(mine.keys.svg)") && contains("| page.mid |"));
    CHECK_THAT(read_text(f / "mine.keys.svg"), contains("<svg"));
    CHECK(lines_of(f / "mine.train.jsonl") > 0);
    CHECK(lines_of(f / "mine.valid.jsonl") > 0);

    const auto once = contents(f.path());
    REQUIRE(lofi_in(f.path(), {"corpus", "music", "--out", "mine"}).status == 0);
    CHECK(contents(f.path()) == once);

    const run_result learned = lofi_in(f.path(), {"train", "lofi2lofi", "--data", "mine.train.jsonl", "mine.valid.jsonl",
                                                  "--out", "w.safetensors", "--epochs", "1", "--batch", "2", "--no-pictures"});
    INFO(learned.err);
    CHECK(learned.status == 0);
    CHECK(fs::exists(f / "w.safetensors"));
}

TEST_CASE("folders that give nothing are refused, and nothing is written") {
    if (!has_train()) return;
    const temporary_folder f;
    fs::create_directories(f / "empty");
    fs::create_directories(f / "broken");
    write_text(f / "broken/a.mid", "RIFFxxxxWAVE");
    write_text(f / "file", "");
    check_refused(f.path(), {"corpus", "empty", "--out", "x"}, "empty: holds no MIDI files (.mid, .midi, .smf)");
    check_refused(f.path(), {"corpus", "absent", "--out", "x"}, "absent: is not there");
    check_refused(f.path(), {"corpus", "file", "--out", "x"}, "file: is a file: a corpus is made of a folder of MIDI files");
    check_refused(f.path(), {"corpus", "broken", "--out", "x"}, "the commonest reason: no MIDI file (this is a WAVE file)");
    check_refused(f.path(), {"corpus", "broken", "--out", "no/such/x"}, "cannot take new files");
    check_refused(f.path(), {"corpus", "broken", "--out", "x", "--valid", "60", "--test", "60"},
                  "leave less than a tenth to learn from");
}
