#pragma once
// A composed song to sound: in memory, or straight into WAV files so that its length costs no memory.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <lofi/audio/loudness.hpp>
#include <lofi/audio/true_peak.hpp>
#include <lofi/audio/wav_writer.hpp>
#include <lofi/midi/convert.hpp>
#include <lofi/midi/write.hpp>
#include <lofi/song/compose.hpp>
#include <lofi/synth/render.hpp>

namespace lofi::inline LOFI_ABI::song {

/// The sound that suits a song: instruments, ambience and tape follow from its mood and seed.
[[nodiscard]] synth::config sound_of(const settings& s, hertz rate = hertz(48000.0));

/// Renders a song to stereo sound.
/// errors: a rate that is not from 8000 to 192000 Hz
[[nodiscard]] inline result<audio::buffer> render(const composition& c, hertz rate = hertz(48000.0)) {
    return synth::render(c.piece, sound_of(c.settings, rate));
}

/// Whether one file a layer is written beside the mix: NAME.keys.wav, NAME.melody.wav, ... as 32-bit floats. Before the master
/// chain they sum to the mix exactly.
enum class stems : std::uint8_t { no, yes };

struct wav_config {
    hertz rate{48000.0};
    song::stems stems = song::stems::no;
    audio::sample_format format = audio::sample_format::s16;
};

/// What was written.
struct rendering {
    frames length{};
    audio::lufs loudness{};  ///< integrated
    decibels true_peak{};
};

/// Writes a song as a WAV file.
/// errors: a rate out of range, a disk that is full, a folder that cannot be written
[[nodiscard]] result<rendering> write_wav(const composition& c, const std::filesystem::path& path,
                                          const wav_config& config = {});
/// The same; `listen(audio::stereo_view)` hears the mix as it is written, a block at a time.
template <class Listen>
[[nodiscard]] result<rendering> write_wav(const composition& c, const std::filesystem::path& path, const wav_config& config,
                                          Listen&& listen);

/// Writes a song as a Standard MIDI File.
[[nodiscard]] inline result<void> write_midi(const composition& c, const std::filesystem::path& path) {
    auto file = midi::from_piece(c.piece);
    if (!file) return file.error();
    const auto bytes = midi::write(*file);
    if (!bytes) return bytes.error();
    return write_file(path, std::span<const std::byte>(*bytes));
}

// ---------------------------------------------------------------- bodies

inline synth::config sound_of(const settings& s, hertz rate) {
    using synth::instrument;
    random_stream taste(random_key{s.seed}.child("sound"));
    synth::config c;
    c.rate = rate;
    c.seed = random_key{s.seed}.child("noise").value;
    constexpr std::array<instrument, 4> keys = {instrument::tine, instrument::tine, instrument::reed, instrument::felt};
    constexpr std::array<instrument, 4> melody = {instrument::nylon, instrument::vibes, instrument::harp, instrument::felt};
    constexpr std::array<instrument, 2> texture = {instrument::harp, instrument::vibes};
    c.mix.keys = keys[uniform_below(taste, keys.size())];
    do c.mix.melody = melody[uniform_below(taste, melody.size())];
    while (c.mix.melody == c.mix.keys);
    do c.mix.texture = texture[uniform_below(taste, texture.size())];
    while (c.mix.texture == c.mix.melody);
    if (const auto m = find_mood(s.mood)) {
        c.mix.rain = static_cast<float>(m->rain);
        c.mix.dust = static_cast<float>(m->vinyl);
        c.mix.hiss = static_cast<float>(m->vinyl);
    }
    c.mix.tone = hertz(5200.0 + static_cast<double>(uniform_below(taste, 2600)));
    c.mix.wow = 0.2F + 0.3F * uniform_unit(taste);
    return c;
}

inline result<rendering> write_wav(const composition& c, const std::filesystem::path& path, const wav_config& config) {
    return write_wav(c, path, config, [](audio::stereo_view) {});
}

template <class Listen>
result<rendering> write_wav(const composition& c, const std::filesystem::path& path, const wav_config& config,
                            Listen&& listen) {
    const synth::config sound = sound_of(c.settings, config.rate);
    if (auto ok = synth::check(sound); !ok) return ok.error();
    audio::wav_writer mix(path, 2, config.rate, {.format = config.format});
    audio::loudness_meter loudness(config.rate);
    audio::true_peak_meter left, right;
    const auto take = [&](audio::stereo_view block) {
        mix.write(block);
        loudness.process(block);
        left.process(block.left);
        right.process(block.right);
        listen(block);
    };
    std::vector<std::unique_ptr<audio::wav_writer>> layers;
    if (config.stems == stems::yes)
        for (std::size_t l = 0; l < synth::layer_count; ++l) {
            std::filesystem::path named = path;
            named.replace_extension("." + std::string(to_string(static_cast<synth::layer>(l))) + ".wav");
            layers.push_back(std::make_unique<audio::wav_writer>(named, 2, config.rate,
                                                                 audio::wav_write_config{.format = audio::sample_format::f32}));
        }
    const auto done =
        layers.empty()
            ? synth::render(c.piece, sound, {}, take)
            : synth::render_layers(
                  c.piece, sound, {},
                  [&](synth::layer l, audio::stereo_view block) { layers[static_cast<std::size_t>(l)]->write(block); }, take);
    if (!done) return done.error();
    for (const auto& file : layers)
        if (auto ok = file->commit(); !ok) return ok.error();
    if (auto ok = mix.commit(); !ok) return ok.error();
    return rendering{mix.length(), loudness.integrated(), std::max(left.level(), right.level())};
}

}  // namespace lofi::inline LOFI_ABI::song
