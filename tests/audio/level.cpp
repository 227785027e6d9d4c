#include <lofi/audio/level.hpp>

#include <vector>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::audio;

TEST_CASE("levels of a square wave on a constant, in blocks") {
    level_meter level;
    for (int block = 0; block < 4; ++block) level.process(std::vector<float>{0.5F, -0.25F, 0.5F, -0.25F});
    CHECK(level.count() == 16);
    CHECK(level.mean() == Approx(0.125));
    CHECK(level.rms() == Approx(std::sqrt((0.25 + 0.0625) / 2)));
    CHECK(level.spread() == Approx(0.375));
    CHECK(level.peak() == 0.5F);
    CHECK(level.clipped() == 0);
    level_meter loud;
    loud.process(std::vector<float>{1.0F, 1.0F, -1.0F, 0.0F, 1.0F, 0.5F, 0.5F, 0.5F});
    CHECK(loud.clipped() == Approx(2.0 / 8));
    level_meter none;
    CHECK((none.rms() == 0 && none.mean() == 0 && none.clipped() == 0));
}

TEST_CASE("normalising reaches the level, or the peak that is allowed, and leaves silence alone") {
    std::vector<float> even(1000), spiky(1000), silent(10);
    for (std::size_t t = 0; t < 1000; ++t) even[t] = t % 2 == 0 ? 0.01F : -0.01F;
    spiky[500] = 0.5F;
    normalise(even);
    CHECK(even[0] == Approx(0.14F));
    normalise(spiky);
    CHECK(spiky[500] == Approx(0.95F));
    normalise(silent);
    CHECK(silent == std::vector<float>(10));
}

TEST_CASE("silence around a sound is cut off, but for what is kept") {
    std::vector<float> sound(1000, 0.0005F);
    sound[400] = sound[600] = -0.1F;
    const auto part = trimmed(sound, hertz(1000));
    CHECK(part.data() == sound.data() + 380);
    CHECK(part.size() == 241);
    CHECK(trimmed(std::vector<float>(50), hertz(1000)).empty());
    CHECK(trimmed(sound, hertz(1000), {.silent = decibels(-80)}).size() == 1000);
}
