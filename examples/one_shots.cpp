// Writes one-shots of the synth: every drum, and the instruments over keys and forces. tools/measure_sounds.py measures them.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>

#include <lofi/audio/wav_writer.hpp>
#include <lofi/synth/player.hpp>

namespace {

lofi::result<void> write(const std::filesystem::path& path, const lofi::synth::strike& strike, lofi::hertz rate,
                         lofi::seconds length) {
    lofi::audio::buffer sound(1, lofi::frames(static_cast<std::int64_t>(length.value * rate.value)), rate);
    const std::span<float> y = sound.channel(0);
    lofi::synth::voice voice;
    voice.start(strike, rate, 0, sound.length(), lofi::random_key{1});
    float peak = 1e-9F;
    for (std::size_t n = 0; n + lofi::synth::chunk_frames <= y.size() && !voice.silent(); n += lofi::synth::chunk_frames) {
        std::array<float, lofi::synth::chunk_frames> left{}, right{};
        voice.process(left, right);
        for (std::size_t i = 0; i < left.size(); ++i) y[n + i] = left[i] + right[i], peak = std::max(peak, std::abs(y[n + i]));
    }
    for (float& v : y) v *= 0.9F / peak;
    return lofi::audio::write_wav(path, sound);
}

}  // namespace

int main(int argc, char** argv) {
    using namespace lofi;
    if (argc != 2) return std::fprintf(stderr, "usage: one_shots FOLDER\n"), 2;
    const std::filesystem::path folder = argv[1];
    std::error_code ec;
    std::filesystem::create_directories(folder, ec);
    const auto done = [](const result<void>& r) { return r ? true : (std::fprintf(stderr, "%s\n", r.error().what()), false); };
    for (std::size_t d = 0; d < score::drum_count; ++d)
        for (const int force : {50, 80, 110}) {
            const auto drum = static_cast<score::drum>(d);
            std::string name(to_string(drum));
            for (char& c : name) c = c == ' ' ? '_' : c;
            random_stream r(random_key{static_cast<std::uint64_t>(force)});
            if (!done(write(folder / (name + "-" + std::to_string(force) + ".wav"), synth::hit(drum, score::velocity(force), r),
                            hertz(44100), seconds(2.2))))
                return 1;
        }
    for (std::size_t i = 0; i < synth::instrument_count; ++i)
        for (const int pitch : {33, 36, 40, 41, 44, 45, 47, 51, 52, 56, 61, 64, 66, 67, 68, 71, 73, 79, 85, 92})
            for (const int force : {20, 52, 78, 108}) {
                const auto instrument = static_cast<synth::instrument>(i);
                random_stream r(random_key{static_cast<std::uint64_t>(pitch)});
                const std::string name =
                    std::string(to_string(instrument)) + "-" + std::to_string(pitch) + "-" + std::to_string(force) + ".wav";
                if (!done(write(folder / name, synth::strike_of(instrument, score::pitch(pitch), score::velocity(force), r),
                                hertz(22050), seconds(5))))
                    return 1;
            }
    return 0;
}
