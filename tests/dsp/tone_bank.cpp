#include <lofi/dsp/tone_bank.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"

using namespace lofi;

TEST_CASE("a bank does to each channel what the single filters do") {
    const hertz rate(48000.0);
    const double cuts[] = {30.0, 90.0, 140.0, 500.0}, tones[] = {900.0, 3000.0, 8000.0, 60000.0};
    dsp::tone_bank<4> bank;
    std::array<dsp::one_pole, 4> low;
    std::array<dsp::state_variable, 4> tone;
    for (std::size_t c = 0; c < 4; ++c) {
        bank.set(c, hertz(cuts[c]), hertz(tones[c]), 0.6, rate);
        low[c] = dsp::one_pole(hertz(cuts[c]), rate), tone[c] = dsp::state_variable(hertz(tones[c]), 0.6, rate);
    }
    std::vector<std::array<float, 4>> x(2000);
    for (std::size_t n = 0; n < x.size(); ++n)
        for (std::size_t c = 0; c < 4; ++c)
            x[n][c] = static_cast<float>(std::sin(0.01 * static_cast<double>(n * (c + 1)))) + (n % 100 == c ? 1.0F : 0.0F);
    const auto in = x;
    bank.process(x.data(), x.size());
    for (std::size_t n = 0; n < x.size(); ++n)
        for (std::size_t c = 0; c < 4; ++c) REQUIRE(x[n][c] == Approx(tone[c].tick(low[c].high(in[n][c])).low).margin(1e-5));
}
