#pragma once
// The last gate: no peak, not even between samples, goes above the ceiling.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lofi/audio/block.hpp>
#include <lofi/dsp/delay.hpp>
#include <lofi/dsp/filter.hpp>
#include <lofi/dsp/lanes.hpp>

namespace lofi::inline LOFI_ABI::dsp {

struct limiter_config {
    decibels ceiling{-1.0};  ///< true peak
    seconds look_ahead{0.0015};
    seconds release{0.090};  ///< time constant
};

/// Looks ahead at the peaks of the sound at four times the rate, and has the gain down, in a straight and gentle line,
/// before each of them comes.
/// source: ITU-R BS.1770-4, annex 2, for what a true peak is
/// measured: true peak (ffmpeg ebur128) below the ceiling for noise, square waves and drums driven 20 dB too hot
class limiter {
public:
    explicit limiter(hertz rate, limiter_config config = {});

    void reset() noexcept;
    [[nodiscard]] frames latency() const { return frames(static_cast<std::int64_t>(span_ + reach)); }
    /// Gain of the frame that came last: 1 where nothing is limited.
    [[nodiscard]] float gain() const { return gain_; }
    /// writes: = x
    void process(audio::stereo_view x) noexcept;

private:
    static constexpr std::size_t taps = 12, reach = taps / 2, most = block_delay::most;
    using block = block_delay::block;
    struct candidate {
        std::uint64_t at;
        float gain;
    };
    bool loud(audio::stereo_view x, block& peak) noexcept;
    float held(float needed) noexcept;  // the least gain needed by the last span_ + 2 frames
    void make_gain(const block& peak, std::size_t n, block& gain) noexcept;

