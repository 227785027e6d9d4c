#pragma once
// A corpus of lead-sheet phrases: several files, the songs that the phrases come from, and splits that keep songs whole.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <lofi/corpus/lead_sheet_json.hpp>
#include <lofi/corpus/sha1.hpp>

namespace lofi::inline LOFI_ABI::corpus {

enum class split : std::uint8_t { train, valid, test, hold_out };
[[nodiscard]] constexpr std::string_view to_string(split s) {
    constexpr std::string_view names[] = {"train", "valid", "test", "hold-out"};
    return names[static_cast<std::size_t>(s)];
}

/// What a title names. "ewld/1110-02" is the second phrase of song "ewld/1110"; in `midi_chords` a title is a song.
enum class title_names : std::uint8_t { phrase, song };
/// The song of a title: what comes before its last '-', or all of it where there is none or titles name songs.
[[nodiscard]] std::string song_of(std::string_view title, title_names names = title_names::phrase);

/// The split that a song falls in, wherever it is asked: sha1("lofi-v1:" + song) mod 100 is 0-9 hold-out, 10-16 test,
/// 17-23 valid, else train.
[[nodiscard]] split split_of(std::string_view song);
/// The split in a file's name, "ewld.test.jsonl"; nothing where the name has none.
[[nodiscard]] std::optional<split> split_in_name(const std::filesystem::path& path);

/// A phrase, and where it comes from.
struct phrase {
    score::lead_sheet sheet;
    std::uint32_t song = 0;  ///< index into `lead_sheet_corpus::songs`
    std::uint32_t set = 0;   ///< index into `lead_sheet_corpus::sets`
    corpus::split split = corpus::split::train;
    /// For each row, bit i set where slot i is a new attack; empty where no `.ext.jsonl` stands beside the file. It alone
    /// tells a held note from a repeated one.
    std::vector<std::uint8_t> attacks;
};

/// Phrases of several files.
struct lead_sheet_corpus {
    std::vector<phrase> phrases;
    std::vector<std::string> songs;  ///< in the order in which they were met
    std::vector<std::string> sets;   ///< "ewld", "lieder", ...: what comes before the first '.' of a file's name

    /// The sheets of one split, in order.
    [[nodiscard]] std::vector<score::lead_sheet> sheets(corpus::split which) const;
    [[nodiscard]] std::size_t count(corpus::split which) const;
};

/// How files are read into a corpus.
struct corpus_config {
    /// Sets in which each title is a song of its own.
    std::vector<std::string> song_titles = {"midi_chords"};
};

/// Reads files of lead sheets, a sample a line. A file named NAME.train.jsonl, .valid. or .test. keeps its split; the songs of any
/// other are split by `split_of`. `NAME.ext.jsonl` beside `NAME.jsonl` is read where it is there, and passed over in the list.
/// errors: throws "night.jsonl:12: key: 13 is not 1 to 12"; a twin with other titles, other rows or fewer lines; one song in
/// two splits
[[nodiscard]] lead_sheet_corpus read_lead_sheet_corpus(std::span<const std::filesystem::path> files,
                                                       const corpus_config& config = {});

// ---------------------------------------------------------------- bodies

inline std::string song_of(std::string_view title, title_names names) {
    const std::size_t dash = title.rfind('-');
    return std::string(names == title_names::song || dash == std::string_view::npos ? title : title.substr(0, dash));
}

inline split split_of(std::string_view song) {
    const std::uint32_t place = sha1_modulo("lofi-v1:" + std::string(song), 100);
    return place < 10 ? split::hold_out : place < 17 ? split::test : place < 24 ? split::valid : split::train;
}

inline std::optional<split> split_in_name(const std::filesystem::path& path) {
    const std::string name = path.stem().extension().string();
    for (const split s : {split::train, split::valid, split::test})
        if (name == "." + std::string(to_string(s))) return s;
    return std::nullopt;
}

inline std::vector<score::lead_sheet> lead_sheet_corpus::sheets(corpus::split which) const {
    std::vector<score::lead_sheet> out;
    for (const phrase& p : phrases)
        if (p.split == which) out.push_back(p.sheet);
    return out;
}

inline std::size_t lead_sheet_corpus::count(corpus::split which) const {
    return static_cast<std::size_t>(
        std::count_if(phrases.begin(), phrases.end(), [&](const phrase& p) { return p.split == which; }));
}

namespace detail {
// Puts the attack bits of the twin file into phrases read from the file itself.
inline void read_attacks(const std::filesystem::path& twin, std::span<phrase> phrases) {
    std::size_t next = 0;
    for_each_line(twin, [&](std::string_view line, std::size_t) {
        if (next == phrases.size()) throw error("sample", "has no twin in the file that this one goes with");
        phrase& p = phrases[next++];
        const nlohmann::json extra = parse_json(line);
        if (!extra.is_object() || !extra.contains("title") || extra["title"] != p.sheet.title)
            throw error("title", "is not '" + p.sheet.title + "' as in the file that this one goes with");
        if (!extra.contains("att") || !p.sheet.has_melody) return;
        const nlohmann::json& bits = array_of(extra["att"], "att", token::most_rows);
        if (bits.size() != p.sheet.rows.size())
            throw error("att", std::to_string(bits.size()) + " rows for " + std::to_string(p.sheet.rows.size()) + " chords");
        for (std::size_t r = 0; r < bits.size(); ++r)
            p.attacks.push_back(static_cast<std::uint8_t>(whole_number(bits[r], "att, row " + std::to_string(r + 1), 0, 255)));
    });
    if (next != phrases.size())
        throw error(twin.string(), std::to_string(next) + " samples for " + std::to_string(phrases.size()) + " phrases");
}
}  // namespace detail

inline lead_sheet_corpus read_lead_sheet_corpus(std::span<const std::filesystem::path> files, const corpus_config& config) {
    lead_sheet_corpus out;
    std::vector<split> split_of_song;
    std::unordered_map<std::string, std::uint32_t> index_of_song;
    for (const std::filesystem::path& path : files) {
        const std::string name = path.filename().string(), set = name.substr(0, name.find('.'));
        if (path.stem().extension() == ".ext") continue;
        const std::optional<split> named = split_in_name(path);
        const bool whole = std::find(config.song_titles.begin(), config.song_titles.end(), set) != config.song_titles.end();
        const auto set_at = std::find(out.sets.begin(), out.sets.end(), set);
        const auto set_index = static_cast<std::uint32_t>(set_at - out.sets.begin());
        if (set_at == out.sets.end()) out.sets.push_back(set);
        const std::size_t first = out.phrases.size();
        for_each_line(path, [&](std::string_view line, std::size_t) {
            phrase p;
            p.sheet = read_lead_sheet(line);
            const std::string song = song_of(p.sheet.title, whole ? title_names::song : title_names::phrase);
            p.set = set_index;
            p.split = named ? *named : split_of(song);
            const auto [known, is_new] = index_of_song.try_emplace(song, static_cast<std::uint32_t>(out.songs.size()));
            p.song = known->second;
            if (is_new) out.songs.push_back(song), split_of_song.push_back(p.split);
            if (split_of_song[p.song] != p.split)
                throw error("title", "song '" + song + "' is in " + std::string(to_string(split_of_song[p.song])) + " and in " +
                                         std::string(to_string(p.split)));
            out.phrases.push_back(std::move(p));
        });
        std::filesystem::path twin = path;
        twin.replace_extension(".ext.jsonl");
        if (std::filesystem::exists(twin)) detail::read_attacks(twin, std::span(out.phrases).subspan(first));
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::corpus
