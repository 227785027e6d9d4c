#pragma once
// The radio: lo-fi music without an end, inside a game.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/core/fixed_vector.hpp>
#include <lofi/radio/machine.hpp>
#include <lofi/song/mood.hpp>

namespace lofi::inline LOFI_ABI::engine {

/// What a radio is made from. What is left open follows from the mood and the seed.
struct radio_config {
    std::uint64_t seed = 1;
    hertz rate{48000.0};  ///< 8000 to 192000, a whole number
    std::string_view mood = "night";
    fixed_vector<setting, parameter_count> start{};  ///< where parameters stand at the beginning, in spite of the mood
    std::span<const std::byte>
        weights{};             ///< of the network of lead sheets, as `lofi quantise` writes them; none: those built in
    decibels loudness{-16.0};  ///< LUFS
    decibels ceiling{-1.0};    ///< true peak
};

/// Says what is wrong with a configuration that came from outside.
/// errors: a rate or level out of range, an unknown mood, a start value out of range, weights of another size
[[nodiscard]] result<void> check(const radio_config&);

/// Endless music that a game can steer, hear back from, save and bring back.
///
///     lofi::radio music({.seed = 7, .mood = "rain"});
///     music.render(block);   // in the audio call: interleaved stereo floats, any number of frames
///
/// The same seed and the same changes make the same music on every machine, however the caller cuts its blocks.
/// realtime: `render`, `set` and its friends, `poll` and `peek` take no lock, no memory and no system call, and a bounded time;
/// one thread renders, any thread may call the others. All memory is taken when it is made: under 8 MB
template <synth::guest Guest = synth::no_guest>
class basic_radio {
public:
    /// Raises what `check` says. `guest` brings instruments or sounds of your own: `synth/guest.hpp`.
    explicit basic_radio(const radio_config& config = {}, Guest guest = {});

    /// Fills a block of interleaved stereo: left, right, left, right.
    /// writes: = out
    void render(std::span<float> out) noexcept;
    /// Fills two channels, and beside them each layer as it goes into the master chain; layers may be left out from the end. The mix
    /// comes `latency()` frames after the layers.
    /// writes: = out, = layers
    void render(audio::stereo_view out, std::span<const audio::stereo_view> layers = {}) noexcept {
        machine_->render(out, layers);
    }

    /// Changes a parameter at a musical boundary, at once or over some time. Values out of range are clamped, which an event tells; a
    /// value that is not a number is taken as the lowest. False where the queue is full: then nothing was taken.
    bool set(parameter what, double value, at when = at::now, seconds ramp = {}) noexcept;
    /// The same; its frame does not count.
    bool set(const change& c) noexcept;
    /// Goes to a mood by its name; false as well where there is none of this name.
    bool mood(std::string_view name, at when = at::next_section, seconds ramp = {}) noexcept;
    bool pause() noexcept { return set(parameter::pause, 1.0); }
    bool resume() noexcept { return set(parameter::pause, 0.0); }
    /// Ends at the next cadence; `start` begins again.
    bool stop() noexcept { return set(parameter::playing, 0.0); }
    bool start() noexcept { return set(parameter::playing, 1.0); }
    /// Goes on to the next section at a bar line, when this one has had two bars.
    bool skip() noexcept { return set(parameter::skip, 1.0); }
    bool play(stinger s, at when = at::now) noexcept { return set(parameter::stinger, static_cast<double>(s), when); }
    bool fade(decibels to, seconds over) noexcept { return set(parameter::gain, to.value, at::now, over); }

    /// Takes the next event; false where there is none. Events come in the order of their frames, a little before they are heard.
    bool poll(event& e) noexcept { return machine_->pop(e); }
    /// Tells what is going to sound in the next bars (two are always written but at a stop), as things stand: sections, chords and
    /// notes, in order, as far as `out` has room. Returns how many.
    std::size_t peek(std::int32_t bars, std::span<event> out) const noexcept {
        return machine_->outlook().read(machine_->position(), bars, out);
    }
    /// Where a parameter stands, to within some milliseconds.
    [[nodiscard]] double value(parameter p) const noexcept { return machine_->value(p); }

    /// What brings this music back: under 4 KB, and 16 bytes for each change since the last section boundary that has rung out.
    /// A change that no `render` has taken yet is not among them.
    /// errors: more changes than are kept
    [[nodiscard]] result<std::vector<std::byte>> save() const;
    /// Goes on where another radio was saved, bit for bit. Takes up to two seconds; nobody may render meanwhile. Events and changes
    /// that were under way are dropped.
    /// errors: bytes that are corrupt or no saved state; another version of the music, rate or network. The radio is then as it was
    [[nodiscard]] result<void> restore(std::span<const std::byte> bytes);
    /// Goes to where a bar, counted from 0, is heard if the music is played from its beginning with these changes: the `changed` events
    /// of all that was set. Nobody may render meanwhile.
    /// errors: a log that is not in order; a bar that the music never reaches, because it was stopped. The radio then stands at the beginning
    [[nodiscard]] result<void> seek(std::int32_t bar, std::span<const change> log = {});

