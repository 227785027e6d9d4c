#include <lofi/dsp/envelope.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"

using namespace lofi;

TEST_CASE("an envelope takes the times it is given, at any rate") {
    for (const double r : {8000.0, 48000.0, 192000.0}) {
        dsp::envelope e({.attack = seconds(0.05), .decay = seconds(0.4), .sustain = 0.5, .release = seconds(0.3)}, hertz(r));
        e.open();
        std::size_t top = 0;
        while (e.tick() < 1.0F) ++top;
        CHECK(static_cast<double>(top) / r == Approx(0.05).epsilon(0.02));
        for (int n = 0; n < static_cast<int>(0.2 * r); ++n) e.tick();
        CHECK(e.level() == Approx(0.5 + 0.5 * std::pow(10.0, -1.5)).epsilon(0.01));  // half of the decay: 30 dB of the way
        for (int n = 0; n < static_cast<int>(0.6 * r); ++n) e.tick();
        CHECK(e.level() == Approx(0.5).epsilon(0.001));
        e.close();
        for (int n = 0; n < static_cast<int>(0.3 * r); ++n) e.tick();
        CHECK(e.level() == Approx(0.0005).epsilon(0.03));
        for (int n = 0; n < static_cast<int>(r); ++n) e.tick();
        CHECK(e.now() == dsp::envelope::stage::idle);
        CHECK(e.tick() == 0.0F);
    }
}

TEST_CASE("opened again in the middle, it goes on from where it is") {
    dsp::envelope e({.attack = seconds(0.01), .sustain = 1.0, .release = seconds(0.2)}, hertz(48000.0));
    e.open();
    float last = 0.0F, jump = 0.0F;
    for (int n = 0; n < 20000; ++n) {
        if (n == 3000 || n == 9000) e.close();
        if (n == 4000 || n == 9100) e.open();
        const float y = e.tick();
        jump = std::max(jump, std::abs(y - last)), last = y;
    }
    CHECK(jump < 0.005F);
}

TEST_CASE("closing an idle envelope does nothing") {
    dsp::envelope e({}, hertz(48000.0));
    e.close();
    CHECK(e.tick() == 0.0F);
}
