// Prints how the STFT networks do: at their own horizon against repeating the last frame, and running by themselves beside real clips.
//
//     stft_table --audio render8k/ --set mix --improved stft.safetensors --published published.safetensors
#include <cstdio>

#if LOFI_HAVE_TRAIN
#include <algorithm>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <lofi/analysis/free_running.hpp>
#include <lofi/recipe/stft.hpp>

using namespace lofi;
namespace fs = std::filesystem;

namespace {

using improved = recipe::stft_wave<model::stft_network_config{}>;
using published = recipe::stft_published_wave<model::stft_published_config{.hidden = 512}>;
using sounds = std::vector<std::vector<float>>;
constexpr hertz rate(4410);
constexpr std::size_t horizon = 10000, windows = 64, seeds = 8;
constexpr double running = 28;  // seconds

struct places {
    sounds heard, real;  // what is heard before, and what follows
};
places draw(corpus::sound_corpus& sound, const std::string& set, std::size_t before) {
    places out;
    for (std::size_t i = 0; i < windows; ++i) {
        // The longest window any model hears, so that all are asked for the same samples.
        constexpr std::size_t longest = horizon;
        std::vector<float> w(longest + horizon);
        const auto p = sound.draw(corpus::split::test, w.size(), random_key{7}.child(i), set);
        sound.read(p.file, p.first, w);
        const auto seam = w.begin() + longest;
        out.heard.emplace_back(seam - static_cast<std::ptrdiff_t>(before), seam);
        out.real.emplace_back(seam, w.end());
    }
    return out;
}

void horizon_row(const char* name, const sounds& made, const sounds& real) {
    sounds a, b;
    for (std::size_t i = 0; i < real.size(); ++i) {
        a.emplace_back(made[i].begin(), made[i].begin() + 500);
        b.emplace_back(real[i].begin(), real[i].begin() + 500);
    }
    const auto all = recipe::score_horizon(made, real), first = recipe::score_horizon(a, b);
    std::printf("| %s | %.2f | %.2f | %.2f | %.2f |\n", name, first.gain.value, first.distance.value, all.gain.value,
                all.distance.value);
    std::fflush(stdout);
}

void free_row(const std::string& name, const sounds& made, const std::vector<double>& seams, const sounds& training) {
    const auto middle = [](std::vector<double> v) { return analysis::detail::median(std::move(v)); };
    std::vector<double> rms, level, bins, flat, high, beat, bar, like, replay;
    for (const auto& x : made) {
        const auto m = analysis::measure_free_running(x, rate);
        rms.push_back(analysis::rms(x)), level.push_back(m.level), bins.push_back(static_cast<double>(m.bins));
        flat.push_back(m.flatness), high.push_back(m.high_band.value), beat.push_back(m.beat), bar.push_back(m.bar);
        like.push_back(m.similarity);
        if (!training.empty()) replay.push_back(analysis::find_replay(x, rate, training).correlation);
    }
    const double seam = seams.empty() ? 0 : *std::max_element(seams.begin(), seams.end());
    std::printf("| %s | %.3f | %.2f | %.0f | %.4f | %.1f | %.2f | %.2f | %.2f | %s | %.2f |\n", name.c_str(), middle(rms),
                middle(level), middle(bins), middle(flat), middle(high), middle(beat), middle(bar), middle(like),
                seams.empty() ? "-" : std::to_string(seam).substr(0, 4).c_str(),
                replay.empty() ? 0.0 : *std::max_element(replay.begin(), replay.end()));
    std::fflush(stdout);
}

template <class Model>
void run_free(const std::string& name, Model& m, corpus::sound_corpus& sound, const std::string& set, double temperature,
              const sounds& training, const fs::path& out) {
    sounds made;
    std::vector<double> seams;
    const auto parts = sound.parts(corpus::split::test, set);
    for (std::size_t i = 0; i < seeds; ++i) {
        // Two places of each clip, at its beginning and at its middle.
        const auto& part = parts[i % parts.size()];
        const std::vector<float> clip = sound.read(part);
        const std::size_t first = i / parts.size() % 2 * (clip.size() / 2);
        const std::span<const float> seed = std::span(clip).subspan(first, m.seed_length());
        made.push_back(m.generate(seed, static_cast<std::size_t>(running * rate.value), random_key{i}, temperature));
        std::vector<float> joined(seed.begin(), seed.end());
        joined.insert(joined.end(), made.back().begin(), made.back().end());
        seams.push_back(analysis::seam_jump(joined, seed.size(), clip));
        if (!out.empty()) recipe::write_sound(out / (Model::kind() + "_" + std::to_string(i) + ".wav"), joined, rate);
    }
    free_row(name, made, seams, training);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("How the STFT networks do");
    std::vector<fs::path> audio;
    fs::path improved_file, published_file, out;
    std::string set;
    bool replay = false;
    app.add_option("--audio", audio, "The corpus, or folders of it")->required();
    app.add_option("--set", set, "Of the corpus; all, if not given");
    app.add_option("--improved", improved_file, "Weights of lofi train stft")->required();
    app.add_option("--published", published_file, "Weights of lofi train stft --setting published --hidden 512");
    app.add_option("--out", out, "A folder for what was made");
    app.add_flag("--replay", replay, "Looks for copies of the training part too, which takes minutes");
    CLI11_PARSE(app, argc, argv);
    try {
        if (!out.empty()) fs::create_directories(out);
        corpus::sound_corpus sound(audio, {.rate = rate, .gap = seconds(2.3)});
        improved net(rate, random_key{});
        recipe::read_wave_model(improved_file, net);
        std::unique_ptr<published> paper;
        if (!published_file.empty()) {
            paper = std::make_unique<published>(rate, random_key{});
            recipe::read_wave_model(published_file, *paper);
        }
        std::printf(
            "| %zu windows | first 500 samples: gain, dB | spectra off, dB | 10,000 samples: gain, dB | spectra off, dB |\n"
            "| --- | --- | --- | --- | --- |\n",
            windows);
        const places at = draw(sound, set, net.seed_length());
        sounds silence(windows, std::vector<float>(horizon)), repeated, expected, drawn;
        for (std::size_t i = 0; i < windows; ++i) {
            repeated.emplace_back();
            while (repeated[i].size() < horizon)
                repeated[i].insert(repeated[i].end(), at.heard[i].end() - 500, at.heard[i].end());
            expected.push_back(net.expect(at.heard[i], horizon, random_key{i}));
            drawn.push_back(net.generate(at.heard[i], horizon, random_key{i}, 1));
        }
        horizon_row("silence", silence, at.real);
        horizon_row("the last frame again and again", repeated, at.real);
        if (paper) {
            const places there = draw(sound, set, horizon);
            sounds made;
            for (const auto& heard : there.heard) made.push_back(paper->generate(heard, horizon, {}, 1));
            horizon_row("published, 512 hidden", made, there.real);
        }
        horizon_row("improved, what is to be expected", expected, at.real);
        horizon_row("improved, drawn", drawn, at.real);

        std::printf(
            "\n| %zu of %.0f s: medians | rms | seconds within 3 dB | bins | flatness | dB above 1.5 kHz | beat | bar | blocks "
            "| "
            "greatest seam | greatest replay |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
            seeds, running);
        sounds training, tests;
        if (replay)
            for (const auto& p : sound.parts(corpus::split::train, set)) training.push_back(sound.read(p));
        for (const auto& p : sound.parts(corpus::split::test, set)) tests.push_back(sound.read(p));
        free_row("real clips", tests, {}, training);
        if (paper) run_free("published, 512 hidden", *paper, sound, set, 1, training, out);
        run_free("improved", net, sound, set, 1, training, out);
        return 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "stft_table: %s\n", e.what());
        return 1;
    }
}

#else

int main() {
    std::fputs("stft_table: needs the train build, which is the default: configure with -DLOFI_TRAIN=ON\n", stderr);
    return 1;
}

#endif
