#include <lofi/dsp/tremolo.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"

using namespace lofi;

TEST_CASE("a tremolo swings between its depth and full level, side against side") {
    dsp::tremolo t(hertz(48000.0), {.speed = hertz(5.0), .depth = 0.6F, .width = 1.0F});
    std::vector<float> left(48000, 1.0F), right(48000, 1.0F);
    t.process({left, right});
    const auto [low, high] = std::minmax_element(left.begin(), left.end());
    CHECK(*low == Approx(0.4).margin(1e-4));
    CHECK(*high == Approx(1.0).margin(1e-4));
    for (std::size_t n = 0; n < left.size(); ++n) REQUIRE(left[n] + right[n] == Approx(1.4).margin(1e-5));
    CHECK(test::amplitude(left, 5.0 / 48000.0) == Approx(0.3).epsilon(0.01));
}

TEST_CASE("without depth it leaves every bit") {
    dsp::tremolo t(hertz(48000.0), {.depth = 0.0F});
    std::vector<float> left = test::sine(0.01, 1000), right = left;
    const std::vector<float> in = left;
    t.process({left, right});
    CHECK((left == in));
}
