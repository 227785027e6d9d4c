#pragma once
// Phrases as the published Lofi2Lofi's training sees them, and what its decoder is told at each step.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lofi/core/random.hpp>
#include <lofi/model/lofi2lofi_published.hpp>
#include <lofi/token/lead_sheet.hpp>

namespace lofi::inline LOFI_ABI::model {

/// Which steps count.
enum class published_steps : std::uint8_t {
    training,    ///< as published: END and the slot after it count, but a batch stops at its longest phrase, before that one's
    likelihood,  ///< END of every phrase, and no slot after it
};

/// B phrases of up to T bars, time-major: bar i of phrase b is row i*B + b. Tokens beyond the end are END and rests.
struct published_batch {
    std::size_t size = 0;                                     ///< B
    std::size_t bars = 0;                                     ///< T
    std::vector<std::int32_t> chord_lengths, melody_lengths;  ///< n, 8n
    std::vector<std::int32_t> chords, melody;                 ///< (T*B), (8T*B)
    std::vector<std::int32_t> chord_targets, melody_targets;  ///< the same where a step counts, -1 elsewhere
    std::vector<std::int32_t> key, mode;                      ///< (B) from 0
    std::vector<double> tempo, valence, energy;               ///< (B) tempo as the network counts it
};

/// Makes a batch of phrases with melody, each of one row or more. Rows beyond the fiftieth are cut.
[[nodiscard]] published_batch make_batch(std::span<const token::lead_tokens> phrases,
                                         published_steps steps = published_steps::training);

/// The tokens that the decoder is fed, (T*B) and (8T*B); where they are negative, it is fed its own likeliest.
struct published_feed {
    std::vector<std::int32_t> chords, melody;
};
/// Runs free, as the published trainings do.
[[nodiscard]] published_feed own_tokens(const published_batch& b);
/// Full teacher forcing.
[[nodiscard]] published_feed true_tokens(const published_batch& b);
/// Scheduled sampling: at each step the truth with a probability, for all phrases of the batch alike.
[[nodiscard]] published_feed mixed_tokens(const published_batch& b, double probability, random_key key);

// ---------------------------------------------------------------- bodies

inline published_batch make_batch(std::span<const token::lead_tokens> phrases, published_steps steps) {
    LOFI_ASSERT(!phrases.empty(), "a batch has phrases");
    const bool whole = steps == published_steps::likelihood;
    published_batch b;
    const std::size_t B = b.size = phrases.size();
    for (const token::lead_tokens& p : phrases) {
        LOFI_ASSERT(p.rows() > 0 && p.melody.size() == 8 * p.rows(), "a phrase has a row or more, and a melody");
        const std::size_t n = std::min(p.rows(), published_rows);
        b.chord_lengths.push_back(static_cast<std::int32_t>(n));
        b.melody_lengths.push_back(static_cast<std::int32_t>(8 * n));
        b.key.push_back(p.key - 1);
        b.mode.push_back(p.mode - 1);
        b.tempo.push_back(published_tempo(p.tempo));
        b.valence.push_back(p.valence);
        b.energy.push_back(p.energy);
        b.bars = std::max(b.bars, whole && p.rows() <= published_rows ? n + 1 : n);
    }
    b.chords.assign(b.bars * B, token::end_chord);
    b.melody.assign(8 * b.bars * B, token::rest);
    b.chord_targets.assign(b.chords.size(), -1);
    b.melody_targets.assign(b.melody.size(), -1);
    for (std::size_t i = 0; i < B; ++i) {
        const token::lead_tokens& p = phrases[i];
        const auto n = static_cast<std::size_t>(b.chord_lengths[i]);
        for (std::size_t t = 0; t < n; ++t) b.chords[t * B + i] = p.chords[t];
        for (std::size_t t = 0; t < 8 * n; ++t) b.melody[t * B + i] = p.melody[t];
        for (std::size_t t = 0; t < std::min(n + 1, b.bars); ++t)
            if (t < n || !whole || p.rows() <= published_rows) b.chord_targets[t * B + i] = b.chords[t * B + i];
        for (std::size_t t = 0; t < std::min(8 * n + (whole ? 0 : 1), 8 * b.bars); ++t)
            b.melody_targets[t * B + i] = b.melody[t * B + i];
    }
    return b;
}

inline published_feed own_tokens(const published_batch& b) {
    return {std::vector<std::int32_t>(b.chords.size(), -1), std::vector<std::int32_t>(b.melody.size(), -1)};
}

inline published_feed true_tokens(const published_batch& b) { return {b.chords, b.melody}; }

inline published_feed mixed_tokens(const published_batch& b, double probability, random_key key) {
    const auto mix = [&](std::vector<std::int32_t> tokens, random_stream random) {
        for (auto step = tokens.begin(); step != tokens.end(); step += static_cast<std::ptrdiff_t>(b.size))
            if (!(static_cast<double>(uniform_unit(random)) < probability)) std::fill_n(step, b.size, -1);
        return tokens;
    };
    return {mix(b.chords, random_stream(key.child("chords"))), mix(b.melody, random_stream(key.child("melody")))};
}

}  // namespace lofi::inline LOFI_ABI::model
