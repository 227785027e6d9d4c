// The networks of papers 002 and 004 that make sound sample by sample, and the improved ones, at equal time: trains what is not yet there,
// then prints what the next sample costs on test clips, and what each makes when it runs by itself.
//
//     wave_table --audio render8k/ drums/ --minutes 4 --out runs/
//
// `--only NAME...` trains and measures these alone; so that several may be trained side by side. A run that was stopped goes on.
#include <cstdio>

#if LOFI_HAVE_TRAIN
#include <algorithm>
#include <ctime>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <lofi/recipe/wave_networks.hpp>
#include <lofi/recipe/wave_recipes.hpp>
#include <lofi/recipe/wave_table.hpp>

using namespace lofi;
namespace fs = std::filesystem;
using corpus::split;
using model::frame_net_hearing;

namespace {

struct settings {
    std::vector<fs::path> audio;
    std::vector<std::string> only;
    fs::path out = "wave_runs";
    double minutes = 4;
    std::size_t seeds = 8;
    double seconds = 28;
    bool train_only = false;
};

/// What the tables are made of.
struct found {
    std::vector<std::vector<analysis::wave_score>> scores;  // by set
    std::vector<recipe::free_running_row> rows;
    std::vector<std::string> times;
};

double processor_minutes() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC / 60; }

class bench {
public:
    bench(const settings& s, corpus::sound_corpus& sound) : s_(s), sound_(sound) {
        for (const std::string& set : sound_.sets())
            if (sound_.count(split::test, set) > 0) sets_.push_back(set);
        result_.scores.resize(sets_.size());
    }

    [[nodiscard]] const std::vector<std::string>& sets() const { return sets_; }
    found& result() { return result_; }
    [[nodiscard]] bool wanted(const std::string& name) const {
        return s_.only.empty() || std::find(s_.only.begin(), s_.only.end(), name) != s_.only.end();
    }

    /// Trains for so many steps, unless it was done before. A learning rate's schedule is that of the recipe over these steps.
    template <class Trainee>
    void train(const std::string& name, Trainee& trainee, train::loop_config c, std::uint64_t validate_every) {
        const fs::path weights = s_.out / (name + ".safetensors"), time = s_.out / (name + ".minutes");
        if (!fs::exists(weights)) {
            const double before = processor_minutes();
            c.from = train::start::either, c.out = weights, c.plots = train::pictures::on;
            c.validate_every = validate_every;
            if (train::train(trainee, c).how == train::ending::interrupted)
                throw error(name, "was stopped; the same command goes on");
            char text[64];
            std::snprintf(text, sizeof text, "%.1f", processor_minutes() - before);
            write_file(time, std::string_view(text)).value();
        }
        const auto bytes = read_file(time, 100);
        result_.times.push_back(name + ": " +
                                (bytes ? std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()) : "?") +
                                " minutes of one core");
    }
    template <class Model>
    void train_published(const std::string& name, Model& m, recipe::wave_recipe r, double steps_a_minute) {
        r.sample = seconds(0);
        recipe::wave_trainee<Model> trainee(r, m, sound_);
        auto c = trainee.loop(s_.out / name);
        c.steps = std::max<std::uint64_t>(2, static_cast<std::uint64_t>(steps_a_minute * s_.minutes));
        if (r.schedule) c.rate = r.schedule(r.rate, c.steps, c.steps_per_epoch);
        train(name, trainee, c, std::max<std::uint64_t>(1, c.steps / 4));
    }

    template <class Model>
    void score(const std::string& name, Model& m) {
        for (std::size_t i = 0; i < sets_.size(); ++i)
            result_.scores[i].push_back(
                recipe::score_wave(m, name, clips(split::test, sets_[i]), static_cast<std::size_t>(27 * sound_.rate().value)));
    }
    /// Lets a model go on from the beginnings of test mixes.
    template <class Model>
    void run_free(const std::string& name, Model& m, double temperature = 1, bool levelled = false) {
        std::vector<analysis::free_running> all;
        for (std::size_t i = 0; i < s_.seeds; ++i) {
            const auto parts = sound_.parts(split::test, sets_[0]);
            const corpus::sound_part part = parts[i % parts.size()];
            std::vector<float> seed(m.seed_length());
            sound_.read(part.file, part.first + 8000 * (i / parts.size()), seed);
            const auto sheet = recipe::sheet_of(sound_.files()[part.file]);
            if constexpr (requires { m.sheet = sheet; }) m.sheet = sheet;
            auto made =
                m.generate(seed, static_cast<std::size_t>(s_.seconds * sound_.rate().value), random_key{100 + i}, temperature);
            if (levelled) made = recipe::brought_to_level(made, sound_.rate(), 0.14);
            if (i < 2) recipe::write_sound(s_.out / (name + "_" + std::to_string(i) + ".wav"), made, sound_.rate());
            all.push_back(measure(made, sheet));
        }
        result_.rows.push_back(recipe::median_of(name, all));
    }
    void real_clips(const std::string& set) {
        std::vector<analysis::free_running> all;
        for (const corpus::sound_part& p : sound_.parts(split::test, set)) {
            auto x = sound_.read(p);
            x.resize(std::min(x.size(), static_cast<std::size_t>(s_.seconds * sound_.rate().value)));
            all.push_back(measure(x, recipe::sheet_of(sound_.files()[p.file])));
        }
        result_.rows.push_back(recipe::median_of("real " + set, all));
    }
    void bars() {
        // The set with most to learn from lends its weights to all, as FrameNet's fixed prediction does.
        const auto fitted = analysis::fit_linear(clips(split::train, sets_[0]));
        for (std::size_t i = 0; i < sets_.size(); ++i)
            result_.scores[i] = analysis::wave_baselines(fitted, clips(split::test, sets_[i]),
                                                         {.scored = static_cast<std::size_t>(27 * sound_.rate().value)});
    }

