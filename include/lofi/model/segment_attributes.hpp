#pragma once
// Denser, higher, more syncopated: what segments have more or less of, and the way through the latent space that leads to more.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lofi/model/music_vae_generate.hpp>

namespace lofi::inline LOFI_ABI::model {

enum class segment_attribute : std::uint8_t {
    density,  ///< notes
    height,   ///< mean pitch
    syncopation  ///< share of the notes that begin off the beat where the stronger place before has none, as in Roberts and others (2018)
};

/// How much a segment has of an attribute: a whole number that grows with it.
[[nodiscard]] constexpr std::int32_t value_of(const segment& steps, segment_attribute a);

/// Finds the way towards more of an attribute from what the network writes itself: of so many segments from the prior, the mean latent of the
/// quarter that has most of it, less that of the quarter that has least.
/// The built-in network's latents carry density; height and syncopation they leave to `segment_sampling`.
/// source: attribute vectors: Roberts and others (2018), 5.4; here without a corpus
template <music_vae_config C, class Backend>
[[nodiscard]] segment_latent<C.latent> attribute_direction(Backend be, typename music_vae<C, Backend>::params p,
                                                           segment_attribute a, const segment_conditions& c, random_key key,
                                                           std::size_t samples = 512);

/// Goes along a direction by so much of it, in 1/65536.
template <std::size_t Z>
[[nodiscard]] constexpr segment_latent<Z> pulled(segment_latent<Z> z, const segment_latent<Z>& direction, std::int32_t by) {
    for (std::size_t i = 0; i < Z; ++i) z[i] += static_cast<std::int32_t>(std::int64_t{direction[i]} * by / 65536);
    return z;
}

// ---------------------------------------------------------------- bodies

constexpr std::int32_t value_of(const segment& steps, segment_attribute a) {
    using namespace token::melody_class;
    std::int32_t notes = 0, pitches = 0, off_beat = 0;
    for (std::size_t t = 0; t < steps.size(); ++t) {
        if (steps[t] < first_note) continue;
        ++notes, pitches += steps[t];
        // The stronger place before: the eighth before an odd sixteenth, the beat before an eighth off it.
        if (t % 4 != 0 && steps[t - (t % 2 == 1 ? 1 : 2)] < first_note) ++off_beat;
    }
    switch (a) {
        case segment_attribute::density: return notes;
        case segment_attribute::height: return notes == 0 ? 0 : 256 * pitches / notes;
        case segment_attribute::syncopation: return notes == 0 ? 0 : 256 * off_beat / notes;
    }
    return 0;
}

template <music_vae_config C, class Backend>
segment_latent<C.latent> attribute_direction(Backend be, typename music_vae<C, Backend>::params p, segment_attribute a,
                                             const segment_conditions& c, random_key key, std::size_t samples) {
    constexpr std::size_t Z = C.latent;
    std::vector<segment_latent<Z>> latents(samples);
    std::vector<std::pair<std::int32_t, std::size_t>> order(samples);
    for (std::size_t i = 0; i < samples; ++i) {
        latents[i] = draw_segment_latent<Z>(key.child(i).child("latent"));
        segment_writer<C, Backend> writer(be, p, c, {}, key.child(i).child("steps"));
        order[i] = {value_of(writer.write(latents[i]), a), i};
    }
    std::sort(order.begin(), order.end());
    const std::size_t quarter = std::max<std::size_t>(samples / 4, 1);
    segment_latent<Z> out{};
    for (std::size_t d = 0; d < Z; ++d) {
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < quarter; ++i)
            sum += std::int64_t{latents[order[samples - 1 - i].second][d]} - latents[order[i].second][d];
        out[d] = static_cast<std::int32_t>(sum / static_cast<std::int64_t>(quarter));
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::model
