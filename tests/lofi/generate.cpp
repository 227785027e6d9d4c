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
