#include <lofi/dsp/leveller.hpp>

#include <lofi/audio/loudness.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"

#include <lofi/dsp/noise.hpp>

using namespace lofi;

TEST_CASE("music of any loudness within reach ends at the target") {
    for (const double rate : {16000.0, 48000.0, 96000.0})
        for (const double level : {-23.0, -16.0, -10.0}) {
            std::vector<float> left(static_cast<std::size_t>(rate * 90.0)), right(left.size());
            dsp::white_noise a(random_key{1}), b(random_key{2});
            dsp::one_pole l(hertz(800.0), hertz(rate)), r(hertz(800.0), hertz(rate));
            for (std::size_t n = 0; n < left.size(); ++n) left[n] = l.tick(a.tick()), right[n] = r.tick(b.tick());
            audio::loudness_meter raw{hertz(rate)};
            raw.process(left, right);
            const auto gain = static_cast<float>(std::pow(10.0, (level - raw.integrated().value) / 20.0));
            for (float& v : left) v *= gain;
            for (float& v : right) v *= gain;
            dsp::leveller leveller{hertz(rate)};
            leveller.process({left, right});
            audio::loudness_meter last{hertz(rate)};
            const std::size_t end = left.size() * 3 / 4;
            last.process(std::span(left).subspan(end), std::span(right).subspan(end));
            CAPTURE(rate, level);
            CHECK(last.integrated().value == Approx(-16.0).margin(0.8));
        }
}

TEST_CASE("gaps and silence do not turn it up") {
    dsp::leveller l{hertz(48000.0)};
    std::vector<float> x = test::sine(0.02, 48000 * 20, 0.158), y = x;
    l.process({x, y});
    const double before = l.gain().value;
    std::vector<float> gap(48000 * 60), other(48000 * 60);
    l.process({gap, other});
    CHECK(l.gain().value == Approx(before).margin(0.3));
    for (const float v : gap) REQUIRE(v == 0.0F);
}
