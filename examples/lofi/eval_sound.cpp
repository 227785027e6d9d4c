#include "eval_sound.hpp"

#if LOFI_HAVE_TRAIN
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include <lofi/analysis/free_running.hpp>
#include <lofi/corpus/sound_corpus.hpp>
#include <lofi/recipe/sound_picture.hpp>
#include <lofi/train/progress.hpp>

namespace program {
namespace {

namespace analysis = lofi::analysis;
namespace fs = std::filesystem;

struct measured {
    std::string name;
    double length = 0;
    analysis::free_running m;
    double replay = -1;  // below 0: held against nothing
    std::string replay_of;
};

/// What of a measure is shown, and how.
struct column {
    const char *title, *key;
    int digits;
    double (*of)(const measured&);
};
constexpr column columns[] = {
    {"seconds within 3 dB of their median level", "level_share", 2, [](const measured& x) { return x.m.level; }},
    {"bins for 99 % of the energy of 7 s", "bins_99", 0, [](const measured& x) { return static_cast<double>(x.m.bins); }},
    {"flatness 80 to 1,500 Hz", "flatness", 4, [](const measured& x) { return x.m.flatness; }},
    {"dB above 1,500 Hz", "high_band_db", 1, [](const measured& x) { return x.m.high_band.value; }},
    {"onsets a beat apart", "beat", 3, [](const measured& x) { return x.m.beat; }},
    {"onsets a bar apart", "bar", 3, [](const measured& x) { return x.m.bar; }},
    {"neighbouring blocks of 2.27 s", "block_similarity", 3, [](const measured& x) { return x.m.similarity; }},
};

std::vector<float> read(const fs::path& path, double rate) {
    auto file = lofi::audio::mono_stream<lofi::audio::sound_stream>::open(lofi::audio::sound_stream::open(path).value(),
                                                                          lofi::hertz(rate));
    if (!file) throw file.error().at(path.string());
    constexpr double most = 3600;  // seconds: what is measured is held in memory
    const auto length = static_cast<double>(file->length().value);
    if (length > most * rate) throw lofi::error(path.string(), "is longer than the hour that is measured here; cut it first");
    std::vector<float> sound(static_cast<std::size_t>(length));
    (void)file->read(lofi::frames(0), sound).value();
    if (sound.empty()) throw lofi::error(path.string(), "holds no sound: it has no samples");
    return sound;
}

/// The files that were named, and those in folders that were.
std::vector<fs::path> sounds_of(const std::vector<fs::path>& named) {
    std::vector<fs::path> files;
    for (const fs::path& p : named) {
        std::error_code ec;
        if (!fs::is_directory(p, ec)) {
            files.push_back(p);
            continue;
        }
        const std::size_t before = files.size();
        for (const auto& entry : fs::directory_iterator(p))
            if (lofi::corpus::detail::is_sound_name(entry.path())) files.push_back(entry.path());
        if (files.size() == before) throw lofi::error(p.string(), "has no sound files");
        std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
    }
    return files;
}

measured measure(const fs::path& path, const std::vector<float>& sound, const eval_sound_options& o) {
    measured x;
    x.name = path.filename().string();
    x.length = static_cast<double>(sound.size()) / o.rate;
    x.m = analysis::measure_free_running(sound, lofi::hertz(o.rate), {.tempo = lofi::bpm(o.tempo)});
    return x;
}

std::string text_of(double v, int digits) {
    char text[48];
    std::snprintf(text, sizeof text, "%.*f", digits, v);
    return std::isfinite(v) ? text : "-";
}

json figures_of(const measured& x) {
    json j = {{"file", x.name}, {"seconds", x.length}};
    for (const column& c : columns) {
        const double v = c.of(x);
        j[c.key] = std::isfinite(v) ? json(v) : json();
    }
    if (x.replay >= 0) j.update({{"replay", x.replay}, {"replay_of", x.replay_of}});
    return j;
}

void print_table(const std::vector<measured>& made, const std::vector<measured>& real) {
    const auto row = [](const std::string& name, const auto& cell) {
        std::printf("| %s |", name.c_str());
        for (const column& c : columns) std::printf(" %s |", cell(c).c_str());
    };
    std::printf("| |");
    for (const column& c : columns) std::printf(" %s |", c.title);
    std::printf(" highest correlation of a second |\n| --- |");
    for (std::size_t i = 0; i <= std::size(columns); ++i) std::printf(" --- |");
    std::printf("\n");
    for (const measured& x : made) {
        row(x.name, [&](const column& c) { return text_of(c.of(x), c.digits); });
        std::printf(" %s |\n", x.replay < 0 ? "-" : (text_of(x.replay, 3) + " (" + x.replay_of + ")").c_str());
    }
    if (real.empty()) return;
    const auto range = [&](double (*of)(const measured&), int digits) {
        std::vector<double> v;
        for (const measured& x : real)
            if (std::isfinite(of(x))) v.push_back(of(x));
        if (v.empty()) return std::string("-");
        std::sort(v.begin(), v.end());
        return text_of(v.front(), digits) + " / " + text_of(v[v.size() / 2], digits) + " / " + text_of(v.back(), digits);
    };
    row("held against, least / median / greatest", [&](const column& c) { return range(c.of, c.digits); });
    std::printf(" %s |\n", real[0].replay < 0 ? "-" : range([](const measured& x) { return x.replay; }, 3).c_str());
}

}  // namespace

void evaluate_sound(const eval_sound_options& o) {
    const std::vector<fs::path> files = sounds_of(o.files), others = sounds_of(o.against);
    std::vector<std::vector<float>> clips;
    for (const fs::path& p : others) clips.push_back(read(p, o.rate));
    const bool terminal = lofi::train::detail::is_terminal(stderr);
    const std::size_t all = files.size() + others.size();
    std::size_t done = 0;
    const auto told = [&] {
        ++done;
        if (terminal) std::fprintf(stderr, "\rmeasured: %zu of %zu%s", done, all, done == all ? "\n" : "");
    };
    if (!o.out.empty()) {
        std::error_code ec;
        fs::create_directories(o.out, ec);
        if (ec) throw lofi::error(o.out.string(), "cannot be made: " + ec.message());
    }
    std::vector<measured> made, real;
    for (const fs::path& p : files) {
        const std::vector<float> sound = read(p, o.rate);
        made.push_back(measure(p, sound, o));
        if (!clips.empty()) {
            const analysis::replayed r = analysis::find_replay(sound, lofi::hertz(o.rate), clips);
            made.back().replay = r.correlation;
            made.back().replay_of = others[r.clip].filename().string();
        }
        if (!o.out.empty())
            lofi::recipe::draw_sound(sound, lofi::hertz(o.rate), made.back().name, o.out / (p.stem().string() + ".png"));
        told();
    }
    for (std::size_t i = 0; i < clips.size(); ++i) {
        real.push_back(measure(others[i], clips[i], o));
        // What two different real clips have in common.
        std::vector<float> own;
        std::swap(own, clips[i]);
        if (clips.size() > 1) real.back().replay = analysis::find_replay(own, lofi::hertz(o.rate), clips).correlation;
        std::swap(own, clips[i]);
        told();
    }
    if (!o.json) return print_table(made, real);
    json out = {{"rate", o.rate}, {"files", json::array()}, {"against", json::array()}};
    for (const measured& x : made) out["files"].push_back(figures_of(x));
    for (const measured& x : real) out["against"].push_back(figures_of(x));
    print(out);
}

}  // namespace program

#endif
