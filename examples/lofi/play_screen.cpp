// What `lofi play` shows.
#include "play_screen.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <vector>

#include <lofi/score/chord_symbol.hpp>
#include <lofi/synth/kit.hpp>

namespace program {
namespace {

using lofi::event_kind;
using lofi::score::part;

constexpr double span_seconds = 9.0;  // of the roll
constexpr double past_share = 0.25;   // of it that has sounded

// Colours of the terminal's 256: a part that is coming, that has sounded, that sounds.
struct colours {
    int coming, gone, now;
};
constexpr std::array<colours, lofi::score::part_count> part_colours = {
    {{67, 24, 153}, {179, 94, 229}, {97, 54, 183}, {245, 239, 255}, {71, 22, 157}}};
constexpr int faint = 236, present = 240, text = 252, soft = 245;

std::string paint(int foreground, int background = -1) {
    std::string s = "\x1b[0;38;5;" + std::to_string(foreground);
    if (background >= 0) s += ";48;5;" + std::to_string(background);
    return s + "m";
}

/// A bar of so many columns, to an eighth of one.
std::string gauge(double share, int columns) {
    constexpr std::array<std::string_view, 8> eighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const int filled = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * 8 * columns));
    std::string s;
    for (int i = 0; i < filled / 8; ++i) s += "█";
    s += eighths[static_cast<std::size_t>(filled % 8)];
    for (int i = (filled + 7) / 8; i < columns; ++i) s += ' ';
    return s;
}

/// A level in decibels on a scale from -48 to 0, as a share of it.
double on_meter(float level) { return level > 0 ? 1 + 20 * std::log10(double{level}) / 48 : 0; }

template <class... Numbers>
std::string format(const char* how, Numbers... numbers) {
    char s[128];
    std::snprintf(s, sizeof s, how, numbers...);
    return s;
}

}  // namespace

/// Pixels, two above one another in a character.
struct play_screen::canvas {
    int columns, rows;
    std::vector<int> colour;  // -1: none

    canvas(int c, int r) : columns(c), rows(r), colour(static_cast<std::size_t>(c * r), -1) {}
    void set(int x, int y, int c) {
        if (x >= 0 && x < columns && y >= 0 && y < rows) colour[static_cast<std::size_t>(y * columns + x)] = c;
    }
    [[nodiscard]] int at(int x, int y) const { return colour[static_cast<std::size_t>(y * columns + x)]; }

    void write(std::string& out) const {
        for (int y = 0; y + 1 < rows; y += 2) {
            int above = -2, below = -2;
            for (int x = 0; x < columns; ++x) {
                if (at(x, y) != above || at(x, y + 1) != below) {
                    above = at(x, y), below = at(x, y + 1);
                    out += above < 0 && below < 0 ? "\x1b[0m" : above < 0 ? paint(below) : paint(above, below);
                }
                out += above < 0 && below < 0 ? " " : above < 0 ? "▄" : "▀";
            }
            out += "\x1b[0m\n";
        }
    }
};

void play_screen::forget(lofi::frames before) {
    // The last of what lasts is kept, however long ago it came.
    const auto kept = [&](const lofi::event& e) {
        if (e.at + e.length >= before) return true;
        if (e.kind == event_kind::note_on) return false;
        return std::none_of(past_.begin(), past_.end(),
                            [&](const lofi::event& o) { return o.kind == e.kind && o.at > e.at && o.at < before; });
    };
    past_.erase(std::remove_if(past_.begin(), past_.end(), [&](const lofi::event& e) { return !kept(e); }), past_.end());
}

