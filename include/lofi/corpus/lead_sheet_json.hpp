#pragma once
// Lead sheets in the JSON of Lofi2Lofi: one sample, and files of one sample a line.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <lofi/core/error.hpp>
#include <lofi/core/file.hpp>
#include <lofi/token/lead_sheet.hpp>

namespace lofi::inline LOFI_ABI::corpus {

/// Reads one sample: {"title", "key" 1-12, "mode" 1-7, "bpm", "energy", "valence", "chords": [degrees], "melodies": [[eight
/// slots] a chord, or nothing]}. Title, key, mode, bpm, energy and valence may be missing; a final chord 8 (END) is taken off with
/// its melody; other fields are passed over. Where two fields have one name, the last holds.
/// errors: throws "key: 13 is not 1 to 12", "melodies, row 3, slot 5: 19 is not 0 to 15", "byte 17: ..." where it is no JSON
[[nodiscard]] score::lead_sheet read_lead_sheet(std::string_view json);
[[nodiscard]] score::lead_sheet lead_sheet_of(const nlohmann::json& sample);
/// Writes one sample on one line, without a line end. Numbers keep every bit.
/// errors: throws those of `token::check`
[[nodiscard]] std::string write_lead_sheet(const score::lead_sheet& sheet);

/// Reads a file of one sample a line. Empty lines are passed over.
/// errors: throws "night.jsonl:12: key: 13 is not 1 to 12"
[[nodiscard]] std::vector<score::lead_sheet> read_lead_sheets(const std::filesystem::path& path);
void write_lead_sheets(const std::filesystem::path& path, std::span<const score::lead_sheet> sheets);

/// Calls `visit(line, number)` for each line that is not empty; what it throws gets "file:number" in front.
template <class Visit>
void for_each_line(const std::filesystem::path& path, Visit&& visit);

// ---------------------------------------------------------------- bodies

namespace detail {
inline constexpr std::size_t most_line_bytes = std::size_t{1} << 20;
inline constexpr std::uintmax_t most_file_bytes = std::uintmax_t{1} << 30;

inline nlohmann::json parse_json(std::string_view text) {
    if (text.size() > most_line_bytes) throw error("line", "is longer than " + std::to_string(most_line_bytes) + " bytes");
    try {
        return nlohmann::json::parse(text);
    } catch (const nlohmann::json::parse_error& e) {
        throw error("byte " + std::to_string(e.byte), "is not JSON: " + std::string(e.what()));
    } catch (const nlohmann::json::exception& e) {
        throw error("JSON", e.what());
    }
}

// A value for an error's text. Arrays and objects are only named: writing them out would recurse as deep as they are nested.
inline std::string shown(const nlohmann::json& value) {
    return value.is_primitive() ? value.dump(-1, ' ', true).substr(0, 40) : value.type_name();
}

// A whole number in a range. 3.0 is one, 3.5, "3" and true are not.
inline int whole_number(const nlohmann::json& value, std::string_view place, int low, int high) {
    const double v = value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
    if (!(v >= low && v <= high) || v != std::floor(v))
        throw error(place, shown(value) + " is not " + std::to_string(low) + " to " + std::to_string(high));
    return static_cast<int>(v);
}

inline double number_or(const nlohmann::json& sample, const char* name, double otherwise) {
    const auto it = sample.find(name);
    if (it == sample.end()) return otherwise;
    if (!it->is_number()) throw error(name, shown(*it) + " is not a number");
    return it->get<double>();
}

inline const nlohmann::json& array_of(const nlohmann::json& value, std::string_view place, std::size_t most) {
    if (!value.is_array()) throw error(place, "is not an array");
    if (value.size() > most)
        throw error(place, std::to_string(value.size()) + " entries are more than " + std::to_string(most));
    return value;
}
}  // namespace detail

inline score::lead_sheet read_lead_sheet(std::string_view json) { return lead_sheet_of(detail::parse_json(json)); }

inline score::lead_sheet lead_sheet_of(const nlohmann::json& sample) {
    if (!sample.is_object()) throw error("sample", "is not a JSON object");
    score::lead_sheet out;
    if (const auto title = sample.find("title"); title != sample.end()) {
        if (!title->is_string()) throw error("title", "is not a text");
        out.title = title->get<std::string>();
    }
    if (sample.contains("key")) out.key.tonic = score::pitch_class(detail::whole_number(sample["key"], "key", 1, 12) - 1);
    if (sample.contains("mode")) out.key.scale = static_cast<score::mode>(detail::whole_number(sample["mode"], "mode", 1, 7));
    out.tempo = bpm(detail::number_or(sample, "bpm", out.tempo.value));
    out.energy = detail::number_or(sample, "energy", out.energy);
    out.valence = detail::number_or(sample, "valence", out.valence);

    if (!sample.contains("chords")) throw error("chords", "is missing");
    const nlohmann::json& chords = detail::array_of(sample["chords"], "chords", token::most_rows + 1);
    std::size_t n = chords.size();
    if (n > 0 && chords[n - 1] == token::end_chord) --n;
    out.rows.resize(n);
    for (std::size_t r = 0; r < n; ++r)
        out.rows[r].chord =
            static_cast<std::uint8_t>(detail::whole_number(chords[r], "chords, row " + std::to_string(r + 1), 0, 7));

    const bool listed = sample.contains("melodies") && !(sample["melodies"].is_array() && sample["melodies"].empty());
    out.has_melody = listed || n == 0;  // without rows nothing tells one from the other
    if (listed) {
        const nlohmann::json& melodies = detail::array_of(sample["melodies"], "melodies", token::most_rows + 1);
        if (melodies.size() != n && melodies.size() != chords.size())
            throw error("melodies", std::to_string(melodies.size()) + " rows for " + std::to_string(n) + " chords");
        for (std::size_t r = 0; r < n; ++r) {
            const std::string row = "melodies, row " + std::to_string(r + 1);
            const nlohmann::json& slots = detail::array_of(melodies[r], row, score::slots_per_row);
            if (slots.size() != score::slots_per_row) throw error(row, std::to_string(slots.size()) + " slots are not 8");
            for (std::size_t s = 0; s < score::slots_per_row; ++s)
                out.rows[r].melody[s] =
                    static_cast<std::uint8_t>(detail::whole_number(slots[s], row + ", slot " + std::to_string(s + 1), 0, 15));
        }
    }
    token::check(out).value();
    return out;
}

inline std::string write_lead_sheet(const score::lead_sheet& sheet) {
    token::check(sheet).value();
    // An ordered object: fields come out as the published samples have them.
    nlohmann::ordered_json sample;
    sample["title"] = sheet.title;
    sample["key"] = token::key_id(sheet.key);
    sample["mode"] = token::mode_id(sheet.key.scale);
    const auto number = [](double v) -> nlohmann::ordered_json {
        if (v == std::floor(v)) return static_cast<std::int64_t>(v);
        return v;
    };
    sample["bpm"] = number(sheet.tempo.value), sample["energy"] = number(sheet.energy),
    sample["valence"] = number(sheet.valence);
    sample["chords"] = nlohmann::ordered_json::array(), sample["melodies"] = nlohmann::ordered_json::array();
    for (const score::lead_row& row : sheet.rows) {
        sample["chords"].push_back(row.chord);
        if (sheet.has_melody) sample["melodies"].push_back(row.melody);
    }
    return sample.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

template <class Visit>
void for_each_line(const std::filesystem::path& path, Visit&& visit) {
    const std::vector<std::byte> bytes = read_file(path, detail::most_file_bytes).value();
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        try {
            visit(line, number);
        } catch (const error& e) {
            throw e.at(path.string() + ":" + std::to_string(number));
        }
    }
}

inline std::vector<score::lead_sheet> read_lead_sheets(const std::filesystem::path& path) {
    std::vector<score::lead_sheet> out;
    for_each_line(path, [&](std::string_view line, std::size_t) { out.push_back(read_lead_sheet(line)); });
    return out;
}

inline void write_lead_sheets(const std::filesystem::path& path, std::span<const score::lead_sheet> sheets) {
    pending_file file(path);
    for (const score::lead_sheet& sheet : sheets) file.write(write_lead_sheet(sheet) + "\n");
    file.commit().value();
}

}  // namespace lofi::inline LOFI_ABI::corpus
