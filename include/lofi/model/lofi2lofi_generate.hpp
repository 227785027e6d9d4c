#pragma once
// Writing a phrase with the improved Lofi2Lofi, a network step at a time.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include <lofi/core/random.hpp>
#include <lofi/model/lofi2lofi.hpp>
#include <lofi/model/logits.hpp>
#include <lofi/sampling/integer.hpp>

namespace lofi::inline LOFI_ABI::model {

/// A phrase as whole numbers: chords, and eight melody slots for each.
struct lead_phrase {
    std::array<std::uint8_t, longest_phrase> chords{};
    std::array<std::uint8_t, longest_phrase * 8> melody{};
    std::size_t rows = 0;

    [[nodiscard]] std::span<const std::uint8_t> chord_span() const { return {chords.data(), rows}; }
    [[nodiscard]] std::span<const std::uint8_t> melody_span() const { return {melody.data(), 8 * rows}; }
};

/// Where a phrase ends.
enum class phrase_end : std::uint8_t {
    at_rows,    ///< exactly where the conditions say
    by_network  ///< where the network puts END, at the conditions' rows at the latest
};

/// How symbols are drawn. As it stands, from the raw network.
struct lead_sampling {
    sampling::integer_config chords{}, melody{}, bars{};
    std::array<std::int32_t, chord_symbols> chord_bias{};  ///< added to the chords' logits, in 1/65536
    phrase_end end = phrase_end::at_rows;
    std::size_t loop = 0;  ///< rows after which the chords come round again; 0: they do not
    int longest_note = 0;  ///< slots after which a new slot may not hold a note on, at most 16; 0: it always may
};

/// A latent in the numbers of a backend, from whole numbers in 1/65536.
template <class Backend, std::size_t Z>
[[nodiscard]] constexpr std::array<typename Backend::activation, Z> to_activations(std::span<const std::int32_t, Z> z);

/// Draws a latent from the prior, in 1/65536.
template <std::size_t Z>
[[nodiscard]] constexpr std::array<std::int32_t, Z> draw_latent(random_key key);

/// Writes one phrase. Chords come first, then the melody over them; each step is bounded, so that a phrase may be written in
/// slices. Chords and melody have random numbers of their own: what moves one does not move the other.
template <lofi2lofi_config C, class Backend>
class phrase_writer {
public:
    using decoder = lofi2lofi_decoder<C, Backend>;

    phrase_writer(Backend be, typename decoder::params p, const lead_conditions& c, std::span<const std::int32_t, C.latent> z,
                  const lead_sampling& sampling, random_key key)
        : be_(be),
          params_(p),
          conditions_(c),
          sampling_(sampling),
          chord_state_(c),
          chord_random_(key.child("chords")),
          melody_random_(key.child("melody")),
          bar_random_(key.child("bars")),
          chord_sampler_(sampling.chords),
          melody_sampler_(sampling.melody),
          bar_sampler_(sampling.bars) {
        LOFI_ASSERT(c.rows >= 1 && c.rows <= static_cast<std::int32_t>(longest_phrase),
                    "a phrase has 1 to 64 rows: chain phrases for more");
        const auto activations = to_activations<Backend, C.latent>(z);
        decoder::reset(be_, params_, state_, frame<const typename decoder::activation, C.latent>(activations));
    }

    /// Writes one chord or one slot; true while there is more to write.
    /// realtime: yes
    bool step() noexcept;
    /// Writes to the end.
    const lead_phrase& generate() noexcept {
        while (step()) {
        }
        return phrase_;
    }
    [[nodiscard]] const lead_phrase& phrase() const { return phrase_; }

private:
    bool step_chord() noexcept;
    bool step_melody() noexcept;

