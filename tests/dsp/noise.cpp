#include <lofi/dsp/noise.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"

using namespace lofi;

TEST_CASE("white noise is even, without mean, and flat") {
    dsp::white_noise noise(random_key{7});
    std::vector<float> x(1 << 18);
    noise.process(x);
    double mean = 0.0;
    for (const float v : x) mean += v;
    CHECK(std::abs(mean / static_cast<double>(x.size())) < 0.004);
    CHECK(test::rms(x) == Approx(std::sqrt(1.0 / 3.0)).epsilon(0.005));
    const std::vector<double> power = audio::power_spectrum(x);
    for (std::size_t part = 0; part < 8; ++part) {
        double sum = 0.0;
        for (std::size_t k = 0; k < 128; ++k) sum += power[part * 128 + k + 1];
        CHECK(sum == Approx(1.0 / 24.0).epsilon(0.05));
    }
}

TEST_CASE("white noise is the same in blocks, frame by frame and after reset, and differs between keys") {
    dsp::white_noise a(random_key{7}), b(random_key{7}), c(random_key{8});
    std::vector<float> x(1000), y(1000);
    a.process(std::span(x).first(333)), a.process(std::span(x).subspan(333));
    int same = 0;
    for (std::size_t n = 0; n < x.size(); ++n) {
        REQUIRE(x[n] == b.tick());
        same += x[n] == c.tick();
    }
    CHECK(same < 3);
    a.reset();
    a.process(y);
    CHECK((x == y));
}

TEST_CASE("noise in blocks is noise frame by frame") {
    dsp::white_noise blocks(random_key{8}), ticks(random_key{8}), bits(random_key{8});
    for (const std::size_t n : {1U, 4U, 7U, 32U, 33U, 2U}) {
        std::vector<float> x(n);
        std::vector<std::uint32_t> b(n);
        blocks.process(x), bits.bits(b);
        for (std::size_t i = 0; i < n; ++i) {
            const float one = ticks.tick();
            REQUIRE(x[i] == one);
            REQUIRE(static_cast<float>(static_cast<std::int32_t>(b[i])) * 0x1p-31F == one);
        }
    }
}
