#pragma once
// One sounding note.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/dsp/filter.hpp>
#include <lofi/dsp/noise.hpp>
#include <lofi/synth/strike.hpp>

namespace lofi::inline LOFI_ABI::synth {

using dsp::chunk_frames;

/// Plays a strike, a chunk of 32 frames at a time. Nothing in it allocates.
class voice {
public:
    /// Starts at frame `offset` of the next chunk and ends `length` frames later.
    void start(const strike&, hertz rate, std::size_t offset, frames length, random_key noise) noexcept;
    /// Ends the note at frame `offset` of the next chunk, unless it has ended before.
    void damp(std::size_t offset) noexcept { left_ = std::min(left_, static_cast<std::int64_t>(offset)); }
    /// Silences within some milliseconds, whatever the instrument.
    void fade(hertz rate, std::size_t offset) noexcept;

    [[nodiscard]] bool silent() const noexcept { return !on_; }
    [[nodiscard]] bool ending() const noexcept { return left_ <= 0; }
    /// Loudness of its last chunk, as power.
    [[nodiscard]] float power() const noexcept { return power_; }
    /// writes: += left, right
    void process(std::span<float, chunk_frames> left, std::span<float, chunk_frames> right) noexcept;

private:
    struct noise {
        dsp::state_variable filter;
        burst::pass through{};
        float gain = 0.0F, keep = 0.0F, rise = 0.0F, level = 0.0F;
    };
    using block = std::array<float, chunk_frames>;
    void add_noise(noise&, block&) noexcept;
    void add_skin(block&) noexcept;

