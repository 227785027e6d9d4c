// lofi render and lofi moods: the files, and that they are what the library says they are.
#include <array>
#include <cmath>

#include <lofi/audio/wav_reader.hpp>
#include <lofi/midi/convert.hpp>
#include <lofi/midi/read.hpp>
#include <lofi/song/mood.hpp>
#include <lofi/song/render.hpp>

#include "run.hpp"

using namespace lofi::test;

namespace {
lofi::audio::buffer sound_of(const std::filesystem::path& p) {
    return lofi::audio::read_wav(p, {.on_damage = lofi::audio::damage::refuse}).value().sound;
}
}  // namespace

TEST_CASE("a track is three files, the same each time, and the same again from its JSON") {
    const temporary_folder f;
    const run_result r = lofi_in(f.path(), {"render", "--seed", "7", "--minutes", "0.2", "--mood", "rain", "--key", "Bb",
                                            "--rate", "16000", "--out", "a"});
    INFO(r.err);
    REQUIRE(r.status == 0);
    CHECK_THAT(r.out, contains("rain 7: Bb minor, 68 bpm"));
    CHECK_THAT(r.out, contains("times real time"));
    CHECK(contents(f.path()).size() == 3);
    write_text(f / "b.wav", "an older track");
    REQUIRE(lofi_in(f.path(), {"render", "--seed", "7", "--minutes", "0.2", "--mood", "rain", "--key", "Bb", "--rate", "16000",
                               "--out", "b.wav"})
                .status == 0);
    const run_result again = lofi_in(f.path(), {"render", "--json", "a.json", "--out", "c"});
    INFO(again.err);
    REQUIRE(again.status == 0);
    for (const char* kind : {"wav", "mid", "json"}) {
        const std::string bytes = read_text(f / ("a." + std::string(kind)));
        CHECK(bytes.size() > 100);
        CHECK(read_text(f / ("b." + std::string(kind))) == bytes);
        CHECK(read_text(f / ("c." + std::string(kind))) == bytes);
    }
    CHECK(contents(f.path()).size() == 9);
    REQUIRE(lofi_in(f.path(), {"render", "--seed", "8", "--minutes", "0.2", "--mood", "rain", "--key", "Bb", "--rate", "16000",
                               "--out", "d"})
                .status == 0);
    CHECK(read_text(f / "d.mid") != read_text(f / "a.mid"));
}

TEST_CASE("the notes are the library's, and the layers sum to what goes into the master chain") {
    const temporary_folder f;
    const run_result r = lofi_in(f.path(), {"render", "--seed", "3", "--minutes", "0.1", "--mood", "drift", "--rate", "12000",
                                            "--stems", "--pictures", "--out", "s"});
    INFO(r.err);
    REQUIRE(r.status == 0);
    const auto composed = lofi::song::compose({.seed = 3, .minutes = 0.1, .mood = "drift"}).value();

    const auto read = lofi::midi::read_file(f / "s.mid", {.mode = lofi::midi::read_mode::strict}).value();
    const auto piece = lofi::midi::to_piece(read.file).value();
    for (const lofi::score::track& t : composed.piece.tracks) {
        const auto* track = piece.find(t.part);
        if (t.notes.empty()) continue;
        REQUIRE(track != nullptr);
        CHECK(track->notes == t.notes);
    }

    const auto made =
        lofi::synth::render_stems(composed.piece, lofi::song::sound_of(composed.settings, lofi::hertz(12000.0))).value();
    const auto mix = sound_of(f / "s.wav");
    REQUIRE(mix.channels() == 2);
    REQUIRE(mix.channel(0).size() == made.mix.channel(0).size());
    std::array<lofi::audio::buffer, lofi::synth::layer_count> layers;
    for (std::size_t l = 0; l < layers.size(); ++l)
        layers[l] = sound_of(f / ("s." + std::string(to_string(static_cast<lofi::synth::layer>(l))) + ".wav"));
    std::size_t other_sums = 0;
    double off = 0, loudest = 0;
    for (std::size_t c = 0; c < 2; ++c)
        for (std::size_t i = 0; i < mix.channel(c).size(); ++i) {
            float files = 0, library = 0;
            for (std::size_t l = 0; l < layers.size(); ++l)
                files += layers[l].channel(c)[i], library += made.layers[l].channel(c)[i];
            other_sums += files != library;
            off = std::max(off, std::abs(double{mix.channel(c)[i]} - double{made.mix.channel(c)[i]}));
            loudest = std::max(loudest, std::abs(double{mix.channel(c)[i]}));
        }
    CHECK(other_sums == 0);
    CHECK(off < 1.6 / 32768);  // 16 bits with dither
    CHECK(loudest > 0.1);
    for (const char* picture : {"s.roll.png", "s.spectrum.png"})
        CHECK(read_text(f / picture).substr(0, 8) == "\x89PNG\r\n\x1A\n");
}

