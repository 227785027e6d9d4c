#pragma once
// Songs as tokens of two hands, from folders of MIDI files.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/analysis/key.hpp>
#include <lofi/core/file.hpp>
#include <lofi/corpus/note_corpus.hpp>
#include <lofi/midi/convert.hpp>
#include <lofi/midi/read.hpp>
#include <lofi/token/hands.hpp>

namespace lofi::inline LOFI_ABI::corpus {

/// A song as tokens of two hands.
struct hands_song {
    std::string name;
    std::uint32_t set = 0;  ///< index into `hands_corpus::sets`
    score::key key{};
    bpm tempo{120.0};
    bool melody = false;  ///< whether the right hand plays
    std::vector<std::int32_t> tokens;
    corpus::split split = corpus::split::train;
};

struct hands_corpus {
    std::vector<hands_song> songs;
    std::vector<std::string> sets;
    std::map<std::string, std::size_t> left_out;  ///< why, and how many files

    [[nodiscard]] std::size_t count(corpus::split which) const {
        return static_cast<std::size_t>(
            std::count_if(songs.begin(), songs.end(), [&](const hands_song& s) { return s.split == which; }));
    }
};

/// Reads MIDI files, and folders of them with what lies below. In a folder, `index.tsv` may say of each file what is known: a line of
/// names (file, set, split, key 1 to 12 or 0, mode 1 to 7 or 0, bpm are used, others passed over), then a line a file. Where it is
/// silent, the set is the folder's name, songs are split by `split_of`, and the key is the file's signature or else found from the notes.
/// Where no split is known and that leaves none to learn from or none to validate on, files are split each by itself, every eighth to validate.
/// Files that are not in 4/4, have no notes or cannot be read are left out and counted. `sets`, where given, names the sets that are wanted.
/// errors: throws where nothing is left, or "index.tsv:7: has 5 fields, not 12"
[[nodiscard]] hands_corpus read_hands_corpus(std::span<const std::filesystem::path> paths,
                                             std::span<const std::string_view> sets = {});

// ---------------------------------------------------------------- bodies

namespace detail {

struct known_song {
    std::filesystem::path path;
    std::string set;
    std::optional<corpus::split> split;
    std::optional<score::key> key;
    std::optional<double> tempo;
};

inline std::vector<std::string_view> fields_of(std::string_view line) {
    std::vector<std::string_view> out;
    while (true) {
        const std::size_t tab = line.find('\t');
        out.push_back(line.substr(0, tab));
        if (tab == line.npos) return out;
        line.remove_prefix(tab + 1);
    }
}

inline std::vector<known_song> read_index(const std::filesystem::path& path) {
    const auto bytes = read_file(path).value();
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    std::vector<known_song> out;
    std::vector<std::string_view> names;
    for (std::size_t row = 1; !text.empty(); ++row) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (line.empty()) continue;
        const auto fields = fields_of(line);
        if (names.empty()) {
            names = fields;
            continue;
        }
        if (fields.size() != names.size())
            raise(error(path.string() + ":" + std::to_string(row),
                        "has " + std::to_string(fields.size()) + " fields, not " + std::to_string(names.size())));
        const auto field = [&](std::string_view name) {
            const auto at = std::find(names.begin(), names.end(), name);
            return at == names.end() ? std::string() : std::string(fields[static_cast<std::size_t>(at - names.begin())]);
        };
        known_song song;
        song.path = path.parent_path() / field("file");
        song.set = field("set");
        if (song.set.empty()) song.set = song.path.parent_path().filename().string();
        for (const corpus::split s : {corpus::split::train, corpus::split::valid, corpus::split::test, corpus::split::hold_out})
            if (field("split") == to_string(s)) song.split = s;
        const int key = std::atoi(field("key").c_str()), mode = std::atoi(field("mode").c_str());
        if (key >= 1 && key <= 12 && mode >= 1 && mode <= 7)
            song.key = score::key{score::pitch_class(key - 1), static_cast<score::mode>(mode)};
        const double tempo = std::atof(field("bpm").c_str());
        if (tempo > 0) song.tempo = tempo;
        out.push_back(std::move(song));
    }
    return out;
}

inline std::vector<known_song> songs_below(const std::filesystem::path& folder) {
    namespace fs = std::filesystem;
    if (fs::exists(folder / "index.tsv")) return read_index(folder / "index.tsv");
    std::vector<known_song> out;
    for (const fs::directory_entry& e : fs::recursive_directory_iterator(folder))
        if (e.is_regular_file() && is_midi_name(e.path()))
            out.push_back({e.path(), e.path().parent_path().filename().string(), {}, {}, {}});
    std::sort(out.begin(), out.end(), [](const known_song& a, const known_song& b) { return a.path < b.path; });
    return out;
}

// One family of files, or a handful, may fall into one split as a whole: nothing could be learned from it.
inline void divide(hands_corpus& all) {
    if (all.songs.size() < 2 || (all.count(split::train) > 0 && all.count(split::valid) > 0)) return;
    for (std::size_t i = 0; i < all.songs.size(); ++i) all.songs[i].split = i % 8 == 1 ? split::valid : split::train;
}

}  // namespace detail

inline hands_corpus read_hands_corpus(std::span<const std::filesystem::path> paths, std::span<const std::string_view> sets) {
    hands_corpus out;
    bool told = false;  // some split
    const auto read = [&](const detail::known_song& known) {
        if (!sets.empty() && std::find(sets.begin(), sets.end(), known.set) == sets.end()) return;
        auto file = midi::read_file(known.path);
        auto piece = file ? midi::to_piece(file->file) : result<score::piece>(file.error());
        if (!piece) {
            ++out.left_out["cannot be read"];
            return;
        }
        hands_song song;
        song.key = known.key             ? *known.key
                   : piece->keys.empty() ? analysis::find_key(analysis::pitch_class_time(*piece)).key
                                         : piece->keys.front().key;
        auto tokens = token::encode_hands(*piece, song.key);
        if (!tokens) {
            const std::string why = tokens.error().what();
            ++out.left_out[why.find("hands play in 4/4") != why.npos ? "not in 4/4" : why];
            return;
        }
        song.tokens = *std::move(tokens);
        song.name = known.set + "/" + known.path.stem().string();
        song.tempo = bpm(known.tempo.value_or(piece->tempo.tempo_at(ticks(0)).value));
        told = told || known.split.has_value();
        song.split = known.split ? *known.split : split_of(song_of(known.path.stem().string()));
        song.melody = std::any_of(song.tokens.begin(), song.tokens.end(),
                                  [](std::int32_t id) { return token::hands_of(id).kind == token::hands_kind::right; });
        const auto at = std::find(out.sets.begin(), out.sets.end(), known.set);
        song.set = static_cast<std::uint32_t>(at - out.sets.begin());
        if (at == out.sets.end()) out.sets.push_back(known.set);
        out.songs.push_back(std::move(song));
    };
    for (const std::filesystem::path& path : paths) {
        if (std::filesystem::is_directory(path))
            for (const detail::known_song& known : detail::songs_below(path)) read(known);
        else
            read({path, path.parent_path().filename().string(), {}, {}, {}});
    }
    if (out.songs.empty())
        raise(error(paths.empty() ? "corpus" : paths.front().string(), "has no MIDI files in 4/4 that can be read"));
    if (!told) detail::divide(out);
    return out;
}

}  // namespace lofi::inline LOFI_ABI::corpus