    bool on_ = false;
    std::int32_t age_ = 0;   // frames since the start, at the beginning of the next chunk
    std::int64_t left_ = 0;  // frames until the end
    dsp::modal_bank<strike::most_modes> modes_;
    std::array<noise, 2> noise_;
    dsp::white_noise white_;
    std::uint32_t skin_phase_ = 0;
    float skin_ = 0.0F, skin_keep_ = 0.0F, bend_ = 0.0F, bend_keep_ = 0.0F, skin_step_ = 0.0F, bend_step_ = 0.0F;
    float rise_ = 1.0F, attack_frames_ = 1.0F;
    float released_ = 1.0F, release_keep_ = 1.0F;
    float pan_left_ = 1.0F, pan_right_ = 1.0F, power_ = 0.0F;
};

// ---------------------------------------------------------------- bodies

inline void voice::start(const strike& s, hertz rate, std::size_t offset, frames length, random_key key) noexcept {
    const auto keep = [&](seconds t60) {
        return static_cast<float>(math::exp2(-9.965784284662087 / std::max(t60.value * rate.value, 1.0)));
    };
    on_ = true, power_ = 1.0F;
    age_ = -static_cast<std::int32_t>(offset);
    const bool rings = s.release.value < 0.0;
    left_ = rings ? INT64_MAX / 2 : length.value + static_cast<std::int64_t>(offset);
    released_ = 1.0F, release_keep_ = keep(rings ? seconds(0.02) : s.release);
    modes_.start(s.sounding(), rate, offset);
    white_ = dsp::white_noise(key);
    for (std::size_t i = 0; i < noise_.size(); ++i) {
        const burst& b = s.bursts[i];
        noise& n = noise_[i];
        n = {};
        if (!(b.gain > 0.0F)) continue;
        n.filter = dsp::state_variable(b.corner, b.q, rate);
        n.through = b.through;
        // Noise spreads up to half the rate: so much louder must it be for the same power below a fixed corner.
        n.gain = b.gain * static_cast<float>(math::sqrt(rate.value / 48000.0));
        n.keep = keep(b.decay), n.level = 1.0F;
        n.rise = static_cast<float>(1.0 / std::max(1.0, b.attack.value * rate.value));
    }
    skin_ = s.skin.gain, skin_phase_ = 0, bend_ = 1.0F;
    skin_keep_ = keep(s.skin.decay);
    bend_keep_ = static_cast<float>(math::exp(-1.0 / std::max(s.skin.fall.value * rate.value, 1.0)));
    skin_step_ = static_cast<float>(s.skin.to / rate * 0x1p32),
    bend_step_ = static_cast<float>((s.skin.from - s.skin.to) / rate * 0x1p32);
    attack_frames_ = static_cast<float>(std::max(4.0, s.attack.value * rate.value));
    rise_ = 1.0F / attack_frames_;
    // Equal power: -3 dB on both sides in the middle.
    const float turn = 0.125F * (1.0F + std::clamp(s.pan, -1.0F, 1.0F));
    pan_left_ = math::cos_turns(turn), pan_right_ = math::sin_turns(turn);
}

inline void voice::fade(hertz rate, std::size_t offset) noexcept {
    release_keep_ =
        std::min(release_keep_, static_cast<float>(math::exp2(-9.965784284662087 / std::max(0.012 * rate.value, 1.0))));
    damp(offset);
}

inline void voice::add_noise(noise& s, block& y) noexcept {
    const std::size_t first = age_ < 0 ? static_cast<std::size_t>(-age_) : 0;
    block white;
    white_.process(white);
    for (std::size_t n = first; n < chunk_frames; ++n) {
        const float t = static_cast<float>(age_ + static_cast<std::int32_t>(n)) * s.rise;
        const auto f = s.filter.tick(white[n]);
        const float x = s.through == burst::pass::low ? f.low : s.through == burst::pass::band ? f.band : f.high;
        y[n] += s.gain * s.level * std::min(t, 1.0F) * x;
        if (t >= 1.0F) s.level *= s.keep;
    }
    s.filter.settle();
    if (s.level < 3e-6F) s.gain = 0.0F;
}

inline void voice::add_skin(block& y) noexcept {
    const std::size_t first = age_ < 0 ? static_cast<std::size_t>(-age_) : 0;
    for (std::size_t n = first; n < chunk_frames; ++n) {
        y[n] += skin_ * math::sin_turns(skin_phase_);
        skin_phase_ += static_cast<std::uint32_t>(skin_step_ + bend_step_ * bend_);
        bend_ = dsp::flush(bend_ * bend_keep_), skin_ *= skin_keep_;
    }
    if (skin_ < 3e-6F) skin_ = 0.0F;
}

inline void voice::process(std::span<float, chunk_frames> left, std::span<float, chunk_frames> right) noexcept {
    block y{};
    modes_.process(y);
    for (noise& s : noise_)
        if (s.gain > 0.0F) add_noise(s, y);
    if (skin_ > 0.0F) add_skin(y);

    if (static_cast<float>(age_) < attack_frames_) {
        for (std::size_t n = 0; n < chunk_frames; ++n) {
            const float t = std::clamp(static_cast<float>(age_ + static_cast<std::int32_t>(n)) * rise_, 0.0F, 1.0F);
            y[n] *= t * t * (3.0F - 2.0F * t);
        }
    }
    if (left_ < static_cast<std::int64_t>(chunk_frames)) {
        for (auto n = static_cast<std::size_t>(std::max<std::int64_t>(left_, 0)); n < chunk_frames; ++n)
            y[n] *= released_ *= release_keep_;
        left_ = 0;
    } else {
        left_ -= static_cast<std::int64_t>(chunk_frames);
    }
    float power = 0.0F;
    for (std::size_t n = 0; n < chunk_frames; ++n) {
        left[n] += pan_left_ * y[n], right[n] += pan_right_ * y[n];
        power += y[n] * y[n];
    }
    power_ = power;
    age_ += static_cast<std::int32_t>(chunk_frames);
    const bool quiet = modes_.silent() && noise_[0].gain == 0.0F && noise_[1].gain == 0.0F && skin_ == 0.0F;
    if (quiet || released_ < 1e-5F) on_ = false;
}

}  // namespace lofi::inline LOFI_ABI::synth
