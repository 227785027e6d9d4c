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

// ---------------------------------------------------------------- bodies

namespace detail {

inline bool tells_of_music(const nlohmann::json& line) {
    return line.is_object() && (line.contains("text") || line.contains("tags"));
}

/// Whether the first line of a file is a text.
inline bool holds_texts(const std::filesystem::path& path) {
    bool first = true, texts = false;
    for_each_line(path, [&](std::string_view line, std::size_t) {
        if (first) texts = tells_of_music(parse_json(line));
        first = false;
    });
    return texts;
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

inline lyrics_corpus read_lyrics_corpus(std::span<const std::filesystem::path> files, const corpus_config& config) {
    std::vector<std::filesystem::path> sheets, texts;
    for (const std::filesystem::path& path : files) {
        if (path.stem().extension() == ".ext") continue;
        (detail::holds_texts(path) ? texts : sheets).push_back(path);
    }
    lyrics_corpus out;
    out.music = read_lead_sheet_corpus(sheets, config);
    std::unordered_map<std::string, std::uint32_t> phrase_of_title, song_of_name;
    for (std::size_t i = 0; i < out.music.phrases.size(); ++i)
        phrase_of_title.try_emplace(out.music.phrases[i].sheet.title, static_cast<std::uint32_t>(i));
    for (std::size_t i = 0; i < out.music.songs.size(); ++i)
        song_of_name.try_emplace(out.music.songs[i], static_cast<std::uint32_t>(i));

    for (const std::filesystem::path& path : texts) {
        const std::optional<split> named = split_in_name(path);
        for_each_line(path, [&](std::string_view text, std::size_t) {
            const nlohmann::json line = detail::parse_json(text);
            if (!detail::tells_of_music(line)) throw error("text", "is missing");
            text_of_music t;
            const bool tags = line.contains("tags");
            t.kind = tags ? text_kind::tags : line.contains("chords") ? text_kind::lyrics : text_kind::prompt;
            t.text = tags ? detail::joined_tags(line) : detail::text_field(line, "text");
            if (line.contains("lang")) t.language = detail::text_field(line, "lang");
            const std::string title = detail::text_field(line, tags ? "id" : "sample");
            const std::string song = song_of(title, tags ? title_names::song : title_names::phrase);
            t.split = named ? *named : split_of(song);
            auto found = phrase_of_title.find(title);
            if (found == phrase_of_title.end()) {
                if (t.kind == text_kind::prompt) {
                    ++out.without_music;
                    return;
                }
                phrase p;
                p.sheet = lead_sheet_of(line);
                p.sheet.title = title;
                p.split = t.split;
                const std::string set = title.substr(0, title.find('/'));
                const auto set_at = std::find(out.music.sets.begin(), out.music.sets.end(), set);
                p.set = static_cast<std::uint32_t>(set_at - out.music.sets.begin());
                if (set_at == out.music.sets.end()) out.music.sets.push_back(set);
                const auto [known, is_new] = song_of_name.try_emplace(song, static_cast<std::uint32_t>(out.music.songs.size()));
                p.song = known->second;
                if (is_new) out.music.songs.push_back(song);
                found = phrase_of_title.try_emplace(title, static_cast<std::uint32_t>(out.music.phrases.size())).first;
                out.music.phrases.push_back(std::move(p));
            }
            t.phrase = found->second;
            if (out.music.phrases[t.phrase].split != t.split)
                throw error(tags ? "id" : "sample", "'" + title + "' is in " +
                                                        std::string(to_string(out.music.phrases[t.phrase].split)) + " and in " +
                                                        std::string(to_string(t.split)));
            out.texts.push_back(std::move(t));
        });
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::corpus
