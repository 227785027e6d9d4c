#pragma once
// Which chords a piece goes through: root, quality and inversion, by the path over its beats that costs least.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <lofi/analysis/beat_grid.hpp>
#include <lofi/score/chord.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// A chord from a beat on, for so many beats.
struct found_chord {
    std::size_t beat = 0, beats = 0;
    bool sounds = false;  ///< false: silence, and what follows means nothing
    score::pitch_class root{};
    score::chord_type type{};
    std::uint8_t inversion = 0;  ///< tone in the bass: 0 root, 1 third, 2 fifth, 3 seventh

    friend bool operator==(const found_chord&, const found_chord&) = default;
};

/// What a tone of a chord is worth, how a beat's sound is weighed, and what a change of chord costs. The numbers were chosen on the
/// training songs of POP909 by `chord_finding_table --fit 4`.
struct chord_finding_config {
    double root = 1.0, third = 1.0, fifth = 1.4, seventh = 0.85;  ///< of a share of the beat's sound
    double outside = -1.05;                                       ///< a tone that the chord does not have
    double missing = -0.12;                                       ///< a third or seventh that does not sound
    double bass_root = 0.55, bass_third = 0.3, bass_fifth = 0.15, bass_seventh = 0.25, bass_outside = -0.1;
    double bass_high = 78, bass_least = 0.2;  ///< a lowest note two octaves below counts whole, one at it or above so much
    double hush = 0.35;                       ///< beats of sound that say nothing
    double suspended = -0.35, rare = -0.2, seventh_chord = -0.1;      ///< what other chords than plain triads cost
    double change = 0.6, change_on_half = 0.3, change_on_bar = 0.15;  ///< costs of a change, by where in the bar
    double change_of_type = 0.9;                                      ///< of them, where the root stays
};

/// Finds the chords of a piece, without gaps from its first beat to its last.
/// source: template matching with a change penalty solved by dynamic programming, as in Pardo and Birmingham (2002) and Temperley (2001)
[[nodiscard]] std::vector<found_chord> find_chords(const beat_grid& grid, const chord_finding_config& config = {});

/// The chord that holds longest in some beats; silence where nothing sounds in them.
[[nodiscard]] found_chord longest_chord(std::span<const found_chord> chords, std::size_t beat, std::size_t beats);

/// A chord as a numeral of a key. A root outside the key's scale stands on the degree of its usual letter: bVII on 7, #IV on 4.
[[nodiscard]] score::chord numeral_of(const found_chord& c, const score::key& key);
/// The degree alone, 1 to 7; in Aeolian the raised seventh is 7.
[[nodiscard]] std::uint8_t degree_of(score::pitch_class root, const score::key& key);

// ---------------------------------------------------------------- bodies

namespace detail {

// What can be found. Sixth chords are not among them: they are seventh chords of another root.
inline constexpr std::array<score::chord_type, 11> found_types = {{
    {score::quality::major, score::seventh::none, {}},
    {score::quality::minor, score::seventh::none, {}},
    {score::quality::diminished, score::seventh::none, {}},
    {score::quality::augmented, score::seventh::none, {}},
    {score::quality::sus2, score::seventh::none, {}},
    {score::quality::sus4, score::seventh::none, {}},
    {score::quality::major, score::seventh::minor, {}},
    {score::quality::major, score::seventh::major, {}},
    {score::quality::minor, score::seventh::minor, {}},
    {score::quality::diminished, score::seventh::minor, {}},
    {score::quality::diminished, score::seventh::diminished, {}},
}};
inline constexpr std::size_t chord_states = found_types.size() * 12;  // type * 12 + root

// What a type is worth before anything is heard, what its tones are, and which of them should sound.
struct chord_template {
    std::array<float, 12> tone{}, bass{};  // by semitones above the root
    float prior = 0;
    std::uint8_t third = 0, seventh = 0;
};

inline std::array<chord_template, found_types.size()> chord_templates(const chord_finding_config& c) {
    std::array<chord_template, found_types.size()> out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        const score::chord_type& type = found_types[i];
        chord_template& t = out[i];
        t.tone.fill(static_cast<float>(c.outside)), t.bass.fill(static_cast<float>(c.bass_outside));
        const int third = third_of(type), fifth = fifth_of(type), seventh = seventh_of(type);
        const auto set = [&](int above, double tone, double bass) {
            t.tone[static_cast<std::size_t>(above)] = static_cast<float>(tone);
            t.bass[static_cast<std::size_t>(above)] = static_cast<float>(bass);
        };
        set(0, c.root, c.bass_root), set(third, c.third, c.bass_third), set(fifth, c.fifth, c.bass_fifth);
        if (seventh != 0) set(seventh, c.seventh, c.bass_seventh);
        t.third = static_cast<std::uint8_t>(third), t.seventh = static_cast<std::uint8_t>(seventh);
        using score::quality;
        const bool plain = type.quality == quality::major || type.quality == quality::minor;
        const bool suspended = type.quality == quality::sus2 || type.quality == quality::sus4;
        t.prior = static_cast<float>((plain ? 0 : suspended ? c.suspended : c.rare) + (seventh != 0 ? c.seventh_chord : 0));
    }
    return out;
}

