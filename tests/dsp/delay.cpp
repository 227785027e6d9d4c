#include <lofi/dsp/delay.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"

using namespace lofi;

TEST_CASE("a delay line remembers exactly, up to its length") {
    dsp::delay_line d(frames(100));
    for (int n = 0; n < 1000; ++n) {
        d.write(static_cast<float>(n));
        if (n < 100) continue;
        for (const std::size_t back : {0U, 1U, 57U, 100U})
            REQUIRE(d.read(back) == static_cast<float>(n) - static_cast<float>(back));
        REQUIRE(d.read_q16(57U << 16) == static_cast<float>(n - 57));
    }
    d.reset();
    CHECK(d.read(5) == 0.0F);
}

TEST_CASE("between frames it reads a sine within a ten-thousandth") {
    for (const double fraction : {0.1, 0.5, 0.77}) {
        dsp::delay_line d(frames(64));
        const auto delay = static_cast<std::uint32_t>((20.0 + fraction) * 65536.0);
        const double exact = delay / 65536.0, f = 0.02;
        double worst = 0.0;
        for (int n = 0; n < 500; ++n) {
            d.write(static_cast<float>(std::sin(2.0 * M_PI * f * n)));
            if (n > 60) worst = std::max(worst, std::abs(d.read_q16(delay) - std::sin(2.0 * M_PI * f * (n - exact))));
        }
        CHECK(worst < 1e-4);
    }
}

TEST_CASE("cubics are read exactly") {
    dsp::delay_line d(frames(64));
    const auto cubic = [](double t) { return 0.1 + 0.5 * t - 0.3 * t * t + 0.07 * t * t * t; };
    for (int n = 0; n < 40; ++n) d.write(static_cast<float>(cubic((n - 35) * 0.25)));
    CHECK(d.read_q16(static_cast<std::uint32_t>(4.375 * 65536)) == Approx(cubic((39 - 4.375 - 35) * 0.25)).margin(1e-5));
}
