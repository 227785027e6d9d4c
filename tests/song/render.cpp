#include <lofi/song/render.hpp>

#include <cmath>

#include <lofi/audio/wav_reader.hpp>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("rendering: a WAV file that can be read, at the level asked for, and its stems beside it") {
    const test::temporary_folder folder;
    const auto s = song::compose({.seed = 3, .minutes = .4, .mood = "rain"}).value();
    const auto plain = song::write_wav(s, folder / "a.wav", {.rate = hertz(22050.0)}).value();
    const auto made = song::write_wav(s, folder / "b.wav", {.rate = hertz(22050.0), .stems = song::stems::yes}).value();
    CHECK(test::read_text(folder / "a.wav") == test::read_text(folder / "b.wav"));
    CHECK(plain.length == made.length);
    CHECK(made.loudness.value == Approx(-16).margin(1.5));
    CHECK(made.true_peak.value <= -1);

    const auto mix = audio::read_wav(folder / "b.wav").value();
    CHECK(mix.sound.channels() == 2);
    CHECK(mix.sound.rate().value == 22050);
    CHECK(mix.sound.length() == made.length);
    for (std::size_t l = 0; l < synth::layer_count; ++l) {
        const auto stem =
            audio::read_wav(folder / ("b." + std::string(to_string(static_cast<synth::layer>(l))) + ".wav")).value();
        CHECK(stem.sound.length() == made.length);
        CHECK(stem.format == audio::sample_format::f32);
    }
    song::write_midi(s, folder / "a.mid").value();
    CHECK(test::read_text(folder / "a.mid").substr(0, 4) == "MThd");
}

TEST_CASE("rendering: a wrong rate or a folder that is not there changes nothing") {
    const test::temporary_folder folder;
    const auto s = song::compose({.seed = 3, .minutes = .2}).value();
    test::write_text(folder / "kept.wav", "kept");
    CHECK_FALSE(song::write_wav(s, folder / "kept.wav", {.rate = hertz(96.0)}));
    CHECK(test::read_text(folder / "kept.wav") == "kept");
    const auto missing = song::write_wav(s, folder / "none/a.wav", {.rate = hertz(8000.0)});
    REQUIRE_FALSE(missing);
    CHECK_THAT(missing.error().message(), test::contains("none/a.wav"));
}
