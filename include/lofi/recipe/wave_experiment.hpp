#pragma once
// The two experiments of paper 002 as one run: LofiGen of 4 layers against 6, and kinds of music apart; beside them FrameNet.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/core/file.hpp>
#include <lofi/recipe/equal_time.hpp>
#include <lofi/recipe/wave_networks.hpp>
#include <lofi/recipe/wave_recipes.hpp>
#include <lofi/recipe/wave_table.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// Sound of one kind: a set of a corpus.
struct sound_genre {
    std::string name;
    corpus::sound_corpus* sound = nullptr;
    std::string set;
};

/// Lists the genres of corpora: a set that file names tell is one of that name; what tells no set is one, and is called as its corpus.
/// params: names: of the corpora; wanted: these genres alone, in this order; empty: all
/// errors: throws where two would have one name, and where one that is wanted is not there
[[nodiscard]] std::vector<sound_genre> genres_of(std::deque<corpus::sound_corpus>& corpora, std::span<const std::string> names,
                                                 std::span<const std::string> wanted = {});

/// What is trained beside the published networks.
enum class beside_published : std::uint8_t {
    nothing,
    improved,  ///< FrameNet of fixed hearing, on each genre
};

struct wave_experiment_config {
    std::filesystem::path out;  ///< weights, curves, spectrograms, sounds and `result.md`
    double minutes = 3;         ///< of processor time that each network is trained; validations are a part of it
    std::uint64_t seed = 1;
    std::size_t batch = 128;  ///< windows of LofiGen's steps, as in the paper
    std::size_t runs = 4;     ///< beginnings that each goes on from
    seconds length{10.0};     ///< of what it makes of each
    beside_published beside = beside_published::improved;
    std::function<void(const std::string&)> say = [](const std::string&) {};  ///< told what begins
};

/// Trains LofiGen of 4 layers on each genre, of 6 on the one with most to learn from, and FrameNet on each; measures them on the genre's
/// test part, and lets each go on by itself from beginnings of it. How many steps fit into the minutes is found by trying, once: it stays
/// in the network's folder, so that a run that was stopped goes on as it was begun. What is finished is not trained again.
/// returns: the result as Markdown, which stands in `result.md` too
/// errors: throws on a genre too short to train, validate or test; a folder of other settings; an interrupted run
[[nodiscard]] std::string run_wave_experiment(std::span<const sound_genre> genres, const wave_experiment_config& config);

// ---------------------------------------------------------------- bodies

inline std::vector<sound_genre> genres_of(std::deque<corpus::sound_corpus>& corpora, std::span<const std::string> names,
                                          std::span<const std::string> wanted) {
    LOFI_ASSERT(corpora.size() == names.size(), "each corpus has a name");
    std::vector<sound_genre> all, found;
    const auto named = [&](const std::string& name) {
        return std::find_if(all.begin(), all.end(), [&](const sound_genre& g) { return g.name == name; });
    };
    for (std::size_t i = 0; i < corpora.size(); ++i)
        for (const std::string& set : corpora[i].sets()) {
            const std::string name = set == "all" ? names[i] : set;
            if (named(name) != all.end())
                raise(error("genre \"" + name + "\"", "stands for two sets: give its files one folder, or other names"));
            all.push_back({name, &corpora[i], set});
        }
    if (wanted.empty()) return all;
    for (const std::string& name : wanted) {
        const auto at = named(name);
        if (at == all.end()) {
            std::string known;
            for (const sound_genre& g : all) known += (known.empty() ? "" : ", ") + g.name;
            raise(error("genre \"" + name + "\"", "is not in the sound, which has " + known));
        }
        found.push_back(*at);
    }
    return found;
}

namespace detail {

inline double processor_seconds() { return 60 * processor_minutes(); }

/// One network of the experiment on one genre, when all is known of it.
struct experiment_run {
    std::string network, genre;
    std::size_t parameters = 0;
    std::uint64_t steps = 0;
    double minutes = 0;  ///< of processor time that it took
    std::vector<train::history_entry> history = {};
};

/// What the folder of a network remembers of its training.
struct experiment_plan {
    std::filesystem::path path;
    nn::json settings;
    std::uint64_t steps = 0;
    double spent = 0;  ///< minutes, of sittings that were not killed

