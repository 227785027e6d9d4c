#pragma once
// One sounding note.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/dsp/lanes.hpp>
#include <lofi/dsp/noise.hpp>
#include <lofi/dsp/two_pole.hpp>
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

    /// Silences at once.
    void reset() noexcept { on_ = false; }

    [[nodiscard]] bool silent() const noexcept { return !on_; }
    [[nodiscard]] bool ending() const noexcept { return left_ <= 0; }
    /// Loudness of its last chunk, as power.
    [[nodiscard]] float power() const noexcept { return power_; }
    /// writes: += left, right
    void process(std::span<float, chunk_frames> left, std::span<float, chunk_frames> right) noexcept;

private:
    using block = std::array<float, chunk_frames>;
    // What falls by the same share every frame, four frames at a time.
    struct decay {
        float level = 0.0F;
        dsp::float4 ahead{};  // what is left after 0, 1, 2, 3 frames
        float far = 0.0F;     // and after 4

        void set(float start, float keep) noexcept {
            level = start, far = (keep * keep) * (keep * keep);
            ahead = dsp::float4{1.0F, keep, keep * keep, keep * keep * keep};
        }
        [[nodiscard]] float keep() const noexcept { return ahead[1]; }
        dsp::float4 next() noexcept {
            const dsp::float4 y = dsp::splat(level) * ahead;
            level *= far;
            return y;
        }
    };
    struct noise {
        dsp::two_pole filter;
        decay fall;  // from the gain on
        float rise = 0.0F;
    };
    void set_noise(noise&, const burst&, hertz rate) const noexcept;
    void add_noise(noise&, const std::array<std::uint32_t, chunk_frames>& bits, block&) noexcept;
    void add_skin(block&) noexcept;
    void rise(block&) const noexcept;
    void release(block&) noexcept;

    bool on_ = false;
    std::int32_t age_ = 0;   // frames since the start, at the beginning of the next chunk
    std::int64_t left_ = 0;  // frames until the end
    dsp::modal_bank<strike::most_modes> modes_;
    std::array<noise, 2> noise_;
    noise lift_;  // waits for the end
    dsp::white_noise white_;
    std::uint32_t skin_phase_ = 0;
    decay skin_, bend_, released_;
    float skin_step_ = 0.0F;
    float rise_ = 1.0F, attack_frames_ = 1.0F;
    float pan_left_ = 1.0F, pan_right_ = 1.0F, power_ = 0.0F;
};

// ---------------------------------------------------------------- bodies

namespace detail {
inline constexpr float inaudible = 1e-5F;  // -100 dB

// What a frame leaves of what falls by 60 dB in a time.
inline float keep_of(seconds t60, hertz rate) {
    return static_cast<float>(math::exp2(-9.965784284662087 / std::max(t60.value * rate.value, 2.0)));
}
}  // namespace detail

inline void voice::set_noise(noise& n, const burst& b, hertz rate) const noexcept {
    n.fall.level = 0.0F;
    if (!(b.gain > 0.0F)) return;
    n.filter.reset();
    switch (b.through) {
        case burst::pass::low: n.filter.low_pass(b.corner, b.q, rate); break;
        case burst::pass::band: n.filter.band_pass(b.corner, b.q, rate); break;
        case burst::pass::high: n.filter.high_pass(b.corner, b.q, rate); break;
    }
    // Noise spreads up to half the rate: so much louder must it be for the same power below a fixed corner.
    n.fall.set(b.gain * static_cast<float>(math::sqrt(rate.value / 48000.0)), detail::keep_of(b.decay, rate));
    n.rise = static_cast<float>(1.0 / std::max(1.0, b.attack.value * rate.value));
}

inline void voice::start(const strike& s, hertz rate, std::size_t offset, frames length, random_key key) noexcept {
    const auto keep = [&](seconds t60) { return detail::keep_of(t60, rate); };
    on_ = true, power_ = 1.0F;
    age_ = -static_cast<std::int32_t>(offset);
    const bool rings = s.release.value < 0.0;
    left_ = rings ? INT64_MAX / 2 : length.value + static_cast<std::int64_t>(offset);
    released_.set(1.0F, keep(rings ? seconds(0.02) : s.release));
    modes_.start(s.sounding(), rate, offset);
    white_ = dsp::white_noise(key);
    for (std::size_t i = 0; i < noise_.size(); ++i) set_noise(noise_[i], s.bursts[i], rate);
    set_noise(lift_, s.lift, rate);
    skin_phase_ = 0;
    skin_.set(s.skin.gain, keep(s.skin.decay));
    bend_.set(static_cast<float>((s.skin.from - s.skin.to) / rate * 0x1p32),
              static_cast<float>(math::exp(-1.0 / std::max(s.skin.fall.value * rate.value, 1.0))));
    skin_step_ = static_cast<float>(s.skin.to / rate * 0x1p32);
    attack_frames_ = static_cast<float>(std::max(4.0, s.attack.value * rate.value));
    rise_ = 1.0F / attack_frames_;
    // Equal power: -3 dB on both sides in the middle.
    const float turn = 0.125F * (1.0F + std::clamp(s.pan, -1.0F, 1.0F));
    pan_left_ = math::cos_turns(turn), pan_right_ = math::sin_turns(turn);
}

inline void voice::fade(hertz rate, std::size_t offset) noexcept {
    released_.set(released_.level, std::min(released_.keep(), detail::keep_of(seconds(0.012), rate)));
    lift_.fall.level = 0.0F;
    damp(offset);
}

