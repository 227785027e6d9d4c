#pragma once
// Two sets of pieces side by side: figures, how alike they are, what one copies of the other; as Markdown and as pictures.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/analysis/set_distances.hpp>
#include <lofi/plot/curves.hpp>
#include <lofi/plot/heat_map.hpp>
#include <lofi/plot/histogram.hpp>
#include <lofi/recipe/piece_set.hpp>
#include <lofi/recipe/report_text.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// A measure over a set; pieces on which it is no number do not count.
struct set_figure {
    std::size_t pieces = 0;
    double mean = 0, deviation = 0, low = 0, median = 0, high = 0;  ///< low and high: 5th and 95th percentile
};
[[nodiscard]] set_figure figure_of(std::vector<double> values);
/// The figures of a set, by `piece_measures`.
[[nodiscard]] std::vector<set_figure> set_figures(const piece_set& set);
/// How neighbouring two-bar segments of a set's melodies belong together.
[[nodiscard]] analysis::segment_report segment_figures(const piece_set& set);

/// How alike two sets are in one of MGEval's features: distances within the second set against distances between the sets.
struct feature_likeness {
    std::string_view name;
    double within_first = 0, within_second = 0, between = 0;  ///< mean distances
    double overlap = 0, divergence = 0;                       ///< mended features on a common ground
    double published_overlap = 0, published_divergence = 0;   ///< as MGEval's code gives them
    std::vector<double> first_distances, second_distances, between_distances;
};
/// What the pieces of the first set share with the second, token for token.
struct piece_copies {
    std::string file, from;  ///< from: where the longest copy stands; empty: none of eight tokens
    analysis::copy_report report{};
    std::size_t tokens = 0;
};
struct set_comparison {
    std::vector<feature_likeness> features;
    std::vector<piece_copies> copies;  ///< one a piece, the longest first
    double copied = 0;                 ///< of all tokens, those inside copies of eight or more
};
struct comparison_config {
    std::size_t bars = 8;           ///< of features a bar, so many count
    std::size_t most_pieces = 100;  ///< of a set whose distances are taken, evenly picked: their number grows with the square
};
[[nodiscard]] set_comparison compare_sets(const piece_set& first, const piece_set& second, const comparison_config& config = {},
                                          const set_progress& told = {});

/// Draws measures, pitch classes, note lengths, transitions and, of two sets, the densities of distances.
/// params: second, likeness: null where there is one set
[[nodiscard]] std::vector<report_picture> report_pictures(const piece_set& first, const piece_set* second,
                                                          const set_comparison* likeness);
/// Writes the report as Markdown. params: pictures: names of files to show, with titles; may be empty
[[nodiscard]] std::string report_markdown(const piece_set& first, const piece_set* second, const set_comparison* likeness,
                                          const std::vector<std::pair<std::string, std::string>>& pictures = {});

// ---------------------------------------------------------------- bodies

namespace detail {

inline double mean_of(const std::vector<double>& v) {
    double sum = 0;
    for (const double x : v) sum += x;
    return v.empty() ? std::nan("") : sum / static_cast<double>(v.size());
}

inline std::vector<double> values_of(const piece_set& set, std::size_t measure) {
    std::vector<double> out;
    for (const measured_piece& p : set.pieces) out.push_back(p.values[measure]);
    return out;
}

// Features of evenly picked pieces.
inline std::vector<analysis::feature_vector> picked(const piece_set& set, const analysis::mgeval_feature& f,
                                                    const comparison_config& config, bool published) {
    std::vector<analysis::feature_vector> out;
    const std::size_t n = std::min(set.pieces.size(), std::max<std::size_t>(config.most_pieces, 2));
    for (std::size_t i = 0; i < n; ++i) {
        const measured_piece& p = set.pieces[i * set.pieces.size() / n];
        out.push_back(f.of(published ? p.published : p.features, config.bars));
    }
    return out;
}

template <class Of>
std::vector<double> mean_feature(const piece_set& set, std::size_t size, Of&& of) {
    std::vector<double> sum(size);
    double n = 0;
    for (const measured_piece& p : set.pieces) {
        const auto& numbers = of(p.features);
        if (!std::isfinite(numbers[0])) continue;
        for (std::size_t i = 0; i < size; ++i) sum[i] += numbers[i];
        ++n;
    }
    for (double& v : sum) v = n > 0 ? 100 * v / n : std::nan("");
    return sum;
}

inline plot::figure likeness_picture(const feature_likeness& f) {
    std::vector<plot::curve> lines;
    const std::pair<const char*, const std::vector<double>*> all[] = {{"within the first", &f.first_distances},
                                                                      {"within the second", &f.second_distances},
                                                                      {"between", &f.between_distances}};
    double high = 0;
    for (const auto& [name, values] : all)
        for (const double v : *values) high = std::max(high, v);
    for (const auto& [name, values] : all) {
        if (!analysis::detail::has_density(*values)) continue;
        const analysis::gaussian_density density(*values);
        plot::curve& c = lines.emplace_back(plot::curve{name});
        for (int i = 0; i <= 200; ++i) c.x.push_back(high * 1.1 * i / 200), c.y.push_back(density(c.x.back()));
    }
    return plot::curves(lines, {.title = "Distances in " + std::string(f.name),
                                .x = {.label = "distance", .low = 0.0},
                                .y = {.label = "density", .low = 0.0}});
}

}  // namespace detail

