// Prints what the next sample costs without a network: for each set of a corpus of sound, the bars that waveform models must pass.
//
//     wave_baselines --rate 8000 --seconds 27 --audio render8k/
//
// The first 8,192 samples of each test clip are heard but not scored, and so many seconds after them are (all, if none are given).
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include <lofi/analysis/wave_baselines.hpp>
#include <lofi/corpus/sound_corpus.hpp>

using namespace lofi;

namespace {

std::vector<std::vector<float>> clips(corpus::sound_corpus& sound, corpus::split which, const std::string& set) {
    std::vector<std::vector<float>> out;
    for (const corpus::sound_part& p : sound.parts(which, set)) out.push_back(sound.read(p));
    return out;
}

int run(const std::vector<std::string>& words) {
    double rate = 8000, scored = 0;
    std::vector<std::filesystem::path> paths;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--rate" && i + 1 < words.size())
            rate = std::strtod(words[++i].c_str(), nullptr);
        else if (words[i] == "--seconds" && i + 1 < words.size())
            scored = std::strtod(words[++i].c_str(), nullptr);
        else if (words[i] != "--audio")
            paths.emplace_back(words[i]);
    }
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
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc < 2) {
            std::fprintf(stderr, "usage: wave_baselines [--rate HZ] [--seconds S] --audio FILE...\n");
            return 2;
        }
        return run({argv + 1, argv + argc});
    } catch (const std::exception& e) {
        std::fprintf(stderr, "wave_baselines: %s\n", e.what());
        return 1;
    }
}
