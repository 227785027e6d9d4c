// A live set: the radio, steered by a plan bar by bar, recorded as a mix, as stems and as MIDI that lie on one another.
//
//   live_session NAME [BARS [SEED]]    writes NAME.wav, NAME.keys.wav, NAME.melody.wav, ..., NAME.room.wav and NAME.mid
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <lofi/audio/wav_writer.hpp>
#include <lofi/midi/convert.hpp>
#include <lofi/midi/write.hpp>
#include <lofi/radio.hpp>
#include <lofi/score/chord_symbol.hpp>
#include <lofi/synth/config.hpp>

namespace {

using lofi::at, lofi::parameter;
constexpr int rate = 48000;

/// What is turned when a bar begins.
struct cue {
    std::int32_t bar;
    parameter what;
    double value;
    at when = at::now;
    double ramp = 0;
};
constexpr cue plan[] = {
    {2, parameter::energy, 0.55, at::next_bar, 4},
    {6, parameter::drums_mute, 1, at::next_bar},  // a breath
    {7, parameter::drums_mute, 0, at::next_bar},
    {8, parameter::energy, 0.85, at::next_bar, 6},
    {12, parameter::tempo, 84, at::next_bar, 8},
    {14, parameter::stinger, static_cast<double>(lofi::stinger::rise), at::next_beat},
    {16, parameter::mood, 4, at::next_section, 4},  // sunset
    {20, parameter::brightness, 0.8, at::now, 6},
    {22, parameter::rain, 0.5, at::now, 10},
    {26, parameter::energy, 0.3, at::next_bar, 6},
};

/// Notes and time as they were told, for MIDI: a note's bar and tick are its place, and the bars' frames are the tempo.
class transcript {
public:
    transcript() : tracks_(lofi::score::part_count) {
        constexpr std::array<std::uint8_t, lofi::score::part_count> programs = {4, 24, 32, 0, 46};
        for (std::size_t p = 0; p < tracks_.size(); ++p) {
            lofi::score::track& t = tracks_[p];
            t.part = static_cast<lofi::score::part>(p), t.name = std::string(to_string(t.part));
            t.program = programs[p];
            t.channel = static_cast<std::uint8_t>(t.part == lofi::score::part::drums ? 9 : p);
        }
    }
    void hear(const lofi::event& e) {
        using lofi::event_kind;
        const lofi::ticks here(std::max<std::int64_t>(0, std::int64_t{e.bar} * lofi::arrange::bar + e.tick));
        if (e.kind == event_kind::bar) bars_.push_back(e);
        if (e.kind == event_kind::section) {
            piece_.keys.push_back({here, e.key});
            piece_.markers.push_back({here, std::string(to_string(e.section))});
        }
        if (e.kind == event_kind::chord) piece_.markers.push_back({here, to_string(e.chord, e.key)});
        if (e.kind == event_kind::note_on)
            tracks_[static_cast<std::size_t>(e.part)].notes.push_back({here, ticks_in(e.length), e.pitch, e.velocity});
    }
    [[nodiscard]] lofi::result<void> write(const std::string& path) {
        std::vector<lofi::score::tempo_change> tempo;
        for (std::size_t b = 0; b + 1 < bars_.size(); ++b) {
            const auto quarter = static_cast<std::uint32_t>((bars_[b + 1].at - bars_[b].at).value * 1000000 / (4 * rate));
            tempo.push_back({lofi::ticks(bars_[b].bar * lofi::arrange::bar), quarter});
        }
        piece_.title = "live session";
        piece_.tempo = lofi::score::tempo_map(lofi::score::resolution(lofi::arrange::quarter), std::move(tempo));
        piece_.meters.push_back({lofi::ticks(0), 4, 4});
        for (lofi::score::track& t : tracks_) lofi::score::sort_notes(t.notes);
        piece_.tracks = std::move(tracks_);
        piece_.length = piece_.last_end();
        const auto file = lofi::midi::from_piece(piece_);
        if (!file) return file.error();
        const auto bytes = lofi::midi::write(*file);
        if (!bytes) return bytes.error();
        return lofi::write_file(path, std::span<const std::byte>(*bytes));
    }

private:
    /// A length at the tempo of the last bar that was told.
    [[nodiscard]] lofi::ticks ticks_in(lofi::frames length) const {
        const std::int64_t bar = bars_.size() > 1 ? (bars_.back().at - bars_[bars_.size() - 2].at).value : 3 * rate;
        return lofi::ticks(std::max<std::int64_t>(1, length.value * lofi::arrange::bar / bar));
    }

    lofi::score::piece piece_;
    std::vector<lofi::score::track> tracks_;
    std::vector<lofi::event> bars_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || argc > 4) return std::fputs("usage: live_session NAME [BARS [SEED]]\n", stderr), 2;
    const std::string name = argv[1];
    const int last_bar = argc > 2 ? std::atoi(argv[2]) : 30;
    const std::uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
    if (last_bar < 2 || last_bar > 10000) return std::fputs("live_session: BARS is from 2 to 10000\n", stderr), 2;

    lofi::radio radio({.seed = seed, .rate = lofi::hertz(rate), .mood = "night", .start = {{parameter::energy, 0.3}}});
    lofi::audio::wav_writer mix(name + ".wav", 2, lofi::hertz(rate));
    std::vector<std::unique_ptr<lofi::audio::wav_writer>> stems;
    for (std::size_t l = 0; l < lofi::synth::layer_count; ++l)
        stems.push_back(std::make_unique<lofi::audio::wav_writer>(
            name + "." + std::string(to_string(static_cast<lofi::synth::layer>(l))) + ".wav", 2, lofi::hertz(rate),
            lofi::audio::wav_write_config{.format = lofi::audio::sample_format::f32}));

    std::array<std::array<float, 480>, 2 + 2 * lofi::synth::layer_count> sound{};
    const auto channel_pair = [&](std::size_t i) { return lofi::audio::stereo_view{sound[2 * i], sound[2 * i + 1]}; };
    std::array<lofi::audio::stereo_view, lofi::synth::layer_count> layers;
    for (std::size_t l = 0; l < layers.size(); ++l) layers[l] = channel_pair(1 + l);

    transcript notes;
    lofi::frames end(INT64_MAX);  // known when the last chord has begun
    while (radio.position() < end) {
        radio.render(channel_pair(0), layers);
        mix.write(channel_pair(0));
        for (std::size_t l = 0; l < layers.size(); ++l) stems[l]->write(layers[l]);
        for (lofi::event e; radio.poll(e);) {
            notes.hear(e);
            if (e.kind == lofi::event_kind::stopped) end = e.at + lofi::frames(6 * rate);
            if (e.kind == lofi::event_kind::why)
                std::printf("bar %3d  %.*s: %.*s\n", e.bar + 1, static_cast<int>(to_string(e.what).size()),
                            to_string(e.what).data(), static_cast<int>(to_string(e.why).size()), to_string(e.why).data());
            if (e.kind != lofi::event_kind::bar) continue;
            for (const cue& c : plan)
                if (c.bar == e.bar) radio.set(c.what, c.value, c.when, lofi::seconds(c.ramp));
            if (e.bar == last_bar) radio.stop();
        }
    }
    lofi::result<void> done = mix.commit();
    for (const auto& s : stems)
        if (done) done = s->commit();
    if (done) done = notes.write(name + ".mid");
    if (!done) return std::fprintf(stderr, "live_session: %s\n", done.error().what()), 1;
    std::printf("%s.wav, %d stems beside it, and %s.mid\n", name.c_str(), static_cast<int>(stems.size()), name.c_str());
}