    [[nodiscard]] bool read() {
        if (!std::filesystem::exists(path)) return false;
        const auto bytes = read_file(path, 10000).value();
        const nn::json j = nn::json::parse(reinterpret_cast<const char*>(bytes.data()),
                                           reinterpret_cast<const char*>(bytes.data()) + bytes.size(), nullptr, false);
        if (!j.is_object() || !j.contains("settings") || !j.value("steps", nn::json()).is_number_unsigned() ||
            !j.value("minutes", nn::json()).is_number())
            raise(error(path.string(), "is no plan of an experiment; choose another folder"));
        if (j["settings"] != settings)
            raise(error(path.string(), "was begun with " + j["settings"].dump() + ", not " + settings.dump() +
                                           ": give the same again, or choose another folder"));
        steps = j["steps"].get<std::uint64_t>(), spent = j["minutes"].get<double>();
        return true;
    }
    void write() const {
        const nn::json j = {{"settings", settings}, {"steps", steps}, {"minutes", spent}};
        write_file(path, j.dump(2) + "\n").value();
    }
};

class wave_experiment {
public:
    wave_experiment(std::span<const sound_genre> genres, const wave_experiment_config& config)
        : genres_(genres), c_(config), scores_(genres.size()), rows_(genres.size()) {
        if (genres.empty()) raise(error("experiment", "has no genre to learn from"));
        for (const sound_genre& g : genres) {
            // All that will be needed, so that nothing is found missing after hours.
            const auto second = static_cast<std::uint64_t>(g.sound->rate().value);
            const std::uint64_t learned = std::max<std::uint64_t>(model::lofigen_window + 1, frame_net_recipe().window);
            for (const auto& [split, length] :
                 {std::pair(corpus::split::train, learned), std::pair(corpus::split::valid, learned),
                  std::pair(corpus::split::test, wave_table_context + second)})
                try {
                    (void)g.sound->draw(split, length, random_key{0}, g.set);
                } catch (const error& e) {
                    throw e.at("genre \"" + g.name + "\"");
                }
        }
        all_ = genres.size() * (c_.beside == beside_published::improved ? 2 : 1) + 1;
    }

    [[nodiscard]] std::string run() {
        const auto learned = [](const sound_genre& g) { return g.sound->count(corpus::split::train, g.set); };
        const auto widest =
            static_cast<std::size_t>(std::max_element(genres_.begin(), genres_.end(),
                                                      [&](const auto& a, const auto& b) { return learned(a) < learned(b); }) -
                                     genres_.begin());
        for (std::size_t g = 0; g < genres_.size(); ++g) bars(g);
        for (std::size_t g = 0; g < genres_.size(); ++g) lofigen<4>(g);
        lofigen<6>(widest);
        if (c_.beside == beside_published::improved)
            for (std::size_t g = 0; g < genres_.size(); ++g) frame_net(g);
        draw_curves(widest);
        const std::string text = result(widest);
        write_file(c_.out / "result.md", text).value();
        return text;
    }

private:
    static constexpr std::size_t validations = 10;  // in the course of a training
    static constexpr double scored_seconds = 27;    // of each test clip

    [[nodiscard]] std::size_t scored(std::size_t g) const {
        return static_cast<std::size_t>(scored_seconds * genres_[g].sound->rate().value);
    }
    [[nodiscard]] std::vector<std::vector<float>> clips(std::size_t g, corpus::split which, std::uint64_t most) const {
        std::vector<std::vector<float>> out;
        for (corpus::sound_part p : genres_[g].sound->parts(which, genres_[g].set)) {
            p.count = std::min(p.count, most);
            out.push_back(genres_[g].sound->read(p));
        }
        return out;
    }
    [[nodiscard]] analysis::free_running measure(std::size_t g, std::span<const float> x, std::uint32_t file) const {
        const auto sheet = sheet_of(genres_[g].sound->files()[file]);
        return analysis::measure_free_running(x, genres_[g].sound->rate(), {.tempo = sheet ? sheet->tempo : bpm(0.0)});
    }

    /// What needs no network: the linear bars, fitted on this genre, and its own test clips.
    void bars(std::size_t g) {
        constexpr std::uint64_t enough = 8000 * 600;  // samples of a file
        const auto fitted = analysis::fit_linear(clips(g, corpus::split::train, enough));
        scores_[g] = analysis::wave_baselines(fitted, clips(g, corpus::split::test, wave_table_context + scored(g)),
                                              {.scored = scored(g)});
        std::vector<analysis::free_running> real;
        for (corpus::sound_part p : genres_[g].sound->parts(corpus::split::test, genres_[g].set)) {
            p.count = std::min(p.count, made_samples(g));
            real.push_back(measure(g, genres_[g].sound->read(p), p.file));
        }
        rows_[g].push_back(median_of("real clips", real));
    }
    [[nodiscard]] std::uint64_t made_samples(std::size_t g) const {
        return static_cast<std::uint64_t>(c_.length.value * genres_[g].sound->rate().value);
    }

