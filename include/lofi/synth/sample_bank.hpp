#pragma once
// Recorded sounds made ready for playing at any pitch: zones of keys and forces, loops without a seam, octaves taken down ahead.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <lofi/audio/block.hpp>
#include <lofi/audio/detail/kaiser.hpp>
#include <lofi/audio/resample.hpp>
#include <lofi/audio/wav_reader.hpp>
#include <lofi/score/note.hpp>

namespace lofi::inline LOFI_ABI::synth {

/// How a sample is played: to its end or the note's, to its end whatever the note does (drums), or around a loop.
enum class playing : std::uint8_t { held, whole, looped };

/// Where a sample sounds, and how.
struct zone {
    score::part part = score::part::melody;
    score::pitch low{0}, high{127};      ///< keys
    score::velocity soft{1}, hard{127};  ///< and forces for which it is played
    score::pitch root{60};               ///< the pitch that was recorded
    semitones tune{0.0};                 ///< what is to be added to it
    double follow = 1.0;                 ///< semitones a key: 1 an instrument, 0 a drum
    decibels gain{0.0};                  ///< at full force
    double touch = 1.2;                  ///< loudness goes with force to this power
    float pan = 0.0F;                    ///< -1 left to 1 right
    seconds attack{0.0005}, release{0.2};
    playing mode = playing::held;
    frames loop_start{}, loop_end{};  ///< of the sample as it was recorded; an end of 0 is its end
    seconds crossfade{0.02};          ///< over which the loop's end becomes what stands before its start
    std::uint8_t choke = 0;           ///< a note ends all that sound in the same group; 0 is no group
};

/// Samples and where they sound. Zones may overlap: one of those that fit is drawn for each note, so that takes of one sound
/// take turns.
class sample_bank {
public:
    /// Takes a sound of one or two channels.
    /// errors: "zone: lowest key 72 is above the highest, 60", "sample: 6 channels; one or two are played" and the like
    result<void> add(const audio::buffer& sound, const zone& = {});
    /// Takes a WAV file.
    /// errors: those of read_wav and of add, after the file's name
    result<void> add(const std::filesystem::path& wav, const zone& = {});

    [[nodiscard]] std::size_t size() const { return sounds_.size(); }
    /// Bytes of all samples as they are kept.
    [[nodiscard]] std::size_t bytes() const;

    /// A sample as it is kept: at its own rate, and taken down by octaves, so that playing it high folds nothing back.
    struct octave {
        std::array<std::vector<float>, 2> channel;  // frames of silence before and after for the filter
    };
    struct sound {
        synth::zone zone;
        std::vector<octave> octaves;
        std::size_t channels = 1;
        double rate = 0.0;
        std::int64_t length = 0, loop = 0;  // frames: to the end, and from the loop's end back to its start; 0 no loop
    };
    [[nodiscard]] const sound& operator[](std::size_t i) const { return sounds_[i]; }

