#pragma once
// Grooves as tokens: grids of two bars, and in them each hit with its place, voice, force and micro-timing.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <lofi/core/error.hpp>
#include <lofi/score/groove.hpp>
#include <lofi/score/piece.hpp>
#include <lofi/token/drums.hpp>
#include <lofi/token/grammar.hpp>

namespace lofi::inline LOFI_ABI::token {

/// The sixteen classes of a velocity, eight values each, and of an offset, 1/16 of a step each; and what a class stands for, its middle.
inline constexpr std::size_t touch_classes = 16;
[[nodiscard]] constexpr std::uint8_t velocity_class(score::velocity v) {
    return static_cast<std::uint8_t>(std::min(v.value >> 3, 15));
}
[[nodiscard]] constexpr std::uint8_t offset_class(std::int8_t offset) {
    return static_cast<std::uint8_t>(std::clamp(offset + 64, 0, 127) >> 3);
}
[[nodiscard]] constexpr score::velocity velocity_of(int force_class) { return score::velocity(8 * force_class + 4); }
[[nodiscard]] constexpr std::int8_t offset_of(int offset_class) { return static_cast<std::int8_t>(8 * offset_class + 4 - 64); }

inline constexpr std::size_t groove_grid_steps = 32;

/// First ids of the kinds, and how many ids there are. `grid` opens two bars; a step at which something is struck is named once, steps
/// rising; then come its voices, rising, each with its force and its offset. `end` is behind the last grid.
namespace groove_id {
inline constexpr int end = 0, grid = 1, step = 2, voice = step + 32, force = voice + 9, offset = force + 16;
inline constexpr std::size_t count = offset + 16;
}  // namespace groove_id

/// "grid", "step12", "snare", "force9", "offset8", "end"; voices with '_' between words.
[[nodiscard]] std::string spell_groove(std::int32_t id);

/// What may follow what. Every sequence that keeps to it up to `end` is the tokens of just one list of grooves.
class groove_grammar {
public:
    /// realtime: yes
    [[nodiscard]] constexpr bool allows(std::int32_t id) const noexcept;
    constexpr void push(std::int32_t id) noexcept;
    [[nodiscard]] constexpr bool done() const noexcept { return last_ == groove_id::end; }
    [[nodiscard]] constexpr int step() const noexcept { return step_; }    ///< of the grid, -1 before the first
    [[nodiscard]] constexpr int voice() const noexcept { return voice_; }  ///< of the step, -1 before the first

private:
    int last_ = -1, step_ = -1, voice_ = -1;  // last_: first id of a kind
};

/// Turns grooves into ids.
/// errors: "groove 2, hit 3: shaker is none of the nine voices", hits twice, steps beyond 31
[[nodiscard]] result<std::vector<std::int32_t>> encode_grooves(std::span<const score::groove> grooves);
/// Turns ids into grooves; the end may be missing. `decode` of `encode` is the grooves with each touch at the middle of its class, `encode`
/// of `decode` is the ids.
/// errors: "token 7: force3 may not follow step4"
[[nodiscard]] result<std::vector<score::groove>> decode_grooves(std::span<const std::int32_t> ids);

/// Reads the drum tracks of a piece as grids of two bars from its start on: each note at the nearest sixteenth, halves up, as the class
/// that `drum_class` has for its key. Of several hits of a voice on a step the loudest stays, of equals the first.
/// errors: a metre other than 4/4, no drums, more than 5,000 grids
[[nodiscard]] result<std::vector<score::groove>> find_grooves(const score::piece& piece);
/// Plays grooves one after the other, each hit a sixteenth long. What comes ahead of the very first step starts with the piece.
[[nodiscard]] score::piece play_grooves(std::span<const score::groove> grooves, bpm tempo = bpm(120));

// ---------------------------------------------------------------- bodies

inline std::string spell_groove(std::int32_t id) {
    LOFI_ASSERT(id >= 0 && id < static_cast<std::int32_t>(groove_id::count), "an id of grooves is below their count");
    if (id == groove_id::end) return "end";
    if (id == groove_id::grid) return "grid";
    if (id < groove_id::voice) return "step" + std::to_string(id - groove_id::step);
    if (id >= groove_id::offset) return "offset" + std::to_string(id - groove_id::offset);
    if (id >= groove_id::force) return "force" + std::to_string(id - groove_id::force);
    std::string name(to_string(static_cast<score::drum>(id - groove_id::voice)));
    std::replace(name.begin(), name.end(), ' ', '_');
    return name;
}

constexpr bool groove_grammar::allows(std::int32_t id) const noexcept {
    if (done() || id < 0 || id >= static_cast<std::int32_t>(groove_id::count)) return false;
    const bool between = last_ == groove_id::grid || last_ == groove_id::offset;  // a hit is whole, or none has begun
    if (id == groove_id::end) return between;
    if (id == groove_id::grid) return between || last_ < 0;
    if (id < groove_id::voice) return between && id - groove_id::step > step_;
    if (id < groove_id::force)
        return last_ == groove_id::step || (last_ == groove_id::offset && id - groove_id::voice > voice_);
    return id < groove_id::offset ? last_ == groove_id::voice : last_ == groove_id::force;
}

constexpr void groove_grammar::push(std::int32_t id) noexcept {
    LOFI_ASSERT(allows(id), "only what the grammar allows may come next");
    if (id <= groove_id::grid) {
        last_ = id, step_ = -1, voice_ = -1;
    } else if (id < groove_id::voice) {
        last_ = groove_id::step, step_ = id - groove_id::step, voice_ = -1;
    } else if (id < groove_id::force) {
        last_ = groove_id::voice, voice_ = id - groove_id::voice;
    } else {
        last_ = id < groove_id::offset ? groove_id::force : groove_id::offset;
    }
}

inline result<std::vector<std::int32_t>> encode_grooves(std::span<const score::groove> grooves) {
    std::vector<std::int32_t> out;
    for (std::size_t g = 0; g < grooves.size(); ++g) {
        std::vector<score::drum_hit> hits = grooves[g].hits;
        std::stable_sort(hits.begin(), hits.end(), [](const score::drum_hit& a, const score::drum_hit& b) {
            return a.step != b.step ? a.step < b.step : a.voice < b.voice;
        });
        out.push_back(groove_id::grid);
        for (std::size_t i = 0; i < hits.size(); ++i) {
            const score::drum_hit& h = hits[i];
            const auto voice = static_cast<std::size_t>(h.voice);
            const std::string here = "groove " + std::to_string(g + 1) + ", hit " + std::to_string(i + 1);
            if (voice >= drum_classes) return error(here, std::string(to_string(h.voice)) + " is none of the nine voices");
            if (h.step >= groove_grid_steps) return error(here, "step " + std::to_string(h.step) + " is not 0 to 31");
            const bool same_step = i > 0 && hits[i - 1].step == h.step;
            if (same_step && hits[i - 1].voice == h.voice)
                return error(here, std::string(to_string(h.voice)) + " hits step " + std::to_string(h.step) + " twice");
            if (!same_step) out.push_back(groove_id::step + h.step);
            out.push_back(groove_id::voice + static_cast<std::int32_t>(voice));
            out.push_back(groove_id::force + velocity_class(h.force));
            out.push_back(groove_id::offset + offset_class(h.offset));
        }
    }
    out.push_back(groove_id::end);
    return out;
}

inline result<std::vector<score::groove>> decode_grooves(std::span<const std::int32_t> ids) {
    std::vector<score::groove> out;
    groove_grammar grammar;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto name = [](std::int32_t id) {
            return id >= 0 && id < static_cast<std::int32_t>(groove_id::count) ? spell_groove(id) : std::to_string(id);
        };
        if (!grammar.allows(ids[i]))
            return error("token " + std::to_string(i + 1),
                         name(ids[i]) +
                             (i == 0 ? std::string(" is no beginning: that is grid") : " may not follow " + name(ids[i - 1])));
        grammar.push(ids[i]);
        if (ids[i] == groove_id::grid) out.emplace_back();
        if (ids[i] < groove_id::voice) continue;
        std::vector<score::drum_hit>& hits = out.back().hits;
        if (ids[i] < groove_id::force)
            hits.push_back({static_cast<std::uint8_t>(grammar.step()), static_cast<score::drum>(grammar.voice()), {}, 0});
        else if (ids[i] < groove_id::offset)
            hits.back().force = velocity_of(ids[i] - groove_id::force);
        else
            hits.back().offset = offset_of(ids[i] - groove_id::offset);
    }
    return out;
}

