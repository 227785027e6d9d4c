#pragma once
// The note networks beside n-grams and beside each other: the tables of docs/models/note_lstm.md.
#include <algorithm>
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
#include <lofi/analysis/token_measures.hpp>
#include <lofi/analysis/token_ngram.hpp>
#include <lofi/model/note_lstm_generate.hpp>
#include <lofi/recipe/note_lstm.hpp>
#include <lofi/recipe/piece_set.hpp>
#include <lofi/token/notechord.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// What the tokens of one test set cost under n-grams and under a network, in bits a token.
struct token_price {
    double ngram = 0, network = 0;
    std::size_t order = 0, songs = 0, tokens = 0;  ///< the n-gram's order, chosen on the validation songs
    analysis::paired_difference gain{};            ///< n-gram less network, whole songs drawn
};
/// Finds the order from 1 to 8 that costs least on the validation songs.
[[nodiscard]] std::size_t best_order(std::span<const std::vector<std::int32_t>> train,
                                     std::span<const std::vector<std::int32_t>> valid, std::size_t vocabulary);
/// Compares, song by song. params: costs: of the network, in bits, and over how many tokens, one a song
[[nodiscard]] token_price price_of(const analysis::token_ngram& ngram, std::span<const std::vector<std::int32_t>> songs,
                                   std::span<const analysis::code_length> costs, random_key key);

/// A piece as the token files of corpora have it: whatever starts on one sixteenth, in either hand, is one token.
[[nodiscard]] std::vector<token::notechord> onset_tokens(const score::piece& piece);
/// Moves tokens by semitones.
[[nodiscard]] std::vector<token::notechord> transposed(std::span<const token::notechord> tokens, int semitones);

/// Pieces that were made or played, and what is said about them: means over pieces, the longest copy over all.
struct note_column {
    std::string name;
    std::size_t pieces = 0;
    double tokens = 0, in_key = 0, window_fit = 0, key_changes = 0, rhythm = 0, copied = 0;
    std::size_t longest_copy = 0, over_twelve = 0;  ///< tokens; pieces with a longer copy than 12
};
/// A piece with the key that was asked for, or that it is in.
struct keyed_piece {
    score::piece piece;
    score::key key;
    std::vector<token::notechord> tokens;
};
[[nodiscard]] note_column measure_column(std::string name, std::span<const keyed_piece> pieces,
                                         const analysis::copy_finder& finder);
/// Writes columns as a table in Markdown, with what counts as a win beside them.
[[nodiscard]] std::string note_table(std::span<const note_column> columns);

// ---------------------------------------------------------------- bodies

inline std::size_t best_order(std::span<const std::vector<std::int32_t>> train,
                              std::span<const std::vector<std::int32_t>> valid, std::size_t vocabulary) {
    std::size_t best = 1;
    double least = 1e300;
    for (std::size_t order = 1; order <= 8; ++order) {
        const analysis::token_ngram ngram(train, vocabulary, order);
        analysis::code_length sum;
        for (const std::vector<std::int32_t>& s : valid) sum += ngram.measure(s);
        if (sum.bits < least) least = sum.bits, best = order;
    }
    return best;
}

inline token_price price_of(const analysis::token_ngram& ngram, std::span<const std::vector<std::int32_t>> songs,
                            std::span<const analysis::code_length> costs, random_key key) {
    LOFI_ASSERT(songs.size() == costs.size() && !songs.empty(), "there is a cost for each song");
    token_price out;
    analysis::code_length dear, cheap;
    std::vector<analysis::paired_score> pairs;
    for (std::size_t i = 0; i < songs.size(); ++i) {
        const analysis::code_length a = ngram.measure(songs[i]);
        dear += a, cheap += costs[i];
        pairs.push_back({a.bits, costs[i].bits, static_cast<double>(costs[i].symbols)});
    }
    out.ngram = dear.per_symbol(), out.network = cheap.per_symbol();
    out.songs = songs.size(), out.tokens = cheap.symbols;
    out.gain = analysis::paired_bootstrap(pairs, key);
    return out;
}

