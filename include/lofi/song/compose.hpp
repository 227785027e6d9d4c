#pragma once
// From a seed and a mood to a composition: a form, lead sheets for its sections, and the arranged piece.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/arrange/arrange.hpp>
#include <lofi/arrange/form.hpp>
#include <lofi/core/hash.hpp>
#include <lofi/model/lofi2lofi_generate.hpp>
#include <lofi/song/accent.hpp>
#include <lofi/song/drummer.hpp>
#include <lofi/song/material.hpp>
#include <lofi/song/mood.hpp>
#include <lofi/song/networks.hpp>

namespace lofi::inline LOFI_ABI::song {

/// What is asked of a song. What is left open follows from the mood, and what the mood leaves open from the seed.
///
///     lofi::song::config c{.seed = 7, .minutes = 2.5, .mood = "rain"};
struct config {
    std::uint64_t seed = 1;
    double minutes = 2.0;  ///< about so long: whole sections are played
    std::string_view mood = "night";
    std::optional<double> energy{}, valence{};  ///< 0 to 1; what cannot be met comes as near as it can
    std::optional<bpm> tempo{};                 ///< as felt, 50 to 110
    std::optional<score::pitch_class> tonic{};
    std::optional<score::mode> scale{};
    double accent = 0.6;  ///< 0: chords as in the songs the network learned; 1: as in lo-fi loops
};

/// What a song was made with, nothing left open; made again from it, the song is the same.
struct settings {
    std::uint64_t seed = 1;
    std::string mood;
    std::int32_t energy = 0, valence = 0;  ///< asked for, in 1/65536
    std::int32_t tempo = 0;                ///< as felt, in 1/1000 beat a minute
    score::key key{};
    std::uint8_t accent = 0;
    std::int32_t bars = 0;
    std::uint64_t weights = 0;  ///< hash of the networks' weights
    std::int32_t music_version = LOFI_MUSIC_VERSION;
};

/// A composed song: everything about its notes, nothing yet about its sound.
struct composition {
    song::settings settings;
    model::reach energy_reach, valence_reach;  ///< what could have been met, in 1/65536
    std::vector<arrange::section_plan> form;
    std::vector<arrange::section> sections;
    score::piece piece;

