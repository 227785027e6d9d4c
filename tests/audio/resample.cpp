#include <lofi/audio/resample.hpp>

#include <cmath>
#include <vector>

#include <lofi/core/random.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::audio;

namespace {
buffer sine(double frequency, double rate, std::size_t length) {
    buffer b(1, frames(static_cast<std::int64_t>(length)), hertz(rate));
    for (std::size_t t = 0; t < length; ++t)
        b.channel(0)[t] = static_cast<float>(math::sin_turns(frequency * static_cast<double>(t) / rate));
    return b;
}
// Largest difference, in dB of full scale, from the sine itself; the ends, where the sound begins and stops, are left out.
double error_db(const buffer& b, double frequency, double amplitude) {
    const auto samples = b.channel(0);
    const std::size_t edge = samples.size() / 5;
    double worst = 1e-12;
    for (std::size_t t = edge; t < samples.size() - edge; ++t) {
        const double expected = amplitude * math::sin_turns(frequency * static_cast<double>(t) / b.rate().value);
        worst = std::max(worst, std::fabs(static_cast<double>(samples[t]) - expected));
    }
    return 20 * std::log10(worst);
}
}  // namespace

TEST_CASE("what both rates can hold passes unharmed, and what they cannot is gone") {
    for (const auto& [from, to] : std::initializer_list<std::pair<double, double>>{{44100, 48000},
                                                                                   {48000, 44100},
                                                                                   {44100, 22050},
                                                                                   {22050, 44100},
                                                                                   {48000, 8000},
                                                                                   {44100, 4410},
                                                                                   {44100, 16000},
                                                                                   {8000, 44100},
                                                                                   {96000, 44100}}) {
        CAPTURE(from, to);
        const double low = std::min(from, to);
        const auto length = static_cast<std::size_t>(from * 0.25);
        for (const double part : {0.01, 0.1, 0.3, 0.43}) {
            CAPTURE(part);
            CHECK(error_db(resample(sine(part * low, from, length), hertz(to)), part * low, 1.0) < -90.0);
        }
        if (to < from) {
            for (const double part :
                 {0.501, 0.55, 0.8, 0.95}) {  // of the new rate; what is above half the old rate is not sound
                CAPTURE(part);
                if (part * to < 0.5 * from) CHECK(error_db(resample(sine(part * to, from, length), hertz(to)), 0, 0.0) < -90.0);
            }
        }
    }
}

TEST_CASE("images of what goes up are gone") {
    // 7 kHz at 16 kHz has its image at 9 kHz, which 44.1 kHz could hold: the output minus the tone must be silent.
    CHECK(error_db(resample(sine(6880, 16000, 4000), hertz(44100)), 6880, 1.0) < -90.0);
}

TEST_CASE("a constant stays what it is, and lengths are those of time") {
    buffer b(2, frames(44100), hertz(44100));
    for (std::size_t c = 0; c < 2; ++c) {
        for (float& x : b.channel(c)) x = 0.5F;
    }
    const buffer out = resample(b, hertz(48000));
    CHECK(out.channels() == 2);
    CHECK(out.length() == frames(48000));
    CHECK(out.rate() == hertz(48000));
    for (std::size_t t = 1000; t < 47000; ++t) REQUIRE(out.channel(1)[t] == Approx(0.5F).epsilon(3e-7));
    CHECK(resample(b, hertz(44100)).channel(0)[7] == 0.5F);
    CHECK(resample(buffer(1, frames(1), hertz(44100)), hertz(8000)).length() == frames(1));
    CHECK(resample(buffer(1, frames(0), hertz(44100)), hertz(8000)).length() == frames(0));
}

TEST_CASE("blocks of any size, in and out, give the same samples") {
    random_stream random(random_key{5});
    std::vector<float> in(5000);
    for (float& x : in) x = uniform_unit(random) - 0.5F;
    resampler whole(hertz(44100), hertz(32000)), parts(hertz(44100), hertz(32000));
    std::vector<float> expected(6000), got;
    expected.resize(whole.process(in, expected).made);
    CHECK(expected.size() > 3500);
    std::size_t at = 0;
    while (at < in.size()) {
        std::vector<float> out(uniform_below(random, 40));
        const std::size_t n = std::min<std::size_t>(uniform_below(random, 50), in.size() - at);
        const auto done = parts.process(std::span<const float>(in).subspan(at, n), out);
        at += done.taken;
        got.insert(got.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(done.made));
    }
    for (;;) {  // what was made but had no room
        float x = 0;
        if (parts.process({}, std::span(&x, 1)).made == 0) break;
        got.push_back(x);
    }
    CHECK(got == expected);
    parts.reset();
    std::vector<float> again(6000);
    again.resize(parts.process(in, again).made);
    CHECK(again == expected);
}

TEST_CASE("there and back again changes little") {
    buffer b = sine(997, 44100, 20000);
    const buffer back = resample(resample(b, hertz(48000)), hertz(44100));
    REQUIRE(back.length().value >= b.length().value);
    double worst = 0;
    for (std::size_t t = 2000; t < 18000; ++t)
        worst = std::max(worst, std::fabs(static_cast<double>(back.channel(0)[t]) - static_cast<double>(b.channel(0)[t])));
    CHECK(20 * std::log10(worst) < -90);
}
