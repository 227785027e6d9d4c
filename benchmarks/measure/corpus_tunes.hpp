#pragma once
// Tunes out of folders of MIDI files with an index: songs with keys, and drummers.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <lofi/core/file.hpp>
#include <lofi/midi/convert.hpp>
#include <lofi/midi/read.hpp>

#include "tune.hpp"

namespace measure {

/// A row of an `index.tsv`, by the names in its first line.
using index_row = std::map<std::string, std::string>;
[[nodiscard]] std::vector<index_row> read_index(const std::filesystem::path& file);

/// Reads so many songs of a set (`pop909`, `ewld`, `loops`, ...) of a folder with `index.tsv`, evenly spread over those in 4/4 and one
/// key. A track named MELODY or VOICE is the melody, every other one keys.
/// errors: throws lofi::error
[[nodiscard]] std::vector<tune> read_songs(const std::filesystem::path& folder, std::string_view set, std::size_t count);
/// Reads so many drummers' takes in 4/4, the longest of those that the index calls fit for lo-fi.
[[nodiscard]] std::vector<tune> read_drummers(const std::filesystem::path& folder, std::size_t count);

// ---------------------------------------------------------------- bodies

namespace detail {

/// The nine voices of the drummers' kit by the keys of General MIDI and of an electronic kit; what is neither stays what it is.
inline std::uint8_t drum_key(std::uint8_t key) {
    constexpr std::array<std::array<std::uint8_t, 2>, 15> same = {{{35, 36},
                                                                   {40, 38},
                                                                   {44, 42},
                                                                   {22, 42},
                                                                   {26, 46},
                                                                   {58, 43},
                                                                   {43, 45},
                                                                   {41, 45},
                                                                   {48, 50},
                                                                   {55, 49},
                                                                   {57, 49},
                                                                   {52, 49},
                                                                   {59, 51},
                                                                   {53, 51},
                                                                   {37, 38}}};
    for (const auto& [from, to] : same)
        if (key == from) return to == 43 ? 45 : to;
    return key;
}

inline tune tune_of(const std::filesystem::path& path, lofi::score::key key, bool drums) {
    const auto piece = lofi::midi::to_piece(lofi::midi::read_file(path).value().file).value();
    const double sixteenth = piece.resolution().ticks_per_quarter / 4.0;
    tune t;
    t.keys = {{0, key}};
    for (const auto& track : piece.tracks) {
        const auto part = drums                                             ? lofi::score::part::drums
                          : track.name == "MELODY" || track.name == "VOICE" ? lofi::score::part::melody
                                                                            : lofi::score::part::keys;
        for (const auto& n : track.notes) {
            const auto step = static_cast<std::int32_t>(std::lround(static_cast<double>(n.start.value) / sixteenth));
            t.notes.push_back({step, static_cast<float>(static_cast<double>(n.length.value) / sixteenth), part,
                               drums ? drum_key(n.which.midi) : n.which.midi});
            t.bars = std::max(t.bars, step / 16 + 1);
        }
    }
    return t;
}

}  // namespace detail

inline std::vector<index_row> read_index(const std::filesystem::path& file) {
    const auto bytes = lofi::read_file(file).value();
    std::istringstream text(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    std::vector<index_row> rows;
    std::vector<std::string> names;
    for (std::string line; std::getline(text, line);) {
        std::vector<std::string> cells;
        std::istringstream cut(line);
        for (std::string cell; std::getline(cut, cell, '\t');) cells.push_back(cell);
        if (names.empty()) {
            names = cells;
            continue;
        }
        index_row row;
        for (std::size_t i = 0; i < std::min(cells.size(), names.size()); ++i) row[names[i]] = cells[i];
        rows.push_back(std::move(row));
    }
    return rows;
}

inline std::vector<tune> read_songs(const std::filesystem::path& folder, std::string_view set, std::size_t count) {
    std::vector<index_row> rows = read_index(folder / "index.tsv");
    std::erase_if(rows, [&](index_row& r) {
        return r["set"] != set || r["metre"] != "4/4" || r["key_segments"] != "1" || r["key"] == "0";
    });
    std::vector<tune> tunes;
    const std::size_t n = std::min(count, rows.size());
    for (std::size_t i = 0; i < n; ++i) {
        index_row& r = rows[i * rows.size() / n];
        const lofi::score::key key{lofi::score::pitch_class(std::stoi(r["key"]) - 1),
                                   static_cast<lofi::score::mode>(std::stoi(r["mode"]))};
        tunes.push_back(detail::tune_of(folder / r["file"], key, false));
    }
    return tunes;
}

inline std::vector<tune> read_drummers(const std::filesystem::path& folder, std::size_t count) {
    std::vector<index_row> rows = read_index(folder / "index.tsv");
    std::erase_if(rows, [](index_row& r) { return r["lofi"] != "1" || r["metre"] != "4-4" || r["beat_type"] != "beat"; });
    std::stable_sort(rows.begin(), rows.end(), [](const index_row& a, const index_row& b) {
        return std::stod(a.at("seconds")) > std::stod(b.at("seconds"));
    });
    std::vector<tune> tunes;
    for (std::size_t i = 0; i < std::min(count, rows.size()); ++i)
        tunes.push_back(detail::tune_of(folder / "midi" / rows[i]["file"], {}, true));
    return tunes;
}

}  // namespace measure
