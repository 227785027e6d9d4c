#pragma once
// Phrases as the improved Lofi2Lofi's training sees them: a batch of table rows, targets and what logits depend on.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lofi/core/random.hpp>
#include <lofi/model/lofi2lofi.hpp>
#include <lofi/score/lead_sheet.hpp>

namespace lofi::inline LOFI_ABI::model {

/// A phrase to learn from, and everything that could be told about it.
struct lead_example {
    std::vector<std::uint8_t> chords;  ///< degrees
    std::vector<std::uint8_t> melody;  ///< eight a chord; empty where only chords are known
    lead_conditions conditions;        ///< all known

    [[nodiscard]] std::size_t rows() const { return chords.size(); }
    [[nodiscard]] bool has_melody() const { return !melody.empty(); }
};

/// Describes a sheet completely. `corpus_id`: 1 ewld, 2 lieder, 3 billboard_chords, 4 midi_chords, 0 any other.
[[nodiscard]] lead_example to_example(const score::lead_sheet& sheet, std::uint8_t corpus_id);

/// How often each part of the conditions is kept from the network in training, so that any subset may be asked for later.
struct condition_mask {
    double rows = .3, corpus = .3, mode = .25, majors = .3, attacks = .4, steps = .3, tempo = .3, everything = .15;
};
[[nodiscard]] lead_conditions hide(const lead_conditions& c, const condition_mask& mask, random_stream& random);
/// Nothing told at all, as the bounds are measured.
[[nodiscard]] lead_conditions hide_all(const lead_conditions& c);

/// How phrases are varied in training: tempo by a factor of log-normal spread, mode flipped to a related one, melody moved by
/// an octave where it fits.
struct lead_augmentation {
    double tempo_spread = .15, mode_flip = .1, octave = .15;
};
[[nodiscard]] lead_example vary(const lead_example& e, const lead_augmentation& a, random_stream& random);

/// B phrases of up to T bars, time-major: bar i of phrase b is row i*B + b.
struct lead_batch {
    std::size_t size = 0;                                                      ///< B
    std::size_t bars = 0;                                                      ///< T, the longest phrase
    bool has_melody = false;                                                   ///< of all phrases, or of none
    std::vector<std::int32_t> encoder_lengths, chord_lengths, melody_lengths;  ///< n, n+1, 8n
    std::vector<std::int32_t> encoder_ids;                                     ///< (T*B, 9)
    std::vector<std::int32_t> chord_ids;                                       ///< ((T+1)*B, features)
    std::vector<std::int32_t> chord_targets;                                   ///< ((T+1)*B); -1 beyond the end
    std::vector<chord_view> chord_views;                                       ///< ((T+1)*B)
    std::vector<std::int32_t> melody_ids;                                      ///< (8T*B, features)
    std::vector<std::int32_t> melody_targets;                                  ///< (8T*B); -1 beyond the end
    std::vector<melody_view> melody_views;                                     ///< (8T*B)
    std::vector<std::uint16_t> repeats;  ///< (T*B) bit k set where the bar equals the one k back, k = 1 to 8
};

/// The encoder's ids of a bar: its chord, and its eight slots.
inline constexpr std::size_t encoder_ids = 9, encoder_table = chord_symbols + 8 * melody_symbols;

/// How often a slot's look-back features are dropped in training, each group by itself.
struct feature_dropout {
    double rate = 0;
    random_key key{};
};

/// Makes a batch. `told` gives the conditions that the network is shown, one for each example.
[[nodiscard]] lead_batch make_batch(std::span<const lead_example> examples, std::span<const lead_conditions> told,
                                    feature_dropout drop = {});

// ---------------------------------------------------------------- bodies

namespace detail {

inline int count_majors(std::span<const std::uint8_t> chords, score::mode m) {
    return static_cast<int>(
        std::count_if(chords.begin(), chords.end(), [&](std::uint8_t c) { return c != 0 && triad_is_major(m, c); }));
}

inline bool happens(double probability, random_stream& random) {
    return static_cast<double>(uniform_unit(random)) < probability;
}

}  // namespace detail

inline lead_example to_example(const score::lead_sheet& sheet, std::uint8_t corpus_id) {
    lead_example e;
    for (const score::lead_row& row : sheet.rows) e.chords.push_back(row.chord);
    if (sheet.has_melody)
        for (const score::lead_row& row : sheet.rows) e.melody.insert(e.melody.end(), row.melody.begin(), row.melody.end());
    lead_conditions& c = e.conditions;
    c.rows = static_cast<std::int32_t>(e.rows());
    c.corpus = corpus_id;
    c.mode = static_cast<std::uint8_t>(sheet.key.scale);
    c.tempo = static_cast<std::int32_t>(std::lround(sheet.tempo.value * 1000));
    c.majors = detail::count_majors(e.chords, sheet.key.scale);
    if (e.has_melody()) {
        int attacks = 0, steps = 0, last = 0, previous = 0;
        for (const int v : e.melody) {
            if (v != 0 && v != previous) {
                ++attacks;
                if (last != 0) steps += std::abs(v - last);
                last = v;
            }
            previous = v;
        }
        c.attacks = attacks;
        c.steps = steps;
    }
    return e;
}

inline lead_conditions hide(const lead_conditions& c, const condition_mask& mask, random_stream& random) {
    lead_conditions h = c;
    // Every part is drawn, whatever the others give, so that their chances are independent.
    const bool all = detail::happens(mask.everything, random);
    if (detail::happens(mask.rows, random) || all) h.rows_known = false;
    if (detail::happens(mask.corpus, random) || all) h.corpus = 0;
    if (detail::happens(mask.mode, random) || all) h.mode = 0;
    if (detail::happens(mask.majors, random) || all) h.majors.reset();
    if (detail::happens(mask.attacks, random) || all) h.attacks.reset();
    if (detail::happens(mask.steps, random) || all) h.steps.reset();
    if (detail::happens(mask.tempo, random) || all) h.tempo.reset();
    return h;
}

inline lead_conditions hide_all(const lead_conditions& c) {
    lead_conditions h;
    h.rows = c.rows;
    h.rows_known = false;
    return h;
}

inline lead_example vary(const lead_example& e, const lead_augmentation& a, random_stream& random) {
    lead_example out = e;
    lead_conditions& c = out.conditions;
    const double spread = static_cast<double>(normal_q16(random)) / 65536.0 * a.tempo_spread;
    c.tempo = static_cast<std::int32_t>(std::clamp(*c.tempo * std::exp(spread), 50000.0, 220000.0));
    if (detail::happens(a.mode_flip, random)) {
        // Modes that share most of their degrees' meaning with each mode.
        static constexpr std::array<std::array<std::uint8_t, 4>, 7> related = {
            {{6, 2, 5, 4}, {6, 1, 0, 0}, {6, 1, 0, 0}, {1, 6, 0, 0}, {1, 6, 2, 0}, {1, 2, 3, 0}, {6, 0, 0, 0}}};
        const auto& r = related[c.mode - 1U];
        const auto count = static_cast<std::uint32_t>(std::count_if(r.begin(), r.end(), [](std::uint8_t m) { return m != 0; }));
        c.mode = r[uniform_below(random, count)];
        c.majors = detail::count_majors(out.chords, static_cast<score::mode>(c.mode));
    }
    if (out.has_melody() && detail::happens(a.octave, random)) {
        int low = 16, high = 0;
        for (const int v : out.melody)
            if (v != 0) low = std::min(low, v), high = std::max(high, v);
        const int move = low - 7 >= 1 ? -7 : high + 7 <= 15 ? 7 : 0;
        if (high != 0)
            for (std::uint8_t& v : out.melody)
                if (v != 0) v = static_cast<std::uint8_t>(v + move);
    }
    return out;
}

inline lead_batch make_batch(std::span<const lead_example> examples, std::span<const lead_conditions> told,
                             feature_dropout drop) {
    LOFI_ASSERT(!examples.empty() && told.size() == examples.size(), "a batch has examples, and conditions for each");
    lead_batch b;
    const std::size_t B = b.size = examples.size();
    for (const lead_example& e : examples) b.bars = std::max(b.bars, e.rows());
    b.has_melody = examples[0].has_melody();
    const std::size_t T = b.bars, K = chord_feature::count, M = melody_feature::count;
    b.encoder_ids.assign(T * B * encoder_ids, -1);
    b.chord_ids.assign((T + 1) * B * K, -1);
    b.chord_targets.assign((T + 1) * B, -1);
    b.chord_views.assign((T + 1) * B, chord_view{9, {9, 9, 9, 9}});
    if (b.has_melody) {
        b.melody_ids.assign(8 * T * B * M, -1);
        b.melody_targets.assign(8 * T * B, -1);
        b.melody_views.assign(8 * T * B, melody_view{0, 0, 16, {16, 16, 16, 16}});
        b.repeats.assign(T * B, 0);
    }
    random_stream random(drop.key);
    for (std::size_t i = 0; i < B; ++i) {
        const lead_example& e = examples[i];
        const std::size_t n = e.rows();
        LOFI_ASSERT(e.has_melody() == b.has_melody, "a batch has phrases with melody, or phrases without, not both");
        b.encoder_lengths.push_back(static_cast<std::int32_t>(n));
        b.chord_lengths.push_back(static_cast<std::int32_t>(n + 1));
        b.melody_lengths.push_back(static_cast<std::int32_t>(8 * n));
        for (std::size_t t = 0; t < n; ++t) {
            std::int32_t* const ids = b.encoder_ids.data() + (t * B + i) * encoder_ids;
            ids[0] = e.chords[t];
            for (std::size_t k = 0; k < 8 && b.has_melody; ++k)
                ids[1 + k] = static_cast<std::int32_t>(chord_symbols + k * melody_symbols) + e.melody[8 * t + k];
        }

        lead_conditions shown = told[i];
        shown.rows = static_cast<std::int32_t>(n);
        chord_state chords(shown);
        chord_state::ids chord_row;
        for (std::size_t t = 0; t <= n; ++t) {
            const std::size_t row = t * B + i;
            chords.features(chord_row);
            b.chord_views[row] = view(chords);
            std::copy(chord_row.begin(), chord_row.end(), b.chord_ids.begin() + static_cast<std::ptrdiff_t>(row * K));
            const int chord = t < n ? e.chords[t] : chord_end;
            b.chord_targets[row] = chord;
            if (t < n) chords.push(chord, chord != 0 && triad_is_major(static_cast<score::mode>(e.conditions.mode), chord));
        }
        if (!b.has_melody) continue;

        melody_state melody(shown, e.chords);
        melody_state::ids melody_row;
        for (std::size_t t = 0; t < 8 * n; ++t) {
            const std::size_t row = t * B + i;
            melody.features(melody_row);
            b.melody_views[row] = view(melody);
            if (drop.rate > 0) {
                using namespace melody_feature;
                if (detail::happens(drop.rate, random)) melody_row[previous] = melody_row[relative] = -1;
                for (const auto f : {last, back8, back16, back32, back64})
                    if (detail::happens(drop.rate, random)) melody_row[f] = -1;
            }
            std::copy(melody_row.begin(), melody_row.end(), b.melody_ids.begin() + static_cast<std::ptrdiff_t>(row * M));
            b.melody_targets[row] = e.melody[t];
            melody.push(e.melody[t]);
        }
        for (std::size_t t = 1; t < n; ++t)
            for (std::size_t k = 1; k <= std::min<std::size_t>(t, most_back); ++k)
                if (std::equal(e.melody.begin() + static_cast<std::ptrdiff_t>(8 * t),
                               e.melody.begin() + static_cast<std::ptrdiff_t>(8 * t + 8),
                               e.melody.begin() + static_cast<std::ptrdiff_t>(8 * (t - k))))
                    b.repeats[t * B + i] = static_cast<std::uint16_t>(b.repeats[t * B + i] | 1U << k);
    }
    return b;
}

}  // namespace lofi::inline LOFI_ABI::model
