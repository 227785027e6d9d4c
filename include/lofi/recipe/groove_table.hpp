#pragma once
// The groove network beside its yardsticks and beside the data: the tables and the picture of docs/models/groove.md.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/analysis/bootstrap.hpp>
#include <lofi/analysis/groove_measures.hpp>
#include <lofi/corpus/groove_corpus.hpp>
#include <lofi/model/groove_training.hpp>
#include <lofi/plot/heat_map.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// What each groove of a set costs under one model, in bits.
struct groove_price {
    std::string name;  ///< of the model
    std::vector<model::groove_cost> costs;
};

/// Writes mean bits of a set under several models as lines of a table in Markdown: hits, force, timing, sum.
[[nodiscard]] std::string price_table(std::string_view set, std::span<const groove_price> prices);

/// How many bits a groove less one model needs than another, with whole performances drawn.
[[nodiscard]] analysis::paired_difference price_difference(const groove_price& dear, const groove_price& cheap,
                                                           std::span<const std::string> performances, random_key key);

/// Grooves that were made or played, and what is said about them.
struct groove_column {
    std::string name;
    analysis::groove_measures measures;
    double copied = NAN;   ///< share of grooves that hit as a training groove does, all two bars of it
    double far = NAN;      ///< mean difference of the onset shares from those of the test grooves
    double asked = NAN;    ///< hits a bar that were asked for, mean
    double density = NAN;  ///< correlation of the hits asked for with the hits got
};

/// Measures patterns. `asked` are the hits asked of each, or nothing.
[[nodiscard]] groove_column measure_column(std::string name, std::span<const model::groove_pattern> patterns,
                                           std::span<const model::groove_example> train, const analysis::onset_shares& test,
                                           std::span<const std::int32_t> asked = {});

/// Writes the columns as a table in Markdown.
[[nodiscard]] std::string groove_table(std::span<const groove_column> columns);

/// Draws how often each voice falls on each sixteenth: of each voice the columns from above downward, the first under the voice's name.
[[nodiscard]] plot::figure onset_picture(std::span<const groove_column> columns, const std::string& title);

// ---------------------------------------------------------------- bodies

namespace detail {
inline std::string cell(const char* format, double v) {
    char text[32];
    std::snprintf(text, sizeof text, format, v);
    return std::isfinite(v) ? text : "-";
}

inline constexpr std::array<std::string_view, analysis::kit_voices> short_voices = {
    "kick", "snare", "closed hat", "open hat", "low tom", "mid tom", "high tom", "crash", "ride"};
}  // namespace detail

inline std::string price_table(std::string_view set, std::span<const groove_price> prices) {
    std::string text = "| " + std::string(set) + " |";
    for (const groove_price& p : prices) text += " " + p.name + " |";
    text += "\n| --- |";
    for (std::size_t i = 0; i < prices.size(); ++i) text += " --- |";
    const auto line = [&](const char* name, auto&& of) {
        text += "\n| " + std::string(name) + " |";
        for (const groove_price& p : prices) {
            double sum = 0;
            for (const model::groove_cost& c : p.costs) sum += of(c);
            text += " " + detail::cell("%.1f", sum / static_cast<double>(p.costs.size())) + " |";
        }
    };
    line("hits", [](const model::groove_cost& c) { return c.hits; });
    line("force", [](const model::groove_cost& c) { return c.forces; });
    line("timing", [](const model::groove_cost& c) { return c.offsets; });
    line("**sum**", [](const model::groove_cost& c) { return c.sum(); });
    return text + "\n";
}

inline analysis::paired_difference price_difference(const groove_price& dear, const groove_price& cheap,
                                                    std::span<const std::string> performances, random_key key) {
    std::map<std::string, analysis::paired_score> by_performance;
    for (std::size_t i = 0; i < performances.size(); ++i) {
        auto& s = by_performance.try_emplace(performances[i], analysis::paired_score{0, 0, 0}).first->second;
        s.a += dear.costs[i].sum(), s.b += cheap.costs[i].sum(), s.weight += 1;
    }
    std::vector<analysis::paired_score> scores;
    for (const auto& [name, s] : by_performance) scores.push_back(s);
    return analysis::paired_bootstrap(scores, key);
}

