#pragma once
// Grooves as the groove network's training sees them: what they are told to be, and batches of table rows and targets.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lofi/core/random.hpp>
#include <lofi/model/groove.hpp>

namespace lofi::inline LOFI_ABI::model {

/// A groove to learn from, and everything that could be told about it.
struct groove_example {
    groove_pattern pattern;
    groove_conditions conditions;  ///< all known
};

/// The voices of each step.
[[nodiscard]] std::array<voice_mask, groove_steps> steps_of(std::span<const score::drum_hit> hits);
/// Measures what can be heard in a pattern: its kind, where only the end tells a beat from a turning; its lilt, where there is enough to
/// tell; its hits.
/// writes: c.kind, c.lilt, c.hits
void describe(std::span<const score::drum_hit> hits, groove_conditions& c);

/// How often each part of the conditions is kept from the network in training, so that any subset may be asked for later.
struct groove_mask {
    double tempo = .3, style = .3, kind = .3, swing = .3, lilt = .3, hits = .5, everything = .2;
};
[[nodiscard]] groove_conditions hide(const groove_conditions& c, const groove_mask& mask, random_stream& random);

/// How grooves are varied in training: played softer or louder, and the hand moved from hat to ride.
struct groove_augmentation {
    double force_spread = .12;  ///< of a factor of log-normal shape
    double ride = .1;           ///< how often closed hat and ride change places
};
[[nodiscard]] groove_example vary(const groove_example& e, const groove_augmentation& a, random_stream& random);

/// B grooves, time-major: step or hit i of groove b is row i*B + b.
struct groove_batch {
    std::size_t size = 0;                           ///< B
    std::size_t most_hits = 0;                      ///< M, of the fullest
    std::vector<float> told;                        ///< (B, condition_size)
    std::vector<std::int32_t> hit_ids;              ///< (32*B, features)
    std::vector<voice_mask> voices, voices_before;  ///< (32*B) of the step, and of that a bar ago
    std::vector<std::int32_t> lengths;              ///< (B) hits
    std::vector<std::int32_t> touch_ids;            ///< (M*B, features)
    std::vector<touch> touches;                     ///< (M*B)
};

/// How often a feature that looks back is dropped in training, each by itself.
struct groove_dropout {
    double rate = 0;
    random_key key{};
};

/// Makes a batch. `shown` gives the conditions that the network is told, one for each example.
[[nodiscard]] groove_batch make_batch(std::span<const groove_example> examples, std::span<const groove_conditions> shown,
                                      groove_dropout drop = {});

// ---------------------------------------------------------------- bodies

namespace detail {
inline bool likely(double probability, random_stream& random) {
    return static_cast<double>(uniform_unit(random)) < probability;
}
}  // namespace detail

inline std::array<voice_mask, groove_steps> steps_of(std::span<const score::drum_hit> hits) {
    std::array<voice_mask, groove_steps> out{};
    for (const score::drum_hit& h : hits)
        out[h.step] = static_cast<voice_mask>(out[h.step] | 1U << static_cast<unsigned>(h.voice));
    return out;
}

inline void describe(std::span<const score::drum_hit> hits, groove_conditions& c) {
    using score::drum;
    int toms = 0, snares = 0;
    std::array<std::int32_t, 2> count{}, sum{};
    for (const score::drum_hit& h : hits) {
        const bool tom = h.voice == drum::low_tom || h.voice == drum::mid_tom || h.voice == drum::high_tom;
        if (h.step >= 24 && tom) ++toms;
        if (h.step >= 24 && h.voice == drum::snare && h.force.value >= 40) ++snares;
        ++count[h.step % 2U];
        sum[h.step % 2U] += h.offset;
    }
    if (c.kind != groove_kind::all_fill) c.kind = toms >= 2 || toms + snares >= 4 ? groove_kind::turning : groove_kind::beat;
    c.lilt.reset();
    if (count[0] >= 3 && count[1] >= 3) c.lilt = sum[1] / count[1] - sum[0] / count[0];
    c.hits = static_cast<std::int32_t>(hits.size());
}

inline groove_conditions hide(const groove_conditions& c, const groove_mask& mask, random_stream& random) {
    groove_conditions out = c;
    const bool all = detail::likely(mask.everything, random);
    const auto hidden = [&](double rate) { return detail::likely(rate, random) || all; };
    if (hidden(mask.tempo)) out.tempo.reset();
    if (hidden(mask.style)) out.style = groove_style::not_told;
    if (hidden(mask.kind)) out.kind = groove_kind::not_told;
    if (hidden(mask.swing)) out.swing.reset();
    if (hidden(mask.lilt)) out.lilt.reset();
    if (hidden(mask.hits)) out.hits.reset();
    return out;
}

inline groove_example vary(const groove_example& e, const groove_augmentation& a, random_stream& random) {
    groove_example out = e;
    const double louder = 1.0 + a.force_spread * (normal_q16(random) / 65536.0);
    const bool swap = detail::likely(a.ride, random);
    for (score::drum_hit& h : out.pattern) {
        h.force = score::velocity(static_cast<int>(h.force.value * louder + .5));
        if (swap && h.voice == score::drum::closed_hat)
            h.voice = score::drum::ride;
        else if (swap && h.voice == score::drum::ride)
            h.voice = score::drum::closed_hat;
    }
    if (swap)
        std::sort(out.pattern.begin(), out.pattern.end(), [](const score::drum_hit& x, const score::drum_hit& y) {
            return x.step != y.step ? x.step < y.step : x.voice < y.voice;
        });
    return out;
}

inline groove_batch make_batch(std::span<const groove_example> examples, std::span<const groove_conditions> shown,
                               groove_dropout drop) {
    LOFI_ASSERT(!examples.empty() && shown.size() == examples.size(), "a batch has examples, and conditions for each");
    groove_batch b;
    const std::size_t B = b.size = examples.size();
    for (const groove_example& e : examples) b.most_hits = std::max(b.most_hits, e.pattern.size());
    const std::size_t M = b.most_hits;
    b.told.assign(B * condition_size, 0.0F);
    b.hit_ids.resize(groove_steps * B * hit_feature::count);
    b.voices.resize(groove_steps * B);
    b.voices_before.resize(groove_steps * B);
    b.touch_ids.assign(M * B * touch_feature::count, -1);
    b.touches.resize(M * B);
    random_stream random(drop.key);
    const auto drop_some = [&](std::span<std::int32_t> ids) {
        for (std::int32_t& id : ids)
            if (id >= 0 && drop.rate > 0 && detail::likely(drop.rate, random)) id = -1;
    };
    for (std::size_t i = 0; i < B; ++i) {
        const groove_example& e = examples[i];
        told(shown[i], [&](std::size_t place) { b.told[i * condition_size + place] = 1; });
        b.lengths.push_back(static_cast<std::int32_t>(e.pattern.size()));
        const auto steps = steps_of({e.pattern.data(), e.pattern.size()});
        hit_state hits(shown[i]);
        for (std::size_t t = 0; t < groove_steps; ++t) {
            hit_state::ids ids;
            hits.features(ids);
            drop_some(std::span(ids).subspan(hit_feature::run));
            std::copy(ids.begin(), ids.end(), b.hit_ids.begin() + static_cast<std::ptrdiff_t>((t * B + i) * ids.size()));
            b.voices[t * B + i] = steps[t];
            b.voices_before[t * B + i] = hits.before(16);
            hits.push(steps[t]);
        }
        touch_state touches(steps);
        for (std::size_t n = 0; n < e.pattern.size(); ++n) {
            touch_state::ids ids;
            touches.features(ids);
            drop_some(std::span(ids).subspan(touch_feature::mate_force));
            std::copy(ids.begin(), ids.end(), b.touch_ids.begin() + static_cast<std::ptrdiff_t>((n * B + i) * ids.size()));
            b.touches[n * B + i] = {velocity_class(e.pattern[n].force), offset_class(e.pattern[n].offset)};
            touches.push(b.touches[n * B + i]);
        }
    }
    return b;
}

}  // namespace lofi::inline LOFI_ABI::model
