// A script for `lofi play`.
#include "play_script.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include <lofi/core/file.hpp>
#include <lofi/song/mood.hpp>

#include "command.hpp"

namespace program {
namespace {

constexpr std::array<std::string_view, 4> boundaries = {"now", "next beat", "next bar", "next section"};
constexpr std::array<std::string_view, 4> stingers = {"chord", "rise", "fall", "bell"};

double number_of(const json& change, const char* name, double low, double high, double otherwise) {
    if (!change.contains(name)) return otherwise;
    const json& j = change.at(name);
    const double v = j.is_number() ? j.get<double>() : NAN;
    if (!(v >= low && v <= high)) {
        char range[64];
        std::snprintf(range, sizeof range, " is not a number from %g to %g", low, high);
        throw lofi::error(name, j.dump() + range);
    }
    return v;
}

template <std::size_t N>
std::size_t named(const json& change, const char* name, const std::array<std::string_view, N>& names) {
    const json& j = change.at(name);
    const auto at = j.is_string() ? std::find(names.begin(), names.end(), j.get<std::string>()) : names.end();
    if (at != names.end()) return static_cast<std::size_t>(at - names.begin());
    std::string all;
    for (const std::string_view n : names) all.append(all.empty() ? "" : ", ").append(n);
    throw lofi::error(name, j.dump() + " is not one of " + all);
}

scripted read_change(const json& j, lofi::hertz rate) {
    if (!j.is_object()) throw lofi::error("JSON", "is not an object");
    for (const auto& field : j.items()) {
        constexpr std::array<std::string_view, 7> fields = {"at", "set", "value", "mood", "stinger", "when", "ramp"};
        if (std::find(fields.begin(), fields.end(), field.key()) == fields.end())
            throw lofi::error(field.key(), "is not known; there are at, set, value, mood, stinger, when, ramp");
    }
    if (!j.contains("at")) throw lofi::error("at", "is missing");
    const double at = number_of(j, "at", 0, 1e6, 0), ramp = number_of(j, "ramp", 0, 600, 0);
    const auto when = static_cast<lofi::at>(j.contains("when") ? named(j, "when", boundaries) : 0);

    lofi::parameter what = lofi::parameter::mood;
    double value = 0;
    if (j.contains("mood")) {
        std::array<std::string_view, lofi::song::moods.size()> names;
        for (std::size_t i = 0; i < names.size(); ++i) names[i] = lofi::song::moods[i].name;
        value = static_cast<double>(named(j, "mood", names));
    } else if (j.contains("stinger")) {
        what = lofi::parameter::stinger, value = static_cast<double>(named(j, "stinger", stingers));
    } else {
        if (!j.contains("set") || !j.at("set").is_string()) throw lofi::error("set", "is missing: name a parameter");
        what = lofi::engine::find_parameter(j.at("set").get<std::string>()).value();
        if (!j.contains("value")) throw lofi::error("value", "is missing");
        value = number_of(j, "value", lofi::engine::info(what).low, lofi::engine::info(what).high, 0);
    }
    return {lofi::frames(std::llround(at * rate.value)), lofi::engine::to_change(what, value, when, lofi::seconds(ramp))};
}

}  // namespace

std::vector<scripted> read_script(const std::filesystem::path& path, lofi::hertz rate) {
    const std::vector<std::byte> bytes = lofi::read_file(path, std::uintmax_t{1} << 24).value();
    const json j = parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
    if (!j.is_array()) throw lofi::error(path.string(), "JSON: is not an array of changes");
    std::vector<scripted> script;
    for (const json& change : j) {
        try {
            script.push_back(read_change(change, rate));
        } catch (const lofi::error& e) {
            throw e.at(path.string() + ": change " + std::to_string(script.size() + 1));
        }
    }
    std::stable_sort(script.begin(), script.end(), [](const scripted& a, const scripted& b) { return a.at < b.at; });
    return script;
}

}  // namespace program