void play_screen::listen(lofi::radio& radio) {
    bool look = false;
    for (lofi::event e; radio.poll(e);) {
        switch (e.kind) {
            case event_kind::beat:
                for (auto b = past_.rbegin(); b != past_.rend(); ++b)
                    if (b->kind == event_kind::beat) {
                        if (e.at > b->at) beat_ = static_cast<double>((e.at - b->at).value);
                        break;
                    }
                look = true;
                [[fallthrough]];
            case event_kind::bar:
            case event_kind::section:
            case event_kind::chord:
            case event_kind::note_on: past_.push_back(e); break;
            case event_kind::why: news_ = std::string(to_string(e.what)) + ": " + std::string(to_string(e.why)); break;
            case event_kind::clamped: news_ = std::string(to_string(e.what)) + format(": held to %g", e.value); break;
            case event_kind::changed: look = true; break;
            case event_kind::stopped: news_ = "the last chord"; break;
            default: break;
        }
    }
    if (!look) return;
    forget(radio.position() - lofi::frames(static_cast<std::int64_t>(span_seconds * past_share * rate_.value)));
    std::vector<lofi::event> ahead(1024);
    ahead.resize(radio.peek(4, ahead));
    coming_.assign(ahead.begin(), ahead.end());
}

void play_screen::measure(play_source& source) {
    for (std::size_t m = 0; m < level_.size(); ++m) level_[m] = std::max(source.peak(m), 0.88F * level_[m]);
}

void play_screen::put_notes(canvas& roll, lofi::frames heard, double column) const {
    constexpr int lowest = 33, highest = 91;
    constexpr int drum_rows = 4;
    const int rows = roll.rows - drum_rows, now = static_cast<int>(past_share * roll.columns);
    const auto x_of = [&](lofi::frames f) {
        return now + static_cast<int>(std::floor(static_cast<double>((f - heard).value) / column));
    };

    const lofi::event* beat = nullptr;
    for (const lofi::event& e : past_)
        if (e.kind == event_kind::beat) beat = &e;
    if (beat != nullptr && beat_ > 0)
        for (int b = -16; b < 32; ++b) {
            const int x = x_of(beat->at + lofi::frames(static_cast<std::int64_t>(b * beat_)));
            const bool bar = ((beat->tick / 960 + b) % 4 + 4) % 4 == 0;
            for (int y = 0; y < roll.rows; ++y)
                if (bar) roll.set(x, y, faint);
        }
    for (int y = 0; y < roll.rows; ++y) roll.set(now, y, present);

    const auto put = [&](const lofi::event& e) {
        if (e.kind != event_kind::note_on) return;
        const colours& c = part_colours[static_cast<std::size_t>(e.part)];
        int x = x_of(e.at), end = x_of(e.at + e.length);
        int y = drum_rows > 0 && e.part == part::drums ? rows : 0;
        if (e.part == part::drums) {
            using lofi::score::drum;
            const drum d = lofi::synth::drum_of(e.pitch);
            y += d == drum::kick                                ? 3
                 : d == drum::snare || d == drum::rim           ? 2
                 : d == drum::closed_hat || d == drum::open_hat ? 0
                                                                : 1;
            end = x + 1;
        } else {
            y = (highest - std::clamp<int>(e.pitch.midi, lowest, highest)) * (rows - 1) / (highest - lowest);
        }
        const int colour = end <= now ? c.gone : x > now ? c.coming : c.now;
        for (end = std::max(end, x + 1); x < end; ++x) roll.set(x, y, colour);
    };
    for (const lofi::event& e : past_) put(e);
    for (const lofi::event& e : coming_)
        if (past_.empty() || e.at > past_.back().at) put(e);
}

