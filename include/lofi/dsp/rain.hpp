#pragma once
// Rain on a window: a breathing bed of noise, and drops that ring.
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/audio/block.hpp>
#include <lofi/core/phase.hpp>
#include <lofi/dsp/filter.hpp>
#include <lofi/dsp/noise.hpp>

namespace lofi::inline LOFI_ABI::dsp {

struct rain_config {
    float bed = 0.5F;  ///< 0 none, 1 a shower
    float drops = 0.5F;
    double drops_a_second = 22.0;
};

/// Adds rain to both channels.
class rain {
public:
    explicit rain(hertz rate, random_key key = {}, rain_config config = {});

    void set(const rain_config& config) noexcept { config_ = config; }
    void reset();
    /// writes: += x
    void process(audio::stereo_view x) noexcept;

private:
    struct side {
        one_pole low, lower, high;
        float bed(float white) { return high.high(low.tick(white) + 1.6F * lower.tick(white)); }
    };
    struct drop {
        phase32 phase;
        std::uint32_t step = 0;
        std::size_t from = 0;  // frame of the present block
        float level = 0.0F, keep = 0.0F, left = 0.0F, right = 0.0F;
    };

    void fall(audio::stereo_view x, std::size_t n) noexcept;
    static void ring(drop& d, audio::stereo_view x, std::size_t until) noexcept;

    hertz rate_;
    random_key key_;
    rain_config config_;
    white_noise when_, what_, white_left_, white_right_;
    side left_, right_;
    one_pole breath_;
    std::array<drop, 8> drops_;
    std::size_t next_ = 0;
    float scale_;
};

// ---------------------------------------------------------------- bodies

inline rain::rain(hertz rate, random_key key, rain_config config)
    : rate_(rate), key_(key), config_(config), scale_(static_cast<float>(math::sqrt(rate.value / 48000.0))) {
    reset();
}

inline void rain::reset() {
    when_ = white_noise(key_.child("when")), what_ = white_noise(key_.child("what"));
    white_left_ = white_noise(key_.child("left")), white_right_ = white_noise(key_.child("right"));
    for (side* s : {&left_, &right_})
        s->low = one_pole(hertz(3800.0), rate_), s->lower = one_pole(hertz(700.0), rate_),
        s->high = one_pole(hertz(250.0), rate_);
    breath_ = one_pole(hertz(0.15), rate_);
    drops_ = {};
    next_ = 0;
}

inline void rain::process(audio::stereo_view x) noexcept {
    if (config_.bed == 0.0F && config_.drops == 0.0F) return;
    const auto drop_chance = static_cast<std::uint32_t>(std::clamp(config_.drops_a_second, 0.0, 1000.0) / rate_.value * 0x1p32);
    const float slow = 160.0F * scale_, level = 0.02F * scale_ * config_.bed;  // the breath is noise through a very low corner
    for (std::size_t n = 0; n < x.size(); ++n) {
        const float wl = white_left_.tick(), wr = white_right_.tick();
        const float bed = level * std::clamp(1.0F + 0.6F * slow * breath_.tick(wl), 0.35F, 1.8F);
        x.left[n] += bed * left_.bed(wl), x.right[n] += bed * right_.bed(wr);
        if (when_.bits() < drop_chance) fall(x, n);
    }
    for (drop& d : drops_) ring(d, x, x.size()), d.from = 0;
    for (side* s : {&left_, &right_}) s->low.settle(), s->lower.settle(), s->high.settle();
    breath_.settle();
}

// Small drops ring high and short. The next voice is the oldest; what is left of it is far below the bed.
inline void rain::fall(audio::stereo_view x, std::size_t n) noexcept {
    // All of them sound up to here, in their order, so that sums do not depend on where blocks end.
    for (drop& other : drops_) ring(other, x, n);
    drop& d = drops_[next_++ % drops_.size()];
    const float u = 0.5F + 0.5F * what_.tick(), size = 0.5F + 0.5F * what_.tick(), pan = what_.tick();
    d.phase = {}, d.from = n;
    d.step = phase32::step(below_nyquist(hertz(900.0 * math::exp2(2.2 * double{u})), rate_), rate_);
    d.keep = static_cast<float>(math::exp(-1.0 / ((0.004 + 0.010 * (1.0 - double{u})) * rate_.value)));
    d.level = config_.drops * 0.05F * size * size * size;
    d.left = 0.5F - 0.45F * pan, d.right = 0.5F + 0.45F * pan;
}

inline void rain::ring(drop& d, audio::stereo_view x, std::size_t until) noexcept {
    for (; d.from < until && d.level > 1e-6F; ++d.from) {
        const float y = d.level * d.phase.sine();
        d.phase.advance(d.step);
        d.level *= d.keep;
        x.left[d.from] += y * d.left, x.right[d.from] += y * d.right;
    }
    d.from = until;
}

}  // namespace lofi::inline LOFI_ABI::dsp
