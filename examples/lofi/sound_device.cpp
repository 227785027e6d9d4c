// The machine's sound device through PortAudio.
#include "sound_device.hpp"

#include <algorithm>
#include <utility>

#include <lofi/core/error.hpp>

#ifndef LOFI_HAVE_PORTAUDIO
#define LOFI_HAVE_PORTAUDIO 0
#endif

#if LOFI_HAVE_PORTAUDIO
#include <portaudio.h>

#if __has_include(<unistd.h>)
#include <fcntl.h>
#include <unistd.h>
#endif

namespace program {
namespace {

/// While PortAudio looks for devices, the sound system talks to stderr of everything that it does not find.
class hush {
public:
#if __has_include(<unistd.h>)
    hush() : kept_(::dup(2)) {
        const int nowhere = ::open("/dev/null", O_WRONLY);
        if (nowhere >= 0) ::dup2(nowhere, 2), ::close(nowhere);
    }
    ~hush() {
        if (kept_ >= 0) ::dup2(kept_, 2), ::close(kept_);
    }

private:
    int kept_;
#else
    hush() {}
#endif
};

void must(PaError e) {
    if (e != paNoError) throw lofi::error("sound device", Pa_GetErrorText(e));
}

struct library {
    library() {
        const hush quiet;
        must(Pa_Initialize());
    }
    ~library() { Pa_Terminate(); }
};

}  // namespace

struct sound_device::stream {
    library open;
    std::function<void(std::span<float>)> render;
    PaStream* handle = nullptr;

    static int call(const void*, void* out, unsigned long frames, const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags,
                    void* self) {
        static_cast<stream*>(self)->render({static_cast<float*>(out), 2 * static_cast<std::size_t>(frames)});
        return paContinue;
    }
    ~stream() {
        if (handle != nullptr) Pa_StopStream(handle), Pa_CloseStream(handle);
    }
};

sound_device::sound_device(lofi::hertz rate, std::function<void(std::span<float>)> render) : stream_(new stream) {
    stream_->render = std::move(render);
    const PaDeviceIndex device = Pa_GetDefaultOutputDevice();
    if (device == paNoDevice) throw lofi::error("sound device", "there is none on this machine");
    PaStreamParameters out{};
    out.device = device, out.channelCount = 2, out.sampleFormat = paFloat32;
    // Nobody plays along: a long buffer never stutters.
    out.suggestedLatency = std::max(Pa_GetDeviceInfo(device)->defaultHighOutputLatency, 0.05);
    const hush quiet;
    must(Pa_OpenStream(&stream_->handle, nullptr, &out, rate.value, paFramesPerBufferUnspecified, paNoFlag, &stream::call,
                       stream_.get()));
    must(Pa_StartStream(stream_->handle));
}

sound_device::~sound_device() = default;
lofi::seconds sound_device::latency() const { return lofi::seconds(Pa_GetStreamInfo(stream_->handle)->outputLatency); }
bool sound_device::playing() const { return Pa_IsStreamActive(stream_->handle) == 1; }

}  // namespace program

#else

namespace program {

struct sound_device::stream {};
sound_device::sound_device(lofi::hertz, std::function<void(std::span<float>)>) {
    throw lofi::error("sound device", "this build has no PortAudio (portaudio19-dev), which plays");
}
sound_device::~sound_device() = default;
lofi::seconds sound_device::latency() const { return {}; }
bool sound_device::playing() const { return false; }

}  // namespace program

#endif
