// The commands of the train build, over a network that has learned for a moment.
#include <algorithm>
#include <sstream>

#include "run.hpp"

using namespace lofi::test;

namespace {

/// Lead sheets to learn from, each a song of its own: lines of `lofi generate` under other titles.
void write_corpus(const std::filesystem::path& folder) {
    const run_result r = lofi_in(folder, {"generate", "lofi2lofi", "--count", "24", "--rows", "6"});
    REQUIRE(r.status == 0);
    std::istringstream in(r.out);
    std::string text[2];
    std::size_t i = 0;
    for (std::string line; std::getline(in, line); ++i) {
        const std::size_t at = line.find("sample-1-");
        REQUIRE(at != std::string::npos);
        text[i < 16 ? 0 : 1] += line.replace(at, 9, i < 16 ? "learned" : "held") + "\n";
    }
    write_text(folder / "mine.train.jsonl", text[0]);
    write_text(folder / "mine.valid.jsonl", text[1]);
}

std::vector<std::string> training(const std::string& setting, const std::string& out, const std::string& epochs,
                                  const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {
        "train", "lofi2lofi", "--data", "mine.train.jsonl", "mine.valid.jsonl", "--out", out, "--setting", setting, "--epochs",
        epochs,  "--batch",   "8",      "--no-pictures"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("published: trained, killed and resumed, decoded and encoded") {
    if (!has_train()) return;
    const temporary_folder f;
    write_corpus(f.path());
    const run_result whole = lofi_in(f.path(), training("published", "a.safetensors", "6"));
    INFO(whole.err);
    REQUIRE(whole.status == 0);
    CHECK_THAT(whole.err, contains("24 phrases of 24 songs: 16 to train, 8 to validate"));
    CHECK_THAT(whole.out, contains("12 steps"));

    // Killed at some moment, then again; the end is the same.
    for (const char* after : {"0.15", "0.4"})
        lofi_in(f.path(), training("published", "b.safetensors", "6", {"--resume"}), "timeout -s KILL " + std::string(after));
    REQUIRE(lofi_in(f.path(), training("published", "b.safetensors", "6", {"--resume"})).status == 0);
    CHECK(read_text(f / "a.safetensors") == read_text(f / "b.safetensors"));

    const run_result latents = lofi_in(f.path(), {"encode", "--weights", "a.safetensors", "mine.valid.jsonl"});
    INFO(latents.err);
    REQUIRE(latents.status == 0);
    write_text(f / "z.json", latents.out);
    const run_result sheets = lofi_in(f.path(), {"decode", "--weights", "a.safetensors", "--latent", "z.json"});
    INFO(sheets.err);
    REQUIRE(sheets.status == 0);
    CHECK(std::count(sheets.out.begin(), sheets.out.end(), '\n') == 8);
    CHECK_THAT(sheets.out, contains("\"chords\":[") && contains("\"heads\":{\"tempo\":"));
    const run_result drawn = lofi_in(f.path(), {"generate", "lofi2lofi", "--weights", "a.safetensors", "--count", "3"});
    CHECK(drawn.status == 0);
    CHECK(std::count(drawn.out.begin(), drawn.out.end(), '\n') == 3);
    check_refused(f.path(), {"generate", "lofi2lofi", "--weights", "a.safetensors", "--energy", "0.5"}, "takes no wishes");

    // A network of the other setting, and files that are none.
    check_refused(f.path(), {"quantise", "--weights", "a.safetensors", "--out", "z.json"},
                  "a.safetensors: its config differs at /");
    const std::string good = read_text(f / "a.safetensors");
    const auto check = [&](const std::string& bytes, const std::string& says) {
        write_text(f / "x.safetensors", bytes);
        check_refused(f.path(), {"encode", "--weights", "x.safetensors", "mine.valid.jsonl"}, "x.safetensors: " + says);
    };
    check("", "");
    check(good.substr(0, 7), "");
    check(good.substr(0, good.size() / 2), "");
    check(std::string("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F{}", 10), "header: ");
    check(replaced(good, "\"F32\"", "\"I32\""), "tensor ");
    check(replaced(good, "\"F32\"", "\"F64\""), "tensor ");
    check(replaced(good, "\"version\":\"1\"", "\"version\":\"9\""), "metadata: has version \"9\"");
    check(replaced(good, "\"model\":\"lofi2lofi\"", "\"model\":\"lofi2lofo\""), "holds a \"lofi2lofo\"");
    check(replaced(good, "chord_prediction.0.bias", "chord_prediction.0.sbia"), "tensor ");
    std::string nan = good;
    nan.replace(nan.size() - 4, 4, std::string("\0\0\xC0\x7F", 4));
    check(nan, "tensor ");

    const auto latent = [&](const std::string& text, const std::string& says) {
        write_text(f / "bad.json", text);
        check_refused(f.path(), {"decode", "--weights", "a.safetensors", "--latent", "bad.json"}, "bad.json: " + says);
    };
    latent("", "byte 1: is not JSON");
    latent("{}", "is not an array of arrays of 100 numbers");
    latent("[1, 2]", "latent 1: is not an array of 100 numbers");
    latent("[[1, 2]]", "latent 1: has 2 numbers, not 100");
    latent(replaced(latents.out, "\n[", "\n[null,"), "latent 1: has 101 numbers");
    latent(std::string(100000, '['), "byte ");
    std::string big = latents.out;
    big.replace(big.rfind(','), std::string::npos, ",1e39]]");
    latent(big, "latent 8: number 100: is not a finite number");
    check_refused(f.path(), {"decode", "--weights", "absent", "--latent", "z.json"}, "absent: cannot be opened: ");
    check_refused(f.path(), {"decode", "--weights", "a.safetensors", "--latent", "absent"}, "absent: cannot be opened: ");
}

TEST_CASE("groove: trained, killed and resumed, quantised, and measured on the test split") {
    if (!has_train()) return;
    const temporary_folder f;
    // Sixteen performances to learn from, eight held out: kick, backbeat, and a hat that comes and goes.
    for (const auto& [name, count] : {std::pair("train", 16), {"valid", 4}, {"test", 4}}) {
        std::string text;
        for (int i = 0; i < count; ++i) {
            text += R"({"id":")" + std::string(name) + std::to_string(i) +
                    R"(","bpm":90,"style":"funk","swing":0.5,"hits":[[0,0,90,0.1])";
            for (const int step : {4, 12, 20, 28}) text += ",[" + std::to_string(step) + ",1,110,-0.1]";
            for (int step = 0; step < 32; step += 2 + i % 3) text += ",[" + std::to_string(step) + ",2,60,0]";
            text += "]}\n";
        }
        write_text(f / ("mine." + std::string(name) + ".jsonl"), text);
    }
    const auto words = [](const std::string& out, const std::vector<std::string>& more = {}) {
        std::vector<std::string> w = {"train",    "groove", "--data",  ".", "--out",        out,
                                      "--epochs", "6",      "--batch", "8", "--no-pictures"};
        w.insert(w.end(), more.begin(), more.end());
        return w;
    };
    const run_result whole = lofi_in(f.path(), words("a.safetensors"));
    INFO(whole.err);
    REQUIRE(whole.status == 0);
    CHECK_THAT(whole.err, contains("24 windows: 16 to train, 4 to validate, 4 to test"));
    CHECK_THAT(whole.out, contains("12 steps"));
    for (const char* after : {"0.1", "0.25"})
        lofi_in(f.path(), words("b.safetensors", {"--resume"}), "timeout -s KILL " + std::string(after));
    REQUIRE(lofi_in(f.path(), words("b.safetensors", {"--resume"})).status == 0);
    CHECK(read_text(f / "a.safetensors") == read_text(f / "b.safetensors"));

    const run_result q = lofi_in(f.path(), {"quantise", "--weights", "a.safetensors", "--out", "a.hpp", "--data", "."});
    INFO(q.err);
    REQUIRE(q.status == 0);
    CHECK_THAT(q.out, contains("\"grooves\": 4") && contains("in_whole_numbers"));
    CHECK_THAT(read_text(f / "a.hpp"), contains("inline constexpr std::uint64_t groove_words[] = {"));

    check_refused(f.path(), words("a.safetensors"), "a.safetensors.run");  // holds a run: --resume, or another name
    write_text(f / "mine.valid.jsonl", R"({"id":"v","bpm":90,"hits":[[0,0,90,7]]})");
    check_refused(f.path(), words("c.safetensors"), "mine.valid.jsonl:1: hits, 1, offset: 7 is not -0.5 to 0.5");
    std::filesystem::create_directory(f / "empty");
    check_refused(f.path(), {"train", "groove", "--data", "empty", "--out", "c.safetensors"}, "empty: has no grooves");
    check_refused(f.path(), {"train", "groove", "--data", "absent", "--out", "c.safetensors"}, "absent");
}

TEST_CASE("improved: trained, quantised, varied, and on the way between two") {
    if (!has_train()) return;
    const temporary_folder f;
    write_corpus(f.path());
    const run_result whole = lofi_in(f.path(), training("improved", "a.safetensors", "2"));
    INFO(whole.err);
    REQUIRE(whole.status == 0);
    lofi_in(f.path(), training("improved", "b.safetensors", "2", {"--resume"}), "timeout -s KILL 0.5");
    REQUIRE(lofi_in(f.path(), training("improved", "b.safetensors", "2", {"--resume"})).status == 0);
    CHECK(read_text(f / "a.safetensors") == read_text(f / "b.safetensors"));
    check_refused(f.path(), training("improved", "a.safetensors", "2"),
                  "a.safetensors.run");  // holds a run: --resume, or another name

    const run_result quantised = lofi_in(f.path(), {"quantise", "--weights", "a.safetensors", "--out", "a.lofi"});
    INFO(quantised.err);
    REQUIRE(quantised.status == 0);
    for (const char* weights : {"a.lofi", "a.safetensors"}) {
        const run_result r = lofi_in(f.path(), {"generate", "lofi2lofi", "--weights", weights, "--count", "2"});
        INFO(r.err);
        CHECK(r.status == 0);
        CHECK(std::count(r.out.begin(), r.out.end(), '\n') == 2);
        CHECK(r.out != lofi_in(f.path(), {"generate", "lofi2lofi", "--count", "2"}).out);
    }
    const std::string bytes = read_text(f / "a.lofi");
    write_text(f / "cut.lofi", bytes.substr(0, bytes.size() - 1));
    check_refused(f.path(), {"generate", "lofi2lofi", "--weights", "cut.lofi"}, "cut.lofi: quantised weights");

    const std::string sheets = read_text(f / "mine.valid.jsonl");
    const std::size_t first = sheets.find('\n') + 1, second = sheets.find('\n', first) + 1;
    write_text(f / "two.jsonl", sheets.substr(0, second));
    const run_result varied =
        lofi_in(f.path(), {"generate", "lofi2lofi", "--weights", "a.safetensors", "--vary", "two.jsonl", "--count", "2"});
    INFO(varied.err);
    REQUIRE(varied.status == 0);
    CHECK(std::count(varied.out.begin(), varied.out.end(), '\n') == 4);
    CHECK_THAT(varied.out, contains("varied 2"));
    const run_result way =
        lofi_in(f.path(), {"generate", "lofi2lofi", "--weights", "a.safetensors", "--between", "two.jsonl", "--count", "5"});
    INFO(way.err);
    REQUIRE(way.status == 0);
    CHECK(std::count(way.out.begin(), way.out.end(), '\n') == 5);
    check_refused(f.path(), {"generate", "lofi2lofi", "--weights", "a.safetensors", "--between", "mine.valid.jsonl"},
                  "has 8 samples");
    check_refused(f.path(), {"generate", "lofi2lofi", "--weights", "a.lofi", "--vary", "two.jsonl"},
                  "a.lofi: has a decoder alone");
    check_refused(f.path(), {"decode", "--weights", "a.safetensors", "--latent", "two.jsonl"}, "two.jsonl: ");
    CHECK(lofi_in(f.path(), {"encode", "--weights", "a.safetensors", "two.jsonl"}).status == 0);
    check_refused(f.path(), {"encode", "--weights", "a.lofi", "two.jsonl"}, "a.lofi: has a decoder alone");
}

TEST_CASE("what cannot be learned from") {
    if (!has_train()) return;
    const temporary_folder f;
    write_corpus(f.path());
    const auto check = [&](const std::vector<std::string>& data, const std::string& says) {
        std::vector<std::string> words = {"train", "lofi2lofi", "--out", "w.safetensors", "--data"};
        words.insert(words.end(), data.begin(), data.end());
        check_refused(f.path(), words, says);
    };
    std::filesystem::create_directory(f / "empty");
    check({"absent.jsonl"}, "absent.jsonl: cannot be opened: ");
    check({"empty"}, "empty: has no lead sheets");
    check({"mine.valid.jsonl"}, "lofi2lofi: needs at least");
    write_text(f / "bad.train.jsonl", "{\"title\":\"x\",\"chords\":[1,2]}\n{\"title\":\"y\",\"chords\":[1,9]}\n");
    check({"bad.train.jsonl"}, "bad.train.jsonl:2: chords, row 2: 9 is not 0 to 7");
    write_text(f / "cut.train.jsonl", read_text(f / "mine.train.jsonl").substr(0, 500));
    check({"cut.train.jsonl"}, "cut.train.jsonl:");
    check({"mine.train.jsonl", "--epochs", "0"}, "--epochs");
    check({"mine.train.jsonl", "--batch", "-1"}, "--batch");
    check({"mine.train.jsonl", "--lr", "nan"}, "--lr");
    check({"mine.train.jsonl", "--setting", "best"}, "--setting");
    check_refused(f.path(), training("published", "empty", "1"), "empty: is a folder");
    check_refused(f.path(), training("published", "mine.train.jsonl/w.safetensors", "1"), "mine.train.jsonl/w.safetensors");
}

TEST_CASE("measures of MIDI files and of samples") {
    if (!has_train()) return;
    const temporary_folder f;
    write_corpus(f.path());
    REQUIRE(lofi_in(f.path(), {"render", "--minutes", "0.2", "--rate", "8000", "--key", "C", "--mode", "ionian", "--out", "t"})
                .status == 0);
    const run_result r =
        lofi_in(f.path(), {"eval", "t.mid", "mine.valid.jsonl", "--against", "mine.train.jsonl", "mine.valid.jsonl"});
    INFO(r.err);
    REQUIRE(r.status == 0);
    CHECK_THAT(r.out, contains("\"key\": \"C major\""));
    CHECK_THAT(r.out,
               contains("\"pitch_in_scale_rate\": ") && contains("\"groove_consistency\": ") && contains("\"as_muspy\": "));
    CHECK_THAT(r.out, contains("\"sheets\": 8,") && contains("\"chord_tone_on_one\": "));
    CHECK_THAT(r.out, contains("\"longest_copy_slots\": 48"));  // each stands in the files it is held against: 6 rows of 8
    write_text(f / "empty.mid", "");
    check_refused(f.path(), {"eval", "empty.mid"}, "empty.mid: byte 0: ");
    check_refused(f.path(), {"eval", "t.mid", "absent.mid"}, "absent.mid: cannot be opened: ");
    CHECK(lofi_in(f.path(), {"eval", "t.wav"}).status == 0);  // sound has measures of its own
    write_text(f / "bad.jsonl", "{\"chords\":[1],\"melodies\":[[1,2,3]]}\n");
    check_refused(f.path(), {"eval", "bad.jsonl"}, "bad.jsonl:1: melodies, row 1: 3 slots are not 8");
    check_refused(f.path(), {"eval", "mine.valid.jsonl", "--against", "bad.jsonl"}, "bad.jsonl:1: ");
}
