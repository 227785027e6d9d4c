#pragma once
// Songs as note/chord tokens: from files of tokens, a song a line, and from MIDI files.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <lofi/core/file.hpp>
#include <lofi/corpus/lead_sheet_corpus.hpp>
#include <lofi/corpus/midi_files.hpp>
#include <lofi/midi/convert.hpp>
#include <lofi/midi/read.hpp>
#include <lofi/token/notechord.hpp>

namespace lofi::inline LOFI_ABI::corpus {

/// A song as tokens.
struct note_song {
    std::string name;
    std::uint32_t set = 0;  ///< index into `note_corpus::sets`
    score::mode scale = score::mode::ionian;
    int transposition = 0;  ///< semitones that the song was moved by
    std::vector<token::notechord> tokens;
    corpus::split split = corpus::split::train;
};

struct note_corpus {
    std::vector<note_song> songs;
    std::vector<std::string>
        sets;  ///< what comes before the first '.' of a file's name, without "tokens_"; the folder of a MIDI file

    [[nodiscard]] std::size_t count(corpus::split which) const {
        return static_cast<std::size_t>(
            std::count_if(songs.begin(), songs.end(), [&](const note_song& s) { return s.split == which; }));
    }
    [[nodiscard]] std::size_t tokens(corpus::split which) const {
        std::size_t n = 0;
        for (const note_song& s : songs) n += s.split == which ? s.tokens.size() : 0;
        return n;
    }
    /// Every token of the songs, once a time that it comes.
    [[nodiscard]] std::vector<token::notechord> all_tokens() const {
        std::vector<token::notechord> out;
        for (const note_song& s : songs) out.insert(out.end(), s.tokens.begin(), s.tokens.end());
        return out;
    }
};

/// The corpus with songs of the training split left out, evenly, so that about so many tokens are learned from.
[[nodiscard]] note_corpus thinned(note_corpus all, std::size_t tokens);

/// Reads files of tokens (`NAME.train.txt`: name, mode, semitones of transposition and the tokens, with tabs between) and MIDI
/// files (the first track that has notes, as the papers read them). A split in a file's name holds; other songs are split by
/// `split_of` of what comes before the last '-' of the name.
/// errors: throws "tokens_loops.train.txt:3: token 12: ..."; a MIDI file that cannot be read; a file without any tokens
[[nodiscard]] note_corpus read_note_corpus(std::span<const std::filesystem::path> files,
                                           token::chord_rule rule = token::chord_rule::music21_6);

// ---------------------------------------------------------------- bodies

namespace detail {

inline note_song parse_note_song(std::string_view line) {
    std::string_view fields[4];
    for (std::size_t i = 0; i < 4; ++i) {
        const std::size_t tab = i < 3 ? line.find('\t') : line.npos;
        if (i < 3 && tab == line.npos)
            raise(error("line", "has " + std::to_string(i + 1) +
                                    " fields: name, mode, semitones and tokens are four, with tabs between"));
        fields[i] = line.substr(0, tab);
        if (i < 3) line.remove_prefix(tab + 1);
    }
    const auto whole = [](std::string_view text, const char* what, int low, int high) {
        int value = 0, sign = 1;
        std::string_view digits = text;
        if (!digits.empty() && digits.front() == '-') sign = -1, digits.remove_prefix(1);
        for (const char c : digits) value = c >= '0' && c <= '9' && value < 1000 ? 10 * value + (c - '0') : 10000;
        if (digits.empty() || sign * value < low || sign * value > high)
            raise(error(what, "'" + std::string(text.substr(0, 20)) + "' is not a whole number from " + std::to_string(low) +
                                  " to " + std::to_string(high)));
        return sign * value;
    };
    note_song out;
    out.name = std::string(fields[0]);
    const int mode = whole(fields[1], "mode", 0, 7);
    out.scale = mode == 0 ? score::mode::ionian : static_cast<score::mode>(mode);
    out.transposition = whole(fields[2], "semitones", -127, 127);
    auto tokens = token::parse_notechords(fields[3]);
    if (!tokens) throw tokens.error();
    out.tokens = *std::move(tokens);
    return out;
}

inline std::uint32_t set_number(note_corpus& c, const std::string& name) {
    const auto found = std::find(c.sets.begin(), c.sets.end(), name);
    if (found != c.sets.end()) return static_cast<std::uint32_t>(found - c.sets.begin());
    c.sets.push_back(name);
    return static_cast<std::uint32_t>(c.sets.size() - 1);
}

inline void read_token_file(const std::filesystem::path& path, note_corpus& out) {
    std::string set = path.filename().string();
    set = set.substr(0, set.find('.'));
    if (set.starts_with("tokens_")) set = set.substr(7);
    const std::uint32_t number = set_number(out, set);
    const auto named = split_in_name(path);
    const auto bytes = read_file(path).value();
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    for (std::size_t row = 1; !text.empty(); ++row) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (line.empty()) continue;
        try {
            note_song song = parse_note_song(line);
            if (song.tokens.empty()) continue;
            song.set = number;
            song.split = named ? *named : split_of(song_of(song.name));
            out.songs.push_back(std::move(song));
        } catch (const error& e) {
            throw e.at(path.string() + ":" + std::to_string(row));
        }
    }
}

}  // namespace detail

inline note_corpus thinned(note_corpus all, std::size_t tokens) {
    const std::size_t whole = all.tokens(split::train);
    if (whole <= tokens) return all;
    std::size_t seen = 0, kept = 0;
    std::erase_if(all.songs, [&](const note_song& s) {
        if (s.split != split::train) return false;
        seen += s.tokens.size();
        // Kept while what is kept lags behind its share of what was seen.
        if (static_cast<double>(kept) * static_cast<double>(whole) >= static_cast<double>(seen) * static_cast<double>(tokens))
            return true;
        kept += s.tokens.size();
        return false;
    });
    return all;
}

inline note_corpus read_note_corpus(std::span<const std::filesystem::path> files, token::chord_rule rule) {
    note_corpus out;
    for (const std::filesystem::path& path : files) {
        if (!is_midi_name(path)) {
            detail::read_token_file(path, out);
            continue;
        }
        auto file = midi::read_file(path);
        if (!file) throw file.error();
        auto piece = midi::to_piece(file->file);
        if (!piece) throw piece.error().at(path.string());
        auto tokens = token::encode_notechords(*piece, rule);
        if (!tokens) throw tokens.error().at(path.string());
        note_song song;
        song.name = path.stem().string();
        song.set = detail::set_number(out, path.parent_path().filename().string());
        song.split = split_of(song_of(song.name));
        song.tokens = *std::move(tokens);
        out.songs.push_back(std::move(song));
    }
    if (out.songs.empty()) raise(error(files.empty() ? "corpus" : files.front().string(), "has no tokens"));
    return out;
}

}  // namespace lofi::inline LOFI_ABI::corpus
