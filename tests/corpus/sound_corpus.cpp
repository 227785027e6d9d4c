#include <lofi/corpus/sound_corpus.hpp>

#include <cmath>
#include <fstream>
#include <limits>
#include <set>
#include <vector>

#include <lofi/audio/wav_writer.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::corpus;
namespace fs = std::filesystem;

namespace {
// A ramp: every sample says where it stands.
audio::buffer ramp(std::int64_t length, double rate = 8000, float sign = 1) {
    audio::buffer b(1, frames(length), hertz(rate));
    for (std::size_t t = 0; t < static_cast<std::size_t>(length); ++t)
        b.channel(0)[t] = sign * static_cast<float>(t % 30000 + 1) / 32768.0F;
    return b;
}
void write(const fs::path& path, const audio::buffer& b) { audio::write_wav(path, b, {.noise = audio::dither::none}).value(); }
sound_corpus open(std::vector<fs::path> paths, sound_corpus_config c = {}) { return sound_corpus(paths, c); }
std::string failure(std::vector<fs::path> paths, sound_corpus_config c = {}) {
    try {
        open(std::move(paths), c);
    } catch (const error& e) {
        return e.message();
    }
    return "was read";
}
}  // namespace

TEST_CASE("a file is split by time, with gaps, and windows stay inside") {
    const test::temporary_folder folder;
    write(folder / "one.wav", ramp(20000));
    sound_corpus c = open({folder / "one.wav"}, {.gap = seconds(0.125)});
    CHECK(c.parts() ==
          std::vector<sound_part>{{0, split::train, 0, 14000}, {0, split::valid, 15000, 3000}, {0, split::test, 19000, 1000}});
    std::set<std::uint64_t> places;
    for (std::uint64_t i = 0; i < 200; ++i) {
        const sound_part p = c.draw(split::valid, 2990, random_key{i});
        CHECK((p.first >= 15000 && p.first + 2990 <= 18000));
        CHECK(p == c.draw(split::valid, 2990, random_key{i}));
        places.insert(p.first);
    }
    CHECK(places.size() == 11);  // all places that there are, the first and the last among them
    std::vector<float> out(3 * 100);
    c.windows(split::train, 100, random_key{1}, out);
    for (std::size_t w = 0; w < 3; ++w)
        for (std::size_t t = 1; t < 100; ++t) CHECK(out[w * 100 + t] - out[w * 100 + t - 1] == 1.0F / 32768.0F);
    CHECK_THROWS_WITH(c.draw(split::test, 1001, random_key{}), test::contains("the longest has 1000"));
}

TEST_CASE("lists and names put files into splits and sets, and stems lie side by side") {
    const test::temporary_folder folder;
    write(folder / "mix_train_000.wav", ramp(1000));
    write(folder / "mix_train_000.drums.wav", ramp(1000, 8000, -1));
    write(folder / "night.valid.wav", ramp(500));
    const sound_corpus named = open({folder.path()});
    CHECK(named.sets() == std::vector<std::string>{"drums", "mix", "night"});
    CHECK(named.count(split::train) == 2000);
    CHECK(named.count(split::train, "drums") == 1000);
    CHECK(named.count(split::valid) == 500);
    const sound_part window = named.draw(split::train, 100, random_key{4}, "mix");
    const auto drums = named.beside(window, "drums");
    REQUIRE(drums);
    CHECK((drums->first == window.first && named.files()[drums->file].path.filename() == "mix_train_000.drums.wav"));
    const auto listed_text = R"({"file": "mix_train_000.wav", "bpm": 81.5})";
    test::write_text(folder / "manifest_test.jsonl", std::string(listed_text) + "\n\n");
    const sound_corpus listed = open({folder.path()});
    REQUIRE(listed.files().size() == 1);
    CHECK(listed.files()[0].told == listed_text);
    CHECK(listed.count(split::test, "mix") == 1000);
    test::write_text(folder / "manifest_test.jsonl", "{\"name\": 3}\n");
    CHECK_THAT(failure({folder.path()}), test::contains("manifest_test.jsonl:1: is no JSON object"));
    write(folder / "song.keys.wav", ramp(1000));
    write(folder / "song.drums.wav", ramp(900));
    const sound_corpus stems = open({folder / "song.keys.wav", folder / "song.drums.wav"}, {.gap = seconds(0)});
    CHECK(stems.beside({0, split::train, 600, 100}, "drums") == sound_part{1, split::train, 600, 100});
    CHECK_FALSE(stems.beside({0, split::train, 850, 100}, "drums"));
    CHECK_FALSE(stems.beside({0, split::train, 0, 100}, "bass"));
}

TEST_CASE("files are mixed down, resampled and brought to one level") {
    const test::temporary_folder folder;
    audio::buffer b(24, frames(44100), hertz(44100));
    for (std::size_t ch = 0; ch < 24; ++ch)
        for (std::size_t t = 0; t < 44100; ++t)
            b.channel(ch)[t] = 0.3F * static_cast<float>(std::sin(2 * 3.14159265358979 * 440 * static_cast<double>(t) / 44100));
    audio::write_wav(folder / "many.wav", b).value();
    sound_corpus c = open({folder / "many.wav"}, {.level = 0.14});
    CHECK(c.files()[0].length == 8000);
    const std::vector<float> x = c.read(c.parts(split::train)[0]);
    audio::level_meter level;
    level.process(x);
    CHECK(level.rms() == Approx(0.14).epsilon(0.01));
    CHECK(x[1000] == Approx(0.14 * std::sqrt(2.0) * std::sin(2 * 3.14159265358979 * 440 * 1000 / 8000)).margin(1e-3));
}