    static constexpr std::size_t taps = 32, most_octaves = 5;

private:
    std::vector<sound> sounds_;
};

// ---------------------------------------------------------------- bodies

namespace detail {

inline result<void> check_zone(const zone& z) {
    const auto key = [](score::pitch p) { return std::to_string(int{p.midi}); };
    const auto force = [](score::velocity v) { return std::to_string(int{v.value}); };
    if (static_cast<std::size_t>(z.part) >= score::part_count) return error("zone", "names a part that is not there");
    if (z.low > z.high) return error("zone", "lowest key " + key(z.low) + " is above the highest, " + key(z.high));
    if (z.high.midi > 127) return error("zone", "highest key " + key(z.high) + " is above 127");
    if (z.soft > z.hard) return error("zone", "softest force " + force(z.soft) + " is above the hardest, " + force(z.hard));
    const auto outside = [](double x, double from, double to) { return !(x >= from && x <= to); };
    if (outside(z.tune.value, -96.0, 96.0)) return error("zone", "tune is not from -96 to 96 semitones");
    if (outside(z.follow, -4.0, 4.0)) return error("zone", "follow is not from -4 to 4 semitones a key");
    if (outside(z.gain.value, -120.0, 40.0)) return error("zone", "gain is not from -120 to 40 dB");
    if (outside(z.touch, 0.0, 8.0)) return error("zone", "touch is not from 0 to 8");
    if (outside(double{z.pan}, -1.0, 1.0)) return error("zone", "pan is not from -1 to 1");
    if (outside(z.attack.value, 0.0, 60.0)) return error("zone", "attack is not from 0 to 60 s");
    if (outside(z.release.value, 0.0, 60.0)) return error("zone", "release is not from 0 to 60 s");
    if (outside(z.crossfade.value, 0.0, 60.0)) return error("zone", "crossfade is not from 0 to 60 s");
    return {};
}

inline result<void> check_sample(const audio::buffer& sound, const zone& z) {
    const std::int64_t n = sound.length().value;
    const auto count = [](std::int64_t v) { return std::to_string(v); };
    if (sound.channels() < 1 || sound.channels() > 2)
        return error("sample", std::to_string(sound.channels()) + " channels; one or two are played");
    if (n < 1) return error("sample", "has no sound in it");
    if (n > (std::int64_t{1} << 30)) return error("sample", count(n) + " frames are more than 2^30");
    if (!(sound.rate().value >= 1000.0 && sound.rate().value <= 768000.0))
        return error("sample", "its rate is not from 1000 to 768000 Hz");
    for (std::size_t c = 0; c < sound.channels(); ++c)
        for (std::int64_t t = 0; t < n; ++t)
            if (!std::isfinite(sound.channel(c)[static_cast<std::size_t>(t)]))
                return error("sample", "frame " + count(t) + " is not a number");
    if (z.mode != playing::looped) return {};
    const std::int64_t end = z.loop_end.value == 0 ? n : z.loop_end.value;
    if (z.loop_start.value < 0 || end > n)
        return error("zone", "a loop from " + count(z.loop_start.value) + " to " + count(end) + " lies outside the sample's " +
                                 count(n) + " frames");
    if (end - z.loop_start.value < 4)
        return error("zone", "a loop from " + count(z.loop_start.value) + " to " + count(end) + " is shorter than 4 frames");
    return {};
}

// A channel as it will be played: a loop's end faded into what stands before its start, then the loop again, as much as the
// filters reach over; a sample that ends is faded out over its last milliseconds.
inline std::vector<float> unrolled(std::span<const float> in, const zone& z, double rate, std::size_t reach) {
    std::vector<float> out;
    if (z.mode != playing::looped) {
        out.assign(in.begin(), in.end());
        const std::size_t fade = std::min(out.size(), static_cast<std::size_t>(0.003 * rate) + 1);
        for (std::size_t i = 0; i < fade; ++i) {
            const double t = static_cast<double>(i) / static_cast<double>(fade);
            out[out.size() - 1 - i] *= static_cast<float>(t * t * (3.0 - 2.0 * t));
        }
        out.resize(out.size() + reach);
        return out;
    }
    const auto start = static_cast<std::size_t>(z.loop_start.value),
               end = z.loop_end.value == 0 ? in.size() : static_cast<std::size_t>(z.loop_end.value);
    out.assign(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(end));
    const std::size_t fade = std::min({static_cast<std::size_t>(z.crossfade.value * rate), start, end - start});
    for (std::size_t i = 0; i < fade; ++i) {
        const float t = static_cast<float>(i + 1) / static_cast<float>(fade + 1);
        out[end - fade + i] += t * (in[start - fade + i] - out[end - fade + i]);
    }
    for (std::size_t i = 0; i < reach; ++i) out.push_back(out[start + i % (end - start)]);
    return out;
}

}  // namespace detail

inline result<void> sample_bank::add(const audio::buffer& recorded, const zone& z) {
    if (auto ok = detail::check_zone(z); !ok) return ok;
    if (auto ok = detail::check_sample(recorded, z); !ok) return ok;
    // Frames beyond the end, so that the filter of the highest octave still finds sound there, and of the filters that made it.
    constexpr std::size_t reach = (2 * taps) << most_octaves;
    sound s;
    s.zone = z, s.channels = recorded.channels(), s.rate = recorded.rate().value;
    const auto taken = static_cast<std::int64_t>(z.mode == playing::looped && z.loop_end.value != 0 ? z.loop_end.value
                                                                                                    : recorded.length().value);
    s.length = taken;
    s.loop = z.mode == playing::looped ? taken - z.loop_start.value : 0;
    audio::buffer level(s.channels, frames(taken + static_cast<std::int64_t>(reach)), hertz(2.0));
    for (std::size_t c = 0; c < s.channels; ++c) {
        const auto whole = detail::unrolled(recorded.channel(c), z, s.rate, reach);
        std::copy(whole.begin(), whole.end(), level.channel(c).begin());
    }
    for (std::size_t o = 0; o < most_octaves; ++o) {
        octave made;
        for (std::size_t c = 0; c < s.channels; ++c) {
            made.channel[c].assign(taps / 2, 0.0F);
            made.channel[c].insert(made.channel[c].end(), level.channel(c).begin(), level.channel(c).end());
        }
        s.octaves.push_back(std::move(made));
        // Half the frames: what is asked for is a rate of 1 out of 2, whatever they are in hertz.
        audio::buffer next = audio::resample(level, hertz(1.0), {.half_length = 32, .stop_band = decibels(90.0)});
        level = audio::buffer(s.channels, next.length(), hertz(2.0));
        for (std::size_t c = 0; c < s.channels; ++c)
            std::copy(next.channel(c).begin(), next.channel(c).end(), level.channel(c).begin());
    }
    sounds_.push_back(std::move(s));
    return {};
}

inline result<void> sample_bank::add(const std::filesystem::path& wav, const zone& z) {
    const auto file = audio::read_wav(wav);
    if (!file) return file.error();
    if (auto ok = add(file->sound, z); !ok) return ok.error().at(wav.string());
    return {};
}

inline std::size_t sample_bank::bytes() const {
    std::size_t sum = 0;
    for (const sound& s : sounds_)
        for (const octave& o : s.octaves) sum += sizeof(float) * (o.channel[0].size() + o.channel[1].size());
    return sum;
}

}  // namespace lofi::inline LOFI_ABI::synth
