#pragma once
// Sound as frames: a view of two channels, and an owner of it.
#include <cstddef>
#include <span>
#include <vector>

#include <lofi/core/assert.hpp>
#include <lofi/core/units.hpp>

namespace lofi::inline LOFI_ABI::audio {

/// A view of stereo sound: two channels of equal length, full scale at +-1.
struct stereo_view {
    std::span<float> left, right;

    [[nodiscard]] constexpr std::size_t size() const { return left.size(); }
    [[nodiscard]] constexpr stereo_view sub(std::size_t first, std::size_t count) const {
        return {left.subspan(first, count), right.subspan(first, count)};
    }
};

/// Any number of channels of equal length, each contiguous, full scale at +-1.
class buffer {
public:
    buffer() = default;
    buffer(std::size_t channels, frames length, hertz rate)
        : rate_(rate), channels_(channels, std::vector<float>(static_cast<std::size_t>(length.value))) {}

    [[nodiscard]] std::size_t channels() const { return channels_.size(); }
    [[nodiscard]] frames length() const {
        return frames(channels_.empty() ? 0 : static_cast<std::int64_t>(channels_[0].size()));
    }
    [[nodiscard]] hertz rate() const { return rate_; }
    [[nodiscard]] std::span<float> channel(std::size_t c) { return channels_[c]; }
    [[nodiscard]] std::span<const float> channel(std::size_t c) const { return channels_[c]; }
    /// The two channels of stereo sound.
    [[nodiscard]] stereo_view stereo() {
        LOFI_ASSERT(channels_.size() == 2, "only a buffer of two channels is stereo");
        return {channels_[0], channels_[1]};
    }

private:
    hertz rate_{0.0};
    std::vector<std::vector<float>> channels_;
};

}  // namespace lofi::inline LOFI_ABI::audio
