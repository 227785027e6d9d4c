#pragma once
// The radio's engine room: the conductor, the players of the present and the past section, and what leaves the house.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <lofi/core/bits.hpp>
#include <lofi/core/published.hpp>
#include <lofi/core/queue.hpp>
#include <lofi/dsp/lanes.hpp>
#include <lofi/dsp/limiter.hpp>
#include <lofi/radio/conductor.hpp>
#include <lofi/radio/outlook.hpp>
#include <lofi/radio/saved_state.hpp>
#include <lofi/synth/guest.hpp>
#include <lofi/synth/player.hpp>

namespace lofi::inline LOFI_ABI::engine {

/// How a machine is made.
struct machine_config {
    std::uint64_t seed = 1;
    hertz rate{48000.0};
    decibels loudness{-16.0}, ceiling{-1.0};
};

/// Everything that the audio call does. Each section is played by a player of its own that starts from nothing at its first frame,
/// while the one before rings out for a bounded time: so what is heard hangs on a bounded past, and can be brought back from it.
template <synth::guest Guest>
class machine {
public:
    static constexpr std::size_t chunk = 32, most_events = 4096, most_commands = 1024, most_logged = 16384, most_state = 8192;

    machine(const machine_config&, const song::networks& networks, std::span<const setting> start, const Guest& guest);

    /// writes: = out, = layers
    /// realtime: yes
    void render(audio::stereo_view out, std::span<const audio::stereo_view> layers) noexcept;

    bool push(const change& c) noexcept { return commands_.push(c); }
    bool pop(event& e) noexcept { return events_.pop(e); }
    [[nodiscard]] std::int64_t position() const noexcept { return position_.load(std::memory_order_acquire); }
    [[nodiscard]] std::int64_t latency() const { return latency_; }
    [[nodiscard]] const engine::outlook& outlook() const { return outlook_; }
    [[nodiscard]] engine::conductor& conductor() { return conductor_; }
    [[nodiscard]] const engine::conductor& conductor() const { return conductor_; }
    [[nodiscard]] double value(parameter p) const noexcept {
        return values_[static_cast<std::size_t>(p)].load(std::memory_order_relaxed);
    }

    /// The latest settled section boundary and the changes since.
    [[nodiscard]] result<saved_state> save() const;
    /// Goes to where a saved state was saved. The state was read by `read_state`.
    void restore(const saved_state&);
    /// Whether the machine's part of a state can be read.
    [[nodiscard]] result<void> check(const saved_state&, const song::networks& networks) const;
    /// Begins anew with a log, and goes to the frame on which a bar is heard; false where the music never gets there.
    bool seek(std::int64_t bar, std::span<const change> log);

private:
    using deck_player = synth::basic_player<Guest>;
    struct deck {
        deck_player player;
        std::int64_t start = 0, end = 0;  // frames of the music; end: where it is dropped, INT64_MAX while it leads
        bool live = false;
    };
    struct snapshot {
        std::array<std::byte, most_state> bytes{};
        std::size_t size = 0;
        std::int64_t begin = INT64_MAX;  // frame of the music on which its section begins
        std::uint64_t logged = 0;        // changes that it holds already
    };
    static constexpr std::size_t decks = 3, snapshots = 4;
    static constexpr double tail_seconds = 5.0, fade_seconds = 1.5, settle_seconds = 2.5, pause_seconds = 0.03;

    // What the conductor calls.
    friend class engine::conductor;
    void begin(std::int64_t frame) noexcept;
    void play(score::part, score::pitch, score::velocity, std::int64_t frame, std::int64_t length) noexcept;
    void emit(const event& e) noexcept;

    void make_chunk() noexcept;
    void take_commands() noexcept;
    void accept(change c) noexcept;
    void post(event e) noexcept;
    void follow_steering(bool fresh) noexcept;
    void mix_decks() noexcept;
    void take_snapshot(std::int64_t begin) noexcept;
    void publish_settled() noexcept;
    void start_deck(std::int64_t frame) noexcept;
    void go(std::span<const std::byte> state, std::uint64_t logged, std::int64_t position);
    void publish(std::span<const std::byte> state, std::uint64_t logged) noexcept;
    void forget();
    template <class Archive>
    void visit(Archive& archive);
    [[nodiscard]] std::int64_t in_frames(double s) const { return static_cast<std::int64_t>(s * config_.rate.value); }

