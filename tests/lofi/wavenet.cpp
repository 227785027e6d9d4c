// lofi train and generate of networks that make sound sample by sample, over a moment of tones.
#include <cmath>
#include <fstream>
#include <numbers>
#include <vector>

#include <lofi/audio/wav_reader.hpp>
#include <lofi/audio/wav_writer.hpp>

#include "run.hpp"

using namespace lofi::test;

namespace {

void write_tone(const std::filesystem::path& file, double seconds) {
    std::vector<float> x(static_cast<std::size_t>(8000 * seconds));
    for (std::size_t t = 0; t < x.size(); ++t) {
        const double s = static_cast<double>(t);
        x[t] = static_cast<float>(0.2 * std::sin(0.2 * s) + 0.1 * std::sin(0.31 * s) + 0.01 * std::sin(s * s));
    }
    const std::span<const float> one[] = {x};
    lofi::audio::wav_writer out(file, 1, lofi::hertz(8000));
    out.write(std::span<const std::span<const float>>(one));
    out.commit().value();
}

std::vector<float> sound_of(const std::filesystem::path& file) {
    const auto f = lofi::audio::read_wav(file).value();
    const auto c = f.sound.channel(0);
    return {c.begin(), c.end()};
}

}  // namespace

TEST_CASE("tcn: learns, goes on from a clip and from silence, the same by seed") {
    if (!has_train()) return;
    const temporary_folder f;
    write_tone(f / "tone.wav", 4);
    const run_result r = lofi_in(f.path(), {"train", "tcn", "--audio", "tone.wav", "--rate", "8000", "--epochs", "1",
                                            "--sample-seconds", "0.1", "--out", "tcn.safetensors"});
    INFO(r.err);
    REQUIRE(r.status == 0);
    CHECK_THAT(r.err, contains("parameters"));
    CHECK(std::filesystem::exists(f / "tcn.safetensors.run/loss.png"));
    const auto go_on = [&](const char* out, std::vector<std::string> more) {
        std::vector<std::string> words = {"generate", "tcn", "--weights", "tcn.safetensors", "--seconds", "0.2", "--out", out};
        words.insert(words.end(), more.begin(), more.end());
        const run_result made = lofi_in(f.path(), words);
        INFO(made.err);
        REQUIRE(made.status == 0);
        return sound_of(f / out);
    };
    const auto a = go_on("a.wav", {"--continue", "tone.wav"});
    CHECK(a.size() == 1600);
    CHECK(a == go_on("b.wav", {"--continue", "tone.wav"}));
    CHECK(a != go_on("c.wav", {}));

    // Weights of another architecture, and clips shorter than what it hears.
    const run_result other = lofi_in(f.path(), {"generate", "lofigen", "--weights", "tcn.safetensors", "--out", "d.wav"});
    CHECK(other.status != 0);
    CHECK_THAT(other.err, contains("holds a \"tcn\", not a \"lofigen\""));
    write_tone(f / "short.wav", 0.05);
    const run_result brief =
        lofi_in(f.path(), {"train", "tcn", "--audio", "short.wav", "--rate", "8000", "--out", "e.safetensors"});
    CHECK(brief.status != 0);
    CHECK_THAT(brief.err, contains("no clip of train is as long as the 516 samples"));
}

TEST_CASE("wavenet, improved: learns with a list that tells chords, and makes sound by a sheet") {
    if (!has_train()) return;
    const temporary_folder f;
    for (const char* split : {"train", "valid"}) {
        const std::string name = std::string("mix_") + split + "_000.wav";
        write_tone(f / name, 4);
        std::ofstream(f / ("manifest_" + std::string(split) + ".jsonl"))
            << R"({"file": ")" << name << R"(", "key": 1, "mode": 1, "bpm": 80, "chords": [1, 5, 6, 4], "groove": ""})"
            << "\n";
    }
    const run_result r = lofi_in(f.path(), {"train", "wavenet", "--audio", ".", "--epochs", "2", "--batch", "1",
                                            "--sample-seconds", "0.1", "--no-pictures", "--out", "net.safetensors"});
    INFO(r.err);
    REQUIRE(r.status == 0);
    CHECK_THAT(r.err, contains("2 of 2 files with tempo and chords"));
    write_text(
        f / "sheet.jsonl",
        R"({"title": "a", "key": 1, "mode": 1, "bpm": 80, "energy": 0.5, "valence": 0.5, "chords": [1, 4], "melodies": []})"
        "\n");
    const auto make = [&](const char* out, std::vector<std::string> more) {
        std::vector<std::string> words = {"generate",  "wavenet", "--weights", "net.safetensors",
                                          "--seconds", "0.2",     "--out",     out};
        words.insert(words.end(), more.begin(), more.end());
        const run_result made = lofi_in(f.path(), words);
        INFO(made.err);
        REQUIRE(made.status == 0);
        return sound_of(f / out);
    };
    const auto told = make("told.wav", {"--sheet", "sheet.jsonl"});
    CHECK(told.size() == 1600);
    CHECK(told == make("again.wav", {"--sheet", "sheet.jsonl"}));
    CHECK(told != make("free.wav", {}));
    CHECK(told != make("seed.wav", {"--sheet", "sheet.jsonl", "--seed", "2"}));
    write_text(f / "empty.json", R"({"sections": []})");
    const run_result bad =
        lofi_in(f.path(), {"generate", "wavenet", "--weights", "net.safetensors", "--sheet", "empty.json", "--out", "x.wav"});
    CHECK(bad.status != 0);
    CHECK_THAT(bad.err, contains("empty.json: sections: is not a list of lead sheets"));
}
