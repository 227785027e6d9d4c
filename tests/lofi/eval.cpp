// lofi eval on sets: a folder alone, two folders side by side, and what it refuses.
#include <cmath>

#include <nlohmann/json.hpp>

#include <lofi/audio/wav_writer.hpp>

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

TEST_CASE("sound beside real sound, with a picture") {
    if (!has_train()) return;
    const temporary_folder f;
    for (const std::string name : {"made.wav", "real.wav", "other.wav"}) {
        lofi::audio::buffer b(1, lofi::frames(80000), lofi::hertz(8000));
        const double pitch = name == "other.wav" ? 0.31 : 0.2;
        for (std::size_t t = 0; t < 80000; ++t)
            b.channel(0)[t] = static_cast<float>(0.3 * std::sin(pitch * static_cast<double>(t)) *
                                                 std::exp(-static_cast<double>(t % 4000) / 900));
        lofi::audio::write_wav(f / name, b).value();
    }
    const run_result r = lofi_in(
        f.path(), {"eval", "made.wav", "--against", "real.wav", "other.wav", "--bpm", "120", "--out", "seen", "--json"});
    INFO(r.err);
    REQUIRE(r.status == 0);
    const auto j = nlohmann::json::parse(r.out);
    CHECK(j["files"][0]["replay"].get<double>() > 0.99);
    CHECK(j["files"][0]["replay_of"] == "real.wav");
    CHECK(j["files"][0]["beat"].get<double>() > 0.8);
    CHECK(j["files"][0]["level_share"] == 1.0);
    CHECK(j["against"][1]["replay"].get<double>() < 0.5);
    CHECK(fs::file_size(f / "seen/made.png") > 1000);
    CHECK_THAT(lofi_in(f.path(), {"eval", "made.wav", "--against", "real.wav"}).out,
               contains("| held against, least / median / greatest |"));
    write_text(f / "empty.wav", "");
    CHECK_THAT(lofi_in(f.path(), {"eval", "empty.wav"}).err, contains("empty.wav: byte 0: this is not a WAV file"));
}
