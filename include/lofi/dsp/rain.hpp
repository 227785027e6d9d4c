#pragma once
// Rain on a window: a breathing bed of noise, and drops that ring.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/audio/block.hpp>
#include <lofi/core/phase.hpp>
#include <lofi/dsp/filter.hpp>
#include <lofi/dsp/glide.hpp>
#include <lofi/dsp/lanes.hpp>
#include <lofi/dsp/noise.hpp>
#include <lofi/dsp/two_pole.hpp>

namespace lofi::inline LOFI_ABI::dsp {

struct rain_config {
    float bed = 0.5F;  ///< 0 none, 1 a shower
    float drops = 0.5F;
    double drops_a_second = 22.0;
};

/// Adds rain to both channels. It is made 32 frames at a time, and at most one drop falls in each.
class rain {
public:
    explicit rain(hertz rate, random_key key = {}, rain_config config = {});

    /// The bed glides to what it is set to, in a tenth of a second; drops have it from the next one on.
    void set(const rain_config& config) noexcept { config_ = config, bed_.aim = 0.02F * scale_ * config.bed; }
    void reset() noexcept { reset(key_); }
    /// Starts anew, as one that was made with this key and the last settings.
    void reset(random_key key) noexcept;
    /// writes: += x
    void process(audio::stereo_view x) noexcept;

private:
    using chunk = std::array<float, chunk_frames>;
    struct side {
        two_pole near, far;  // the same band, with less of its treble
        chunk sound{};
    };
    struct drop {
        std::uint32_t phase = 0, step = 0;
        float level = 0.0F, left = 0.0F, right = 0.0F;
        std::array<float, 4> onward{};  // what is left of the level after 1, 2, 3, 4 frames
    };

    void make() noexcept;
    void add_bed() noexcept;
    drop& fall() noexcept;
    void ring(drop& d, std::size_t from) noexcept;