    Backend be_;
    typename decoder::params params_;
    typename decoder::state state_;
    lead_conditions conditions_;
    lead_sampling sampling_;
    chord_state chord_state_;
    melody_state melody_state_;
    random_stream chord_random_, melody_random_, bar_random_;
    sampling::integer_sampler<chord_symbols> chord_sampler_;
    sampling::integer_sampler<melody_symbols> melody_sampler_;
    sampling::integer_sampler<bar_choices> bar_sampler_;
    lead_phrase phrase_;
    std::size_t copy_from_ = 0;  // bars back that the present bar repeats; 0: it is new
    bool chords_done_ = false;
};

// ---------------------------------------------------------------- bodies

template <class Backend, std::size_t Z>
constexpr std::array<typename Backend::activation, Z> to_activations(std::span<const std::int32_t, Z> z) {
    std::array<typename Backend::activation, Z> out{};
    for (std::size_t i = 0; i < Z; ++i) {
        if constexpr (std::floating_point<typename Backend::activation>)
            out[i] = static_cast<typename Backend::activation>(z[i]) / 65536;
        else
            out[i] = Backend::to_activation(z[i]);
    }
    return out;
}

template <std::size_t Z>
constexpr std::array<std::int32_t, Z> draw_latent(random_key key) {
    random_stream random(key);
    std::array<std::int32_t, Z> z{};
    for (std::int32_t& v : z) v = normal_q16(random);
    return z;
}

template <lofi2lofi_config C, class Backend>
bool phrase_writer<C, Backend>::step() noexcept {
    if (!chords_done_) {
        if (step_chord()) return true;
        chords_done_ = true;
        melody_state_ = melody_state(conditions_, phrase_.chord_span());
        return phrase_.rows != 0;
    }
    return step_melody();
}

template <lofi2lofi_config C, class Backend>
bool phrase_writer<C, Backend>::step_chord() noexcept {
    if (phrase_.rows == static_cast<std::size_t>(conditions_.rows)) return false;
    const auto keep = [&](std::size_t chord) {
        const bool major = conditions_.mode != 0 && chord != 0 &&
                           triad_is_major(static_cast<score::mode>(conditions_.mode), static_cast<int>(chord));
        chord_state_.push(static_cast<int>(chord), major);
        phrase_.chords[phrase_.rows++] = static_cast<std::uint8_t>(chord);
        return true;
    };
    if (sampling_.loop != 0 && phrase_.rows >= sampling_.loop) return keep(phrase_.chords[phrase_.rows - sampling_.loop]);
    chord_state::ids ids;
    chord_state_.features(ids);
    std::array<typename decoder::sum, chord_outputs> y;
    decoder::step_chord(be_, params_, state_, ids, frame<typename decoder::sum, chord_outputs>(y));

    std::array<std::int32_t, chord_symbols> logits{};
    chord_terms(view(chord_state_),
                [&](std::size_t symbol, std::size_t output) { logits[symbol] += detail::logit_q16(y[output]); });
    // The first row is always written: a phrase of nothing is none.
    if (sampling_.end == phrase_end::at_rows || phrase_.rows == 0) logits[chord_end] = sampling::never;
    const std::size_t chord = chord_sampler_.sample({.logits = logits, .bias = sampling_.chord_bias}, chord_random_);
    if (chord == chord_end) {
        // The melody's countdowns go by the length that the phrase got.
        conditions_.rows = static_cast<std::int32_t>(phrase_.rows);
        return false;
    }
    return keep(chord);
}

template <lofi2lofi_config C, class Backend>
bool phrase_writer<C, Backend>::step_melody() noexcept {
    const auto at = static_cast<std::size_t>(melody_state_.length());
    melody_state::ids ids;
    melody_state_.features(ids);
    std::array<typename decoder::sum, melody_head_size> y;
    decoder::step_melody(be_, params_, state_, ids, frame<typename decoder::sum, melody_head_size>(y));

    if (at % 8 == 0) {
        std::array<std::int32_t, bar_choices> logits{};
        for (std::size_t k = 0; k < bar_choices; ++k)
            logits[k] = k <= at / 8 ? detail::logit_q16(y[melody_outputs + k]) : sampling::never;
        copy_from_ = bar_sampler_.sample({.logits = logits}, bar_random_);
    }
    std::size_t value = 0;
    if (copy_from_ != 0) {
        value = phrase_.melody[at - 8 * copy_from_];
    } else {
        std::array<std::int32_t, melody_symbols> logits{};
        melody_terms(view(melody_state_),
                     [&](std::size_t symbol, std::size_t output) { logits[symbol] += detail::logit_q16(y[output]); });
        const int previous = melody_state_.before(1);
        if (sampling_.longest_note != 0 && previous != 0 && at != 0 && melody_state_.held() >= sampling_.longest_note)
            logits[static_cast<std::size_t>(previous)] = sampling::never;
        value = melody_sampler_.sample({.logits = logits}, melody_random_);
    }
    melody_state_.push(static_cast<int>(value));
    phrase_.melody[at] = static_cast<std::uint8_t>(value);
    return at + 1 < 8 * phrase_.rows;
}

}  // namespace lofi::inline LOFI_ABI::model
