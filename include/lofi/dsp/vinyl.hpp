#pragma once
// An old record: hiss, rumble, the crackle of dust and now and then a pop.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/audio/block.hpp>
#include <lofi/core/phase.hpp>
#include <lofi/dsp/filter.hpp>
#include <lofi/dsp/noise.hpp>

namespace lofi::inline LOFI_ABI::dsp {

struct vinyl_config {
    float hiss = 0.5F;  ///< 0 none, 1 a worn record; so for all four
    float rumble = 0.5F;
    float dust = 0.5F;
    float pops = 0.5F;
    hertz turns{33.333333333333333 / 60.0};
};

/// Adds a record's surface to both channels. Dust comes at random, and a little of it comes back with every turn.
class vinyl {
public:
    explicit vinyl(hertz rate, random_key key = {}, vinyl_config config = {});

    void set(const vinyl_config& config) noexcept { config_ = config; }
    void reset();
    /// writes: += x
    void process(audio::stereo_view x) noexcept;

private:
    struct needle {
        one_pole hiss_low, hiss_high, rumble_low, rumble_lower;
        state_variable bright, dull;
    };
    [[nodiscard]] std::uint32_t per_frame(double a_second) const {
        return static_cast<std::uint32_t>(a_second / rate_.value * 0x1p32);
    }
    float surface(needle& side, float hiss, float rumble, float spark, float thud) const noexcept;

    hertz rate_;
    random_key key_;
    vinyl_config config_;
    white_noise when_, what_, hiss_left_, hiss_right_, rumble_;
    needle left_, right_;
    phase32 turn_;
    std::uint32_t turn_step_;
    float impulse_, scale_;  // filters pass the less of a click or of noise the higher the rate
};

// ---------------------------------------------------------------- bodies

inline vinyl::vinyl(hertz rate, random_key key, vinyl_config config)
    : rate_(rate),
      key_(key),
      config_(config),
      turn_step_(phase32::step(config.turns, rate)),
      impulse_(static_cast<float>(rate.value / 48000.0)),
      scale_(static_cast<float>(math::sqrt(rate.value / 48000.0))) {
    reset();
}

inline void vinyl::reset() {
    when_ = white_noise(key_.child("when")), what_ = white_noise(key_.child("what"));
    hiss_left_ = white_noise(key_.child("left")), hiss_right_ = white_noise(key_.child("right"));
    rumble_ = white_noise(key_.child("rumble"));
    turn_ = {};
    for (needle* side : {&left_, &right_}) {
        const double apart = side == &left_ ? 1.0 : 1.13;  // no two walls of a groove are alike
        side->hiss_low = one_pole(hertz(1900.0), rate_), side->hiss_high = one_pole(hertz(180.0), rate_);
        side->rumble_low = one_pole(hertz(55.0), rate_), side->rumble_lower = one_pole(hertz(110.0), rate_);
        side->bright = state_variable(hertz(2900.0 * apart), 1.1, rate_),
        side->dull = state_variable(hertz(620.0 * apart), 0.9, rate_);
    }
}

inline float vinyl::surface(needle& side, float hiss, float rumble, float spark, float thud) const noexcept {
    const float air = side.hiss_high.high(side.hiss_low.tick(hiss));
    const float hum = side.rumble_lower.tick(side.rumble_low.tick(rumble));
    return 0.012F * scale_ * config_.hiss * air + 0.06F * scale_ * config_.rumble * hum + side.bright.tick(spark).band +
           side.dull.tick(thud).band;
}

inline void vinyl::process(audio::stereo_view x) noexcept {
    const std::uint32_t dust_chance = per_frame(9.0), pop_chance = per_frame(0.22), scar_chance = per_frame(60.0);
    constexpr std::size_t most = 32;
    for (std::size_t first = 0; first < x.size(); first += most) {
        const std::size_t n = std::min(most, x.size() - first);
        std::array<std::uint32_t, most> draw;
        std::array<float, most> hiss_left, hiss_right, hum;
        when_.bits(std::span(draw).first(n));
        hiss_left_.process(std::span(hiss_left).first(n)), hiss_right_.process(std::span(hiss_right).first(n));
        rumble_.process(std::span(hum).first(n));
        for (std::size_t i = 0; i < n; ++i) {
            turn_.advance(turn_step_);
            float spark = 0.0F, thud = 0.0F, side = 0.0F;
            // A scratch across the record is met again every turn, for a hundredth of it.
            const bool scar = turn_.value() < 0x02000000U && draw[i] < scar_chance;
            if (draw[i] < dust_chance || scar) {
                const float size = what_.tick(), tone = what_.tick();
                side = what_.tick();
                spark = config_.dust * impulse_ * (0.10F + 1.1F * size * size * size * size) * (tone < 0.0F ? -1.0F : 1.0F);
                thud = 0.5F * spark * tone;
            } else if (draw[i] - 0x80000000U < pop_chance) {
                side = 0.5F * what_.tick();
                thud = config_.pops * impulse_ * (1.2F + 0.9F * what_.tick());
                spark = 0.25F * thud;
            }
            x.left[first + i] += surface(left_, hiss_left[i], hum[i], spark * (1.0F - side), thud * (1.0F - side));
            x.right[first + i] += surface(right_, hiss_right[i], hum[i], spark * (1.0F + side), thud * (1.0F + side));
        }
        for (needle* s : {&left_, &right_}) {
            s->hiss_low.settle(), s->hiss_high.settle(), s->rumble_low.settle(), s->rumble_lower.settle();
            s->bright.settle(), s->dull.settle();
        }
    }
}

}  // namespace lofi::inline LOFI_ABI::dsp