inline set_figure figure_of(std::vector<double> values) {
    std::erase_if(values, [](double v) { return !std::isfinite(v); });
    set_figure out;
    out.pieces = values.size();
    if (values.empty()) return out.mean = out.deviation = out.low = out.median = out.high = std::nan(""), out;
    out.mean = detail::mean_of(values);
    double square = 0;
    for (const double v : values) square += (v - out.mean) * (v - out.mean);
    out.deviation = values.size() > 1 ? std::sqrt(square / static_cast<double>(values.size() - 1)) : std::nan("");
    out.low = analysis::detail::percentile(values, .05);
    out.median = analysis::detail::percentile(values, .5);
    out.high = analysis::detail::percentile(values, .95);
    return out;
}

inline std::vector<set_figure> set_figures(const piece_set& set) {
    std::vector<set_figure> out;
    for (std::size_t m = 0; m < piece_measures().size(); ++m) out.push_back(figure_of(detail::values_of(set, m)));
    return out;
}

inline analysis::segment_report segment_figures(const piece_set& set) {
    std::vector<analysis::melody_segments> all;
    for (const measured_piece& p : set.pieces) all.insert(all.end(), p.melodies.begin(), p.melodies.end());
    return analysis::measure_segments(all);
}

inline set_comparison compare_sets(const piece_set& first, const piece_set& second, const comparison_config& config,
                                   const set_progress& told) {
    set_comparison out;
    const auto features = analysis::mgeval_feature_list();
    const std::size_t steps = features.size() + first.pieces.size();
    std::size_t done = 0;
    for (const analysis::mgeval_feature& f : features) {
        feature_likeness& l = out.features.emplace_back();
        l.name = f.name;
        const auto a = detail::picked(first, f, config, false), b = detail::picked(second, f, config, false);
        l.first_distances = analysis::distances_within(a), l.second_distances = analysis::distances_within(b);
        l.between_distances = analysis::distances_between(a, b);
        l.within_first = detail::mean_of(l.first_distances), l.within_second = detail::mean_of(l.second_distances);
        l.between = detail::mean_of(l.between_distances);
        l.overlap = analysis::overlap_area(l.second_distances, l.between_distances);
        l.divergence = analysis::divergence(l.second_distances, l.between_distances);
        const auto old_a = detail::picked(first, f, config, true), old_b = detail::picked(second, f, config, true);
        const auto within = analysis::distances_within(old_b), between = analysis::distances_between(old_a, old_b);
        l.published_overlap = analysis::overlap_area(within, between, analysis::density_ground::published);
        l.published_divergence = analysis::divergence(within, between, analysis::density_ground::published);
        if (told) told(++done, steps);
    }
    std::vector<std::vector<std::int32_t>> training;
    for (const measured_piece& p : second.pieces) training.push_back(p.tokens);
    const analysis::copy_finder finder(std::move(training));
    double tokens = 0, copied = 0;
    for (const measured_piece& p : first.pieces) {
        piece_copies c{p.file, {}, finder.find(p.tokens), p.tokens.size()};
        if (c.report.longest > 0) c.from = second.pieces[c.report.song].file;
        tokens += static_cast<double>(c.tokens), copied += c.report.share * static_cast<double>(c.tokens);
        out.copies.push_back(std::move(c));
        if (told) told(++done, steps);
    }
    out.copied = tokens > 0 ? copied / tokens : 0;
    std::stable_sort(out.copies.begin(), out.copies.end(),
                     [](const piece_copies& a, const piece_copies& b) { return a.report.longest > b.report.longest; });
    return out;
}

