#pragma once
// Writing melodies with the melody network, segment after segment, a step at a time; and finding the latents of segments.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <lofi/core/random.hpp>
#include <lofi/model/logits.hpp>
#include <lofi/model/music_vae.hpp>
#include <lofi/sampling/integer.hpp>

namespace lofi::inline LOFI_ABI::model {

/// How steps are drawn. As it stands, from the raw network.
struct segment_sampling {
    sampling::integer_config steps{};
    std::uint16_t scale = 0;  ///< pitch classes above the tonic that notes may have, a bit each; 0: all
    int joint = 0;  ///< semitones that the first note of a segment may leap at most from the last of the one before; 0: any
    /// Steering by hand, in 1/65536 of a natural-log unit: for each semitone that a note lies above the middle of the voice, G4; for notes that
    /// begin off the beat, and taken from those on it.
    std::int32_t higher = 0, off_beat = 0;
};

/// A latent in 1/65536.
template <std::size_t Z>
using segment_latent = std::array<std::int32_t, Z>;

/// Draws a latent from the prior.
template <std::size_t Z>
[[nodiscard]] constexpr segment_latent<Z> draw_segment_latent(random_key key);
/// Draws a latent that is like another: `keep` of it, in 1/65536, and fresh noise, so that both come from the prior.
template <std::size_t Z>
[[nodiscard]] constexpr segment_latent<Z> draw_segment_latent(const segment_latent<Z>& like, std::uint32_t keep,
                                                              random_key key);

/// Finds the mean latent of a segment.
template <music_vae_config C, class Backend>
[[nodiscard]] segment_latent<C.latent> encode_segment(Backend be, typename music_vae<C, Backend>::params p,
                                                      const segment& steps) noexcept;

/// Writes segments one behind the other. What came before, heard or written, goes on.
template <music_vae_config C, class Backend>
class segment_writer {
public:
    using network = music_vae<C, Backend>;
    static constexpr std::size_t Z = C.latent;

    /// Copies everything but the weights.
    segment_writer(Backend be, typename network::params p, const segment_conditions& c, const segment_sampling& sampling,
                   random_key key)
        : be_(be),
          params_(p),
          conditions_(c),
          sampling_(sampling),
          key_(key),
          random_(key),
          sampler_(sampling.steps),
          state_(c) {}

