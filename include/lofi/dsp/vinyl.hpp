#pragma once
// An old record: hiss, rumble, the crackle of dust and now and then a pop.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/audio/block.hpp>
#include <lofi/core/phase.hpp>
#include <lofi/dsp/breath.hpp>
#include <lofi/dsp/filter.hpp>
#include <lofi/dsp/glide.hpp>
#include <lofi/dsp/lanes.hpp>
#include <lofi/dsp/noise.hpp>
#include <lofi/dsp/two_pole.hpp>

namespace lofi::inline LOFI_ABI::dsp {

struct vinyl_config {
    float hiss = 0.5F;  ///< 0 none, 1 a worn record; so for all four
    float rumble = 0.5F;
    float dust = 0.5F;
    float pops = 0.5F;
    hertz turns{33.333333333333333 / 60.0};
};

/// Adds a record's surface to both channels. Dust comes at random, and a little of it comes back with every turn. The
/// surface is made 32 frames at a time, with at most one speck in each.
class vinyl {
public:
    explicit vinyl(hertz rate, random_key key = {}, vinyl_config config = {});

    /// Hiss and rumble glide to what they are set to, in a tenth of a second; dust and pops have it from the next one on.
    void set(const vinyl_config& config) noexcept {
        config_ = config;
        hiss_.aim = 0.012F * scale_ * config.hiss, rumble_.aim = 0.06F * rumble_scale_ * config.rumble;
    }
    void reset() noexcept { reset(key_); }
    /// Starts anew, as one that was made with this key and the last settings.
    void reset(random_key key) noexcept;
    /// writes: += x
    void process(audio::stereo_view x) noexcept;

private:
    using chunk = std::array<float, chunk_frames>;
    struct needle {
        two_pole hiss, bright, dull;
        chunk sound{};
    };
    // Chance of something that comes so often a second to come in a chunk.
    [[nodiscard]] std::uint32_t per_chunk(double a_second) const {
        return static_cast<std::uint32_t>(a_second * static_cast<double>(chunk_frames) / rate_.value * 0x1p32);
    }
    void make() noexcept;
    void add_hiss(float before, float after) noexcept;
    void add_rumble() noexcept;
    void add_specks() noexcept;

