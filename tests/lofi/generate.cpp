// lofi generate: samples a line, the same each time, that keep to what was asked.
#include <set>
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
std::size_t count(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
    return n;
}
}  // namespace

TEST_CASE("samples are lines of JSON that follow seed, count and wishes") {
    const temporary_folder f;
    const std::vector<std::string> words = {"generate", "lofi2lofi", "--count", "5",   "--seed",   "3",   "--mode", "dorian",
                                            "--key",    "Eb",        "--bpm",   "150", "--energy", "0.5", "--rows", "12"};
    const run_result r = lofi_in(f.path(), words);
    INFO(r.err);
    REQUIRE(r.status == 0);
    const auto samples = lines(r.out);
    REQUIRE(samples.size() == 5);
    for (const std::string& s : samples) {
        CHECK_THAT(s, contains("\"key\":4,\"mode\":2,\"bpm\":150,\"energy\":0.5,"));
        CHECK(count(s.substr(s.find("\"melodies\"")), "[") == 13);  // the array and its twelve rows
    }
    CHECK(lofi_in(f.path(), words).out == r.out);
    // A sample does not hang on how many come after it.
    std::vector<std::string> two = words;
    two[3] = "2";
    CHECK(lofi_in(f.path(), two).out == samples[0] + "\n" + samples[1] + "\n");
    two[5] = "4";
    CHECK(lofi_in(f.path(), two).out != samples[0] + "\n" + samples[1] + "\n");
    const run_result free = lofi_in(f.path(), {"generate", "lofi2lofi", "--count", "30"});
    auto all = lines(free.out);
    REQUIRE(all.size() == 30);
    CHECK(std::set<std::string>(all.begin(), all.end()).size() == 30);
}

TEST_CASE("temperature zero leaves nothing to chance but the latent") {
    const temporary_folder f;
    const std::vector<std::string> words = {"generate", "lofi2lofi", "--count", "4", "--temperature", "0"};
    const std::vector<std::string> top = {"generate", "lofi2lofi", "--count", "4", "--top-k", "1"};
    const run_result greedy = lofi_in(f.path(), words);
    REQUIRE(greedy.status == 0);
    CHECK(greedy.out == lofi_in(f.path(), top).out);
    CHECK(greedy.out != lofi_in(f.path(), {"generate", "lofi2lofi", "--count", "4"}).out);
}

TEST_CASE("every filter narrows what is drawn, and at its loosest changes nothing") {
    const temporary_folder f;
    const auto drawn = [&](const std::string& option, const std::string& value) {
        std::vector<std::string> words = {"generate", "lofi2lofi", "--count", "3"};
        if (!option.empty()) words.insert(words.end(), {option, value});
        const run_result r = lofi_in(f.path(), words);
        INFO(option << " " << value << "\n" << r.err);
        CHECK(r.status == 0);
        return r.out;
    };
    const std::string raw = drawn("", ""), greedy = drawn("--temperature", "0");
    const std::vector<std::vector<std::string>> options = {{"--top-p", "1", "0.2"},   {"--min-p", "0", "0.5"},
                                                           {"--typical", "1", "0.2"}, {"--epsilon", "0", "0.3"},
                                                           {"--eta", "0", "0.3"},     {"--top-h", "1", "0.2"}};
    for (const auto& o : options) {
        CHECK(drawn(o[0], o[1]) == raw);
        CHECK(drawn(o[0], o[2]) != raw);
    }
    // Where nothing but the likeliest passes, chance has no say.
    for (const char* all_but_one : {"--epsilon", "--min-p"}) CHECK(drawn(all_but_one, "0.9999") == greedy);
    CHECK(drawn("--top-h", "1e-9") == greedy);
    check_refused(f.path(), {"generate", "lofi2lofi", "--top-h", "0"}, "top_h");
    check_refused(f.path(), {"generate", "lofi2lofi", "--typical", "0"}, "typical");
    check_refused(f.path(), {"generate", "lofi2lofi", "--epsilon", "1"}, "epsilon");
    check_refused(f.path(), {"generate", "lofi2lofi", "--eta", "2"}, "--eta");
}
