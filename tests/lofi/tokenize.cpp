// lofi tokenize, detokenize: a line a file, ids or spellings, and back to the same tokens.
#include <sstream>

#include "run.hpp"

using namespace lofi::test;

namespace {

std::vector<std::string> lines(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

/// Two pieces for two hands as a.mid and b.mid.
void make_pieces(const temporary_folder& f) {
    const run_result r =
        lofi_in(f.path(), {"generate", "note-lstm", "--count", "2", "--length", "4", "--key", "C", "--seed", "8"});
    INFO(r.err);
    REQUIRE(r.status == 0);
    std::filesystem::rename(f / "note-lstm-8-1.mid", f / "a.mid");
    std::filesystem::rename(f / "note-lstm-8-2.mid", f / "b.mid");
}

}  // namespace

TEST_CASE("tokens go out a line a file and come back the same, in every kind of notes") {
    const temporary_folder f;
    make_pieces(f);
    for (const std::string kind : {"hands", "remi", "tsd", "midi-like", "melody"}) {
        INFO(kind);
        const run_result ids = lofi_in(f.path(), {"tokenize", kind, "a.mid", "b.mid"});
        REQUIRE(ids.status == 0);
        REQUIRE(lines(ids.out).size() == 2);
        const run_result spelled = lofi_in(f.path(), {"tokenize", kind, "--spell", "a.mid", "b.mid"});
        CHECK(spelled.out != ids.out);
        for (const run_result* r : {&ids, &spelled}) {
            write_text(f / "lines", r->out);
            const run_result back = lofi_in(f.path(), {"detokenize", kind, "lines", "--out", "again"});
            INFO(back.err);
            REQUIRE(back.status == 0);
            CHECK(lines(back.out) == std::vector<std::string>{"again/" + kind + "-1.mid", "again/" + kind + "-2.mid"});
            const run_result again =
                lofi_in(f.path(), {"tokenize", kind, "again/" + kind + "-1.mid", "again/" + kind + "-2.mid", "--key", "C"});
            CHECK(again.out == ids.out);
        }
    }
    const run_result both = lofi_in(f.path(), {"tokenize", "hands", "--json", "b.mid"});
    CHECK_THAT(both.out, contains("\"file\":\"b.mid\",\"kind\":\"hands\",\"ids\":[1,2,"));
    CHECK_THAT(both.out, contains("\"tokens\":[\"bar\",\"pos0\","));
}

TEST_CASE("note/chord tokens are numbered by the corpus, or by a vocabulary that is kept") {
    const temporary_folder f;
    make_pieces(f);
    const run_result r = lofi_in(f.path(), {"tokenize", "notechord", "--vocabulary", "v.json", "a.mid", "b.mid"});
    REQUIRE(r.status == 0);
    CHECK_THAT(read_text(f / "v.json"), contains("{\"kind\":\"notechord\",\"tokens\":["));
    CHECK(lofi_in(f.path(), {"tokenize", "notechord", "a.mid", "b.mid"}).out == r.out);
    CHECK(lofi_in(f.path(), {"tokenize", "notechord", "--vocabulary", "v.json", "b.mid"}).out == lines(r.out)[1] + "\n");
    write_text(f / "lines", r.out);
    CHECK(lofi_in(f.path(), {"detokenize", "notechord", "lines", "--vocabulary", "v.json"}).status == 0);
    write_text(f / "small.json", "{\"kind\":\"notechord\",\"tokens\":[\"C4\"]}");
    check_refused(f.path(), {"tokenize", "notechord", "--vocabulary", "small.json", "b.mid"},
                  "is not in the vocabulary small.json");
    write_text(f / "small.json", "{\"kind\":\"remi\",\"tokens\":[]}");
    check_refused(f.path(), {"tokenize", "notechord", "--vocabulary", "small.json", "b.mid"},
                  "small.json: is no vocabulary: it has no list of tokens");
    write_text(f / "small.json", "{\"kind\":\"remi\",\"tokens\":[\"C4\"]}");
    check_refused(f.path(), {"tokenize", "notechord", "--vocabulary", "small.json", "b.mid"},
                  "small.json: is of remi, not of notechord");
}

TEST_CASE("vocabularies of other kinds are written, and held against what is there") {
    const temporary_folder f;
    make_pieces(f);
    REQUIRE(lofi_in(f.path(), {"tokenize", "midi-like", "--vocabulary", "m.json"}).status == 0);
    CHECK_THAT(read_text(f / "m.json"), contains("{\"kind\":\"midi-like\",\"tokens\":[\"PAD_None\",\"BOS_None\","));
    const run_result r = lofi_in(f.path(), {"tokenize", "midi-like", "a.mid", "--vocabulary", "m.json"});
    CHECK(r.status == 0);
    write_text(f / "lines", r.out);
    CHECK(lofi_in(f.path(), {"detokenize", "midi-like", "lines", "--vocabulary", "m.json"}).status == 0);
    check_refused(f.path(), {"tokenize", "remi", "a.mid", "--vocabulary", "m.json"}, "m.json: is of midi-like, not of remi");
    check_refused(f.path(), {"tokenize", "notechord", "--vocabulary", "n.json"}, "files: are what the vocabulary of notechord");
    check_refused(f.path(), {"tokenize", "remi"}, "files: are needed, or --vocabulary");
}

TEST_CASE("what cannot be read as tokens is refused with its place") {
    const temporary_folder f;
    make_pieces(f);
    check_refused(f.path(), {"tokenize", "runes", "a.mid"}, "kind 'runes': is not known; there are notechord, melody");
    check_refused(f.path(), {"tokenize", "drums", "a.mid"}, "a.mid: piece: has no drums");
    check_refused(f.path(), {"tokenize", "remi", "nowhere.mid"}, "nowhere.mid");
    check_refused(f.path(), {"tokenize", "groove", "a.mid"}, "a.mid: piece: has no drums");
    write_text(f / "empty.mid", "");
    check_refused(f.path(), {"tokenize", "melody", "empty.mid"}, "empty.mid");
    write_text(f / "lines", "1 2 300\n");
    CHECK_THAT(lofi_in(f.path(), {"detokenize", "hands", "lines"}).err, contains("lines:1: token 3: 300 is not below 184"));
    write_text(f / "lines", "\nbar pos0 what\n");
    CHECK_THAT(lofi_in(f.path(), {"detokenize", "hands", "lines"}).err, contains("lines:2: token 3: token 'what'"));
    write_text(f / "lines", "bar d4\n");
    CHECK_THAT(lofi_in(f.path(), {"detokenize", "hands", "lines"}).err, contains("lines:1: token 2: d4 may not follow bar"));
    write_text(f / "lines", "\n");
    CHECK_THAT(lofi_in(f.path(), {"detokenize", "hands", "lines"}).err, contains("has no line of tokens"));
}
