// lofi eval: measures of MIDI files and of lead sheets.
#include "command.hpp"

#if LOFI_HAVE_TRAIN
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include <lofi/analysis/lead_measures.hpp>
#include <lofi/analysis/measures.hpp>
#include <lofi/analysis/mood.hpp>
#include <lofi/corpus/lead_sheet_json.hpp>
#include <lofi/midi/convert.hpp>
#include <lofi/midi/read.hpp>

namespace program {
namespace {

namespace analysis = lofi::analysis;
using lofi::score::lead_sheet;

struct eval_options {
    std::vector<std::filesystem::path> files, against;
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

void evaluate(const eval_options& o) {
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
    CLI::App* c = add_command(app, "eval", "Prints measures of MIDI files and of lead sheets as JSON",
                              "lofi eval night.mid\n  lofi eval samples.jsonl --against ewld.train.jsonl lieder.train.jsonl");
    c->add_option("FILE", o->files, "MIDI files, or samples, one a line (.jsonl)")->required();
    c->add_option("--against", o->against, "Samples that were learned from: looks for copies");
    c->callback([o] { evaluate(*o); });
}

}  // namespace program

#else

namespace program {
void add_eval(CLI::App& app) { add_missing(app, "eval", "Prints measures of MIDI files and of lead sheets as JSON"); }
}  // namespace program

#endif
