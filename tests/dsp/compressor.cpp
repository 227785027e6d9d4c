#include <lofi/dsp/compressor.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"

using namespace lofi;

TEST_CASE("a steady sine is compressed by the ratio") {
    const auto out = [](double level) {
        dsp::compressor c(hertz(48000.0), {.threshold = decibels(-20.0),
                                           .ratio = 4.0,
                                           .knee = decibels(6.0),
                                           .attack = seconds(0.05),
                                           .release = seconds(0.05)});
        std::vector<float> x = test::sine(0.05, 96000, std::pow(10.0, level / 20.0) * std::sqrt(2.0)), y = x;
        c.process({x, y});
        return test::decibels_of(test::rms(std::span(x).subspan(48000)));
    };
    CHECK(out(-40.0) == Approx(-40.0).margin(0.05));
    CHECK(out(-8.0) == Approx(-17.0).margin(0.2));
    CHECK(out(-4.0) == Approx(-16.0).margin(0.2));
    CHECK(out(-20.0) == Approx(-20.0 - 0.75 * 9.0 / 12.0).margin(0.2));  // the middle of the knee
}

TEST_CASE("a ducker gives way as deep and as long as it is told") {
    dsp::ducker d(hertz(48000.0), {.depth = decibels(-6.0), .attack = seconds(0.001), .release = seconds(0.1)});
    for (int n = 0; n < 100; ++n) REQUIRE(d.tick() == 1.0F);
    d.trigger(1.0F);
    float least = 1.0F, last = 1.0F, jump = 0.0F;
    for (int n = 0; n < 4800; ++n) {
        const float g = d.tick();
        least = std::min(least, g), jump = std::max(jump, std::abs(g - last)), last = g;
    }
    CHECK(test::decibels_of(least) == Approx(-5.6).margin(0.3));
    CHECK(jump < 0.02F);
    CHECK(last == Approx(1.0 - 0.5 * std::exp(-1.0)).margin(0.02));
    for (int n = 0; n < 480000; ++n) last = d.tick();
    CHECK(last == 1.0F);
    d.trigger(std::nanf(""));
    CHECK(d.tick() <= 1.0F);
}
