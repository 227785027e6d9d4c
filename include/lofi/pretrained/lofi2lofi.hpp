#pragma once
// The improved Lofi2Lofi that travels with the library: its sizes, and its quantised weights ready to play.
#include <cstdint>
#include <span>

#include <lofi/model/lofi2lofi.hpp>
#include <lofi/pretrained/detail/lofi2lofi_weights.hpp>
#include <lofi/pretrained/packed.hpp>

namespace lofi::inline LOFI_ABI::pretrained {

/// Sizes of the network whose weights are built in.
inline constexpr model::lofi2lofi_config lofi2lofi_sizes{};

struct lofi2lofi_kind {
    using network = model::lofi2lofi_decoder<lofi2lofi_sizes, backend::fixed>;
    static constexpr const char* name = "lofi2lofi";
    static constexpr std::span<const std::uint64_t> words() { return detail::lofi2lofi_words; }
};

/// The decoder of lead sheets in fixed point, with its weights.
using lofi2lofi = packed<lofi2lofi_kind>;

}  // namespace lofi::inline LOFI_ABI::pretrained
