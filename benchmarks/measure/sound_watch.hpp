#pragma once
// Listens to hours of stereo sound as it is made: clicks, silence, broken numbers, peaks, the loudness of each minute.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <lofi/analysis/sound.hpp>
#include <lofi/audio/loudness.hpp>
#include <lofi/audio/true_peak.hpp>
#include <lofi/core/random.hpp>

namespace measure {

/// Clean music stays below a ratio of 11, so that what is above 15 is no music. Lower limits find no more that can be heard.
inline constexpr lofi::analysis::click_config no_music{.ratio = 15.0};

/// A click and when it came.
struct heard_click {
    double second = 0.0;
    lofi::analysis::click what{};
};

/// Takes blocks of left and right and remembers what was wrong with them.
class sound_watch {
public:
    explicit sound_watch(lofi::hertz rate)
        : rate_(rate.value), minute_(static_cast<std::size_t>(60.0 * rate.value)), meter_(rate) {}

    void process(std::span<const float> left, std::span<const float> right);

    [[nodiscard]] std::uint64_t broken() const { return broken_; }  ///< samples that are no number
    [[nodiscard]] double peak() const { return static_cast<double>(peak_); }
    [[nodiscard]] double true_peak() const { return static_cast<double>(std::max(true_peak_[0].peak(), true_peak_[1].peak())); }
    /// The longest time, in seconds, in which no sample was above -60 dB.
    [[nodiscard]] double longest_silence() const { return static_cast<double>(longest_quiet_) / rate_; }
    [[nodiscard]] const std::vector<heard_click>& clicks() const { return clicks_; }
    /// LUFS of each whole minute.
    [[nodiscard]] const std::vector<double>& loudness() const { return loudness_; }
    /// The last whole minute of the left channel, to try the search for clicks on.
    [[nodiscard]] std::span<const float> last_minute() const {
        return std::span(last_).subspan(std::min(last_.size(), overlap));
    }

private:
    static constexpr std::size_t overlap = 1024;  // so that a click on the seam of two minutes is judged with both around it

    void end_minute();

    double rate_;
    std::size_t minute_;
    lofi::audio::loudness_meter meter_;
    lofi::audio::true_peak_meter true_peak_[2];
    std::vector<float> sound_[2], last_;
    std::size_t kept_ = 0;  // samples at the beginning of `sound_` that belong to the minute before
    std::uint64_t broken_ = 0, quiet_ = 0, longest_quiet_ = 0;
    float peak_ = 0.0F;
    std::vector<heard_click> clicks_;
    std::vector<double> loudness_;
};

/// The kinds of fault that are put into a sound to see whether they are found.
enum class fault : std::uint8_t {
    jump,   ///< the sound leaps by a height and finds back within 4 ms: an envelope or a voice cut off
    spike,  ///< one sample is off by a height
    splice  ///< 441 samples are missing; found or not, it counts where the ends are at least a height apart
};
/// The share of faults that are found: 200 in a copy of the sound, each at a place of its own.
[[nodiscard]] double found_faults(std::span<const float> sound, fault kind, double height);

// ---------------------------------------------------------------- bodies

inline void sound_watch::process(std::span<const float> left, std::span<const float> right) {
    for (std::size_t first = 0; first < left.size();) {
        const std::size_t n = std::min(left.size() - first, minute_ + kept_ - sound_[0].size());
        const std::span<const float> side[2] = {left.subspan(first, n), right.subspan(first, n)};
        for (std::size_t i = 0; i < n; ++i) {
            const float l = std::fabs(side[0][i]), r = std::fabs(side[1][i]), high = std::max(l, r);
            broken_ += (std::isfinite(l) ? 0U : 1U) + (std::isfinite(r) ? 0U : 1U);
            peak_ = std::max(peak_, high);
            quiet_ = high < 1e-3F ? quiet_ + 1 : 0;
            longest_quiet_ = std::max(longest_quiet_, quiet_);
        }
        meter_.process(side[0], side[1]);
        for (std::size_t c = 0; c < 2; ++c) {
            true_peak_[c].process(side[c]);
            sound_[c].insert(sound_[c].end(), side[c].begin(), side[c].end());
        }
        first += n;
        if (sound_[0].size() == minute_ + kept_) end_minute();
    }
}

inline void sound_watch::end_minute() {
    const double start = 60.0 * static_cast<double>(loudness_.size());
    for (const auto& channel : sound_) {
        // What lies within half the overlap of an end is judged by the neighbour that hears more of its surroundings.
        const std::size_t from = kept_ == 0 ? 0 : overlap / 2;
        for (const auto& c : lofi::analysis::find_clicks(channel, no_music))
            if (c.at >= from && c.at < channel.size() - overlap / 2)
                clicks_.push_back({start + (static_cast<double>(c.at) - static_cast<double>(kept_)) / rate_, c});
    }
    loudness_.push_back(meter_.integrated().value);
    meter_.reset();
    last_ = sound_[0];
    for (auto& channel : sound_) channel.erase(channel.begin(), channel.end() - static_cast<std::ptrdiff_t>(overlap));
    kept_ = overlap;
}

inline double found_faults(std::span<const float> sound, fault kind, double height) {
    constexpr std::size_t faults = 200, missing = 441;
    const std::size_t apart = sound.size() / (faults + 1);
    lofi::random_stream random(lofi::random_key{17}.child("faults"));
    std::vector<float> broken;
    std::vector<std::size_t> places;
    std::size_t taken = 0;
    for (std::size_t i = 1; i <= faults; ++i) {
        std::size_t place = i * apart + lofi::uniform_below(random, static_cast<std::uint32_t>(apart / 2));
        broken.insert(broken.end(), sound.begin() + static_cast<std::ptrdiff_t>(taken),
                      sound.begin() + static_cast<std::ptrdiff_t>(place));
        taken = place;
        if (kind == fault::splice) {
            // The next place at which the ends are so far apart, if there is one before the next fault.
            const std::size_t last = std::min(place + apart / 4, sound.size() - missing);
            while (place < last && std::fabs(sound[place + missing] - sound[place - 1]) < static_cast<float>(height)) ++place;
            broken.insert(broken.end(), sound.begin() + static_cast<std::ptrdiff_t>(taken),
                          sound.begin() + static_cast<std::ptrdiff_t>(place));
            taken = place;
            if (place >= last) continue;
            taken = place + missing;
        }
        places.push_back(broken.size());
        if (kind == fault::splice) continue;
        const float sign = lofi::chance(random, 1, 2) ? 1.0F : -1.0F;
        const std::size_t lasts = kind == fault::spike ? 1 : 800;
        for (std::size_t k = 0; k < lasts && taken < sound.size(); ++k, ++taken)
            broken.push_back(sound[taken] + sign * static_cast<float>(height * std::exp(-static_cast<double>(k) / 190.0)));
    }
    broken.insert(broken.end(), sound.begin() + static_cast<std::ptrdiff_t>(taken), sound.end());
    const auto found = lofi::analysis::find_clicks(broken, no_music);
    std::size_t hit = 0;
    for (const std::size_t p : places)
        hit += std::any_of(found.begin(), found.end(), [&](const auto& c) { return c.at + 4 >= p && c.at <= p + 4; });
    return places.empty() ? std::numeric_limits<double>::quiet_NaN()
                          : static_cast<double>(hit) / static_cast<double>(places.size());
}

}  // namespace measure
