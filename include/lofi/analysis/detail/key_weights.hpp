#pragma once
// How pitch classes and chords speak for a key. Written by `chord_finding_table --fit-keys .03`, on training songs of POP909.
#include <array>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::analysis::detail {

/// By third (major, minor), then by semitones above the tonic: melody, accompaniment, chords (major, minor, other), chords
/// where the melody begins.
inline constexpr std::array<std::array<float, 96>, 2> key_weights = {{
    {6.7F,  -0.2F, 2.2F,  -1.0F, 2.8F,  -3.7F, -2.5F, 4.1F,  -0.2F, -2.7F, -3.5F, -3.8F, 6.3F,  -2.6F, -0.3F, -1.8F,
     -0.7F, 4.5F,  -3.1F, 5.4F,  -0.7F, -1.8F, -4.6F, -2.5F, 7.6F,  -1.6F, 0.8F,  -1.1F, -0.0F, -0.3F, -5.0F, 3.8F,
     0.1F,  -2.0F, -0.1F, -0.2F, -3.6F, 6.3F,  -0.7F, 4.7F,  1.2F,  0.7F,  0.1F,  -0.3F, -1.6F, 7.6F,  -5.4F, -0.1F,
     0.8F,  -0.3F, -1.4F, -3.3F, 4.1F,  -0.9F, -6.1F, -0.6F, -0.1F, -1.4F, -2.9F, -0.6F, 1.8F,  -1.0F, 1.5F,  -0.0F,
     -0.0F, -0.1F, -0.9F, 0.4F,  0.5F,  -0.4F, -0.0F, -0.0F, -0.6F, 0.5F,  -0.3F, 0.7F,  0.4F,  0.3F,  0.1F,  -3.0F,
     -0.9F, 0.8F,  -1.5F, 1.3F,  -0.7F, -0.0F, 0.0F,  0.5F,  0.8F,  0.0F,  -2.7F, -0.3F, -0.0F, -0.4F, -1.8F, 1.0F},
    {5.2F,  -2.4F, -0.2F, 3.4F,  -2.7F, 3.1F,  -1.1F, 6.1F,  -3.3F, -6.3F, 1.8F,  -1.7F, 7.6F,  -3.5F, 1.2F,  1.3F,
     -0.2F, -1.0F, -1.3F, 4.7F,  -0.8F, -2.6F, -3.2F, -0.3F, 1.7F,  6.0F,  0.9F,  -4.7F, -0.2F, -0.1F, -2.6F, -3.6F,
     0.8F,  0.7F,  -0.6F, -0.8F, 0.2F,  -1.6F, -0.0F, -4.0F, 4.4F,  -0.5F, -0.1F, -0.0F, 0.1F,  4.0F,  -1.9F, 0.4F,
     5.4F,  -0.6F, -0.7F, -0.6F, -1.9F, 2.3F,  3.5F,  -4.1F, 0.5F,  -2.0F, -0.0F, 1.5F,  2.1F,  3.2F,  -0.1F, -2.2F,
     -0.1F, -0.1F, -1.2F, -1.0F, -0.3F, 2.1F,  -0.6F, -1.4F, -0.5F, -0.5F, -0.1F, -0.2F, 1.4F,  -0.4F, -0.8F, -0.0F,
     -0.0F, 1.2F,  2.1F,  0.1F,  0.7F,  2.0F,  -0.3F, -0.1F, 1.4F,  0.6F,  0.2F,  -2.0F, -1.2F, 0.3F,  -0.1F, -0.1F},
}};

}  // namespace lofi::inline LOFI_ABI::analysis::detail
