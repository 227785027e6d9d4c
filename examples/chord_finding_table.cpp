// Measures how well chords and keys are found, on songs whose chords and keys are written down, and fits the numbers of the finder.
#include <cstdio>
#include <exception>

#if LOFI_HAVE_TRAIN
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <lofi/analysis/chord_finding.hpp>
#include <lofi/analysis/key_finding.hpp>
#include <lofi/analysis/melody_track.hpp>
#include <lofi/analysis/meter_finding.hpp>
#include <lofi/corpus/hands_corpus.hpp>
#include <lofi/midi/convert.hpp>
#include <lofi/midi/read.hpp>

namespace {

namespace fs = std::filesystem;
using namespace lofi;

/// A row as it is written down: where it begins in beats of the file, how long, what it stands on.
struct known_row {
    double start = 0, length = 4;
    std::uint8_t degree = 0;
    bool diatonic = true;
    score::key key{};
};

/// A song, and what is known of it.
struct song {
    std::string name;
    score::piece piece;
    analysis::beat_grid grid;
    std::vector<known_row> rows;
    score::key key{};        ///< the one that most rows have
    std::size_t melody = 0;  ///< its track
    int offset = 0;          ///< beats that bring rows onto the file
    double coincide = 0;     ///< share of the attacks that then meet one of the melody
};

/// Attacks of a phrase in source beats.
void add_attacks(const nlohmann::json& extra, std::vector<double>& out) {
    const double length = extra["L"].get<double>();
    for (std::size_t r = 0; r < extra["start"].size(); ++r)
        for (int slot = 0; slot < 8; ++slot)
            if ((extra["att"][r].get<int>() >> slot & 1) != 0)
                out.push_back(extra["start"][r].get<double>() + slot * length / 8);
}

std::vector<song> read_songs(const fs::path& data, const std::string& split) {
    const fs::path lines = data / "a_progressions" / ("pop909." + split + ".jsonl");
    fs::path twin = lines;
    twin.replace_extension(".ext.jsonl");
    std::vector<nlohmann::json> extras;
    corpus::for_each_line(twin, [&](std::string_view line, std::size_t) { extras.push_back(nlohmann::json::parse(line)); });
    std::vector<song> songs;
    std::vector<std::vector<double>> attacks;
    std::size_t next = 0;
    corpus::for_each_line(lines, [&](std::string_view line, std::size_t) {
        const score::lead_sheet sheet = corpus::read_lead_sheet(line);
        const nlohmann::json& extra = extras.at(next++);
        const std::string name = corpus::song_of(sheet.title);
        if (songs.empty() || songs.back().name != name) songs.emplace_back().name = name, attacks.emplace_back();
        for (std::size_t r = 0; r < sheet.rows.size(); ++r)
            songs.back().rows.push_back({extra["start"][r].get<double>(), extra["L"].get<double>(), sheet.rows[r].chord,
                                         extra["exact"][r].get<int>() != 0, sheet.key});
        add_attacks(extra, attacks.back());
    });
    for (std::size_t i = 0; i < songs.size(); ++i) {
        song& s = songs[i];
        const auto file = midi::read_file(data / "b_midi" / (s.name + ".mid")).value();
        s.piece = midi::to_piece(file.file).value();
        const analysis::found_melody melody = analysis::find_melody(s.piece);
        std::set<long> onsets;  // in quarters of a beat
        const double quarter = s.piece.resolution().ticks_per_quarter / 4.0;
        for (const score::note& n : melody.notes) onsets.insert(std::lround(static_cast<double>(n.start.value) / quarter));
        for (int offset = 0; offset <= 4; ++offset) {
            double same = 0;
            for (const double a : attacks[i]) same += onsets.count(std::lround((a + offset) * 4)) > 0 ? 1 : 0;
            same /= static_cast<double>(std::max<std::size_t>(attacks[i].size(), 1));
            if (same > s.coincide) s.coincide = same, s.offset = offset;
        }
        for (known_row& r : s.rows) r.start += s.offset;
        s.melody = melody.track;
        s.grid = analysis::lay_out(s.piece, &s.piece.tracks[melody.track]);
        std::map<std::pair<int, int>, std::size_t> keys;
        std::size_t most = 0;
        for (const known_row& r : s.rows)
            if (const std::size_t n = ++keys[{r.key.tonic.value, static_cast<int>(r.key.scale)}]; n > most)
                most = n, s.key = r.key;
    }
    return songs;
}

struct root_score {
    std::size_t rows = 0, same = 0;
};

bool same_root(const known_row& row, const analysis::found_chord& found) {
    if (row.degree == 0 || !found.sounds) return (row.degree == 0) == !found.sounds;
    if (row.diatonic) {
        if (score::degree(row.key, row.degree) == found.root) return true;
        return false;
    }
    return analysis::degree_of(found.root, row.key) == row.degree && !score::contains(row.key, found.root);
}

root_score score_roots(const song& s, const analysis::chord_finding_config& config) {
    root_score out;
    const auto chords = analysis::find_chords(s.grid, config);
    for (const known_row& row : s.rows) {
        const auto at = static_cast<std::size_t>(std::max(row.start, 0.0)), beats = static_cast<std::size_t>(row.length);
        ++out.rows;
        out.same += same_root(row, analysis::longest_chord(chords, at, beats)) ? 1 : 0;
    }
    return out;
}

double share_of_roots(const std::vector<song>& songs, const analysis::chord_finding_config& config) {
    root_score all;
    for (const song& s : songs) {
        const root_score one = score_roots(s, config);
        all.rows += one.rows, all.same += one.same;
    }
    return static_cast<double>(all.same) / static_cast<double>(all.rows);
}

/// Walks one number of the finder after the other up and down as long as more roots are right.
void fit(const std::vector<song>& songs, std::size_t rounds) {
    using config = analysis::chord_finding_config;
    const std::pair<const char*, double config::*> numbers[] = {{"third", &config::third},
                                                                {"fifth", &config::fifth},
                                                                {"seventh", &config::seventh},
                                                                {"outside", &config::outside},
                                                                {"missing", &config::missing},
                                                                {"bass_root", &config::bass_root},
                                                                {"bass_third", &config::bass_third},
                                                                {"bass_fifth", &config::bass_fifth},
                                                                {"bass_seventh", &config::bass_seventh},
                                                                {"bass_outside", &config::bass_outside},
                                                                {"bass_high", &config::bass_high},
                                                                {"bass_least", &config::bass_least},

                                                                {"hush", &config::hush},
                                                                {"suspended", &config::suspended},
                                                                {"rare", &config::rare},
                                                                {"seventh_chord", &config::seventh_chord},
                                                                {"change", &config::change},
                                                                {"change_on_half", &config::change_on_half},
                                                                {"change_on_bar", &config::change_on_bar},
                                                                {"change_of_type", &config::change_of_type}};
    config best;
    double right = share_of_roots(songs, best);
    std::printf("%.5f at the start\n", right);
    for (std::size_t round = 0; round < rounds; ++round) {
        const double step = round % 2 == 0 ? 1.0 : 0.5;
        for (const auto& [name, number] : numbers) {
            const double size = step * (number == &config::bass_high ? 4 : number == &config::change_of_type ? .2 : .1);
            for (const double direction : {1.0, -1.0})
                for (bool better = true; better;) {
                    config other = best;
                    other.*number += direction * size;
                    const double now = share_of_roots(songs, other);
                    better = now > right + 1e-5;
                    if (better) best = other, right = now;
                }
        }
        std::printf("round %zu: %.5f\n", round + 1, right);
        for (const auto& [name, number] : numbers) std::printf("  %-16s %.3f\n", name, best.*number);
        std::fflush(stdout);
    }
}

/// Beats of a song that are in one key, as evidence; what the logits are fitted on.
struct key_example {
    analysis::key_evidence evidence{};
    std::size_t answer = 0;  ///< tonic * 2, and 1 where its third is minor
};

bool is_minor(score::mode m) { return semitones_of_step(m, 2) == 3; }

std::vector<key_example> examples_of(const std::vector<song>& songs) {
    std::vector<key_example> out;
    for (const song& s : songs) {
        std::map<std::pair<int, int>, std::vector<const known_row*>> by_key;
        for (const known_row& r : s.rows) by_key[{r.key.tonic.value, static_cast<int>(r.key.scale)}].push_back(&r);
        const auto evidence = analysis::gather_evidence(s.grid, analysis::find_chords(s.grid));
        for (const auto& [key, rows] : by_key) {
            key_example& e = out.emplace_back();
            e.answer = static_cast<std::size_t>(key.first) * 2 + (is_minor(static_cast<score::mode>(key.second)) ? 1 : 0);
            std::vector<bool> taken(evidence.size(), by_key.size() == 1);
            for (const known_row* r : rows)
                for (double b = r->start; b < r->start + r->length; ++b)
                    if (b >= 0 && b < static_cast<double>(taken.size())) taken[static_cast<std::size_t>(b)] = true;
            for (std::size_t b = 0; b < evidence.size(); ++b)
                for (std::size_t k = 0; taken[b] && k < e.evidence.size(); ++k) e.evidence[k] += evidence[b][k];
            for (const auto& [first, each] : analysis::detail::key_groups) {
                float sum = 0;
                for (std::size_t k = first; k < first + 12 * each; ++k) sum += e.evidence[k];
                for (std::size_t k = first; sum > 0 && k < first + 12 * each; ++k) e.evidence[k] /= sum;
            }
        }
    }
    return out;
}

using key_weights = std::array<std::array<double, analysis::key_features>, 2>;

double weighed(const key_weights& w, const analysis::key_evidence& e, std::size_t state) {
    double sum = 0;
    for (const auto& [first, each] : analysis::detail::key_groups)
        for (std::size_t k = 0; k < 12 * each; ++k)
            sum += w[state % 2][first + k] * e[first + (k + state / 2 * each) % (12 * each)];
    return sum;
}

/// Fits the log-linear model of keys by gradient descent with momentum, its squared weights held small.
key_weights fit_keys(const std::vector<key_example>& examples, double held, std::size_t steps) {
    key_weights w{}, speed{};
    for (std::size_t step = 0; step < steps; ++step) {
        key_weights slope{};
        for (std::size_t m = 0; m < 2; ++m)
            for (std::size_t k = 0; k < w[m].size(); ++k) slope[m][k] = 2 * held * w[m][k];
        for (const key_example& e : examples) {
            std::array<double, 24> p{};
            double most = -1e300, sum = 0;
            for (std::size_t s = 0; s < 24; ++s) most = std::max(most, p[s] = weighed(w, e.evidence, s));
            for (double& v : p) sum += v = std::exp(v - most);
            for (std::size_t s = 0; s < 24; ++s) {
                const double wrong = p[s] / sum - (s == e.answer ? 1 : 0);
                for (const auto& [first, each] : analysis::detail::key_groups)
                    for (std::size_t k = 0; k < 12 * each; ++k)
                        slope[s % 2][first + k] += wrong * e.evidence[first + (k + s / 2 * each) % (12 * each)];
            }
        }
        for (std::size_t m = 0; m < 2; ++m)
            for (std::size_t k = 0; k < w[m].size(); ++k) {
                speed[m][k] = .95 * speed[m][k] - slope[m][k] * 4 / static_cast<double>(examples.size());
                w[m][k] += speed[m][k];
            }
    }
    return w;
}

/// How many songs' keys are right; `relative`: wrong, with the same accidentals.
struct key_score {
    std::size_t songs = 0, same = 0, relative = 0;
};

key_score score_keys(const std::vector<song>& songs) {
    key_score out;
    for (const song& s : songs) {
        const score::key found = analysis::main_key(analysis::find_keys(s.grid, analysis::find_chords(s.grid)));
        ++out.songs;
        out.same += found == s.key ? 1 : 0;
        out.relative += found.tonic != s.key.tonic && signature(found) == signature(s.key) ? 1 : 0;
    }
    return out;
}

/// Songs whose melody is found where tracks have no names; a song has two tracks or more, and the first of them sings.
std::size_t melodies_without_names(const std::vector<song>& songs) {
    std::size_t right = 0;
    for (const song& s : songs) {
        score::piece nameless = s.piece;
        for (score::track& t : nameless.tracks) t.name.clear();
        const analysis::found_melody m = analysis::find_melody(nameless);
        right += m.source == analysis::melody_source::track && m.track == s.melody ? 1 : 0;
    }
    return right;
}

/// A line of the table.
void print_line(const fs::path& data, const std::string& split) {
    const std::vector<song> songs = read_songs(data, split);
    double coincide = 0;
    std::size_t rows = 0;
    for (const song& s : songs) coincide += s.coincide / static_cast<double>(songs.size()), rows += s.rows.size();
    const key_score k = score_keys(songs);
    std::printf("| %s | %zu | %.1f %% | %zu | %.2f %% | %zu (%.1f %%) | %zu | %zu |\n", split.c_str(), songs.size(),
                100 * coincide, rows, 100 * share_of_roots(songs, {}), k.same,
                100.0 * static_cast<double>(k.same) / static_cast<double>(k.songs), k.relative, melodies_without_names(songs));
    std::fflush(stdout);
}

/// Prints how often the metre of files is found where it is taken out; 2/4 and 2/2 count as 4/4, 9/8 and 12/8 as 6/8.
void print_meters(const fs::path& data, const std::string& split) {
    std::map<std::string, std::map<std::string, std::size_t>> found;
    corpus::for_each_line(data / "b_midi" / "index.tsv", [&](std::string_view line, std::size_t) {
        const auto field = corpus::detail::fields_of(line);
        if (field.size() < 8 || field[2] != split) return;
        score::piece piece = midi::to_piece(midi::read_file(data / "b_midi" / field[0]).value().file).value();
        if (piece.meters.size() != 1) return;
        const std::string was(field[7]);
        const std::string kind = was == "4/4" || was == "2/4" || was == "2/2"    ? "4/4"
                                 : was == "6/8" || was == "9/8" || was == "12/8" ? "6/8"
                                 : was == "3/4"                                  ? "3/4"
                                                                                 : "";
        if (kind.empty()) return;
        piece.meters.clear();
        const analysis::found_meter m = analysis::find_meter(piece);
        auto& line_of = found[std::string(field[1]) + " | " + kind];
        ++line_of["files"], ++line_of[std::to_string(m.meter.numerator) + "/" + std::to_string(m.meter.denominator)];
        line_of["bar"] += m.meter.at.value == 0 ? 1 : 0;
    });
    std::printf(
        "| set | metre | files | found 4/4 | 3/4 | 6/8 | bar line at the start |\n| --- | --- | --- | --- | --- | --- | --- "
        "|\n");
    for (auto& [name, n] : found)
        std::printf("| %s | %zu | %zu | %zu | %zu | %zu |\n", name.c_str(), n["files"], n["4/4"], n["3/4"], n["6/8"], n["bar"]);
}

/// Prints the header that holds the weights.
void print_weights(const key_weights& w) {
    std::printf(
        "#pragma once\n// How pitch classes and chords speak for a key. Written by `chord_finding_table --fit-keys .03`, on "
        "training songs of POP909.\n"
        "#include <array>\n\n#include <lofi/core/config.hpp>\n\n"
        "namespace lofi::inline LOFI_ABI::analysis::detail {\n\n"
        "/// By third (major, minor), then by semitones above the tonic: melody, accompaniment, chords (major, minor, other), "
        "chords\n"
        "/// where the melody begins.\ninline constexpr std::array<std::array<float, 96>, 2> key_weights = {{\n");
    for (const auto& of_third : w) {
        std::printf("    {");
        for (std::size_t k = 0; k < of_third.size(); ++k)
            std::printf("%s%.1fF%s", k % 12 == 0 && k > 0 ? "\n     " : "", of_third[k], k + 1 < of_third.size() ? ", " : "");
        std::printf("},\n");
    }
    std::printf("}};\n\n}  // namespace lofi::inline LOFI_ABI::analysis::detail\n");
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Chords and keys found from MIDI files, held against those that are written down");
    fs::path data;
    std::string split = "train", meters;
    std::size_t rounds = 0;
    double held = 0;
    app.add_option("--data", data, "Folder with a_progressions and b_midi")->required();
    app.add_option("--split", split, "Songs to fit on: train or valid")
        ->check(CLI::IsMember({"train", "valid"}))
        ->capture_default_str();
    app.add_option("--fit", rounds, "Fits the numbers of the chord finder instead, so many rounds");
    app.add_option("--fit-keys", held,
                   "Fits the weights of the key finder instead and prints their header; .03 holds them small");
    app.add_option("--meters", meters, "Tells how often the metre of files is found instead: train, valid or test")
        ->check(CLI::IsMember({"train", "valid", "test"}));
    CLI11_PARSE(app, argc, argv);
    try {
        if (!meters.empty()) return print_meters(data, meters), 0;
        if (rounds > 0) return fit(read_songs(data, split), rounds), 0;
        if (held > 0) {
            const std::vector<key_example> examples = examples_of(read_songs(data, split));
            // Every fifth song is left out in turn, to see what weights are worth where they were not fitted.
            std::size_t right = 0;
            for (std::size_t fold = 0; fold < 5; ++fold) {
                std::vector<key_example> rest;
                for (std::size_t i = 0; i < examples.size(); ++i)
                    if (i % 5 != fold) rest.push_back(examples[i]);
                const key_weights w = fit_keys(rest, held, 1500);
                for (std::size_t i = fold; i < examples.size(); i += 5) {
                    std::size_t best = 0;
                    for (std::size_t s = 1; s < 24; ++s)
                        if (weighed(w, examples[i].evidence, s) > weighed(w, examples[i].evidence, best)) best = s;
                    right += best == examples[i].answer ? 1 : 0;
                }
            }
            std::fprintf(stderr, "keys of songs left out of the fit: %.2f %%\n",
                         100.0 * static_cast<double>(right) / static_cast<double>(examples.size()));
            print_weights(fit_keys(examples, held, 3000));
            return 0;
        }
        std::printf("| songs | | attacks that coincide | rows | roots | keys | relative key | melody found without names |\n");
        std::printf("| --- | --- | --- | --- | --- | --- | --- | --- |\n");
        for (const char* name : {"train", "valid", "test"}) print_line(data, name);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "chord_finding_table: %s\n", e.what());
        return 1;
    }
    return 0;
}

#else

int main() {
    std::fprintf(stderr, "chord_finding_table: needs the train build, which is the default\n");
    return 1;
}

#endif
