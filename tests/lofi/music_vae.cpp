// lofi generate music-vae, interpolate, train music-vae, quantise: the same seed gives the same melodies, trained weights write, files that
// do not fit are refused.
#include "run.hpp"

using namespace lofi::test;

TEST_CASE("melodies follow seed, key and length, go on from others, and are kept from copies") {
    const temporary_folder f;
    const run_result r = lofi_in(f.path(), {"generate", "music-vae", "--count", "3", "--length", "8", "--seed", "4", "--key",
                                            "D dorian", "--out", "x", "--wav", "--pictures"});
    INFO(r.err);
    REQUIRE(r.status == 0);
    CHECK(r.out.starts_with("x/music-vae-4-1.mid\nx/music-vae-4-1.roll.png\nx/music-vae-4-1.wav\n"));
    const std::string first = read_text(f / "x/music-vae-4-1.mid");
    CHECK(first != read_text(f / "x/music-vae-4-2.mid"));
    // A melody does not hang on how many come after it.
    REQUIRE(lofi_in(f.path(), {"generate", "music-vae", "--length", "8", "--seed", "4", "--key", "D dorian", "--out", "y"})
                .status == 0);
    CHECK(read_text(f / "y/music-vae-4-1.mid") == first);
    // The guard does not let through what is there already.
    REQUIRE(lofi_in(f.path(), {"generate", "music-vae", "--length", "8", "--seed", "4", "--key", "D dorian", "--out", "z",
                               "--guard", "y"})
                .status == 0);
    CHECK(read_text(f / "z/music-vae-4-1.mid") != first);
    const std::vector<std::string> on = {"generate", "music-vae", "--length", "4",       "--seed",
                                         "4",        "--out",     "on",       "--after", "x/music-vae-4-2.mid"};
    REQUIRE(lofi_in(f.path(), on).status == 0);
    REQUIRE(lofi_in(f.path(), {"generate", "music-vae", "--length", "4", "--seed", "4", "--out", "off"}).status == 0);
    CHECK(read_text(f / "on/music-vae-4-1.mid") != read_text(f / "off/music-vae-4-1.mid"));

    const run_result between =
        lofi_in(f.path(), {"interpolate", "x/music-vae-4-1.mid", "x/music-vae-4-2.mid", "--steps", "3", "--out", "b"});
    INFO(between.err);
    CHECK(between.status == 0);
    CHECK(between.out == "b/interpolation-1-1.mid\nb/interpolation-1-2.mid\nb/interpolation-1-3.mid\n");
    check_refused(f.path(), {"generate", "music-vae", "--key", "H"}, "--key");
    check_refused(f.path(), {"generate", "music-vae", "--weights", "x/music-vae-4-1.mid"}, "x/music-vae-4-1.mid");
    check_refused(f.path(), {"generate", "music-vae", "--guard", "nowhere"}, "nowhere");
    check_refused(f.path(), {"interpolate", "x/music-vae-4-1.mid", "nowhere.mid"}, "nowhere.mid");
}

TEST_CASE("a melody network learns from MIDI files, is quantised, and writes") {
    const temporary_folder f;
    REQUIRE(lofi_in(f.path(), {"generate", "music-vae", "--count", "40", "--length", "4", "--out", "midi"}).status == 0);
    const run_result train =
        lofi_in(f.path(), {"train", "music-vae", "--data", "midi", "--out", "w.safetensors", "--epochs", "1"});
    INFO(train.err);
    REQUIRE(train.status == 0);
    REQUIRE(lofi_in(f.path(), {"quantise", "--weights", "w.safetensors", "--out", "w.lofi", "--data", "midi"}).status == 0);
    for (const char* weights : {"w.safetensors", "w.lofi"})
        CHECK(lofi_in(f.path(), {"generate", "music-vae", "--weights", weights, "--length", "2", "--out", "made"}).status == 0);
    check_refused(f.path(), {"generate", "note-lstm", "--weights", "w.safetensors"}, "holds a \"music-vae\"");
    check_refused(f.path(), {"train", "music-vae", "--data", "midi", "--out", "v.safetensors", "--steps", "3"}, "--steps");
    check_refused(f.path(), {"train", "music-vae", "--data", "midi", "--out", "v.safetensors", "--setting", "published-bass"},
                  "has no melody of two bars");
}

TEST_CASE("the published small MusicVAE trains, writes and goes between melodies") {
    const temporary_folder f;
    REQUIRE(lofi_in(f.path(), {"generate", "music-vae", "--count", "40", "--length", "4", "--out", "midi"}).status == 0);
    const run_result train = lofi_in(f.path(), {"train", "music-vae", "--data", "midi", "--out", "p.safetensors", "--setting",
                                                "published-small", "--steps", "2", "--batch", "8", "--no-pictures"});
    INFO(train.err);
    REQUIRE(train.status == 0);
    CHECK(train.err.find("4423770 parameters") != std::string::npos);
    const run_result made = lofi_in(f.path(), {"generate", "music-vae", "--weights", "p.safetensors", "--length", "4",
                                               "--temperature", "0.5", "--out", "made"});
    INFO(made.err);
    CHECK(made.status == 0);
    check_refused(f.path(), {"generate", "music-vae", "--weights", "p.safetensors", "--denser", "1"},
                  "holds a published network");
    CHECK(lofi_in(f.path(), {"interpolate", "midi/music-vae-1-1.mid", "midi/music-vae-1-2.mid", "--weights", "p.safetensors",
                             "--steps", "2", "--out", "between"})
              .status == 0);
}
