// lofi play: music that never ends, from the loudspeaker, into a pipe or into a file.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <lofi/audio/wav_writer.hpp>
#include <lofi/radio.hpp>
#include <lofi/score/chord_symbol.hpp>
#include <lofi/song/mood.hpp>

#include "command.hpp"
#include "play_screen.hpp"
#include "play_script.hpp"
#include "play_source.hpp"
#include "sound_device.hpp"
#include "staged_files.hpp"
#include "terminal.hpp"

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#endif

namespace program {
namespace {

using lofi::parameter;

struct play_options {
    std::uint64_t seed = 1;
    std::string mood = "night", format = "s16le";
    std::optional<double> energy, valence, bpm, rain, gain;
    std::optional<std::string> key, out;
    std::optional<std::filesystem::path> script;
    std::optional<double> minutes;
    double rate = 48000;
    bool raw = false;
};

lofi::radio_config config_of(const play_options& o) {
    lofi::radio_config c{.seed = o.seed, .rate = lofi::hertz(o.rate), .mood = o.mood};
    const auto start = [&](parameter p, std::optional<double> v) {
        if (v) c.start.push_back({p, *v});
    };
    start(parameter::energy, o.energy);
    start(parameter::valence, o.valence);
    start(parameter::tempo, o.bpm);
    start(parameter::rain, o.rain);
    start(parameter::gain, o.gain);
    if (o.key) {
        const lofi::score::key k = of_option("--key", lofi::score::parse_key(*o.key));
        start(parameter::key, k.tonic.value);
        // A tonic alone leaves the mode open.
        if (o.key->find(' ') != std::string::npos || (o.key->size() > 1 && o.key->back() == 'm'))
            start(parameter::mode, static_cast<double>(static_cast<int>(k.scale)));
    }
    return c;
}

/// Tells the music as lines of text: a bar each, with its chords.
class bar_teller {
public:
    explicit bar_teller(lofi::hertz rate) : rate_(rate) {}
    void listen(lofi::radio& radio) {
        for (lofi::event e; radio.poll(e);) {
            if (e.kind == lofi::event_kind::section) {
                end();
                std::printf("%s, %s\n", std::string(to_string(e.section)).c_str(), to_string(e.key).c_str());
            } else if (e.kind == lofi::event_kind::bar) {
                end();
                const auto s = static_cast<int>(static_cast<double>(e.at.value) / rate_.value);
                char text[64];
                std::snprintf(text, sizeof text, "%3d:%02d  bar %-4d", s / 60, s % 60, e.bar + 1);
                line_ = text;
            } else if (e.kind == lofi::event_kind::chord) {
                line_ += "  " + to_string(e.chord, e.key);
            }
        }
    }
    void end() {
        if (!line_.empty()) std::printf("%s\n", line_.c_str());
        line_.clear();
        std::fflush(stdout);
    }

private:
    lofi::hertz rate_;
    std::string line_;
};

/// How many frames are wanted; without a word of it, so many minutes, and 0 is no end.
lofi::frames length_of(const play_options& o, double otherwise) {
    return lofi::frames(std::llround(o.minutes.value_or(otherwise) * 60 * o.rate));
}

/// Renders blocks until there are enough, someone ends it, or `take` answers no.
template <class Take>
void render_all(play_source& source, lofi::frames length, Take&& take) {
    std::vector<float> block(2 * 1024);
    while (!interrupted() && (length.value == 0 || source.position() < length)) {
        std::size_t count = block.size() / 2;
        if (length.value != 0)
            count = static_cast<std::size_t>(std::min<std::int64_t>(1024, (length - source.position()).value));
        source.render(std::span(block).first(2 * count));
        if (!take(std::span<const float>(block).first(2 * count))) return;
    }
}

// ---------------------------------------------------------------- into a pipe

void play_raw(play_source& source, const play_options& o) {
    if (is_terminal()) throw lofi::error("--raw", "standard output is a terminal: send it to a program or a file");
    const bool whole = o.format == "s16le";
    std::fprintf(stderr, "%s, %g Hz, 2 channels: aplay -f %s -r %g -c 2\n", o.format.c_str(), o.rate,
                 whole ? "S16_LE" : "FLOAT_LE", o.rate);
#ifdef _WIN32
    ::_setmode(::_fileno(stdout), _O_BINARY);
#else
    std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is how this ends
#endif
    std::setvbuf(stdout, nullptr, _IONBF, 0);
    lofi::audio::dither_noise noise[2] = {
        lofi::audio::dither_noise(lofi::audio::dither::tpdf, lofi::random_key{o.seed}.child("dither").child(0)),
        lofi::audio::dither_noise(lofi::audio::dither::tpdf, lofi::random_key{o.seed}.child("dither").child(1))};
    lofi::event ignored;
    render_all(source, length_of(o, 0), [&](std::span<const float> block) {
        lofi::byte_writer bytes;
        for (std::size_t i = 0; i < block.size(); ++i) {
            if (whole)
                bytes.u16_le(static_cast<std::uint16_t>(lofi::audio::quantise<16>(block[i], noise[i % 2].tick())));
            else
                bytes.u32_le(lofi::bits_as<std::uint32_t>(block[i]));
        }
        while (source.radio().poll(ignored)) {
        }
        const std::vector<std::byte> all = std::move(bytes).take();
        if (std::fwrite(all.data(), 1, all.size(), stdout) == all.size()) return true;
        if (errno != EPIPE && !(errno == EINTR && interrupted()))
            throw lofi::error("standard output", std::string("cannot be written: ") + std::strerror(errno));
        std::clearerr(stdout);
        return false;
    });
}

// ---------------------------------------------------------------- into a file

void play_file(play_source& source, const play_options& o, std::string name) {
    if (name.size() > 4 && name.ends_with(".wav")) name.resize(name.size() - 4);
    staged_files place(name);
    lofi::audio::wav_writer file(place.path(".wav"), 2, lofi::hertz(o.rate));
    bar_teller teller{lofi::hertz(o.rate)};
    std::vector<float> left, right;
    render_all(source, length_of(o, 2), [&](std::span<const float> block) {
        left.clear(), right.clear();
        for (std::size_t i = 0; i < block.size(); i += 2) left.push_back(block[i]), right.push_back(block[i + 1]);
        file.write(lofi::audio::stereo_view{left, right});
        teller.listen(source.radio());
        return true;
    });
    teller.end();
    const double length = static_cast<double>(file.length().value) / o.rate;
    file.commit().value();
    std::printf("  %s, %d:%02d\n", place.commit().front().c_str(), static_cast<int>(length) / 60,
                static_cast<int>(length) % 60);
}

// ---------------------------------------------------------------- from the loudspeaker

/// Does what a key says; false where it ends the program.
bool obey(char key, lofi::radio& radio, play_screen& screen) {
    using lofi::at;
    bool taken = true;
    const auto turn = [&](parameter p, double by) {
        const auto& i = lofi::engine::info(p);
        const double to = std::clamp(std::round((radio.value(p) + by) * 20) / 20, i.low, i.high);
        taken = radio.set(p, to, at::now, lofi::seconds(0.5));
        char text[64];
        std::snprintf(text, sizeof text, "%.*s %g", static_cast<int>(i.name.size()), i.name.data(), to);
        screen.tell(text);
    };
    const auto mood = [&](int by) {
        const int count = static_cast<int>(lofi::song::moods.size());
        const int to = (static_cast<int>(radio.value(parameter::mood)) + by + count) % count;
        const auto& m = lofi::song::moods[static_cast<std::size_t>(to)];
        taken = radio.set(parameter::mood, to, at::next_bar, lofi::seconds(4));
        screen.tell(std::string(m.name) + ": " + std::string(m.says));
    };
    switch (key) {
        case '^': turn(parameter::energy, 0.1); break;
        case 'v': turn(parameter::energy, -0.1); break;
        case '>': turn(parameter::valence, 0.1); break;
        case '<': turn(parameter::valence, -0.1); break;
        case 'r': turn(parameter::rain, 0.2); break;
        case 'R': turn(parameter::rain, -0.2); break;
        case '+': turn(parameter::gain, 1); break;
        case '-': turn(parameter::gain, -1); break;
        case 'm': mood(1); break;
        case 'M': mood(-1); break;
        case 'n': taken = radio.skip(), screen.tell("the next section"); break;
        case '1':
        case '2':
        case '3':
        case '4': taken = radio.play(static_cast<lofi::stinger>(key - '1'), at::next_beat); break;
        case ' ': taken = radio.value(parameter::pause) > 0.5 ? radio.resume() : radio.pause(); break;
        case 's': taken = radio.stop(), screen.tell("stops at the next cadence"); break;
        case 'q': return false;
        default: break;
    }
    if (!taken) screen.tell("too many keys at once");
    return true;
}

void play_aloud(play_source& source, const play_options& o, const sound_device& device) {
    const lofi::hertz rate(o.rate);
    const auto latency = lofi::frames(std::llround(device.latency().value * rate.value));
    const lofi::frames length = length_of(o, 0);
    const auto over = [&] { return interrupted() || (length.value != 0 && source.position() >= length); };
    const auto wait = [](int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); };