// How well each chord fits a beat.
inline void chord_fit(const beat_sound& beat, std::span<const chord_template> templates, const chord_finding_config& c,
                      std::span<float> out) {
    std::array<float, 24> share{};
    // The melody says little of the harmony that the accompaniment does not, and passes through other tones.
    const auto& sound = beat.whole > 0 ? beat.time : beat.melody;
    const float all = (beat.whole > 0 ? beat.whole : beat.sung) + static_cast<float>(c.hush);
    for (std::size_t i = 0; i < 24; ++i) share[i] = sound[i % 12] / all;
    const std::size_t low = beat.low < 0 ? 0 : static_cast<std::size_t>(beat.low) % 12;
    // A high lowest note says little of the harmony's bass.
    const float depth =
        beat.low < 0 ? 0.F
                     : std::clamp(static_cast<float>((c.bass_high - beat.low) / 24.0), static_cast<float>(c.bass_least), 1.F);
    for (std::size_t k = 0; k < templates.size(); ++k) {
        const chord_template& t = templates[k];
        for (std::size_t root = 0; root < 12; ++root) {
            float fit = t.prior;
            for (std::size_t i = 0; i < 12; ++i) fit += share[root + i] * t.tone[i];
            if (share[root + t.third] < .02F) fit += static_cast<float>(c.missing);
            if (t.seventh != 0 && share[root + t.seventh] < .02F) fit += static_cast<float>(c.missing);
            fit += depth * t.bass[(low + 12 - root) % 12];
            out[k * 12 + root] = fit;
        }
    }
}

inline bool same_chord(const found_chord& a, const found_chord& b) {
    return a.sounds == b.sounds && a.root == b.root && a.type == b.type && a.inversion == b.inversion;
}

inline std::uint8_t inversion_of(const score::chord_type& type, int above_root) {
    if (above_root == third_of(type)) return 1;
    if (above_root == fifth_of(type)) return 2;
    return above_root != 0 && above_root == seventh_of(type) ? 3 : 0;
}

}  // namespace detail

