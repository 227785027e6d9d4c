#pragma once
// Classifier-free guidance: logits of a network that was told something, pushed away from those of one that was not.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include <lofi/core/assert.hpp>
#include <lofi/sampling/integer.hpp>

namespace lofi::inline LOFI_ABI::sampling {

/// Writes without + scale * (with - without). Scale 1 gives `with`, 0 `without`, more follows what was told more strongly.
/// An id that either removes (-infinity or not a number; `never`) is removed; at scale 1 `with` alone counts.
/// writes: out =, which may be either input
/// realtime: yes
/// source: Ho, Salimans: Classifier-Free Diffusion Guidance (2022); Sanchez and others 2023 (for language models)
constexpr void guide(std::span<const float> with, std::span<const float> without, float scale, std::span<float> out);

/// The same in whole numbers alone: logits and scale in 1/65536. What would not fit is held at the ends.
constexpr void guide(std::span<const std::int32_t> with, std::span<const std::int32_t> without, std::int32_t scale,
                     std::span<std::int32_t> out);

// ---------------------------------------------------------------- bodies

constexpr void guide(std::span<const float> with, std::span<const float> without, float scale, std::span<float> out) {
    LOFI_ASSERT(with.size() == without.size() && with.size() == out.size(), "guidance takes two sets of logits of one size");
    constexpr float largest = std::numeric_limits<float>::max(), removed = -std::numeric_limits<float>::infinity();
    for (std::size_t id = 0; id < out.size(); ++id) {
        const float a = with[id], b = without[id];
        if (scale == 1.0F)
            out[id] = a;
        else if (!(a >= -largest && b >= -largest))
            out[id] = removed;
        else {
            // In double nothing overflows on the way; the ends of float are kept, so that huge is not removed.
            const double u = std::min(b, largest), v = u + double{scale} * (double{std::min(a, largest)} - u);
            out[id] = static_cast<float>(std::clamp(v, -double{largest}, double{largest}));
        }
    }
}

constexpr void guide(std::span<const std::int32_t> with, std::span<const std::int32_t> without, std::int32_t scale,
                     std::span<std::int32_t> out) {
    LOFI_ASSERT(with.size() == without.size() && with.size() == out.size(), "guidance takes two sets of logits of one size");
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    for (std::size_t id = 0; id < out.size(); ++id) {
        const std::int64_t a = with[id], b = without[id];
        if (scale == 65536) {
            out[id] = with[id];
        } else if (with[id] == never || without[id] == never) {
            out[id] = never;
        } else {
            // Below 2^63: a difference has 32 bits, a scale 31. Halves are rounded away from 0.
            const std::int64_t push = (a - b) * scale;
            const std::int64_t v = b + (push + (push < 0 ? -32768 : 32768)) / 65536;
            out[id] = static_cast<std::int32_t>(std::clamp(v, -most, most));
        }
    }
}

}  // namespace lofi::inline LOFI_ABI::sampling
