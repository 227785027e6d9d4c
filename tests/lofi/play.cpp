// lofi play: into a file and into a pipe, by a script, and where there is no sound device. test_play_terminal.py sees its pictures.
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include <lofi/audio/wav_reader.hpp>
#include <lofi/radio.hpp>

#include "run.hpp"

using namespace lofi::test;

namespace {

/// What the library plays: interleaved samples, steered at a frame by `steer`.
template <class Steer>
std::vector<float> played(const lofi::radio_config& c, std::size_t frames, std::size_t at, Steer&& steer) {
    lofi::radio radio(c);
    std::vector<float> sound(2 * frames);
    radio.render(std::span(sound).first(2 * at));
    steer(radio);
    radio.render(std::span(sound).subspan(2 * at));
    return sound;
}
std::vector<float> played(const lofi::radio_config& c, std::size_t frames) {
    return played(c, frames, 0, [](lofi::radio&) {});
}

/// Runs the program in the shell with its output in a file; returns the exit status.
int in_shell(const temporary_folder& f, const std::string& before, const std::string& words, const std::string& after) {
    const std::string line = "cd " + quoted(f.path().string()) + " && (" + before + " " + quoted(program("lofi").string()) +
                             " " + words + " 2>err; echo $? >status)" + after;
    static_cast<void>(std::system(line.c_str()));
    return std::stoi(read_text(f / "status"));
}

/// The largest difference of two sounds.
double farthest(std::span<const float> a, std::span<const float> b) {
    REQUIRE(a.size() == b.size());
    double most = 0;
    for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(double{a[i]} - double{b[i]}));
    return most;
}

std::vector<float> interleaved(const lofi::audio::buffer& sound) {
    std::vector<float> all;
    for (std::size_t i = 0; i < sound.channel(0).size(); ++i)
        all.push_back(sound.channel(0)[i]), all.push_back(sound.channel(1)[i]);
    return all;
}

std::vector<float> floats_of(const std::string& bytes) {
    std::vector<float> all(bytes.size() / sizeof(float));
    std::memcpy(all.data(), bytes.data(), all.size() * sizeof(float));
    return all;
}

// 1.2 seconds are as many frames at this rate.
constexpr double rate = 16000;
constexpr std::size_t short_frames = 19200;

}  // namespace

TEST_CASE("play writes a file: what the library plays, told bar by bar, the same each time") {
    const temporary_folder f;
    const std::vector<std::string> words = {"play", "--seed", "7",     "--mood", "rain", "--energy",  "0.8", "--key",
                                            "Am",   "--rate", "16000", "--gain", "-3",   "--minutes", "0.2", "--out"};
    const auto with = [&](const std::string& out) {
        auto all = words;
        all.push_back(out);
        return all;
    };
    const run_result r = lofi_in(f.path(), with("a.wav"));
    INFO(r.err);
    REQUIRE(r.status == 0);
    CHECK_THAT(r.out, contains("intro, A minor\n  0:00  bar 1  "));
    CHECK_THAT(r.out, contains("  0:03  bar 2  "));
    CHECK_THAT(r.out, contains("a.wav, 0:12"));
    REQUIRE(lofi_in(f.path(), with("b")).status == 0);
    CHECK(read_text(f / "a.wav") == read_text(f / "b.wav"));
    CHECK(contents(f.path()).size() == 2);

    const auto sound = lofi::audio::read_wav(f / "a.wav", {.on_damage = lofi::audio::damage::refuse}).value().sound;
    CHECK(sound.rate() == lofi::hertz(rate));
    const auto ours = played({.seed = 7,
                              .rate = lofi::hertz(rate),
                              .mood = "rain",
                              .start = {{lofi::parameter::energy, 0.8},
                                        {lofi::parameter::key, 9},
                                        {lofi::parameter::mode, 6},
                                        {lofi::parameter::gain, -3}}},
                             192000);
    CHECK(farthest(interleaved(sound), ours) < 1.6 / 32768);  // 16 bits with dither
}