private:
    [[nodiscard]] std::vector<std::vector<float>> clips(split which, const std::string& set) {
        std::vector<std::vector<float>> out;
        for (const corpus::sound_part& p : sound_.parts(which, set)) out.push_back(sound_.read(p));
        return out;
    }
    [[nodiscard]] analysis::free_running measure(std::span<const float> x,
                                                 const std::optional<model::wave_sheet>& sheet) const {
        const std::vector<double> level{0.14};
        return analysis::measure_free_running(x, sound_.rate(), {.levels = level, .tempo = sheet ? sheet->tempo : bpm(0.0)});
    }

    settings s_;
    corpus::sound_corpus& sound_;
    std::vector<std::string> sets_;
    found result_;
};

/// Steps that fit into a minute of one core of a Zen 5 (AVX-512) with OpenBLAS 0.3.21: what "equal time" means, without a clock in it.
constexpr double lofigen_4_steps = 24, lofigen_6_steps = 5, wavenet_steps = 350, tcn_steps = 420, frame_net_steps = 580,
                 adaptive_steps = 540;

template <frame_net_hearing Hearing>
void frame_net(bench& b, const settings& s, corpus::sound_corpus& sound, const std::string& name, double steps_a_minute) {
    if (!b.wanted(name)) return;
    recipe::frame_net_model<Hearing> m(sound.rate(), random_key{1}.child("weights"));
    recipe::frame_net_recipe r;
    r.sample = seconds(0), r.valid_windows = 12;
    recipe::frame_net_trainee<Hearing> trainee(r, m, sound);
    auto c = trainee.loop(s.out / name);
    c.steps = static_cast<std::uint64_t>(steps_a_minute * s.minutes);
    c.rate = train::warm_up_cosine{.peak = r.rate, .floor = r.floor, .warm_up = c.steps / 12, .total = c.steps};
    b.train(name, trainee, c, std::max<std::uint64_t>(1, c.steps / 5));
    if (s.train_only) return;
    const nn::safetensors file = nn::read_safetensors(s.out / (name + ".safetensors"));
    nn::load_weights<float>(file, m.tensors(), nn::extra_tensors::ignore);
    b.score(name, m);
    if constexpr (Hearing == frame_net_hearing::fixed) {
        b.run_free(name, m);
        for (const double t : {0.97, 0.94, 0.9}) {
            char label[64];
            std::snprintf(label, sizeof label, "%s, temperature %.2f, levelled", name.c_str(), t);
            b.run_free(label, m, t, true);
        }
    }
}

