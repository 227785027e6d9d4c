#pragma once
// Melody networks beside n-grams, beside each other and beside what people wrote: the tables of docs/models/music_vae.md; and a guard
// against copies.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/analysis/bootstrap.hpp>
#include <lofi/analysis/melody_measures.hpp>
#include <lofi/analysis/token_measures.hpp>
#include <lofi/analysis/token_ngram.hpp>
#include <lofi/corpus/melody_corpus.hpp>
#include <lofi/model/music_vae_features.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// A melody from the tonic C on, segment after segment.
using melody_piece = std::vector<model::segment>;

/// The melodies of a split as they were written: from each segment that none follows, back to the first.
[[nodiscard]] std::vector<melody_piece> melody_pieces(const corpus::melody_corpus& all, corpus::split which);
/// The notes of a segment.
[[nodiscard]] std::vector<analysis::melody_onset> onsets(const model::segment& s);
/// A melody as numbers that copies are counted in: one for each note, of its pitch above the tonic's C and the sixteenths to the next.
[[nodiscard]] std::vector<std::int32_t> note_numbers(const melody_piece& piece);

/// Says whether a melody copies others.
class melody_guard {
public:
    static constexpr std::size_t longest = 12;  ///< notes on end
    static constexpr double share = .1;         ///< of the notes inside copies of eight
    explicit melody_guard(std::span<const melody_piece> music, int range = 0);
    /// The worst of the transpositions within the range.
    [[nodiscard]] analysis::copy_report find(const melody_piece& piece) const;
    [[nodiscard]] bool passes(const melody_piece& piece) const {
        const analysis::copy_report r = find(piece);
        return r.longest <= longest && r.share <= share;
    }

private:
    analysis::copy_finder finder_;
    int range_;
};

/// Pieces that were made or written, and what is said about them.
struct melody_column {
    std::string name;
    analysis::segment_report segments;
    double in_key = 0;                              ///< share of the notes in the key asked for, or in the best one
    double copied = 0;                              ///< share of the notes inside copies of eight, mean over pieces
    std::size_t longest_copy = 0, over_twelve = 0;  ///< notes; pieces with a longer copy than 12
};
/// params: scales: of each piece; none: its best key
[[nodiscard]] melody_column measure_melodies(std::string name, std::span<const melody_piece> pieces,
                                             std::span<const score::mode> scales, const melody_guard& guard);
[[nodiscard]] std::string melody_table(std::span<const melody_column> columns);

/// What segments cost under n-grams, one a segment, with the segment before it in view or not; the order is chosen on the validation split.
struct segment_ngram {
    std::size_t order = 0;
    std::vector<double> bits;
};
/// params: train, valid, test: segments, and what came before each, empty where nothing did
using segments_with_past = std::vector<std::pair<std::vector<std::int32_t>, std::vector<std::int32_t>>>;
[[nodiscard]] segment_ngram segment_ngram_costs(const segments_with_past& train, const segments_with_past& valid,
                                                const segments_with_past& test, bool past);

/// The key among the 24 that holds most notes, major before minor.
[[nodiscard]] score::key best_key(const melody_piece& piece);

// ---------------------------------------------------------------- bodies

inline std::vector<melody_piece> melody_pieces(const corpus::melody_corpus& all, corpus::split which) {
    std::vector<bool> followed(all.segments.size());
    for (const corpus::melody_segment& s : all.segments)
        if (s.before != corpus::melody_segment::none) followed[s.before] = true;
    std::vector<melody_piece> out;
    for (std::size_t i = 0; i < all.segments.size(); ++i) {
        if (followed[i] || all.segments[i].split != which) continue;
        melody_piece piece;
        for (auto at = static_cast<std::uint32_t>(i); at != corpus::melody_segment::none; at = all.segments[at].before)
            piece.push_back(corpus::from_tonic(all.segments[at]));
        std::reverse(piece.begin(), piece.end());
        out.push_back(std::move(piece));
    }
    return out;
}

inline std::vector<analysis::melody_onset> onsets(const model::segment& s) {
    std::vector<analysis::melody_onset> out;
    for (std::size_t t = 0; t < s.size(); ++t)
        if (s[t] >= token::melody_class::first_note)
            out.push_back({static_cast<int>(t), s[t] - token::melody_class::first_note + token::melody_class::lowest});
    return out;
}

inline std::vector<std::int32_t> note_numbers(const melody_piece& piece) {
    std::vector<std::pair<int, int>> notes;  // step, pitch
    for (std::size_t i = 0; i < piece.size(); ++i)
        for (const analysis::melody_onset& n : onsets(piece[i]))
            notes.emplace_back(static_cast<int>(i * model::segment_steps) + n.step, n.pitch);
    std::vector<std::int32_t> out;
    for (std::size_t i = 0; i < notes.size(); ++i) {
        const int gap = i + 1 < notes.size() ? std::min(notes[i + 1].first - notes[i].first, 32) : 32;
        out.push_back(notes[i].second * 64 + gap);
    }
    return out;
}

inline melody_guard::melody_guard(std::span<const melody_piece> music, int range)
    : finder_([&] {
          std::vector<std::vector<std::int32_t>> numbers;
          for (const melody_piece& p : music) numbers.push_back(note_numbers(p));
          return numbers;
      }()),
      range_(range) {}

