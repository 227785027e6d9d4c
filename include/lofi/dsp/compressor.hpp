#pragma once
// Gain that follows level: the bus compressor, and the ducking that makes room for the kick.
#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <lofi/audio/block.hpp>
#include <lofi/dsp/filter.hpp>
#include <lofi/dsp/glide.hpp>
#include <lofi/dsp/lanes.hpp>
#include <lofi/dsp/modal.hpp>

namespace lofi::inline LOFI_ABI::dsp {

struct compressor_config {
    decibels threshold{-18.0};
    double ratio = 2.0;
    decibels knee{8.0};
    seconds attack{0.020};
    seconds release{0.180};
};

/// Evens out loudness, both channels by one gain so that the picture stays still. The level is read every 32 frames, and
/// the gain runs in straight lines from one to the next.
class compressor {
public:
    explicit compressor(hertz rate, compressor_config c = {})
        : attack_(static_cast<float>(approach(c.attack, rate / static_cast<double>(group)))),
          release_(static_cast<float>(approach(c.release, rate / static_cast<double>(group)))),
          threshold_(static_cast<float>(c.threshold.value)),
          slope_(static_cast<float>(1.0 / c.ratio - 1.0)),
          knee_(static_cast<float>(std::max(c.knee.value, 0.01))) {}

    void reset() noexcept { power_ = line_ = 0.0F, gain_ = 1.0F, at_ = 0, heard_.fill(0.0F); }
    /// Gain in decibels for a steady level in decibels: 0 below the knee, then the slope of the ratio.
    [[nodiscard]] float gain_at(float level) const {
        const float over = level - threshold_, k = std::clamp(over + 0.5F * knee_, 0.0F, knee_);
        return slope_ * (k * k / (2.0F * knee_) + std::max(over - 0.5F * knee_, 0.0F));
    }
    /// writes: = x
    void process(audio::stereo_view x) noexcept {
        for (std::size_t first = 0, n = 0; first < x.size(); first += n) {
            n = std::min(group - at_, x.size() - first);
            const audio::stereo_view part = x.sub(first, n);
            hear(part);
            scale_along(part.left, gain_, line_, at_), scale_along(part.right, gain_, line_, at_);
            at_ += n;
            if (at_ == group) listen();
        }
    }

private:
    static constexpr std::size_t group = 32;

    // Frames are added up in four heaps by their place in the group, wherever blocks end.
    void hear(audio::stereo_view x) noexcept {
        std::size_t i = 0;
        if (at_ % 4 == 0) {
            float4 sum = load(heard_.data());
            for (; i + 4 <= x.size(); i += 4) {
                const float4 l = load(&x.left[i]), r = load(&x.right[i]);
                sum += l * l + r * r;
            }
            store(heard_.data(), sum);
        }
        for (; i < x.size(); ++i) heard_[(at_ + i) % 4] += x.left[i] * x.left[i] + x.right[i] * x.right[i];
    }
    void listen() noexcept {
        const float p = sum(load(heard_.data())) * (0.5F / static_cast<float>(group));
        power_ = flush(power_ + (p > power_ ? attack_ : release_) * (p - power_));
        constexpr float decibels_per_octave_of_power = 3.0102999566F, octaves_per_decibel = 0.16609640474F;
        const float level = decibels_per_octave_of_power * math::log2(power_ + 1e-12F);
        gain_ += line_ * static_cast<float>(group);
        line_ = (math::exp2(octaves_per_decibel * gain_at(level)) - gain_) * (1.0F / static_cast<float>(group));
        heard_.fill(0.0F), at_ = 0;
    }

    float attack_, release_, threshold_, slope_, knee_, power_ = 0.0F;
    std::array<float, 4> heard_{};
    float gain_ = 1.0F, line_ = 0.0F;  // at the beginning of the group, and what it gains a frame
    std::size_t at_ = 0;
};

struct ducker_config {
    decibels depth{-5.0};    ///< gain at the bottom, for a hit of full force
    seconds attack{0.004};   ///< time constants of going down
    seconds release{0.110};  ///< and of coming back
};

/// A gain that gives way when it is told to.
class ducker {
public:
    explicit ducker(hertz rate, ducker_config c = {});

    void reset() noexcept { push_ = dip_ = 0.0F, depth_.jump(); }
    /// How deep it goes; a change glides there within some hundredths of a second.
    void set(decibels depth) noexcept { depth_.aim = 1.0F - math::db_to_gain(depth); }
    /// Gives way from the next frame on; `force` from 0 to 1.
    void trigger(float force) noexcept { push_ = std::max(push_, std::clamp(force, 0.0F, 1.0F)); }
    /// The gain of the next frame.
    float tick() noexcept {
        push_ = fallen(push_ * onward_.push[0]);
        dip_ = fallen(onward_.dip[0] * dip_ + attack_ * push_);
        return 1.0F - (depth_.moving() ? depth_.tick(depth_share_) : depth_.now) * dip_;
    }
    /// What it takes off each frame of a chunk, 0 nothing and 1 all, when `hits` come with it.
    /// writes: = out
    void process(std::span<const float, chunk_frames> hits, std::span<float, chunk_frames> out) noexcept;

private:
    // Below -100 dB is nothing.
    static float fallen(float x) noexcept { return x < 1e-5F ? 0.0F : x; }

    glide depth_;
    float depth_share_, attack_;
    // What is left of the push and of the dip after 1, 2, 3, 4 frames, and what a push has made of the dip.
    struct {
        std::array<float, 4> push, dip, pushed;
    } onward_;
    float push_ = 0.0F, dip_ = 0.0F;
};

// ---------------------------------------------------------------- bodies

inline ducker::ducker(hertz rate, ducker_config c)
    : depth_share_(static_cast<float>(approach(seconds(0.02), rate))), attack_(static_cast<float>(approach(c.attack, rate))) {
    set(c.depth), depth_.jump();
    const double push = 1.0 - approach(c.release, rate), dip = 1.0 - double{attack_};
    double p = 1.0, d = 1.0, pushed = 0.0;
    for (std::size_t n = 0; n < 4; ++n) {
        p *= push, d *= dip, pushed = dip * pushed + double{attack_} * p;
        onward_.push[n] = static_cast<float>(p), onward_.dip[n] = static_cast<float>(d);
        onward_.pushed[n] = static_cast<float>(pushed);
    }
}

inline void ducker::process(std::span<const float, chunk_frames> hits, std::span<float, chunk_frames> out) noexcept {
    const bool hit = std::any_of(hits.begin(), hits.end(), [](float force) { return force > 0.0F; });
    if (hit || depth_.moving()) {
        for (std::size_t n = 0; n < chunk_frames; ++n) {
            if (hits[n] > 0.0F) trigger(hits[n]);
            out[n] = 1.0F - tick();
        }
        return;
    }
    const float4 dip = load(onward_.dip.data()), pushed = load(onward_.pushed.data()), depth = splat(depth_.now);
    for (std::size_t n = 0; n < chunk_frames; n += 4) {
        const float4 now = splat(dip_) * dip + splat(push_) * pushed;
        store(&out[n], depth * now);
        dip_ = now[3], push_ *= onward_.push[3];
    }
    dip_ = fallen(dip_), push_ = fallen(push_);
}

}  // namespace lofi::inline LOFI_ABI::dsp
