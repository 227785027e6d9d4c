// Measures how far a text's valence reaches the music: of 200 prompts, the valence known beforehand against the valence of the
// lead sheets that the words lead to. Prints the figures of docs/text.md.
#include <cstdio>

#if LOFI_HAVE_TRAIN
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <lofi/analysis/mood.hpp>
#include <lofi/core/random.hpp>
#include <lofi/song/wish.hpp>

namespace {

using namespace lofi;

struct prompt {
    double valence = 0.0;
    std::string text;
};

/// Three words each of the lexicon, of one valence as near as 60 drawn words allow.
std::vector<prompt> prompts_of_words(std::size_t count) {
    std::vector<std::pair<double, std::string>> words;
    text::for_each_rating([&](std::string_view word, const text::rating& r) {
        if (r.arousal) words.emplace_back(r.valence / 100.0, word);
    });
    random_stream random(random_key{11}.child("prompts"));
    const auto below = [&](std::size_t n) {
        return static_cast<std::size_t>(uniform_below(random, static_cast<std::uint32_t>(n)));
    };
    std::vector<prompt> out;
    while (out.size() < count) {
        const double wanted = static_cast<double>(below(1001)) / 1000.0;
        std::vector<std::pair<double, std::string>> drawn;
        for (int i = 0; i < 60; ++i) drawn.push_back(words[below(words.size())]);
        std::sort(drawn.begin(), drawn.end(),
                  [&](const auto& a, const auto& b) { return std::abs(a.first - wanted) < std::abs(b.first - wanted); });
        out.push_back({(drawn[0].first + drawn[1].first + drawn[2].first) / 3.0,
                       drawn[0].second + " and " + drawn[1].second + " with " + drawn[2].second});
    }
    return out;
}

std::vector<prompt> prompts_of_file(const std::string& path) {
    std::ifstream in(path);
    if (!in) throw lofi::error(path, "cannot be read");
    std::vector<prompt> out;
    for (std::string line; std::getline(in, line);) {
        char* end = nullptr;
        const double valence = std::strtod(line.c_str(), &end);
        if (end == line.c_str() || *end != '\t')
            throw lofi::error(path + ": line " + std::to_string(out.size() + 1), "is not a valence, a tab and a text");
        out.push_back({valence, end + 1});
    }
    if (out.size() < 3) throw lofi::error(path, "has fewer than 3 prompts");
    return out;
}

double correlation(const std::vector<double>& x, const std::vector<double>& y) {
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
        mx += x[i] / static_cast<double>(x.size()), my += y[i] / static_cast<double>(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xy / std::sqrt(xx * yy);
}

}  // namespace

int main(int count, char** words) try {
    CLI::App app("Valence of prompts against valence of the music they lead to");
    std::string file;
    app.add_option("--prompts", file, "Lines of a valence, a tab and a text; three words of the lexicon each, if not given");
    CLI11_PARSE(app, count, words);
    const auto prompts = file.empty() ? prompts_of_words(200) : prompts_of_file(file);
    const auto networks = song::networks::builtin();
    std::vector<double> known, read, made;
    for (const prompt& p : prompts) {
        song::config c{.seed = known.size() + 1, .minutes = .5};
        const song::wish w = song::understand(p.text);
        song::take(w, c);
        const auto piece = song::compose(c, networks).value();
        double sum = 0.0;
        for (std::size_t i = 0; i < piece.sections.size(); ++i) sum += analysis::mood_of(piece.sheet(i)).valence;
        known.push_back(p.valence);
        read.push_back(w.valence.value_or(.5));
        made.push_back(sum / static_cast<double>(piece.sections.size()));
    }
    std::printf("%zu prompts: r(known, understood) %.2f, r(known, music) %.2f\n", known.size(), correlation(known, read),
                correlation(known, made));
    return 0;
} catch (const std::exception& e) {
    std::fprintf(stderr, "text_steering: %s\n", e.what());
    return 1;
}
#else
int main() {
    std::fprintf(stderr, "text_steering needs the train build\n");
    return 1;
}
#endif