std::string play_screen::draw(const lofi::radio& radio, lofi::frames heard, int columns, int lines) {
    columns = std::clamp(columns, 40, 400), lines = std::clamp(lines, 14, 200);
    const double column = span_seconds * rate_.value / columns;
    const auto last = [&](event_kind kind) {
        const lofi::event* found = nullptr;
        for (const lofi::event& e : past_)
            if (e.kind == kind && (e.at <= heard || found == nullptr)) found = &e;
        return found;
    };
    const lofi::event *beat = last(event_kind::beat), *section = last(event_kind::section), *chord = last(event_kind::chord);
    const auto value = [&](lofi::parameter p) { return radio.value(p); };

    std::string out;
    // Where we are.
    const auto time = static_cast<int>(static_cast<double>(std::max<std::int64_t>(0, heard.value)) / rate_.value);
    out += paint(text) + " " + title_ + paint(soft);
    if (section != nullptr) out += "   " + to_string(section->key) + "   " + std::string(to_string(section->section));
    if (beat != nullptr) out += format("   bar %d", beat->bar + 1);
    out += format("   %d:%02d", time / 60, time % 60) + format("   %.0f bpm", value(lofi::parameter::tempo));
    if (value(lofi::parameter::pause) > 0.5) out += paint(229) + "   paused";
    out += "\x1b[K\n ";
    for (int b = 0; b < 4; ++b)
        out += (beat != nullptr && beat->tick / 960 == b ? paint(b == 0 ? 229 : 223) + "●" : paint(present) + "○") +
               std::string(" ");
    if (chord != nullptr) out += paint(229) + "  " + to_string(chord->chord, chord->key);
    out += "\x1b[K\n";

    // The chords where they begin, over the roll.
    std::string names(static_cast<std::size_t>(columns), ' ');
    const auto put_name = [&](const lofi::event& e) {
        if (e.kind != event_kind::chord) return;
        const double x = past_share * columns + static_cast<double>((e.at - heard).value) / column;
        const std::string name = to_string(e.chord, e.key);
        if (x < 0 || x + static_cast<double>(name.size()) + 1 >= columns) return;
        const auto at = static_cast<std::size_t>(x);
        if (at > 0 && names[at - 1] != ' ') return;  // no room
        names.replace(at, name.size(), name);
    };
    for (const lofi::event& e : past_) put_name(e);
    for (const lofi::event& e : coming_)
        if (past_.empty() || e.at > past_.back().at) put_name(e);
    out += paint(soft) + names + "\x1b[K\n";

    canvas roll(columns, 2 * (lines - 8));
    put_notes(roll, heard, column);
    roll.write(out);

    // Meters and what can be turned.
    const int width = std::max(8, (columns - 30) / 2);
    out += "\x1b[K\n";
    for (std::size_t side = 0; side < 2; ++side)
        out += paint(soft) + (side == 0 ? " L " : "  R ") + paint(level_[side] > 0.89F ? 209 : 108, faint) +
               gauge(on_meter(level_[side]), width) + "\x1b[0m";
    out += "\x1b[K\n ";
    constexpr std::array<std::string_view, 9> heights = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    for (std::size_t l = 0; l < lofi::synth::layer_count; ++l) {
        const auto height = static_cast<std::size_t>(std::clamp(std::lround(8 * on_meter(2 * level_[2 + l])), 0L, 8L));
        out += paint(soft) + std::string(to_string(static_cast<lofi::synth::layer>(l))) + " " +
               paint(l < part_colours.size() ? part_colours[l].now : text) + std::string(heights[height]) + "  ";
    }
    out += "\x1b[K\n ";
    for (const lofi::parameter p : {lofi::parameter::energy, lofi::parameter::valence, lofi::parameter::rain})
        out += paint(soft) + std::string(to_string(p)) + " " + paint(text, faint) + gauge(value(p), 8) + "\x1b[0m  ";
    out += paint(soft) + format("gain %+.0f dB  ", value(lofi::parameter::gain)) + paint(223) + news_ + "\x1b[K\n" +
           paint(present);
    const std::string_view keys = columns >= 128
                                      ? " up/down energy  left/right valence  r/R rain  +/- gain  m/M mood  n next section  "
                                        "1234 stinger  space pause  s stop  q quit"
                                      : " arrows energy, valence  r/R rain  m mood  n next  1-4 sting  space  s stop  q quit";
    out += std::string(keys.substr(0, static_cast<std::size_t>(columns))) + "\x1b[K\x1b[0m";
    return out;
}

}  // namespace program
