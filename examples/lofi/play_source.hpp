#pragma once
// What `lofi play` hears: the radio, a script that steers it to the frame, and meters.
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <lofi/radio.hpp>
#include <lofi/synth/config.hpp>

namespace program {

/// A change that a script makes at a frame.
struct scripted {
    lofi::frames at{};
    lofi::change what{};
};

/// The radio as something to draw blocks from.
/// realtime: `render` takes no lock and no memory
class play_source {
public:
    static constexpr std::size_t meters = 2 + lofi::synth::layer_count;  ///< left, right, then the layers

    /// The script is in order of time.
    play_source(const lofi::radio_config& config, std::vector<scripted> script) : radio_(config), script_(std::move(script)) {}

    /// writes: = interleaved
    void render(std::span<float> interleaved) noexcept;

    [[nodiscard]] lofi::radio& radio() { return radio_; }
    /// Frames given out.
    [[nodiscard]] lofi::frames position() const { return lofi::frames(given_.load(std::memory_order_relaxed)); }
    /// The highest sample of a meter since it was last asked.
    [[nodiscard]] float peak(std::size_t meter) { return peaks_[meter].exchange(0.0F, std::memory_order_relaxed); }

private:
    static constexpr std::size_t chunk = 256;

    void measure(std::size_t meter, lofi::audio::stereo_view sound);

    lofi::radio radio_;
    std::vector<scripted> script_;
    std::size_t done_ = 0;  // of the script
    std::atomic<std::int64_t> given_{0};
    std::array<std::array<float, chunk>, 2 * meters> sound_{};
    std::array<std::atomic<float>, meters> peaks_{};
};

// ---------------------------------------------------------------- bodies

inline void play_source::measure(std::size_t meter, lofi::audio::stereo_view sound) {
    float peak = 0.0F;
    for (std::size_t i = 0; i < sound.size(); ++i) peak = std::max({peak, std::abs(sound.left[i]), std::abs(sound.right[i])});
    if (peak > peaks_[meter].load(std::memory_order_relaxed)) peaks_[meter].store(peak, std::memory_order_relaxed);
}

inline void play_source::render(std::span<float> interleaved) noexcept {
    for (std::size_t made = 0, all = interleaved.size() / 2; made < all;) {
        const std::int64_t now = position().value;
        while (done_ < script_.size() && script_[done_].at.value <= now && radio_.set(script_[done_].what)) ++done_;
        std::size_t count = std::min(chunk, all - made);
        if (done_ < script_.size() && script_[done_].at.value > now)
            count = static_cast<std::size_t>(
                std::min<std::int64_t>(static_cast<std::int64_t>(count), script_[done_].at.value - now));

        const auto view = [&](std::size_t i) {
            return lofi::audio::stereo_view{std::span(sound_[2 * i]).first(count), std::span(sound_[2 * i + 1]).first(count)};
        };
        std::array<lofi::audio::stereo_view, lofi::synth::layer_count> layers;
        for (std::size_t l = 0; l < layers.size(); ++l) layers[l] = view(1 + l);
        const lofi::audio::stereo_view mix = view(0);
        radio_.render(mix, layers);
        for (std::size_t i = 0; i < count; ++i)
            interleaved[2 * (made + i)] = mix.left[i], interleaved[2 * (made + i) + 1] = mix.right[i];

        measure(0, {mix.left, mix.left});
        measure(1, {mix.right, mix.right});
        for (std::size_t l = 0; l < layers.size(); ++l) measure(2 + l, layers[l]);
        made += count;
        given_.store(now + static_cast<std::int64_t>(count), std::memory_order_relaxed);
    }
}

}  // namespace program
