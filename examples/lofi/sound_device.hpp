#pragma once
// The machine's sound device, where the build has PortAudio.
#include <functional>
#include <memory>
#include <span>

#include <lofi/core/units.hpp>

namespace program {

/// Plays as long as it lives.
class sound_device {
public:
    /// `render` fills interleaved stereo blocks, in a thread of the device's own.
    /// errors: "sound device: there is none on this machine", or why it cannot be opened
    sound_device(lofi::hertz rate, std::function<void(std::span<float>)> render);
    ~sound_device();
    sound_device(const sound_device&) = delete;
    sound_device& operator=(const sound_device&) = delete;

    /// From a sample's making to its sound.
    [[nodiscard]] lofi::seconds latency() const;
    /// Whether it still plays: a device can be pulled out.
    [[nodiscard]] bool playing() const;

private:
    struct stream;
    std::unique_ptr<stream> stream_;
};

}  // namespace program