inline void voice::add_noise(noise& s, const std::array<std::uint32_t, chunk_frames>& bits, block& y) noexcept {
    block x;
    for (std::size_t n = 0; n < chunk_frames; n += 4)
        dsp::store(&x[n], dsp::to_float(dsp::bits_as<dsp::int4>(dsp::load(&bits[n]))) * dsp::splat(0x1p-31F));
    s.filter.process(x);
    if (static_cast<float>(age_) * s.rise >= 1.0F) {
        for (std::size_t n = 0; n < chunk_frames; n += 4)
            dsp::store(&y[n], dsp::load(&y[n]) + s.fall.next() * dsp::load(&x[n]));
    } else {
        for (std::size_t n = 0; n < chunk_frames; ++n) {
            const float t = static_cast<float>(age_ + static_cast<std::int32_t>(n)) * s.rise;
            y[n] += s.fall.level * std::clamp(t, 0.0F, 1.0F) * x[n];
            if (t >= 1.0F) s.fall.level *= s.fall.keep();
        }
    }
    if (s.fall.level < detail::inaudible) s.fall.level = 0.0F;
}

inline void voice::add_skin(block& y) noexcept {
    const std::size_t first = age_ < 0 ? static_cast<std::size_t>(-age_) : 0;
    std::array<std::uint32_t, chunk_frames> phase;
    if (first == 0) {
        std::array<std::int32_t, chunk_frames> step;
        for (std::size_t n = 0; n < chunk_frames; n += 4)
            dsp::store(&step[n], dsp::to_int(dsp::splat(skin_step_) + bend_.next()));
        for (std::size_t n = 0; n < chunk_frames; ++n)
            phase[n] = skin_phase_, skin_phase_ += static_cast<std::uint32_t>(step[n]);
        for (std::size_t n = 0; n < chunk_frames; n += 4)
            dsp::store(&y[n], dsp::load(&y[n]) + skin_.next() * dsp::sin_turns(dsp::load(&phase[n])));
    } else {
        for (std::size_t n = first; n < chunk_frames; ++n) {
            y[n] += skin_.level * math::sin_turns(skin_phase_);
            skin_phase_ += static_cast<std::uint32_t>(static_cast<std::int32_t>(skin_step_ + bend_.level));
            bend_.level *= bend_.keep(), skin_.level *= skin_.keep();
        }
    }
    bend_.level = dsp::flush(bend_.level);
    if (skin_.level < detail::inaudible) skin_.level = 0.0F;
}

inline void voice::rise(block& y) const noexcept {
    const dsp::float4 zero = dsp::splat(0.0F), one = dsp::splat(1.0F);
    for (std::size_t n = 0; n < chunk_frames; n += 4) {
        const dsp::float4 age = dsp::splat(static_cast<float>(age_ + static_cast<std::int32_t>(n))) + dsp::ramp(1.0F);
        const dsp::float4 t = dsp::min(dsp::max(age * dsp::splat(rise_), zero), one);
        dsp::store(&y[n], dsp::load(&y[n]) * (t * t * (dsp::splat(3.0F) - (t + t))));
    }
}

inline void voice::release(block& y) noexcept {
    if (left_ <= 0) {
        for (std::size_t n = 0; n < chunk_frames; n += 4) dsp::store(&y[n], dsp::load(&y[n]) * released_.next());
    } else {
        for (auto n = static_cast<std::size_t>(left_); n < chunk_frames; ++n)
            y[n] *= released_.level, released_.level *= released_.keep();
        left_ = 0;
    }
}

inline void voice::process(std::span<float, chunk_frames> left, std::span<float, chunk_frames> right) noexcept {
    block y{};
    modes_.process(y);
    if (noise_[0].fall.level > 0.0F || noise_[1].fall.level > 0.0F) {
        std::array<std::uint32_t, chunk_frames> bits;
        white_.bits(bits);
        if (noise_[0].fall.level > 0.0F) add_noise(noise_[0], bits, y);
        // The lower half of the bits knows nothing of the upper, which is all that is heard of a number.
        for (std::uint32_t& b : bits) b <<= 16;
        if (noise_[1].fall.level > 0.0F) add_noise(noise_[1], bits, y);
    }
    if (skin_.level > 0.0F) add_skin(y);
    if (static_cast<float>(age_) < attack_frames_) rise(y);
    const bool lifted = ending() && lift_.fall.level > 0.0F;
    if (left_ < static_cast<std::int64_t>(chunk_frames))
        release(y);
    else
        left_ -= static_cast<std::int64_t>(chunk_frames);
    if (lifted) {
        std::array<std::uint32_t, chunk_frames> bits;
        white_.bits(bits);
        add_noise(lift_, bits, y);
    }

    dsp::float4 power = dsp::splat(0.0F);
    const dsp::float4 to_left = dsp::splat(pan_left_), to_right = dsp::splat(pan_right_);
    for (std::size_t n = 0; n < chunk_frames; n += 4) {
        const dsp::float4 v = dsp::load(&y[n]);
        dsp::store(&left[n], dsp::load(&left[n]) + to_left * v), dsp::store(&right[n], dsp::load(&right[n]) + to_right * v);
        power += v * v;
    }
    power_ = dsp::sum(power);
    age_ += static_cast<std::int32_t>(chunk_frames);
    const bool spent = modes_.silent() && noise_[0].fall.level == 0.0F && noise_[1].fall.level == 0.0F && skin_.level == 0.0F;
    const bool faint = power_ < static_cast<float>(chunk_frames) * detail::inaudible * detail::inaudible;
    if (spent || (ending() && faint && static_cast<float>(age_) > attack_frames_)) on_ = false;
}

}  // namespace lofi::inline LOFI_ABI::synth
