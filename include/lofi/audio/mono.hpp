#pragma once
// Any number of channels as one, at any rate: whole, or in stretches of a file that stays on disk.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/audio/block.hpp>
#include <lofi/audio/resample.hpp>
#include <lofi/core/error.hpp>

namespace lofi::inline LOFI_ABI::audio {

/// Means of the channels.
/// writes: out =
void mix_down(std::span<const std::span<const float>> channels, std::span<float> out);
[[nodiscard]] buffer mono(const buffer& sound);

/// Sample rates that networks and files of sound may have. What lies beyond is a slip of the pen or of a header.
inline constexpr hertz lowest_rate{1000.0}, highest_rate{768000.0};

/// One channel at one rate out of a file in stretches (`wav_stream`, `sound_stream`). A stretch is, bit for bit, what it is in the
/// whole file mixed down and resampled, wherever one begins. Memory does not grow with the file.
template <class Stream>
class mono_stream {
public:
    /// errors: a rate from 1,000 to 768,000 Hz is none; two rates whose ratio would take more than 256 MB of filters
    [[nodiscard]] static result<mono_stream> open(Stream file, hertz rate);

    [[nodiscard]] hertz rate() const { return rate_; }
    [[nodiscard]] frames length() const;  ///< at the new rate
    [[nodiscard]] Stream& file() { return file_; }

    /// Reads samples from any place on; gives how many there were.
    [[nodiscard]] result<std::size_t> read(frames first, std::span<float> out);

private:
    mono_stream(Stream file, hertz rate) : file_(std::move(file)), rate_(rate) {}
    // Mixed samples of the file at its own rate; silence beyond its end.
    [[nodiscard]] result<std::size_t> read_mixed(std::uint64_t first, std::span<float> out);

    static constexpr std::size_t part = 4096;
    Stream file_;
    hertz rate_;
    std::optional<resampler> resampler_;  // empty where the rates are the same
    std::uint64_t up_ = 1, down_ = 1;     // rate / file's rate in lowest terms
    std::vector<std::vector<float>> channels_;
    std::vector<float> mixed_, skipped_;
};

// ---------------------------------------------------------------- bodies

inline void mix_down(std::span<const std::span<const float>> channels, std::span<float> out) {
    LOFI_ASSERT(!channels.empty(), "sound is mixed down from at least one channel");
    const float share = 1.0F / static_cast<float>(channels.size());
    std::fill(out.begin(), out.end(), 0.0F);
    for (const auto channel : channels) {
        LOFI_ASSERT(channel.size() == out.size(), "channels that are mixed down have the length of their mix");
        for (std::size_t t = 0; t < out.size(); ++t) out[t] += channel[t];
    }
    for (float& x : out) x *= share;
}

inline buffer mono(const buffer& sound) {
    buffer out(1, sound.length(), sound.rate());
    std::vector<std::span<const float>> all;
    for (std::size_t c = 0; c < sound.channels(); ++c) all.push_back(sound.channel(c));
    if (!all.empty()) mix_down(all, out.channel(0));
    return out;
}

template <class Stream>
result<mono_stream<Stream>> mono_stream<Stream>::open(Stream file, hertz rate) {
    for (const hertz r : {file.rate(), rate})
        if (!(r >= lowest_rate && r <= highest_rate))
            return error("a sample rate of " + std::to_string(static_cast<long long>(r.value)) +
                         " Hz is beyond what is read here (1,000 to 768,000 Hz)");
    mono_stream made(std::move(file), rate);
    if (rate != made.file_.rate()) {
        const auto from = static_cast<std::uint64_t>(made.file_.rate().value + 0.5),
                   to = static_cast<std::uint64_t>(rate.value + 0.5);
        const std::uint64_t common = std::gcd(from, to);
        made.up_ = to / common, made.down_ = from / common;
        const double taps = 2.0 * resample_config{}.half_length * std::max(1.0, made.file_.rate() / rate);
        if (static_cast<double>(made.up_) * taps * sizeof(float) > 256e6)
            return error("from " + std::to_string(from) + " to " + std::to_string(to) +
                         " Hz is a ratio that needs too many filters; convert the file to 44,100 Hz first (sox in.wav -r 44100 "
                         "out.wav)");
        made.resampler_.emplace(made.file_.rate(), rate);
    }
    made.channels_.assign(made.file_.channels(), std::vector<float>(part));
    made.mixed_.resize(part);
    made.skipped_.resize(made.up_);
    return made;
}

template <class Stream>
frames mono_stream<Stream>::length() const {
    const auto own = static_cast<std::size_t>(file_.length().value);
    return frames(static_cast<std::int64_t>(resampler_ ? resampler_->length(own) : own));
}

template <class Stream>
result<std::size_t> mono_stream<Stream>::read_mixed(std::uint64_t first, std::span<float> out) {
    std::vector<std::span<float>> into;
    std::vector<std::span<const float>> from;
    for (auto& c : channels_) {
        into.push_back(std::span(c).first(out.size()));
        from.push_back(into.back());
    }
    const auto got = file_.read(frames(static_cast<std::int64_t>(first)), into);
    if (!got) return got.error();
    for (const std::span<float> c : into) std::fill(c.begin() + static_cast<std::ptrdiff_t>(*got), c.end(), 0.0F);
    mix_down(from, out);
    return *got;
}

template <class Stream>
result<std::size_t> mono_stream<Stream>::read(frames first, std::span<float> out) {
    LOFI_ASSERT(first.value >= 0, "a stretch begins at the beginning at the earliest");
    const std::uint64_t begin = static_cast<std::uint64_t>(first.value), all = static_cast<std::uint64_t>(length().value);
    const auto count = static_cast<std::size_t>(begin < all ? std::min<std::uint64_t>(out.size(), all - begin) : 0);
    if (!resampler_) {
        for (std::size_t done = 0; done < count; done += part) {
            const auto got = read_mixed(begin + done, out.subspan(done, std::min(part, count - done)));
            if (!got) return got.error();
        }
        return count;
    }
    // Every up_ output samples the phase is back at 0. The resampler starts at such a place, so early that its filter is filled with
    // the file's own samples where the stretch begins.
    const std::uint64_t turns_early = resampler_->latency() / down_ + 1, turn = begin / up_;
    const std::uint64_t start = turn > turns_early ? turn - turns_early : 0;
    std::uint64_t at = start * down_, skip = begin - start * up_;
    resampler_->reset();
    std::size_t done = 0, held = 0, used = 0;
    while (done < count) {
        if (used == held) {
            const auto got = read_mixed(at, mixed_);
            if (!got) return got.error();
            at += part, held = part, used = 0;
        }
        const auto into = skip > 0 ? std::span(skipped_).first(static_cast<std::size_t>(std::min<std::uint64_t>(skip, up_)))
                                   : out.subspan(done, count - done);
        const auto step = resampler_->process(std::span<const float>(mixed_).subspan(used, held - used), into);
        used += step.taken;
        if (skip > 0)
            skip -= step.made;
        else
            done += step.made;
    }
    return count;
}

}  // namespace lofi::inline LOFI_ABI::audio