inline std::vector<report_picture> report_pictures(const piece_set& first, const piece_set* second,
                                                   const set_comparison* likeness) {
    std::vector<report_picture> out;
    std::vector<const piece_set*> sets = {&first};
    if (second != nullptr) sets.push_back(second);
    const auto add = [&](const std::string& title, plot::figure sheet) {
        out.push_back({detail::file_name(title), title, std::move(sheet)});
    };
    for (std::size_t m = 0; m < piece_measures().size(); ++m) {
        std::vector<plot::sample> samples;
        bool any = false;
        for (const piece_set* s : sets) {
            samples.push_back({s->name, detail::values_of(*s, m)});
            for (const double v : samples.back().values) any = any || std::isfinite(v);
        }
        const std::string name(piece_measures()[m].name);
        if (any) add(name, plot::histogram(samples, {.title = name, .x = {.label = name}}));
    }
    std::vector<plot::curve> classes, lengths;
    for (const piece_set* s : sets) {
        classes.push_back({s->name,
                           {},
                           detail::mean_feature(
                               *s, 12, [](const auto& f) -> auto& { return f.pitch_classes; })});
        lengths.push_back({s->name,
                           {},
                           detail::mean_feature(
                               *s, 12, [](const auto& f) -> auto& { return f.note_lengths; })});
    }
    add("pitch classes", plot::curves(classes, {.title = "Pitch classes by sounding time",
                                                .x = {.label = "semitones above C"},
                                                .y = {.label = "% of the time", .low = 0.0}}));
    add("note lengths", plot::curves(lengths, {.title = "Note lengths: 1/1 to 1/16, dotted, triplets",
                                               .x = {.label = "class of length"},
                                               .y = {.label = "% of the notes", .low = 0.0}}));
    for (std::size_t i = 0; i < sets.size(); ++i) {
        const auto mean = detail::mean_feature(
            *sets[i], 144, [](const auto& f) -> auto& { return f.pitch_class_transitions; });
        const std::vector<float> cells(mean.begin(), mean.end());
        const std::vector<std::string> names = {"C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"};
        add(i == 0 ? "transitions first" : "transitions second",
            plot::heat_map({cells, 12, 12}, {.title = "Pitch class transitions: " + sets[i]->name,
                                             .x_label = "to",
                                             .y_label = "from",
                                             .row_names = names,
                                             .column_names = names,
                                             .values = {.label = "% of transitions"}}));
    }
    if (likeness != nullptr)
        for (const feature_likeness& f : likeness->features)
            add("distances in " + std::string(f.name), detail::likeness_picture(f));
    return out;
}

