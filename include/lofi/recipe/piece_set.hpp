#pragma once
// Sets of MIDI files, measured file by file, so that memory holds figures and no music.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <lofi/analysis/key.hpp>
#include <lofi/analysis/measures.hpp>
#include <lofi/analysis/melody_measures.hpp>
#include <lofi/analysis/mgeval.hpp>
#include <lofi/analysis/token_measures.hpp>
#include <lofi/corpus/note_corpus.hpp>
#include <lofi/token/melody.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// A piece as note/chord tokens: all its pitched tracks together, by the rule of paper 001.
[[nodiscard]] std::vector<token::notechord> notechords_of(const score::piece& piece);

/// A figure of a piece by its name.
struct piece_measure {
    std::string_view name;
    double (*of)(const score::piece&, std::span<const score::pitch_set> tokens);
};
/// MusPy's measures, mended, and how keys and rhythm hold.
[[nodiscard]] std::span<const piece_measure> piece_measures();

/// What stays of a piece.
struct measured_piece {
    std::string file;
    std::vector<double> values;                       ///< by `piece_measures`
    analysis::mgeval_features features, published;    ///< mended and as MGEval reads it
    std::vector<std::int32_t> tokens;                 ///< notes and chords of all pitched tracks, moved to C major or A minor
    std::vector<analysis::melody_segments> melodies;  ///< two bars a segment; in 4/4 alone
};
[[nodiscard]] measured_piece measure_piece(const score::piece& piece, std::string file);

/// Pieces that are looked at together.
struct piece_set {
    std::string name;
    std::vector<measured_piece> pieces;
    std::vector<std::string> left_out;  ///< "folder/x.mid: why"
};

/// Told after each piece how many of how many are done.
using set_progress = std::function<void(std::size_t done, std::size_t of)>;

/// Reads MIDI files, and those in folders and their folders. In a folder, files that cannot be read or have no notes are left out and named.
/// errors: throws "night: holds no MIDI files (.mid, .midi, .smf)"; a file by its own name that cannot be read; a set without any notes
[[nodiscard]] piece_set read_piece_set(std::span<const std::filesystem::path> places, const set_progress& told = {});

// ---------------------------------------------------------------- bodies

namespace detail {

// Windows of keys are looked at no further than this, so that a file of a million notes takes seconds.
inline constexpr std::size_t most_key_tokens = 20000;

inline std::vector<analysis::melody_segments> segments_of(const score::piece& piece) {
    std::vector<analysis::melody_segments> out;
    const auto melodies = token::encode_melodies(piece);
    if (!melodies) return out;  // another metre: there are no two bars to speak of
    for (const std::vector<std::int32_t>& classes : *melodies) {
        analysis::melody_segments& segments = out.emplace_back();
        for (std::size_t at = 0; at + token::melody_window <= classes.size(); at += token::melody_window) {
            auto& segment = segments.emplace_back();
            for (std::size_t k = 0; k < token::melody_window; ++k)
                if (const std::int32_t c = classes[at + k]; c >= token::melody_class::first_note)
                    segment.push_back({static_cast<int>(k), c - token::melody_class::first_note + token::melody_class::lowest});
        }
    }
    return out;
}

struct file_of_set {
    std::filesystem::path path;
    bool named;  // by the user, not found in a folder
};
inline std::vector<file_of_set> files_of_set(std::span<const std::filesystem::path> places) {
    namespace fs = std::filesystem;
    std::vector<file_of_set> out;
    for (const fs::path& place : places) {
        std::error_code ec;
        if (!fs::is_directory(place, ec)) {
            out.push_back({place, true});
            continue;
        }
        std::vector<fs::path> found = corpus::midi_files_below(place);
        for (fs::path& f : found) out.push_back({std::move(f), false});
    }
    return out;
}

inline bool has_notes(const score::piece& piece) {
    return std::any_of(piece.tracks.begin(), piece.tracks.end(), [](const score::track& t) { return !t.notes.empty(); });
}

// Adds the pieces of a file, of one of format 2 every pattern; gives back why it cannot.
inline std::string add_file(const std::filesystem::path& path, piece_set& out) {
    const auto read = midi::read_file(path);
    if (!read) return read.error().message();
    const bool patterns = read->file.format == midi::format::patterns;
    const std::size_t pieces = patterns ? read->file.tracks.size() : 1, before = out.pieces.size();
    for (std::size_t i = 0; i < pieces; ++i) {
        const auto piece = midi::to_piece(read->file, i);
        if (!piece) return piece.error().at(path.string()).message();
        if (has_notes(*piece))
            out.pieces.push_back(measure_piece(*piece, path.string() + (patterns ? "#" + std::to_string(i + 1) : "")));
    }
    return out.pieces.size() == before ? path.string() + ": has no notes" : std::string();
}

}  // namespace detail

