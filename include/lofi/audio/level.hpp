#pragma once
// How loud sound is in plain numbers, and the two things done with them: one level for all, and silence cut off.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/core/assert.hpp>
#include <lofi/core/math.hpp>
#include <lofi/core/units.hpp>

namespace lofi::inline LOFI_ABI::audio {

/// Levels of sound that comes in blocks.
class level_meter {
public:
    void process(std::span<const float> block);

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] double mean() const { return count_ == 0 ? 0.0 : sum_ / static_cast<double>(count_); }
    [[nodiscard]] double rms() const { return count_ == 0 ? 0.0 : math::sqrt(squares_ / static_cast<double>(count_)); }
    /// Root of the mean square around the mean: 0 for a constant, which nobody hears.
    [[nodiscard]] double spread() const { return math::sqrt(std::max(0.0, rms() * rms() - mean() * mean())); }
    [[nodiscard]] float peak() const { return peak_; }
    /// Share of samples that stand at full scale beside another that does: what an overdriven converter leaves.
    [[nodiscard]] double clipped() const {
        return count_ == 0 ? 0.0 : static_cast<double>(clipped_) / static_cast<double>(count_);
    }

private:
    std::uint64_t count_ = 0, clipped_ = 0;
    double sum_ = 0.0, squares_ = 0.0;
    float peak_ = 0.0F;
    bool at_full_ = false;  // the last sample
};

struct normalise_config {
    double rms = 0.14;   ///< wanted
    float peak = 0.95F;  ///< not to be passed: the level is lower where it would be
};
/// The gain that brings sound of such levels to the wanted one; 1 for silence.
[[nodiscard]] float normalising_gain(const level_meter& level, normalise_config config = {});
/// Brings a whole sound to one level.
/// writes: sound *=
void normalise(std::span<float> sound, normalise_config config = {});

struct trim_config {
    decibels silent{-60.0};  ///< the peak below which sound counts as silence
    seconds keep{0.02};      ///< left before and behind what is heard
};
/// The part of a sound without the silence around it: nothing, if all is silent.
[[nodiscard]] std::span<const float> trimmed(std::span<const float> sound, hertz rate, trim_config config = {});

// ---------------------------------------------------------------- bodies

inline void level_meter::process(std::span<const float> block) {
    double sum = 0.0, squares = 0.0;
    for (const float x : block) {
        const double v = static_cast<double>(x);
        sum += v;
        squares += v * v;
        const float size = x < 0 ? -x : x;
        peak_ = std::max(peak_, size);
        const bool full = size >= 32766.0F / 32768.0F;
        clipped_ += full && at_full_ ? 1 : 0;
        at_full_ = full;
    }
    sum_ += sum;
    squares_ += squares;
    count_ += block.size();
}

inline float normalising_gain(const level_meter& level, normalise_config config) {
    LOFI_ASSERT(config.rms > 0.0 && config.peak > 0.0F, "sound is brought to a level above nothing");
    if (!(level.rms() > 0.0)) return 1.0F;
    return std::min(static_cast<float>(config.rms / level.rms()), config.peak / level.peak());
}

inline void normalise(std::span<float> sound, normalise_config config) {
    level_meter level;
    level.process(sound);
    const float gain = normalising_gain(level, config);
    for (float& x : sound) x *= gain;
}

inline std::span<const float> trimmed(std::span<const float> sound, hertz rate, trim_config config) {
    const float floor = static_cast<float>(math::pow(10.0, config.silent.value / 20.0));
    const auto heard = [floor](float x) { return x > floor || x < -floor; };
    std::size_t first = 0, end = sound.size();
    while (first < end && !heard(sound[first])) ++first;
    if (first == end) return {};
    while (!heard(sound[end - 1])) --end;
    const auto keep = static_cast<std::size_t>(config.keep.value * rate.value);
    first = first > keep ? first - keep : 0;
    end = std::min(sound.size(), end + keep);
    return sound.subspan(first, end - first);
}

}  // namespace lofi::inline LOFI_ABI::audio