    if (can_draw()) {
        play_screen screen(o.mood + ", seed " + std::to_string(o.seed), rate);
        terminal at;
        for (bool on = true; on && !over() && device.playing(); wait(33)) {
            screen.listen(source.radio());
            screen.measure(source);
            for (const char key : at.keys()) on = obey(key, source.radio(), screen) && on;
            const terminal::extent size = at.size();
            at.show("\x1b[H" + screen.draw(source.radio(), source.radio().position() - latency, size.columns, size.lines));
        }
    } else {
        bar_teller teller(rate);
        for (; !over() && device.playing(); wait(50)) teller.listen(source.radio());
        teller.end();
    }
    if (!device.playing()) throw lofi::error("sound device", "stopped playing");
    source.radio().fade(lofi::decibels(-60.0), lofi::seconds(0.4));
    wait(450 + static_cast<int>(1000 * device.latency().value));
}

void play(const play_options& o) {
    const lofi::radio_config config = config_of(o);
    check(config).value();
    static_cast<void>(interrupted());
    play_source source(config, o.script ? read_script(*o.script, config.rate) : std::vector<scripted>());
    if (o.raw) return play_raw(source, o);
    if (o.out) return play_file(source, o, *o.out);
    std::optional<sound_device> device;
    try {
        device.emplace(config.rate, [&source](std::span<float> block) { source.render(block); });
    } catch (const lofi::error& e) {
        std::fprintf(stderr, "lofi: %s; this goes into a file instead\n", e.what());
        return play_file(source, o, "radio-" + std::to_string(o.seed));
    }
    play_aloud(source, o, *device);
}

}  // namespace