    machine_config config_;
    std::uint64_t network_hash_;
    engine::conductor conductor_;
    std::vector<deck> decks_;
    dsp::limiter limiter_;
    std::int64_t latency_;
    std::vector<std::byte> beginning_;  // the state before anything sounded

    // Time: frames of the music that were made, and of the output; they part when the music is paused.
    std::int64_t made_ = 0, out_made_ = 0;
    std::uint64_t begun_ = 0;  // sections
    std::int64_t pause_at_ = INT64_MAX;
    std::int64_t pause_level_ = 0, pause_frames_;  // 0 open to pause_frames_ shut
    bool paused_ = false;
    float gain_ = 1.0F;
    synth::mix mix_{};

    using lane = std::array<float, chunk>;
    struct bus {
        lane left{}, right{};
        audio::stereo_view view() { return {left, right}; }
    };
    bus out_{};
    std::array<bus, synth::layer_count> layers_{};
    std::array<bus, synth::layer_count> deck_layers_{};
    bus deck_out_{};

    std::vector<change> script_;  // changes to come, of a log
    std::size_t script_at_ = 0;
    bool hushed_ = false;  // on the way to a place: nobody listens
    bool dry_ = false;     // nor is there any sound
    std::int64_t bar_wanted_ = -1, bar_heard_ = -1;

