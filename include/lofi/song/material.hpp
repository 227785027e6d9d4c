#pragma once
// The material of sections: what they share when a theme comes back, and how it comes back changed.
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/core/random.hpp>
#include <lofi/model/lofi2lofi_generate.hpp>
#include <lofi/pretrained/lofi2lofi.hpp>

namespace lofi::inline LOFI_ABI::song {

inline constexpr std::size_t phrase_rows = 16;  ///< eight bars of half bars

/// A latent of the network of lead sheets, in 1/65536.
using lead_latent = std::array<std::int32_t, pretrained::lofi2lofi_sizes.latent>;

/// Returns the latent of a material as it stands at its first, second, ... return: each walks a little further from the first.
[[nodiscard]] inline lead_latent latent_of(random_key material, std::uint8_t variation);

// ---------------------------------------------------------------- bodies

namespace detail {

// A latent a small walk away from another: its variance stays 1, and about `share`/256 of it is new.
inline lead_latent walk(const lead_latent& from, std::int32_t share, random_key key) {
    random_stream random(key);
    lead_latent out{};
    // cos and sin of a turn, so that the sum of squares is one: cos = 1 - share^2/2 to the precision that matters here.
    const std::int64_t sine = share, cosine = 256 - (share * share + 256) / 512;
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<std::int32_t>((from[i] * cosine + normal_q16(random) * sine) / 256);
    return out;
}

}  // namespace detail

inline lead_latent latent_of(random_key material, std::uint8_t variation) {
    lead_latent z = model::draw_latent<pretrained::lofi2lofi_sizes.latent>(material.child("latent"));
    for (std::uint8_t v = 0; v < variation; ++v) z = detail::walk(z, 70, material.child("walk").child(v));
    return z;
}

}  // namespace lofi::inline LOFI_ABI::song
