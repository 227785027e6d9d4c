#pragma once
// The warmth of tape and tubes: a soft limit, computed at four times the rate so that its harmonics do not fold back.
#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <lofi/core/math.hpp>
#include <lofi/core/units.hpp>
#include <lofi/dsp/lanes.hpp>

namespace lofi::inline LOFI_ABI::dsp {

/// Doubles the rate of one channel, and halves it again. Both ways together come Taps - 1 frames of the lower rate late, and
/// Later more frames of the higher rate, 0 or 1.
/// measured: with 32 taps flat within 0.1 dB up to 0.43 of the rate, images below -70 dB from 0.57 on
template <std::size_t Taps, std::size_t Most, std::size_t Later = 0>
class half_band {
public:
    static constexpr std::size_t latency = Taps - 1;

    half_band();
    void reset() noexcept { up_.fill(0.0F), even_.fill(0.0F), odd_.fill(0.0F); }
    /// Makes 2n frames of n <= Most.
    /// writes: = y
    void up(std::span<const float> x, std::span<float, 2 * Most> y) noexcept;
    /// Makes n frames of 2n.
    /// writes: = x
    void down(std::span<const float, 2 * Most> y, std::span<float> x) noexcept;

private:
    using block = std::array<float, Most>;
    using memory = std::array<float, Taps + Most>;  // the past first: the frame at Taps is the first of the block
    static_assert(Taps % 4 == 0 && Most % 32 == 0 && Later <= 1);
    template <std::size_t Late>
    void filter(const memory& past, block& y) const noexcept;
    static void keep(memory& m, std::size_t n) { std::copy_n(m.begin() + static_cast<std::ptrdiff_t>(n), Taps, m.begin()); }

    std::array<float, Taps / 2> weight_;  // the other half is its mirror image
    memory up_{}, even_{}, odd_{};
};

/// Bends sound towards a limit: even and odd harmonics, more the louder it comes in. Quiet sound passes with gain 1.
/// measured: aliases of a sine at 0 dBFS and a drive of 12 dB below -60 dB, up to 0.43 of the rate
class saturation {
public:
    static constexpr std::size_t latency = 31 + 4;

    /// `drive` is gain before the bend, taken back after it; `asymmetry`, 0 to 0.5, brings even harmonics.
    explicit saturation(decibels drive = decibels(6.0), float asymmetry = 0.1F) { set(drive, asymmetry); }
    void set(decibels drive, float asymmetry) {
        drive_ = math::db_to_gain(drive), bias_ = asymmetry, offset_ = soft_limit(splat(bias_))[0];
        back_ = 1.0F / (drive_ * (1.0F - offset_ * offset_));
    }
    void reset() noexcept { first_.reset(), second_.reset(); }
    /// writes: = x
    void process(std::span<float> x) noexcept;

private:
    static constexpr std::size_t most = 32;
    half_band<32, most, 1> first_;   // a frame of twice the rate later, which makes the latency whole
    half_band<8, 2 * most> second_;  // has twice the room between what is wanted and what is not
    float drive_ = 1.0F, bias_ = 0.0F, offset_ = 0.0F, back_ = 1.0F;
};

// ---------------------------------------------------------------- bodies

template <std::size_t Taps, std::size_t Most, std::size_t Later>
half_band<Taps, Most, Later>::half_band() {
    // Every second tap is zero but the middle one. A sinc under a Nuttall window, scaled to pass the mean exactly.
    std::array<double, Taps> w{};
    double total = 0.0;
    for (std::size_t i = 0; i < Taps; ++i) {
        const double t = static_cast<double>(i) - (Taps - 1) / 2.0, u = (t + Taps / 2.0) / Taps;
        const double window =
            0.402 - 0.498 * math::cos_turns(u) + 0.098 * math::cos_turns(2.0 * u) - 0.002 * math::cos_turns(3.0 * u);
        w[i] = window * math::sin_turns(0.5 * t) / (math::pi * t);
        total += w[i];
    }
    for (std::size_t i = 0; i < Taps / 2; ++i) weight_[i] = static_cast<float>(w[i] / total);
}

template <std::size_t Taps, std::size_t Most, std::size_t Later>
template <std::size_t Late>
void half_band<Taps, Most, Later>::filter(const memory& past, block& y) const noexcept {
    // Thirty-two sums at a time, in registers; what two mirrored taps weigh is added first.
    for (std::size_t from = 0; from < Most; from += 32) {
        std::array<float4, 8> sum{};
        for (std::size_t k = 0; k < Taps / 2; ++k) {
            const float4 w = splat(weight_[k]);
            const float *const a = past.data() + from + 1 - Late + k, *const b = past.data() + from + Taps - Late - k;
            unrolled<8>([&](auto i) { sum[i] += w * (load(a + 4 * i) + load(b + 4 * i)); });
        }
        unrolled<8>([&](auto i) { store(&y[from + 4 * i], sum[i]); });
    }
}

template <std::size_t Taps, std::size_t Most, std::size_t Later>
void half_band<Taps, Most, Later>::up(std::span<const float> x, std::span<float, 2 * Most> y) noexcept {
    block between;
    std::copy(x.begin(), x.end(), up_.begin() + Taps);
    this->template filter<0>(up_, between);
    // A value between two frames lies in the middle of the taps; half a frame later comes one that is there already.
    for (std::size_t i = 0; i < Most; i += 4) {
        const float4 a = load(&between[i]), b = load(&up_[i + Taps / 2 + 1]);
        store(&y[2 * i], shuffle<0, 4, 1, 5>(a, b)), store(&y[2 * i + 4], shuffle<2, 6, 3, 7>(a, b));
    }
    keep(up_, x.size());
}

template <std::size_t Taps, std::size_t Most, std::size_t Later>
void half_band<Taps, Most, Later>::down(std::span<const float, 2 * Most> y, std::span<float> x) noexcept {
    block sum;
    for (std::size_t i = 0; i < Most; i += 4) {
        const float4 a = load(&y[2 * i]), b = load(&y[2 * i + 4]);
        const float4 first = shuffle<0, 2, 4, 6>(a, b), second = shuffle<1, 3, 5, 7>(a, b);
        // A frame later, the first of two stands in the place of the second, and the second in that of the next first.
        store(&odd_[i + Taps], Later == 0 ? first : second), store(&even_[i + Taps], Later == 0 ? second : first);
    }
    this->template filter<Later>(odd_, sum);
    for (std::size_t i = 0; i < Most; i += 4) store(&sum[i], splat(0.5F) * (load(&sum[i]) + load(&even_[i + Taps / 2])));
    std::copy_n(sum.begin(), x.size(), x.begin());
    keep(even_, x.size()), keep(odd_, x.size());
}

inline void saturation::process(std::span<float> x) noexcept {
    for (std::size_t at = 0; at < x.size(); at += most) {
        const std::span<float> part = x.subspan(at, std::min(most, x.size() - at));
        const std::size_t n = part.size();
        std::array<float, 2 * most> twice{};
        std::array<float, 4 * most> four;
        first_.up(part, twice);
        second_.up(std::span<const float>(twice).first(2 * n), four);
        const float4 drive = splat(drive_), bias = splat(bias_), offset = splat(offset_), back = splat(back_);
        for (std::size_t i = 0; i < four.size(); i += 4)
            store(&four[i], (soft_limit(drive * load(&four[i]) + bias) - offset) * back);
        second_.down(four, std::span(twice).first(2 * n));
        first_.down(twice, part);
    }
}

}  // namespace lofi::inline LOFI_ABI::dsp
