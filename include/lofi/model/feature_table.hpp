#pragma once
// Where the blocks of features lie in a network's table of rows.
#include <array>
#include <concepts>
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

/// Conditions as a vector of noughts and ones in the numbers of a backend: `told(c, f)` calls f(place) for each one.
template <class Backend, std::size_t N, class Conditions>
[[nodiscard]] constexpr std::array<typename Backend::activation, N> told_vector(const Conditions& c) {
    std::array<typename Backend::activation, N> z{};
    told(c, [&](std::size_t place) {
        if constexpr (std::floating_point<typename Backend::activation>)
            z[place] = 1;
        else
            z[place] = Backend::to_activation(1 << Backend::sum_bits);
    });
    return z;
}

}  // namespace lofi::inline LOFI_ABI::model
