#pragma once
// The peak that a converter will make of the samples, which can lie between them and above them.
#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <lofi/audio/detail/dot.hpp>
#include <lofi/audio/detail/kaiser.hpp>
#include <lofi/core/math.hpp>
#include <lofi/core/units.hpp>

namespace lofi::inline LOFI_ABI::audio {

/// Measures the true peak of one channel at four points a sample.
/// source: ITU-R BS.1770-4 annex 2, with filters of 24 taps instead of its 12
/// measured: reads sines up to 0.4 of the sample rate within +0.03 and -0.44 dB, up to 0.25 within -0.1 dB
/// realtime: yes
class true_peak_meter {
public:
    /// Takes one sample and returns the largest magnitude around the sample `delay` ago.
    float tick(float sample) noexcept;
    void process(std::span<const float> block) noexcept {
        for (const float x : block) tick(x);
    }
    void reset() noexcept { *this = {}; }

    /// Largest magnitude of all that was measured, the last samples included.
    [[nodiscard]] float peak() const noexcept;
    /// The same in dBTP; -infinity for silence.
    [[nodiscard]] decibels level() const noexcept { return math::gain_to_db(static_cast<double>(peak())); }

    static constexpr std::size_t taps = 24, points = 4, delay = taps / 2;

private:
    std::array<float, 2 * taps> past_{};  // every sample twice, so that the last `taps` are always contiguous
    std::size_t at_ = 0;
    float peak_ = 0.0F;
};

// ---------------------------------------------------------------- bodies

namespace detail {
// One filter for each point between two samples: 1/4, 2/4 and 3/4 of the way. The samples themselves need none.
inline constexpr auto true_peak_filters = [] {
    constexpr std::size_t taps = true_peak_meter::taps;
    std::array<std::array<float, taps>, true_peak_meter::points - 1> filters{};
    for (std::size_t p = 0; p < filters.size(); ++p) {
        std::array<double, taps> exact{};
        double sum = 0.0;
        for (std::size_t k = 0; k < taps; ++k) {
            const double t = static_cast<double>(k) - (taps / 2 - 1) - static_cast<double>(p + 1) / true_peak_meter::points;
            exact[k] = sinc(t) * kaiser(t / (taps / 2), 5.0);
            sum += exact[k];
        }
        for (std::size_t k = 0; k < taps; ++k) filters[p][k] = static_cast<float>(exact[k] / sum);
    }
    return filters;
}();
}  // namespace detail

inline float true_peak_meter::tick(float sample) noexcept {
    past_[at_] = past_[at_ + taps] = sample;
    at_ = at_ + 1 == taps ? 0 : at_ + 1;
    const float* x = past_.data() + at_;  // the oldest of the last `taps` samples
    float largest = math::abs(x[taps / 2 - 1]);
    for (const auto& filter : detail::true_peak_filters) {
        largest = std::max(largest, math::abs(detail::dot<8>(filter.data(), x, taps)));
    }
    peak_ = std::max(peak_, largest);
    return largest;
}

inline float true_peak_meter::peak() const noexcept {
    true_peak_meter rest = *this;
    for (std::size_t i = 0; i < taps; ++i) rest.tick(0.0F);
    return rest.peak_;
}

}  // namespace lofi::inline LOFI_ABI::audio