TEST_CASE("play --raw sends samples, and ends when nobody listens any more") {
    const temporary_folder f;
    CHECK(in_shell(f, "", "play --seed 3 --raw --format f32le --rate 16000 --minutes 0.02", " >raw") == 0);
    const std::string bytes = read_text(f / "raw");
    const auto ours = played({.seed = 3, .rate = lofi::hertz(rate)}, short_frames);
    REQUIRE(bytes.size() == ours.size() * sizeof(float));
    CHECK(farthest(floats_of(bytes), ours) == 0);
    CHECK_THAT(read_text(f / "err"), contains("f32le, 16000 Hz, 2 channels: aplay -f FLOAT_LE -r 16000 -c 2"));

    CHECK(in_shell(f, "", "play --seed 3 --raw --rate 16000 --minutes 0.02", " >raw16") == 0);
    const std::string words = read_text(f / "raw16");
    REQUIRE(words.size() == 4 * short_frames);
    double off = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        const auto low = static_cast<unsigned char>(words[2 * i]), high = static_cast<unsigned char>(words[2 * i + 1]);
        off = std::max(off, std::abs(static_cast<std::int16_t>(low | high << 8) / 32768.0 - double{ours[i]}));
    }
    CHECK(off < 1.6 / 32768);

    // Without an end: the reader decides.
    CHECK(in_shell(f, "", "play --seed 3 --raw --format f32le --rate 16000", " | head -c 80000 >some") == 0);
    CHECK(read_text(f / "some") == bytes.substr(0, 80000));
    CHECK(in_shell(f, "trap '' PIPE;", "play --raw", " | head -c 1 >some") == 0);
}

TEST_CASE("play follows a script to the frame") {
    const temporary_folder f;
    write_text(f / "s.json", R"([{"at": 0.5, "set": "gain", "value": -12, "ramp": 0.25},
                                 {"at": 0.5, "stinger": "bell"},
                                 {"at": 0.25, "mood": "cafe", "when": "next section"}])");
    CHECK(in_shell(f, "", "play --script s.json --raw --format f32le --rate 16000 --minutes 0.02", " >raw") == 0);
    lofi::radio radio({.rate = lofi::hertz(rate)});
    std::vector<float> ours(2 * short_frames);
    radio.render(std::span(ours).first(2 * 4000));
    radio.mood("cafe", lofi::at::next_section);
    radio.render(std::span(ours).subspan(2 * 4000, 2 * 4000));
    radio.set(lofi::parameter::gain, -12, lofi::at::now, lofi::seconds(0.25));
    radio.play(lofi::stinger::bell);
    radio.render(std::span(ours).subspan(2 * 8000));
    CHECK(farthest(floats_of(read_text(f / "raw")), ours) == 0);
    CHECK(farthest(ours, played({.rate = lofi::hertz(rate)}, short_frames)) > 0.01);
}

TEST_CASE("play without a sound device says so and writes a file") {
    const temporary_folder f;
    const run_result r = lofi_in(f.path(), {"play", "--seed", "5", "--rate", "16000", "--minutes", "0.02", "--gain", "-60"});
    INFO(r.err);
    CHECK(r.status == 0);
    if (r.err.find("this goes into a file instead") == std::string::npos) LOFI_SKIP("this machine has a sound device");
    CHECK_THAT(r.err, contains("lofi: sound device: "));
    CHECK_THAT(r.out, contains("radio-5.wav, 0:01"));
    const auto sound = lofi::audio::read_wav(f / "radio-5.wav", {.on_damage = lofi::audio::damage::refuse}).value().sound;
    CHECK(sound.length() == lofi::frames(short_frames));
}