inline std::vector<token::notechord> notechords_of(const score::piece& piece) {
    std::vector<score::note> notes;
    for (const score::track& t : piece.tracks)
        if (!t.drums()) notes.insert(notes.end(), t.notes.begin(), t.notes.end());
    score::sort_notes(notes);
    return token::encode_notechords(notes, piece.resolution());
}

inline std::span<const piece_measure> piece_measures() {
    using score::piece;
    using tokens = std::span<const score::pitch_set>;
    static constexpr piece_measure all[] = {
        {"pitches used", [](const piece& p, tokens) { return static_cast<double>(analysis::pitches_used(p)); }},
        {"pitch classes used", [](const piece& p, tokens) { return static_cast<double>(analysis::pitch_classes_used(p)); }},
        {"pitch range", [](const piece& p, tokens) { return static_cast<double>(analysis::pitch_range(p)); }},
        {"scale consistency", [](const piece& p, tokens) { return analysis::scale_consistency(p); }},
        {"pitch entropy", [](const piece& p, tokens) { return analysis::pitch_entropy(p); }},
        {"pitch class entropy", [](const piece& p, tokens) { return analysis::pitch_class_entropy(p); }},
        {"polyphony", [](const piece& p, tokens) { return analysis::polyphony(p); }},
        {"polyphony rate", [](const piece& p, tokens) { return analysis::polyphony_rate(p); }},
        {"empty beat rate", [](const piece& p, tokens) { return analysis::empty_beat_rate(p); }},
        {"empty bar rate", [](const piece& p, tokens) { return analysis::empty_bar_rate(p); }},
        {"groove consistency", [](const piece& p, tokens) { return analysis::groove_consistency(p); }},
        {"drum pattern consistency", [](const piece& p, tokens) { return analysis::drum_pattern_consistency(p); }},
        {"key fit of 51 tokens", [](const piece&, tokens t) { return analysis::window_key_fit(t); }},
        {"key changes", [](const piece&, tokens t) { return static_cast<double>(analysis::key_changes(t)); }},
        {"rhythm entropy", [](const piece& p, tokens) { return analysis::rhythm_entropy(p); }},
        {"bars", [](const piece& p, tokens) {
             return static_cast<double>(p.last_end().value) / static_cast<double>(analysis::bar_length(p).value);
         }}};
    return all;
}

inline measured_piece measure_piece(const score::piece& piece, std::string file) {
    measured_piece out;
    out.file = std::move(file);
    const std::vector<token::notechord> tokens = notechords_of(piece);
    std::vector<score::pitch_set> classes;
    for (std::size_t i = 0; i < std::min(tokens.size(), detail::most_key_tokens); ++i) classes.push_back(tokens[i].classes());
    for (const piece_measure& m : piece_measures()) out.values.push_back(m.of(piece, classes));
    out.features = analysis::measure_mgeval(piece);
    out.published = analysis::measure_mgeval(piece, analysis::mgeval_reading::published);
    out.melodies = detail::segments_of(piece);

    const score::key key = analysis::find_key(analysis::pitch_class_time(piece)).key;
    const int home = key.scale == score::mode::ionian ? 0 : 9, up = (home - int{key.tonic.value} + 18) % 12 - 6;
    for (const token::notechord t : tokens) out.tokens.push_back(transposed(t, up).id);
    return out;
}

inline piece_set read_piece_set(std::span<const std::filesystem::path> places, const set_progress& told) {
    piece_set out;
    for (const std::filesystem::path& p : places) out.name += (out.name.empty() ? "" : ", ") + p.string();
    const std::vector<detail::file_of_set> files = detail::files_of_set(places);
    if (files.empty()) raise(error("set", "names no file and no folder"));
    for (std::size_t i = 0; i < files.size(); ++i) {
        const std::string why = detail::add_file(files[i].path, out);
        if (!why.empty() && files[i].named) raise(error(why));
        if (!why.empty()) out.left_out.push_back(why);
        if (told) told(i + 1, files.size());
    }
    if (out.pieces.empty())
        raise(error(out.name,
                    "no file of " + std::to_string(files.size()) + " can be measured; the first: " + out.left_out.front()));
    return out;
}

}  // namespace lofi::inline LOFI_ABI::recipe
