#include "song_json.hpp"

#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include <lofi/core/file.hpp>
#include <lofi/corpus/lead_sheet_json.hpp>

namespace program {
namespace {

constexpr double share_unit = 65536, tempo_unit = 1000, accent_unit = 255;

std::string hex(std::uint64_t v) {
    char text[20];
    std::snprintf(text, sizeof text, "%016" PRIx64, v);
    return text;
}

std::uint64_t from_hex(const std::string& name, const std::string& text) {
    if (text.size() != 16 || text.find_first_not_of("0123456789abcdef") != std::string::npos)
        throw lofi::error(name, "is not 16 hexadecimal digits");
    return std::stoull(text, nullptr, 16);
}

json reach(const lofi::model::reach& r) { return {r.low / share_unit, r.high / share_unit}; }

/// Takes fields out of a JSON object, with their places in errors.
class fields {
public:
    explicit fields(const json& object) : object_(object) {}

    [[nodiscard]] const json& operator()(const char* name) const {
        const auto found = object_.find(name);
        if (found == object_.end()) throw lofi::error(name, "is missing");
        return *found;
    }
    [[nodiscard]] std::string text(const char* name) const {
        const json& v = (*this)(name);
        if (!v.is_string()) throw lofi::error(name, "is not a text");
        return v.get<std::string>();
    }
    [[nodiscard]] double number(const char* name, double low, double high) const {
        const json& v = (*this)(name);
        const double x = v.is_number() ? v.get<double>() : std::nan("");
        if (x >= low && x <= high) return x;
        char range[64];
        std::snprintf(range, sizeof range, " is not a number from %g to %g", low, high);
        throw lofi::error(name, shown(v) + range);
    }
    /// A number that is stored in steps of 1 / unit.
    [[nodiscard]] std::int32_t steps(const char* name, double low, double high, double unit) const {
        return static_cast<std::int32_t>(std::lround(number(name, low, high) * unit));
    }

private:
    static std::string shown(const json& v) { return v.is_primitive() ? v.dump(-1, ' ', true).substr(0, 40) : v.type_name(); }
    const json& object_;
};

}  // namespace

std::string describe(const lofi::song::composition& c, lofi::hertz rate) {
    const lofi::song::settings& s = c.settings;
    std::string sections;
    for (std::size_t i = 0; i < c.sections.size(); ++i) {
        json sheet = json::parse(lofi::corpus::write_lead_sheet(c.sheet(i)));
        sheet["section"] = to_string(c.sections[i].kind);
        sheet["bars"] = c.form[i].bars;
        sheet["material"] = c.form[i].material;
        sheet["variation"] = c.form[i].variation;
        sections += (i == 0 ? "\n  " : ",\n  ") + sheet.dump();
    }
    const json settings = {{"title", c.piece.title},
                           {"music_version", s.music_version},
                           {"weights", hex(s.weights)},
                           {"seed", s.seed},
                           {"mood", s.mood},
                           {"bars", s.bars},
                           {"key", to_string(s.key)},
                           {"bpm", s.tempo / tempo_unit},
                           {"energy", s.energy / share_unit},
                           {"valence", s.valence / share_unit},
                           {"accent", s.accent / accent_unit},
                           {"rate", rate.value},
                           {"notes", hex(c.notes_hash())},
                           {"reachable", {{"energy", reach(c.energy_reach)}, {"valence", reach(c.valence_reach)}}},
                           {"rows", "a row is half a bar: the tempo of the sheets is twice the felt one"}};
    // A section a line: that can be read.
    std::string text = settings.dump(1);
    text.resize(text.size() - 2);  // the line end and the brace
    return text + ",\n \"sections\": [" + sections + "\n ]\n}\n";
}

recipe read_description(const std::filesystem::path& path, std::uint64_t weights) try {
    const std::vector<std::byte> bytes = lofi::read_file(path, std::uintmax_t{1} << 24).value();
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const json j = parse_json(text, path.string());
    if (!j.is_object()) throw lofi::error("JSON", "is not an object with the settings of a track");
    const fields f(j);
    recipe r;
    lofi::song::settings& s = r.settings;
    s.music_version = f.steps("music_version", 0, 1e6, 1);
    if (s.music_version != LOFI_MUSIC_VERSION)
        throw lofi::error("music_version",
                          "is " + std::to_string(s.music_version) + ", and this library makes music of version " +
                              std::to_string(LOFI_MUSIC_VERSION) + ": the same settings would give other notes");
    s.weights = from_hex("weights", f.text("weights"));
    if (s.weights != weights)
        throw lofi::error("weights", hex(s.weights) + " are not those of this library, " + hex(weights) +
                                         ": the same settings would give other notes");
    const json& seed = f("seed");
    if (!seed.is_number_unsigned()) throw lofi::error("seed", "is not a whole number of 64 bits");
    s.seed = seed.get<std::uint64_t>();
    s.mood = std::string(lofi::song::find_mood(f.text("mood")).value().name);
    s.bars = f.steps("bars", 8, 6600, 1);
    s.key = lofi::score::parse_key(f.text("key")).value();
    s.tempo = f.steps("bpm", 50, 110, tempo_unit);
    s.energy = f.steps("energy", 0, 1, share_unit);
    s.valence = f.steps("valence", 0, 1, share_unit);
    s.accent = static_cast<std::uint8_t>(f.steps("accent", 0, 1, accent_unit));
    r.rate = lofi::hertz(f.number("rate", 8000, 192000));
    if (j.contains("notes")) r.notes = from_hex("notes", f.text("notes"));
    return r;
} catch (const lofi::error& e) {
    const std::string place = path.string();
    if (e.message().rfind(place, 0) == 0) throw;
    throw e.at(place);
}

void check_notes(const recipe& r, const lofi::song::composition& c, const std::filesystem::path& path) {
    if (r.notes && c.notes_hash() != *r.notes)
        throw lofi::error(path.string(), "notes: come out as " + hex(c.notes_hash()) + ", not as " + hex(*r.notes) +
                                             ": settings were changed since; without \"notes\" they are rendered as they are");
}

}  // namespace program