inline groove_column measure_column(std::string name, std::span<const model::groove_pattern> patterns,
                                    std::span<const model::groove_example> train, const analysis::onset_shares& test,
                                    std::span<const std::int32_t> asked) {
    groove_column out;
    out.name = std::move(name);
    const auto view = [](const model::groove_pattern& p) { return analysis::groove_view(p.data(), p.size()); };
    out.measures = analysis::measure_grooves(patterns.size(), [&](std::size_t i) { return view(patterns[i]); });
    out.far = analysis::onset_distance(out.measures.onsets, test);
    if (!train.empty()) {
        std::set<std::array<model::voice_mask, model::groove_steps>> known;
        for (const model::groove_example& e : train) known.insert(model::steps_of(view(e.pattern)));
        const auto copies = std::count_if(patterns.begin(), patterns.end(),
                                          [&](const auto& p) { return known.count(model::steps_of(view(p))) != 0; });
        out.copied = static_cast<double>(copies) / static_cast<double>(patterns.size());
    }
    if (!asked.empty()) {
        double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
        for (std::size_t i = 0; i < asked.size(); ++i) {
            const double a = asked[i], b = static_cast<double>(patterns[i].size());
            ++n, x += a, y += b, xx += a * a, yy += b * b, xy += a * b;
        }
        out.asked = x / (2 * n);
        const double vx = xx - x * x / n, vy = yy - y * y / n;
        if (vx > 0 && vy > 0) out.density = (xy - x * y / n) / std::sqrt(vx * vy);
    }
    return out;
}

inline std::string groove_table(std::span<const groove_column> columns) {
    std::string text = "| measure |";
    for (const groove_column& c : columns) text += " " + c.name + " |";
    text += "\n| --- |";
    for (std::size_t i = 0; i < columns.size(); ++i) text += " --- |";
    const auto line = [&](const std::string& name, const char* format, auto&& of) {
        text += "\n| " + name + " |";
        for (const groove_column& c : columns) text += " " + detail::cell(format, of(c)) + " |";
    };
    line("grooves", "%.0f", [](auto& c) { return static_cast<double>(c.measures.grooves); });
    line("hits a bar", "%.1f", [](auto& c) { return c.measures.hits_a_bar; });
    line("hits a bar, asked for", "%.1f", [](auto& c) { return c.asked; });
    line("hits, asked against got, r", "%.3f", [](auto& c) { return c.density; });
    line("kick on one, %", "%.0f", [](auto& c) { return 100 * c.measures.kick_on_one; });
    line("snare on two and four, %", "%.0f", [](auto& c) { return 100 * c.measures.backbeat; });
    line("ghosts a bar", "%.2f", [](auto& c) { return c.measures.ghosts_a_bar; });
    line("hits between the eighths, %", "%.0f", [](auto& c) { return 100 * c.measures.off_beat; });
    line("second bar as the first, %", "%.1f", [](auto& c) { return 100 * c.measures.same_bars; });
    line("toms at the end, %", "%.1f", [](auto& c) { return 100 * c.measures.turnings; });
    for (const std::size_t v : {0U, 1U, 2U, 3U, 8U}) {
        const std::string voice(detail::short_voices[v]);
        line(voice + ": a bar", "%.2f", [v](auto& c) { return c.measures.hits[v]; });
        line(voice + ": velocity", "%.0f", [v](auto& c) { return c.measures.velocity[v]; });
        line(voice + ": lateness, steps", "%.3f", [v](auto& c) { return c.measures.lateness[v]; });
    }
    line("spread of timing, steps", "%.3f", [](auto& c) { return c.measures.spread; });
    line("lilt of sixteenths, steps", "%.3f", [](auto& c) { return c.measures.lilt; });
    line("onset shares off the test grooves', %", "%.1f", [](auto& c) { return 100 * c.far; });
    line("two bars of the training data, %", "%.1f", [](auto& c) { return 100 * c.copied; });
    return text + "\n";
}

inline plot::figure onset_picture(std::span<const groove_column> columns, const std::string& title) {
    constexpr std::array<std::pair<std::size_t, const char*>, 5> shown = {
        {{8, "ride"}, {3, "open"}, {2, "hat"}, {1, "snare"}, {0, "kick"}}};
    std::vector<float> values;
    plot::heat_map_config config{
        .title = title, .x_label = "sixteenth", .values = {.label = "share of bars"}, .size = {900, 420}};
    for (std::size_t s = 1; s <= 16; ++s) config.column_names.push_back(std::to_string(s));
    for (const auto& [v, name] : shown)
        for (const groove_column& c : columns) {
            config.row_names.push_back(&c == &columns.front() ? name : c.name);
            for (const double share : c.measures.onsets[v]) values.push_back(static_cast<float>(share));
        }
    return plot::heat_map({values, config.row_names.size(), 16}, config);
}

}  // namespace lofi::inline LOFI_ABI::recipe
