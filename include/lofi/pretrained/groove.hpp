#pragma once
// The groove network that travels with the library: its sizes, and its quantised weights ready to play.
#include <cstdint>
#include <span>

#include <lofi/model/groove.hpp>
#include <lofi/pretrained/detail/groove_weights.hpp>
#include <lofi/pretrained/packed.hpp>

namespace lofi::inline LOFI_ABI::pretrained {

/// Sizes of the network whose weights are built in.
inline constexpr model::groove_config groove_sizes{};

struct groove_kind {
    using network = model::groove_network<groove_sizes, backend::fixed>;
    static constexpr const char* name = "groove network";
    static constexpr std::span<const std::uint64_t> words() { return detail::groove_words; }
};

/// The groove network in fixed point, with its weights.
using groove = packed<groove_kind>;

}  // namespace lofi::inline LOFI_ABI::pretrained
