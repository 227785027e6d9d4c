#pragma once
// The last machines in the chain: tape, speed, tone, grit, glue, loudness, limit.
#include <algorithm>

#include <lofi/audio/block.hpp>
#include <lofi/dsp/compressor.hpp>
#include <lofi/dsp/crusher.hpp>
#include <lofi/dsp/filter.hpp>
#include <lofi/dsp/leveller.hpp>
#include <lofi/dsp/limiter.hpp>
#include <lofi/dsp/saturation.hpp>
#include <lofi/dsp/wow_flutter.hpp>
#include <lofi/synth/config.hpp>

namespace lofi::inline LOFI_ABI::synth {

/// Turns the sum of the layers into the finished sound.
class master {
public:
    explicit master(const config&);

    void set(const mix&) noexcept;
    void reset();
    [[nodiscard]] frames latency() const {
        return frames(static_cast<std::int64_t>(dsp::saturation::latency)) + wow_.latency() + limiter_.latency();
    }
    /// writes: = x
    void process(audio::stereo_view x) noexcept;

private:
    struct side {
        dsp::dc_blocker block;
        dsp::saturation tape;
        dsp::biquad body;
        dsp::state_variable tone;
    };
    // What tape and glue take off a usual arrangement, so that it comes near its loudness before the leveller listens.
    static constexpr float makeup = 1.62F;
    [[nodiscard]] dsp::wow_flutter_config tape_speed(const mix&) const;

    config config_;
    side left_, right_;
    dsp::wow_flutter wow_;
    dsp::crusher crusher_;
    dsp::compressor glue_;
    dsp::leveller leveller_;
    dsp::limiter limiter_;
    float tone_ = 0.0F, tone_aim_ = 0.0F;  // corner as a power of two, and where it glides
    float drive_ = 0.0F, drive_aim_ = 0.0F;
};

// ---------------------------------------------------------------- bodies

inline master::master(const config& c)
    : config_(c),
      wow_(c.rate, random_key{c.seed}.child("tape"), tape_speed(c.mix)),
      crusher_(c.rate, random_key{c.seed}.child("grit"), c.mix.grit),
      glue_(c.rate, {.threshold = decibels(-19.0),
                     .ratio = 1.8,
                     .knee = decibels(10.0),
                     .attack = seconds(0.025),
                     .release = seconds(0.220)}),
      leveller_(c.rate, {.target = c.loudness}),
      limiter_(c.rate, {.ceiling = c.ceiling}) {
    set(c.mix);
    reset();
}

inline dsp::wow_flutter_config master::tape_speed(const mix& m) const {
    return {.wow_cents = 22.0 * double{m.wow}, .flutter_cents = 5.0 * double{m.wow}, .drift_cents = 12.0 * double{m.wow}};
}

inline void master::set(const mix& m) noexcept {
    wow_.set(tape_speed(m));
    crusher_.set(m.grit);
    tone_aim_ = static_cast<float>(
        math::log2(dsp::below_nyquist(hertz(std::min(m.tone.value, 0.45 * config_.rate.value)), config_.rate).value));
    drive_aim_ = 1.0F + 11.0F * m.drive;
    config_.mix = m;
}

inline void master::reset() {
    tone_ = tone_aim_, drive_ = drive_aim_;
    for (side* s : {&left_, &right_}) {
        s->block = dsp::dc_blocker(hertz(18.0), config_.rate);
        s->tape = dsp::saturation(decibels(double{drive_}), 0.12F);
        s->body = dsp::biquad::low_shelf(hertz(160.0), decibels(1.0), config_.rate);
        s->tone = dsp::state_variable(hertz(double{math::exp2(tone_)}), 0.62, config_.rate);
    }
    wow_.reset(), crusher_.reset(), glue_.reset(), leveller_.reset(), limiter_.reset();
}

inline void master::process(audio::stereo_view x) noexcept {
    // Knobs glide by a hundredth of the way each chunk, so that turning one makes no noise.
    if (math::abs(tone_ - tone_aim_) > 1e-4F) {
        tone_ += 0.02F * (tone_aim_ - tone_);
        for (side* s : {&left_, &right_}) s->tone.set(hertz(double{math::exp2(tone_)}), 0.62, config_.rate);
    }
    if (math::abs(drive_ - drive_aim_) > 1e-3F) {
        drive_ += 0.02F * (drive_aim_ - drive_);
        for (side* s : {&left_, &right_}) s->tape.set(decibels(double{drive_}), 0.12F);
    }
    const auto tape = [](side& s, std::span<float> y) {
        s.tape.process(y);
        s.block.process(y);  // after the tape, whose asymmetry makes a mean
    };
    tape(left_, x.left), tape(right_, x.right);
    wow_.process(x);
    const auto colour = [](side& s, std::span<float> y) {
        s.body.process(y);
        for (float& v : y) v = s.tone.tick(v).low;
        s.tone.settle();
    };
    colour(left_, x.left), colour(right_, x.right);
    crusher_.process(x);
    glue_.process(x);
    for (std::size_t n = 0; n < x.size(); ++n) x.left[n] *= makeup, x.right[n] *= makeup;
    leveller_.process(x);
    limiter_.process(x);
}

}  // namespace lofi::inline LOFI_ABI::synth
