#pragma once
// Texts that belong to music: lyrics under a tune, prompts that ask for a phrase, moods that a progression is tagged with.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <lofi/corpus/lead_sheet_corpus.hpp>

namespace lofi::inline LOFI_ABI::corpus {

enum class text_kind : std::uint8_t { lyrics, prompt, tags };

/// A text, and the phrase that it belongs to. Several texts may belong to one phrase: the verses of a tune.
struct text_of_music {
    std::string text, language;  ///< language as in the file ("en"); empty where it says none
    text_kind kind = text_kind::lyrics;
    corpus::split split = corpus::split::train;
    std::uint32_t phrase = 0;  ///< index into `lyrics_corpus::music.phrases`
};

struct lyrics_corpus {
    lead_sheet_corpus music;  ///< each phrase once, with text or without
    std::vector<text_of_music> texts;
    std::size_t without_music = 0;  ///< texts left out, since their phrase is in none of the files
};

/// Reads files of texts and files of lead sheets, in any order. In a file of texts each line has
/// - "text", "sample" (the title of a phrase) and that phrase's own fields: lyrics;
/// - "text" and "sample" alone: a prompt, whose phrase stands in one of the other files;
/// - "tags", "chords", "mode" and "id": moods of a progression; its text is the tags, joined by ", ".
/// Lines with neither "text" nor "tags" are lead sheets, read as `read_lead_sheet_corpus` reads them. Splits and songs likewise.
/// errors: throws "lyrics.train.jsonl:3: text: is not a text", and those of `read_lead_sheet_corpus`
[[nodiscard]] lyrics_corpus read_lyrics_corpus(std::span<const std::filesystem::path> files, const corpus_config& config = {});
/// Whether the first line of a file is a text, or moods. errors: throws as `read_lyrics_corpus` does
[[nodiscard]] bool holds_texts(const std::filesystem::path& path);

// ---------------------------------------------------------------- bodies

namespace detail {

inline bool tells_of_music(const nlohmann::json& line) {
    return line.is_object() && (line.contains("text") || line.contains("tags"));
}

inline std::string text_field(const nlohmann::json& line, const char* name) {
    if (!line.contains(name)) throw error(name, "is missing");
    if (!line[name].is_string()) throw error(name, "is not a text");
    return line[name].get<std::string>();
}

inline std::string joined_tags(const nlohmann::json& line) {
    std::string out;
    for (const nlohmann::json& tag : array_of(line["tags"], "tags", 100)) {
        if (!tag.is_string()) throw error("tags", shown(tag) + " is not a text");
        out += (out.empty() ? "" : ", ") + tag.get<std::string>();
    }
    return out;
}

}  // namespace detail

inline bool holds_texts(const std::filesystem::path& path) {
    bool first = true, texts = false;
    for_each_line(path, [&](std::string_view line, std::size_t) {
        if (first) texts = detail::tells_of_music(detail::parse_json(line));
        first = false;
    });
    return texts;
}

inline lyrics_corpus read_lyrics_corpus(std::span<const std::filesystem::path> files, const corpus_config& config) {
    std::vector<std::filesystem::path> sheets, texts;
    for (const std::filesystem::path& path : files) {
        if (path.stem().extension() == ".ext") continue;
        (holds_texts(path) ? texts : sheets).push_back(path);
    }
    lyrics_corpus out;
    out.music = read_lead_sheet_corpus(sheets, config);
    std::unordered_map<std::string, std::uint32_t> phrase_of_title, song_of_name;
    for (std::size_t i = 0; i < out.music.phrases.size(); ++i)
        phrase_of_title.try_emplace(out.music.phrases[i].sheet.title, static_cast<std::uint32_t>(i));
    for (std::size_t i = 0; i < out.music.songs.size(); ++i)
        song_of_name.try_emplace(out.music.songs[i], static_cast<std::uint32_t>(i));

    std::vector<split> split_of_known(out.music.songs.size());
    for (const phrase& p : out.music.phrases) split_of_known[p.song] = p.split;

    // The phrase that a line brings with it, or had brought before.
    const auto phrase_of_line = [&](const nlohmann::json& line, const std::string& title, const std::string& song, split s) {
        const auto [found, is_new] = phrase_of_title.try_emplace(title, static_cast<std::uint32_t>(out.music.phrases.size()));
        if (!is_new) return found->second;
        phrase p;
        p.sheet = lead_sheet_of(line);
        p.sheet.title = title;
        p.split = s;
        const std::string set = title.substr(0, title.find('/'));
        const auto set_at = std::find(out.music.sets.begin(), out.music.sets.end(), set);
        p.set = static_cast<std::uint32_t>(set_at - out.music.sets.begin());
        if (set_at == out.music.sets.end()) out.music.sets.push_back(set);
        const auto [known, new_song] = song_of_name.try_emplace(song, static_cast<std::uint32_t>(out.music.songs.size()));
        p.song = known->second;
        if (new_song) {
            out.music.songs.push_back(song);
            split_of_known.push_back(s);
        }
        out.music.phrases.push_back(std::move(p));
        return found->second;
    };
    const auto read_texts = [&](const std::filesystem::path& path, bool prompts) {
        const std::optional<split> named = split_in_name(path);
        for_each_line(path, [&](std::string_view text, std::size_t) {
            const nlohmann::json line = detail::parse_json(text);
            if (!detail::tells_of_music(line)) throw error("text", "is missing");
            text_of_music t;
            const bool tags = line.contains("tags");
            t.kind = tags ? text_kind::tags : line.contains("chords") ? text_kind::lyrics : text_kind::prompt;
            if ((t.kind == text_kind::prompt) != prompts) return;
            t.text = tags ? detail::joined_tags(line) : detail::text_field(line, "text");
            if (line.contains("lang")) t.language = detail::text_field(line, "lang");
            const std::string title = detail::text_field(line, tags ? "id" : "sample");
            const std::string song = song_of(title, tags ? title_names::song : title_names::phrase);
            t.split = named ? *named : split_of(song);
            if (prompts && !phrase_of_title.contains(title)) {
                ++out.without_music;
                return;
            }
            t.phrase = phrase_of_line(line, title, song, t.split);
            if (const split known = split_of_known[out.music.phrases[t.phrase].song]; known != t.split)
                throw error(tags ? "id" : "sample", "song '" + song + "' of '" + title + "' is in " +
                                                        std::string(to_string(known)) + " and in " +
                                                        std::string(to_string(t.split)));
            out.texts.push_back(std::move(t));
        });
    };
    // Prompts last: they may stand before the lyrics that bring their music.
    for (const bool prompts : {false, true})
        for (const std::filesystem::path& path : texts) read_texts(path, prompts);
    return out;
}

}  // namespace lofi::inline LOFI_ABI::corpus