    template <std::size_t Layers>
    void lofigen(std::size_t g) {
        const sound_genre& genre = genres_[g];
        lofigen_model<Layers> m(genre.sound->rate(), random_key{c_.seed}.child("weights"));
        wave_recipe r = lofigen_recipe();
        r.seed = c_.seed, r.batch = c_.batch, r.sample = seconds(0);
        wave_trainee<lofigen_model<Layers>> trainee(r, m, *genre.sound, genre.set);
        train_and_measure("lofigen-" + std::to_string(Layers), g, m, trainee, [](train::loop_config&) {});
    }
    void frame_net(std::size_t g) {
        using network = frame_net_model<model::frame_net_hearing::fixed>;
        const sound_genre& genre = genres_[g];
        network m(genre.sound->rate(), random_key{c_.seed}.child("weights"));
        frame_net_recipe r;
        r.seed = c_.seed, r.sample = seconds(0);
        frame_net_trainee<model::frame_net_hearing::fixed> trainee(r, m, *genre.sound, genre.set);
        train_and_measure("frame-net", g, m, trainee, [&](train::loop_config& c) {
            c.rate = train::warm_up_cosine{.peak = r.rate, .floor = r.floor, .warm_up = c.steps / 12, .total = c.steps};
        });
    }

    template <class Model, class Trainee, class Schedule>
    void train_and_measure(const std::string& network, std::size_t g, Model& m, Trainee& trainee, Schedule&& schedule) {
        const std::string name = network + "-" + genres_[g].name;
        const std::filesystem::path folder = c_.out / name, weights = c_.out / (name + ".safetensors");
        c_.say(name + " (" + std::to_string(runs_.size() + 1) + " of " + std::to_string(all_) + ")");
        std::filesystem::create_directories(folder);
        experiment_plan plan{folder / "plan.json",
                             {{"minutes", c_.minutes}, {"seed", c_.seed}, {"batch", c_.batch}, {"genre", genres_[g].name}}};
        if (!plan.read()) {
            plan.steps = steps_that_fit(trainee);
            plan.write();
        }
        if (!std::filesystem::exists(weights)) {
            train::loop_config c = trainee.loop(folder);
            c.from = train::start::either, c.out = weights, c.steps = plan.steps;
            c.validate_every = std::max<std::uint64_t>(1, plan.steps / validations);
            schedule(c);
            const double before = processor_seconds();
            const auto ended = train::train(trainee, c).how;
            plan.spent += (processor_seconds() - before) / 60;
            plan.write();
            if (ended == train::ending::interrupted) raise(error(name, "was stopped; the same command goes on"));
        }
        read_wave_model(weights, m);
        const nn::checkpoint_header header = nn::read_header(nn::read_safetensors(folder / "last.safetensors"));
        runs_.push_back({network, genres_[g].name, m.parameters().size(), plan.steps, plan.spent,
                         train::history_from_json(header.training.at("history"))});
        scores_[g].push_back(score_wave(m, network, clips(g, corpus::split::test, wave_table_context + scored(g)), scored(g)));
        run_free(network, name, g, m);
    }

    /// Tries what a step and a validation cost; neither changes a weight.
    template <class Trainee>
    [[nodiscard]] std::uint64_t steps_that_fit(Trainee& trainee) const {
        constexpr double enough = 2;  // seconds
        const double begun = processor_seconds();
        (void)trainee.validate();
        const double validated = processor_seconds();
        std::uint64_t tried = 0;
        do (void)trainee.train_step(tried, random_key{c_.seed}.child("trial").child(tried));
        while (++tried < 50 && processor_seconds() - validated < enough);
        const double step = (processor_seconds() - validated) / static_cast<double>(tried);
        const double left = c_.minutes * 60 - static_cast<double>(validations) * (validated - begun);
        return std::max<std::uint64_t>(2, static_cast<std::uint64_t>(std::max(0.0, left / std::max(step, 1e-6))));
    }

