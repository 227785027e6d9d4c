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

    void reset();
    [[nodiscard]] frames latency() const { return frames(static_cast<std::int64_t>(span_ + reach)); }
    /// Gain of the frame that came last: 1 where nothing is limited.
    [[nodiscard]] float gain() const { return gain_; }
    /// writes: = x
    void process(audio::stereo_view x) noexcept;

private:
    static constexpr std::size_t taps = 12, reach = taps / 2, most = 32;
    struct candidate {
        std::uint64_t at;
        float gain;
    };
    float held(float needed) noexcept;  // the least gain needed by the last span_ + 2 frames

    std::size_t span_;
    float ceiling_, keep_, lack_ = 0.0F, gain_ = 1.0F;  // lack: what the gain is below 1, which dies away to exactly 0
    std::array<std::array<float, taps>, 3> between_{};  // filters for a quarter, a half, three quarters of a frame later
    std::array<std::array<float, taps - 1 + most>, 2> past_{};
    delay_line left_, right_;
    std::vector<candidate> waiting_;  // a queue in which gains rise: the front is the least
    std::size_t front_ = 0, back_ = 0;
    std::uint64_t now_ = 0;
    std::vector<std::uint32_t> box_;  // gains of the last span_ frames in units of 2^-24, and their exact sum
    std::uint64_t sum_ = 0;
};

// ---------------------------------------------------------------- bodies

inline limiter::limiter(hertz rate, limiter_config c)
    : span_(std::max<std::size_t>(8, static_cast<std::size_t>(c.look_ahead.value * rate.value))),
      // 0.3 dB for what four times the rate cannot see, and for the gain's own movement.
      ceiling_(math::db_to_gain(c.ceiling - decibels(0.3))),
      keep_(static_cast<float>(1.0 - approach(c.release, rate))),
      left_(frames(static_cast<std::int64_t>(span_ + 2 * reach))),
      right_(left_),
      waiting_(span_ + 4),
      box_(span_) {
    for (std::size_t q = 0; q < 3; ++q) {
        double total = 0.0;
        std::array<double, taps> w{};
        for (std::size_t i = 0; i < taps; ++i) {
            // Tap i weighs the frame taps-1-i frames ago; the place is (q+1)/4 after the frame `reach` ago.
            const double t = static_cast<double>(i) - static_cast<double>(reach - 1) - 0.25 * static_cast<double>(q + 1);
            w[i] = math::sin_turns(0.5 * t) / (math::pi * t) * (0.54 + 0.46 * math::cos_turns(t / (taps + 1.0)));
            total += w[i];
        }
        for (std::size_t i = 0; i < taps; ++i) between_[q][i] = static_cast<float>(w[i] / total);
    }
    reset();
}

inline void limiter::reset() {
    for (auto& p : past_) p.fill(0.0F);
    left_.reset(), right_.reset();
    front_ = back_ = 0, now_ = 0, lack_ = 0.0F, gain_ = 1.0F;
    std::fill(box_.begin(), box_.end(), 1U << 24);
    sum_ = static_cast<std::uint64_t>(span_) << 24;
}

inline float limiter::held(float needed) noexcept {
    const std::size_t size = waiting_.size();
    while (front_ != back_ && waiting_[(back_ - 1) % size].gain >= needed) --back_;
    waiting_[back_++ % size] = {now_, needed};
    // Two frames more than the box is long, for peaks that lie between frames.
    while (waiting_[front_ % size].at + span_ + 1 < now_) ++front_;
    return waiting_[front_ % size].gain;
}

inline void limiter::process(audio::stereo_view x) noexcept {
    for (std::size_t first = 0; first < x.size(); first += most) {
        const std::size_t n = std::min(most, x.size() - first);
        std::array<float, most> peak{};
        for (std::size_t side = 0; side < 2; ++side) {
            const float* const in = (side == 0 ? x.left : x.right).data() + first;
            auto& p = past_[side];
            std::copy_n(in, n, p.begin() + (taps - 1));
            for (std::size_t i = 0; i < most; ++i) peak[i] = std::max(peak[i], math::abs(p[i + reach - 1]));
            for (const auto& filter : between_) {
                std::array<float, most> sum{};
                for (std::size_t k = 0; k < taps; ++k)
                    for (std::size_t i = 0; i < most; ++i) sum[i] += filter[k] * p[i + k];
                for (std::size_t i = 0; i < most; ++i) peak[i] = std::max(peak[i], math::abs(sum[i]));
            }
            std::copy_n(p.begin() + static_cast<std::ptrdiff_t>(n), taps - 1, p.begin());
        }
        for (std::size_t i = 0; i < n; ++i, ++now_) {
            const float least = held(peak[i] > ceiling_ ? ceiling_ / peak[i] : 1.0F);
            lack_ = std::max(1.0F - least, lack_ < 1e-6F ? 0.0F : lack_ * keep_);
            // Rounded down, so that rounding never lets a peak through.
            const auto whole = static_cast<std::uint32_t>((1.0F - lack_) * 0x1p24F);
            std::uint32_t& oldest = box_[now_ % span_];
            sum_ += whole, sum_ -= oldest, oldest = whole;
            gain_ = static_cast<float>(static_cast<double>(sum_) / (static_cast<double>(span_) * 0x1p24));
            left_.write(x.left[first + i]), right_.write(x.right[first + i]);
            x.left[first + i] = gain_ * left_.read(span_ + reach), x.right[first + i] = gain_ * right_.read(span_ + reach);
        }
    }
}

}  // namespace lofi::inline LOFI_ABI::dsp
