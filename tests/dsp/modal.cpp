#include <lofi/dsp/modal.hpp>

#include <memory>

#include "dsp/measure.hpp"
#include "support/test.hpp"

using namespace lofi;

namespace {
std::vector<float> ring(std::vector<dsp::mode> modes, double rate, std::size_t offset, std::size_t frames) {
    auto bank = std::make_unique<dsp::modal_bank<8>>();
    bank->start(modes, hertz(rate), offset);
    std::vector<float> y(frames);
    for (std::size_t n = 0; n + 32 <= frames; n += 32) bank->process(std::span<float, 32>(y.data() + n, 32));
    return y;
}
}  // namespace

TEST_CASE("modes are decaying sines to the last second, whatever the frequency and rate") {
    for (const double rate : {8000.0, 44100.0, 192000.0})
        for (const double f : {27.5, 440.0, 3520.0}) {
            const auto y = ring({{hertz(f), 0.5F, seconds(12.0)}, {hertz(f * 1.001), -0.25F, seconds(6.0), 0.25F}}, rate, 0,
                                static_cast<std::size_t>(rate) * 8);
            double worst = 0.0;
            for (std::size_t n = 0; n + 32 < y.size(); ++n) {
                // The frequency as it is, rounded to 2^-32 of the rate.
                const auto rounded = [&](double x) { return std::round(x / rate * 4294967296.0) / 4294967296.0; };
                const double t = static_cast<double>(n), s = t / rate;
                const double exact =
                    0.5 * std::pow(10.0, -3.0 * s / 12.0) * std::sin(2.0 * M_PI * std::fmod(rounded(f) * t, 1.0)) -
                    0.25 * std::pow(10.0, -3.0 * s / 6.0) *
                        std::sin(2.0 * M_PI * std::fmod(rounded(f * 1.001) * t + 0.25, 1.0));
                worst = std::max(worst, std::abs(y[n] - exact));
            }
            CAPTURE(rate, f);
            CHECK(worst < 1e-5);
        }
}

TEST_CASE("an offset moves the start by whole frames and nothing else") {
    const std::vector<dsp::mode> modes = {{hertz(700.0), 0.5F, seconds(1.0)}};
    const auto a = ring(modes, 48000.0, 0, 640), b = ring(modes, 48000.0, 13, 640);
    for (std::size_t n = 0; n < 600; ++n) REQUIRE(b[n + 13] == Approx(a[n]).margin(1e-6));
}

TEST_CASE("modes too high for the rate are left out, and nonsense is not heard") {
    for (const double f : {3700.0, 1e6, -440.0, 0.0})
        for (const float v : ring({{hertz(f), 1.0F, seconds(1.0)}}, 8000.0, 0, 320)) REQUIRE(v == 0.0F);
    const double not_a_number = std::nan("");
    for (const float v : ring({{hertz(not_a_number), 1.0F, seconds(1.0)}, {hertz(440.0), 0.0F, seconds(1.0)}}, 8000.0, 0, 320))
        REQUIRE(v == 0.0F);
}

TEST_CASE("a bank falls silent and says so") {
    dsp::modal_bank<4> bank;
    bank.start(std::vector<dsp::mode>{{hertz(440.0), 1.0F, seconds(0.1)}}, hertz(48000.0), 0);
    std::array<float, 32> y{};
    int chunks = 0;
    while (!bank.silent()) bank.process(y), ++chunks;
    CHECK(chunks * 32 / 48000.0 == Approx(0.1 * 100.0 / 60.0).epsilon(0.05));
}
