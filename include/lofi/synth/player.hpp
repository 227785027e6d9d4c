#pragma once
// The synth that plays: notes in, sound out, in real time.
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <lofi/audio/block.hpp>
#include <lofi/dsp/compressor.hpp>
#include <lofi/dsp/rain.hpp>
#include <lofi/dsp/tremolo.hpp>
#include <lofi/dsp/vinyl.hpp>
#include <lofi/synth/guest.hpp>
#include <lofi/synth/kit.hpp>
#include <lofi/synth/master.hpp>
#include <lofi/synth/mixer.hpp>
#include <lofi/synth/note_event.hpp>
#include <lofi/synth/strings.hpp>
#include <lofi/synth/voice.hpp>

namespace lofi::inline LOFI_ABI::synth {

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
/// realtime: all but the constructor take no lock and no memory, and a bounded time; `set` and `reset` some microseconds
template <class Guest = no_guest>
class basic_player {
    static_assert(detail::check_guest<Guest>());

public:
    static constexpr std::size_t polyphony = 48, most_waiting = 4096;

    explicit basic_player(const config& = {}, Guest = {});

    /// Gives the player a note for later. False where `most_waiting` are waiting already.
    bool play(const note_event&) noexcept;
    /// Plays a note from the next chunk on, until `note_off`.
    void note_on(score::part, score::pitch, score::velocity) noexcept;
    void note_off(score::part, score::pitch) noexcept;
    /// Turns knobs: sound glides to the new setting; instruments change with the next note.
    void set(const mix&) noexcept;
    /// Fades everything out, from a frame on, over some more; silence after it, until `reset`.
    void fade(frames at, frames over) noexcept { fade_at_ = at, fade_over_ = std::max(over, frames(1)); }
    /// Goes back to the first frame: no note sounds, none waits, and the knobs stand where they were turned to.
    void reset() noexcept { reset(config_.seed, config_.mix); }
    /// The same with another seed and mix: from here on it gives what a player made with these gives, bit for bit.
    void reset(std::uint64_t seed, const mix&) noexcept;

    /// The frame on which the next block begins.
    [[nodiscard]] frames position() const { return position_; }
    /// Frames by which the finished sound comes after the notes; the layers come at once.
    [[nodiscard]] frames latency() const { return master_.latency(); }
    [[nodiscard]] std::size_t sounding() const;
    /// Whether it has nothing more to say: no note waits or sounds, and the room has had the time to die away; or all of it
    /// is faded out. Record and rain do not count.
    [[nodiscard]] bool silent() const;
    [[nodiscard]] const synth::config& config() const { return config_; }
    [[nodiscard]] Guest& guest() noexcept { return guest_; }

    /// writes: = out
    void render(audio::stereo_view out) noexcept { render(out, {}); }
    /// Renders the finished sound, and beside it each layer as it goes into the master chain: added up in order, they are
    /// its input exactly. Layers may be left out from the end.
    /// writes: = out, = layers
    void render(audio::stereo_view out, std::span<const audio::stereo_view> layers) noexcept;

private:
    static constexpr std::size_t slots = 64;  // more than sound, for those that give way
    static_assert(slots > polyphony && slots <= 64);
    struct slot {
        voice sound;
        score::part part{};
        score::pitch which{};
        std::uint64_t order = 0;
        bool stolen = false;
    };

    void start(const note_event&, std::size_t offset) noexcept;
    slot* free_slot(std::size_t offset) noexcept;
    void make_chunk() noexcept;
    void apply_fade() noexcept;

    synth::config config_;
    random_key key_;
    [[no_unique_address]] Guest guest_;
    std::vector<slot> slots_;
    std::vector<note_event> waiting_;     // a heap, the next on top
    std::uint64_t order_ = 0, live_ = 0;  // live: a bit for each slot that sounds

    std::array<stereo_chunk, layer_count> layers_{};
    stereo_chunk out_{};
    dsp::tremolo tremolo_;
    dsp::ducker ducker_;
    dsp::vinyl vinyl_;
    dsp::rain rain_;
    mixer mixer_;
    master master_;
    mono_chunk kick_{};  // force of the kicks that start in this chunk

