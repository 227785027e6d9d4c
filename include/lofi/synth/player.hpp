#pragma once
// The synth that plays: notes in, sound out, in real time.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lofi/audio/block.hpp>
#include <lofi/dsp/compressor.hpp>
#include <lofi/dsp/rain.hpp>
#include <lofi/dsp/reverb.hpp>
#include <lofi/dsp/tone_bank.hpp>
#include <lofi/dsp/tremolo.hpp>
#include <lofi/dsp/vinyl.hpp>
#include <lofi/synth/kit.hpp>
#include <lofi/synth/master.hpp>
#include <lofi/synth/strings.hpp>
#include <lofi/synth/voice.hpp>

namespace lofi::inline LOFI_ABI::synth {

/// A note in time. Drums are named by their General MIDI keys.
struct note_event {
    frames at{};  ///< since the player was made
    frames length{};
    score::part part = score::part::keys;
    score::pitch which{};
    score::velocity force{};

    friend constexpr bool operator==(const note_event&, const note_event&) = default;
};

/// The order in which notes are played; those that are equal in it sound the same.
[[nodiscard]] constexpr bool before(const note_event& a, const note_event& b) {
    if (a.at != b.at) return a.at < b.at;
    if (a.part != b.part) return a.part < b.part;
    if (a.which != b.which) return a.which < b.which;
    if (a.force != b.force) return a.force < b.force;
    return a.length < b.length;
}

/// What an instrument makes of a note.
[[nodiscard]] strike strike_of(instrument, score::pitch, score::velocity, random_stream&);

/// A whole lo-fi studio: five parts, their instruments, a room, a record, rain, tape.
///
///     synth::player p({.rate = hertz(48000), .seed = 7});
///     p.play({.at = frames(0), .length = frames(48000), .part = score::part::keys, .which = score::pitch(60)});
///     p.render(block);    // as often as the sound card asks
///
/// The sound depends on the notes and the seed alone, not on how the caller cuts it into blocks: inside, it is made in
/// chunks of 32 frames. A note sounds at its exact frame if it was given at least 32 frames ahead; one that comes later
/// sounds at the start of the next chunk.
/// realtime: `play`, `note_on`, `note_off`, `set`, `fade` and `render` take no lock and no memory, and a bounded time
class player {
public:
    static constexpr std::size_t polyphony = 48, most_waiting = 4096;

    explicit player(const config& = {});

    /// Gives the player a note for later. False where `most_waiting` are waiting already.
    bool play(const note_event&) noexcept;
    /// Plays a note from the next chunk on, until `note_off`.
    void note_on(score::part, score::pitch, score::velocity) noexcept;
    void note_off(score::part, score::pitch) noexcept;
    /// Turns knobs: sound glides to the new setting; instruments change with the next note.
    void set(const mix&) noexcept;
    /// Fades everything out, from a frame on, over some more; silence after it, until `reset`.
    void fade(frames at, frames over) noexcept { fade_at_ = at, fade_over_ = std::max(over, frames(1)); }
    /// Goes back to the first frame: no note sounds, none waits.
    void reset();

    /// The frame on which the next block begins.
    [[nodiscard]] frames position() const { return position_; }
    /// Frames by which the finished sound comes after the notes; the layers come at once.
    [[nodiscard]] frames latency() const { return master_.latency(); }
    [[nodiscard]] std::size_t sounding() const;
    [[nodiscard]] const synth::config& config() const { return config_; }

    /// writes: = out
    void render(audio::stereo_view out) noexcept { render(out, {}); }
    /// Renders the finished sound, and beside it each layer as it goes into the master chain: added up in order, they are
    /// its input exactly. Layers may be left out from the end.
    /// writes: = out, = layers
    void render(audio::stereo_view out, std::span<const audio::stereo_view> layers) noexcept;

private:
    using block = std::array<float, chunk_frames>;
    struct bus {
        block left{}, right{};
        [[nodiscard]] audio::stereo_view view() { return {left, right}; }
    };
    struct slot {
        voice sound;
        score::part part{};
        score::pitch which{};
        std::uint64_t order = 0;
        bool stolen = false;
    };
    struct strip {  // a part's channel in the mixer
        float gain = 1.0F, aim = 1.0F;
    };