template <class Model>
void published(bench& b, const settings& s, corpus::sound_corpus& sound, const std::string& name, const recipe::wave_recipe& r,
               double steps_a_minute, bool free) {
    if (!b.wanted(name)) return;
    Model m(sound.rate(), random_key{1}.child("weights"));
    b.train_published(name, m, r, steps_a_minute);
    if (s.train_only) return;
    recipe::read_wave_model(s.out / (name + ".safetensors"), m);
    b.score(name, m);
    if (free) b.run_free(name, m);
}

void measure(const settings& s) {
    fs::create_directories(s.out);
    corpus::sound_corpus sound(s.audio);
    bench b(s, sound);
    if (b.sets().empty()) throw error("wave_table", "no clip is of a test part");
    if (!s.train_only) {
        b.bars();
        for (const std::string& set : b.sets()) b.real_clips(set);
    }
    published<recipe::lofigen_model<6>>(b, s, sound, "LofiGen-6", recipe::lofigen_recipe(), lofigen_6_steps, false);
    published<recipe::lofigen_model<4>>(b, s, sound, "LofiGen-4", recipe::lofigen_recipe(), lofigen_4_steps, true);
    published<recipe::wavenet_model<20>>(b, s, sound, "WaveNet-20", recipe::wavenet_recipe(), wavenet_steps, true);
    published<recipe::wave_tcn_model>(b, s, sound, "TCN", recipe::wave_tcn_recipe(), tcn_steps, true);
    frame_net<frame_net_hearing::adaptive>(b, s, sound, "FrameNet-adaptive", adaptive_steps);
    frame_net<frame_net_hearing::fixed>(b, s, sound, "FrameNet", frame_net_steps);
    if (s.train_only) return;
    for (const std::string& t : b.result().times) std::printf("%s\n", t.c_str());
    std::printf("\n");
    for (std::size_t i = 0; i < b.sets().size(); ++i)
        std::printf("%s\n", recipe::scores_table(b.sets()[i], b.result().scores[i]).c_str());
    std::printf("%s", recipe::free_running_table(b.result().rows).c_str());
}

}  // namespace

int main(int argc, char** argv) {
    settings s;
    CLI::App app{"Trains the networks that make sound sample by sample, for as long each, and measures them.", "wave_table"};
    app.footer("Example:\n  wave_table --audio render8k/ drums/ --minutes 3 --out runs/");
    app.add_option("--audio", s.audio, "Sound files, or folders of them")->required();
    app.add_option("--minutes", s.minutes, "Of training")->capture_default_str()->check(CLI::Range(0.01, 1e5));
    app.add_option("--seeds", s.seeds, "Runs by itself")->capture_default_str()->check(CLI::PositiveNumber);
    app.add_option("--out", s.out, "The folder of weights, plots and sound")->capture_default_str();
    app.add_option("--only", s.only, "Networks that are trained and measured; all, if not given")
        ->check(CLI::IsMember({"LofiGen-6", "LofiGen-4", "WaveNet-20", "TCN", "FrameNet-adaptive", "FrameNet"}));
    app.add_flag("--train-only", s.train_only, "Measures nothing");
    CLI11_PARSE(app, argc, argv);
    try {
        measure(s);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "wave_table: %s\n", e.what());
        return 1;
    }
    return 0;
}

#else

int main() {
    std::fputs("wave_table: needs the train build, which is the default: configure with -DLOFI_TRAIN=ON\n", stderr);
    return 1;
}

#endif