void add_play(CLI::App& app) {
    auto o = std::make_shared<play_options>();
    CLI::App* c =
        add_command(app, "play", "Plays music that never ends, and shows it", "lofi play --seed 7 --mood rain --energy 0.7");
    c->add_option("--seed", o->seed, "The same seed gives the same music")->check(whole_number())->capture_default_str();
    c->add_option("--mood", o->mood, "A name of `lofi moods`")->capture_default_str();
    const auto wish = [&](const char* name, std::optional<double>& to, parameter p, const char* says) {
        c->add_option(name, to, says)->check(number(lofi::engine::info(p).low, lofi::engine::info(p).high));
    };
    wish("--energy", o->energy, parameter::energy, "Calm to lively; the mood's, if not given");
    wish("--valence", o->valence, parameter::valence, "Dark to bright; the mood's, if not given");
    wish("--bpm", o->bpm, parameter::tempo, "Felt tempo; the mood's, if not given");
    wish("--rain", o->rain, parameter::rain, "At the window; the mood's, if not given");
    wish("--gain", o->gain, parameter::gain, "Decibels");
    c->add_option("--key", o->key, "A tonic, or a key: Eb, \"D dorian\", Am; the seed's, if not given");
    c->add_option("--script", o->script,
                  "Changes at their times, as JSON: [{\"at\": 12.5, \"set\": \"energy\", \"value\": 0.9}, ...]");
    c->add_option("--minutes", o->minutes, "Ends after so long; a file, if not given, after 2")->check(number(0.01, 10000));
    c->add_option("--rate", o->rate, "Samples a second")->check(number(8000, 192000))->capture_default_str();
    CLI::Option* raw =
        c->add_flag("--raw", o->raw, "Writes samples to standard output: lofi play --raw | aplay -f S16_LE -r 48000 -c 2");
    c->add_option("--format", o->format, "Of --raw")
        ->check(CLI::IsMember({"s16le", "f32le"}))
        ->capture_default_str()
        ->needs(raw);
    c->add_option("--out", o->out, "Writes a WAV file and plays nothing; so it does where there is no sound device")
        ->excludes(raw);
    c->callback([o] { play(*o); });
}

}  // namespace program
