#pragma once
// The melody network that travels with the library: its sizes, its styles, and its quantised weights ready to write.
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include <lofi/model/music_vae.hpp>
#include <lofi/pretrained/detail/music_vae_weights.hpp>
#include <lofi/pretrained/packed.hpp>

namespace lofi::inline LOFI_ABI::pretrained {

/// Sizes of the network whose weights are built in.
inline constexpr model::music_vae_config music_vae_sizes{};

/// What the styles of the built-in weights are called, from 1 on.
inline constexpr std::array<std::string_view, 2> music_vae_styles = {"lead sheets", "art songs"};

struct music_vae_kind {
    using network = model::music_vae<music_vae_sizes, backend::fixed>;
    static constexpr const char* name = "melody network";
    static constexpr std::span<const std::uint64_t> words() { return detail::music_vae_words; }
};

/// The melody network in fixed point, with its weights.
using music_vae = packed<music_vae_kind>;

}  // namespace lofi::inline LOFI_ABI::pretrained
