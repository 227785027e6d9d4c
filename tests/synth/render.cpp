#include <lofi/synth/render.hpp>

#include <lofi/audio/loudness.hpp>
#include <lofi/audio/true_peak.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"
#include "synth/arrangement.hpp"

using namespace lofi;

namespace {
double true_peak(const audio::buffer& b) {
    double peak = -200.0;
    for (std::size_t c = 0; c < 2; ++c) {
        audio::true_peak_meter m;
        m.process(b.channel(c));
        peak = std::max(peak, m.level().value);
    }
    return peak;
}
}  // namespace

TEST_CASE("usual arrangements come out at -16 LUFS and below -1 dBTP, whatever plays them") {
    using enum synth::instrument;
    struct band {
        synth::instrument keys, melody;
        double rate;
    };
    for (const band& b :
         {band{tine, nylon, 48000.0}, band{reed, harp, 44100.0}, band{felt, vibes, 48000.0}, band{felt, felt, 22050.0}}) {
        const synth::config c{.rate = hertz(b.rate), .seed = 3, .mix = {.keys = b.keys, .melody = b.melody}};
        const auto sound = synth::render(test::arrangement(12, 9), c).value();
        CAPTURE(to_string(b.keys), b.rate);
        CHECK(audio::loudness(sound).value == Approx(-16.0).margin(1.5));
        CHECK(true_peak(sound) <= -1.0);
        double mean = 0.0;
        for (const float v : sound.channel(0)) mean += v;
        CHECK(std::abs(mean / static_cast<double>(sound.length().value)) < 1e-4);
        CHECK(std::abs(sound.channel(0)[static_cast<std::size_t>(sound.length().value) - 1]) < 1e-4F);
        // Mono keeps the music: no more than 3 dB below the sides.
        double mono = 0.0;
        for (std::size_t n = 0; n < static_cast<std::size_t>(sound.length().value); ++n)
            mono += std::pow(0.5 * (double{sound.channel(0)[n]} + double{sound.channel(1)[n]}), 2);
        CHECK(test::decibels_of(std::sqrt(mono / static_cast<double>(sound.length().value)) / test::rms(sound.channel(0))) >
              -1.5);
    }
}

TEST_CASE("layers add up to the master chain's input exactly, and taking them changes no bit of the mix") {
    const auto piece = test::arrangement(2, 5);
    const synth::config c{.seed = 2, .mix = {.rain = 0.4F}};
    const auto plain = synth::render(piece, c).value();
    const auto stems = synth::render_stems(piece, c).value();
    REQUIRE(plain.length() == stems.mix.length());
    for (std::size_t side = 0; side < 2; ++side)
        CHECK(std::equal(plain.channel(side).begin(), plain.channel(side).end(), stems.mix.channel(side).begin()));

    // The master chain fed with the sum gives the mix.
    synth::master master(c);
    const auto length = static_cast<std::size_t>(plain.length().value), late = static_cast<std::size_t>(master.latency().value);
    constexpr std::size_t chunk = synth::chunk_frames;
    const std::size_t whole = (length + late + chunk - 1) / chunk * chunk;
    std::vector<float> left(whole), right(whole);
    for (std::size_t l = 0; l < synth::layer_count; ++l) {
        double level = test::rms(stems.layers[l].channel(0));
        CAPTURE(to_string(static_cast<synth::layer>(l)));
        CHECK(level > 1e-4);
        for (std::size_t n = 0; n < length; ++n)
            left[n] += stems.layers[l].channel(0)[n], right[n] += stems.layers[l].channel(1)[n];
    }
    for (std::size_t n = 0; n < whole; n += chunk)
        master.process(std::span(left).subspan(n).first<chunk>(), std::span(right).subspan(n).first<chunk>());
    std::size_t different = 0;
    for (std::size_t n = 0; n < length - late; ++n) different += left[n + late] != plain.channel(0)[n];
    CHECK(different == 0);
}

