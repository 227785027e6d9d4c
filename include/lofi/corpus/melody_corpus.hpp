#pragma once
// Melodies in segments of two bars, with the segment that came before: from tables of windows and from MIDI files.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
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
#include <lofi/corpus/lead_sheet_corpus.hpp>
#include <lofi/midi/convert.hpp>
#include <lofi/midi/read.hpp>
#include <lofi/score/key.hpp>
#include <lofi/token/melody.hpp>

namespace lofi::inline LOFI_ABI::corpus {

/// Two bars of a melody.
struct melody_segment {
    static constexpr std::uint32_t none = UINT32_MAX;
    std::array<std::uint8_t, token::melody_window>
        steps{};                  ///< MusicVAE's classes, as played; note-offs that end nothing are holds
    std::uint32_t song = 0;       ///< index into `melody_corpus::songs`
    std::uint32_t set = 0;        ///< index into `melody_corpus::sets`
    std::uint32_t before = none;  ///< index of the segment that ends where this one begins
    score::key key{};
    corpus::split split = corpus::split::train;
};

struct melody_corpus {
    std::vector<melody_segment> segments;
    std::vector<std::string> songs, sets;

    [[nodiscard]] std::size_t count(corpus::split which) const {
        return static_cast<std::size_t>(
            std::count_if(segments.begin(), segments.end(), [&](const melody_segment& s) { return s.split == which; }));
    }
};

/// The segment moved so that the tonic of its key is C, by a tritone at most; a note that would leave the range stays an octave nearer.
[[nodiscard]] std::array<std::uint8_t, token::melody_window> from_tonic(const melody_segment& s);
/// Classes moved by semitones; notes that would leave the range go by octaves.
[[nodiscard]] std::array<std::uint8_t, token::melody_window> moved(const std::array<std::uint8_t, token::melody_window>& steps,
                                                                   int semitones);

/// Reads tables `SET.SPLIT.tsv` with the columns song, start_beat, key (1 to 12, C is 1), mode (1 to 7), bpm and steps (32 numbers: 0 holds,
/// 1 ends the note, 21 to 108 begins one), and MIDI files in 4/4, whose melodies are found, each in the key that fits it best, split by
/// `split_of` of the file's name.
/// params: voice: whose melodies are wanted of MIDI files
/// errors: throws "ewld.train.tsv:3: step 4: 'x' is not ..."; no melody in any of the files. MIDI files in other metres are left out.
[[nodiscard]] melody_corpus read_melody_corpus(std::span<const std::filesystem::path> files,
                                               token::melody_voice voice = token::melody_voice::lead);

/// Melodies of `segments` segments on end, as played: wherever a split has so many one behind the other.
[[nodiscard]] std::vector<std::vector<std::int32_t>> long_melodies(const melody_corpus& all, corpus::split which,
                                                                   std::size_t segments);

// ---------------------------------------------------------------- bodies

inline std::array<std::uint8_t, token::melody_window> moved(const std::array<std::uint8_t, token::melody_window>& steps,
                                                            int semitones) {
    std::array<std::uint8_t, token::melody_window> out = steps;
    for (std::uint8_t& c : out) c = static_cast<std::uint8_t>(token::transposed_class(c, semitones));
    return out;
}

inline std::array<std::uint8_t, token::melody_window> from_tonic(const melody_segment& s) {
    return moved(s.steps, -token::tonic_above_c(s.key));
}

namespace detail {

struct melody_row {
    std::string_view song;
    double beat = 0;
    score::key key{};
    std::array<std::uint8_t, token::melody_window> steps{};
};

inline melody_row parse_melody_row(std::string_view line) {
    const auto next = [&](char end) {
        const std::size_t at = std::min(line.find(end), line.size());
        const std::string_view out = line.substr(0, at);
        line.remove_prefix(std::min(at + 1, line.size()));
        return out;
    };
    const auto number = [](std::string_view text, const char* what, int low, int high) {
        int value = 0;
        const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (ec != std::errc() || end != text.data() + text.size() || value < low || value > high)
            raise(error(what, "'" + std::string(text.substr(0, 20)) + "' is not a whole number from " + std::to_string(low) +
                                  " to " + std::to_string(high)));
        return value;
    };
    melody_row out;
    out.song = next('\t');
    if (out.song.empty() || line.empty())
        raise(error("line", "has not the six fields song, beat, key, mode, bpm and steps, with tabs between"));
    // A beat may be a fraction; only whether two rows lie two bars apart is asked of it.
    const std::string beat(next('\t'));
    const std::size_t point = beat.find('.');
    out.beat = number(beat.substr(0, point), "start_beat", 0, 1000000);
    if (point != beat.npos) out.beat += number(beat.substr(point + 1, 3), "start_beat", 0, 999) / 1000.0;
    out.key.tonic = score::pitch_class(number(next('\t'), "key", 1, 12) - 1);
    out.key.scale = static_cast<score::mode>(number(next('\t'), "mode", 1, 7));
    next('\t');
    for (std::size_t i = 0; i < out.steps.size(); ++i) {
        if (line.empty()) raise(error("steps", "are " + std::to_string(i) + ", and two bars have 32"));
        const std::string place = "step " + std::to_string(i + 1);
        const int v = number(next(' '), place.c_str(), 0, token::melody_class::highest);
        if (v > 1 && v < token::melody_class::lowest)
            raise(error(place, std::to_string(v) + " is neither 0, 1 nor a pitch from 21 to 108"));
        out.steps[i] =
            static_cast<std::uint8_t>(v <= 1 ? v : v - token::melody_class::lowest + token::melody_class::first_note);
    }
    if (!line.empty()) raise(error("steps", "are more than 32"));
    return out;
}

inline std::uint32_t number_of(std::vector<std::string>& names, std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) return static_cast<std::uint32_t>(found - names.begin());
    names.emplace_back(name);
    return static_cast<std::uint32_t>(names.size() - 1);
}

inline void read_melody_table(const std::filesystem::path& path, melody_corpus& out) {
    const std::string name = path.filename().string();
    const std::uint32_t set = number_of(out.sets, name.substr(0, name.find('.')));
    const auto named = split_in_name(path);
    const auto bytes = read_file(path).value();
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    // Where the windows of a song lie, in thousandths of a beat.
    std::map<std::pair<std::uint32_t, std::int64_t>, std::uint32_t> places;
    const auto first = static_cast<std::uint32_t>(out.segments.size());
    std::vector<std::int64_t> beats;
    for (std::size_t row = 1; !text.empty(); ++row) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (line.empty() || (row == 1 && line.starts_with("song\t"))) continue;
        try {
            const melody_row r = parse_melody_row(line);
            melody_segment s;
            s.steps = r.steps;
            token::drop_stray_offs(std::span<std::uint8_t>(s.steps));
            // Rows of a song stand together.
            s.song = !out.songs.empty() && out.songs.back() == r.song ? static_cast<std::uint32_t>(out.songs.size() - 1)
                                                                      : number_of(out.songs, r.song);
            s.set = set;
            s.key = r.key;
            s.split = named ? *named : split_of(r.song);
            beats.push_back(static_cast<std::int64_t>(r.beat * 1000 + .5));
            places[{s.song, beats.back()}] = static_cast<std::uint32_t>(out.segments.size());
            out.segments.push_back(s);
        } catch (const error& e) {
            throw e.at(path.string() + ":" + std::to_string(row));
        }
    }
    for (std::size_t i = 0; i < beats.size(); ++i) {
        const auto found = places.find({out.segments[first + i].song, beats[i] - 8000});
        if (found != places.end()) out.segments[first + i].before = found->second;
    }
}