inline std::vector<token::notechord> onset_tokens(const score::piece& piece) {
    const std::int64_t quarter = piece.resolution().ticks_per_quarter;
    std::map<std::int64_t, std::set<int>> onsets;
    for (const score::track& t : piece.tracks)
        if (!t.drums())
            for (const score::note& n : t.notes) onsets[(8 * n.start.value + quarter) / (2 * quarter)].insert(n.which.midi);
    std::vector<token::notechord> out;
    for (const auto& [at, pitches] : onsets) {
        if (pitches.size() == 1) {
            out.emplace_back(score::pitch(*pitches.begin()));
            continue;
        }
        score::pitch_set classes;
        for (const int p : pitches) classes.insert(score::pitch(p).name());
        out.emplace_back(classes);
    }
    return out;
}

inline std::vector<token::notechord> transposed(std::span<const token::notechord> tokens, int semitones) {
    std::vector<token::notechord> out;
    for (const token::notechord t : tokens) out.push_back(token::transposed(t, semitones));
    return out;
}

inline note_column measure_column(std::string name, std::span<const keyed_piece> pieces, const analysis::copy_finder& finder) {
    note_column c;
    c.name = std::move(name), c.pieces = pieces.size();
    double rhythms = 0;
    for (const keyed_piece& p : pieces) {
        std::vector<score::pitch_set> classes;
        std::vector<std::int32_t> ids;
        for (const token::notechord t : p.tokens) classes.push_back(t.classes()), ids.push_back(t.id);
        const analysis::copy_report copies = finder.find(ids);
        const double rhythm = analysis::rhythm_entropy(p.piece);
        c.tokens += static_cast<double>(ids.size());
        c.in_key += analysis::in_key(classes, p.key);
        c.window_fit += analysis::window_key_fit(classes);
        c.key_changes += static_cast<double>(analysis::key_changes(classes));
        if (std::isfinite(rhythm)) c.rhythm += rhythm, rhythms += 1;
        c.copied += copies.share;
        c.longest_copy = std::max(c.longest_copy, copies.longest);
        c.over_twelve += copies.longest > 12 ? 1 : 0;
    }
    const auto n = static_cast<double>(std::max<std::size_t>(pieces.size(), 1));
    for (double* v : {&c.tokens, &c.in_key, &c.window_fit, &c.key_changes, &c.copied}) *v /= n;
    c.rhythm = rhythms > 0 ? c.rhythm / rhythms : std::nan("");
    return c;
}

inline std::string note_table(std::span<const note_column> columns) {
    std::string text = "| | a win |";
    for (const note_column& c : columns) text.append(" ").append(c.name).append(" |");
    text += "\n| --- | --- |";
    for (std::size_t i = 0; i < columns.size(); ++i) text += " --- |";
    const auto line = [&](const char* name, const char* win, const char* format, auto&& of) {
        text.append("\n| ").append(name).append(" | ").append(win).append(" |");
        for (const note_column& c : columns) {
            char cell[48];
            std::snprintf(cell, sizeof cell, format, of(c));
            text.append(" ").append(cell).append(" |");
        }
    };
    line("pieces", "", "%.0f", [](const note_column& c) { return static_cast<double>(c.pieces); });
    line("tokens a piece", "", "%.0f", [](const note_column& c) { return c.tokens; });
    line("in the key asked for", ">= .95", "%.3f", [](const note_column& c) { return c.in_key; });
    line("best key, windows of 51", "", "%.3f", [](const note_column& c) { return c.window_fit; });
    line("changes of key a piece", "", "%.2f", [](const note_column& c) { return c.key_changes; });
    line("rhythm entropy, bits", "> 1", "%.2f", [](const note_column& c) { return c.rhythm; });
    line("inside copies of 8 or more", "<= .10", "%.3f", [](const note_column& c) { return c.copied; });
    line("longest copy, tokens", "<= 12", "%.0f", [](const note_column& c) { return static_cast<double>(c.longest_copy); });
    line("pieces with a longer one than 12", "0", "%.0f",
         [](const note_column& c) { return static_cast<double>(c.over_twelve); });
    return text + "\n";
}

}  // namespace lofi::inline LOFI_ABI::recipe
