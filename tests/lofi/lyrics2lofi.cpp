// lofi train lyrics2lofi and lofi generate lyrics2lofi, over networks that have learned for a moment.
#include <algorithm>
#include <sstream>

#include "run.hpp"

using namespace lofi::test;

namespace {

/// Lyrics to learn from: lines of `lofi generate`, each with a text and under a title of its own.
void write_lyrics(const std::filesystem::path& folder) {
    const run_result r = lofi_in(folder, {"generate", "lofi2lofi", "--count", "44", "--rows", "4"});
    REQUIRE(r.status == 0);
    std::istringstream in(r.out);
    std::string text[2];
    std::size_t i = 0;
    for (std::string line; std::getline(in, line); ++i) {
        const std::size_t comma = line.find(',');
        REQUIRE(comma != std::string::npos);
        const std::string words = i % 2 == 0 ? "rain at night" : "joli soleil";
        text[i < 36 ? 0 : 1] += "{\"text\":\"" + words + "\",\"lang\":\"en\",\"sample\":\"" + (i < 36 ? "a" : "b") +
                                std::to_string(i) + "-1\"" + line.substr(comma) + "\n";
    }
    write_text(folder / "lyrics.train.jsonl", text[0]);
    write_text(folder / "lyrics.valid.jsonl", text[1]);
}

std::vector<std::string> training(const std::string& setting, const std::string& out,
                                  const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"train",     "lyrics2lofi", "--data",   ".", "--out",        out,
                                      "--setting", setting,       "--epochs", "1", "--no-pictures"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

std::vector<std::string> writing(const std::string& weights, const std::string& text,
                                 const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"generate", "lyrics2lofi", "--weights", weights, "--text", text};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

}  // namespace

TEST_CASE("lyrics2lofi: trained and written with in both settings") {
    if (!has_train()) return;
    const temporary_folder f;
    write_lyrics(f.path());
    for (const std::string setting : {"improved", "published"}) {
        INFO(setting);
        const std::string weights = setting + ".safetensors";
        const run_result trained = lofi_in(f.path(), training(setting, weights));
        INFO(trained.err);
        REQUIRE(trained.status == 0);

        const run_result once =
            lofi_in(f.path(), writing(weights, "RAIN, at night", {"--count", "2", "--rows", "4", "--seed", "3"}));
        INFO(once.err);
        REQUIRE(once.status == 0);
        CHECK(std::count(once.out.begin(), once.out.end(), '\n') == 2);
        CHECK(once.err.find(setting == "improved" ? "text: 3 words read; valence" : "text: 3 tokens read") == 0);
        CHECK(lofi_in(f.path(), writing(weights, "RAIN, at night", {"--count", "2", "--rows", "4", "--seed", "3"})).out ==
              once.out);
        // A text may be anything.
        std::string endless;
        while (endless.size() < 100'000) endless += "la ";
        write_text(f / "endless.txt", endless);
        CHECK(lofi_in(f.path(), writing(weights, "")).status == 0);
        CHECK(lofi_in(f.path(), writing(weights, "夜の雨 \xFF")).status == 0);
        const run_result whole =
            lofi_in(f.path(), {"generate", "lyrics2lofi", "--weights", weights, "--lyrics", "endless.txt"});
        CHECK(whole.status == 0);
        CHECK(whole.err.find("text: 512 ") == 0);
    }
    const run_result files =
        lofi_in(f.path(), writing("improved.safetensors", "rain", {"--rows", "4", "--key", "Eb", "--out", "made"}));
    REQUIRE(files.status == 0);
    CHECK(files.out == "made/lyrics2lofi-1-1.json\nmade/lyrics2lofi-1-1.mid\n");
    CHECK(read_text(f / "made/lyrics2lofi-1-1.json").find("\"key\":4,") != std::string::npos);
    CHECK(read_text(f / "made/lyrics2lofi-1-1.mid").substr(0, 4) == "MThd");

    check_refused(f.path(), writing("improved.safetensors", "rain", {"--lyrics", "endless.txt"}), "one of them alone");
    check_refused(f.path(), {"generate", "lyrics2lofi", "--weights", "improved.safetensors"}, "one of them alone");
    check_refused(f.path(), writing("improved.safetensors", "rain", {"--vectors", "x.npy"}),
                  "is for weights of the published setting");
    check_refused(f.path(), writing("published.safetensors", "rain", {"--key", "C"}), "leave --key away");
    check_refused(f.path(), writing("published.safetensors", "rain", {"--vectors", "x.npy"}), "x.npy: cannot be opened");
    check_refused(f.path(), writing("nowhere.safetensors", "rain"), "nowhere.safetensors");
    check_refused(f.path(), training("improved", "x.safetensors", {"--vectors", "x.npy"}), "is for the published setting");
    check_refused(f.path(), {"generate", "lofi2lofi", "--weights", "improved.safetensors"}, "holds a \"lyrics2lofi\"");
}
