#pragma once
// Loudness as broadcasters measure it: momentary, short-term, integrated, and its range.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <lofi/audio/block.hpp>
#include <lofi/core/math.hpp>
#include <lofi/core/units.hpp>

namespace lofi::inline LOFI_ABI::audio {

/// Loudness against full scale.
using lufs = quantity<struct lufs_tag, double>;
/// Difference of two loudnesses.
using loudness_units = quantity<struct loudness_units_tag, double>;

/// Measures loudness as sound comes, one or two channels, at any sample rate. What was not heard yet is -infinity.
/// Mono counts as one loudspeaker: the same sound on two is 3 LU louder.
/// source: ITU-R BS.1770-4; EBU R 128, Tech 3341 (times), Tech 3342 (range)
/// realtime: process() allocates nothing and takes time in proportion to the block
class loudness_meter {
public:
    explicit loudness_meter(hertz rate);

    void process(stereo_view block) noexcept { process(block.left, block.right); }
    void process(std::span<const float> left, std::span<const float> right) noexcept;
    void process(std::span<const float> mono) noexcept;
    void reset() noexcept;

    [[nodiscard]] lufs momentary() const noexcept { return mean_of_last(4); }    ///< of the last 400 ms
    [[nodiscard]] lufs short_term() const noexcept { return mean_of_last(30); }  ///< of the last 3 s
    [[nodiscard]] lufs largest_momentary() const noexcept { return largest_momentary_; }
    [[nodiscard]] lufs largest_short_term() const noexcept { return largest_short_term_; }
    /// Of all that was heard: blocks of 400 ms every 100 ms, without those below -70 LUFS or 10 LU below the rest.
    [[nodiscard]] lufs integrated() const noexcept;
    /// Between the softest tenth and the loudest twentieth of the short-term values.
    [[nodiscard]] loudness_units range() const noexcept;

private:
    // One second-order section, transposed direct form II, in double: its poles lie close to 1.
    struct section {
        double b0, b1, b2, a1, a2;
    };
    struct memory {
        double s1 = 0.0, s2 = 0.0;
    };
    // Counts blocks by loudness in steps of 1/100 LU with their exact power, so that memory does not grow with time.
    class histogram {
    public:
        void add(double power);
        [[nodiscard]] double mean_above(double power) const;
        [[nodiscard]] lufs quantile_above(double power, double q) const;
        void clear() { std::fill(bins_.begin(), bins_.end(), bin{}); }

    private:
        static constexpr double lowest = -70.0, step = 0.01;
        struct bin {
            std::uint64_t count = 0;
            double power = 0.0;
        };
        std::vector<bin> bins_ = std::vector<bin>(9000);  // to +20 LUFS
    };

    [[nodiscard]] static section shelf(hertz rate);
    [[nodiscard]] static section high_pass(hertz rate);
    [[nodiscard]] static double tick(const section& f, memory& m, double x) noexcept;
    [[nodiscard]] double weighted(std::size_t channel, float x) noexcept;
    [[nodiscard]] lufs mean_of_last(std::size_t tenths) const noexcept;
    [[nodiscard]] double power_of_last(std::size_t tenths) const noexcept;
    void end_frame() noexcept;
    void end_tenth() noexcept;

