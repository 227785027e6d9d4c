// Is steering felt? The same seeds at low, middle and high energy, and at low, middle and high valence.
//
//   bench_steering [--seeds 100] [--seconds 46] [--skip 16] [--rate 48000]
//
// Plays each seed from the beginning with the parameter set, passes over the introduction and measures the rest. Effects are those of
// the higher setting against the lower one, seed by seed: Cohen's d (the mean difference by the pooled standard deviation) and the
// matched rank-biserial correlation (1 where every seed rises, by Wilcoxon's ranks). Exit code 1 where one does not rise as it must.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include <lofi/analysis/sound.hpp>
#include <lofi/audio/spectrum.hpp>
#include <lofi/radio.hpp>

#include "measure/arguments.hpp"
#include "measure/listener.hpp"

using namespace lofi;

namespace {

struct heard {
    double notes = 0;        // keys, melody, bass, drums and texture, a bar
    double pitched = 0;      // without the drums
    double drums = 0;        // dB of the drums' layer; what does not play counts as -60
    double centroid = 0;     // Hz of the mix, weighted by amplitude
    double treble = 0;       // dB of what lies above 2 kHz
    double major = 0;        // share of bars whose first chord has a major third
    double bright_mode = 0;  // brightness of the mode, Locrian 0 to Lydian 6
};

heard play(std::uint64_t seed, parameter what, double value, double skip, double seconds_long, hertz rate) {
    radio_config config{.seed = seed, .rate = rate, .start = {{what, value}}};
    // The mode is open, so that valence decides; dust would be most of what is bright.
    config.mood = "study";
    config.start.push_back({parameter::dust, 0.0});
    radio music(config);
    const auto block = static_cast<std::size_t>(rate.value / 50.0);
    std::vector<float> left(block), right(block), mix;
    std::vector<std::vector<float>> layers(2 * synth::layer_count, std::vector<float>(block));
    std::vector<audio::stereo_view> views;
    for (std::size_t l = 0; l < synth::layer_count; ++l) views.push_back({layers[2 * l], layers[2 * l + 1]});
    const std::size_t drums = 2 * static_cast<std::size_t>(synth::layer::drums);
    measure::listener listener(rate);
    double power = 0.0;
    for (int i = 0; i < static_cast<int>(50.0 * seconds_long); ++i) {
        music.render({left, right}, views);
        listener.listen(music);
        if (i < static_cast<int>(50.0 * skip)) continue;
        for (std::size_t n = 0; n < block; ++n) {
            const double l = static_cast<double>(layers[drums][n]), r = static_cast<double>(layers[drums + 1][n]);
            power += l * l + r * r;
            mix.push_back(0.5F * (left[n] + right[n]));
        }
    }
    heard h;
    const measure::tune tune = listener.heard();
    const std::int32_t first = 4;  // bars of introduction
    std::size_t all = 0, pitched = 0;
    for (const measure::step_note& n : tune.notes) {
        if (n.step < 16 * first) continue;
        ++all, pitched += n.part != score::part::drums;
    }
    const double bars = std::max(1, tune.bars - first);
    h.notes = static_cast<double>(all) / bars, h.pitched = static_cast<double>(pitched) / bars;
    h.drums = std::max(-60.0, 10.0 * std::log10(power / static_cast<double>(2 * mix.size()) + 1e-30));
    std::vector<double> spectrum = audio::power_spectrum(mix, {.window = 2048, .hop = 2048});
    double high = 0.0;
    for (std::size_t k = 0; k < spectrum.size(); ++k)
        high += static_cast<double>(k) * rate.value / 2048.0 >= 2000.0 ? spectrum[k] : 0.0;
    h.treble = 10.0 * std::log10(high + 1e-30);
    for (double& p : spectrum) p = std::sqrt(p);
    h.centroid = analysis::spectral_centroid(spectrum, rate / 2048.0).value;
    double majors = 0.0, modes = 0.0;
    for (const auto& c : listener.chords()) {
        majors += score::third_of(c.chord.type) == 4;
        constexpr std::array<double, 7> order = {5, 3, 1, 6, 4, 2, 0};
        modes += order[static_cast<std::size_t>(c.key.scale) - 1];
    }
    h.major = majors / static_cast<double>(listener.chords().size());
    h.bright_mode = modes / static_cast<double>(listener.chords().size());
    return h;
}

struct spread {
    double mean = 0, variance = 0;
};
// A seed whose music has no chord in the time that is listened to has no share of major ones: it is left out.
spread spread_of(std::vector<double> x) {
    x.erase(std::remove_if(x.begin(), x.end(), [](double v) { return std::isnan(v); }), x.end());
    spread s;
    for (const double v : x) s.mean += v / static_cast<double>(x.size());
    for (const double v : x) s.variance += (v - s.mean) * (v - s.mean) / static_cast<double>(x.size() - 1);
    return s;
}

double cohen(const std::vector<double>& low, const std::vector<double>& high) {
    const spread a = spread_of(low), b = spread_of(high);
    const double pooled = std::sqrt((a.variance + b.variance) / 2.0);
    const double rise = b.mean - a.mean;
    if (std::fabs(rise) < 1e-9) return 0.0;
    return pooled > 1e-9 ? rise / pooled : std::copysign(std::numeric_limits<double>::infinity(), rise);
}

// source: Kerby: The Simple Difference Formula (2014), on Wilcoxon's signed ranks; ties share their ranks, no difference has none
double rank_biserial(const std::vector<double>& low, const std::vector<double>& high) {
    std::vector<double> d;
    for (std::size_t i = 0; i < low.size(); ++i)
        if (std::fabs(high[i] - low[i]) > 0.0) d.push_back(high[i] - low[i]);
    std::sort(d.begin(), d.end(), [](double a, double b) { return std::fabs(a) < std::fabs(b); });
    double up = 0.0, all = 0.0;
    for (std::size_t i = 0; i < d.size();) {
        std::size_t end = i;
        while (end < d.size() && std::fabs(d[end]) == std::fabs(d[i])) ++end;
        const double rank = 0.5 * static_cast<double>(i + 1 + end);
        for (; i < end; ++i) all += rank, up += d[i] > 0.0 ? rank : -rank;
    }
    return all > 0.0 ? up / all : 0.0;
}

struct measure_row {
    const char* name;
    double heard::*field;
    const char* format;
    double between, ends;  // rank-biserials of neighbours and of the ends that must be reached; below -1: shown alone
};

bool table(const char* what, const std::array<std::vector<heard>, 3>& all, const std::vector<measure_row>& rows) {
    bool kept = true;
    std::printf(
        "\n| %s | .1 | .5 | .9 | .1 to .5: d, r | .5 to .9: d, r | .1 to .9: d, r |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n",
        what);
    for (const measure_row& m : rows) {
        std::array<std::vector<double>, 3> x;
        for (std::size_t s = 0; s < 3; ++s)
            for (const heard& h : all[s]) x[s].push_back(h.*m.field);
        std::printf("| %s |", m.name);
        for (const auto& v : x) {
            std::printf(" ");
            std::printf(m.format, spread_of(v).mean);
            std::printf(" +- ");
            std::printf(m.format, std::sqrt(spread_of(v).variance));
            std::printf(" |");
        }
        constexpr std::array<std::array<std::size_t, 2>, 3> pairs = {{{0, 1}, {1, 2}, {0, 2}}};
        for (const auto& [a, b] : pairs) {
            const double r = rank_biserial(x[a], x[b]);
            std::printf(" %.2f, %.2f |", cohen(x[a], x[b]), r);
            kept = kept && r >= (b - a == 1 ? m.between : m.ends);
        }
        std::printf("\n");
    }
    return kept;
}

}  // namespace

