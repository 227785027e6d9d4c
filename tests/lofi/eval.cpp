// lofi eval on sets: a folder alone, two folders side by side, and what it refuses.
#include <nlohmann/json.hpp>

#include "run.hpp"

using namespace lofi::test;
namespace fs = std::filesystem;

namespace {

/// Folders a and b of two pieces each.
void make_sets(const temporary_folder& f) {
    for (const std::string name : {"a", "b"}) {
        fs::create_directory(f / name);
        const run_result r = lofi_in(f.path(), {"generate", "note-lstm", "--count", "2", "--length", "4", "--seed",
                                                name == "a" ? "1" : "2", "--out", name});
        INFO(r.err);
        REQUIRE(r.status == 0);
    }
}

}  // namespace

TEST_CASE("a folder alone, and two folders side by side with pictures") {
    if (!has_train()) return;
    const temporary_folder f;
    make_sets(f);
    const run_result one = lofi_in(f.path(), {"eval", "a"});
    INFO(one.err);
    REQUIRE(one.status == 0);
    CHECK_THAT(one.out, contains("- a: 2 pieces\n") && contains("| scale consistency | "));
    CHECK(one.out.find("Copies") == std::string::npos);
    CHECK(one.err.empty());

    const run_result two = lofi_in(f.path(), {"eval", "a", "--against", "b", "--out", "report", "--json"});
    INFO(two.err);
    REQUIRE(two.status == 0);
    const auto j = nlohmann::json::parse(two.out);
    CHECK(j["first"]["pieces"] == 2);
    CHECK(j["likeness"]["pitch count"]["between"].is_number());
    CHECK(j["copies"].size() == 2);
    CHECK(nlohmann::json::parse(read_text(f / "report/report.json")) == j);
    const std::string report = read_text(f / "report/report.md");
    CHECK_THAT(report, contains("(pictures/pitch_classes.svg)") && contains("## Likeness (MGEval)"));
    CHECK_THAT(read_text(f / "report/pictures/pitch_classes.svg"), contains("<svg"));

    const run_result self = lofi_in(f.path(), {"eval", "a", "--against", "a", "b", "--json"});
    for (const auto& c : nlohmann::json::parse(self.out)["copies"]) CHECK(c["share_inside_copies_of_8"] == 1.0);
}

TEST_CASE("sets that cannot be measured are refused, and nothing is written") {
    if (!has_train()) return;
    const temporary_folder f;
    make_sets(f);
    fs::create_directory(f / "empty");
    write_text(f / "x.jsonl", "");
    check_refused(f.path(), {"eval", "empty"}, "empty: holds no MIDI files (.mid, .midi, .smf)");
    check_refused(f.path(), {"eval", "a", "--against", "empty", "--out", "r"}, "empty: holds no MIDI files");
    check_refused(f.path(), {"eval", "a", "--against", "absent"}, "absent: cannot be opened");
    check_refused(f.path(), {"eval", "a", "x.jsonl"}, "x.jsonl: holds samples: a set is of MIDI files");
    check_refused(f.path(), {"eval", "a", "--out", "x.jsonl"}, "x.jsonl: is a file: --out names a folder");
}
