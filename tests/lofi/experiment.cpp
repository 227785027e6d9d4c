// lofi experiment: paper 002's two comparisons over two folders of tones, stopped short.
#include <cmath>
#include <vector>

#include <lofi/audio/wav_writer.hpp>
#include <lofi/core/file.hpp>

#include "run.hpp"

using namespace lofi::test;

namespace {

void write_tone(const std::filesystem::path& file, double seconds, double pitch) {
    std::vector<float> x(static_cast<std::size_t>(8000 * seconds));
    for (std::size_t t = 0; t < x.size(); ++t) {
        const double s = static_cast<double>(t);
        x[t] = static_cast<float>(0.2 * std::sin(pitch * s) + 0.02 * std::sin(s * s));
    }
    const std::span<const float> one[] = {x};
    lofi::audio::wav_writer out(file, 1, lofi::hertz(8000));
    out.write(std::span<const std::span<const float>>(one));
    out.commit().value();
}

std::string text_of(const std::filesystem::path& file) {
    const auto bytes = lofi::read_file(file).value();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TEST_CASE("experiment lofigen: trains and measures each genre once, and what is wrong is told before") {
    if (!has_train()) return;
    const temporary_folder f;
    for (const char* folder : {"keys", "drums", "short"}) std::filesystem::create_directory(f / folder);
    write_tone(f / "keys/a.wav", 70, .2);
    write_tone(f / "drums/a.wav", 60, .9);
    write_tone(f / "short/a.wav", 1, .2);
    const auto experiment = [&](std::vector<std::string> more) {
        std::vector<std::string> words = {"experiment", "lofigen", "--batch", "1",        "--runs",           "1",
                                          "--seconds",  "1",       "--out",   "compared", "--published-only", "--audio"};
        words.insert(words.end(), more.begin(), more.end());
        return lofi_in(f.path(), words);
    };
    const run_result r = experiment({"keys", "drums", "--minutes", "0.001"});
    INFO(r.err);
    REQUIRE(r.status == 0);
    const std::string result = text_of(f / "compared/result.md");
    CHECK(r.out == result);
    CHECK_THAT(result, contains("# 4 against 6 layers on keys, and genres apart"));  // the genre with more to learn from
    CHECK_THAT(result, contains("| lofigen-4 | keys | 528481 |"));
    CHECK_THAT(result, contains("| lofigen-4 | drums | 528481 |"));
    CHECK_THAT(result, contains("| lofigen-6 | keys | 4722977 |"));
    CHECK_THAT(result, contains("LPC-32"));
    for (const char* file : {"layers.svg", "layers.png", "genres.svg", "genres.png", "lofigen-4-drums.wav",
                             "lofigen-4-drums.png", "lofigen-6-keys.safetensors"})
        CHECK(std::filesystem::file_size(f / "compared" / file) > 100);

    // What is finished is measured again, not trained again, to the same figures.
    const auto trained = std::filesystem::last_write_time(f / "compared/lofigen-6-keys.safetensors");
    const run_result again = experiment({"keys", "drums", "--minutes", "0.001"});
    INFO(again.err);
    CHECK(again.status == 0);
    CHECK(again.out == result);
    CHECK(std::filesystem::last_write_time(f / "compared/lofigen-6-keys.safetensors") == trained);

    const auto refused = [&](std::vector<std::string> more, const char* why) {
        const run_result bad = experiment(std::move(more));
        CHECK(bad.status != 0);
        CHECK_THAT(bad.err, contains(why));
    };
    refused({"keys", "drums", "--minutes", "0.002"}, "choose another folder");
    refused({"keys", "--genre", "choir"}, "genre \"choir\": is not in the sound, which has keys");
    refused({"keys", "short"}, "genre \"short\"");
    refused({"keys", "keys"}, "genre \"keys\": stands for two sets");
    refused({"nowhere"}, "nowhere");
}
