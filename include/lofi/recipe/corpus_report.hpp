#pragma once
// What became of a folder of MIDI files, as Markdown and as pictures.
#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/corpus/midi_corpus.hpp>
#include <lofi/plot/bars.hpp>
#include <lofi/recipe/report_text.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// Draws keys, chords, lengths, tempi and moods of the phrases, lengths of the songs, and what was dropped.
[[nodiscard]] std::vector<report_picture> corpus_pictures(const corpus::midi_corpus_report& r);
/// Writes the report as Markdown. params: pictures: names of files to show, with titles; may be empty
[[nodiscard]] std::string corpus_markdown(const corpus::midi_corpus_report& r,
                                          const std::vector<std::pair<std::string, std::string>>& pictures = {});

// ---------------------------------------------------------------- bodies

namespace detail {

inline std::vector<std::string> tonic_names() { return {"C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"}; }

/// Counts by value in equal steps, from the first that was met to the last.
struct counted_steps {
    std::vector<std::string> names;
    std::vector<double> counts;
};
template <class Key, class Name>
counted_steps in_steps(const std::map<Key, std::size_t>& counts, long step, Name&& name) {
    counted_steps out;
    if (counts.empty()) return out;
    const auto place = [&](Key k) { return static_cast<long>(k) / step; };
    const long first = place(counts.begin()->first), last = std::min(place(counts.rbegin()->first), first + 999);
    for (long i = first; i <= last; ++i) out.names.push_back(name(i * step));
    out.counts.resize(out.names.size());
    for (const auto& [k, n] : counts)
        out.counts[static_cast<std::size_t>(std::min(place(k), last) - first)] += static_cast<double>(n);
    return out;
}

inline std::size_t sum_of(const std::map<std::string, corpus::counted>& dropped) {
    std::size_t n = 0;
    for (const auto& [why, files] : dropped) n += files.count;
    return n;
}

inline std::string names_of(const std::vector<std::string>& names, std::size_t of) {
    std::string out;
    for (const std::string& n : names) out += (out.empty() ? "" : ", ") + cell(n);
    return of > names.size() ? out + ", ..." : out;
}

}  // namespace detail

inline std::vector<report_picture> corpus_pictures(const corpus::midi_corpus_report& r) {
    std::vector<report_picture> out;
    const auto add = [&](const char* name, const char* title, const std::vector<std::string>& names,
                         const std::vector<plot::bar_series>& series, const char* things, const char* numbers,
                         plot::bar_direction direction = plot::bar_direction::up) {
        out.push_back({name, title, plot::bars(names, series, {title, things, {.label = numbers}, direction, {}})});
    };
    std::vector<double> major(r.keys.begin(), r.keys.begin() + 12), minor(r.keys.begin() + 12, r.keys.end());
    add("keys", "Keys, as found", detail::tonic_names(), {{"major third", major}, {"minor third", minor}}, "tonic", "phrases");
    std::vector<plot::bar_series> splits;
    for (std::size_t k = 0; k < 3; ++k)
        splits.push_back({std::string(to_string(static_cast<corpus::split>(k))),
                          std::vector<double>(r.splits[k].tonics.begin(), r.splits[k].tonics.end())});
    add("written_keys", "Keys, as written", detail::tonic_names(), splits, "tonic", "phrases");

    constexpr const char* qualities[] = {"major", "minor", "diminished", "augmented", "sus2", "sus4"};
    std::vector<plot::bar_series> chords;
    for (std::size_t q = 0; q < 6; ++q) {
        chords.push_back({qualities[q], {}});
        for (std::size_t d = 0; d < 7; ++d) chords.back().values.push_back(static_cast<double>(r.chords[d * 6 + q]));
    }
    add("chords", "Chords by degree and quality", {"1", "2", "3", "4", "5", "6", "7"}, chords, "degree of the root", "rows");

    const auto steps = [&](const char* name, const char* title, const detail::counted_steps& s, const char* things,
                           const char* numbers) {
        add(name, title, s.names, {{{}, s.counts}}, things, numbers);
    };
    const auto plain = [](long v) { return std::to_string(v); };
    const auto hundredths = [](long v) { return plot::detail::fixed(static_cast<double>(v) / 100, 2); };
    steps("lengths", "Lengths of phrases", detail::in_steps(r.rows_of_phrases, 1, plain), "rows", "phrases");
    steps("songs", "Lengths of songs", detail::in_steps(r.bars_of_songs, 8, plain), "bars, from", "songs");
    steps("tempi", "Tempi of rows", detail::in_steps(r.tempi, 10, plain), "bpm, from", "phrases");
    steps("energy", "Energy (a proxy)", detail::in_steps(r.energies, 5, hundredths), "energy, from", "phrases");
    steps("valence", "Valence (a proxy)", detail::in_steps(r.valences, 5, hundredths), "valence, from", "phrases");

    const auto reasons = [&](const char* name, const char* title, std::vector<std::pair<std::string, std::size_t>> all,
                             const char* numbers) {
        if (all.empty()) return;
        std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
        all.resize(std::min<std::size_t>(all.size(), 20));
        std::vector<std::string> names;
        std::vector<double> counts;
        for (const auto& [why, n] : all) names.push_back(why), counts.push_back(static_cast<double>(n));
        add(name, title, names, {{{}, counts}}, "", numbers, plot::bar_direction::across);
    };
    std::vector<std::pair<std::string, std::size_t>> files;
    for (const auto& [why, these] : r.files_dropped) files.emplace_back(why, these.count);
    reasons("files_dropped", "Files that were dropped", std::move(files), "files");
    reasons("phrases_dropped", "Phrases that were dropped", {r.phrases_dropped.begin(), r.phrases_dropped.end()}, "phrases");
    return out;
}