TEST_CASE("a sink gets the same sound, in small blocks, and may end it") {
    const auto piece = test::arrangement(1, 5);
    const auto whole = synth::render(piece).value();
    std::vector<float> left;
    REQUIRE(synth::render(piece, {}, {}, [&](audio::stereo_view x) {
        CHECK(x.size() <= 4096);
        left.insert(left.end(), x.left.begin(), x.left.end());
    }));
    REQUIRE(left.size() == static_cast<std::size_t>(whole.length().value));
    CHECK(std::equal(left.begin(), left.end(), whole.channel(0).begin()));
    int calls = 0;
    REQUIRE(synth::render(piece, {}, {}, [&](audio::stereo_view) { return ++calls < 3; }));
    CHECK(calls == 3);
}

TEST_CASE("at every rate the music is the same length and about as bright") {
    const auto piece = test::arrangement(2, 8);
    double seconds_at_48k = 0.0;
    for (const double rate : {48000.0, 8000.0, 11025.0, 96000.0, 192000.0}) {
        const auto sound = synth::render(piece, {.rate = hertz(rate)}).value();
        const double length = static_cast<double>(sound.length().value) / rate;
        if (seconds_at_48k == 0.0) seconds_at_48k = length;
        CAPTURE(rate);
        CHECK(length == Approx(seconds_at_48k).margin(0.001));
        for (const float v : sound.channel(0)) REQUIRE(std::isfinite(v));
        CHECK(audio::loudness(sound).value == Approx(-16.0).margin(3.0));
        CHECK(true_peak(sound) <= -1.0);
    }
}

TEST_CASE("the sustain pedal holds notes, and channel 9 is drums") {
    score::piece piece;
    score::track t{"keys",
                   score::part::keys,
                   0,
                   4,
                   {{ticks(0), ticks(240), score::pitch(60), {}}, {ticks(960), ticks(240), score::pitch(62), {}}},
                   {}};
    t.controls = {{ticks(100), 64, 127}, {ticks(480), 64, 0}};
    piece.tracks.push_back(t);
    t.channel = 9, t.controls.clear();
    piece.tracks.push_back(t);
    piece.length = ticks(1920);
    const auto notes = synth::events(piece, hertz(48000.0));
    REQUIRE(notes.size() == 4);
    CHECK(notes[0].length == frames(24000));  // until 480 ticks: half a second at 120 bpm
    CHECK(notes[1].part == score::part::drums);
    CHECK(notes[1].length == frames(12000));
    CHECK(notes[2].length == frames(12000));
}

TEST_CASE("bad configurations are refused in a sentence") {
    const auto piece = test::arrangement(1, 1);
    CHECK_THAT(synth::render(piece, {.rate = hertz(96.0)}).error().message(),
               test::contains("96 Hz is not from 8000 to 192000"));
    CHECK_THAT(synth::render(piece, {.rate = hertz(44100.5)}).error().message(), test::contains("whole number"));
    CHECK_THAT(synth::render(piece, {.rate = hertz(std::nan(""))}).error().message(), test::contains("rate"));
    CHECK_THAT(synth::render(piece, {.mix = {.hiss = 7.0F}}).error().message(), test::contains("from 0 to 1"));
    CHECK_THAT(synth::render(piece, {.mix = {.tone = hertz(3.0)}}).error().message(), test::contains("tone"));
    CHECK_THAT(synth::render(piece, {.mix = {.keys = static_cast<synth::instrument>(99)}}).error().message(),
               test::contains("instrument"));
    CHECK(!synth::render_stems(piece, {.ceiling = decibels(3.0)}));
}

TEST_CASE("an empty piece is the tail of a record") {
    const auto sound = synth::render({}, {}, {.tail = seconds(1.0), .fade = seconds(0.5)}).value();
    CHECK(sound.length() == frames(48000));
    CHECK(test::rms(sound.channel(0)) < 0.1);
}
