// Hours of the radio, listened to: is anything broken, does it keep its loudness, does it repeat itself, does it stay in key?
//
//   bench_soak [--seeds 10] [--minutes 120] [--rate 48000] [--data FOLDER] [--songs 100]
//
// Renders so many minutes of each seed and holds what it hears against bounds; exit code 1 where one is broken. Seeds take turns in
// moods. Every second one plays without dust and rain, whose crackle and drops are clicks that are meant: clicks are counted there.
// Two in four are steered: energy, valence and density go elsewhere every other minute. FOLDER holds the corpora b_midi and
// d_drums; their songs stand beside the radio in the second table.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <lofi/radio.hpp>

#include "measure/arguments.hpp"
#include "measure/corpus_tunes.hpp"
#include "measure/listener.hpp"
#include "measure/sound_watch.hpp"
#include "measure/tune.hpp"

using namespace lofi;

namespace {

// ---------------------------------------------------------------- bounds

struct bounds {
    double loudness = 2.0;          // LU of a minute from the median of its seed
    double silence = 2.0;           // seconds
    double slowest = 2.5;           // CPU time of a minute by the median: denormals cost ten times and more
    double over_ceiling = 0.1;      // dB of true peak; the meter reads between samples by itself
    double in_key = 0.85;           // share of the notes' time
    double bars_again = 0.25;       // share of bars in a stretch as long as a song
    std::size_t longest_again = 8;  // bars in a row: a section
    double drums = 0.25;            // different bars of 32
    double found = 0.85;            // of leaps by 0.1 put into the sound; the others hide in the attacks of drums
};

std::vector<std::string> broken;  // said at the end, so that the tables stay whole
void hold(bool kept, const std::string& what, double value, double bound) {
    char text[64];
    std::snprintf(text, sizeof text, " %.3f, the bound is %.3f", value, bound);
    if (!kept) broken.push_back(what + text);
}

double median(std::vector<double> x) {
    if (x.empty()) return 0.0;
    const auto middle = x.begin() + static_cast<std::ptrdiff_t>(x.size() / 2);
    std::nth_element(x.begin(), middle, x.end());
    return *middle;
}

// ---------------------------------------------------------------- one seed

struct run {
    std::uint64_t seed = 0;
    std::string_view mood;
    bool clean = false, steered = false;
    measure::sound_watch sound;
    measure::listener notes;
    std::vector<double> cpu;  // seconds a minute
};

run soak(std::uint64_t seed, int minutes, hertz rate) {
    run r{seed,
          song::moods[seed % song::moods.size()].name,
          seed % 2 == 1,
          seed % 4 >= 2,
          measure::sound_watch(rate),
          measure::listener(rate),
          {}};
    radio_config config{.seed = seed, .rate = rate, .mood = r.mood};
    if (r.clean)
        for (const parameter p : {parameter::dust, parameter::rain}) config.start.push_back({p, 0.0});
    radio music(config);
    random_stream hand(random_key{seed}.child("hand"));
    const auto block = static_cast<std::size_t>(rate.value / 50.0);
    std::vector<float> left(block), right(block);
    for (int minute = 0; minute < minutes; ++minute) {
        if (r.steered && minute % 2 == 1)
            for (const parameter p : {parameter::energy, parameter::valence, parameter::density})
                music.set(p, uniform_unit(hand), at::next_bar, seconds(4.0));
        double spent = 0.0;
        for (int i = 0; i < 60 * 50; ++i) {
            const std::clock_t before = std::clock();
            music.render(audio::stereo_view{left, right});
            spent += static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
            r.sound.process(left, right);
            r.notes.listen(music);
        }
        r.cpu.push_back(spent);
    }
    return r;
}

void report(const run& r, const bounds& b) {
    const double middle = median(r.sound.loudness());
    double low = 0.0, high = 0.0, slowest = 0.0;
    for (const double l : r.sound.loudness()) low = std::min(low, l - middle), high = std::max(high, l - middle);
    for (const double s : r.cpu) slowest = std::max(slowest, s / median(r.cpu));
    const double peak = 20.0 * std::log10(r.sound.true_peak());
    std::printf("| %llu | %s%s%s | %zu | %.2f | %.1f | %.2f | %.1f | %+.1f %+.1f | %.1f | %.2f |\n",
                static_cast<unsigned long long>(r.seed), std::string(r.mood).c_str(), r.clean ? ", clean" : "",
                r.steered ? ", steered" : "", r.sound.clicks().size(), r.sound.longest_silence(), r.notes.longest_rest(), peak,
                middle, low, high, 60.0 / median(r.cpu), slowest);
    std::fflush(stdout);
    const std::string who = "seed " + std::to_string(r.seed) + ": ";
    const auto at_most = [&](const char* what, double value, double bound) { hold(value <= bound, who + what, value, bound); };
    if (r.clean) {
        at_most("clicks", static_cast<double>(r.sound.clicks().size()), 0.0);
        for (std::size_t i = 0; i < std::min<std::size_t>(r.sound.clicks().size(), 10); ++i) {
            const measure::heard_click& c = r.sound.clicks()[i];
            std::fprintf(stderr, "click at %.5f s: jump %.4f, ratio %.1f\n", c.second, c.what.jump, c.what.ratio);
        }
    }
    at_most("samples that are no number", static_cast<double>(r.sound.broken()), 0.0);
    at_most("longest silence, seconds", r.sound.longest_silence(), b.silence);
    at_most("true peak, dB", peak, -1.0 + b.over_ceiling);
    at_most("a minute's distance from the median, LU", std::max(high, -low), b.loudness);
    at_most("the slowest minute by the median", slowest, b.slowest);
    at_most("lost events", r.notes.lost(), 0.0);
}

// ---------------------------------------------------------------- the notes of many

// A column of the table: the tunes of the radio or of a corpus.
struct column {
    std::string name;
    std::vector<measure::tune> tunes;
    bool drums = false, pitched = true;
};

struct figures {
    double bars_a_tune = 0, pitched = 0, pitched_relative = 0, melody = 0, melody_relative = 0, recalled = 0, elsewhere = 0;
    std::size_t run = 0, run_melody = 0;
    double in_key = 0, same = 0, related = 0, distinct = 0, entropy = 0, drum_bars = 0;
    std::size_t different_drums = 0;
};

// Within stretches of so many bars; 0: each tune whole.
figures measure_column(const column& c, std::size_t stretch) {
    using measure::counted_from, measure::hearing;
    figures f;
    double heard[4] = {}, again[4] = {}, beats = 0.0, windows = 0.0, stretches = 0.0, bars = 0.0, shared = 0.0;
    measure::name_book melodies[2], whole[2], drums;
    std::uint32_t known = 0;  // melody bars of the tunes before have names up to this
    for (const measure::tune& t : c.tunes) {
        bars += t.bars;
        const auto count = [&](int i, hearing what, counted_from zero, measure::name_book& book, std::size_t* run) {
            const auto names = measure::name_bars(t, what, zero, book);
            const auto r = measure::find_repeats(names, stretch);
            heard[i] += static_cast<double>(r.heard);
            if (r.heard != 0) again[i] += r.bars * static_cast<double>(r.heard);
            if (run != nullptr) *run = std::max(*run, r.run);
            return names;
        };
        if (c.pitched) {
            count(0, hearing::pitched, counted_from::c, whole[0], &f.run);
            count(1, hearing::pitched, counted_from::tonic, whole[1], nullptr);
            count(2, hearing::melody, counted_from::c, melodies[0], &f.run_melody);
            const auto names = count(3, hearing::melody, counted_from::tonic, melodies[1], nullptr);
            if (const auto n =
                    static_cast<double>(std::count_if(names.begin(), names.end(), [](std::uint32_t x) { return x != 0; }));
                n > 0)
                f.recalled += n * measure::melody_recalled(t, stretch == 0 ? static_cast<std::size_t>(t.bars) : stretch);
            for (const std::uint32_t n : names) shared += n != 0 && n <= known;
            known = static_cast<std::uint32_t>(melodies[1].size());
            const auto k = measure::fit_key(t);
            if (k.beats > 0.0) beats += k.beats, f.in_key += k.in_key * k.beats;
            if (k.windows != 0) {
                const auto n = static_cast<double>(k.windows);
                windows += n, f.same += k.same * n, f.related += k.related * n;
            }
        }
        if (c.drums) {
            const auto v = measure::vary_drums(measure::name_bars(t, hearing::drums, counted_from::c, drums));
            f.drum_bars += static_cast<double>(v.bars);
            if (v.stretches != 0) {
                const auto n = static_cast<double>(v.stretches);
                stretches += n, f.distinct += v.distinct * n, f.entropy += v.entropy * n;
            }
        }
    }
    f.bars_a_tune = bars / static_cast<double>(c.tunes.size());
    f.pitched = again[0] / heard[0], f.pitched_relative = again[1] / heard[1];
    f.melody = again[2] / heard[2], f.melody_relative = again[3] / heard[3], f.elsewhere = shared / heard[3],
    f.recalled /= heard[3];
    f.in_key /= beats, f.same /= windows, f.related /= windows, f.distinct /= stretches, f.entropy /= stretches;
    f.different_drums = drums.size();
    return f;
}

void table(const std::vector<column>& columns, std::size_t song) {
    std::vector<figures> f;
    for (const column& c : columns) f.push_back(measure_column(c, song));
    const auto row = [&](const char* name, auto&& value) {
        std::printf("| %s |", name);
        for (std::size_t i = 0; i < f.size(); ++i) {
            const std::string text = value(f[i], columns[i]);
            std::printf(" %s |", text.c_str());
        }
        std::printf("\n");
    };
    const auto number = [](double x, const char* format) {
        char text[32];
        std::snprintf(text, sizeof text, format, x);
        return std::isfinite(x) ? std::string(text) : std::string("-");
    };
    const auto percent = [&](double x) { return number(100.0 * x, "%.1f %%"); };
    std::printf("\n| |");
    for (const column& c : columns) std::printf(" %s |", c.name.c_str());
    std::printf("\n| --- |");
    for (std::size_t i = 0; i < columns.size(); ++i) std::printf(" --- |");
    std::printf("\n");
    row("tunes", [&](const figures&, const column& c) { return std::to_string(c.tunes.size()); });
    row("bars a tune", [&](const figures& x, const column&) { return number(x.bars_a_tune, "%.0f"); });
    row("whole bars that stood before in the song", [&](const figures& x, const column&) { return percent(x.pitched); });
    row("the same, pitches from the tonic", [&](const figures& x, const column&) { return percent(x.pitched_relative); });
    row("melody bars that stood before in the song", [&](const figures& x, const column&) { return percent(x.melody); });
    row("the same, pitches from the tonic", [&](const figures& x, const column&) { return percent(x.melody_relative); });
    row("melody bars nearly so (60 % of the notes)", [&](const figures& x, const column&) { return percent(x.recalled); });
    row("melody bars of another tune, from the tonic", [&](const figures& x, const column&) { return percent(x.elsewhere); });
    row("longest repeat, whole bars",
        [&](const figures& x, const column& c) { return c.pitched ? std::to_string(x.run) : std::string("-"); });
    row("longest repeat, melody bars",
        [&](const figures& x, const column& c) { return c.pitched ? std::to_string(x.run_melody) : std::string("-"); });
    row("notes' time in the key", [&](const figures& x, const column&) { return percent(x.in_key); });
    row("eight bars found in their key", [&](const figures& x, const column&) { return percent(x.same); });
    row("... or a fifth or the relative off", [&](const figures& x, const column&) { return percent(x.related); });
    row("different drum bars of 32", [&](const figures& x, const column&) { return number(32.0 * x.distinct, "%.1f"); });
    row("entropy of drum bars of 32, bits", [&](const figures& x, const column&) { return number(x.entropy, "%.2f"); });
    row("different drum bars, of all", [&](const figures& x, const column& c) {
        return c.drums ? std::to_string(x.different_drums) + " of " + number(x.drum_bars, "%.0f") : std::string("-");
    });
}

void sections(const std::vector<run>& runs) {
    std::map<std::string_view, std::map<std::int32_t, int>> lengths;
    for (const run& r : runs) {
        const auto& s = r.notes.sections();
        for (std::size_t i = 0; i + 1 < s.size(); ++i) ++lengths[arrange::to_string(s[i].kind)][s[i + 1].bar - s[i].bar];
    }
    std::printf("\n| section | bars: how often |\n| --- | --- |\n");
    for (const auto& [kind, counts] : lengths) {
        std::printf("| %s |", std::string(kind).c_str());
        for (const auto& [bars, count] : counts) std::printf(" %d: %d", bars, count);
        std::printf(" |\n");
    }
}

void try_clicks(const run& r, double needed) {
    const auto sound = r.sound.last_minute();
    if (sound.empty()) return;
    std::printf(
        "\nFaults put into the last minute of seed %llu, and found:\n\n| height | jump | spike | splice |\n"
        "| --- | --- | --- | --- |\n",
        static_cast<unsigned long long>(r.seed));
    for (const double height : {0.3, 0.1, 0.03, 0.01}) {
        std::printf("| %.2f |", height);
        for (const auto kind : {measure::fault::jump, measure::fault::spike, measure::fault::splice}) {
            const double found = measure::found_faults(sound, kind, height);
            std::printf(" %.0f %% |", 100.0 * found);
            if (height == 0.1 && kind == measure::fault::jump)
                hold(found >= needed, "the share of leaps that are found", found, needed);
        }
        std::printf("\n");
    }
}

}  // namespace