    frames position_{}, made_{};  // frames given out, frames made
    frames ringing_{};            // how long the room may still answer what has sounded
    frames fade_at_{INT64_MAX / 2}, fade_over_{1};
};

/// The player of the house alone.
using player = basic_player<>;

// ---------------------------------------------------------------- bodies

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

template <class Guest>
basic_player<Guest>::basic_player(const synth::config& c, Guest g)
    : config_(c),
      key_{c.seed},
      guest_(std::move(g)),
      slots_(slots),
      tremolo_(c.rate),
      ducker_(c.rate),
      vinyl_(c.rate, key_.child("vinyl")),
      rain_(c.rate, key_.child("rain")),
      mixer_(c.rate),
      master_(c) {
    LOFI_ASSERT(check(c), "a player's configuration must hold what check() asks");
    waiting_.reserve(most_waiting);
    reset();
}

template <class Guest>
void basic_player<Guest>::reset(std::uint64_t seed, const mix& m) noexcept {
    config_.seed = seed, key_ = random_key{seed};
    guest_.reset(config_.rate, key_.child("guest"));
    for (slot& s : slots_) s.sound.reset();
    waiting_.clear();
    kick_.fill(0.0F);
    order_ = live_ = 0;
    position_ = made_ = ringing_ = frames(0);
    fade_at_ = frames(INT64_MAX / 2), fade_over_ = frames(1);
    set(m);
    tremolo_.reset(), ducker_.reset(), mixer_.reset();
    vinyl_.reset(key_.child("vinyl")), rain_.reset(key_.child("rain"));
    master_.reset(seed);
}

template <class Guest>
void basic_player<Guest>::set(const mix& m) noexcept {
    config_.mix = m;
    mixer_.set(m);
    const bool electric = m.keys == instrument::tine || m.keys == instrument::reed;
    tremolo_.set({.depth = electric ? 0.7F * m.tremolo : 0.0F});
    ducker_.set(decibels(-9.0 * double{m.ducking}));
    vinyl_.set({.hiss = 2.2F * m.hiss, .rumble = 0.8F * m.hiss, .dust = 0.65F * m.dust, .pops = 0.5F * m.dust});
    rain_.set({.bed = m.rain, .drops = m.rain});
    master_.set(m);
}

template <class Guest>
bool basic_player<Guest>::play(const note_event& e) noexcept {
    if (waiting_.size() == most_waiting) return false;
    waiting_.push_back(e);
    std::push_heap(waiting_.begin(), waiting_.end(), [](const note_event& a, const note_event& b) { return before(b, a); });
    return true;
}

template <class Guest>
void basic_player<Guest>::note_on(score::part part, score::pitch which, score::velocity force) noexcept {
    static_cast<void>(play({made_, frames(INT64_MAX / 4), part, which, force}));
}

template <class Guest>
void basic_player<Guest>::note_off(score::part part, score::pitch which) noexcept {
    for (slot& s : slots_)
        if (!s.sound.silent() && !s.sound.ending() && s.part == part && s.which == which) s.sound.damp(0);
    guest_.stop(part, which);
}

template <class Guest>
std::size_t basic_player<Guest>::sounding() const {
    return static_cast<std::size_t>(std::popcount(live_)) + guest_.sounding();
}

template <class Guest>
bool basic_player<Guest>::silent() const {
    return made_ >= fade_at_ + fade_over_ + latency() || (waiting_.empty() && ringing_ <= frames(0));
}

template <class Guest>
typename basic_player<Guest>::slot* basic_player<Guest>::free_slot(std::size_t offset) noexcept {
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

template <class Guest>
void basic_player<Guest>::start(const note_event& e, std::size_t offset) noexcept {
    const auto part = static_cast<std::size_t>(e.part);
    const bool drums = e.part == score::part::drums;
    const score::drum drum = drum_of(e.which);
    if (drums && drum == score::drum::kick) kick_[offset] = static_cast<float>(e.force.value) / 127.0F;
    // What varies from hit to hit hangs on when and what alone, so that no other note can change it.
    const random_key key = key_.child(part).child(static_cast<std::uint64_t>(e.at.value)).child(e.which.midi);
    strike made;
    random_stream chance(key.child("shape"));
    if (!guest_.shape(e, chance, made)) {
        if (guest_.start(e, offset, key.child("guest"))) return;
        random_stream random(key);
        const mix& m = config_.mix;
        made = drums ? hit(drum, e.force, random)
                     : strike_of(e.part == score::part::keys     ? m.keys
                                 : e.part == score::part::melody ? m.melody
                                 : e.part == score::part::bass   ? instrument::bass
                                                                 : m.texture,
                                 e.which, e.force, random);
    }
    for (slot& s : slots_) {
        if (s.sound.silent() || s.part != e.part || s.stolen) continue;
        // A string or tine struck again starts anew; the pedal of the hat closes the open one.
        const bool again = !drums && s.which == e.which;
        const bool choked = drums && drum == score::drum::closed_hat && drum_of(s.which) == score::drum::open_hat;
        if (again || choked) s.sound.fade(config_.rate, offset), s.stolen = true;
    }
    slot* const s = free_slot(offset);
    if (s == nullptr) return;
    s->sound.start(made, config_.rate, offset, e.length, key.child("noise"));
    s->part = e.part, s->which = e.which, s->order = order_++, s->stolen = false;
    live_ |= std::uint64_t{1} << (s - slots_.data());
}

template <class Guest>
void basic_player<Guest>::apply_fade() noexcept {
    if (made_ + frames(chunk_frames) <= fade_at_) return;
    mono_chunk gain;
    for (std::size_t n = 0; n < chunk_frames; ++n) {
        const std::int64_t past =
            std::clamp<std::int64_t>(made_.value + static_cast<std::int64_t>(n) - fade_at_.value, 0, fade_over_.value);
        gain[n] =
            0.5F +
            0.5F * math::cos_turns(static_cast<float>(0.5 * static_cast<double>(past) / static_cast<double>(fade_over_.value)));
    }
    for (stereo_chunk& b : layers_)
        for (std::size_t n = 0; n < chunk_frames; ++n) b.left[n] *= gain[n], b.right[n] *= gain[n];
}

template <class Guest>
void basic_player<Guest>::make_chunk() noexcept {
    for (stereo_chunk& b : layers_) b = {};
    kick_.fill(0.0F);
    const auto later = [](const note_event& a, const note_event& b) { return before(b, a); };
    while (!waiting_.empty() && waiting_.front().at < made_ + frames(chunk_frames)) {
        const note_event e = waiting_.front();
        std::pop_heap(waiting_.begin(), waiting_.end(), later);
        waiting_.pop_back();
        start(e, static_cast<std::size_t>(std::max<std::int64_t>(0, (e.at - made_).value)));
    }
    ringing_ -= frames(chunk_frames);
    const frames ring(static_cast<std::int64_t>(2.5 * config_.rate.value));  // the room's 1.6 s for 60 dB, and more
    for (std::uint64_t rest = live_; rest != 0; rest &= rest - 1) {
        slot& s = slots_[static_cast<std::size_t>(std::countr_zero(rest))];
        stereo_chunk& b = layers_[static_cast<std::size_t>(s.part)];
        s.sound.process(b.left, b.right);
        if (s.sound.silent()) live_ &= ~(rest & (~rest + 1));
        ringing_ = ring;
    }
    if (guest_.sounding() > 0) {
        ringing_ = ring;
        part_views parts;
        for (std::size_t p = 0; p < parts.size(); ++p) parts[p] = layers_[p].view();
        guest_.process(parts);
    }

    mono_chunk duck;
    ducker_.process(kick_, duck);
    tremolo_.process(layers_[static_cast<std::size_t>(layer::keys)].view());
    vinyl_.process(layers_[static_cast<std::size_t>(layer::texture)].view());
    rain_.process(layers_[static_cast<std::size_t>(layer::texture)].view());
    mixer_.process(layers_, duck);
    apply_fade();

    out_ = layers_[0];
    for (std::size_t l = 1; l < layer_count; ++l) dsp::add(layers_[l].left, out_.left), dsp::add(layers_[l].right, out_.right);
    master_.process(out_.left, out_.right);
    made_ += frames(chunk_frames);
}

template <class Guest>
void basic_player<Guest>::render(audio::stereo_view out, std::span<const audio::stereo_view> layers) noexcept {
    LOFI_ASSERT(layers.size() <= layer_count, "there are six layers");
    for (std::size_t n = 0; n < out.size();) {
        if (position_ == made_) make_chunk();
        const auto from = chunk_frames - static_cast<std::size_t>((made_ - position_).value);
        const std::size_t count = std::min(chunk_frames - from, out.size() - n);
        const auto copy = [&](const stereo_chunk& b, audio::stereo_view to) {
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