    template <class Model>
    void run_free(const std::string& network, const std::string& name, std::size_t g, Model& m) {
        corpus::sound_corpus& sound = *genres_[g].sound;
        std::vector<corpus::sound_part> parts = sound.parts(corpus::split::test, genres_[g].set);
        std::erase_if(parts, [&](const auto& p) { return p.count < m.seed_length(); });
        std::vector<analysis::free_running> all;
        std::vector<float> seed(m.seed_length());
        for (std::size_t i = 0; i < c_.runs; ++i) {
            c_.say(name + " goes on by itself: " + std::to_string(i + 1) + " of " + std::to_string(c_.runs));
            const corpus::sound_part& p = parts[i % parts.size()];
            const auto second = static_cast<std::uint64_t>(sound.rate().value);
            sound.read(p.file, p.first + std::min(p.count - seed.size(), second * (i / parts.size())), seed);
            if constexpr (requires { m.sheet = sheet_of(sound.files()[p.file]); }) m.sheet = sheet_of(sound.files()[p.file]);
            const auto made =
                m.generate(seed, static_cast<std::size_t>(made_samples(g)), random_key{c_.seed}.child("made").child(i), 1);
            if (i == 0) {
                write_sound(c_.out / (name + ".wav"), made, sound.rate());
                draw_sound(made, sound.rate(), name + " by itself", c_.out / (name + ".png"));
            }
            all.push_back(measure(g, made, p.file));
        }
        rows_[g].push_back(median_of(network, all));
    }

    /// A metric of validations over the minutes of training.
    template <class Wanted>
    void draw(const std::string& file, const std::string& title, const char* metric, const char* label, Wanted&& wanted) const {
        std::vector<plot::curve> lines;
        for (const experiment_run& r : runs_) {
            if (!wanted(r)) continue;
            plot::curve& line = lines.emplace_back(plot::curve{.name = r.network + " " + r.genre, .x = {}, .y = {}});
            for (const auto& h : r.history) {
                line.x.push_back(c_.minutes * static_cast<double>(h.step) / static_cast<double>(r.steps));
                line.y.push_back(train::value_of(h.valid, metric));
            }
        }
        const plot::figure picture =
            plot::curves(lines, {.title = title, .x = {.label = "minutes of training"}, .y = {.label = label}});
        for (const char* kind : {".svg", ".png"}) plot::write(c_.out / (file + kind), picture).value();
    }
    void draw_curves(std::size_t widest) const {
        draw("layers", "4 against 6 layers: " + genres_[widest].name, "loss", "mean squared error, validation",
             [&](const experiment_run& r) { return r.network != "frame-net" && r.genre == genres_[widest].name; });
        draw("genres", "genres apart", "gain", "prediction gain in dB, validation",
             [](const experiment_run& r) { return r.network != "lofigen-6"; });
    }

    [[nodiscard]] std::string result(std::size_t widest) const {
        char text[256];
        std::string out = "# 4 against 6 layers on " + genres_[widest].name + ", and genres apart\n\n";
        std::snprintf(text, sizeof text,
                      "%g minutes of processor time each, seed %llu, LofiGen with %zu windows a step. %zu runs of %g s by "
                      "themselves.\n\n",
                      c_.minutes, static_cast<unsigned long long>(c_.seed), c_.batch, c_.runs, c_.length.value);
        out += text;
        out +=
            "| network | learned from | parameters | steps | minutes it took | validation loss, first to last |\n"
            "| --- | --- | --- | --- | --- | --- |\n";
        for (const experiment_run& r : runs_) {
            const auto loss = [](const train::history_entry& h) { return train::value_of(h.valid, "loss"); };
            std::snprintf(text, sizeof text, " | %zu | %llu | %.1f | %.4g to %.4g |\n", r.parameters,
                          static_cast<unsigned long long>(r.steps), r.minutes, loss(r.history.front()), loss(r.history.back()));
            out += "| " + r.network + " | " + r.genre + text;
        }
        out += "\n![](layers.png)\n![](genres.png)\n";
        for (std::size_t g = 0; g < genres_.size(); ++g) {
            out += "\n## " + genres_[g].name + "\n\n" + scores_table(genres_[g].name, scores_[g]) + "\n" +
                   free_running_table(rows_[g]) + "\n";
            for (const experiment_run& r : runs_)
                if (r.genre == genres_[g].name)
                    out += "![](" + r.network + "-" + r.genre + ".png) [" + r.network + "](" + r.network + "-" + r.genre +
                           ".wav)\n";
        }
        return out;
    }

    std::span<const sound_genre> genres_;
    const wave_experiment_config& c_;
    std::size_t all_ = 0;                                    // networks
    std::vector<std::vector<analysis::wave_score>> scores_;  // by genre
    std::vector<std::vector<free_running_row>> rows_;        // by genre
    std::vector<experiment_run> runs_;
};

}  // namespace detail

inline std::string run_wave_experiment(std::span<const sound_genre> genres, const wave_experiment_config& config) {
    return detail::wave_experiment(genres, config).run();
}

}  // namespace lofi::inline LOFI_ABI::recipe
