// Input that cannot be used: one error that names the place, and every file as it was.
#include <sys/stat.h>
#include <unistd.h>

#include "run.hpp"

using namespace lofi::test;

namespace {

/// A folder with an older track in it, so that there is something to lose.
struct folder_with_track : temporary_folder {
    folder_with_track() {
        REQUIRE(lofi_in(path(), {"render", "--minutes", "0.1", "--rate", "8000", "--out", "old"}).status == 0);
    }
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

/// The words of a short render with one more option.
std::vector<std::string> render(const std::vector<std::string>& more) {
    std::vector<std::string> words = {"render", "--rate", "8000", "--out", "old"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

}  // namespace

TEST_CASE("numbers out of range, and names that nobody knows") {
    const folder_with_track f;
    for (const char* minutes : {"0", "-1", "1e9", "nan", "inf", "0.09", "241", ""})
        check_refused(f.path(), render({"--minutes", minutes}), "minutes: ");
    check_refused(f.path(), render({"--minutes", "long"}), "--minutes");
    check_refused(f.path(), render({"--mood", "blue"}), "mood 'blue': is not known; there are night, rain");
    check_refused(f.path(), render({"--mood", ""}), "mood ''");
    for (const char* share : {"-0.1", "1.1", "nan"}) {
        check_refused(f.path(), render({"--energy", share}), "energy: ");
        check_refused(f.path(), render({"--valence", share}), "valence: ");
        check_refused(f.path(), render({"--accent", share}), "accent: ");
    }
    for (const char* bpm : {"0", "49.9", "1e300", "nan"}) check_refused(f.path(), render({"--bpm", bpm}), "bpm: ");
    for (const char* key : {"H", "", "C dorianish", "C ", "m", "Cmm"}) check_refused(f.path(), render({"--key", key}), "--key");
    check_refused(f.path(), render({"--mode", "blues"}), "--mode: mode 'blues': is not one of ionian");
    check_refused(f.path(), render({"--mode", "dorian", "--key", "Am"}), "contradicts --mode dorian");
    for (const char* rate : {"0", "7999", "192001", "nan", "44100.5"})
        check_refused(f.path(), {"render", "--rate", rate, "--out", "old"}, "rate");
    for (const char* seed : {"-1", "1.5", "18446744073709551616", "x", ""})
        check_refused(f.path(), render({"--seed", seed}), "--seed");
    check_refused(f.path(), {"render"}, "--out is required");
    check_refused(f.path(), {"rendre"}, "rendre is not a command");
    check_refused(f.path(), {}, "subcommand is required");
    check_refused(f.path(), render({"--json", "old.json", "--seed", "1"}), "--json excludes --seed");
}

TEST_CASE("places that cannot take files") {
    const folder_with_track f;
    std::filesystem::create_directory(f / "taken.mid");
    write_text(f / "taken.wav", "stays");
    const auto out = [](const std::string& name) {
        return std::vector<std::string>{"render", "--minutes", "0.1", "--rate", "8000", "--out", name};
    };
    check_refused(f.path(), out(""), "--out: names no file");
    check_refused(f.path(), out("."), "names no file");
    check_refused(f.path(), out(f.path().string() + "/"), "names no file");
    check_refused(f.path(), out("absent/x"), "absent: cannot take new files: ");
    check_refused(f.path(), out("old.wav/x"), "old.wav: cannot take new files: ");
    check_refused(f.path(), out("taken"), "taken.mid: is a folder");
    check_refused(f.path(), {"midi", "copy", "old.mid", "taken.mid"}, "taken.mid: is a folder");
    check_refused(f.path(), {"midi", "copy", "old.mid", "absent/x.mid"}, "absent/x.mid: cannot be written: ");
    if (::geteuid() != 0) {  // nothing is unwritable to root
        std::filesystem::create_directory(f / "locked");
        ::chmod((f / "locked").c_str(), 0500);
        check_refused(f.path(), out("locked/x"), "locked: cannot take new files: Permission denied");
        check_refused(f.path(), {"midi", "copy", "old.mid", "locked/x.mid"},
                      "locked/x.mid: cannot be written: Permission denied");
    }
}

TEST_CASE("a disk that is full") {
    const folder_with_track f;
    // A limit on the size of files stands for it: writing fails in the middle.
    const std::string full = "trap '' XFSZ; ulimit -f 16;";
    check_refused(f.path(), {"render", "--minutes", "0.1", "--rate", "8000", "--seed", "2", "--out", "old"},
                  "cannot be written: ", full);
    check_refused(f.path(), {"render", "--minutes", "0.1", "--rate", "8000", "--stems", "--out", "new"},
                  "cannot be written: ", full);
    const auto nowhere = [&](const std::string& words) {
        const std::string line =
            "cd " + quoted(f.path().string()) + " && " + quoted(program("lofi").string()) + " " + words + " 2>err";
        CHECK(std::system(line.c_str()) != 0);
        CHECK_THAT(read_text(f / "err"), contains("cannot be written: No space left on device"));
    };
    if (!std::filesystem::is_character_file("/dev/full")) return;
    nowhere("moods >/dev/full");
    nowhere("generate lofi2lofi --count 40 >/dev/full");
    nowhere("midi copy old.mid /dev/full");
    CHECK(std::filesystem::is_character_file("/dev/full"));
}

TEST_CASE("descriptions of tracks that are broken, or of another version") {
    const folder_with_track f;
    const std::string good = read_text(f / "old.json");
    const auto check = [&](const std::string& text, const std::string& says) {
        write_text(f / "x.json", text);
        check_refused(f.path(), {"render", "--json", "x.json", "--out", "old"}, "x.json: " + says);
    };
    check("", "byte 1: is not JSON");
    check(good.substr(0, good.size() / 2), "byte ");
    check("[1, 2]", "JSON: is not an object");
    check("{}", "music_version: is missing");
    check(std::string(200000, '['), "byte ");
    check("{\"music_version\": 1e999}", "");
    check(std::string("\x89PNG\r\n\x1A\n\0\0", 10), "byte 1: is not JSON");
    const auto without = [&](const std::string& from, const std::string& to) { return replaced(good, from, to); };
    check(without("\"music_version\": ", "\"music_version\": 10"), "music_version: is 10");
    check(without("\"weights\": \"", "\"weights\": \"0123456789abcdef"), "weights: is not 16 hexadecimal digits");
    check(without("\"seed\": 1", "\"seed\": -1"), "seed: is not a whole number");
    check(without("\"seed\": 1", "\"seed\": 2"), "notes: come out as");
    check(without("\"mood\": \"night\"", "\"mood\": \"day\""), "mood 'day': is not known");
    check(without("\"mood\": \"night\"", "\"mood\": 7"), "mood: is not a text");
    check(without("\"bars\": ", "\"bars\": 1e"), "bars: ");
    check(without("\"bars\": ", "\"bars\": -"), "bars: ");
    check(without("\"key\": \"", "\"key\": \"X"), "pitch");
    check(without("\"bpm\": ", "\"bpm\": 1"), "bpm: ");
    check(without("\"bpm\": ", "\"bpm\": null, \"_\": "), "bpm: null is not a number from 50");
    check(without("\"energy\": ", "\"energy\": 9"), "energy: ");
    check(without("\"rate\": ", "\"rate\": 99"), "rate: ");
    std::string other = good;
    char& digit = other[good.find("\"weights\": \"") + 12];
    digit = digit == '0' ? '1' : '0';
    check(other, "weights: ");
    check_refused(f.path(), {"render", "--json", "absent.json", "--out", "old"}, "absent.json: cannot be opened: ");
    check_refused(f.path(), {"render", "--json", ".", "--out", "old"}, ".: is a folder");
    check_refused(f.path(), {"render", "--json", "old.wav", "--out", "old"}, "old.wav: byte 1: is not JSON");
}

TEST_CASE("MIDI files that are none, or cut, or hostile") {
    const folder_with_track f;
    const std::string good = read_text(f / "old.mid");
    write_text(f / "empty.mid", "");
    write_text(f / "text.mid", "a letter");
    write_text(f / "cut.mid", good.substr(0, 60));
    // A header that claims 65535 tracks, and a track that claims 4 GiB.
    write_text(f / "claims.mid", std::string("MThd\0\0\0\6\0\1\xFF\xFF\1\xE0MTrk\xFF\xFF\xFF\xFF\0\x90", 24));
    for (const char* command : {"info", "copy"}) {
        const auto words = [&](const std::string& in, const std::vector<std::string>& more = {}) {
            std::vector<std::string> w = {"midi", command, in};
            if (w[1] == "copy") w.push_back("old.mid");
            w.insert(w.end(), more.begin(), more.end());
            return w;
        };
        check_refused(f.path(), words("empty.mid"), "empty.mid: byte 0: ");
        check_refused(f.path(), words("text.mid"), "text.mid: byte 0: ");
        check_refused(f.path(), words("old.wav"), "old.wav: byte 0: no MIDI file (this is a WAVE file)");
        check_refused(f.path(), words("absent.mid"), "absent.mid: cannot be opened: ");
        check_refused(f.path(), words("."), ".: is a folder");
        check_refused(f.path(), words("cut.mid", {"--mode", "strict"}), "cut.mid: byte ");
        check_refused(f.path(), words("claims.mid", {"--mode", "strict"}), "claims.mid: byte ");
        check_refused(f.path(), words("old.mid", {"--mode", "lenient"}), "--mode");
    }
    const run_result hostile = lofi_in(f.path(), {"midi", "info", "claims.mid"}, "ulimit -v 1000000;");
    CHECK(hostile.status == 0);
    CHECK_THAT(hostile.out, contains("claims.mid") || contains("\"diagnostics\": [\n"));
}

TEST_CASE("wishes to the network that cannot be") {
    const folder_with_track f;
    const auto check = [&](const std::vector<std::string>& more, const std::string& says) {
        std::vector<std::string> words = {"generate", "lofi2lofi"};
        words.insert(words.end(), more.begin(), more.end());
        check_refused(f.path(), words, says);
    };
    for (const char* v : {"-1", "1.01", "nan", "x"})
        for (const char* name : {"--energy", "--valence", "--top-p", "--min-p"}) check({name, v}, name);
    for (const char* v : {"0", "-1", "65", "1.5", "nan"}) check({"--rows", v}, "--rows");
    for (const char* v : {"0", "-1", "1e9", "nan"}) check({"--count", v}, "--count");
    for (const char* v : {"39", "241", "nan"}) check({"--bpm", v}, "--bpm");
    check({"--temperature", "-1"}, "--temperature");
    check({"--top-k", "-1"}, "--top-k");
    check({"--mode", "blues"}, "--mode: mode 'blues'");
    check({"--key", "H"}, "--key: pitch 'H'");
    check({"--weights", "absent.lofi"}, "absent.lofi: cannot be opened: ");
    check({"--weights", "."}, ".: is a folder");
    write_text(f / "empty.lofi", "");
    check({"--weights", "empty.lofi"}, "empty.lofi: ");
    check({"--weights", "old.mid"}, "old.mid: quantised weights: ");
    check({"--weights", "old.wav"}, "old.wav: quantised weights: ");
    check({"--spread", "1"}, "--spread requires --vary");
    check({"--vary", "old.json"}, has_train() ? "builtin: has a decoder alone" : "--vary: needs the train build");
    check({"--between", "old.json"}, has_train() ? "builtin: has a decoder alone" : "--between: needs the train build");
}

TEST_CASE("what needs the train build says so in the play build") {
    const temporary_folder f;
    if (has_train()) return;
    for (const char* command : {"train", "decode", "encode", "eval", "quantise"}) {
        check_refused(f.path(), {command}, "lofi " + std::string(command) + ": needs the train build");
        check_refused(f.path(), {command, "lofi2lofi", "--data", "x", "y"}, "-DLOFI_TRAIN=ON");
    }
}
