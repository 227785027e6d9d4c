// lofi eval: measures of MIDI files, of lead sheets and of sound, and sets of pieces side by side.
#include "command.hpp"
#include "eval_sound.hpp"

#if LOFI_HAVE_TRAIN
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <lofi/analysis/lead_measures.hpp>
#include <lofi/analysis/measures.hpp>
#include <lofi/analysis/mood.hpp>
#include <lofi/corpus/lead_sheet_json.hpp>
#include <lofi/corpus/sound_corpus.hpp>
#include <lofi/midi/convert.hpp>
#include <lofi/midi/read.hpp>
#include <lofi/recipe/set_report.hpp>
#include <lofi/train/progress.hpp>

namespace program {
namespace {

namespace analysis = lofi::analysis;
using lofi::score::lead_sheet;

struct eval_options {
    std::vector<std::filesystem::path> files, against;
    std::filesystem::path out;
    bool json = false, png = false;
    double rate = 8000, tempo = 0;  // of sound
};

bool holds_samples(const std::filesystem::path& p) { return p.extension() == ".jsonl" || p.extension() == ".json"; }

json measures_of(const lofi::score::piece& p, analysis::convention how) {
    return {{"pitches_used", analysis::pitches_used(p)},
            {"pitch_classes_used", analysis::pitch_classes_used(p)},
            {"pitch_range", analysis::pitch_range(p, how)},
            {"pitch_in_scale_rate", p.keys.empty() ? json() : json(analysis::pitch_in_scale_rate(p, p.keys.front().key))},
            {"scale_consistency", analysis::scale_consistency(p)},
            {"pitch_entropy", analysis::pitch_entropy(p)},
            {"pitch_class_entropy", analysis::pitch_class_entropy(p)},
            {"polyphony", analysis::polyphony(p)},
            {"polyphony_rate", analysis::polyphony_rate(p, 2, how)},
            {"empty_beat_rate", analysis::empty_beat_rate(p, how)},
            {"empty_bar_rate", analysis::empty_bar_rate(p, how)},
            {"groove_consistency", analysis::groove_consistency(p, how)},
            {"drum_in_duple_pattern_rate", analysis::drum_in_pattern_rate(p, analysis::beat_division::duple)},
            {"drum_in_triple_pattern_rate", analysis::drum_in_pattern_rate(p, analysis::beat_division::triple)},
            {"drum_pattern_consistency", analysis::drum_pattern_consistency(p)}};
}

json evaluate_midi(const std::filesystem::path& path) {
    const auto read = lofi::midi::read_file(path).value();
    json out = json::array();
    const std::size_t pieces = read.file.format == lofi::midi::format::patterns ? read.file.tracks.size() : 1;
    for (std::size_t i = 0; i < pieces; ++i) {
        const auto piece = lofi::midi::to_piece(read.file, i);
        if (!piece) throw piece.error().at(path.string());
        out.push_back({{"title", piece->title},
                       {"key", piece->keys.empty() ? json() : json(to_string(piece->keys.front().key))},
                       {"measures", measures_of(*piece, analysis::convention::mended)},
                       {"as_muspy", measures_of(*piece, analysis::convention::muspy)}});
    }
    return pieces == 1 ? out[0] : json{{"patterns", std::move(out)}};
}

/// What sheets say of themselves against what they are.
json moods_of(const std::vector<lead_sheet>& sheets) {
    struct {
        double said = 0, found = 0, off = 0;
    } energy, valence;
    const auto n = static_cast<double>(std::max<std::size_t>(sheets.size(), 1));
    for (const lead_sheet& s : sheets) {
        const analysis::mood m = s.has_melody ? analysis::mood_of(s) : analysis::chords_only_mood(s);
        const auto add = [&](auto& to, double said, double found) {
            to.said += said / n, to.found += found / n, to.off += std::abs(said - found) / n;
        };
        add(energy, s.energy, m.energy);
        add(valence, s.valence, m.valence);
    }
    const auto told = [](const auto& m) { return json{{"said", m.said}, {"found", m.found}, {"mean_difference", m.off}}; };
    return {{"energy", told(energy)}, {"valence", told(valence)}};
}

json copying_of(const std::vector<lead_sheet>& sheets, const std::vector<lead_sheet>& training) {
    std::size_t longest = 0;
    for (const lead_sheet& s : sheets) longest = std::max(longest, analysis::longest_copy(s, training));
    return {{"training_sheets", training.size()},
            {"share_with_16_slots_copied", analysis::copied_share(sheets, training)},
            {"longest_copy_slots", longest}};
}

json evaluate_samples(const std::filesystem::path& path, const std::vector<lead_sheet>& training) {
    const std::vector<lead_sheet> sheets = lofi::corpus::read_lead_sheets(path);
    const analysis::lead_measures m = analysis::measure(sheets);
    json out = {{"sheets", m.sheets},
                {"melodies", m.melodies},
                {"chord_information_bits", m.chord_information},
                {"chord_information_two_apart_bits", m.chord_information_two},
                {"median_rows", m.median_rows},
                {"degrees_a_sheet", m.degrees},
                {"melodies_of_two_pitches_or_fewer", m.few_pitches},
                {"pitches_a_melody", m.pitches},
                {"chord_tone_on_one", m.chord_tone_on_one},
                {"held_slots", m.held},
                {"rests", m.rests},
                {"attacks_a_row", m.attacks_per_row},
                {"pitch_entropy_bits", m.pitch_entropy},
                {"rows_repeated_from_the_last_eight", m.repeated_rows}};
    if (!sheets.empty()) out.update(moods_of(sheets));
    if (!training.empty()) out["copying"] = copying_of(sheets, training);
    return out;
}

/// Shows on a terminal how far a long work is.
lofi::recipe::set_progress shown(const std::string& what) {
    if (!lofi::train::detail::is_terminal(stderr)) return {};
    return [what](std::size_t done, std::size_t of) {
        if (done < of && done % 8 != 0) return;
        std::fprintf(stderr, "\r%s: %zu of %zu", what.c_str(), done, of);
        if (done == of) std::fputc('\n', stderr);
    };
}

json figures_of(const lofi::recipe::piece_set& set) {
    const auto figures = lofi::recipe::set_figures(set);
    json measures = json::object();
    for (std::size_t m = 0; m < figures.size(); ++m)
        measures[std::string(lofi::recipe::piece_measures()[m].name)] = {
            {"pieces", figures[m].pieces}, {"mean", figures[m].mean},     {"deviation", figures[m].deviation},
            {"5%", figures[m].low},        {"median", figures[m].median}, {"95%", figures[m].high}};
    const analysis::segment_report r = lofi::recipe::segment_figures(set);
    json segments = {{"neighbours", r.neighbours}};
    if (r.neighbours > 0)
        segments.update({{"notes", r.notes},
                         {"rhythm_entropy_bits", r.rhythm},
                         {"key_shared", r.key_shared},
                         {"density_change_90%", r.density_change},
                         {"joints_within_7", r.joints_within},
                         {"joint_90%", r.joint}});
    return {{"name", set.name},
            {"pieces", set.pieces.size()},
            {"left_out", set.left_out},
            {"measures", std::move(measures)},
            {"segments", std::move(segments)}};
}

json comparison_of(const lofi::recipe::set_comparison& c) {
    json features = json::object(), copies = json::array();
    for (const auto& f : c.features)
        features[std::string(f.name)] = {{"within_first", f.within_first},
                                         {"within_second", f.within_second},
                                         {"between", f.between},
                                         {"overlap", f.overlap},
                                         {"divergence", f.divergence},
                                         {"published_overlap", f.published_overlap},
                                         {"published_divergence", f.published_divergence}};
    for (const auto& p : c.copies)
        copies.push_back({{"file", p.file},
                          {"tokens", p.tokens},
                          {"longest", p.report.longest},
                          {"at", p.report.at},
                          {"from", p.from.empty() ? json() : json(p.from)},
                          {"there", p.report.there},
                          {"share_inside_copies_of_8", p.report.share}});
    return {{"likeness", std::move(features)}, {"share_inside_copies_of_8", c.copied}, {"copies", std::move(copies)}};
}

void write_report(const eval_options& o, const lofi::recipe::piece_set& a, const lofi::recipe::piece_set* b,
                  const lofi::recipe::set_comparison* c, const json& figures) {
    namespace fs = std::filesystem;
    std::error_code ec;
    fs::create_directories(o.out / "pictures", ec);
    if (ec) throw lofi::error((o.out / "pictures").string(), "cannot be made: " + ec.message());
    std::vector<std::pair<std::string, std::string>> names;
    const auto pictures = lofi::recipe::report_pictures(a, b, c);
    const auto told = shown("pictures");
    for (const lofi::recipe::report_picture& p : pictures) {
        names.emplace_back("pictures/" + p.name + (o.png ? ".png" : ".svg"), p.title);
        write(o.out / names.back().first, p.sheet).value();
        if (told) told(names.size(), pictures.size());
    }
    lofi::write_file(o.out / "report.json", figures.dump(2, ' ', false, json::error_handler_t::replace) + "\n").value();
    lofi::write_file(o.out / "report.md", lofi::recipe::report_markdown(a, b, c, names)).value();
}

void evaluate_sets(const eval_options& o) {
    for (const auto* places : {&o.files, &o.against})
        for (const auto& path : *places)
            if (holds_samples(path))
                throw lofi::error(
                    path.string(),
                    "holds samples: a set is of MIDI files and folders, and samples are held against samples alone");
    if (std::error_code ec; !o.out.empty() && std::filesystem::exists(o.out, ec) && !std::filesystem::is_directory(o.out, ec))
        throw lofi::error(o.out.string(), "is a file: --out names a folder");
    const lofi::recipe::piece_set first = lofi::recipe::read_piece_set(o.files, shown("first set"));
    lofi::recipe::piece_set second;
    lofi::recipe::set_comparison comparison;
    const bool two = !o.against.empty();
    if (two) {
        second = lofi::recipe::read_piece_set(o.against, shown("second set"));
        comparison = lofi::recipe::compare_sets(first, second, {}, shown("comparing"));
    }
    json figures = {{"first", figures_of(first)}};
    if (two) {
        figures["second"] = figures_of(second);
        figures.update(comparison_of(comparison));
    }
    const auto* b = two ? &second : nullptr;
    const auto* c = two ? &comparison : nullptr;
    if (!o.out.empty()) write_report(o, first, b, c, figures);
    if (o.json)
        print(figures);
    else
        std::fputs(lofi::recipe::report_markdown(first, b, c).c_str(), stdout);
}

/// Folders, MIDI files to hold others against, and a report make sets; else each file stands for itself.
bool are_sets(const eval_options& o) {
    const auto folder = [](const std::filesystem::path& p) {
        std::error_code ec;
        return std::filesystem::is_directory(p, ec);
    };
    return !o.out.empty() || std::any_of(o.files.begin(), o.files.end(), folder) ||
           std::any_of(o.against.begin(), o.against.end(), [](const auto& p) { return !holds_samples(p); });
}

void evaluate(const eval_options& o) {
    const auto is_sound = [](const std::filesystem::path& p) { return lofi::corpus::detail::is_sound_name(p); };
    if (std::any_of(o.files.begin(), o.files.end(), is_sound))
        return evaluate_sound({o.files, o.against, o.out, o.rate, o.tempo, o.json});
    if (are_sets(o)) return evaluate_sets(o);
    std::vector<lead_sheet> training;
    for (const auto& path : o.against)
        for (lead_sheet& s : lofi::corpus::read_lead_sheets(path)) training.push_back(std::move(s));
    json out = json::object();
    for (const auto& path : o.files)
        out[path.string()] = holds_samples(path) ? evaluate_samples(path, training) : evaluate_midi(path);
    print(out);
}

}  // namespace

void add_eval(CLI::App& app) {
    auto o = std::make_shared<eval_options>();
    CLI::App* c =
        add_command(app, "eval", "Measures MIDI files, folders of them, lead sheets and sound, alone or against others",
                    "lofi eval night.mid\n  lofi eval made.wav --against real.wav --bpm 82\n  lofi eval made/ --against music/ "
                    "--out report\n"
                    "  lofi eval samples.jsonl --against ewld.train.jsonl lieder.train.jsonl");
    c->add_option("FILE", o->files, "MIDI files or folders of them, samples, one a line (.jsonl), or sound files")->required();
    c->add_option("--against", o->against,
                  "MIDI files or folders: how alike both sets are, and what is copied. Samples or sound that was learned from: "
                  "looks for copies");
    c->add_option("--out", o->out, "Folder for report.md, report.json and pictures");
    c->add_flag("--json", o->json, "Prints JSON of sets, too; of single files it always is");
    c->add_flag("--png", o->png, "Pictures as PNG instead of SVG");
    c->add_option("--rate", o->rate, "Of sound: the sample rate that it is measured at")
        ->check(number(1000, 192000))
        ->capture_default_str();
    c->add_option("--bpm", o->tempo, "Of sound: the tempo that is wanted; the one that repeats best, if not given")
        ->check(number(20, 300));
    c->callback([o] { evaluate(*o); });
}

}  // namespace program

#else

namespace program {
void add_eval(CLI::App& app) {
    add_missing(app, "eval", "Measures MIDI files, folders of them, lead sheets and sound, alone or against others");
}
}  // namespace program

#endif
