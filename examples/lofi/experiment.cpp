// lofi experiment: what a paper compared, as one command that trains, measures, draws and writes its table.
#include "training.hpp"

#if LOFI_HAVE_TRAIN
#include <deque>
#include <system_error>

#include <lofi/recipe/wave_experiment.hpp>

namespace program {
namespace {

namespace recipe = lofi::recipe;

struct lofigen_options {
    std::vector<fs::path> audio;
    std::vector<std::string> genres;
    double rate = 8000, seconds = 10;
    bool published_only = false;
    recipe::wave_experiment_config config;
};

void experiment_lofigen(lofigen_options& o) {
    std::deque<lofi::corpus::sound_corpus> corpora;
    std::vector<std::string> names;
    for (const fs::path& p : o.audio) {
        // A gap of two windows between splits of one file: what is validated was never in sight of what was learned.
        corpora.emplace_back(std::span(&p, 1), lofi::corpus::sound_corpus_config{.rate = lofi::hertz(o.rate),
                                                                                 .gap = lofi::seconds(16384 / o.rate)});
        for (const std::string& notice : corpora.back().notices()) std::fprintf(stderr, "%s\n", notice.c_str());
        const fs::path whole = fs::weakly_canonical(p);  // of "drums/" and "." too, the last word
        names.push_back(fs::is_directory(whole) ? whole.filename().string() : whole.stem().string());
    }
    const std::vector<recipe::sound_genre> genres = recipe::genres_of(corpora, names, o.genres);
    std::error_code ec;
    fs::create_directories(o.config.out, ec);
    if (ec) throw lofi::error(o.config.out.string(), "cannot be made: " + ec.message());
    o.config.length = lofi::seconds(o.seconds);
    if (o.published_only) o.config.beside = recipe::beside_published::nothing;
    o.config.say = [](const std::string& what) { std::fprintf(stderr, "%s\n", what.c_str()); };
    std::fputs(recipe::run_wave_experiment(genres, o.config).c_str(), stdout);
}

}  // namespace

void add_experiment(CLI::App& app) {
    CLI::App* all = add_command(app, "experiment", "Does again what a paper compared: trains, measures, and writes the table",
                                "lofi experiment lofigen --audio music/ --minutes 10 --out compared/");
    all->require_subcommand(1);
    CLI::App* c = add_command(*all, "lofigen", "Paper 002: 4 against 6 layers, and genres apart; FrameNet beside them",
                              "lofi experiment lofigen --audio render8k/ drums/ --genre mix keys drums --out compared/");
    auto o = std::make_shared<lofigen_options>();
    c->add_option(
         "--audio", o->audio,
         "A folder of sound files for each genre; or folders whose files name it, as mix_train_000.wav and night.drums.wav")
        ->required();
    c->add_option("--genre", o->genres, "These alone; all, if not given");
    c->add_option("--out", o->config.out, "A folder: result.md, weights, curves, spectrograms, sounds; what is there goes on")
        ->required();
    c->add_option("--minutes", o->config.minutes, "Of processor time, for each network")
        ->check(number(0.001, 1e5))
        ->capture_default_str();
    c->add_option("--seed", o->config.seed, "Of the weights and of all chance")->check(whole_number())->capture_default_str();
    c->add_option("--batch", o->config.batch, "Windows of a step of LofiGen")
        ->check(whole_number() & number(1, 65536))
        ->capture_default_str();
    c->add_option("--rate", o->rate, "Samples a second")->check(number(1000, 192000))->capture_default_str();
    c->add_option("--runs", o->config.runs, "Times that each goes on by itself")
        ->check(whole_number() & number(1, 1000))
        ->capture_default_str();
    c->add_option("--seconds", o->seconds, "That it makes each time")->check(number(1, 3600))->capture_default_str();
    c->add_flag("--published-only", o->published_only, "Without FrameNet");
    c->callback([o] { experiment_lofigen(*o); });
}

}  // namespace program

#else

namespace program {
void add_experiment(CLI::App& app) {
    add_missing(app, "experiment", "Does again what a paper compared: trains, measures, and writes the table");
}
}  // namespace program

#endif
