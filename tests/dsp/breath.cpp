#include <lofi/dsp/breath.hpp>

#include <lofi/dsp/vinyl.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"

using namespace lofi;

TEST_CASE("a breath comes and goes slowly, at any rate alike, and the same again after a reset") {
    dsp::breath fast(seconds(2.0), hertz(1500.0), random_key{3}), slow(seconds(2.0), hertz(250.0), random_key{3});
    std::vector<float> first;
    float last = fast.tick(), low = last, high = last;
    double worst = 0.0;
    for (int n = 1; n < 1500 * 60; ++n) {
        const float v = fast.tick();
        worst = std::max(worst, std::abs(double{v} - double{last}));
        last = v, low = std::min(low, v), high = std::max(high, v);
        REQUIRE((v >= -1.0F && v <= 1.0F));
        if (n % 6 == 5) first.push_back(v);
    }
    CHECK(worst < 1.5 * 2.0 / 3000.0 * 1.01);  // the steepest of a smooth step from end to end
    CHECK((low < -0.5F && high > 0.5F));
    double apart = 0.0;
    for (const float v : first) apart = std::max(apart, std::abs(double{v} - double{slow.tick()}));
    CHECK(apart < 0.01);
    slow.reset(random_key{3});
    CHECK(slow.tick() == Approx(first[0]).margin(1e-3));
}

TEST_CASE("a record breathes: its hiss and its dust are not the same from minute to second") {
    dsp::vinyl hiss(hertz(48000.0), random_key{5}, {.hiss = 1.0F, .rumble = 0.0F, .dust = 0.0F, .pops = 0.0F});
    std::vector<float> left(48000), right(48000);
    double low = 1e9, high = -1e9;
    for (int second = 0; second < 60; ++second) {
        left.assign(left.size(), 0.0F), right.assign(right.size(), 0.0F);
        hiss.process({left, right});
        const double level = test::decibels_of(test::rms(left));
        low = std::min(low, level), high = std::max(high, level);
    }
    CHECK(high - low > 2.0);
    CHECK(high - low < 7.0);
}
