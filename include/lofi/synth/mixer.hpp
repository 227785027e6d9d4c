#pragma once
// The desk: a fader, a low cut and a tone knob for each part, and the room that hears them.
#include <array>
#include <cstddef>

#include <lofi/audio/block.hpp>
#include <lofi/dsp/glide.hpp>
#include <lofi/dsp/reverb.hpp>
#include <lofi/dsp/tone_bank.hpp>
#include <lofi/synth/config.hpp>

namespace lofi::inline LOFI_ABI::synth {

using dsp::chunk_frames;

/// A chunk of one channel, and of two.
using mono_chunk = std::array<float, chunk_frames>;
struct stereo_chunk {
    mono_chunk left{}, right{};
    [[nodiscard]] audio::stereo_view view() { return {left, right}; }
};

/// Takes the five parts as their instruments give them, and gives the six layers as they go into the master chain.
class mixer {
public:
    explicit mixer(hertz rate);

    /// Turns faders; they glide.
    void set(const mix&) noexcept;
    void reset() noexcept;
    /// `duck` is what the kick takes off each frame, 0 nothing and 1 all.
    /// writes: = layers
    void process(std::array<stereo_chunk, layer_count>& layers, const mono_chunk& duck) noexcept;

private:
    hertz rate_;
    std::array<dsp::glide, score::part_count> fader_;
    dsp::glide room_;
    dsp::tone_bank<12> tone_;  // left and right of each part, and two more to make fours
    dsp::reverb reverb_;
};

// ---------------------------------------------------------------- bodies

namespace detail {
// The house mix: where the fader of each part stands, how dark it is, how much of it the room hears, what gives way to the kick.
struct house_strip {
    double gain, low_cut, tone;
    float room, duck;
};
inline constexpr std::array<house_strip, score::part_count> house_mix = {{
    {7.0, 90.0, 3600.0, 0.30F, 1.0F},    // keys
    {10.0, 140.0, 4800.0, 0.45F, 0.8F},  // melody
    {7.0, 30.0, 1100.0, 0.0F, 0.5F},     // bass
    {8.0, 28.0, 11000.0, 0.12F, 0.0F},   // drums
    {8.0, 60.0, 7000.0, 0.25F, 0.6F},    // texture
}};
}  // namespace detail

inline mixer::mixer(hertz rate) : rate_(rate), reverb_(rate) {
    for (std::size_t p = 0; p < score::part_count; ++p)
        for (std::size_t side = 0; side < 2; ++side)
            tone_.set(2 * p + side, hertz(detail::house_mix[p].low_cut), hertz(detail::house_mix[p].tone), 0.6, rate_);
}

inline void mixer::set(const mix& m) noexcept {
    for (std::size_t p = 0; p < score::part_count; ++p) {
        const double fader = m.gain[p].value;
        fader_[p].aim = fader <= -120.0 ? 0.0F : math::db_to_gain(decibels(fader + detail::house_mix[p].gain));
    }
    room_.aim = 6.5F * m.reverb;
}

inline void mixer::reset() noexcept {
    for (dsp::glide& f : fader_) f.jump();
    room_.jump();
    tone_.reset(), reverb_.reset();
}

inline void mixer::process(std::array<stereo_chunk, layer_count>& layers, const mono_chunk& duck) noexcept {
    using namespace dsp;
    mono_chunk none{};
    std::array<float*, 12> channels;
    channels.fill(none.data());
    for (std::size_t p = 0; p < score::part_count; ++p)
        channels[2 * p] = layers[p].left.data(), channels[2 * p + 1] = layers[p].right.data();
    tone_.process(channels);

    stereo_chunk& room = layers[static_cast<std::size_t>(layer::room)];
    room = {};
    const float send = room_.moving() ? room_.tick(0.05F) : room_.now;
    for (std::size_t p = 0; p < score::part_count; ++p) {
        const float from = fader_[p].now, to = fader_[p].moving() ? fader_[p].tick(0.05F) : from;
        const float4 slope = splat((to - from) * (1.0F / chunk_frames)), depth = splat(detail::house_mix[p].duck);
        const float4 heard = splat(send * detail::house_mix[p].room);
        float4 fader = splat(from) + slope * ramp(1.0F);
        for (std::size_t n = 0; n < chunk_frames; n += 4, fader += splat(4.0F) * slope) {
            const float4 gain = fader * (splat(1.0F) - depth * load(&duck[n]));
            const float4 left = gain * load(&layers[p].left[n]), right = gain * load(&layers[p].right[n]);
            store(&layers[p].left[n], left), store(&layers[p].right[n], right);
            store(&room.left[n], load(&room.left[n]) + heard * left);
            store(&room.right[n], load(&room.right[n]) + heard * right);
        }
    }
    reverb_.process(room.view());
}

}  // namespace lofi::inline LOFI_ABI::synth