int main(int argc, char** argv) {
    const measure::arguments given(
        argc, argv, {{"seeds", "10"}, {"first", "1"}, {"minutes", "120"}, {"rate", "48000"}, {"data", ""}, {"songs", "100"}},
        "bench_soak [--seeds 10] [--first 1] [--minutes 120] [--rate 48000] [--data FOLDER] [--songs 100]");
    const bounds b;
    std::printf(
        "| seed | mood | clicks | longest silence, s | longest rest, s | true peak, dB | loudness, LUFS | minutes from it, LU "
        "| x real time | slowest minute |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    std::vector<run> runs;
    for (int i = 0; i < given.count("seeds"); ++i) {
        runs.push_back(
            soak(static_cast<std::uint64_t>(given.count("first") + i), given.count("minutes"), hertz(given.number("rate"))));
        report(runs.back(), b);
    }
    for (const run& r : runs)
        if (r.clean) {
            try_clicks(r, given.number("rate") >= 44100.0 ? b.found : 0.0);  // at low rates drums hide more
            break;
        }
    sections(runs);

    constexpr std::size_t song = 64;  // bars that count as a song; those of the corpora are somewhat longer
    std::vector<column> columns{{"radio", {}, true, true}};
    for (const run& r : runs) columns[0].tunes.push_back(r.notes.heard());
    const figures all = measure_column(columns[0], song);
    if (!given.text("data").empty()) {
        const std::filesystem::path data(given.text("data"));
        const auto songs = static_cast<std::size_t>(given.count("songs"));
        columns.push_back({"pop songs", measure::read_songs(data / "b_midi", "pop909", songs)});
        columns.push_back({"lead sheets", measure::read_songs(data / "b_midi", "ewld", songs)});
        columns.push_back({"lo-fi loops", measure::read_songs(data / "b_midi", "loops", songs)});
        columns.push_back({"drummers", measure::read_drummers(data / "d_drums", songs), true, false});
    }
    std::printf("\nRepeats within %zu bars, as if each were a song:\n", song);
    table(columns, song);
    std::printf("\nRepeats within the whole of each tune:\n");
    table({columns[0]}, 0);

    hold(all.in_key >= b.in_key, "the share of the notes' time in the key", all.in_key, b.in_key);
    hold(all.pitched <= b.bars_again, "the share of whole bars that stood before", all.pitched, b.bars_again);
    hold(all.run <= b.longest_again, "the longest repeat, bars", static_cast<double>(all.run),
         static_cast<double>(b.longest_again));
    if (std::isfinite(all.distinct)) hold(all.distinct >= b.drums, "the share of different drum bars", all.distinct, b.drums);
    for (const std::string& what : broken) std::printf("\nBROKEN: %s", what.c_str());
    std::printf(broken.empty() ? "\nAll bounds are kept.\n" : "\n");
    return broken.empty() ? 0 : 1;
}