    hertz rate_;
    section shelf_, high_pass_;
    std::array<std::array<memory, 2>, 2> memory_{};  // channel, section
    double sum_ = 0.0;                               // of squares, both channels, since the last tenth of a second
    std::uint64_t heard_ = 0, tenth_began_ = 0, tenth_ends_ = 0, tenths_ = 0;
    std::array<double, 30> powers_{};  // of the last tenths, a ring
    histogram blocks_, short_terms_;
    lufs largest_momentary_{-std::numeric_limits<double>::infinity()}, largest_short_term_ = largest_momentary_;
};

/// Loudness of a mean square of weighted sound, and back.
[[nodiscard]] constexpr lufs power_to_lufs(double power) { return lufs(-0.691 + 3.0102999566398120 * math::log2(power)); }
[[nodiscard]] constexpr double lufs_to_power(lufs level) { return math::exp2((level.value + 0.691) / 3.0102999566398120); }

/// Integrated loudness of a whole sound of one or two channels.
[[nodiscard]] lufs loudness(const buffer& sound);

// ---------------------------------------------------------------- bodies

// The standard gives the two filters as coefficients for 48 kHz. Their analogue prototypes, found by undoing the bilinear
// transform, give the same filters at every rate. source: Mansbridge, Finn, Reiss: AES 132 (2012); Brecht De Man (2014)
inline loudness_meter::section loudness_meter::shelf(hertz rate) {
    constexpr double f = 1681.9744509555319, q = 0.70717523695541960;
    const double high = math::pow(10.0, 3.9998438539733470 / 20.0), middle = math::pow(high, 0.49966677415454160);
    const double k = math::tan_turns(f / rate.value / 2.0), a0 = 1.0 + k / q + k * k;
    return {(high + middle * k / q + k * k) / a0, 2.0 * (k * k - high) / a0, (high - middle * k / q + k * k) / a0,
            2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0};
}

inline loudness_meter::section loudness_meter::high_pass(hertz rate) {
    constexpr double f = 38.135470876024440, q = 0.50032703732387730;
    const double k = math::tan_turns(f / rate.value / 2.0), a0 = 1.0 + k / q + k * k;
    return {1.0, -2.0, 1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0};  // the standard leaves its gain of 1.005 in
}

inline loudness_meter::loudness_meter(hertz rate) : rate_(rate), shelf_(shelf(rate)), high_pass_(high_pass(rate)) {
    LOFI_ASSERT(rate.value >= 4000.0, "loudness needs a sample rate of at least 4 kHz");
    reset();
}

inline void loudness_meter::reset() noexcept {
    memory_ = {};
    powers_ = {};
    sum_ = 0.0;
    heard_ = tenth_began_ = tenths_ = 0;
    tenth_ends_ = static_cast<std::uint64_t>(rate_.value / 10.0);
    blocks_.clear();
    short_terms_.clear();
    largest_momentary_ = largest_short_term_ = lufs(-std::numeric_limits<double>::infinity());
}

inline double loudness_meter::tick(const section& f, memory& m, double x) noexcept {
    const double y = f.b0 * x + m.s1;
    m.s1 = f.b1 * x - f.a1 * y + m.s2;
    m.s2 = f.b2 * x - f.a2 * y;
    return y;
}

inline double loudness_meter::weighted(std::size_t channel, float x) noexcept {
    auto& m = memory_[channel];
    return tick(high_pass_, m[1], tick(shelf_, m[0], static_cast<double>(x)));
}

inline void loudness_meter::process(std::span<const float> left, std::span<const float> right) noexcept {
    LOFI_ASSERT(left.size() == right.size(), "the two channels of a block have the same length");
    for (std::size_t t = 0; t < left.size(); ++t) {
        const double l = weighted(0, left[t]), r = weighted(1, right[t]);
        sum_ += l * l + r * r;
        end_frame();
    }
}

inline void loudness_meter::process(std::span<const float> mono) noexcept {
    for (const float x : mono) {
        const double y = weighted(0, x);
        sum_ += y * y;
        end_frame();
    }
}

inline void loudness_meter::end_frame() noexcept {
    if (++heard_ == tenth_ends_) end_tenth();
}

inline void loudness_meter::end_tenth() noexcept {
    powers_[tenths_++ % powers_.size()] = sum_ / static_cast<double>(tenth_ends_ - tenth_began_);
    sum_ = 0.0;
    tenth_began_ = tenth_ends_;
    // A rate need not divide by ten: ends are counted from the start, so that no time is lost.
    tenth_ends_ = static_cast<std::uint64_t>(static_cast<double>(tenths_ + 1) * rate_.value / 10.0);
    for (auto& channel : memory_) {
        for (memory& m : channel) {  // silence would leave denormals, which are slow
            if (math::abs(m.s1) < 1e-60) m.s1 = 0.0;
            if (math::abs(m.s2) < 1e-60) m.s2 = 0.0;
        }
    }
    if (tenths_ >= 4) {
        blocks_.add(power_of_last(4));
        largest_momentary_ = std::max(largest_momentary_, momentary());
    }
    if (tenths_ >= 30) {
        short_terms_.add(power_of_last(30));
        largest_short_term_ = std::max(largest_short_term_, short_term());
    }
}

inline double loudness_meter::power_of_last(std::size_t tenths) const noexcept {
    double sum = 0.0;
    for (std::size_t i = 1; i <= tenths; ++i) sum += powers_[(tenths_ - i) % powers_.size()];
    return sum / static_cast<double>(tenths);
}

inline lufs loudness_meter::mean_of_last(std::size_t tenths) const noexcept {
    if (tenths_ < tenths) return lufs(-std::numeric_limits<double>::infinity());
    return power_to_lufs(power_of_last(tenths));
}

inline lufs loudness_meter::integrated() const noexcept {
    const double all = blocks_.mean_above(0.0);
    return power_to_lufs(blocks_.mean_above(all * 0.1));  // 10 LU below
}

inline loudness_units loudness_meter::range() const noexcept {
    const double gate = short_terms_.mean_above(0.0) * 0.01;  // 20 LU below
    if (!(gate > 0.0)) return loudness_units(0.0);
    return loudness_units(short_terms_.quantile_above(gate, 0.95).value - short_terms_.quantile_above(gate, 0.10).value);
}

inline void loudness_meter::histogram::add(double power) {
    const double level = power_to_lufs(power).value;
    if (!(level >= lowest)) return;  // the absolute gate
    const double at = (level - lowest) / step;
    bin& b = bins_[at < static_cast<double>(bins_.size() - 1) ? static_cast<std::size_t>(at) : bins_.size() - 1];
    ++b.count;
    b.power += power;
}

inline double loudness_meter::histogram::mean_above(double power) const {
    double sum = 0.0;
    std::uint64_t count = 0;
    for (const bin& b : bins_) {
        if (b.count == 0 || b.power < power * static_cast<double>(b.count)) continue;
        sum += b.power;
        count += b.count;
    }
    return count == 0 ? 0.0 : sum / static_cast<double>(count);
}

inline lufs loudness_meter::histogram::quantile_above(double power, double q) const {
    const auto within = [&](const bin& b) { return b.count > 0 && b.power >= power * static_cast<double>(b.count); };
    std::uint64_t count = 0;
    for (const bin& b : bins_) count += within(b) ? b.count : 0;
    auto left = static_cast<std::uint64_t>(q * static_cast<double>(count - 1) + 0.5);
    for (const bin& b : bins_) {
        if (!within(b)) continue;
        if (left < b.count) return power_to_lufs(b.power / static_cast<double>(b.count));
        left -= b.count;
    }
    return lufs(-std::numeric_limits<double>::infinity());
}

inline lufs loudness(const buffer& sound) {
    LOFI_ASSERT(sound.channels() == 1 || sound.channels() == 2, "loudness is measured of one or two channels");
    loudness_meter meter(sound.rate());
    if (sound.channels() == 1) {
        meter.process(sound.channel(0));
    } else {
        meter.process(sound.channel(0), sound.channel(1));
    }
    return meter.integrated();
}

}  // namespace lofi::inline LOFI_ABI::audio
