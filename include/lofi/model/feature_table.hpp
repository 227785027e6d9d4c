#pragma once
// Where the blocks of features lie in a network's table of rows.
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::model {

/// First rows of the blocks in the table, and the size of the whole.
template <std::size_t N>
[[nodiscard]] constexpr std::array<std::int32_t, N + 1> offsets(const std::array<std::size_t, N>& sizes) {
    std::array<std::int32_t, N + 1> at{};
    for (std::size_t i = 0; i < N; ++i) at[i + 1] = at[i] + static_cast<std::int32_t>(sizes[i]);
    return at;
}

}  // namespace lofi::inline LOFI_ABI::model