inline analysis::copy_report melody_guard::find(const melody_piece& piece) const {
    analysis::copy_report worst;
    const std::vector<std::int32_t> numbers = note_numbers(piece);
    for (int by = -range_; by <= range_; ++by) {
        std::vector<std::int32_t> moved = numbers;
        for (std::int32_t& n : moved) n += 64 * by;
        const analysis::copy_report r = finder_.find(moved);
        const double most = std::max(worst.share, r.share);
        if (r.longest > worst.longest) worst = r;
        worst.share = most;
    }
    return worst;
}

inline score::key best_key(const melody_piece& piece) {
    score::key best{};
    std::size_t most = 0;
    for (int k = 0; k < 24; ++k) {
        const score::key key{score::pitch_class(k % 12), k < 12 ? score::mode::ionian : score::mode::aeolian};
        std::size_t held = 0;
        for (const model::segment& s : piece)
            for (const analysis::melody_onset& n : onsets(s)) held += contains(key, score::pitch_class(n.pitch % 12)) ? 1 : 0;
        if (held > most) most = held, best = key;
    }
    return best;
}

inline melody_column measure_melodies(std::string name, std::span<const melody_piece> pieces,
                                      std::span<const score::mode> scales, const melody_guard& guard) {
    melody_column c;
    c.name = std::move(name);
    std::vector<analysis::melody_segments> as_notes;
    double held = 0, notes = 0;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const score::key key = scales.empty() ? best_key(pieces[i]) : score::key{score::pitch_class(0), scales[i]};
        as_notes.emplace_back();
        for (const model::segment& s : pieces[i]) {
            as_notes.back().push_back(onsets(s));
            for (const analysis::melody_onset& n : as_notes.back().back())
                held += contains(key, score::pitch_class(n.pitch % 12)) ? 1 : 0, notes += 1;
        }
        const analysis::copy_report copies = guard.find(pieces[i]);
        c.copied += copies.share / static_cast<double>(pieces.size());
        c.longest_copy = std::max(c.longest_copy, copies.longest);
        c.over_twelve += copies.longest > melody_guard::longest ? 1 : 0;
    }
    c.segments = analysis::measure_segments(as_notes);
    c.in_key = held / std::max(notes, 1.0);
    return c;
}

inline std::string melody_table(std::span<const melody_column> columns) {
    std::string text = "| | a win |";
    for (const melody_column& c : columns) text.append(" ").append(c.name).append(" |");
    text += "\n| --- | --- |";
    for (std::size_t i = 0; i < columns.size(); ++i) text += " --- |";
    const auto line = [&](const char* name, const char* win, const char* format, auto&& of) {
        text.append("\n| ").append(name).append(" | ").append(win).append(" |");
        for (const melody_column& c : columns) {
            char cell[48];
            std::snprintf(cell, sizeof cell, format, of(c));
            text.append(" ").append(cell).append(" |");
        }
    };
    const auto whole = [](std::size_t n) { return static_cast<double>(n); };
    line("pieces", "", "%.0f", [&](const melody_column& c) { return whole(c.segments.pieces); });
    line("neighbouring segments", "", "%.0f", [&](const melody_column& c) { return whole(c.segments.neighbours); });
    line("neighbours that share a key", ">= .95", "%.3f", [](const melody_column& c) { return c.segments.key_shared; });
    line("change in notes, 90th percentile", "<= the data's", "%.0f",
         [](const melody_column& c) { return c.segments.density_change; });
    line("joints of 7 semitones and fewer", "", "%.3f", [](const melody_column& c) { return c.segments.joints_within; });
    line("joint, semitones, 90th percentile", "<= 7", "%.0f", [](const melody_column& c) { return c.segments.joint; });
    line("notes a segment", "", "%.1f", [](const melody_column& c) { return c.segments.notes; });
    line("rhythm entropy, bits", "", "%.2f", [](const melody_column& c) { return c.segments.rhythm; });
    line("notes in key", "", "%.3f", [](const melody_column& c) { return c.in_key; });
    line("inside copies of 8 notes or more", "<= .10", "%.3f", [](const melody_column& c) { return c.copied; });
    line("longest copy, notes", "<= 12", "%.0f", [&](const melody_column& c) { return whole(c.longest_copy); });
    line("pieces with a longer one than 12", "0", "%.0f", [&](const melody_column& c) { return whole(c.over_twelve); });
    return text + "\n";
}

inline segment_ngram segment_ngram_costs(const segments_with_past& train, const segments_with_past& valid,
                                         const segments_with_past& test, bool past) {
    const auto joined = [&](const auto& s) {
        std::vector<std::int32_t> out;
        if (past) out = s.second;
        out.insert(out.end(), s.first.begin(), s.first.end());
        return out;
    };
    std::vector<std::vector<std::int32_t>> learned;
    for (const auto& s : train) learned.push_back(joined(s));
    const auto costs = [&](const analysis::token_ngram& ngram, const segments_with_past& set) {
        std::vector<double> out;
        for (const auto& s : set) {
            const double before = past && !s.second.empty() ? ngram.measure(s.second).bits : 0;
            out.push_back(ngram.measure(joined(s)).bits - before);
        }
        return out;
    };
    segment_ngram best;
    double least = 1e300;
    for (std::size_t order = 1; order <= 10; ++order) {
        const analysis::token_ngram ngram(learned, model::segment_symbols, order);
        double sum = 0;
        for (const double c : costs(ngram, valid)) sum += c;
        if (sum < least) least = sum, best.order = order;
    }
    best.bits = costs(analysis::token_ngram(learned, model::segment_symbols, best.order), test);
    return best;
}

}  // namespace lofi::inline LOFI_ABI::recipe
