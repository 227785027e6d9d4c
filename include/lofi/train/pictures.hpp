#pragma once
// Draws a run's history: one picture a metric, training beside validation, as SVG and PNG.
#include <filesystem>
#include <string>
#include <vector>

#include <lofi/plot/curves.hpp>
#include <lofi/train/metrics.hpp>

namespace lofi::inline LOFI_ABI::train {

/// Writes `loss.svg`, `loss.png` and so on, one pair for each metric of the history, into a folder.
/// errors: as `write_file`
void write_pictures(const std::filesystem::path& folder, const std::vector<history_entry>& history,
                    std::uint64_t steps_per_epoch);

// ---------------------------------------------------------------- bodies

inline void write_pictures(const std::filesystem::path& folder, const std::vector<history_entry>& history,
                           std::uint64_t steps_per_epoch) {
    std::vector<std::string> names;
    for (const auto& h : history)
        for (const auto* list : {&h.train, &h.valid})
            for (const auto& m : *list)
                if (std::find(names.begin(), names.end(), m.name) == names.end()) names.push_back(m.name);
    for (const auto& name : names) {
        std::vector<plot::curve> lines{{.name = "training", .x = {}, .y = {}}, {.name = "validation", .x = {}, .y = {}}};
        for (const auto& h : history)
            for (std::size_t i = 0; i < 2; ++i) {
                const double v = value_of(i == 0 ? h.train : h.valid, name);
                if (!std::isfinite(v)) continue;
                lines[i].x.push_back(static_cast<double>(h.step) / static_cast<double>(steps_per_epoch));
                lines[i].y.push_back(v);
            }
        std::erase_if(lines, [](const plot::curve& l) { return l.x.empty(); });
        if (lines.empty()) continue;
        const plot::figure picture = plot::curves(lines, {.title = name, .x = {.label = "epoch"}, .y = {.label = name}});
        std::string file = name;
        for (char& c : file)
            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_')) c = '_';
        plot::write(folder / (file + ".svg"), picture).value();
        plot::write(folder / (file + ".png"), picture).value();
    }
}

}  // namespace lofi::inline LOFI_ABI::train
