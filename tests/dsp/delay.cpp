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

TEST_CASE("reading a block between frames is reading each, wherever blocks end") {
    dsp::delay_line whole(frames(200)), each(frames(200));
    std::uint32_t state = 5;
    for (int round = 0; round < 400; ++round) {
        const std::size_t n = std::min<std::size_t>(1 + test::next_cut(state) % 40, 32);
        std::vector<float> x(n), out(n), want(n);
        std::vector<std::uint32_t> delays(n);
        for (std::size_t i = 0; i < n; ++i) {
            x[i] = static_cast<float>(std::sin(0.1 * static_cast<double>(round) + static_cast<double>(i)));
            delays[i] = 0x10000U + (static_cast<std::uint32_t>(test::next_cut(state)) * 77777U) % (150U << 16);
            each.write(x[i]), want[i] = each.read_q16(delays[i]);
        }
        whole.write(x), whole.read_q16(delays, out);
        REQUIRE((out == want));
    }
}

TEST_CASE("a block delay gives what went in so many frames ago, and forgets when told") {
    for (const std::size_t delay : {32U, 33U, 64U, 1000U}) {
        dsp::block_delay d(frames(static_cast<std::int64_t>(delay)));
        for (int again = 0; again < 2; ++again) {
            std::vector<float> in(5000), out;
            for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i + 1);
            std::uint32_t state = 3;
            while (out.size() < in.size()) {
                const std::size_t n = std::min({d.room(), in.size() - out.size(), test::next_cut(state)});
                dsp::block_delay::block late;
                d.read(delay, late);
                d.write(in.data() + out.size(), n);
                out.insert(out.end(), late.begin(), late.begin() + static_cast<std::ptrdiff_t>(n));
            }
            for (std::size_t i = 0; i < out.size(); ++i) REQUIRE(out[i] == (i < delay ? 0.0F : in[i - delay]));
            d.reset();
        }
    }
}
