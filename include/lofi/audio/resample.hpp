#pragma once
// Changes the sample rate, by any ratio of two whole rates, as sound comes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <lofi/audio/block.hpp>
#include <lofi/audio/detail/dot.hpp>
#include <lofi/audio/detail/kaiser.hpp>
#include <lofi/core/assert.hpp>
#include <lofi/core/units.hpp>

namespace lofi::inline LOFI_ABI::audio {

/// Half the length of the filter in samples of the lower rate, and how far down what would alias is pushed. A longer filter
/// keeps more of the highest frequencies: 48 keeps all below 0.43 of the lower rate (19 kHz of 44.1), 24 below 0.37.
struct resample_config {
    std::size_t half_length = 48;
    decibels stop_band{100.0};
};

/// Resamples one channel by a polyphase filter: sinc under Kaiser's window, one set of taps for each place between two
/// samples that the ratio can reach. Output sample n stands exactly at the time of input sample n * from / to.
/// source: Crochiere, Rabiner: Multirate Digital Signal Processing (1983)
/// realtime: process() allocates nothing
class resampler {
public:
    /// The rates are whole numbers of hertz; memory grows with `to` after common factors are taken out.
    resampler(hertz from, hertz to, resample_config config = {});

    struct progress {
        std::size_t taken, made;
    };
    /// Takes input and makes output until one of them ends.
    progress process(std::span<const float> in, std::span<float> out) noexcept;
    void reset() noexcept;

    /// How many input samples after its own time an output sample waits for. To get the last of a sound, this many zeros follow.
    [[nodiscard]] std::size_t latency() const { return half_; }
    /// How many output samples a sound of so many samples makes.
    [[nodiscard]] std::size_t length(std::size_t in) const {
        return static_cast<std::size_t>((std::uint64_t{in} * up_ + down_ - 1) / down_);
    }

private:
    static constexpr std::size_t lanes = 16;  // of the dot product

    std::uint64_t up_, down_;     // the ratio in lowest terms: to / from
    std::size_t half_, taps_;     // taps_ is 2 half_, rounded up to whole lanes
    std::vector<float> filters_;  // up_ rows of taps_
    std::vector<float> past_;     // every input sample twice, so that the last taps_ are always contiguous
    std::size_t at_ = 0;
    std::uint64_t phase_ = 0, missing_ = 0;
};

/// Resamples a whole sound; it keeps its length in time and is not delayed.
[[nodiscard]] buffer resample(const buffer& sound, hertz rate, resample_config config = {});

// ---------------------------------------------------------------- bodies

inline resampler::resampler(hertz from, hertz to, resample_config config) {
    LOFI_ASSERT(from.value >= 1.0 && to.value >= 1.0 && from.value < 0x1p31 && to.value < 0x1p31,
                "sample rates are whole numbers of hertz");
    LOFI_ASSERT(config.half_length >= 4, "a filter for resampling needs a half length of at least 4");
    const auto whole_from = static_cast<std::uint64_t>(from.value + 0.5), whole_to = static_cast<std::uint64_t>(to.value + 0.5);
    const std::uint64_t common = std::gcd(whole_from, whole_to);
    up_ = whole_to / common;
    down_ = whole_from / common;
    // Going down, the filter is as much longer as the output is slower.
    const double stretch = std::max(1.0, static_cast<double>(down_) / static_cast<double>(up_));
    half_ = static_cast<std::size_t>(static_cast<double>(config.half_length) * stretch + 0.999999);
    taps_ = (2 * half_ + lanes - 1) / lanes * lanes;
    const double transition = detail::kaiser_transition(config.stop_band.value, 2.0 * static_cast<double>(config.half_length));
    const double beta = detail::kaiser_beta(config.stop_band.value),
                 width = (1.0 - transition) / stretch;  // the stop-band begins at half the lower rate

    filters_.assign(static_cast<std::size_t>(up_) * taps_, 0.0F);
    std::vector<double> exact(2 * half_);
    for (std::uint64_t p = 0; p < up_; ++p) {
        double sum = 0.0;
        for (std::size_t k = 0; k < exact.size(); ++k) {
            const double t =
                static_cast<double>(k) - static_cast<double>(half_ - 1) - static_cast<double>(p) / static_cast<double>(up_);
            exact[k] = detail::sinc(t * width) * detail::kaiser(t / static_cast<double>(half_), beta);
            sum += exact[k];
        }
        // The padding stands before the oldest sample that counts.
        float* row = filters_.data() + p * taps_ + (taps_ - exact.size());
        for (std::size_t k = 0; k < exact.size(); ++k) row[k] = static_cast<float>(exact[k] / sum);
    }
    past_.assign(2 * taps_, 0.0F);
    reset();
}

inline void resampler::reset() noexcept {
    std::fill(past_.begin(), past_.end(), 0.0F);
    at_ = 0;
    phase_ = 0;
    missing_ = half_ + 1;
}

inline resampler::progress resampler::process(std::span<const float> in, std::span<float> out) noexcept {
    progress done{0, 0};
    for (;;) {
        if (missing_ > 0) {
            if (done.taken == in.size()) return done;
            past_[at_] = past_[at_ + taps_] = in[done.taken++];
            at_ = at_ + 1 == taps_ ? 0 : at_ + 1;
            --missing_;
            continue;
        }
        if (done.made == out.size()) return done;
        out[done.made++] = detail::dot<lanes>(filters_.data() + phase_ * taps_, past_.data() + at_, taps_);
        phase_ += down_;
        missing_ = phase_ / up_;
        phase_ %= up_;
    }
}

inline buffer resample(const buffer& sound, hertz rate, resample_config config) {
    if (sound.channels() == 0 || rate == sound.rate()) return sound;
    resampler channel(sound.rate(), rate, config);
    const auto in_length = static_cast<std::size_t>(sound.length().value);
    buffer out(sound.channels(), frames(static_cast<std::int64_t>(channel.length(in_length))), rate);
    const std::vector<float> silence(channel.latency() + 1);
    for (std::size_t c = 0; c < sound.channels(); ++c) {
        channel.reset();
        const auto first = channel.process(sound.channel(c), out.channel(c));
        channel.process(silence, out.channel(c).subspan(first.made));
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::audio