    std::size_t span_;
    float ceiling_, keep_, lack_ = 0.0F, gain_ = 1.0F;      // lack: what the gain is below 1, which dies away to exactly 0
    std::array<std::array<float, taps>, 3> between_{};      // filters for a quarter, a half, three quarters of a frame later
    float between_gain_ = 1.0F;                             // no filter gives more than this times the largest it is given
    std::array<std::array<float, taps + most>, 2> past_{};  // what came before, then the block
    std::array<block_delay, 2> delay_;
    std::vector<candidate> waiting_;  // a queue in which gains rise: the front is the least. A gain of 1 is not in it.
    std::size_t front_ = 0, back_ = 0;
    std::uint64_t now_ = 0;
    std::vector<std::uint32_t> box_;  // gains of the last span_ frames in units of 2^-24, and their exact sum
    std::size_t box_at_ = 0;
    std::uint64_t sum_ = 0, full_;
};

// ---------------------------------------------------------------- bodies

inline limiter::limiter(hertz rate, limiter_config c)
    : span_(std::max<std::size_t>(8, static_cast<std::size_t>(c.look_ahead.value * rate.value))),
      // 0.3 dB for what four times the rate cannot see, and for the gain's own movement.
      ceiling_(math::db_to_gain(c.ceiling - decibels(0.3))),
      keep_(static_cast<float>(1.0 - approach(c.release, rate))),
      delay_{block_delay(frames(static_cast<std::int64_t>(span_ + reach + most))),
             block_delay(frames(static_cast<std::int64_t>(span_ + reach + most)))},
      waiting_(span_ + 4),
      box_(span_),
      full_(static_cast<std::uint64_t>(span_) << 24) {
    for (std::size_t q = 0; q < 3; ++q) {
        double total = 0.0;
        std::array<double, taps> w{};
        for (std::size_t i = 0; i < taps; ++i) {
            // Tap i weighs the frame taps-1-i frames ago; the place is (q+1)/4 after the frame `reach` ago.
            const double t = static_cast<double>(i) - static_cast<double>(reach - 1) - 0.25 * static_cast<double>(q + 1);
            w[i] = math::sin_turns(0.5 * t) / (math::pi * t) * (0.54 + 0.46 * math::cos_turns(t / (taps + 1.0)));
            total += w[i];
        }
        float most_gain = 0.0F;
        for (std::size_t i = 0; i < taps; ++i) {
            between_[q][i] = static_cast<float>(w[i] / total);
            most_gain += math::abs(between_[q][i]);
        }
        between_gain_ = std::max(between_gain_, 1.0001F * most_gain);
    }
    reset();
}

inline void limiter::reset() noexcept {
    for (auto& p : past_) p.fill(0.0F);
    for (block_delay& d : delay_) d.reset();
    front_ = back_ = box_at_ = 0, now_ = 0, lack_ = 0.0F, gain_ = 1.0F;
    std::fill(box_.begin(), box_.end(), 1U << 24);
    sum_ = full_;
}

// Finds the peaks of the frames and between them, and tells whether one may be above the ceiling. Where the largest frame lies
// so far below that nothing between frames can reach it, no filter is asked, and the peaks are 0.
inline bool limiter::loud(audio::stereo_view x, block& peak) noexcept {
    const float4 calm = splat(ceiling_ / between_gain_);
    bool found = false;
    peak.fill(0.0F);
    for (std::size_t side = 0; side < 2; ++side) {
        auto& p = past_[side];
        std::copy_n((side == 0 ? x.left : x.right).data(), x.size(), p.begin() + (taps - 1));
        std::array<float4, (taps + most) / 4> largest;  // of each four
        for (std::size_t i = 0; i < largest.size(); ++i) largest[i] = abs(load(&p[4 * i]));
        for (std::size_t i = 0; i < x.size(); i += 4) {
            float4 near = largest[i / 4];
            unrolled<3>([&](auto k) { near = max(near, largest[i / 4 + 1 + k]); });
            if (!any(calm < near)) continue;
            found = true;
            float4 here = max(load(&peak[i]), abs(load(&p[i + reach - 1])));
            for (const auto& filter : between_) {
                float4 sum = splat(0.0F);
                unrolled<taps>([&](auto k) { sum += splat(filter[k]) * load(&p[i + k]); });
                here = max(here, abs(sum));
            }
            store(&peak[i], here);
        }
        std::copy_n(p.begin() + static_cast<std::ptrdiff_t>(x.size()), taps - 1, p.begin());
    }
    return found;
}

inline float limiter::held(float needed) noexcept {
    const std::size_t size = waiting_.size();
    if (needed < 1.0F) {
        while (front_ != back_ && waiting_[(back_ - 1) % size].gain >= needed) --back_;
        waiting_[back_++ % size] = {now_, needed};
    }
    // Two frames more than the box is long, for peaks that lie between frames.
    while (front_ != back_ && waiting_[front_ % size].at + span_ + 1 < now_) ++front_;
    return front_ == back_ ? 1.0F : waiting_[front_ % size].gain;
}

inline void limiter::make_gain(const block& peak, std::size_t n, block& gain) noexcept {
    const double mean = 1.0 / static_cast<double>(full_);
    for (std::size_t i = 0; i < n; ++i, ++now_) {
        const float least = held(peak[i] > ceiling_ ? ceiling_ / peak[i] : 1.0F);
        lack_ = std::max(1.0F - least, lack_ < 1e-6F ? 0.0F : lack_ * keep_);
        // Rounded down, so that rounding never lets a peak through.
        const auto whole = static_cast<std::uint32_t>((1.0F - lack_) * 0x1p24F);
        std::uint32_t& oldest = box_[box_at_];
        sum_ += whole, sum_ -= oldest, oldest = whole;
        if (++box_at_ == span_) box_at_ = 0;
        gain[i] = static_cast<float>(static_cast<double>(sum_) * mean);
    }
    gain_ = gain[n - 1];
}

inline void limiter::process(audio::stereo_view x) noexcept {
    for (std::size_t first = 0, n = 0; first < x.size(); first += n) {
        n = std::min(delay_[0].room(), x.size() - first);
        const audio::stereo_view part = x.sub(first, n);
        block peak, gain;
        const bool found = loud(part, peak), still = front_ == back_ && lack_ == 0.0F && sum_ == full_;
        for (std::size_t side = 0; side < 2; ++side) {
            float* const y = (side == 0 ? part.left : part.right).data();
            block late;
            delay_[side].write(y, n);
            delay_[side].read(span_ + reach + n, late);
            std::copy_n(late.begin(), n, y);
        }
        if (!found && still) {
            now_ += n;
            continue;
        }
        make_gain(peak, n, gain);
        for (std::size_t i = 0; i < n; ++i) part.left[i] *= gain[i], part.right[i] *= gain[i];
    }
}

}  // namespace lofi::inline LOFI_ABI::dsp