int main(int argc, char** argv) {
    const measure::arguments given(argc, argv, {{"seeds", "100"}, {"seconds", "46"}, {"skip", "16"}, {"rate", "48000"}},
                                   "bench_steering [--seeds 100] [--seconds 46] [--skip 16] [--rate 48000]");
    bool kept = true;
    for (const parameter what : {parameter::energy, parameter::valence}) {
        std::array<std::vector<heard>, 3> all;
        for (int seed = 1; seed <= given.count("seeds"); ++seed)
            for (std::size_t s = 0; s < 3; ++s)
                all[s].push_back(play(static_cast<std::uint64_t>(seed), what, 0.1 + 0.4 * static_cast<double>(s),
                                      given.number("skip"), given.number("seconds"), hertz(given.number("rate"))));
        const bool energy = what == parameter::energy;
        constexpr double free = -2.0;
        const double lively = energy ? 0.5 : free, colour = energy ? free : 0.3;
        kept = table(energy ? "energy" : "valence", all,
                     {{"notes a bar", &heard::notes, "%.1f", lively, lively},
                      {"notes a bar without drums", &heard::pitched, "%.1f", lively, lively},
                      {"drums, dB", &heard::drums, "%.1f", lively, lively},
                      {"centroid of the mix, Hz", &heard::centroid, "%.0f", lively, lively},
                      {"above 2 kHz, dB", &heard::treble, "%.1f", lively, lively},
                      {"bars on major chords", &heard::major, "%.2f", free, colour},
                      {"mode, 0 Locrian to 6 Lydian", &heard::bright_mode, "%.2f", colour, colour}}) &&
               kept;
        std::fflush(stdout);
    }
    std::printf(kept ? "\nAll rise.\n" : "\nBROKEN: something does not rise as it must.\n");
    return kept ? 0 : 1;
}
