#include <lofi/audio/loudness.hpp>

#include <cmath>
#include <initializer_list>
#include <limits>
#include <utility>
#include <vector>

#include <lofi/core/random.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::audio;

namespace {

// A 1 kHz tone on both channels: its level in dB of full scale (peak) and how long, one part after the other.
void play(loudness_meter& meter, hertz rate, std::initializer_list<std::pair<double, double>> parts) {
    std::vector<float> block(480);
    double phase = 0;
    for (const auto& [level, length] : parts) {
        const double gain = std::pow(10.0, level / 20);
        auto left = static_cast<std::size_t>(std::llround(length * rate.value));
        while (left > 0) {
            const std::size_t n = std::min(left, block.size());
            for (std::size_t i = 0; i < n; ++i) {
                block[i] = static_cast<float>(gain * math::sin_turns(phase));
                phase += 1000.0 / rate.value;
            }
            meter.process(std::span<const float>(block).first(n), std::span<const float>(block).first(n));
            left -= n;
        }
    }
}
loudness_meter after(std::initializer_list<std::pair<double, double>> parts) {
    loudness_meter meter(hertz(48000));
    play(meter, hertz(48000), parts);
    return meter;
}

// Twenty seconds with a bass, two different tones and noise that swell and fade.
buffer programme(std::size_t channels, hertz rate) {
    buffer b(channels, frames(static_cast<std::int64_t>(rate.value * 20)), rate);
    random_stream noise(random_key{11});
    for (std::size_t t = 0; t < b.channel(0).size(); ++t) {
        const double s = static_cast<double>(t) / rate.value;
        const double loud = math::exp2(-1.0 - 5.0 * (0.5 - 0.5 * math::cos_turns(s / 9.0)));
        for (std::size_t c = 0; c < channels; ++c) {
            const double x = 0.5 * math::sin_turns(55.0 * s) +
                             0.3 * math::sin_turns((440.0 + 3.0 * static_cast<double>(c)) * s) +
                             0.2 * math::sin_turns(5000.0 * s) + 0.1 * static_cast<double>(uniform_unit(noise));
            b.channel(c)[t] = static_cast<float>(loud * x);
        }
    }
    return b;
}

}  // namespace

TEST_CASE("EBU Tech 3341: cases 1 to 5, integrated loudness") {
    for (const double level : {-23.0, -33.0}) {  // cases 1 and 2
        const auto meter = after({{level, 20}});
        CHECK(meter.integrated().value == Approx(level).margin(0.1));
        CHECK(meter.momentary().value == Approx(level).margin(0.1));
        CHECK(meter.short_term().value == Approx(level).margin(0.1));
    }
    CHECK(after({{-36, 10}, {-23, 60}, {-36, 10}}).integrated().value == Approx(-23).margin(0.1));
    CHECK(after({{-72, 10}, {-36, 10}, {-23, 60}, {-36, 10}, {-72, 10}}).integrated().value == Approx(-23).margin(0.1));
    CHECK(after({{-26, 20}, {-20, 20.1}, {-26, 20}}).integrated().value == Approx(-23).margin(0.1));
}

TEST_CASE("EBU Tech 3341: cases 9 and 12, short-term and momentary loudness of a tone that changes") {
    loudness_meter slow(hertz(48000));
    for (int i = 0; i < 5; ++i) {
        play(slow, hertz(48000), {{-20, 1.34}, {-30, 1.66}});
        CHECK(slow.short_term().value == Approx(-23).margin(0.1));
    }
    loudness_meter fast(hertz(48000));
    for (int i = 0; i < 25; ++i) {
        play(fast, hertz(48000), {{-20, 0.18}, {-30, 0.22}});
        CHECK(fast.momentary().value == Approx(-23).margin(0.1));
    }
    CHECK(fast.largest_momentary().value == Approx(-23).margin(0.1));
    CHECK(slow.largest_short_term().value == Approx(-23).margin(0.1));
}

TEST_CASE("EBU Tech 3342: cases 1 to 4, loudness range") {
    CHECK(after({{-20, 20}, {-30, 20}}).range().value == Approx(10).margin(1));
    CHECK(after({{-20, 20}, {-15, 20}}).range().value == Approx(5).margin(1));
    CHECK(after({{-40, 20}, {-20, 20}}).range().value == Approx(20).margin(1));
    CHECK(after({{-50, 20}, {-35, 20}, {-20, 20}, {-35, 20}, {-50, 20}}).range().value == Approx(15).margin(1));
}

// ffmpeg 5.1 on these sounds written as float WAV:
//   ffmpeg -i programme.wav -af ebur128=metadata=1,ametadata=print -f null -       (the last M, S and I)
TEST_CASE("swelling programme measures as ffmpeg's ebur128 does, at four sample rates") {
    struct row {
        std::size_t channels;
        double rate, momentary, short_term, integrated;
    };
    for (const auto& r : {row{2, 48000, -22.045, -14.100, -15.429}, row{2, 44100, -22.040, -14.094, -15.427},
                          row{1, 22050, -25.004, -17.063, -18.391}, row{2, 8000, -21.846, -13.900, -15.231}}) {
        CAPTURE(r.rate);
        const buffer sound = programme(r.channels, hertz(r.rate));
        loudness_meter meter(hertz(r.rate));
        if (r.channels == 2) {
            meter.process(sound.channel(0), sound.channel(1));
        } else {
            meter.process(sound.channel(0));
        }
        CHECK(meter.momentary().value == Approx(r.momentary).margin(0.001));
        CHECK(meter.short_term().value == Approx(r.short_term).margin(0.001));
        CHECK(meter.integrated().value == Approx(r.integrated).margin(0.01));  // ffmpeg counts in steps of 0.01 LU
        CHECK(loudness(sound) == meter.integrated());
    }
}

TEST_CASE("silence, too little sound, and starting again") {
    const double nothing = -std::numeric_limits<double>::infinity();
    loudness_meter meter(hertz(44100));
    CHECK(meter.integrated().value == nothing);
    CHECK(meter.range().value == 0.0);
    play(meter, hertz(44100), {{-20, 0.39}});
    CHECK(meter.momentary().value == nothing);
    play(meter, hertz(44100), {{-20, 0.02}});
    CHECK(meter.momentary().value == Approx(-20).margin(0.1));
    CHECK(meter.short_term().value == nothing);
    meter.reset();
    CHECK(meter.momentary().value == nothing);
    const std::vector<float> silence(44100 * 4);
    meter.process(silence);
    CHECK(meter.integrated().value == nothing);
    CHECK(meter.momentary().value == nothing);
}

TEST_CASE("blocks of any size measure the same") {
    const buffer sound = programme(2, hertz(11025));  // a tenth of a second is 1102.5 samples
    loudness_meter whole(hertz(11025)), parts(hertz(11025));
    whole.process(sound.channel(0), sound.channel(1));
    std::size_t at = 0;
    for (std::size_t n = 1; at < sound.channel(0).size(); at += n, n = n * 5 % 1009 + 1) {
        n = std::min(n, sound.channel(0).size() - at);
        parts.process(sound.channel(0).subspan(at, n), sound.channel(1).subspan(at, n));
    }
    CHECK(whole.integrated() == parts.integrated());
    CHECK(whole.short_term() == parts.short_term());
    CHECK(whole.range() == parts.range());
}
