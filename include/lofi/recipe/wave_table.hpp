#pragma once
// Networks that make sound, side by side: what the next sample costs each, and what each makes when it runs by itself.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <lofi/analysis/free_running.hpp>
#include <lofi/analysis/wave_baselines.hpp>
#include <lofi/corpus/sound_corpus.hpp>
#include <lofi/recipe/frame_net.hpp>

namespace lofi::inline LOFI_ABI::recipe {

inline constexpr std::size_t wave_table_context = 8192;  ///< samples of each clip that are heard and not scored

/// Scores clips with a model: one that predicts samples, one that gives logits of mu-law classes, or FrameNet.
/// params: scored: samples of each clip
template <class Model>
[[nodiscard]] analysis::wave_score score_wave(Model& model, const std::string& name, std::span<const std::vector<float>> clips,
                                              std::size_t scored);

/// What a model makes from so many different beginnings, measured; every number the median.
struct free_running_row {
    std::string name;
    analysis::free_running median;
    std::size_t made = 0;
};
[[nodiscard]] free_running_row median_of(const std::string& name, std::span<const analysis::free_running> all);

/// The tables as Markdown.
[[nodiscard]] std::string scores_table(const std::string& set, std::span<const analysis::wave_score> scores);
[[nodiscard]] std::string free_running_table(std::span<const free_running_row> rows);

// ---------------------------------------------------------------- bodies

namespace detail {

/// Calls f(first, predicted) for stretches of a clip, each predicted from itself and a field before it.
template <class Predict, class F>
void in_stretches(std::span<const float> clip, std::size_t context, std::size_t scored, std::size_t before, Predict&& predict,
                  F&& f) {
    constexpr std::size_t stretch = 24000;
    const std::size_t end = std::min(clip.size(), context + scored);
    for (std::size_t first = context; first < end; first += stretch) {
        const std::size_t n = std::min(stretch, end - first), from = first - std::min(first, before);
        const auto out = predict(clip.subspan(from, first + n - from));
        f(first, n, out, first - from);
    }
}

}  // namespace detail

template <class Model>
analysis::wave_score score_wave(Model& model, const std::string& name, std::span<const std::vector<float>> clips,
                                std::size_t scored) {
    analysis::wave_scorer scorer;
    double bits = 0, bits16 = 0;
    std::size_t classes = 0;
    for (const std::vector<float>& clip : clips) {
        if constexpr (requires { model.score(clip, std::size_t{}, scored, scorer); }) {
            model.score(clip, wave_table_context, scored, scorer);
        } else {
            detail::in_stretches(
                clip, wave_table_context, scored, wave_table_context / 2,
                [&](std::span<const float> x) { return model.predict(x); },
                [&](std::size_t first, std::size_t n, const std::vector<float>& out, std::size_t skip) {
                    const std::size_t width = out.size() / (n + skip);
                    for (std::size_t i = 0; i < n; ++i) {
                        const float x = clip[first + i];
                        const float* const y = out.data() + (skip + i) * width;
                        if (width == 1) {
                            scorer.add(static_cast<double>(y[0]), x);
                            continue;
                        }
                        // Logits: the mean over the classes' middles; a class's mass is spread evenly over its codes.
                        double sum = 0, mean = 0;
                        const double greatest = static_cast<double>(*std::max_element(y, y + width));
                        for (std::size_t c = 0; c < width; ++c) {
                            const double p = std::exp(static_cast<double>(y[c]) - greatest);
                            sum += p, mean += p * static_cast<double>(audio::decode_mu_law_256(static_cast<std::uint8_t>(c)));
                        }
                        const std::uint8_t c = audio::encode_mu_law_256(x);
                        const double cost = -(static_cast<double>(y[c]) - greatest - std::log(sum)) * 1.4426950408889634;
                        bits += cost, bits16 += analysis::code_bits_of_mu_law(cost, c), ++classes;
                        scorer.add(mean / sum, x);
                    }
                });
        }
    }
    analysis::wave_score s = scorer.score(name);
    if (classes > 0) s.bits_mu = bits / static_cast<double>(classes), s.bits16 = bits16 / static_cast<double>(classes);
    return s;
}

inline free_running_row median_of(const std::string& name, std::span<const analysis::free_running> all) {
    const auto of = [&](auto number) {
        std::vector<double> v;
        for (const auto& f : all)
            if (const double x = number(f); !std::isnan(x)) v.push_back(x);
        return analysis::detail::median(v);
    };
    free_running_row r{name, {}, all.size()};
    r.median.level = of([](const auto& f) { return f.level; });
    r.median.bins = static_cast<std::size_t>(of([](const auto& f) { return static_cast<double>(f.bins); }));
    r.median.flatness = of([](const auto& f) { return f.flatness; });
    r.median.high_band = decibels(of([](const auto& f) { return f.high_band.value; }));
    r.median.beat = of([](const auto& f) { return f.beat; });
    r.median.bar = of([](const auto& f) { return f.bar; });
    r.median.similarity = of([](const auto& f) { return f.similarity; });
    return r;
}

inline std::string scores_table(const std::string& set, std::span<const analysis::wave_score> scores) {
    std::string out =
        "| " + set + " (test) | bits a 16-bit code | bits a mu-law class | gain, dB |\n| --- | --- | --- | --- |\n";
    const auto number = [](double v, int places) {
        char text[32];
        std::snprintf(text, sizeof text, "%.*f", places, v);
        return std::isnan(v) ? std::string("-") : std::string(text);
    };
    for (const auto& s : scores)
        out += "| " + s.name + " | " + number(s.bits16, 3) + " | " + number(s.bits_mu, 3) + " | " + number(s.gain.value, 2) +
               " |\n";
    return out;
}

inline std::string free_running_table(std::span<const free_running_row> rows) {
    std::string out =
        "| medians | n | level within 3 dB | bins of 99 % | flatness | above 1.5 kHz, dB | beat | bar | neighbouring blocks |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
    for (const free_running_row& r : rows) {
        char text[256];
        std::snprintf(text, sizeof text, " | %zu | %.2f | %zu | %.3f | %.1f | %.2f | %.2f | %.2f |\n", r.made, r.median.level,
                      r.median.bins, r.median.flatness, r.median.high_band.value, r.median.beat, r.median.bar,
                      r.median.similarity);
        out += "| " + r.name + text;
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::recipe