TEST_CASE("files without sound, and odd ones, are told apart") {
    const test::temporary_folder folder;
    audio::buffer constant = ramp(100), loud = ramp(1000), wild = ramp(100), none = ramp(100);
    for (float& x : constant.channel(0)) x = 0.25F;
    for (std::size_t t = 0; t < 1000; ++t) loud.channel(0)[t] = t % 100 < 50 ? 1.0F : -1.0F;
    wild.channel(0)[7] = std::numeric_limits<float>::quiet_NaN();
    for (float& x : none.channel(0)) x = std::numeric_limits<float>::infinity();
    write(folder / "constant.wav", constant);
    write(folder / "loud.wav", loud);
    write(folder / "silent.wav", audio::buffer(1, frames(50), hertz(8000)));
    write(folder / "no_samples.wav", audio::buffer(1, frames(0), hertz(8000)));
    write(folder / "fast.wav", ramp(100, 1e7));
    audio::write_wav(folder / "wild.wav", wild, {.format = audio::sample_format::f32}).value();
    audio::write_wav(folder / "none.wav", none, {.format = audio::sample_format::f32}).value();
    test::write_text(folder / "empty.wav", "");
    CHECK_THAT(failure({folder / "constant.wav"}),
               test::contains("constant.wav: holds no sound: all of its samples are alike"));
    CHECK_THAT(failure({folder / "silent.wav"}), test::contains("silent.wav: holds no sound: all of it is silence"));
    CHECK_THAT(failure({folder / "no_samples.wav"}), test::contains("no_samples.wav: holds no sound: it has no samples"));
    CHECK_THAT(failure({folder / "none.wav"}), test::contains("none.wav: holds no sound: 100 of its samples are no numbers"));
    CHECK_THAT(failure({folder / "empty.wav"}), test::contains("empty.wav: byte 0: this is not a WAV file"));
    CHECK_THAT(failure({folder / "missing.wav"}), test::contains("missing.wav: cannot be opened"));
    CHECK_THAT(failure({folder / "fast.wav"}), test::contains("fast.wav: a sample rate of 10000000 Hz"));
    CHECK_THAT(failure({folder / "loud.wav"}, {.rate = hertz(0)}), test::contains("a sample rate of 0 Hz"));
    CHECK_THAT(failure({}), test::contains("no sound file was given"));
    const std::string whole = test::read_text(folder / "loud.wav");
    test::write_text(folder / "cut.wav", whole.substr(0, whole.size() - 501));
    const sound_corpus odd = open({folder / "loud.wav", folder / "wild.wav", folder / "cut.wav"});
    REQUIRE(odd.notices().size() == 4);
    CHECK_THAT(odd.notices()[0], test::contains("loud.wav: 99.9 % of the samples are clipped"));
    CHECK_THAT(odd.notices()[1], test::contains("wild.wav: 1 samples are no numbers"));
    CHECK_THAT(odd.notices()[2], test::contains("cut.wav: byte"));
}

TEST_CASE("a day of sound holds memory flat") {
#if defined(__linux__)
    const auto resident = [] {
        std::ifstream in("/proc/self/statm");
        std::uint64_t all = 0, pages = 0;
        in >> all >> pages;
        return pages * 4096;
    };
    const test::temporary_folder folder;
    const std::uint64_t length = 24ULL * 3600 * 8000;
    const auto header = audio::wav_header(audio::sample_format::s16, 1, hertz(8000), length);
    test::write_text(folder / "day.wav", std::string_view(reinterpret_cast<const char*>(header.data()), header.size()));
    std::error_code ec;
    fs::resize_file(folder / "day.wav", header.size() + length * 2, ec);
    if (ec) LOFI_SKIP("the file system has no room for a file with holes");
    {
        // A hundred samples of sound in each minute; the rest are holes, which are silence.
        std::fstream out(folder / "day.wav", std::ios::binary | std::ios::in | std::ios::out);
        const std::string sound(200, '\x20');
        for (std::uint64_t minute = 0; minute < 24 * 60; ++minute) {
            out.seekp(static_cast<std::streamoff>(header.size() + minute * 60 * 8000 * 2));
            out.write(sound.data(), 200);
        }
    }
    sound_corpus c = open({folder / "day.wav"});
    std::vector<float> out(3 * 12288);
    c.windows(split::train, 12288, random_key{0}, out);
    const std::uint64_t before = resident();
    std::uint64_t last = 0;
    for (std::uint64_t i = 0; i < 2000; ++i) {
        c.windows(split::train, 12288, random_key{i}, out);
        last = std::max(last, c.draw(split::train, 12288, random_key{i}).first);
    }
    CHECK(last > 16ULL * 3600 * 8000);  // they came from all over the day
    CHECK(resident() < before + (std::uint64_t{4} << 20));
#else
    LOFI_SKIP("what memory is in use is read from /proc");
#endif
}