    /// Frames rendered so far.
    [[nodiscard]] frames position() const noexcept { return frames(machine_->position()); }
    /// Frames by which the mix comes after the notes' own time; the frames of events count it in.
    [[nodiscard]] frames latency() const noexcept { return frames(machine_->latency()); }
    /// How near a boundary a change may come and still be in time for it.
    [[nodiscard]] frames lead() const noexcept { return frames(machine_->conductor().lead()); }
    [[nodiscard]] hertz rate() const noexcept { return rate_; }

private:
    hertz rate_;
    std::unique_ptr<song::networks> networks_;  // the machine holds on to their place
    std::unique_ptr<engine::machine<Guest>> machine_;
};

using radio = basic_radio<>;

// ---------------------------------------------------------------- bodies

inline result<void> check(const radio_config& c) {
    synth::config sound{.rate = c.rate, .loudness = c.loudness, .ceiling = c.ceiling};
    if (auto ok = synth::check(sound); !ok) return ok;
    if (auto m = song::find_mood(c.mood); !m) return m.error();
    for (const setting& s : c.start) {
        if (static_cast<std::size_t>(s.what) >= parameter_count) return error("start", "there is no such parameter");
        if (!in_range(s.what, s.value)) {
            std::string place("start: ");
            place.append(to_string(s.what));
            return error(place, std::to_string(s.value) + " is not from " + std::to_string(info(s.what).low) + " to " +
                                    std::to_string(info(s.what).high));
        }
    }
    if (c.weights.empty()) return {};
    auto network = pretrained::lofi2lofi::read(c.weights);
    return network ? result<void>() : result<void>(network.error());
}

template <synth::guest Guest>
basic_radio<Guest>::basic_radio(const radio_config& config, Guest guest) : rate_(config.rate) {
    check(config).value();
    networks_ = std::make_unique<song::networks>(config.weights.empty() ? pretrained::lofi2lofi::builtin()
                                                                        : pretrained::lofi2lofi::read(config.weights).value());
    fixed_vector<setting, parameter_count + 1> start;
    for (std::size_t m = 0; m < song::moods.size(); ++m)
        if (song::moods[m].name == config.mood) start.push_back({parameter::mood, static_cast<double>(m)});
    for (const setting& s : config.start) start.push_back(s);
    machine_ = std::make_unique<engine::machine<Guest>>(
        machine_config{.seed = config.seed, .rate = config.rate, .loudness = config.loudness, .ceiling = config.ceiling},
        *networks_, std::span<const setting>(start.data(), start.size()), guest);
}

template <synth::guest Guest>
void basic_radio<Guest>::render(std::span<float> out) noexcept {
    LOFI_ASSERT(out.size() % 2 == 0, "interleaved stereo has an even number of samples");
    std::array<float, 256> left, right;
    for (std::size_t at = 0; at + 1 < out.size();) {
        const std::size_t n = std::min(left.size(), (out.size() - at) / 2);
        machine_->render({std::span(left).first(n), std::span(right).first(n)}, {});
        for (std::size_t i = 0; i < n; ++i) out[at + 2 * i] = left[i], out[at + 2 * i + 1] = right[i];
        at += 2 * n;
    }
}

template <synth::guest Guest>
bool basic_radio<Guest>::set(parameter what, double value, at when, seconds ramp) noexcept {
    if (static_cast<std::size_t>(what) >= parameter_count) return false;
    change c = to_change(what, value, when, ramp);
    // The machine takes this bit off again, and tells.
    if (!in_range(what, value)) c.when = static_cast<at>(static_cast<unsigned>(c.when) | 0x80U);
    return machine_->push(c);
}

template <synth::guest Guest>
bool basic_radio<Guest>::set(const change& c) noexcept {
    change taken = c;
    taken.frame = 0;
    return sound(taken) && machine_->push(taken);
}

template <synth::guest Guest>
bool basic_radio<Guest>::mood(std::string_view name, at when, seconds ramp) noexcept {
    for (std::size_t m = 0; m < song::moods.size(); ++m)
        if (song::moods[m].name == name) return set(parameter::mood, static_cast<double>(m), when, ramp);
    return false;
}

template <synth::guest Guest>
result<std::vector<std::byte>> basic_radio<Guest>::save() const {
    auto state = machine_->save();
    if (!state) return state.error();
    return write_state(*state);
}

template <synth::guest Guest>
result<void> basic_radio<Guest>::restore(std::span<const std::byte> bytes) {
    auto state = read_state(bytes);
    if (!state) return state.error();
    if (auto ok = machine_->check(*state, *networks_); !ok) return ok;
    machine_->restore(*state);
    return {};
}

template <synth::guest Guest>
result<void> basic_radio<Guest>::seek(std::int32_t bar, std::span<const change> log) {
    if (bar < 0 || bar > 10000000) return error("seek", "bar " + std::to_string(bar) + " is not from 0 to 10000000");
    for (std::size_t i = 0; i < log.size(); ++i)
        if (!sound(log[i]) || (i > 0 && log[i].frame < log[i - 1].frame))
            return error("seek", "change " + std::to_string(i) + " of the log is out of order or range");
    if (!machine_->seek(bar, log)) return error("seek", "the music never gets to bar " + std::to_string(bar));
    return {};
}

}  // namespace lofi::inline LOFI_ABI::engine