    /// Hears a segment that somebody else wrote.
    void hear(const segment& steps) noexcept { state_.push(steps); }
    /// Begins the next segment from a latent. Its random numbers are its own: what came before does not move them.
    void begin(const segment_latent<Z>& z) noexcept;
    /// Writes one step of the segment begun and returns it; -1 when it is full.
    /// realtime: yes
    std::int32_t step() noexcept;
    /// Writes a whole segment.
    segment write(const segment_latent<Z>& z) noexcept {
        begin(z);
        segment out{};
        for (std::uint8_t& s : out) s = static_cast<std::uint8_t>(step());
        return out;
    }
    [[nodiscard]] const segment_state& state() const { return state_; }

private:
    Backend be_;
    typename network::params params_;
    segment_conditions conditions_;
    segment_sampling sampling_;
    random_key key_;
    random_stream random_;
    sampling::integer_sampler<segment_symbols> sampler_;
    segment_state state_;
    typename network::state memory_{};
    std::uint64_t segments_ = 0;
    std::size_t left_ = 0;
    bool first_ = true;  // no note of this segment yet
};

// ---------------------------------------------------------------- bodies

template <std::size_t Z>
constexpr segment_latent<Z> draw_segment_latent(random_key key) {
    random_stream random(key);
    segment_latent<Z> z{};
    for (std::int32_t& v : z) v = normal_q16(random);
    return z;
}

template <std::size_t Z>
constexpr segment_latent<Z> draw_segment_latent(const segment_latent<Z>& like, std::uint32_t keep, random_key key) {
    LOFI_ASSERT(keep <= 65536, "of a latent at most all is kept");
    segment_latent<Z> z = draw_segment_latent<Z>(key);
    // sqrt(1 - keep^2) in 1/65536, by Newton's steps in whole numbers.
    const std::uint64_t square = (std::uint64_t{1} << 32) - std::uint64_t{keep} * keep;
    std::uint64_t root = 65536;
    for (int i = 0; i < 40 && root > 0; ++i) root = (root + square / root) / 2;
    for (std::size_t i = 0; i < Z; ++i)
        z[i] = static_cast<std::int32_t>((std::int64_t{like[i]} * keep + std::int64_t{z[i]} * static_cast<std::int64_t>(root)) /
                                         65536);
    return z;
}

template <music_vae_config C, class Backend>
segment_latent<C.latent> encode_segment(Backend be, typename music_vae<C, Backend>::params p, const segment& steps) noexcept {
    using network = music_vae<C, Backend>;
    std::array<typename network::sum, 2 * C.latent> y{};
    network::encode(be, p, steps, frame<typename network::sum, 2 * C.latent>(y));
    segment_latent<C.latent> z{};
    for (std::size_t i = 0; i < z.size(); ++i) z[i] = detail::logit_q16(y[i]);
    return z;
}

template <music_vae_config C, class Backend>
void segment_writer<C, Backend>::begin(const segment_latent<Z>& z) noexcept {
    using activation = typename network::activation;
    LOFI_ASSERT(left_ == 0, "a segment is written to its end before the next begins");
    std::array<activation, network::told_size> told_values{};
    for (std::size_t i = 0; i < Z; ++i) {
        if constexpr (std::floating_point<activation>)
            told_values[i] = static_cast<activation>(z[i]) / 65536;
        else
            told_values[i] = Backend::to_activation(z[i]);
    }
    const auto conditions = told_vector<Backend, segment_condition_size>(conditions_);
    std::copy(conditions.begin(), conditions.end(), told_values.begin() + Z);
    network::reset(be_, params_, memory_, frame<const activation, network::told_size>(told_values));
    random_ = random_stream(key_.child(segments_++));
    left_ = segment_steps;
    first_ = true;
}

template <music_vae_config C, class Backend>
std::int32_t segment_writer<C, Backend>::step() noexcept {
    using namespace token::melody_class;
    if (left_ == 0) return -1;
    --left_;
    segment_state::ids ids;
    state_.features(ids);
    std::array<typename network::sum, segment_output::count> y;
    network::step(be_, params_, memory_, ids, frame<typename network::sum, segment_output::count>(y));
    const segment_context at = state_.context();
    const std::size_t place = state_.place();
    std::array<std::int32_t, segment_symbols> logits{};
    for (std::size_t v = 0; v < segment_symbols; ++v) {
        const auto symbol = static_cast<std::int32_t>(v);
        bool may = segment_allows(at, symbol);
        if (symbol >= first_note) {
            const int pitch = symbol - first_note + token::melody_class::lowest;
            if (sampling_.scale != 0 && (sampling_.scale >> (pitch % 12) & 1U) == 0) may = false;
            if (first_ && sampling_.joint != 0 && at.sung >= 0 && std::abs(symbol - first_note - at.sung) > sampling_.joint)
                may = false;
        }
        if (!may) {
            logits[v] = sampling::never;
            continue;
        }
        std::int64_t logit = 0;
        segment_terms(at, symbol, [&](std::size_t output) { logit += detail::logit_q16(y[output]); });
        if (symbol >= first_note) {
            constexpr int middle = 67;
            logit += std::int64_t{sampling_.higher} * (symbol - first_note + token::melody_class::lowest - middle);
            logit += place % 4 == 0 ? -sampling_.off_beat : sampling_.off_beat;
        }
        logits[v] = static_cast<std::int32_t>(std::clamp<std::int64_t>(logit, -2'000'000'000, 2'000'000'000));
    }
    const auto symbol = static_cast<std::int32_t>(sampler_.sample({.logits = logits}, random_));
    if (symbol >= first_note) first_ = false;
    state_.push(symbol);
    return symbol;
}

}  // namespace lofi::inline LOFI_ABI::model
