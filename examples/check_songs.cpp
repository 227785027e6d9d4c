// Renders a song for each seed and checks what must hold for all: level, peaks, no clicks, no silence, in key, drums that never repeat.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include <lofi/analysis/sound.hpp>
#include <lofi/audio/loudness.hpp>
#include <lofi/audio/true_peak.hpp>
#include <lofi/song/render.hpp>

namespace {

using namespace lofi;

/// Share of the sounding time of all parts but the drums that belongs to the key.
double in_key(const song::composition& c) {
    double in = 0, all = 0;
    for (const score::track& t : c.piece.tracks)
        for (const score::note& n : t.notes) {
            if (t.drums()) continue;
            all += static_cast<double>(n.length.value);
            if (contains(c.settings.key, n.which.name())) in += static_cast<double>(n.length.value);
        }
    return in / all;
}

/// Bars of drums that are alike in hits, forces and times taken together.
std::size_t repeated_bars(const score::track& drums) {
    std::vector<std::string> bars;
    for (const score::note& n : drums.notes) {
        const auto bar = static_cast<std::size_t>(n.start.value / arrange::bar);
        if (bars.size() <= bar) bars.resize(bar + 1);
        bars[bar] += std::to_string(n.start.value % arrange::bar) + ":" + std::to_string(n.which.midi) + ":" +
                     std::to_string(n.force.value) + " ";
    }
    std::multiset<std::string> seen;
    for (const std::string& b : bars)
        if (!b.empty()) seen.insert(b);
    return seen.size() - std::set<std::string>(seen.begin(), seen.end()).size();
}

/// Prints one line and says whether all is well.
bool check(std::uint64_t seed, double minutes, hertz rate, const song::networks& networks) {
    const song::mood& mood = song::moods[seed % song::moods.size()];
    const auto c = song::compose({.seed = seed, .minutes = minutes, .mood = mood.name}, networks).value();
    const auto sound = song::render(c, rate).value();
    audio::true_peak_meter left, right;
    left.process(sound.channel(0));
    right.process(sound.channel(1));
    const double loudness = audio::loudness(sound).value, peak = std::max(left.level(), right.level()).value;
    bool finite = true;
    float largest = 0;
    for (std::size_t ch = 0; ch < 2; ++ch)
        for (const float x : sound.channel(ch)) finite = finite && std::isfinite(x), largest = std::max(largest, std::abs(x));
    const double dc =
        std::max(std::abs(analysis::dc_offset(sound.channel(0))), std::abs(analysis::dc_offset(sound.channel(1))));

    // A record crackles on purpose: clicks and silence are looked for in the same song on a clean one.
    synth::config clean = song::sound_of(c.settings, rate);
    clean.mix.dust = clean.mix.hiss = clean.mix.rain = 0;
    const auto dry = synth::render(c.piece, clean).value();
    const std::size_t clicks = analysis::find_clicks(dry.channel(0)).size() + analysis::find_clicks(dry.channel(1)).size();
    const double end = static_cast<double>(dry.length().value) - 6 * rate.value;  // the last chord fades out over the tail
    std::size_t silences = 0;
    for (const analysis::stretch& s : analysis::find_silences(dry.channel(0), rate, decibels(-60.0), seconds(1.5)))
        if (static_cast<double>(s.end) < end) ++silences;

    const double key = in_key(c);
    const std::size_t alike = repeated_bars(*c.piece.find(score::part::drums));
    const bool well = finite && largest < 1 && std::abs(loudness + 16) <= 1.5 && peak <= -1 && dc < 1e-3 && clicks == 0 &&
                      silences == 0 && key >= .95 && alike == 0;
    std::printf(
        "%4llu %-8.*s %-14s %6.1f LUFS %5.1f dBTP  dc %.0e  clicks %zu  silences %zu  in key %5.1f %%  equal bars %zu  %s\n",
        static_cast<unsigned long long>(seed), static_cast<int>(mood.name.size()), mood.name.data(),
        to_string(c.settings.key).c_str(), loudness, peak, dc, clicks, silences, 100 * key, alike, well ? "ok" : "FAULT");
    std::fflush(stdout);
    return well;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fputs("usage: check_songs FIRST LAST [MINUTES [RATE]]\n", stderr);
        return 2;
    }
    const std::uint64_t first = std::strtoull(argv[1], nullptr, 10), last = std::strtoull(argv[2], nullptr, 10);
    const double minutes = argc > 3 ? std::atof(argv[3]) : .5, rate = argc > 4 ? std::atof(argv[4]) : 48000;
    const auto networks = song::networks::builtin();
    std::size_t faults = 0;
    for (std::uint64_t seed = first; seed <= last; ++seed) faults += check(seed, minutes, hertz(rate), networks) ? 0 : 1;
    std::printf("%llu songs, %zu with a fault\n", static_cast<unsigned long long>(last - first + 1), faults);
    return faults == 0 ? 0 : 1;
}
