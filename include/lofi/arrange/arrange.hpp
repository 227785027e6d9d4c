#pragma once
// Sections of a lead sheet to a full score: keys, melody, bass, drums and texture over one tempo.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include <lofi/arrange/bass.hpp>
#include <lofi/arrange/drums.hpp>
#include <lofi/arrange/keys.hpp>
#include <lofi/arrange/melody.hpp>
#include <lofi/arrange/section.hpp>
#include <lofi/arrange/texture.hpp>

namespace lofi::inline LOFI_ABI::arrange {

/// What the players remember from one section to the next. Everything else about a section follows from its own rows and from keys of
/// chance, so that sections can be written one by one as they are needed.
struct band_state {
    voicing hand{};                                          ///< the keys' last chord
    std::uint8_t bass = 0;                                   ///< the bass's last root, 0 before the first
    std::array<std::int32_t, score::part_count> lateness{};  ///< where each player's timing has wandered to, in 1/256 tick

    friend constexpr bool operator==(const band_state&, const band_state&) = default;
};

/// Makes the five empty tracks, by part: names, channels and General MIDI programs, for whoever plays the piece elsewhere.
[[nodiscard]] inline std::vector<score::track> make_tracks();

/// Writes one section into the tracks of `make_tracks`, from a tick on that is a whole number of rows. Every note begins and ends inside
/// the section. `number` tells the section's random numbers from those of the others; `next_degree` is the chord that follows, or 0.
/// A part's notes hang on no other part being played, with one addition: where the section has no bass, a left hand plays roots.
inline void arrange_section(const section& s, std::uint64_t number, std::uint8_t next_degree, const arrange_config& config,
                            ticks start, band_state& band, std::span<score::track> tracks);

/// Writes the ending for those of keys and bass who play: the tonic with its colours, spread slowly, over its root; it rings for a bar.
inline void arrange_ending(const layers& plays, const arrange_config& config, ticks start, const band_state& band,
                           std::span<score::track> tracks);

/// Writes the sections, one after another, as a piece with an ending of two bars, the second of them silence. A change of one section
/// leaves the drums, the melody and the texture of the others as they were if its length stays, and of keys and bass what does not hang
/// on `band_state` or on the chord that follows.
[[nodiscard]] inline score::piece arrange(std::span<const section> sections, const arrange_config& config,
                                          std::string title = {});

// ---------------------------------------------------------------- bodies

inline std::vector<score::track> make_tracks() {
    using score::part;
    return {{"keys", part::keys, 0, 4, {}, {}},
            {"melody", part::melody, 1, 24, {}, {}},
            {"bass", part::bass, 2, 33, {}, {}},
            {"drums", part::drums, 9, 0, {}, {}},
            {"texture", part::texture, 3, 46, {}, {}}};
}

inline void arrange_section(const section& s, std::uint64_t number, std::uint8_t next_degree, const arrange_config& config,
                            ticks start, band_state& band, std::span<score::track> tracks) {
    using score::part;
    LOFI_ASSERT(tracks.size() == score::part_count, "the tracks are those of make_tracks");
    LOFI_ASSERT(start.value >= 0 && start.value % row_ticks(row_length::half_bar) == 0, "a section starts with a row");
    const random_key key = config.key_of_chance.child("section").child(number);
    const auto late = [&](part p) -> std::int32_t& { return band.lateness[static_cast<std::size_t>(p)]; };
    const auto track = [&](part p) -> score::track& { return tracks[static_cast<std::size_t>(p)]; };
    if (s.rows.empty()) return;
    if (s.plays[part::keys]) arrange_keys(s, config, key, start, band.hand, late(part::keys), track(part::keys));
    if (s.plays[part::melody]) arrange_melody(s, config, key, start, late(part::melody), track(part::melody));
    if (s.plays[part::bass]) arrange_bass(s, config, key, start, next_degree, band.bass, late(part::bass), track(part::bass));
    if (s.plays[part::drums]) arrange_drums(s, config, key, start, late(part::drums), track(part::drums));
    if (s.plays[part::texture]) arrange_texture(s, config, key, start, late(part::texture), track(part::texture));
}

inline void arrange_ending(const layers& plays, const arrange_config& config, ticks start, const band_state& band,
                           std::span<score::track> tracks) {
    using score::part;
    random_stream dice(config.key_of_chance.child("ending"));
    const score::chord tonic = coloured(config.key, 1, config.colour >= 64 ? chord_colour::ninth : chord_colour::triad);
    const voicing last = voice(hand_tones(tonic, config.key), band.hand);
    const auto add = [&](part p, std::int64_t at, int pitch, std::int32_t force) {
        if (!plays[p]) return;
        tracks[static_cast<std::size_t>(p)].notes.push_back(
            {start + ticks(at), ticks(bar - at), score::pitch(pitch), score::velocity(force)});
    };
    for (std::size_t v = 0; v < last.count; ++v) {
        const std::int32_t touch = scatter(dice, 3);
        add(part::keys, 24 + 44 * static_cast<std::int64_t>(v), last.midi[v], 56 + touch + (v + 1U == last.count ? 6 : 0));
    }
    add(part::bass, 8, detail::root_near(config.key.tonic, band.bass == 0 ? 33 : band.bass), 68);
}

inline score::piece arrange(std::span<const section> sections, const arrange_config& config, std::string title) {
    score::piece out;
    out.title = std::move(title);
    out.tempo = score::tempo_map(score::resolution(static_cast<std::int32_t>(quarter)),
                                 {{ticks(0), score::microseconds_per_quarter(config.felt_tempo)}});
    out.meters.push_back({ticks(0), 4, 4});
    out.keys.push_back({ticks(0), config.key});
    out.tracks = make_tracks();

    ticks at{};
    band_state band;
    for (std::size_t i = 0; i < sections.size(); ++i) {
        const section& s = sections[i];
        const bool more = i + 1 < sections.size() && !sections[i + 1].rows.empty();
        out.markers.push_back({at, std::string(to_string(s.kind))});
        arrange_section(s, i, more ? sections[i + 1].rows[0].chord : std::uint8_t{1}, config, at, band, out.tracks);
        at += ticks(length_ticks(s, config));
    }
    arrange_ending(sections.empty() ? layers{} : sections.back().plays, config, at, band, out.tracks);
    out.length = at + ticks(2 * bar);
    for (score::track& t : out.tracks) score::sort_notes(t.notes);
    return out;
}

}  // namespace lofi::inline LOFI_ABI::arrange
