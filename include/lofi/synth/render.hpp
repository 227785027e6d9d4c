#pragma once
// A whole piece to sound: at once, as layers, or a block at a time so that the length costs no memory.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include <lofi/audio/block.hpp>
#include <lofi/score/piece.hpp>
#include <lofi/synth/player.hpp>

namespace lofi::inline LOFI_ABI::synth {

/// The notes of a piece at a rate, in the order in which they are played, held as long as the sustain pedal says.
[[nodiscard]] std::vector<note_event> events(const score::piece&, hertz rate);

/// How a piece ends.
struct render_config {
    seconds tail{4.0};  ///< after the piece's length, for what rings on
    seconds fade{2.5};  ///< the last part of the tail, over which everything fades out
};

/// Frames of a piece with its tail.
[[nodiscard]] frames duration(const score::piece&, hertz rate, render_config = {});

/// The finished sound and what it was made of.
struct stems {
    audio::buffer mix;
    std::array<audio::buffer, layer_count> layers;  ///< added up in order, they are the master chain's input exactly
};

/// Renders a piece.
/// errors: those of `check(config)`
[[nodiscard]] result<audio::buffer> render(const score::piece&, const config& = {}, render_config = {});
/// Renders a piece and its layers; the mix has the same bits as without them.
[[nodiscard]] result<stems> render_stems(const score::piece&, const config& = {}, render_config = {});
/// Renders a piece and its layers a block at a time: `layer_sink(layer, audio::stereo_view)` gets each layer's frames in order,
/// `sink(audio::stereo_view)` the mix.
template <class LayerSink, class Sink, class Guest = no_guest>
[[nodiscard]] result<void> render_layers(const score::piece&, const config&, render_config, LayerSink&& layer_sink, Sink&& sink,
                                         const Guest& = {});
/// Renders a piece into `sink(audio::stereo_view)`, 4096 frames or fewer at a time. A sink that returns bool ends the work by false.
template <class Sink, class Guest = no_guest>
[[nodiscard]] result<void> render(const score::piece&, const config&, render_config, Sink&& sink, const Guest& = {});

// ---------------------------------------------------------------- bodies

namespace detail {

inline constexpr std::size_t render_block = 4096;

// Feeds a player from a list of notes, never more than it has room for.
class feeder {
public:
    explicit feeder(std::vector<note_event> notes) : notes_(std::move(notes)) {}
    template <class Player>
    void feed(Player& p, frames until) {
        while (next_ < notes_.size() && notes_[next_].at < until && p.play(notes_[next_])) ++next_;
    }

private:
    std::vector<note_event> notes_;
    std::size_t next_ = 0;
};

// Calls done(first, block, layers) for every block, with the mix's latency taken out. The layers come first, the mix
// `latency` frames later, so each is given with its own place.
template <class Guest, class Done>
void render_blocks(const score::piece& piece, const config& c, render_config r, bool with_layers, const Guest& guest,
                   Done&& done) {
    basic_player<Guest> p(c, guest);
    feeder notes(events(piece, c.rate));
    const frames length = duration(piece, c.rate, r), latency = p.latency();
    const frames fade(static_cast<std::int64_t>(std::min(r.fade.value, r.tail.value) * c.rate.value));
    p.fade(length - fade, fade);
    audio::buffer mix(2, frames(render_block), c.rate);
    std::array<audio::buffer, layer_count> layers;
    std::array<audio::stereo_view, layer_count> views;
    if (with_layers)
        for (std::size_t l = 0; l < layer_count; ++l)
            layers[l] = audio::buffer(2, frames(render_block), c.rate), views[l] = layers[l].stereo();
    for (frames at(0); at < length + latency;) {
        const auto n = static_cast<std::size_t>(std::min<std::int64_t>(render_block, (length + latency - at).value));
        notes.feed(p, at + frames(static_cast<std::int64_t>(n + chunk_frames)));
        p.render(mix.stereo().sub(0, n),
                 with_layers ? std::span<const audio::stereo_view>(views) : std::span<const audio::stereo_view>());
        if (!done(at, n, mix.stereo(), views)) return;
        at += frames(static_cast<std::int64_t>(n));
    }
}

}  // namespace detail

inline std::vector<note_event> events(const score::piece& piece, hertz rate) {
    std::vector<note_event> out;
    const auto whole_rate = static_cast<std::int64_t>(rate.value);
    for (const score::track& t : piece.tracks) {
        // Where the pedal is down: a note that ends there sounds until it comes up.
        std::vector<score::control> pedal;
        for (const score::control& c : t.controls)
            if (c.number == 64) pedal.push_back(c);
        std::stable_sort(pedal.begin(), pedal.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
        const auto lifted = [&](ticks end) {
            auto next = std::upper_bound(pedal.begin(), pedal.end(), end, [](ticks v, const auto& c) { return v < c.at; });
            if (next == pedal.begin() || std::prev(next)->value < 64) return end;
            while (next != pedal.end() && next->value >= 64) ++next;
            return next == pedal.end() ? std::max(end, piece.length) : next->at;
        };
        for (const score::note& n : t.notes) {
            const frames start = piece.tempo.frame_at(n.start, whole_rate),
                         end = piece.tempo.frame_at(lifted(n.end()), whole_rate);
            out.push_back({start, std::max(end - start, frames(1)), t.drums() ? score::part::drums : t.part, n.which, n.force});
        }
    }
    std::sort(out.begin(), out.end(), before);
    return out;
}

inline frames duration(const score::piece& piece, hertz rate, render_config r) {
    const ticks end = std::max(piece.length, piece.last_end());
    return piece.tempo.frame_at(end, static_cast<std::int64_t>(rate.value)) +
           frames(static_cast<std::int64_t>(std::max(r.tail.value, 0.0) * rate.value));
}

template <class Sink, class Guest>
result<void> render(const score::piece& piece, const config& c, render_config r, Sink&& sink, const Guest& guest) {
    if (auto ok = check(c); !ok) return ok;
    const std::int64_t latency = player(c).latency().value;
    detail::render_blocks(piece, c, r, false, guest, [&](frames at, std::size_t n, audio::stereo_view mix, const auto&) {
        const auto skip =
            static_cast<std::size_t>(std::clamp<std::int64_t>(latency - at.value, 0, static_cast<std::int64_t>(n)));
        if (skip == n) return true;
        if constexpr (std::is_same_v<decltype(sink(mix)), bool>)
            return sink(mix.sub(skip, n - skip));
        else
            return sink(mix.sub(skip, n - skip)), true;
    });
    return {};
}

template <class LayerSink, class Sink, class Guest>
result<void> render_layers(const score::piece& piece, const config& c, render_config r, LayerSink&& layer_sink, Sink&& sink,
                           const Guest& guest) {
    if (auto ok = check(c); !ok) return ok;
    const std::int64_t latency = player(c).latency().value, length = duration(piece, c.rate, r).value;
    detail::render_blocks(piece, c, r, true, guest, [&](frames at, std::size_t n, audio::stereo_view mix, const auto& layers) {
        // The mix comes `latency` frames late, the layers on time: each is cut to the frames of the piece.
        const auto skip =
            static_cast<std::size_t>(std::clamp<std::int64_t>(latency - at.value, 0, static_cast<std::int64_t>(n)));
        if (skip != n) sink(mix.sub(skip, n - skip));
        const auto keep =
            static_cast<std::size_t>(std::clamp<std::int64_t>(length - at.value, 0, static_cast<std::int64_t>(n)));
        for (std::size_t l = 0; l < layer_count && keep != 0; ++l) layer_sink(static_cast<layer>(l), layers[l].sub(0, keep));
        return true;
    });
    return {};
}

inline result<audio::buffer> render(const score::piece& piece, const config& c, render_config r) {
    if (auto ok = check(c); !ok) return ok.error();
    audio::buffer out(2, duration(piece, c.rate, r), c.rate);
    std::size_t at = 0;
    auto done = render(piece, c, r, [&](audio::stereo_view x) {
        std::copy(x.left.begin(), x.left.end(), out.channel(0).begin() + static_cast<std::ptrdiff_t>(at));
        std::copy(x.right.begin(), x.right.end(), out.channel(1).begin() + static_cast<std::ptrdiff_t>(at));
        at += x.size();
    });
    if (!done) return done.error();
    return out;
}

inline result<stems> render_stems(const score::piece& piece, const config& c, render_config r) {
    if (auto ok = check(c); !ok) return ok.error();
    const frames length = duration(piece, c.rate, r);
    const std::int64_t latency = player(c).latency().value;
    stems out;
    out.mix = audio::buffer(2, length, c.rate);
    for (audio::buffer& b : out.layers) b = audio::buffer(2, length, c.rate);
    const auto place = [&](std::int64_t at, audio::stereo_view x, std::size_t n, audio::buffer& to) {
        for (std::size_t i = 0; i < n; ++i) {
            const std::int64_t f = at + static_cast<std::int64_t>(i);
            if (f < 0 || f >= length.value) continue;
            to.channel(0)[static_cast<std::size_t>(f)] = x.left[i], to.channel(1)[static_cast<std::size_t>(f)] = x.right[i];
        }
    };
    detail::render_blocks(piece, c, r, true, no_guest(),
                          [&](frames at, std::size_t n, audio::stereo_view mix, const auto& layers) {
                              place(at.value - latency, mix, n, out.mix);
                              for (std::size_t l = 0; l < layer_count; ++l) place(at.value, layers[l], n, out.layers[l]);
                              return true;
                          });
    return out;
}

}  // namespace lofi::inline LOFI_ABI::synth