inline std::vector<found_chord> find_chords(const beat_grid& grid, const chord_finding_config& config) {
    using detail::chord_states;
    const auto templates = detail::chord_templates(config);
    const std::size_t n = grid.beats.size();
    std::vector<std::uint8_t> from(n * chord_states);  // the state before
    std::array<float, chord_states> score{}, next{}, fit{};
    for (std::size_t i = 0; i < n; ++i) {
        const beat_sound& beat = grid.beats[i];
        std::array<std::size_t, 12> of_root{};
        for (std::size_t s = 0; s < chord_states; ++s)
            if (s < 12 || score[s] > score[of_root[s % 12]]) of_root[s % 12] = s;
        std::size_t best = of_root[0];
        for (const std::size_t s : of_root)
            if (score[s] > score[best]) best = s;
        const auto cost = static_cast<float>(beat.place == beat_place::bar    ? config.change_on_bar
                                             : beat.place == beat_place::half ? config.change_on_half
                                                                              : config.change);
        if (!beat.silent())
            detail::chord_fit(beat, templates, config, fit);
        else
            fit.fill(0);
        for (std::size_t s = 0; s < chord_states; ++s) {
            std::size_t before = s;
            float value = score[s];
            const std::size_t kin = of_root[s % 12];
            const float as_kin = score[kin] - cost * static_cast<float>(config.change_of_type);
            if (as_kin > value) value = as_kin, before = kin;
            if (score[best] - cost > value) value = score[best] - cost, before = best;
            next[s] = value + fit[s];
            from[i * chord_states + s] = static_cast<std::uint8_t>(before);
        }
        score = next;
    }

    std::vector<std::uint8_t> path(n);
    std::size_t state = static_cast<std::size_t>(std::max_element(score.begin(), score.end()) - score.begin());
    for (std::size_t i = n; i-- > 0;) path[i] = static_cast<std::uint8_t>(state), state = from[i * chord_states + state];

    std::vector<found_chord> out;
    for (std::size_t i = 0; i < n;) {
        const bool sounds = !grid.beats[i].silent();
        std::size_t to = i;
        int low = -1;
        std::array<std::size_t, 12> lowest{};
        const auto goes_on = [&](std::size_t b) {
            return path[b] == path[i] && grid.beats[b].silent() != sounds && (b == i || grid.beats[b].place != beat_place::bar);
        };
        for (; to < n && goes_on(to); ++to)
            if (grid.beats[to].low >= 0) ++lowest[static_cast<std::size_t>(grid.beats[to].low % 12)];
        const score::pitch_class root(path[i] % 12);
        // The bass is what is lowest in most beats; the first of equals is nearest above the root.
        for (int above = 0; above < 12; ++above) {
            const std::size_t times = lowest[score::pitch_class(root.value + above).value];
            if (times > 0 && (low < 0 || times > lowest[score::pitch_class(root.value + low).value])) low = above;
        }
        const score::chord_type type = detail::found_types[path[i] / 12];
        const found_chord here{i, to - i, sounds, root, type, detail::inversion_of(type, std::max(low, 0))};
        // Bars are looked at one by one, since basses move from bar to bar while a chord stays.
        if (!out.empty() && (sounds ? detail::same_chord(out.back(), here) : !out.back().sounds))
            out.back().beats += here.beats;
        else
            out.push_back(here);
        i = to;
    }
    return out;
}

inline found_chord longest_chord(std::span<const found_chord> chords, std::size_t beat, std::size_t beats) {
    std::array<std::size_t, 12> time{};
    std::array<std::size_t, 12> longest{};
    std::array<const found_chord*, 12> which{};
    auto c =
        std::upper_bound(chords.begin(), chords.end(), beat, [](std::size_t b, const found_chord& x) { return b < x.beat; });
    if (c != chords.begin()) --c;
    for (; c != chords.end() && c->beat < beat + beats; ++c) {
        const std::size_t from = std::max(beat, c->beat), to = std::min(beat + beats, c->beat + c->beats);
        if (!c->sounds || to <= from) continue;
        time[c->root.value] += to - from;
        if (to - from > longest[c->root.value]) longest[c->root.value] = to - from, which[c->root.value] = &*c;
    }
    found_chord out{beat, beats};
    // The first of equals is the earliest.
    const found_chord* best = nullptr;
    for (const found_chord* w : which)
        if (w != nullptr && (best == nullptr || time[w->root.value] > time[best->root.value] ||
                             (time[w->root.value] == time[best->root.value] && w->beat < best->beat)))
            best = w;
    if (best != nullptr) out = *best, out.beat = beat, out.beats = beats;
    return out;
}

inline std::uint8_t degree_of(score::pitch_class root, const score::key& key) {
    for (int d = 1; d <= 7; ++d)
        if (score::degree(key, d) == root) return static_cast<std::uint8_t>(d);
    // Between two degrees: a raised lower one or a lowered upper one, as it is mostly written: bII, bIII, #IV, bVI, bVII.
    constexpr std::uint8_t usual[12] = {1, 2, 2, 3, 3, 4, 4, 5, 6, 6, 7, 7};
    return usual[score::pitch_class(root.value - key.tonic.value).value];
}

inline score::chord numeral_of(const found_chord& c, const score::key& key) {
    score::chord out;
    out.degree = degree_of(c.root, key);
    const int natural = score::degree({key.tonic, score::mode::ionian}, out.degree).value;
    out.accidental = static_cast<std::int8_t>((c.root.value - natural + 18) % 12 - 6);
    out.type = c.type, out.inversion = c.inversion;
    return out;
}

}  // namespace lofi::inline LOFI_ABI::analysis