    void start(const note_event&, std::size_t offset) noexcept;
    slot* free_slot(std::size_t offset) noexcept;
    void make_chunk() noexcept;
    void mix_parts(const block& duck) noexcept;
    void apply_fade() noexcept;
    [[nodiscard]] float aim_of(std::size_t part) const noexcept;

    synth::config config_;
    random_key key_;
    std::vector<slot> slots_;
    std::vector<note_event> waiting_;  // a heap, the next on top
    std::uint64_t order_ = 0;

    std::array<strip, score::part_count> strips_;
    dsp::tone_bank<2 * score::part_count + 2> tone_;  // left and right of each part, and two more to fill vectors
    std::array<bus, layer_count> layers_{};
    bus out_{};
    dsp::tremolo tremolo_;
    dsp::ducker ducker_;
    dsp::vinyl vinyl_;
    dsp::rain rain_;
    dsp::reverb reverb_;
    master master_;
    float room_ = 0.0F, room_aim_ = 0.0F;
    std::array<float, chunk_frames> kick_{};  // force of the kicks that start in this chunk

    frames position_{}, made_{};  // frames given out, frames made
    frames fade_at_{INT64_MAX / 2}, fade_over_{1};
};

// ---------------------------------------------------------------- bodies

namespace detail {
// The house mix: where the fader of each part stands, how dark it is, how much of it the room hears, what gives way to the kick.
struct house_strip {
    double gain, low_cut, tone;
    float room, duck;
};
inline constexpr std::array<house_strip, score::part_count> house_mix = {{
    {7.0, 90.0, 3600.0, 0.30F, 1.0F},    // keys
    {10.0, 140.0, 4800.0, 0.45F, 0.8F},  // melody
    {7.0, 30.0, 1100.0, 0.0F, 0.5F},     // bass
    {8.0, 28.0, 11000.0, 0.12F, 0.0F},   // drums
    {8.0, 60.0, 7000.0, 0.25F, 0.6F},    // texture
}};
}  // namespace detail

inline strike strike_of(instrument i, score::pitch which, score::velocity force, random_stream& r) {
    switch (i) {
        case instrument::tine: return tine(which, force, r);
        case instrument::reed: return reed(which, force, r);
        case instrument::felt: return felt(which, force, r);
        case instrument::nylon: return nylon(which, force, r);
        case instrument::harp: return harp(which, force, r);
        case instrument::vibes: return vibes(which, force, r);
        case instrument::bass: return bass(which, force, r);
        case instrument::pad: break;
    }
    return pad(which, force, r);
}

inline player::player(const synth::config& c)
    : config_(c),
      key_{c.seed},
      slots_(polyphony + 16),
      tremolo_(c.rate),
      ducker_(c.rate),
      vinyl_(c.rate, key_.child("vinyl")),
      rain_(c.rate, key_.child("rain")),
      reverb_(c.rate),
      master_(c) {
    LOFI_ASSERT(check(c), "a player's configuration must hold what check() asks");
    waiting_.reserve(most_waiting);
    reset();
}

inline void player::reset() {
    for (slot& s : slots_) s = {};
    waiting_.clear();
    order_ = 0;
    position_ = made_ = frames(0);
    fade_at_ = frames(INT64_MAX / 2);
    set(config_.mix);
    tone_.reset();
    for (std::size_t p = 0; p < score::part_count; ++p) {
        for (std::size_t side = 0; side < 2; ++side)
            tone_.set(2 * p + side, hertz(detail::house_mix[p].low_cut), hertz(detail::house_mix[p].tone), 0.6, config_.rate);
        strips_[p].gain = strips_[p].aim;
    }
    room_ = room_aim_;
    tremolo_.reset(), ducker_.reset(), vinyl_.reset(), rain_.reset(), reverb_.reset(), master_.reset();
}

inline float player::aim_of(std::size_t part) const noexcept {
    const double fader = config_.mix.gain[part].value;
    return fader <= -120.0 ? 0.0F : math::db_to_gain(decibels(fader + detail::house_mix[part].gain));
}

inline void player::set(const mix& m) noexcept {
    config_.mix = m;
    for (std::size_t p = 0; p < score::part_count; ++p) strips_[p].aim = aim_of(p);
    const bool electric = m.keys == instrument::tine || m.keys == instrument::reed;
    tremolo_.set({.depth = electric ? 0.7F * m.tremolo : 0.0F});
    ducker_.set(decibels(-9.0 * double{m.ducking}));
    vinyl_.set({.hiss = 1.4F * m.hiss, .rumble = 0.8F * m.hiss, .dust = 0.65F * m.dust, .pops = 0.5F * m.dust});
    rain_.set({.bed = m.rain, .drops = m.rain});
    room_aim_ = 5.0F * m.reverb;
    master_.set(m);
}

inline bool player::play(const note_event& e) noexcept {
    if (waiting_.size() == most_waiting) return false;
    waiting_.push_back(e);
    std::push_heap(waiting_.begin(), waiting_.end(), [](const note_event& a, const note_event& b) { return before(b, a); });
    return true;
}

inline void player::note_on(score::part part, score::pitch which, score::velocity force) noexcept {
    static_cast<void>(play({made_, frames(INT64_MAX / 4), part, which, force}));
}

inline void player::note_off(score::part part, score::pitch which) noexcept {
    for (slot& s : slots_)
        if (!s.sound.silent() && !s.sound.ending() && s.part == part && s.which == which) s.sound.damp(0);
}

inline std::size_t player::sounding() const {
    return static_cast<std::size_t>(
        std::count_if(slots_.begin(), slots_.end(), [](const slot& s) { return !s.sound.silent(); }));
}

inline player::slot* player::free_slot(std::size_t offset) noexcept {
    slot *free = nullptr, *victim = nullptr, *faintest = nullptr;
    std::size_t held = 0;
    // The quietest gives way, and one that has ended before one that has not.
    const auto value = [](const slot& s) { return s.sound.power() * (s.sound.ending() ? 0.1F : 1.0F); };
    for (slot& s : slots_) {
        if (s.sound.silent()) {
            if (free == nullptr) free = &s;
        } else if (s.stolen) {
            if (faintest == nullptr || s.sound.power() < faintest->sound.power()) faintest = &s;
        } else {
            ++held;
            if (victim == nullptr || value(s) < value(*victim) || (value(s) == value(*victim) && s.order < victim->order))
                victim = &s;
        }
    }
    if (held >= polyphony && victim != nullptr) victim->sound.fade(config_.rate, offset), victim->stolen = true;
    return free != nullptr ? free : faintest;
}

inline void player::start(const note_event& e, std::size_t offset) noexcept {
    const auto part = static_cast<std::size_t>(e.part);
    const bool drums = e.part == score::part::drums;
    const score::drum drum = drum_of(e.which);
    for (slot& s : slots_) {
        if (s.sound.silent() || s.part != e.part || s.stolen) continue;
        // A string or tine struck again starts anew; the pedal of the hat closes the open one.
        const bool again = !drums && s.which == e.which;
        const bool choked = drums && drum == score::drum::closed_hat && drum_of(s.which) == score::drum::open_hat;
        if (again || choked) s.sound.fade(config_.rate, offset), s.stolen = true;
    }
    slot* const s = free_slot(offset);
    if (s == nullptr) return;
    // What varies from hit to hit hangs on when and what alone, so that no other note can change it.
    const random_key key = key_.child(part).child(static_cast<std::uint64_t>(e.at.value)).child(e.which.midi);
    random_stream random(key);
    const mix& m = config_.mix;
    const strike made = drums ? hit(drum, e.force, random)
                              : strike_of(e.part == score::part::keys     ? m.keys
                                          : e.part == score::part::melody ? m.melody
                                          : e.part == score::part::bass   ? instrument::bass
                                                                          : m.texture,
                                          e.which, e.force, random);
    s->sound.start(made, config_.rate, offset, e.length, key.child("noise"));
    s->part = e.part, s->which = e.which, s->order = order_++, s->stolen = false;
    if (drums && drum == score::drum::kick) kick_[offset] = static_cast<float>(e.force.value) / 127.0F;
}

inline void player::mix_parts(const block& duck) noexcept {
    constexpr std::size_t parts = score::part_count;
    std::array<std::array<float, 2 * parts + 2>, chunk_frames> across{};
    for (std::size_t p = 0; p < parts; ++p)
        for (std::size_t n = 0; n < chunk_frames; ++n)
            across[n][2 * p] = layers_[p].left[n], across[n][2 * p + 1] = layers_[p].right[n];
    tone_.process(across.data(), chunk_frames);
    for (std::size_t p = 0; p < parts; ++p) {
        strip& s = strips_[p];
        const float from = s.gain, to = from + 0.05F * (s.aim - from);
        s.gain = math::abs(to - s.aim) < 1e-6F ? s.aim : to;
        const float slope = (s.gain - from) * (1.0F / chunk_frames), depth = detail::house_mix[p].duck;
        block gain;
        for (std::size_t n = 0; n < chunk_frames; ++n)
            gain[n] = (from + slope * static_cast<float>(static_cast<std::int32_t>(n))) * (1.0F - depth * duck[n]);
        for (std::size_t n = 0; n < chunk_frames; ++n)
            layers_[p].left[n] = gain[n] * across[n][2 * p], layers_[p].right[n] = gain[n] * across[n][2 * p + 1];
    }
}

inline void player::apply_fade() noexcept {
    if (made_ + frames(chunk_frames) <= fade_at_) return;
    block gain;
    for (std::size_t n = 0; n < chunk_frames; ++n) {
        const std::int64_t past =
            std::clamp<std::int64_t>(made_.value + static_cast<std::int64_t>(n) - fade_at_.value, 0, fade_over_.value);
        gain[n] =
            0.5F +
            0.5F * math::cos_turns(static_cast<float>(0.5 * static_cast<double>(past) / static_cast<double>(fade_over_.value)));
    }
    for (bus& b : layers_)
        for (std::size_t n = 0; n < chunk_frames; ++n) b.left[n] *= gain[n], b.right[n] *= gain[n];
}

inline void player::make_chunk() noexcept {
    for (bus& b : layers_) b = {};
    kick_.fill(0.0F);
    const auto later = [](const note_event& a, const note_event& b) { return before(b, a); };
    while (!waiting_.empty() && waiting_.front().at < made_ + frames(chunk_frames)) {
        const note_event e = waiting_.front();
        std::pop_heap(waiting_.begin(), waiting_.end(), later);
        waiting_.pop_back();
        start(e, static_cast<std::size_t>(std::max<std::int64_t>(0, (e.at - made_).value)));
    }
    for (slot& s : slots_)
        if (!s.sound.silent()) {
            bus& b = layers_[static_cast<std::size_t>(s.part)];
            s.sound.process(b.left, b.right);
        }

    block duck;
    for (std::size_t n = 0; n < chunk_frames; ++n) {
        if (kick_[n] > 0.0F) ducker_.trigger(kick_[n]);
        duck[n] = 1.0F - ducker_.tick();
    }
    tremolo_.process(layers_[static_cast<std::size_t>(layer::keys)].view());
    vinyl_.process(layers_[static_cast<std::size_t>(layer::texture)].view());
    rain_.process(layers_[static_cast<std::size_t>(layer::texture)].view());
    mix_parts(duck);

    bus& room = layers_[static_cast<std::size_t>(layer::room)];
    room_ += 0.05F * (room_aim_ - room_);
    for (std::size_t p = 0; p < score::part_count; ++p) {
        const float send = room_ * detail::house_mix[p].room;
        for (std::size_t n = 0; n < chunk_frames; ++n)
            room.left[n] += send * layers_[p].left[n], room.right[n] += send * layers_[p].right[n];
    }
    reverb_.process(room.view());
    apply_fade();

    out_ = layers_[0];
    for (std::size_t l = 1; l < layer_count; ++l)
        for (std::size_t n = 0; n < chunk_frames; ++n) out_.left[n] += layers_[l].left[n], out_.right[n] += layers_[l].right[n];
    master_.process(out_.view());
    made_ += frames(chunk_frames);
}

inline void player::render(audio::stereo_view out, std::span<const audio::stereo_view> layers) noexcept {
    LOFI_ASSERT(layers.size() <= layer_count, "there are six layers");
    for (std::size_t n = 0; n < out.size();) {
        if (position_ == made_) make_chunk();
        const auto from = chunk_frames - static_cast<std::size_t>((made_ - position_).value);
        const std::size_t count = std::min(chunk_frames - from, out.size() - n);
        const auto copy = [&](const bus& b, audio::stereo_view to) {
            std::copy_n(b.left.data() + from, count, to.left.data() + n);
            std::copy_n(b.right.data() + from, count, to.right.data() + n);
        };
        copy(out_, out);
        for (std::size_t l = 0; l < layers.size(); ++l) copy(layers_[l], layers[l]);
        n += count;
        position_ += frames(static_cast<std::int64_t>(count));
    }
}

}  // namespace lofi::inline LOFI_ABI::synth
