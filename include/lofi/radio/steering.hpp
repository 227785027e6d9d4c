#pragma once
// The state of all parameters: where each is, where it glides to, and the changes that wait for their boundary.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/core/fixed_vector.hpp>
#include <lofi/radio/change.hpp>
#include <lofi/song/mood.hpp>

namespace lofi::inline LOFI_ABI::engine {

/// Which boundaries fall together on a beat.
enum class boundary : std::uint8_t { beat, bar, section };

/// A change on its way: it begins at the first boundary of its kind from `beat` on.
struct waiting_change {
    engine::change change{};
    std::int64_t beat = 0;
};

/// All parameters, in whole numbers. Two of them no game sees: the mode that goes with a mood, and whether the key may drift.
class steering {
public:
    static constexpr auto mood_mode = static_cast<parameter>(parameter_count),
                          key_drifts = static_cast<parameter>(parameter_count + 1);
    static constexpr std::size_t held = parameter_count + 2, most_waiting = 256;

    /// How a parameter gets from one value to another.
    struct glide {
        std::int32_t from = 0, to = 0;
        std::int64_t start = 0, length = 0;  ///< in frames of the music; length 0: it is there
    };

    steering();

    /// The value in force at a frame of the music.
    [[nodiscard]] std::int32_t at(parameter p, std::int64_t frame) const;
    /// The value at a boundary to come, on a beat that begins at a frame.
    [[nodiscard]] std::int32_t expected(parameter p, boundary, std::int64_t beat, std::int64_t frame) const;

    /// Whether there is room for one change more.
    [[nodiscard]] bool room() const { return waiting_.size() + most_parts <= most_waiting; }
    /// Takes a change on. What begins now calls `begun(what)`; `beat` is the first on which another may.
    template <class Begun>
    void accept(const change& c, std::int64_t beat, std::int64_t frame, std::int64_t rate, Begun&& begun);
    /// Begins what waited for this boundary, and calls `begun(change)` for each.
    template <class Begun>
    void arrive(boundary, std::int64_t beat, std::int64_t frame, std::int64_t rate, Begun&& begun);
    /// Calls `reached(what, at_frame)` for every glide that ends before a frame.
    template <class Reached>
    void settle(std::int64_t frame, Reached&& reached);
    /// Sets a value at once.
    void set(parameter p, std::int32_t value) { glides_[index(p)] = {value, value, 0, 0}; }
    [[nodiscard]] bool gliding() const { return gliding_ != 0; }

    /// Reads or writes everything, by an archive's `archive(number)`.
    template <class Archive>
    void visit(Archive& archive);
    /// Whether what was read is something that could have been written.
    [[nodiscard]] bool sound_state() const;

private:
    static constexpr std::size_t most_parts = 8;  // what a mood is made of
    static std::size_t index(parameter p) { return static_cast<std::size_t>(p); }
    [[nodiscard]] static bool due(const waiting_change& w, boundary b, std::int64_t beat) {
        return beat >= w.beat && static_cast<int>(b) + 1 >= static_cast<int>(w.change.when);
    }
    void begin(const change& c, std::int64_t frame, std::int64_t rate);