TEST_CASE("play keeps what it wrote when it is interrupted") {
    const temporary_folder f;
    CHECK(in_shell(f, "timeout --preserve-status -s INT 2", "play --rate 16000 --minutes 9000 --out long", " >told") == 0);
    const auto sound = lofi::audio::read_wav(f / "long.wav", {.on_damage = lofi::audio::damage::refuse}).value().sound;
    CHECK(sound.length() > lofi::frames(16000));
    CHECK_THAT(read_text(f / "told"), contains("long.wav, "));
    CHECK(in_shell(f, "timeout --preserve-status -s TERM 1", "play --raw", " >/dev/null") == 0);
}

TEST_CASE("what play cannot do") {
    const temporary_folder f;
    write_text(f / "there.wav", "stays");
    const auto check = [&](std::vector<std::string> words, const std::string& says) {
        words.insert(words.begin(), "play");
        check_refused(f.path(), words, says);
    };
    for (const char* v : {"-0.1", "1.1", "nan", "x", ""})
        for (const char* name : {"--energy", "--valence", "--rain"}) check({name, v, "--out", "there"}, name);
    check({"--bpm", "111", "--out", "there"}, "--bpm");
    check({"--gain", "13", "--out", "there"}, "--gain");
    check({"--mood", "blue", "--out", "there"}, "mood 'blue': is not known; there are night, rain");
    check({"--key", "H", "--out", "there"}, "--key: pitch 'H'");
    check({"--seed", "-1", "--out", "there"}, "--seed");
    for (const char* rate_text : {"7999", "192001", "nan"}) check({"--rate", rate_text, "--out", "there"}, "--rate");
    check({"--rate", "44100.5", "--out", "there"}, "rate: is not a whole number");
    for (const char* minutes : {"0", "-1", "nan", "1e9"}) check({"--minutes", minutes, "--out", "there"}, "--minutes");
    check({"--raw", "--out", "there"}, "excludes");
    check({"--format", "f32le", "--out", "there"}, "--raw");
    check({"--raw", "--format", "u8"}, "--format");
    check({"--out", "absent/x"}, "absent: cannot take new files: ");
    check({"--out", ""}, "names no file");
    check({"--script", "absent.json", "--out", "there"}, "absent.json: cannot be opened: ");
    const auto script = [&](const std::string& text, const std::string& says) {
        write_text(f / "s.json", text);
        check({"--script", "s.json", "--out", "there"}, "s.json: " + says);
    };
    script("", "byte 1: is not JSON");
    script("{}", "JSON: is not an array");
    script("[7]", "change 1: JSON: is not an object");
    script("[{}]", "change 1: at: is missing");
    script(R"([{"at": 1, "set": "rain", "value": 0.5}, {"at": -1}])", "change 2: at: -1 is not a number from 0");
    script(R"([{"at": "soon"}])", "change 1: at: \"soon\" is not a number");
    script(R"([{"at": 1}])", "change 1: set: is missing");
    script(R"([{"at": 1, "set": "loudness", "value": 1}])", "change 1: parameter 'loudness': is not known");
    script(R"([{"at": 1, "set": "rain"}])", "change 1: value: is missing");
    script(R"([{"at": 1, "set": "rain", "value": 2}])", "change 1: value: 2 is not a number from 0 to 1");
    script(R"([{"at": 1, "mood": "blue"}])", "change 1: mood: \"blue\" is not one of night, rain");
    script(R"([{"at": 1, "stinger": 3}])", "change 1: stinger: 3 is not one of chord");
    script(R"([{"at": 1, "mood": "rain", "when": "later"}])", "change 1: when: \"later\" is not one of now, next beat");
    script(R"([{"at": 1, "mood": "rain", "ramp": 1e9}])", "change 1: ramp: ");
    script(R"([{"at": 1, "mode": "rain"}])", "change 1: mode: is not known");
    CHECK(read_text(f / "there.wav") == "stays");

    if (!std::filesystem::is_character_file("/dev/full")) return;
    CHECK(in_shell(f, "", "play --raw --minutes 0.05", " >/dev/full") == 1);
    CHECK_THAT(read_text(f / "err"), contains("standard output: cannot be written: No space left on device"));
}