inline result<std::vector<score::groove>> find_grooves(const score::piece& piece) {
    if (auto fine = detail::in_common_time(piece); !fine) return fine.error();
    const std::int64_t quarter = piece.resolution().ticks_per_quarter;
    std::vector<score::groove> out;
    for (const score::track& t : piece.tracks) {
        if (!t.drums()) continue;
        for (const score::note& n : t.notes) {
            const int c = drum_class(n.which.midi);
            if (c < 0 || n.start < ticks(0)) continue;
            const std::int64_t at = (8 * n.start.value + quarter) / (2 * quarter);
            const auto grid = static_cast<std::size_t>(at) / groove_grid_steps;
            if (grid >= 5000) return error("tick " + std::to_string(n.start.value), "lies beyond 5000 grids of two bars");
            if (grid >= out.size()) out.resize(grid + 1);
            // In 1/128 of a step, halves up.
            const std::int64_t off = 4 * n.start.value - at * quarter;
            const std::int64_t parts = (256 * off + 64 * 2 * quarter + quarter) / (2 * quarter) - 64;
            const score::drum_hit hit{static_cast<std::uint8_t>(static_cast<std::size_t>(at) % groove_grid_steps),
                                      static_cast<score::drum>(c), n.force, static_cast<std::int8_t>(parts)};
            std::vector<score::drum_hit>& hits = out[grid].hits;
            const auto before = [](const score::drum_hit& a, const score::drum_hit& b) {
                return a.step != b.step ? a.step < b.step : a.voice < b.voice;
            };
            const auto place = std::lower_bound(hits.begin(), hits.end(), hit, before);
            if (place == hits.end() || before(hit, *place))
                hits.insert(place, hit);
            else if (hit.force.value > place->force.value)
                *place = hit;
        }
    }
    if (out.empty()) return error("piece", "has no drums");
    return out;
}

inline score::piece play_grooves(std::span<const score::groove> grooves, bpm tempo) {
    constexpr std::int64_t sixteenth = 128;
    score::piece out;
    out.tempo = score::tempo_map(score::resolution(4 * sixteenth));
    out.tempo.set(ticks(0), tempo);
    score::track& t = out.tracks.emplace_back();
    t.name = "drums", t.part = score::part::drums, t.channel = 9;
    std::int64_t at = 0;
    for (const score::groove& g : grooves) {
        for (const score::drum_hit& h : g.hits) {
            const std::int64_t start = std::max<std::int64_t>(0, at + h.step * sixteenth + h.offset);
            t.notes.push_back({ticks(start), ticks(sixteenth), score::general_midi_key(h.voice), h.force});
        }
        at += static_cast<std::int64_t>(groove_grid_steps) * sixteenth;
    }
    score::sort_notes(t.notes);
    out.length = std::max(out.last_end(), ticks(at));
    return out;
}

}  // namespace lofi::inline LOFI_ABI::token
