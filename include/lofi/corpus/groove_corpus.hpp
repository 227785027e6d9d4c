#pragma once
// A corpus of grooves: two-bar windows of drumming as JSON Lines, with splits that keep performances whole.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/corpus/lead_sheet_corpus.hpp>
#include <lofi/score/groove.hpp>

namespace lofi::inline LOFI_ABI::corpus {

/// Two bars that somebody drummed, and what is known about them.
struct groove_window {
    std::string performance;  ///< of which it is a part
    std::int32_t bar = 0;     ///< of the performance, where it begins
    bpm tempo{};
    std::string style;              ///< "funk", "jazz/swing", ...
    bool fill = false;              ///< whether the performance is a fill and not a beat
    std::optional<double> swing{};  ///< where the second eighth of a beat lies within it: .5 straight, .67 a triplet
    score::groove groove{};         ///< by step, then voice, each voice once a step
    std::uint32_t set = 0;          ///< index into `groove_corpus::sets`
    corpus::split split = corpus::split::train;
};

/// Windows of several files.
struct groove_corpus {
    std::vector<groove_window> windows;
    std::vector<std::string> sets;  ///< "lofi_beats", "fills", ...: what comes before the first '.' of a file's name

    [[nodiscard]] std::size_t count(corpus::split which) const;
};

/// Reads one window: {"id", "bar", "bpm", "style", "fill" 0 or 1, "swing", "hits": [[step 0-31, voice 0-8, velocity 1-127, offset -0.5
/// to 0.5], ...]}. Only id, bpm and hits must be there; other fields are passed over; hits may stand in any order.
/// errors: throws "hits, 3, velocity: 0 is not 1 to 127", "hits: the snare hits step 8 twice" and the like
[[nodiscard]] groove_window read_groove_window(std::string_view json);

/// Reads files of windows, one a line. A file named NAME.train.jsonl, .valid. or .test. keeps its split; the performances of any other
/// are split by `split_of`.
/// errors: throws "beats.jsonl:12: bpm: 0 is not 20 to 400"; one performance in two splits
[[nodiscard]] groove_corpus read_groove_corpus(std::span<const std::filesystem::path> files);

// ---------------------------------------------------------------- bodies

inline std::size_t groove_corpus::count(corpus::split which) const {
    return static_cast<std::size_t>(
        std::count_if(windows.begin(), windows.end(), [&](const groove_window& w) { return w.split == which; }));
}

namespace detail {

// A number in a range.
inline double number_in(const nlohmann::json& value, std::string_view place, double low, double high) {
    const double v = value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
    const auto limit = [](double x) {
        return x == std::floor(x) ? std::to_string(static_cast<int>(x)) : nlohmann::json(x).dump();
    };
    if (!(v >= low && v <= high)) throw error(place, shown(value) + " is not " + limit(low) + " to " + limit(high));
    return v;
}

inline score::drum_hit read_hit(const nlohmann::json& hit, const std::string& place) {
    if (array_of(hit, place, 4).size() != 4)
        throw error(place, std::to_string(hit.size()) + " numbers are not step, voice, velocity and offset");
    score::drum_hit out;
    out.step = static_cast<std::uint8_t>(whole_number(hit[0], place + ", step", 0, 31));
    out.voice = static_cast<score::drum>(whole_number(hit[1], place + ", voice", 0, 8));
    out.force = score::velocity(whole_number(hit[2], place + ", velocity", 1, 127));
    out.offset = static_cast<std::int8_t>(std::lround(number_in(hit[3], place + ", offset", -.5, .5) * 128));
    return out;
}

}  // namespace detail

inline groove_window read_groove_window(std::string_view text) {
    const nlohmann::json sample = detail::parse_json(text);
    if (!sample.is_object()) throw error("sample", "is not a JSON object");
    const auto field = [&](const char* name) -> const nlohmann::json& {
        const auto at = sample.find(name);
        if (at == sample.end()) throw error(name, "is missing");
        return *at;
    };
    const auto text_of = [](const nlohmann::json& value, const char* name) {
        if (!value.is_string()) throw error(name, "is not a text");
        return value.get<std::string>();
    };
    groove_window out;
    out.performance = text_of(field("id"), "id");
    if (sample.contains("bar")) out.bar = detail::whole_number(sample["bar"], "bar", 0, 1000000);
    out.tempo = bpm(detail::number_in(field("bpm"), "bpm", 20, 400));
    if (sample.contains("style")) out.style = text_of(sample["style"], "style");
    if (sample.contains("fill")) out.fill = detail::whole_number(sample["fill"], "fill", 0, 1) == 1;
    if (sample.contains("swing") && !sample["swing"].is_null()) out.swing = detail::number_in(sample["swing"], "swing", 0, 1);

    const nlohmann::json& hits = detail::array_of(field("hits"), "hits", 32 * 9);
    for (std::size_t i = 0; i < hits.size(); ++i)
        out.groove.hits.push_back(detail::read_hit(hits[i], "hits, " + std::to_string(i + 1)));
    const auto place = [](const score::drum_hit& h) { return std::pair(h.step, h.voice); };
    std::stable_sort(out.groove.hits.begin(), out.groove.hits.end(),
                     [&](const score::drum_hit& a, const score::drum_hit& b) { return place(a) < place(b); });
    for (std::size_t i = 1; i < out.groove.hits.size(); ++i)
        if (const score::drum_hit& h = out.groove.hits[i]; place(h) == place(out.groove.hits[i - 1]))
            throw error("hits", "the " + std::string(to_string(h.voice)) + " hits step " + std::to_string(h.step) + " twice");
    return out;
}

inline groove_corpus read_groove_corpus(std::span<const std::filesystem::path> files) {
    groove_corpus out;
    std::map<std::string, split> split_of_performance;
    for (const std::filesystem::path& path : files) {
        const std::string name = path.filename().string(), set = name.substr(0, name.find('.'));
        const std::optional<split> named = split_in_name(path);
        const auto set_at = std::find(out.sets.begin(), out.sets.end(), set);
        const auto set_index = static_cast<std::uint32_t>(set_at - out.sets.begin());
        if (set_at == out.sets.end()) out.sets.push_back(set);
        for_each_line(path, [&](std::string_view line, std::size_t) {
            groove_window w = read_groove_window(line);
            w.set = set_index;
            w.split = named ? *named : split_of(w.performance);
            const split known = split_of_performance.try_emplace(w.performance, w.split).first->second;
            if (known != w.split)
                throw error("id", "performance '" + w.performance + "' is in " + std::string(to_string(known)) + " and in " +
                                      std::string(to_string(w.split)));
            out.windows.push_back(std::move(w));
        });
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::corpus
