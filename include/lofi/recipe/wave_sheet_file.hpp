#pragma once
// What sound is to follow, out of files: a track's description as `lofi render` writes it, or lead sheets one a line.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <lofi/core/file.hpp>
#include <lofi/corpus/lead_sheet_json.hpp>
#include <lofi/model/wave_sheet.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// Reads a sheet. In a description every section has its lead sheet, whose rows are half bars; a lead sheet alone has a row a bar.
/// errors: throws what is wrong at which place of the file; no chord at all
[[nodiscard]] model::wave_sheet read_wave_sheet(const std::filesystem::path& path);

// ---------------------------------------------------------------- bodies

inline model::wave_sheet read_wave_sheet(const std::filesystem::path& path) {
    const auto bytes = read_file(path, std::uintmax_t{1} << 24).value();
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    model::wave_sheet out;
    const auto add = [&](const score::lead_sheet& s, std::size_t rows) {
        for (std::size_t i = 0; i < rows && !s.rows.empty(); ++i)
            out.chords.push_back({s.key, s.rows[i % s.rows.size()].chord, std::clamp(s.energy, 0.0, 1.0)});
    };
    const auto whole = nlohmann::json::parse(text, nullptr, false);
    if (whole.is_object() && whole.contains("sections")) {
        const auto& sections = whole["sections"];
        if (!sections.is_array() || sections.empty()) raise(error(path.string(), "sections: is not a list of lead sheets"));
        for (std::size_t i = 0; i < sections.size(); ++i) {
            try {
                const score::lead_sheet s = corpus::read_lead_sheet(sections[i].dump());
                const auto bars = sections[i].find("bars");
                const bool told = bars != sections[i].end() && bars->is_number_integer();
                const auto many = told ? bars->template get<std::int64_t>() : static_cast<std::int64_t>(s.rows.size() / 2);
                if (many < 1 || many > 4096) raise(error("bars", bars->dump() + " is not a number from 1 to 4096"));
                if (i == 0) out.tempo = bpm(s.tempo.value / 2);
                add(s, static_cast<std::size_t>(2 * many));
            } catch (const error& e) {
                throw e.at(path.string() + ": section " + std::to_string(i + 1));
            }
        }
        out.beats_a_chord = 2;
    } else {
        const auto sheets = corpus::read_lead_sheets(path);
        for (const score::lead_sheet& s : sheets) add(s, s.rows.size());
        if (!sheets.empty()) out.tempo = sheets[0].tempo;
    }
    if (std::none_of(out.chords.begin(), out.chords.end(), [](const auto& c) { return c.degree > 0; }))
        raise(error(path.string(), "has no chord for sound to follow"));
    return out;
}

}  // namespace lofi::inline LOFI_ABI::recipe