inline void read_melody_midi(const std::filesystem::path& path, token::melody_voice voice, melody_corpus& out) {
    auto file = midi::read_file(path);
    if (!file) throw file.error();
    auto piece = midi::to_piece(file->file);
    if (!piece) throw piece.error().at(path.string());
    const auto melodies = token::encode_melodies(*piece, voice);
    if (!melodies) return;
    const score::key key = analysis::find_key(analysis::pitch_class_time(*piece)).key;
    const std::uint32_t set = number_of(out.sets, path.parent_path().filename().string());
    for (const std::vector<std::int32_t>& m : *melodies) {
        const auto windows = token::melody_windows(m);
        if (windows.empty()) continue;
        const std::uint32_t song = number_of(out.songs, path.stem().string());
        for (std::size_t i = 0; i < windows.size(); ++i) {
            melody_segment s;
            std::copy(windows[i].begin(), windows[i].end(), s.steps.begin());
            token::drop_stray_offs(std::span<std::uint8_t>(s.steps));
            s.song = song;
            s.set = set;
            s.key = key;
            s.split = split_of(path.stem().string());
            // Windows lie a bar apart, so the one that ends here came two before.
            if (i >= 2) s.before = static_cast<std::uint32_t>(out.segments.size() - 2);
            out.segments.push_back(s);
        }
    }
}

}  // namespace detail

inline melody_corpus read_melody_corpus(std::span<const std::filesystem::path> files, token::melody_voice voice) {
    melody_corpus out;
    for (const std::filesystem::path& path : files) {
        std::string ending = path.extension().string();
        if (ending == ".tsv")
            detail::read_melody_table(path, out);
        else
            detail::read_melody_midi(path, voice, out);
    }
    if (out.segments.empty())
        raise(error(files.empty() ? "corpus" : files.front().string(), "has no melody of two bars in 4/4"));
    return out;
}

inline std::vector<std::vector<std::int32_t>> long_melodies(const melody_corpus& all, corpus::split which,
                                                            std::size_t segments) {
    std::vector<std::vector<std::int32_t>> out;
    for (const melody_segment& last : all.segments) {
        if (last.split != which) continue;
        std::vector<const melody_segment*> chain = {&last};
        while (chain.size() < segments && chain.back()->before != melody_segment::none)
            chain.push_back(&all.segments[chain.back()->before]);
        if (chain.size() < segments) continue;
        std::vector<std::int32_t> steps;
        for (auto s = chain.rbegin(); s != chain.rend(); ++s) steps.insert(steps.end(), (*s)->steps.begin(), (*s)->steps.end());
        out.push_back(std::move(steps));
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::corpus
