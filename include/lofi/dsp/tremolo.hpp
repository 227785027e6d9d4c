#pragma once
// The tremolo of electric pianos: loudness that swings, from side to side if wished.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <lofi/audio/block.hpp>
#include <lofi/core/phase.hpp>
#include <lofi/dsp/filter.hpp>
#include <lofi/dsp/glide.hpp>
#include <lofi/dsp/lanes.hpp>

namespace lofi::inline LOFI_ABI::dsp {

struct tremolo_config {
    hertz speed{4.6};
    float depth = 0.3F;  ///< 0 none, 1 down to silence
    float width = 0.7F;  ///< 0 both sides together, 1 one side against the other
};

/// Swings the loudness of both channels around its mean. The gain is reckoned every 32 frames, and runs in straight lines
/// from one to the next.
class tremolo {
public:
    explicit tremolo(hertz rate, tremolo_config c = {})
        : rate_(rate), share_(static_cast<float>(approach(seconds(0.02), rate / static_cast<double>(group)))) {
        set(c), reset();
    }

    /// Turns speed and width at once, the depth within some hundredths of a second.
    void set(const tremolo_config& c) noexcept {
        step_ = phase32::step(c.speed, rate_);
        depth_.aim = 0.5F * c.depth, apart_ = phase32::turns(0.5 * double{c.width}).value();
    }
    void reset() noexcept {
        depth_.jump(), phase_ = {}, at_ = 0;
        left_ = {gain(0), 0.0F}, right_ = {gain(apart_), 0.0F};
    }
    /// writes: = x
    void process(audio::stereo_view x) noexcept {
        for (std::size_t first = 0, n = 0; first < x.size(); first += n) {
            if (at_ == 0) next();
            n = std::min(group - at_, x.size() - first);
            if (heard_) {
                scale_along(x.left.subspan(first, n), left_.from, left_.slope, at_);
                scale_along(x.right.subspan(first, n), right_.from, right_.slope, at_);
            }
            at_ = (at_ + n) % group;
        }
    }

private:
    static constexpr std::size_t group = 32;
    struct line {
        float from = 1.0F, slope = 0.0F;
        void next(float to) noexcept {
            from += slope * static_cast<float>(group), slope = (to - from) * (1.0F / static_cast<float>(group));
        }
    };
    [[nodiscard]] float gain(std::uint32_t apart) const noexcept {
        return 1.0F - depth_.now * (1.0F - math::sin_turns(phase_.value() + apart));
    }
    void next() noexcept {
        phase_.advance(step_, static_cast<std::uint32_t>(group));
        heard_ = depth_.now != 0.0F || depth_.aim != 0.0F;
        if (depth_.moving()) depth_.tick(share_);
        left_.next(gain(0)), right_.next(gain(apart_));
    }

    hertz rate_;
    phase32 phase_;  // at the end of the present group
    std::uint32_t step_ = 0, apart_ = 0;
    glide depth_;
    float share_;
    line left_, right_;
    std::size_t at_ = 0;
    bool heard_ = false;
};

}  // namespace lofi::inline LOFI_ABI::dsp