inline std::string corpus_markdown(const corpus::midi_corpus_report& r,
                                   const std::vector<std::pair<std::string, std::string>>& pictures) {
    using detail::cell;
    const auto number = [](std::size_t n) { return std::to_string(n); };
    std::string out = "# Lead sheets of " + cell(r.folder) + "\n\n" + number(r.files) + " MIDI files: " + number(r.songs) +
                      " songs of " + number(r.families) + " families, " + number(detail::sum_of(r.files_dropped)) +
                      " left out.\n";
    if (r.divided_files)
        out +=
            "\nAll songs are versions of one another: files were divided one by one, so that what is validated on was all but "
            "learned.\n";
    if (r.nothing_to_validate) out += "\nOne song alone: there is nothing to validate on.\n";
    out += "\n| split | families | songs | phrases | rows |\n| --- | --- | --- | --- | --- |\n";
    for (std::size_t k = 0; k < 3; ++k) {
        const corpus::split_figures& s = r.splits[k];
        out += "| " + std::string(to_string(static_cast<corpus::split>(k))) + " | " + number(s.families) + " | " +
               number(s.songs) + " | " + number(s.phrases) + " | " + number(s.rows) + " |\n";
    }
    const auto share = [](std::size_t part, std::size_t of) {
        return detail::report_number(of > 0 ? 100 * static_cast<double>(part) / static_cast<double>(of) : 0) + " %";
    };
    std::size_t phrases = 0;
    for (const std::size_t n : r.keys) phrases += n;
    out += "\n- Songs with rows of half a bar, the tempo doubled: " + number(r.half_bar_songs) +
           "\n- Phrases of chords alone: " + number(r.chords_only) + "\n- Slots that rest: " + share(r.rests, r.slots) +
           "\n- Beats in other metres, passed over: " + number(r.beats_elsewhere) +
           "\n- Files that are no MIDI files by name, not looked at: " + number(r.other_files.count) +
           (r.other_files.count > 0 ? " (" + detail::names_of(r.other_files.first, r.other_files.count) + ")" : "") + "\n";
    out += "- Modes:";
    for (const score::mode m : score::all_modes)
        if (const std::size_t n = r.modes[static_cast<std::size_t>(m)]; n > 0)
            out += " " + std::string(to_string(m)) + " " + share(n, phrases);
    out += "\n\n## Dropped\n\n";
    if (r.files_dropped.empty()) out += "No file.\n";
    if (!r.files_dropped.empty()) out += "| files | why | which |\n| --- | --- | --- |\n";
    for (const auto& [why, these] : r.files_dropped)
        out += "| " + number(these.count) + " | " + cell(why) + " | " + detail::names_of(these.first, these.count) + " |\n";
    if (!r.phrases_dropped.empty()) out += "\n| phrases | why |\n| --- | --- |\n";
    for (const auto& [why, n] : r.phrases_dropped) out += "| " + number(n) + " | " + cell(why) + " |\n";
    out +=
        "\n## Families\n\nTranspositions and versions of one another, found by what their melodies (or chords) share; whole in "
        "a "
        "split. Songs without kin: " +
        number(r.without_kin) + ".\n\n";
    for (const auto& names : r.largest_families)
        out += "- " + number(names.size()) + ": " +
               detail::names_of(
                   {names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(names.size(), 8))},
                   names.size()) +
               "\n";
    if (!pictures.empty()) out += "\n## Pictures\n\n";
    for (const auto& [file, title] : pictures) out += "![" + cell(title) + "](" + file + ")\n";
    return out;
}

}  // namespace lofi::inline LOFI_ABI::recipe
