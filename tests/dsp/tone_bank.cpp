#include <lofi/dsp/tone_bank.hpp>

#include <cmath>
#include <vector>

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
    for (std::size_t chunk = 0; chunk < 60; ++chunk) {
        std::array<std::array<float, dsp::chunk_frames>, 4> x;
        for (std::size_t c = 0; c < 4; ++c)
            for (std::size_t i = 0; i < dsp::chunk_frames; ++i) {
                const std::size_t n = chunk * dsp::chunk_frames + i;
                x[c][i] = static_cast<float>(std::sin(0.01 * static_cast<double>(n * (c + 1)))) + (n % 100 == c ? 1.0F : 0.0F);
            }
        const auto in = x;
        bank.process({x[0].data(), x[1].data(), x[2].data(), x[3].data()});
        for (std::size_t c = 0; c < 4; ++c)
            for (std::size_t i = 0; i < dsp::chunk_frames; ++i)
                REQUIRE(x[c][i] == Approx(tone[c].tick(low[c].high(in[c][i])).low).margin(1e-5));
    }
}