TEST_CASE("every mood that is listed can be asked for") {
    const temporary_folder f;
    const run_result r = lofi_in(f.path(), {"moods"});
    REQUIRE(r.status == 0);
    for (const lofi::song::mood& m : lofi::song::moods)
        CHECK_THAT(r.out, contains("\n" + std::string(m.name)) || contains(std::string(m.says)));
}

TEST_CASE("every command has help with an example") {
    const temporary_folder f;
    const std::vector<std::vector<std::string>> commands = {{},        {"render"},       {"play"},
                                                            {"moods"}, {"generate"},     {"generate", "lofi2lofi"},
                                                            {"midi"},  {"midi", "info"}, {"midi", "copy"}};
    const std::vector<std::vector<std::string>> train = {{"train"},   {"train", "lofi2lofi"}, {"decode"}, {"encode"}, {"eval"},
                                                         {"quantise"}};
    const auto check = [&](std::vector<std::string> words) {
        words.push_back("--help");
        const run_result r = lofi_in(f.path(), words);
        CHECK(r.status == 0);
        CHECK(r.err.empty());
        CHECK_THAT(r.out, contains("Example:\n  lofi " + (words.size() > 1 ? words[0] : std::string("render"))));
    };
    for (const auto& words : commands) check(words);
    if (has_train())
        for (const auto& words : train) check(words);
}

TEST_CASE("a text steers a track and is told what was understood; options that are given win") {
    const temporary_folder f;
    const auto render = [&](const char* text, const char* name, std::vector<std::string> more = {}) {
        std::vector<std::string> all = {"render", "--seed", "7",  "--minutes", "0.1", "--rate",
                                        "8000",   "--text", text, "--out",     name};
        all.insert(all.end(), more.begin(), more.end());
        return lofi_in(f.path(), all);
    };
    const run_result r = render("Rain on the last train home", "a");
    INFO(r.err);
    REQUIRE(r.status == 0);
    CHECK_THAT(r.out, contains("knows 4 of 6 words (rain, last, train, home)"));
    CHECK_THAT(r.out, contains("mood rain, valence 0.57"));
    CHECK_THAT(r.out, contains("rain 7: "));
    const run_result again = lofi_in(f.path(), {"render", "--json", "a.json", "--out", "b"});
    INFO(again.err);
    REQUIRE(again.status == 0);
    CHECK(read_text(f / "b.mid") == read_text(f / "a.mid"));
    CHECK_THAT(render("rain", "c", {"--mood", "cafe", "--valence", "0.7"}).out, contains("mood cafe, valence 0.70"));
    const run_result other = render("\xD0\xB4\xD0\xBE\xD0\xB6\xD0\xB4\xD1\x8C", "d");
    CHECK(other.status == 0);
    CHECK_THAT(other.out, contains("none of its words is known"));
    CHECK(render("\xFF\xFE rain", "e").status == 0);
    const run_result none = render(" ... ", "g");
    CHECK(none.status != 0);
    CHECK_THAT(none.err, contains("--text: holds no word"));
    CHECK_FALSE(std::filesystem::exists(f / "g.wav"));
}
