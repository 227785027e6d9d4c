#include <lofi/corpus/groove_corpus.hpp>

#include <fstream>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::corpus;

namespace {

std::string message(const auto& call) {
    try {
        call();
    } catch (const error& e) {
        return e.message();
    }
    return "nothing was thrown";
}
std::string refused(const std::string& json) {
    return message([&] { static_cast<void>(read_groove_window(json)); });
}
std::string with_hits(const std::string& hits) { return R"({"id":"a","bpm":90,"hits":)" + hits + "}"; }
void put(const std::filesystem::path& path, std::string_view text) { std::ofstream(path, std::ios::binary) << text; }

}  // namespace

TEST_CASE("groove windows: every field, in any order of hits") {
    const groove_window w =
        read_groove_window(R"({"id":"drummer1_7","bar":3,"bpm":97.5,"style":"jazz/swing","lofi":1,"fill":1,"swing":0.62,)"
                           R"("hits":[[4,1,127,-0.5],[0,2,1,0.5],[0,0,64,0.004]],"more":[]})");
    CHECK(w.performance == "drummer1_7");
    CHECK(w.bar == 3);
    CHECK(w.tempo == bpm(97.5));
    CHECK(w.style == "jazz/swing");
    CHECK(w.fill);
    CHECK(w.swing == .62);
    REQUIRE(w.groove.hits.size() == 3);
    CHECK(w.groove.hits[0] == score::drum_hit{0, score::drum::kick, score::velocity(64), 1});
    CHECK(w.groove.hits[1] == score::drum_hit{0, score::drum::closed_hat, score::velocity(1), 64});
    CHECK(w.groove.hits[2] == score::drum_hit{4, score::drum::snare, score::velocity(127), -64});

    const groove_window least = read_groove_window(with_hits("[]"));
    CHECK(least.groove.hits.empty());
    CHECK_FALSE(least.swing.has_value());
    CHECK_FALSE(least.fill);
    CHECK_FALSE(read_groove_window(R"({"id":"a","bpm":90,"swing":null,"hits":[]})").swing.has_value());
}

TEST_CASE("groove windows: what is wrong is said, with its place") {
    CHECK(refused("[]") == "sample: is not a JSON object");
    CHECK_THAT(refused("{\"id\":"), test::contains("is not JSON"));
    CHECK(refused(R"({"bpm":90,"hits":[]})") == "id: is missing");
    CHECK(refused(R"({"id":7,"bpm":90,"hits":[]})") == "id: is not a text");
    CHECK(refused(R"({"id":"a","hits":[]})") == "bpm: is missing");
    CHECK(refused(R"({"id":"a","bpm":0,"hits":[]})") == "bpm: 0 is not 20 to 400");
    CHECK(refused(R"({"id":"a","bpm":"fast","hits":[]})") == "bpm: \"fast\" is not 20 to 400");
    CHECK(refused(R"({"id":"a","bpm":90})") == "hits: is missing");
    CHECK(refused(with_hits("7")) == "hits: is not an array");
    CHECK(refused(with_hits("[7]")) == "hits, 1: is not an array");
    CHECK(refused(with_hits("[[0,0,90]]")) == "hits, 1: 3 numbers are not step, voice, velocity and offset");
    CHECK(refused(with_hits("[[0,0,90,0,0]]")) == "hits, 1: 5 entries are more than 4");
    CHECK(refused(with_hits("[[0,0,90,0],[32,0,90,0]]")) == "hits, 2, step: 32 is not 0 to 31");
    CHECK(refused(with_hits("[[0.5,0,90,0]]")) == "hits, 1, step: 0.5 is not 0 to 31");
    CHECK(refused(with_hits("[[0,9,90,0]]")) == "hits, 1, voice: 9 is not 0 to 8");
    CHECK(refused(with_hits("[[0,-1,90,0]]")) == "hits, 1, voice: -1 is not 0 to 8");
    CHECK(refused(with_hits("[[0,0,0,0]]")) == "hits, 1, velocity: 0 is not 1 to 127");
    CHECK(refused(with_hits("[[0,0,90,0.6]]")) == "hits, 1, offset: 0.6 is not -0.5 to 0.5");
    CHECK(refused(with_hits("[[0,0,90,null]]")) == "hits, 1, offset: null is not -0.5 to 0.5");
    CHECK(refused(with_hits("[[0,0,90,1e999]]")).find("JSON") != std::string::npos);
    CHECK(refused(with_hits("[[8,1,90,0],[8,1,30,0]]")) == "hits: the snare hits step 8 twice");
    CHECK(refused(R"({"id":"a","bpm":90,"swing":1.5,"hits":[]})") == "swing: 1.5 is not 0 to 1");
    CHECK(refused(R"({"id":"a","bpm":90,"fill":2,"hits":[]})") == "fill: 2 is not 0 to 1");
    CHECK(refused(R"({"id":"a","bpm":90,"style":[],"hits":[]})") == "style: is not a text");
    std::string many = "[[0,0,90,0]";
    for (int i = 0; i < 288; ++i) many += ",[0,0,90,0]";
    CHECK(refused(with_hits(many + "]")) == "hits: 289 entries are more than 288");
}

TEST_CASE("groove corpora: sets and splits by name, performances whole") {
    const test::temporary_folder f;
    const auto line = [](const char* id) { return R"({"id":")" + std::string(id) + R"(","bpm":90,"hits":[]})" + "\n"; };
    put(f / "beats.train.jsonl", line("a") + "\n" + line("a") + line("b"));
    put(f / "beats.test.jsonl", line("c"));
    put(f / "mine.jsonl", line("tape 12"));  // by its name among the validation songs
    const std::vector<std::filesystem::path> files = {f / "beats.train.jsonl", f / "beats.test.jsonl", f / "mine.jsonl"};
    const groove_corpus all = read_groove_corpus(files);
    CHECK(all.windows.size() == 5);
    CHECK(all.sets == std::vector<std::string>{"beats", "mine"});
    CHECK(all.count(split::train) == 3);
    CHECK(all.count(split::test) == 1);
    CHECK(all.count(split::valid) == 1);
    CHECK(all.windows[4].set == 1);

    put(f / "beats.test.jsonl", line("c") + line("b"));
    CHECK_THAT(message([&] { static_cast<void>(read_groove_corpus(files)); }),
               test::contains("beats.test.jsonl:2: id: performance 'b' is in train and in test"));
    put(f / "beats.test.jsonl", line("c") + "{}\n");
    CHECK_THAT(message([&] { static_cast<void>(read_groove_corpus(files)); }),
               test::contains("beats.test.jsonl:2: id: is missing"));
    const std::vector<std::filesystem::path> missing = {f / "none.jsonl"};
    CHECK_THAT(message([&] { static_cast<void>(read_groove_corpus(missing)); }), test::contains("none.jsonl"));
}