    hertz rate_;
    random_key key_;
    rain_config config_;
    white_noise when_, what_, white_, breathing_;
    side left_, right_;
    one_pole breath_;
    float breath_now_ = 1.0F;
    std::array<drop, 8> drops_;
    std::size_t next_ = 0;
    float scale_;
    glide bed_;
    float share_;
    std::size_t at_ = 0;  // into the chunk that is made
};

// ---------------------------------------------------------------- bodies

inline rain::rain(hertz rate, random_key key, rain_config config)
    : rate_(rate),
      key_(key),
      config_(config),
      scale_(static_cast<float>(math::sqrt(rate.value / 48000.0))),
      share_(static_cast<float>(approach(seconds(0.03), rate / static_cast<double>(chunk_frames)))) {
    set(config), reset();
}

inline void rain::reset(random_key key) noexcept {
    key_ = key;
    when_ = white_noise(key_.child("when")), what_ = white_noise(key_.child("what"));
    white_ = white_noise(key_.child("bed")), breathing_ = white_noise(key_.child("breath"));
    for (side* s : {&left_, &right_}) {
        // From 250 to 3800 Hz, and from 250 to 700, 6 dB an octave on either side.
        s->near.band_pass(hertz(975.0), 0.241, rate_), s->far.band_pass(hertz(418.0), 0.440, rate_);
        s->near.reset(), s->far.reset();
    }
    breath_ = one_pole(hertz(0.15), rate_ / static_cast<double>(chunk_frames));
    breath_now_ = 1.0F, bed_.jump();
    drops_ = {};
    next_ = at_ = 0;
}

inline void rain::process(audio::stereo_view x) noexcept {
    for (std::size_t first = 0, n = 0; first < x.size(); first += n) {
        if (at_ == 0) make();
        n = std::min(chunk_frames - at_, x.size() - first);
        add(std::span(left_.sound).subspan(at_, n), x.left.subspan(first, n));
        add(std::span(right_.sound).subspan(at_, n), x.right.subspan(first, n));
        at_ = (at_ + n) % chunk_frames;
    }
}

inline void rain::make() noexcept {
    left_.sound.fill(0.0F), right_.sound.fill(0.0F);
    if (bed_.moving() || bed_.now > 0.0F) add_bed();
    for (drop& d : drops_)
        if (d.level > 0.0F) ring(d, 0);
    if (config_.drops == 0.0F) return;
    const double a_chunk = std::clamp(config_.drops_a_second, 0.0, 1000.0) / rate_.value * static_cast<double>(chunk_frames);
    if (when_.bits() < static_cast<std::uint32_t>(std::min(a_chunk, 0.999) * 0x1p32)) {
        drop& d = fall();
        ring(d, what_.bits() % chunk_frames);
    }
}

inline void rain::add_bed() noexcept {
    // It swells and sinks by noise through a very low corner, which is made once a chunk and runs in a straight line between.
    const float from = bed_.now * breath_now_, slow = 160.0F * 0.17677670F * scale_;  // less by the root of the chunk's frames
    if (bed_.moving()) bed_.tick(share_, 1e-6F);
    breath_now_ = std::clamp(1.0F + 0.6F * slow * breath_.tick(breathing_.tick()), 0.35F, 1.8F);
    breath_.settle();
    const float slope = (bed_.now * breath_now_ - from) * (1.0F / static_cast<float>(chunk_frames));
    // One draw is enough for two channels: the lower half of its bits knows nothing of the upper, which is all one hears.
    std::array<std::uint32_t, chunk_frames> bits;
    white_.bits(bits);
    for (side* s : {&left_, &right_}) {
        chunk near, far;
        for (std::size_t n = 0; n < chunk_frames; n += 4) {
            const float4 gain = splat(from) + splat(slope) * (splat(static_cast<float>(n)) + ramp(1.0F));
            const uint4 b = s == &left_ ? load(&bits[n]) : load(&bits[n]) << 16;
            const float4 white = gain * to_float(bits_as<int4>(b)) * splat(0x1p-31F);
            store(&near[n], splat(0.938F) * white), store(&far[n], splat(1.6F * 0.737F) * white);
        }
        s->near.process(near), s->far.process(far);
        for (std::size_t n = 0; n < chunk_frames; n += 4) store(&s->sound[n], load(&near[n]) + load(&far[n]));
    }
}

// Small drops ring high and short. The next voice is the oldest; what is left of it is far below the bed.
inline rain::drop& rain::fall() noexcept {
    drop& d = drops_[next_++ % drops_.size()];
    const float u = 0.5F + 0.5F * what_.tick(), size = 0.5F + 0.5F * what_.tick(), pan = what_.tick();
    d.phase = 0;
    d.step = phase32::step(below_nyquist(hertz(900.0 * math::exp2(2.2 * double{u})), rate_), rate_);
    const auto keep = static_cast<float>(math::exp(-1.0 / ((0.004 + 0.010 * (1.0 - double{u})) * rate_.value)));
    d.onward = {keep, keep * keep, keep * keep * keep, (keep * keep) * (keep * keep)};
    d.level = config_.drops * 0.05F * size * size * size;
    d.left = 0.5F - 0.45F * pan, d.right = 0.5F + 0.45F * pan;
    return d;
}

inline void rain::ring(drop& d, std::size_t from) noexcept {
    for (; from % 4 != 0; ++from) {
        const float y = d.level * math::sin_turns(d.phase);
        left_.sound[from] += y * d.left, right_.sound[from] += y * d.right;
        d.phase += d.step, d.level *= d.onward[0];
    }
    const float4 onward{1.0F, d.onward[0], d.onward[1], d.onward[2]};
    const uint4 turns{0, d.step, 2 * d.step, 3 * d.step};
    for (; from < chunk_frames; from += 4) {
        const float4 y = splat(d.level) * onward * sin_turns(splat(d.phase) + turns);
        store(&left_.sound[from], load(&left_.sound[from]) + y * splat(d.left));
        store(&right_.sound[from], load(&right_.sound[from]) + y * splat(d.right));
        d.phase += 4 * d.step, d.level *= d.onward[3];
    }
    if (d.level < 1e-6F) d.level = 0.0F;
}

}  // namespace lofi::inline LOFI_ABI::dsp
