#pragma once
// The last machines in the chain: tape, speed, tone, grit, glue, loudness, limit.
#include <algorithm>
#include <span>
#include <utility>

#include <lofi/audio/block.hpp>
#include <lofi/dsp/compressor.hpp>
#include <lofi/dsp/crusher.hpp>
#include <lofi/dsp/filter.hpp>
#include <lofi/dsp/glide.hpp>
#include <lofi/dsp/leveller.hpp>
#include <lofi/dsp/limiter.hpp>
#include <lofi/dsp/saturation.hpp>
#include <lofi/dsp/two_pole.hpp>
#include <lofi/dsp/wow_flutter.hpp>
#include <lofi/synth/config.hpp>

namespace lofi::inline LOFI_ABI::synth {

/// Turns the sum of the layers into the finished sound.
class master {
public:
    explicit master(const config&);

    void set(const mix&) noexcept;
    /// Starts anew, as one that was made with this seed and the last mix.
    void reset(std::uint64_t seed) noexcept;
    [[nodiscard]] frames latency() const {
        return frames(static_cast<std::int64_t>(dsp::saturation::latency)) + wow_.latency() +
               (config_.limiter == limiting::on ? limiter_.latency() : frames(0));
    }
    /// Finishes a chunk.
    /// writes: = x
    void process(std::span<float, dsp::chunk_frames> left, std::span<float, dsp::chunk_frames> right) noexcept;

private:
    struct side {
        dsp::dc_blocker block;
        dsp::saturation tape;
        dsp::two_pole body, tone;
        void set_tone(float octave, hertz rate) noexcept { tone.low_pass(hertz(double{math::exp2(octave)}), 0.62, rate); }
        void set_drive(float drive) noexcept { tape.set(decibels(double{drive}), 0.12F); }
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
    dsp::glide tone_, drive_;  // the corner as a power of two; decibels
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
    reset(c.seed);
}

inline dsp::wow_flutter_config master::tape_speed(const mix& m) const {
    return {.wow_cents = 22.0 * double{m.wow}, .flutter_cents = 5.0 * double{m.wow}, .drift_cents = 12.0 * double{m.wow}};
}

inline void master::set(const mix& m) noexcept {
    wow_.set(tape_speed(m));
    crusher_.set(m.grit);
    tone_.aim = static_cast<float>(
        math::log2(dsp::below_nyquist(hertz(std::min(m.tone.value, 0.45 * config_.rate.value)), config_.rate).value));
    drive_.aim = 1.0F + 11.0F * m.drive;
    config_.mix = m;
}

inline void master::reset(std::uint64_t seed) noexcept {
    config_.seed = seed;
    tone_.jump(), drive_.jump();
    for (side* s : {&left_, &right_}) {
        s->block = dsp::dc_blocker(hertz(18.0), config_.rate);
        s->tape.reset(), s->set_drive(drive_.now);
        s->body.reset(), s->body.low_shelf(hertz(160.0), decibels(1.0), config_.rate);
        s->tone.reset(), s->set_tone(tone_.now, config_.rate);
    }
    wow_.reset(random_key{seed}.child("tape")), crusher_.reset(random_key{seed}.child("grit"));
    glue_.reset(), leveller_.reset(), limiter_.reset();
}

inline void master::process(std::span<float, dsp::chunk_frames> left, std::span<float, dsp::chunk_frames> right) noexcept {
    // Knobs glide by a fiftieth of the way each chunk, so that turning one makes no noise.
    if (tone_.moving()) {
        tone_.tick(0.02F, 1e-4F);
        left_.set_tone(tone_.now, config_.rate), right_.set_tone(tone_.now, config_.rate);
    }
    if (drive_.moving()) {
        drive_.tick(0.02F, 1e-3F);
        left_.set_drive(drive_.now), right_.set_drive(drive_.now);
    }
    const audio::stereo_view x{left, right};
    left_.tape.process(left), right_.tape.process(right);
    // After the tape, whose asymmetry makes a mean. Both sides in one loop, so that neither waits for the other.
    for (std::size_t n = 0; n < dsp::chunk_frames; ++n)
        left[n] = left_.block.tick(left[n]), right[n] = right_.block.tick(right[n]);
    left_.block.settle(), right_.block.settle();
    wow_.process(x);
    for (const auto& [s, y] : {std::pair(&left_, left), std::pair(&right_, right)}) s->body.process(y), s->tone.process(y);
    if (config_.mix.grit.bits != 0 || config_.mix.grit.held < config_.rate) crusher_.process(x);
    glue_.process(x);
    dsp::scale_along(left, makeup, 0.0F, 0), dsp::scale_along(right, makeup, 0.0F, 0);
    leveller_.process(x);
    if (config_.limiter == limiting::on) limiter_.process(x);
}

}  // namespace lofi::inline LOFI_ABI::synth
