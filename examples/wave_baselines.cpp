// Prints what the next sample costs without a network: for each set of a corpus of sound, the bars that waveform models must pass.
//
//     wave_baselines --rate 8000 --seconds 27 --audio render8k/
//
// The first 8,192 samples of each test clip are heard but not scored, and so many seconds after them are (all, if none are given).
#include <cstdio>

#if LOFI_HAVE_TRAIN
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <lofi/analysis/wave_baselines.hpp>
#include <lofi/corpus/sound_corpus.hpp>

using namespace lofi;

namespace {

std::vector<std::vector<float>> clips(corpus::sound_corpus& sound, corpus::split which, const std::string& set) {
    std::vector<std::vector<float>> out;
    for (const corpus::sound_part& p : sound.parts(which, set)) out.push_back(sound.read(p));
    return out;
}

void measure(const std::vector<std::filesystem::path>& paths, double rate, double scored) {
    corpus::sound_corpus sound(paths, {.rate = hertz(rate)});
    for (const std::string& notice : sound.notices()) std::fprintf(stderr, "%s\n", notice.c_str());
    // The set with most to learn from lends its weights to all: what a predictor knows of sound in general.
    std::string widest;
    for (const std::string& set : sound.sets())
        if (widest.empty() || sound.count(corpus::split::train, set) > sound.count(corpus::split::train, widest)) widest = set;
    const analysis::linear_model model = analysis::fit_linear(clips(sound, corpus::split::train, widest));
    std::printf("weights of %s, mean absolute error %.4f there\n\n", widest.c_str(), model.scale);
    std::printf(
        "| set (test) | predictor | bits a 16-bit code | bits a mu-law class | gain, dB |\n| --- | --- | --- | --- | --- |\n");
    for (const std::string& set : sound.sets()) {
        const auto test = clips(sound, corpus::split::test, set);
        if (test.empty()) continue;
        for (const analysis::wave_score& s :
             analysis::wave_baselines(model, test, {.scored = static_cast<std::size_t>(scored * rate)}))
            std::printf("| %s | %s | %.3f | %.3f | %.2f |\n", set.c_str(), s.name.c_str(), s.bits16, s.bits_mu, s.gain.value);
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::filesystem::path> audio;
    double rate = 8000, scored = 0;
    CLI::App app{"Measures what the next sample of sound costs without a network.", "wave_baselines"};
    app.footer("Example:\n  wave_baselines --audio render8k/ --seconds 27");
    app.add_option("--audio", audio, "Sound files, or folders of them")->required();
    app.add_option("--rate", rate, "Samples a second")->capture_default_str()->check(CLI::Range(1000.0, 192000.0));
    app.add_option("--seconds", scored, "Of each test clip that are scored; all, if not given")->check(CLI::Range(0.0, 1e6));
    CLI11_PARSE(app, argc, argv);
    try {
        measure(audio, rate, scored);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "wave_baselines: %s\n", e.what());
        return 1;
    }
    return 0;
}

#else

int main() {
    std::fputs("wave_baselines: needs the train build, which is the default: configure with -DLOFI_TRAIN=ON\n", stderr);
    return 1;
}

#endif
