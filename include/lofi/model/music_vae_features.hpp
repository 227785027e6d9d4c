#pragma once
// What the melody network is told, and what it sees before each step of a segment: in whole numbers, so that training and every backend of
// inference see the same.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <lofi/model/feature_table.hpp>
#include <lofi/score/mode.hpp>
#include <lofi/token/melody.hpp>

namespace lofi::inline LOFI_ABI::model {

inline constexpr std::size_t segment_steps = token::melody_window;  ///< two bars of sixteenths
inline constexpr std::size_t segment_symbols = token::melody_class::count;
/// A segment in MusicVAE's classes, its key's tonic moved to C.
using segment = std::array<std::uint8_t, segment_steps>;

/// What is known beside the notes. A part that is not given is left to the network.
struct segment_conditions {
    static constexpr std::size_t styles = 4;
    std::uint8_t style = 0;  ///< which corpus it sounds like, 1 to 4; 0: not told
    std::optional<score::mode> scale{};

    friend constexpr bool operator==(const segment_conditions&, const segment_conditions&) = default;
};
inline constexpr std::array<std::size_t, 2> segment_condition_sizes = {segment_conditions::styles, 7};
inline constexpr std::size_t segment_condition_size = static_cast<std::size_t>(offsets(segment_condition_sizes).back());
/// Calls f(place) for each one of the conditions as a vector of noughts and ones.
template <class F>
constexpr void told(const segment_conditions& c, F&& f) {
    constexpr auto at = offsets(segment_condition_sizes);
    if (c.style != 0) f(static_cast<std::size_t>(at[0]) + std::min<std::size_t>(c.style, segment_conditions::styles) - 1);
    if (c.scale) f(static_cast<std::size_t>(at[1] + static_cast<int>(*c.scale) - 1));
}

/// What the network sees before a step: the step before; what stands a half bar, one, two and four bars back, and for how long the music has
/// gone on as there; the place in the segment; what sounds, and since when; the last two pitches; how many notes the segment before
/// had, and how many this one has so far.
namespace segment_feature {
enum name : std::size_t {
    last,
    back,
    run = back + 4,
    place = run + 4,
    sounding,
    since,
    sung,
    sung_before,
    notes_before,
    notes,
    count
};
inline constexpr std::array<int, 4> lags = {8, 16, 32, 64};  // steps
inline constexpr std::size_t pitches = segment_symbols - token::melody_class::first_note;
inline constexpr std::array<std::size_t, count> sizes = [] {
    std::array<std::size_t, count> s{};
    s[last] = segment_symbols;
    for (std::size_t k = 0; k < 4; ++k) s[back + k] = segment_symbols, s[run + k] = 6;
    s[place] = segment_steps, s[sounding] = pitches + 1, s[since] = 17, s[sung] = s[sung_before] = pitches;
    s[notes_before] = 17, s[notes] = 21;
    return s;
}();
}  // namespace segment_feature
inline constexpr auto segment_offsets = offsets(segment_feature::sizes);
inline constexpr std::size_t segment_table = static_cast<std::size_t>(segment_offsets.back());

/// What the logits of a step hang on beside the network's outputs.
struct segment_context {
    std::int16_t sung = -1;  ///< the last pitch, from the lowest there is; -1: none
    std::array<std::int16_t, 4> back{-1, -1, -1, -1};
    std::uint16_t scale = 0;  ///< the mode that was told, bit k for k semitones above the tonic; 0: none was
    bool sounds = false;      ///< a note can only end while it sounds
};

/// A melody as it is written, segment after segment. Notes end with their segment.
class segment_state {
public:
    using ids = std::array<std::int32_t, segment_feature::count>;

    segment_state() = default;
    explicit segment_state(const segment_conditions& c) : scale_(c.scale ? score::mask(*c.scale) : std::uint16_t{0}) {}

    /// Fills in rows of the table, -1 for none.
    void features(ids& out) const noexcept;
    /// Takes in the next step. The 33rd is the first of a new segment.
    void push(std::int32_t symbol) noexcept;
    /// Takes in a whole segment.
    void push(std::span<const std::uint8_t, segment_steps> steps) noexcept {
        for (const std::uint8_t s : steps) push(std::int32_t{s});
    }

    [[nodiscard]] segment_context context() const noexcept {
        segment_context c{sung_, {}, scale_, sounding_ > 0};
        for (std::size_t k = 0; k < 4; ++k) c.back[k] = back(segment_feature::lags[k]);
        return c;
    }
    /// Steps of the present segment that stand, 0 to 31.
    [[nodiscard]] std::size_t place() const { return length_ % segment_steps; }
    [[nodiscard]] std::size_t length() const { return length_; }

private:
    static constexpr std::size_t capacity = 128;
    [[nodiscard]] std::int16_t back(int lag) const {
        return length_ < static_cast<std::size_t>(lag) ? std::int16_t{-1}
                                                       : history_[(length_ - static_cast<std::size_t>(lag)) % capacity];
    }

    std::array<std::uint8_t, capacity> history_{};
    std::size_t length_ = 0;
    std::array<std::int32_t, 4> run_{};
    std::int32_t since_ = 0, notes_ = 0, notes_before_ = -1;
    std::int16_t sounding_ = 0, sung_ = -1, sung_before_ = -1;  // sounding: pitch + 1, or 0
    std::uint16_t scale_ = 0;
};

// ---------------------------------------------------------------- bodies

inline void segment_state::push(std::int32_t symbol) noexcept {
    using namespace token::melody_class;
    for (std::size_t k = 0; k < 4; ++k) run_[k] = back(segment_feature::lags[k]) == symbol ? run_[k] + 1 : 0;
    history_[length_++ % capacity] = static_cast<std::uint8_t>(symbol);
    ++since_;
    if (symbol == off) sounding_ = 0, since_ = 0;
    if (symbol >= first_note) {
        sung_before_ = sung_;
        sung_ = static_cast<std::int16_t>(symbol - first_note);
        sounding_ = static_cast<std::int16_t>(sung_ + 1);
        since_ = 0, ++notes_;
    }
    if (place() == 0) notes_before_ = notes_, notes_ = 0, sounding_ = 0, since_ = 0;
}

inline void segment_state::features(ids& out) const noexcept {
    using namespace segment_feature;
    out.fill(-1);
    const auto put = [&](std::size_t block, std::int32_t of) { out[block] = segment_offsets[block] + of; };
    if (length_ > 0) put(last, back(1));
    for (std::size_t k = 0; k < 4; ++k) {
        const std::int16_t there = back(lags[k]);
        if (there < 0) continue;
        put(segment_feature::back + k, there);
        const std::int32_t r = run_[k];
        put(run + k, r == 0 ? 0 : r < 4 ? 1 : r < 8 ? 2 : r < 16 ? 3 : r < 32 ? 4 : 5);
    }
    put(segment_feature::place, static_cast<std::int32_t>(place()));
    put(sounding, sounding_);
    put(since, std::min(since_, 16));
    if (sung_ >= 0) put(sung, sung_);
    if (sung_before_ >= 0) put(sung_before, sung_before_);
    if (notes_before_ >= 0) put(notes_before, std::min(notes_before_, 16));
    put(notes, std::min(notes_, 20));
}

}  // namespace lofi::inline LOFI_ABI::model