    /// The lead sheet of one section. Rows are half bars, so its tempo is twice the felt one.
    [[nodiscard]] score::lead_sheet sheet(std::size_t section) const;
    /// A hash of every note: equal on every machine for equal settings.
    [[nodiscard]] std::uint64_t notes_hash() const;
};

/// Fills in what a config leaves open.
/// errors: an unknown mood; minutes, energy, valence or tempo out of range or not a number
[[nodiscard]] result<settings> resolve(const config& c, const song::networks& networks);

/// Composes a song.
[[nodiscard]] composition compose(const settings& s, const song::networks& networks);
[[nodiscard]] inline result<composition> compose(const config& c, const song::networks& networks = song::networks::builtin()) {
    auto s = resolve(c, networks);
    if (!s) return s.error();
    return compose(*s, networks);
}

// ---------------------------------------------------------------- bodies

namespace detail {

inline constexpr std::int32_t rows_a_bar = 2;

// Whole numbers from what people type. One product and one rounding: nothing that contraction could change.
inline std::int32_t to_whole(double v, double unit) { return static_cast<std::int32_t>(std::lround(v * unit)); }

}  // namespace detail

inline result<settings> resolve(const config& c, const song::networks& networks) {
    auto m = find_mood(c.mood);
    if (!m) return m.error();
    const auto refuse = [](const char* name, double value, const char* range) {
        return error(name, std::to_string(value) + " is not " + range);
    };
    if (!(c.minutes >= 0.1 && c.minutes <= 240.0)) return refuse("minutes", c.minutes, "from 0.1 to 240");
    const double energy = c.energy.value_or(m->energy), valence = c.valence.value_or(m->valence),
                 tempo = c.tempo.value_or(m->tempo).value;
    if (!(energy >= 0.0 && energy <= 1.0)) return refuse("energy", energy, "from 0 to 1");
    if (!(valence >= 0.0 && valence <= 1.0)) return refuse("valence", valence, "from 0 to 1");
    if (!(tempo >= 50.0 && tempo <= 110.0)) return refuse("bpm", tempo, "from 50 to 110");
    if (!(c.accent >= 0.0 && c.accent <= 1.0)) return refuse("accent", c.accent, "from 0 to 1");

    settings s;
    s.seed = c.seed;
    s.mood = std::string(c.mood);
    s.energy = detail::to_whole(energy, 65536.0);
    s.valence = detail::to_whole(valence, 65536.0);
    s.tempo = detail::to_whole(tempo, 1000.0);
    s.accent = static_cast<std::uint8_t>(detail::to_whole(c.accent, 255.0));
    // Four beats a bar, the tempo in thousandths; in whole numbers, so that no flag decides a tie.
    constexpr std::int64_t unit = 100'000;
    const std::int64_t bars = (std::int64_t{detail::to_whole(c.minutes, unit)} * s.tempo + 2'000 * unit) / (4'000 * unit);
    s.bars = std::max(8, static_cast<std::int32_t>(bars) - 2);
    s.weights = networks.hash();
    random_stream random(random_key{c.seed}.child("key"));
    s.key.tonic = c.tonic.value_or(score::pitch_class(static_cast<int>(uniform_below(random, 12))));
    const std::optional<score::mode> scale = c.scale ? c.scale : c.valence ? std::nullopt : m->scale;
    s.key.scale =
        scale
            ? *scale
            : static_cast<score::mode>(
                  model::plan({.energy = s.energy, .valence = s.valence, .tempo = 2 * s.tempo, .scale = {}, .rows = 16}).mode);
    return s;
}

inline composition compose(const settings& s, const song::networks& networks) {
    using namespace detail;
    composition out;
    out.settings = s;
    const std::int32_t row_tempo = rows_a_bar * s.tempo;
    out.energy_reach = model::reachable_energy(row_tempo);
    out.valence_reach = model::reachable_valence(row_tempo, s.energy, s.key.scale);
    const random_key seed = random_key{s.seed}.child("song");
    out.form = arrange::plan_form(static_cast<std::size_t>(s.bars), seed.child("form"));

    const model::lead_conditions told = model::plan({.energy = s.energy,
                                                     .valence = s.valence,
                                                     .tempo = row_tempo,
                                                     .scale = s.key.scale,
                                                     .rows = static_cast<std::int32_t>(phrase_rows)});
    model::lead_sampling sampling = shipped_sampling(s.key.scale, s.accent);
    // Four bars that come round: what a loop is made of. The melody over them is written through.
    sampling.loop = phrase_rows / 2;
    const model::reach e = out.energy_reach;
    const std::int64_t lively =
        std::clamp<std::int64_t>((std::int64_t{s.energy} - e.low) * 255 / std::max(1, e.high - e.low), 0, 255);
    const drum_request drums{static_cast<std::uint8_t>(std::clamp<std::int64_t>(40 + lively * 3 / 2, 0, 255)), s.tempo};
    for (const arrange::section_plan& plan : out.form) {
        // Sections of one material share its latent and its random numbers; each return walks a little further from it, so that
        // it comes back changed.
        const random_key material = seed.child("material").child(plan.material);
        const lead_latent z = latent_of(material, plan.variation);
        model::phrase_writer<pretrained::lofi2lofi_sizes, backend::fixed> writer({}, networks.sheets.params(), told, z,
                                                                                 sampling, material);
        const model::lead_phrase& phrase = writer.generate();
        arrange::section section{plan.kind, plan.material, plan.strength, plan.plays};
        const std::size_t rows = static_cast<std::size_t>(plan.bars) * rows_a_bar;
        for (std::size_t i = 0; i < rows; ++i) {
            score::lead_row row;
            row.chord = phrase.chords[i % phrase.rows];
            std::copy_n(phrase.melody.begin() + static_cast<std::ptrdiff_t>(8 * (i % phrase.rows)), 8, row.melody.begin());
            section.rows.push_back(row);
        }
        drummer drummer(networks.drums, drums, material, static_cast<std::uint32_t>(out.sections.size()));
        drummer.generate();
        section.groove = drummer.groove(), section.fill = drummer.fill();
        out.sections.push_back(section);
    }

    random_stream taste(seed.child("taste"));
    arrange::arrange_config frame;
    frame.key = s.key;
    frame.felt_tempo = bpm(static_cast<double>(s.tempo) / 1000.0);
    frame.energy = drums.energy;
    frame.swing = static_cast<std::uint8_t>(60 + uniform_below(taste, 110));
    frame.key_of_chance = seed.child("arrangement");
    out.piece = arrange::arrange(out.sections, frame, std::string(s.mood) + " " + std::to_string(s.seed));
    return out;
}

inline score::lead_sheet composition::sheet(std::size_t i) const {
    score::lead_sheet l;
    l.title = std::string(to_string(sections[i].kind)) + "-" + std::to_string(i + 1);
    l.key = settings.key;
    l.tempo = bpm(static_cast<double>(detail::rows_a_bar * settings.tempo) / 1000.0);
    l.energy = settings.energy / 65536.0;
    l.valence = settings.valence / 65536.0;
    l.rows.assign(sections[i].rows.begin(), sections[i].rows.end());
    return l;
}

inline std::uint64_t composition::notes_hash() const {
    hasher h;
    for (const score::tempo_change& c : piece.tempo.changes()) h.add(c.at.value).add(c.microseconds_per_quarter);
    for (const score::track& t : piece.tracks) {
        h.add(static_cast<int>(t.part)).add(t.notes.size());
        for (const score::note& n : t.notes) h.add(n.start.value).add(n.length.value).add(n.which.midi).add(n.force.value);
    }
    return h.value();
}

}  // namespace lofi::inline LOFI_ABI::song