    hertz rate_;
    random_key key_;
    vinyl_config config_;
    white_noise when_, what_, white_, rumbling_;
    needle left_, right_;
    one_pole rumble_low_, rumble_lower_;
    float rumble_now_ = 0.0F;
    phase32 turn_;
    std::uint32_t turn_step_;
    float impulse_, scale_, rumble_scale_;  // filters pass the less of a click or of noise the higher the rate
    glide hiss_, rumble_;
    breath breath_;  // how much of the dirt lies here
    float dirt_ = 0.0F;
    float share_;
    bool ringing_ = false;  // a speck rings in the filters
    std::size_t at_ = 0;    // into the chunk that is made
};

// ---------------------------------------------------------------- bodies

inline vinyl::vinyl(hertz rate, random_key key, vinyl_config config)
    : rate_(rate),
      key_(key),
      turn_step_(phase32::step(config.turns, rate)),
      impulse_(static_cast<float>(rate.value / 48000.0)),
      scale_(static_cast<float>(math::sqrt(rate.value / 48000.0))),
      rumble_scale_(scale_ / static_cast<float>(math::sqrt(static_cast<double>(chunk_frames)))),
      breath_(seconds(3.1), rate / static_cast<double>(chunk_frames)),
      share_(static_cast<float>(approach(seconds(0.03), rate / static_cast<double>(chunk_frames)))) {
    set(config), reset();
}

inline void vinyl::reset(random_key key) noexcept {
    key_ = key;
    when_ = white_noise(key_.child("when")), what_ = white_noise(key_.child("what"));
    white_ = white_noise(key_.child("hiss")), rumbling_ = white_noise(key_.child("rumble"));
    breath_.reset(key_.child("breath")), dirt_ = breath_.tick();
    turn_ = {}, at_ = 0, ringing_ = false;
    hiss_.jump(), rumble_.jump();
    for (needle* side : {&left_, &right_}) {
        const double apart = side == &left_ ? 1.0 : 1.13;  // no two walls of a groove are alike
        side->hiss.band_pass(hertz(585.0), 0.281, rate_);  // from 180 to 1900 Hz, 6 dB an octave on either side
        side->bright.band_pass(hertz(2900.0 * apart), 1.1, rate_), side->dull.band_pass(hertz(620.0 * apart), 0.9, rate_);
        side->hiss.reset(), side->bright.reset(), side->dull.reset();
    }
    const hertz slow = rate_ / static_cast<double>(chunk_frames);
    rumble_low_ = one_pole(hertz(55.0), slow), rumble_lower_ = one_pole(hertz(110.0), slow);
    rumble_now_ = 0.0F;
}

inline void vinyl::process(audio::stereo_view x) noexcept {
    for (std::size_t first = 0, n = 0; first < x.size(); first += n) {
        if (at_ == 0) make();
        n = std::min(chunk_frames - at_, x.size() - first);
        add(std::span(left_.sound).subspan(at_, n), x.left.subspan(first, n));
        add(std::span(right_.sound).subspan(at_, n), x.right.subspan(first, n));
        at_ = (at_ + n) % chunk_frames;
    }
}

inline void vinyl::make() noexcept {
    left_.sound.fill(0.0F), right_.sound.fill(0.0F);
    const float before = dirt_;
    dirt_ = breath_.tick();
    if (hiss_.moving() || hiss_.now > 0.0F) add_hiss(1.0F + 0.3F * before, 1.0F + 0.3F * dirt_);
    if (rumble_.moving() || rumble_.now > 0.0F) add_rumble();
    add_specks();
}

inline void vinyl::add_hiss(float before, float after) noexcept {
    const float from = before * hiss_.now, to = after * (hiss_.moving() ? hiss_.tick(share_, 1e-6F) : hiss_.now);
    const float slope = (to - from) * (1.0F / static_cast<float>(chunk_frames));
    // One draw is enough for two channels: the lower half of its bits knows nothing of the upper, which is all one hears.
    std::array<std::uint32_t, chunk_frames> bits;
    white_.bits(bits);
    for (std::size_t n = 0; n < chunk_frames; n += 4) {
        const float4 gain = (splat(from) + splat(slope) * (splat(static_cast<float>(n)) + ramp(1.0F))) * splat(0x1p-31F);
        const uint4 b = load(&bits[n]);
        store(&left_.sound[n], gain * to_float(bits_as<int4>(b)));
        store(&right_.sound[n], gain * to_float(bits_as<int4>(b << 16)));
    }
    // The band's gain at its middle: what the low-pass leaves there of what the high-pass leaves.
    for (needle* side : {&left_, &right_}) {
        side->hiss.process(side->sound);
        scale_along(side->sound, 0.913F, 0.0F, 0);
    }
}

// Far below the rate of the chunks: so it is made once a chunk, and runs in a straight line to the next.
inline void vinyl::add_rumble() noexcept {
    const float level = rumble_.moving() ? rumble_.tick(share_, 1e-6F) : rumble_.now;
    const float from = rumble_now_;
    rumble_now_ = level * rumble_lower_.tick(rumble_low_.tick(rumbling_.tick()));
    rumble_low_.settle(), rumble_lower_.settle();
    const float slope = (rumble_now_ - from) * (1.0F / static_cast<float>(chunk_frames));
    for (std::size_t n = 0; n < chunk_frames; n += 4) {
        const float4 hum = splat(from) + splat(slope) * (splat(static_cast<float>(n)) + ramp(1.0F));
        for (needle* side : {&left_, &right_}) store(&side->sound[n], load(&side->sound[n]) + hum);
    }
}

inline void vinyl::add_specks() noexcept {
    turn_.advance(turn_step_, static_cast<std::uint32_t>(chunk_frames));
    const std::uint32_t draw = when_.bits();
    float spark = 0.0F, thud = 0.0F, side = 0.0F;
    // A scratch across the record is met again every turn, for a hundredth of it.
    const bool scar = turn_.value() < 0x02000000U && draw < per_chunk(60.0);
    if (draw < per_chunk(9.0 + 5.0 * double{dirt_}) || scar) {
        const float size = what_.tick(), tone = what_.tick();
        side = what_.tick();
        spark = config_.dust * impulse_ * (0.10F + 1.1F * size * size * size * size) * (tone < 0.0F ? -1.0F : 1.0F);
        thud = 0.5F * spark * tone;
    } else if (draw - 0x80000000U < per_chunk(0.22)) {
        side = 0.5F * what_.tick();
        thud = config_.pops * impulse_ * (1.2F + 0.9F * what_.tick());
        spark = 0.25F * thud;
    }
    const bool speck = spark != 0.0F || thud != 0.0F;
    if (!speck && !ringing_) return;
    const std::size_t place = speck ? what_.bits() % chunk_frames : 0;
    float loudest = 0.0F;
    for (needle* s : {&left_, &right_}) {
        const float share = s == &left_ ? 1.0F - side : 1.0F + side;
        chunk bright{}, dull{};
        bright[place] = share * spark, dull[place] = share * thud;
        s->bright.process(bright), s->dull.process(dull);
        for (std::size_t n = 0; n < chunk_frames; ++n) {
            s->sound[n] += bright[n] + dull[n];
            loudest = std::max({loudest, math::abs(bright[n]), math::abs(dull[n])});
        }
    }
    ringing_ = speck || loudest > 1e-6F;
    if (!ringing_)
        for (needle* s : {&left_, &right_}) s->bright.reset(), s->dull.reset();
}

}  // namespace lofi::inline LOFI_ABI::dsp