inline std::string report_markdown(const piece_set& first, const piece_set* second, const set_comparison* likeness,
                                   const std::vector<std::pair<std::string, std::string>>& pictures) {
    using detail::cell, detail::report_number;
    std::vector<const piece_set*> sets = {&first};
    if (second != nullptr) sets.push_back(second);
    std::string out = second != nullptr ? "# Two sets of pieces\n\n" : "# A set of pieces\n\n";
    for (const piece_set* s : sets)
        out += "- " + cell(s->name) + ": " + std::to_string(s->pieces.size()) + " pieces" +
               (s->left_out.empty() ? "" : ", " + std::to_string(s->left_out.size()) + " files left out") + "\n";

    out += "\n## Measures\n\n| measure |";
    for (const piece_set* s : sets) out += " " + cell(s->name) + ": mean ± deviation | 5 %, median, 95 % |";
    out += "\n| --- |";
    for (std::size_t i = 0; i < sets.size(); ++i) out += " --- | --- |";
    std::vector<std::vector<set_figure>> figures;
    for (const piece_set* s : sets) figures.push_back(set_figures(*s));
    for (std::size_t m = 0; m < piece_measures().size(); ++m) {
        out += "\n| " + std::string(piece_measures()[m].name) + " |";
        for (const auto& f : figures)
            out += " " + report_number(f[m].mean) + " ± " + report_number(f[m].deviation) + " | " + report_number(f[m].low) +
                   ", " + report_number(f[m].median) + ", " + report_number(f[m].high) + " |";
    }
    std::vector<analysis::segment_report> segments;
    for (const piece_set* s : sets) segments.push_back(segment_figures(*s));
    const auto row = [&](const char* name, auto&& of) {
        out += "\n| " + std::string(name) + " |";
        for (const analysis::segment_report& r : segments) out += " " + (r.neighbours > 0 ? report_number(of(r)) : "–") + " |";
    };
    out += "\n\n## Melodies in 4/4, by segments of two bars\n\n| figure |";
    for (const piece_set* s : sets) out += " " + cell(s->name) + " |";
    out += "\n| --- |";
    for (std::size_t i = 0; i < sets.size(); ++i) out += " --- |";
    row("pairs of neighbours", [](const auto& r) { return static_cast<double>(r.neighbours); });
    row("notes a segment", [](const auto& r) { return r.notes; });
    row("rhythm entropy, bit", [](const auto& r) { return r.rhythm; });
    row("neighbours that share a key", [](const auto& r) { return r.key_shared; });
    row("change in notes, 90th percentile", [](const auto& r) { return r.density_change; });
    row("joints of 7 semitones and fewer", [](const auto& r) { return r.joints_within; });
    row("joint, 90th percentile, semitones", [](const auto& r) { return r.joint; });
    out += "\n";

    if (likeness != nullptr) {
        out +=
            "\n## Likeness (MGEval)\n\nOverlap (OA) and divergence (KLD, nats) of the distances within the second set and "
            "between the sets: "
            "1 and 0 where the sets cannot be told apart. In brackets as MGEval's code computes them.\n\n"
            "| feature | within first | within second | between | OA | KLD |\n| --- | --- | --- | --- | --- | --- |\n";
        for (const feature_likeness& f : likeness->features)
            out += "| " + std::string(f.name) + " | " + report_number(f.within_first) + " | " + report_number(f.within_second) +
                   " | " + report_number(f.between) + " | " + report_number(f.overlap) + " (" +
                   report_number(f.published_overlap) + ") | " + report_number(f.divergence) + " (" +
                   report_number(f.published_divergence) + ") |\n";
        const auto& worst = likeness->copies;
        out +=
            "\n## Copies of the second set in the first\n\nTokens are notes, and chords by their pitch classes; key-relative, "
            "without "
            "rhythm. Longest copy: " +
            std::to_string(worst.empty() ? 0 : worst.front().report.longest) + " tokens; " +
            report_number(100 * likeness->copied) + " % of all tokens lie inside copies of eight or more.\n";
        if (!worst.empty() && worst.front().report.longest > 0) {
            out +=
                "\n| piece | longest, tokens | from token | stands in | at token | inside copies, % |\n| --- | --- | --- | --- "
                "| --- | --- |\n";
            for (std::size_t i = 0; i < std::min<std::size_t>(worst.size(), 10) && worst[i].report.longest > 0; ++i) {
                const piece_copies& c = worst[i];
                out += "| " + cell(c.file) + " | " + std::to_string(c.report.longest) + " of " + std::to_string(c.tokens) +
                       " | " + std::to_string(c.report.at + 1) + " | " + cell(c.from) + " | " +
                       std::to_string(c.report.there + 1) + " | " + report_number(100 * c.report.share) + " |\n";
            }
        }
    }
    for (const piece_set* s : sets) {
        if (s->left_out.empty()) continue;
        out += "\n## Left out of " + cell(s->name) + "\n\n";
        for (std::size_t i = 0; i < std::min<std::size_t>(s->left_out.size(), 50); ++i)
            out += "- " + cell(s->left_out[i]) + "\n";
        if (s->left_out.size() > 50) out += "- and " + std::to_string(s->left_out.size() - 50) + " more\n";
    }
    if (!pictures.empty()) out += "\n## Pictures\n\n";
    for (const auto& [file, title] : pictures) out += "![" + cell(title) + "](" + file + ")\n";
    return out;
}

}  // namespace lofi::inline LOFI_ABI::recipe