    bounded_queue<change> commands_;
    bounded_queue<event> events_;
    std::uint64_t lost_ = 0;
    std::array<snapshot, snapshots> snapshots_{};
    std::size_t next_snapshot_ = 0;
    published settled_, log_;  // bytes of the settled boundary; the changes, two words each
    std::atomic<std::uint64_t> logged_{0};
    std::atomic<std::int64_t> position_{0};
    std::array<std::atomic<double>, parameter_count> values_{};
    engine::outlook outlook_;
    std::uint64_t edition_ = 0;
    std::int64_t seen_beat_ = INT64_MIN;
};

// ---------------------------------------------------------------- bodies

template <synth::guest Guest>
machine<Guest>::machine(const machine_config& c, const song::networks& networks, std::span<const setting> start,
                        const Guest& guest)
    : config_(c),
      network_hash_(networks.hash()),
      conductor_(networks, c.seed, static_cast<std::int64_t>(c.rate.value)),
      limiter_(c.rate, {.ceiling = c.ceiling}),
      latency_(0),
      pause_frames_((in_frames(pause_seconds) / static_cast<std::int64_t>(chunk) + 1) * static_cast<std::int64_t>(chunk)),
      commands_(most_commands),
      events_(most_events),
      settled_(most_state / 8 + 4),
      log_(2 * most_logged) {
    decks_.reserve(decks);
    for (std::size_t d = 0; d < decks; ++d)
        decks_.push_back(
            {deck_player({.rate = c.rate, .loudness = c.loudness, .ceiling = c.ceiling, .limiter = synth::limiting::off},
                         guest),
             0, 0, false});
    latency_ = decks_[0].player.latency().value + limiter_.latency().value;
    for (const setting& s : start) {
        const change set = to_change(s.what, s.value);
        conductor_.steering().accept(set, 0, 0, static_cast<std::int64_t>(c.rate.value), [](const change&) {});
    }
    conductor_.finish_next();
    beginning_.resize(most_state);
    archive_writer a(beginning_);
    visit(a);
    beginning_.resize(a.size());
    take_snapshot(-in_frames(60.0));
    follow_steering(true);
    publish_settled();
}

// ---------------- what the conductor calls

template <synth::guest Guest>
void machine<Guest>::begin(std::int64_t frame) noexcept {
    ++begun_;
    take_snapshot(frame);
    if (dry_) return;
    // Who led rings out, and its record is taken off.
    for (deck& d : decks_) {
        if (!d.live || d.end != INT64_MAX) continue;
        synth::mix quiet = mix_;
        quiet.hiss = quiet.dust = quiet.rain = 0.0F;
        d.player.set(quiet);
        const std::int64_t fade = frame + in_frames(tail_seconds - fade_seconds) - d.start;
        d.player.fade(frames(fade), frames(in_frames(fade_seconds)));
        d.end = frame + in_frames(tail_seconds + 0.1) + d.player.latency().value;
    }
    start_deck(frame);
}

template <synth::guest Guest>
void machine<Guest>::start_deck(std::int64_t frame) noexcept {
    deck& next = decks_[begun_ % decks];
    follow_steering(true);
    synth::mix quiet = mix_;
    quiet.hiss = quiet.dust = quiet.rain = 0.0F;
    next.player.reset(random_key{conductor_.seed()}.child("deck").child(begun_).value, quiet);
    next.player.set(mix_);
    next.start = frame, next.end = INT64_MAX, next.live = true;
}

template <synth::guest Guest>
void machine<Guest>::play(score::part part, score::pitch which, score::velocity force, std::int64_t frame,
                          std::int64_t length) noexcept {
    if (dry_) return;
    deck& d = decks_[begun_ % decks];
    static_cast<void>(d.player.play({frames(std::max<std::int64_t>(0, frame - d.start)), frames(length), part, which, force}));
}

template <synth::guest Guest>
void machine<Guest>::emit(const event& e) noexcept {
    if (e.kind == event_kind::reached && e.what == parameter::pause) pause_at_ = e.value != 0.0 ? e.at.value : INT64_MAX;
    event heard = e;
    heard.at = frames(e.at.value + (out_made_ - made_) + latency_);
    if (e.kind == event_kind::bar && e.bar == bar_wanted_) bar_heard_ = heard.at.value;
    post(heard);
}

template <synth::guest Guest>
void machine<Guest>::post(event e) noexcept {
    if (hushed_) return;
    if (lost_ != 0) {
        event gap;
        gap.kind = event_kind::lost, gap.at = e.at, gap.value = static_cast<double>(lost_);
        if (events_.push(gap)) lost_ = 0;
    }
    if (!events_.push(e)) ++lost_;
}

// ---------------- commands

template <synth::guest Guest>
void machine<Guest>::accept(change c) noexcept {
    c.frame = out_made_;
    // The highest bit of `when` says that the value was not what was asked for.
    const bool clamped = (static_cast<unsigned>(c.when) & 0x80U) != 0;
    c.when = static_cast<engine::at>(static_cast<unsigned>(c.when) & 3U);
    const std::uint64_t n = logged_.load(std::memory_order_relaxed);
    log_.publish([&](auto put) {
        const std::size_t at = 2 * static_cast<std::size_t>(n % most_logged);
        put(at, static_cast<std::uint64_t>(c.frame));
        put(at + 1, static_cast<std::uint64_t>(static_cast<std::uint32_t>(c.value)) << 32 | std::uint64_t{c.ramp} << 16 |
                        static_cast<std::uint64_t>(c.what) << 8 | static_cast<std::uint64_t>(c.when));
    });
    logged_.store(n + 1, std::memory_order_release);
    event e;
    e.at = frames(out_made_), e.what = c.what, e.value = from_held(c.what, c.value), e.change = c;
    e.kind = event_kind::changed;
    post(e);
    if (clamped) e.kind = event_kind::clamped, post(e);
    if (c.what == parameter::pause && (paused_ || c.value == 0)) {
        // While the music stands still no boundary comes.
        c.when = engine::at::now;
        if (c.value == 0) pause_at_ = INT64_MAX, paused_ = false;
    }
    conductor_.accept(c, made_, *this);
}

template <synth::guest Guest>
void machine<Guest>::take_commands() noexcept {
    while (script_at_ < script_.size() && script_[script_at_].frame <= out_made_ && conductor_.steering().room())
        accept(script_[script_at_++]);
    if (hushed_) return;
    change c;
    while (conductor_.steering().room() && commands_.pop(c)) accept(c);
}

// ---------------- sound

template <synth::guest Guest>
void machine<Guest>::follow_steering(bool fresh) noexcept {
    const auto value = [&](parameter p) { return conductor_.steering().at(p, made_); };
    for (std::size_t p = 0; p < parameter_count; ++p)
        values_[p].store(from_held(static_cast<parameter>(p), value(static_cast<parameter>(p))), std::memory_order_relaxed);
    const synth::mix m = mix_of(value, band_of(conductor_.home(), random_key{conductor_.seed()}));
    if (!fresh && m == mix_) return;
    mix_ = m;
    if (fresh) return;
    for (deck& d : decks_) {
        if (!d.live) continue;
        synth::mix own = m;
        if (d.end != INT64_MAX) own.hiss = own.dust = own.rain = 0.0F;
        d.player.set(own);
    }
}

template <synth::guest Guest>
void machine<Guest>::mix_decks() noexcept {
    out_ = {};
    for (bus& b : layers_) b = {};
    for (deck& d : decks_) {
        if (!d.live) continue;
        if (made_ >= d.end) {
            d.live = false;
            continue;
        }
        const auto first = static_cast<std::size_t>(std::clamp<std::int64_t>(d.start - made_, 0, chunk));
        if (first == chunk) continue;
        std::array<audio::stereo_view, synth::layer_count> views;
        for (std::size_t l = 0; l < synth::layer_count; ++l) views[l] = deck_layers_[l].view().sub(0, chunk - first);
        d.player.render(deck_out_.view().sub(0, chunk - first), views);
        const auto add = [&](bus& from, bus& to) {
            dsp::add(std::span<const float>(from.left).first(chunk - first), std::span(to.left).subspan(first));
            dsp::add(std::span<const float>(from.right).first(chunk - first), std::span(to.right).subspan(first));
        };
        add(deck_out_, out_);
        for (std::size_t l = 0; l < synth::layer_count; ++l) add(deck_layers_[l], layers_[l]);
    }
    // The fader, in straight lines; then the last gate.
    const std::int32_t held = conductor_.steering().at(parameter::gain, made_ + static_cast<std::int64_t>(chunk));
    const float to =
        held <= to_held(parameter::gain, -60.0) ? 0.0F : math::db_to_gain(decibels(from_held(parameter::gain, held)));
    const float slope = (to - gain_) * (1.0F / chunk);
    if (gain_ != 1.0F || to != 1.0F) {
        for (std::size_t n = 0; n < chunk; ++n) {
            const float g = gain_ + slope * static_cast<float>(n + 1);
            out_.left[n] *= g, out_.right[n] *= g;
        }
        gain_ = to;
    }
    limiter_.process(out_.view());
}

template <synth::guest Guest>
void machine<Guest>::make_chunk() noexcept {
    take_commands();
    constexpr auto step = static_cast<std::int64_t>(chunk);
    if (paused_ && pause_level_ >= pause_frames_) {
        out_ = {};
        for (bus& b : layers_) b = {};
        out_made_ += step;
        return;
    }
    conductor_.advance(made_, *this);
    if (made_ % 128 == 0) follow_steering(false);
    if (!hushed_ && (edition_ != conductor_.edition() || seen_beat_ != conductor_.clock().beat)) {
        outlook_.publish(conductor_, out_made_ - made_ + latency_);
        edition_ = conductor_.edition(), seen_beat_ = conductor_.clock().beat;
    }
    if (!dry_) mix_decks();
    paused_ = made_ >= pause_at_;
    if (paused_ || pause_level_ != 0) {
        const std::int64_t to = std::clamp<std::int64_t>(pause_level_ + (paused_ ? step : -step), 0, pause_frames_);
        const float scale = 1.0F / static_cast<float>(pause_frames_);
        for (std::size_t n = 0; n < chunk; ++n) {
            const auto at = static_cast<float>(pause_level_ + (to - pause_level_) * static_cast<std::int64_t>(n + 1) / step);
            const float g = 1.0F - at * scale;
            out_.left[n] *= g, out_.right[n] *= g;
            for (bus& b : layers_) b.left[n] *= g, b.right[n] *= g;
        }
        pause_level_ = to;
        // Frames that were given out while the music stood still part the two clocks for good.
        if (pause_level_ >= pause_frames_) seen_beat_ = INT64_MIN;
    }
    made_ += step, out_made_ += step;
    publish_settled();
}

template <synth::guest Guest>
void machine<Guest>::render(audio::stereo_view out, std::span<const audio::stereo_view> layers) noexcept {
    std::int64_t at = position_.load(std::memory_order_relaxed);
    for (std::size_t n = 0; n < out.size();) {
        if (at == out_made_) make_chunk();
        const auto from = chunk - static_cast<std::size_t>(out_made_ - at);
        const std::size_t count = std::min(chunk - from, out.size() - n);
        const auto copy = [&](const bus& b, audio::stereo_view to) {
            std::copy_n(b.left.data() + from, count, to.left.data() + n);
            std::copy_n(b.right.data() + from, count, to.right.data() + n);
        };
        copy(out_, out);
        for (std::size_t l = 0; l < std::min(layers.size(), synth::layer_count); ++l) copy(layers_[l], layers[l]);
        n += count;
        at += static_cast<std::int64_t>(count);
    }
    position_.store(at, std::memory_order_release);
}

// ---------------- state

template <synth::guest Guest>
template <class Archive>
void machine<Guest>::visit(Archive& archive) {
    archive(made_), archive(out_made_), archive(begun_), archive(pause_at_), archive(pause_level_);
    std::uint8_t paused = paused_ ? 1 : 0;
    archive(paused);
    paused_ = paused != 0;
    auto gain = bits_as<std::uint32_t>(gain_);
    archive(gain);
    gain_ = bits_as<float>(gain);
    conductor_.visit(archive);
}

template <synth::guest Guest>
void machine<Guest>::take_snapshot(std::int64_t begin) noexcept {
    snapshot& s = snapshots_[next_snapshot_++ % snapshots];
    archive_writer a(s.bytes);
    visit(a);
    s.size = a.size(), s.begin = begin, s.logged = logged_.load(std::memory_order_relaxed);
}

template <synth::guest Guest>
void machine<Guest>::publish(std::span<const std::byte> state, std::uint64_t logged) noexcept {
    settled_.publish([&](auto put) {
        put(0, state.size());
        put(1, logged);
        for (std::size_t w = 0; 8 * w < state.size(); ++w) {
            std::uint64_t word = 0;
            for (std::size_t b = 0; b < 8 && 8 * w + b < state.size(); ++b)
                word |= std::to_integer<std::uint64_t>(state[8 * w + b]) << (8 * b);
            put(2 + w, word);
        }
    });
}

template <synth::guest Guest>
void machine<Guest>::publish_settled() noexcept {
    if (dry_) return;
    snapshot* latest = nullptr;
    for (snapshot& s : snapshots_)
        if (s.begin != INT64_MAX && made_ >= s.begin + in_frames(tail_seconds + settle_seconds) &&
            (latest == nullptr || s.begin > latest->begin))
            latest = &s;
    if (latest == nullptr) return;
    publish(std::span<const std::byte>(latest->bytes).first(latest->size), latest->logged);
    const std::int64_t settled = latest->begin;
    for (snapshot& s : snapshots_)
        if (s.begin <= settled) s.begin = INT64_MAX;
}

template <synth::guest Guest>
result<saved_state> machine<Guest>::save() const {
    saved_state s;
    std::uint64_t logged = 0;
    const bool whole = settled_.read([&](auto get) {
        s.machine.resize(std::min<std::size_t>(static_cast<std::size_t>(get(0)), most_state));
        logged = get(1);
        for (std::size_t i = 0; i < s.machine.size(); ++i)
            s.machine[i] = static_cast<std::byte>(get(2 + i / 8) >> (8 * (i % 8)) & 0xffU);
    });
    s.header.rate = static_cast<std::uint32_t>(config_.rate.value);
    s.header.weights = network_hash_;
    s.header.position = position();
    const std::uint64_t until = logged_.load(std::memory_order_acquire);
    const bool kept = whole && log_.read([&](auto get) {
        s.changes.clear();
        for (std::uint64_t n = logged; n < until && until - logged <= most_logged; ++n) {
            const std::size_t at = 2 * static_cast<std::size_t>(n % most_logged);
            const std::uint64_t word = get(at + 1);
            s.changes.push_back({static_cast<std::int64_t>(get(at)),
                                 static_cast<std::int32_t>(static_cast<std::uint32_t>(word >> 32)),
                                 static_cast<std::uint16_t>(word >> 16 & 0xffffU), static_cast<parameter>(word >> 8 & 0xffU),
                                 static_cast<engine::at>(word & 3U)});
        }
    });
    if (!kept) return error("save", "the radio was busy; try again");
    if (logged_.load(std::memory_order_acquire) - logged > most_logged)
        return error("save", "more than 16384 changes since the last section; save again when the next has begun");
    return s;
}

template <synth::guest Guest>
result<void> machine<Guest>::check(const saved_state& s, const song::networks& networks) const {
    if (s.header.rate != static_cast<std::uint32_t>(config_.rate.value)) {
        std::string what("was saved at ");
        what.append(std::to_string(s.header.rate)).append(" Hz, and this radio plays at ");
        what.append(std::to_string(static_cast<std::int64_t>(config_.rate.value)));
        return error("saved state", what);
    }
    if (s.header.weights != network_hash_) return error("saved state", "was composed by a network with other weights");
    auto probe = std::make_unique<engine::conductor>(networks, 0, static_cast<std::int64_t>(config_.rate.value));
    archive_reader a(s.machine);
    std::int64_t made = 0, out = 0, pause_at = 0, pause_level = 0;
    std::uint64_t begun = 0;
    std::uint8_t paused = 0;
    std::uint32_t gain = 0;
    a(made), a(out), a(begun), a(pause_at), a(pause_level), a(paused), a(gain);
    probe->visit(a);
    const float level = bits_as<float>(gain);
    const auto step = static_cast<std::int64_t>(chunk);
    if (a.failed() || !a.rest().empty() || !probe->sound_state() || made < 0 || out < made || made % step != 0 ||
        out % step != 0 || paused > 1 || pause_level < 0 || pause_level > pause_frames_ || !(level >= 0.0F && level <= 5.0F) ||
        s.header.position < out || s.header.position > out + in_frames(7.0 * 24.0 * 3600.0))
        return error("saved state", "holds what no radio can have written");
    return {};
}

template <synth::guest Guest>
void machine<Guest>::go(std::span<const std::byte> state, std::uint64_t logged, std::int64_t position) {
    archive_reader a(state);
    visit(a);
    conductor_.resume();
    for (deck& d : decks_) d.live = false;
    for (snapshot& s : snapshots_) s.begin = INT64_MAX;
    limiter_.reset();
    logged_.store(logged, std::memory_order_release);
    publish(state, logged);
    // The section's player starts where the state was taken: when the section had just been announced.
    if (conductor_.running())
        start_deck(conductor_.clock().start >> beat_clock::fraction);
    else
        follow_steering(true);
    while (out_made_ < position) make_chunk();
    position_.store(position, std::memory_order_release);
}

template <synth::guest Guest>
void machine<Guest>::restore(const saved_state& s) {
    script_ = s.changes, script_at_ = 0;
    hushed_ = true;
    go(s.machine, 0, s.header.position);
    hushed_ = false;
    forget();
}

template <synth::guest Guest>
void machine<Guest>::forget() {
    event e;
    while (events_.pop(e)) {
    }
    change c;
    while (commands_.pop(c)) {
    }
    lost_ = 0, edition_ = 0, seen_beat_ = INT64_MIN;
    outlook_.publish(conductor_, out_made_ - made_ + latency_);
}

template <synth::guest Guest>
bool machine<Guest>::seek(std::int64_t bar, std::span<const change> log) {
    script_.assign(log.begin(), log.end());
    script_at_ = 0;
    hushed_ = dry_ = true;
    bar_wanted_ = bar, bar_heard_ = -1;
    go(beginning_, 0, 0);
    // First without sound, to see where the bar is; then with sound from the last boundary that has no say in it any more.
    while (bar_heard_ < 0) {
        const bool waiting = !conductor_.running() || paused_;
        if (waiting && script_at_ == script_.size() && !conductor_.starting()) break;
        make_chunk();
    }
    dry_ = false, bar_wanted_ = -1;
    const bool found = bar_heard_ >= 0;
    const std::int64_t position = found ? bar_heard_ : 0, music = position - (out_made_ - made_);
    const snapshot* from = nullptr;
    for (const snapshot& s : snapshots_)
        if (found && s.begin != INT64_MAX && s.begin + in_frames(tail_seconds + settle_seconds) <= music &&
            (from == nullptr || s.begin > from->begin))
            from = &s;
    const std::vector<std::byte> state =
        from != nullptr
            ? std::vector<std::byte>(from->bytes.begin(), from->bytes.begin() + static_cast<std::ptrdiff_t>(from->size))
            : beginning_;
    const std::uint64_t logged = from != nullptr ? from->logged : 0;
    script_at_ = static_cast<std::size_t>(logged);
    go(state, logged, position);
    hushed_ = false;
    forget();
    return found;
}

}  // namespace lofi::inline LOFI_ABI::engine
