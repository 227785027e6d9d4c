#pragma once
// Sound as a picture: its spectrogram, as PNG or SVG.
#include <algorithm>
#include <filesystem>
#include <span>
#include <string>

#include <lofi/audio/spectrum.hpp>
#include <lofi/plot/heat_map.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// The spectrogram of one channel, of as many columns as a picture shows.
[[nodiscard]] inline plot::figure sound_picture(std::span<const float> sound, hertz rate, const std::string& title) {
    constexpr std::size_t columns = 1200;
    const audio::spectrogram s =
        audio::magnitude_spectrogram(sound, rate, {.window = 1024, .hop = std::max<std::size_t>(128, sound.size() / columns)});
    return plot::spectrogram({s.values, s.times, s.bins}, {.title = title, .hop = s.time_step, .bin = s.bin_width});
}

/// Draws it into a file, of the kind that its name says.
/// errors: throws as `plot::write`
inline void draw_sound(std::span<const float> sound, hertz rate, const std::string& title, const std::filesystem::path& file) {
    plot::write(file, sound_picture(sound, rate, title)).value();
}

}  // namespace lofi::inline LOFI_ABI::recipe
