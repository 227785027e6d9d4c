#pragma once
// Instruments of your own in the player: what a guest has to bring, and what it may leave to the house.
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>

#include <lofi/audio/block.hpp>
#include <lofi/core/random.hpp>
#include <lofi/synth/note_event.hpp>
#include <lofi/synth/strike.hpp>

namespace lofi::inline LOFI_ABI::synth {

/// The channels of the mixer for one chunk, one for each part, before tone, fader, ducking and room.
using part_views = std::array<audio::stereo_view, score::part_count>;

/// Brings nothing: every note is the house's, and it costs nothing. A guest of your own inherits from it and writes anew what
/// it wants to be otherwise:
///
///     struct glass : synth::no_guest {                       // a page of numbers in the place of the house's
///         bool shape(const synth::note_event& note, random_stream& chance, synth::strike& out) noexcept {
///             if (note.part != score::part::melody) return false;
///             const double f = math::midi_to_hertz(note.which.midi).value * synth::detune(chance, 3.0);
///             out.add({hertz(f), 0.1F, seconds(2.0)});
///             out.add({hertz(2.76 * f), 0.05F, seconds(0.4)});
///             return true;
///         }
///     };
///     synth::basic_player<glass> player;
///
/// `sampler` is a guest that makes sound of its own; `guests` seats several.
/// realtime: the player calls all of it in its audio call, so it takes no lock and no memory
struct no_guest {
    /// Goes back to the beginning: nothing sounds. The same key brings the same sound from here on.
    void reset(hertz /*rate*/, random_key) noexcept {}
    /// Writes the strike that the house is to play for a note; false leaves it to `start`, and then to the house's instrument.
    /// Of two strikes of one pitch the house ends the first. What varies from hit to hit is drawn from the stream.
    bool shape(const note_event&, random_stream&, strike&) noexcept { return false; }
    /// Takes a note that begins at frame `offset` of the next chunk and lasts `note.length` frames; false leaves it to the house.
    bool start(const note_event&, std::size_t /*offset*/, random_key) noexcept { return false; }
    /// Ends the notes of a pitch that were started without a known length.
    void stop(score::part, score::pitch) noexcept {}
    /// Makes the next `chunk_frames` frames of what was started.
    /// writes: += parts
    void process(const part_views&) noexcept {}
    /// How many of its notes sound; 0 is silence, and then `process` is not called.
    [[nodiscard]] std::size_t sounding() const noexcept { return 0; }
};

namespace detail {
template <class G>
concept guest_resets = noexcept(std::declval<G&>().reset(hertz(), random_key()));
template <class G>
concept guest_shapes = noexcept(std::declval<G&>().shape(std::declval<const note_event&>(), std::declval<random_stream&>(),
                                                         std::declval<strike&>()) == true);
template <class G>
concept guest_starts = noexcept(std::declval<G&>().start(std::declval<const note_event&>(), std::size_t(), random_key()) ==
                                true);
template <class G>
concept guest_stops = noexcept(std::declval<G&>().stop(score::part(), score::pitch()));
template <class G>
concept guest_processes = noexcept(std::declval<G&>().process(std::declval<const part_views&>()));
template <class G>
concept guest_counts = noexcept(std::declval<const G&>().sounding() == std::size_t());
}  // namespace detail

/// What a player takes as a guest.
template <class G>
concept guest = std::copyable<G> && detail::guest_resets<G> && detail::guest_shapes<G> && detail::guest_starts<G> &&
    detail::guest_stops<G> && detail::guest_processes<G> && detail::guest_counts<G>;

/// Several guests at one table: each note goes to the first that takes it.
template <guest... Guests>
class guests {
public:
    guests() = default;
    explicit guests(Guests... each) : all_(std::move(each)...) {}

    template <std::size_t I>
    [[nodiscard]] auto& get() {
        return std::get<I>(all_);
    }

    void reset(hertz rate, random_key key) noexcept {
        std::uint64_t seat = 0;
        std::apply([&](auto&... g) { (g.reset(rate, key.child(seat++)), ...); }, all_);
    }
    bool shape(const note_event& note, random_stream& chance, strike& out) noexcept {
        return std::apply([&](auto&... g) { return (g.shape(note, chance, out) || ...); }, all_);
    }
    bool start(const note_event& note, std::size_t offset, random_key key) noexcept {
        return std::apply([&](auto&... g) { return (g.start(note, offset, key) || ...); }, all_);
    }
    void stop(score::part part, score::pitch which) noexcept {
        std::apply([&](auto&... g) { (g.stop(part, which), ...); }, all_);
    }
    void process(const part_views& parts) noexcept {
        std::apply([&](auto&... g) { ((g.sounding() > 0 ? g.process(parts) : void()), ...); }, all_);
    }
    [[nodiscard]] std::size_t sounding() const noexcept {
        return std::apply([](const auto&... g) { return (g.sounding() + ... + 0); }, all_);
    }

private:
    std::tuple<Guests...> all_;
};

namespace detail {

// Says what a guest lacks, a sentence each.
template <class G>
constexpr bool check_guest() {
    static_assert(std::copyable<G>, "a guest can be copied: share what is large, such as samples, by a shared_ptr");
    static_assert(guest_resets<G>, "a guest has void reset(hertz, random_key) noexcept, or inherits synth::no_guest's");
    static_assert(guest_shapes<G>,
                  "a guest has bool shape(const note_event&, random_stream&, strike&) noexcept, or inherits synth::no_guest's");
    static_assert(guest_starts<G>,
                  "a guest has bool start(const note_event&, std::size_t, random_key) noexcept, or inherits synth::no_guest's");
    static_assert(guest_stops<G>, "a guest has void stop(score::part, score::pitch) noexcept, or inherits synth::no_guest's");
    static_assert(guest_processes<G>, "a guest has void process(const part_views&) noexcept, or inherits synth::no_guest's");
    static_assert(guest_counts<G>, "a guest has std::size_t sounding() const noexcept, or inherits synth::no_guest's");
    return guest<G>;
}

}  // namespace detail

}  // namespace lofi::inline LOFI_ABI::synth