    std::array<glide, held> glides_{};
    fixed_vector<waiting_change, most_waiting> waiting_{};
    std::uint32_t gliding_ = 0;
};

// ---------------------------------------------------------------- bodies

inline steering::steering() {
    for (std::size_t p = 0; p < parameter_count; ++p)
        set(static_cast<parameter>(p), to_held(static_cast<parameter>(p), detail::parameters[p].initial));
    set(key_drifts, 1);
}

inline std::int32_t steering::at(parameter p, std::int64_t frame) const {
    const glide& g = glides_[index(p)];
    if (g.length == 0 || frame >= g.start + g.length) return g.to;
    if (frame <= g.start) return g.from;
    return static_cast<std::int32_t>(g.from + (std::int64_t{g.to} - g.from) * (frame - g.start) / g.length);
}

inline std::int32_t steering::expected(parameter p, boundary b, std::int64_t beat, std::int64_t frame) const {
    std::int32_t value = at(p, frame);
    for (const waiting_change& w : waiting_)
        if (w.change.what == p && w.change.ramp == 0 && due(w, b, beat)) value = w.change.value;
    return value;
}

inline void steering::begin(const change& c, std::int64_t frame, std::int64_t rate) {
    glide& g = glides_[index(c.what)];
    if (g.length != 0) --gliding_;
    const bool glides = index(c.what) < parameter_count && info(c.what).glides;
    g = {at(c.what, frame), c.value, frame, glides ? std::int64_t{c.ramp} * rate / 100 : 0};
    if (g.length != 0) ++gliding_;
}

template <class Begun>
void steering::accept(const change& c, std::int64_t beat, std::int64_t frame, std::int64_t rate, Begun&& begun) {
    const auto take = [&](parameter what, std::int32_t value) {
        change part = c;
        part.what = what, part.value = value;
        if (part.when == engine::at::now)
            begin(part, frame, rate), begun(part);
        else
            waiting_.push_back({part, beat});
    };
    take(c.what, c.value);
    if (c.what == parameter::valence) take(mood_mode, 0);
    if (c.what == parameter::key) take(key_drifts, 0);
    if (c.what != parameter::mood) return;
    const song::mood& m = song::moods[static_cast<std::size_t>(c.value)];
    take(parameter::energy, to_held(parameter::energy, m.energy));
    take(parameter::valence, to_held(parameter::valence, m.valence));
    take(mood_mode, m.scale ? static_cast<std::int32_t>(*m.scale) : 0);
    take(parameter::tempo, to_held(parameter::tempo, m.tempo.value));
    take(parameter::rain, to_held(parameter::rain, m.rain));
    take(parameter::dust, to_held(parameter::dust, m.vinyl));
}

template <class Begun>
void steering::arrive(boundary b, std::int64_t beat, std::int64_t frame, std::int64_t rate, Begun&& begun) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
        const waiting_change w = waiting_[i];
        if (due(w, b, beat))
            begin(w.change, frame, rate), begun(w.change);
        else
            waiting_[kept++] = w;
    }
    waiting_.resize(kept);
}

template <class Reached>
void steering::settle(std::int64_t frame, Reached&& reached) {
    if (gliding_ == 0) return;
    for (std::size_t p = 0; p < held; ++p) {
        glide& g = glides_[p];
        if (g.length == 0 || g.start + g.length >= frame) continue;
        reached(static_cast<parameter>(p), g.start + g.length);
        g.from = g.to, g.length = 0;
        --gliding_;
    }
}

inline bool steering::sound_state() const {
    std::uint32_t gliding = 0;
    for (std::size_t p = 0; p < held; ++p) {
        const glide& g = glides_[p];
        if (g.length < 0 || g.length > std::int64_t{656} * 192000) return false;
        gliding += g.length != 0 ? 1U : 0U;
        const auto fits = [&](std::int32_t v) {
            if (p >= parameter_count) return v >= 0 && v <= 7;
            const parameter_info& i = info(static_cast<parameter>(p));
            return v >= to_held(static_cast<parameter>(p), i.low) && v <= to_held(static_cast<parameter>(p), i.high);
        };
        if (!fits(g.from) || !fits(g.to)) return false;
    }
    for (const waiting_change& w : waiting_)
        if (index(w.change.what) >= held || static_cast<int>(w.change.when) > 3) return false;
    return gliding == gliding_;
}

template <class Archive>
void steering::visit(Archive& archive) {
    for (glide& g : glides_) archive(g.from), archive(g.to), archive(g.start), archive(g.length);
    archive(gliding_);
    auto count = static_cast<std::uint32_t>(waiting_.size());
    archive(count);
    waiting_.resize(std::min<std::size_t>(count, most_waiting));
    for (waiting_change& w : waiting_) {
        // Sixteen bytes a change; when it was accepted matters no more.
        auto what = static_cast<std::uint8_t>(w.change.what), when = static_cast<std::uint8_t>(w.change.when);
        archive(w.change.value), archive(w.change.ramp), archive(what), archive(when), archive(w.beat);
        w.change.what = static_cast<parameter>(what), w.change.when = static_cast<engine::at>(when);
    }
}

}  // namespace lofi::inline LOFI_ABI::engine
