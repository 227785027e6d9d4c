#include <lofi/audio/sndfile.hpp>

#include <array>
#include <cmath>
#include <vector>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::audio;

TEST_CASE("WAV files go through our own reader, whatever else is there") {
    auto file = sound_stream::open(test::data("audio/tone_rf64.wav"));
    REQUIRE(file);
    CHECK((file->channels() == 2 && file->length() == frames(64) && file->rate() == hertz(8000)));
    const buffer whole = read_sound(test::data("audio/tone_16.wav")).value();
    CHECK(whole.channel(1)[5] == read_wav(test::data("audio/tone_16.wav"))->sound.channel(1)[5]);
    CHECK_THAT(sound_stream::open("nothing.flac").error().message(), test::contains("nothing.flac: cannot be opened"));
}

TEST_CASE("FLAC, OGG and MP3 hold the tone that was put in, and are read from any place") {
#if LOFI_HAVE_SNDFILE
    const buffer exact = read_sound(test::data("audio/fade.flac")).value();
    REQUIRE(exact.length() == frames(8000));
    CHECK(exact.channel(0)[10] == Approx(0.5 * std::sin(2 * 3.14159265358979 * 440 * 10 / 8000)).margin(1e-3));
    for (const char* name : {"fade.flac", "fade.ogg", "fade.mp3"}) {
        CAPTURE(name);
        auto file = sound_stream::open(test::data(std::string("audio/") + name));
        REQUIRE(file);
        CHECK((file->channels() == 1 && file->rate() == hertz(8000) && file->notice().empty()));
        CHECK(std::abs(file->length().value - 8000) < 2400);  // MP3 pads
        const buffer whole = read_sound(test::data(std::string("audio/") + name)).value();
        double sound = 0, expected = 0;
        for (const float x : whole.channel(0)) sound += static_cast<double>(x * x);
        for (const float x : exact.channel(0)) expected += static_cast<double>(x * x);
        CHECK(sound == Approx(expected).epsilon(0.15));
        std::vector<float> part(100);
        const std::array<std::span<float>, 1> one{part};
        for (const std::int64_t first : {5000, 100, 4000}) {
            CHECK(file->read(frames(first), one).value() == 100);
            for (std::size_t t = 0; t < 100; t += 9)
                CHECK(part[t] == Approx(whole.channel(0)[static_cast<std::size_t>(first) + t]).margin(2e-3));
        }
    }
    test::temporary_folder folder;
    test::write_text(folder / "text.mp3", "no sound at all");
    CHECK_THAT(sound_stream::open(folder / "text.mp3").error().message(), test::contains("text.mp3: cannot be read as sound"));
#else
    CHECK_THAT(sound_stream::open(test::data("audio/fade.flac")).error().message(), test::contains("without libsndfile"));
#endif
}
