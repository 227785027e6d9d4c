#include <lofi/model/lead_plan.hpp>

#include <cmath>

#include "support/test.hpp"

using namespace lofi;
using model::plan;

namespace {
constexpr std::int32_t share(double v) { return static_cast<std::int32_t>(v * 65536); }

/// Energy and valence by their definitions, from what a plan tells the network, as if it obeyed exactly.
std::pair<double, double> proxies(const model::lead_conditions& c) {
    const double tempo = *c.tempo / 1000.0, t = std::clamp((tempo - 60) / 120, 0.0, 1.0), seconds = c.rows * 240 / tempo;
    const double d = std::clamp(*c.attacks / seconds / 3, 0.0, 1.0),
                 l = std::clamp(*c.steps / double(*c.attacks - 1) / 3, 0.0, 1.0);
    const double b = model::brightness(static_cast<score::mode>(c.mode)) / 100.0;
    return {.45 * d + .40 * t + .15 * l, .35 * b + .20 * *c.majors / c.rows + .25 * t + .20 * d};
}
}  // namespace

TEST_CASE("plan: what can be met is met, within the grain of whole notes and chords") {
    for (const std::int32_t tempo : {100000, 130000, 156000, 190000}) {
        const model::reach e = model::reachable_energy(tempo);
        REQUIRE(e.low < e.high);
        for (double energy = .05; energy < 1; energy += .05) {
            const model::reach v = model::reachable_valence(tempo, share(energy), std::nullopt);
            REQUIRE(v.low < v.high);
            for (double valence = .05; valence < 1; valence += .05) {
                const auto c =
                    plan({.energy = share(energy), .valence = share(valence), .tempo = tempo, .scale = {}, .rows = 16});
                const auto [got_energy, got_valence] = proxies(c);
                if (share(energy) > e.low && share(energy) < e.high) REQUIRE(std::abs(got_energy - energy) < .02);
                if (share(valence) > v.low + 2000 && share(valence) < v.high - 2000)
                    REQUIRE(std::abs(got_valence - valence) < .03);
                REQUIRE(*c.attacks >= 2);
                REQUIRE(*c.steps >= 0);
                REQUIRE(*c.majors <= 16);
            }
        }
    }
}

TEST_CASE("plan: keeps a mode that is given, and its numbers hold") {
    const auto c = plan({.energy = 32768, .valence = 13107, .tempo = 156000, .scale = score::mode::lydian, .rows = 16});
    CHECK(c.mode == 4);
    // Held by hand: energy .5 at 156 bpm is 16 attacks of steps 1.67; valence .2 cannot be met in Lydian: fewest major chords.
    CHECK(*c.attacks == 16);
    CHECK(*c.steps == 25);
    CHECK(*c.majors == 2);
}

TEST_CASE("plan: major triads of the modes") {
    using score::mode;
    const auto majors = [](mode m) {
        std::string out;
        for (int d = 1; d <= 7; ++d)
            if (model::triad_is_major(m, d)) out += static_cast<char>('0' + d);
        return out;
    };
    CHECK(majors(mode::ionian) == "145");
    CHECK(majors(mode::dorian) == "347");
    CHECK(majors(mode::phrygian) == "236");
    CHECK(majors(mode::lydian) == "125");
    CHECK(majors(mode::mixolydian) == "147");
    CHECK(majors(mode::aeolian) == "367");
    CHECK(majors(mode::locrian) == "256");
}
