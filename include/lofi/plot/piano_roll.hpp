#pragma once
// Piano rolls: notes as bars over time and pitch.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/core/units.hpp>
#include <lofi/plot/axes.hpp>

namespace lofi::inline LOFI_ABI::plot {

/// One note as a bar.
struct note_bar {
    beats start{}, length{1};
    int pitch = 60;         ///< MIDI number
    double strength = 1;    ///< from 0, faint, to 1
    std::size_t voice = 0;  ///< chooses the colour
};

/// A section of the music, from a beat to where the next one starts.
struct roll_section {
    beats start{};
    std::string name;
};

struct piano_roll_config {
    std::string title = {};
    std::vector<std::string> voices = {};     ///< names for the legend
    std::vector<roll_section> sections = {};  ///< in order; every other one is tinted
    beats bar{4};                             ///< a stronger line at each
    sheet_size size{900, 440};
};

/// Draws notes over the sections. Pitches with black keys lie on darker rows, every C has its name.
[[nodiscard]] figure piano_roll(std::span<const note_bar> notes, const piano_roll_config& config = {});

// ---------------------------------------------------------------- bodies

inline figure piano_roll(std::span<const note_bar> notes, const piano_roll_config& config) {
    double end = 0;
    int low = 127, high = 0;
    const auto shown = [](const note_bar& n) {
        return std::isfinite(n.start.value) && std::isfinite(n.length.value) && n.length.value > 0 && n.pitch >= 0 &&
               n.pitch <= 127;
    };
    for (const note_bar& n : notes) {
        if (!shown(n)) continue;
        end = std::max(end, (n.start + n.length).value);
        low = std::min(low, n.pitch);
        high = std::max(high, n.pitch);
    }
    if (low > high) low = 60, high = 71;
    // Room above and below, and an octave at least.
    const int middle = (low + high) / 2;
    low = std::max(0, std::min(low - 2, middle - 6));
    high = std::min(127, std::max(high + (config.sections.empty() ? 2 : 5), middle + 6));  // names of sections stand on top
    const double bar = config.bar.value > 0 ? config.bar.value : 4;
    end = std::max(bar, std::ceil(end / bar - 1e-9) * bar);

    const axis x_axis{.label = "bar", .low = 0.0, .high = end}, y_axis{.label = {}, .low = low - 0.5, .high = high + 0.5};
    panel p(config.title, x_axis, y_axis, range(0, end, x_axis), range(low, high, y_axis), config.size, 22,
            config.voices.empty() ? 0 : 1);
    std::vector<tick> octaves, bars;
    const double row = p.y(0) - p.y(1);
    for (int pitch = low; pitch <= high; ++pitch) {
        constexpr std::size_t black_keys = 0b010101001010;  // C# D# F# G# A#, C in the lowest bit
        const int step = pitch % 12;
        const double y = p.y(pitch + 0.5);
        if ((black_keys >> step & 1U) != 0) p.sheet.marks.emplace_back(box{p.left, y, p.right - p.left, row, row_gray});
        if (step == 0) {
            octaves.push_back({static_cast<double>(pitch), "C" + std::to_string(pitch / 12 - 1)});
            p.sheet.marks.emplace_back(polyline{{{p.left, y + row}, {p.right, y + row}}, grid_gray, 1});
        }
    }
    const auto bar_count = static_cast<std::size_t>(std::min(end / bar, 1e6));
    std::size_t every = 1;
    while (bar_count / every > 24) every *= 2;
    const double beat_width = p.x(1) - p.x(0);
    if (beat_width > 6)
        for (double at = 0; at < end; ++at)
            p.sheet.marks.emplace_back(polyline{{{p.x(at), p.top}, {p.x(at), p.bottom}}, grid_gray, 0.5});
    for (std::size_t i = 0; i < bar_count; i += every) {
        const double at = static_cast<double>(i) * bar;
        p.sheet.marks.emplace_back(polyline{{{p.x(at), p.top}, {p.x(at), p.bottom}}, color{198, 203, 212}, 1});
        bars.push_back({at, std::to_string(i + 1)});
    }
    for (std::size_t i = 0; i < config.sections.size(); ++i) {
        const double until = i + 1 < config.sections.size() ? config.sections[i + 1].start.value : end;
        const double from = p.x(std::clamp(config.sections[i].start.value, 0.0, end)), to = p.x(std::clamp(until, 0.0, end));
        if (!(from < to)) continue;
        if (i % 2 != 0) p.sheet.marks.emplace_back(box{from, p.top, to - from, p.bottom - p.top, line_color(i).faded(16)});
        if (text_width(config.sections[i].name, 11) < to - from - 8)
            p.sheet.marks.emplace_back(label{from + 4, p.top + 13, config.sections[i].name, 11, soft_ink});
    }
    for (const note_bar& n : notes) {
        if (!shown(n) || n.start.value + n.length.value <= 0) continue;
        const double from = p.x(std::max(0.0, n.start.value)), to = p.x((n.start + n.length).value);
        const double strength = std::isfinite(n.strength) ? std::clamp(n.strength, 0.0, 1.0) : 1;
        const color c = line_color(n.voice);
        p.sheet.marks.emplace_back(box{from, p.y(n.pitch + 0.5) + row * 0.08, std::max(1.0, to - from - 0.8), row * 0.84,
                                       c.faded(static_cast<std::uint8_t>(90 + std::lround(165 * strength)))});
        p.sheet.marks.emplace_back(box{from, p.y(n.pitch + 0.5) + row * 0.08, std::min(2.0, std::max(1.0, to - from - 0.8)),
                                       row * 0.84, c});  // where it begins
    }
    p.frame(bars, octaves);
    std::vector<std::pair<std::string, color>> names;
    for (std::size_t i = 0; i < config.voices.size(); ++i) names.emplace_back(config.voices[i], line_color(i));
    p.legend(names);
    return p.sheet;
}

}  // namespace lofi::inline LOFI_ABI::plot
