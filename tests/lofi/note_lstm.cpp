// lofi generate note-lstm, train note-lstm, quantise: the same seed gives the same pieces, trained weights write, files that do not fit
// are refused.
#include "run.hpp"

using namespace lofi::test;

TEST_CASE("pieces for two hands follow seed, key and length") {
    const temporary_folder f;
    const std::vector<std::string> words = {"generate", "note-lstm", "--count",  "2",     "--length", "6",    "--seed",
                                            "4",        "--key",     "D dorian", "--out", "x",        "--wav"};
    const run_result r = lofi_in(f.path(), words);
    INFO(r.err);
    REQUIRE(r.status == 0);
    CHECK(r.out == "x/note-lstm-4-1.mid\nx/note-lstm-4-1.wav\nx/note-lstm-4-2.mid\nx/note-lstm-4-2.wav\n");
    const std::string first = read_text(f / "x/note-lstm-4-1.mid"), second = read_text(f / "x/note-lstm-4-2.mid");
    CHECK(first != second);
    CHECK(read_text(f / "x/note-lstm-4-1.wav").size() > 1000000);
    // A piece does not hang on how many come after it.
    REQUIRE(lofi_in(f.path(), {"generate", "note-lstm", "--length", "6", "--seed", "4", "--key", "D dorian", "--out", "y"})
                .status == 0);
    CHECK(read_text(f / "y/note-lstm-4-1.mid") == first);
    const run_result spelled = lofi_in(f.path(), {"tokenize", "hands", "--spell", "y/note-lstm-4-1.mid", "--key", "D dorian"});
    std::size_t bars = 0;
    for (std::size_t at = spelled.out.find("bar"); at != std::string::npos; at = spelled.out.find("bar", at + 1)) ++bars;
    CHECK(bars <= 6);
    CHECK(bars >= 5);
    check_refused(f.path(), {"generate", "note-lstm", "--key", "H"}, "--key");
    check_refused(f.path(), {"generate", "note-lstm", "--weights", "x/note-lstm-4-1.mid"}, "x/note-lstm-4-1.mid");
}

TEST_CASE("a note network learns from a folder of MIDI files, is quantised, and writes") {
    if (!has_train()) return;
    const temporary_folder f;
    REQUIRE(lofi_in(f.path(), {"generate", "note-lstm", "--count", "30", "--length", "4", "--out", "midi"}).status == 0);
    const run_result train = lofi_in(f.path(), {"train", "note-lstm", "--data", "midi", "--out", "w.safetensors", "--epochs",
                                                "1", "--batch", "8", "--no-pictures"});
    INFO(train.err);
    REQUIRE(train.status == 0);
    CHECK_THAT(train.err, contains("songs to train"));
    REQUIRE(lofi_in(f.path(), {"quantise", "--weights", "w.safetensors", "--out", "w.lofi"}).status == 0);
    for (const char* weights : {"w.safetensors", "w.lofi"})
        CHECK(lofi_in(f.path(), {"generate", "note-lstm", "--weights", weights, "--length", "2", "--out", "made"}).status == 0);
    // Without CUDA in the build, or without a device: a sentence that says what to do.
    const run_result there = lofi_in(f.path(), {"train", "note-lstm", "--data", "midi", "--out", "there.safetensors",
                                                "--epochs", "1", "--batch", "8", "--no-pictures", "--backend", "cuda"});
    INFO(there.err);
    CHECK((there.status == 0 || (there.err.find("--backend cuda: ") != std::string::npos &&
                                 there.err.find("--backend cpu trains here") != std::string::npos)));
    check_refused(f.path(), {"generate", "lofi2lofi", "--weights", "w.safetensors"},
                  "holds a \"note-lstm\", not a \"lofi2lofi\"");
    check_refused(f.path(), {"generate", "note-lstm", "--weights", "w.lofi", "--style", "9"}, "--style");
    check_refused(f.path(), {"train", "note-lstm", "--data", "midi", "--out", "v.safetensors", "--freeze", "1"},
                  "are for the published settings");
}
