#pragma once
// What the lead-sheet network sees at each step, as rows of a table: kept in whole numbers, a step at a time, so that training
// and every backend of inference see the same.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/model/feature_table.hpp>
#include <lofi/model/lead_plan.hpp>

namespace lofi::inline LOFI_ABI::model {

inline constexpr int chord_end = 8;                ///< id of END after the chords 0 to 7
inline constexpr std::size_t chord_symbols = 9;    ///< 0 no chord, 1 to 7 degrees, 8 END
inline constexpr std::size_t melody_symbols = 16;  ///< 0 rest, 1 to 15 pitches
inline constexpr std::size_t longest_phrase = 64;  ///< rows; longer pieces are chains of phrases
inline constexpr int most_back = 8;                ///< a bar may repeat one of so many before it

/// A group of rows of the table: one of them is looked up at each step, or none.
struct feature_block {
    std::size_t size;
};

/// The chord side: chords 1, 2, 4 and 8 bars back (9: before the start); how long the last chords equal those 2, 4 and 8 bars
/// back; bar index; bars left; corpus; mode; major chords still owed; tempo.
namespace chord_feature {
enum name : std::size_t { back1, back2, back4, back8, run2, run4, run8, index, left, corpus, mode, majors, tempo, count };
inline constexpr std::array<std::size_t, count> sizes = {10, 10, 10, 10, 5, 5, 5, 20, 22, 5, 8, 11, 10};
}  // namespace chord_feature

/// The melody side: the slot before (16: before the start); slots 8, 16, 32, 64 back; how long the last slots equal those; how
/// long the last value has stood; slot of the bar; last pitch against the chord; chord; next chord; last pitch; whether the
/// chord is that of 1, 2, 4, 8 bars ago; bar index; bars left; corpus; mode; attacks and steps still owed; tempo.
namespace melody_feature {
enum name : std::size_t {
    previous,
    back8,
    back16,
    back32,
    back64,
    run8,
    run16,
    run32,
    run64,
    held,
    slot,
    relative,
    chord,
    next,
    last,
    same1,
    same2,
    same4,
    same8,
    index,
    left,
    corpus,
    mode,
    attacks,
    steps,
    tempo,
    count
};
inline constexpr std::array<std::size_t, count> sizes = {17, 17, 17, 17, 17, 5, 5,  5,  5, 17, 8,  9,  9,
                                                         9,  16, 1,  1,  1,  1, 20, 21, 5, 8,  17, 17, 10};
}  // namespace melody_feature

inline constexpr auto chord_offsets = offsets(chord_feature::sizes);
inline constexpr auto melody_offsets = offsets(melody_feature::sizes);
inline constexpr std::size_t chord_table = static_cast<std::size_t>(chord_offsets.back());
inline constexpr std::size_t melody_table = static_cast<std::size_t>(melody_offsets.back());

inline constexpr std::array<int, 4> chord_lags = {1, 2, 4, 8};      ///< bars
inline constexpr std::array<int, 4> melody_lags = {8, 16, 32, 64};  ///< slots

/// The chords of a phrase as they are written.
class chord_state {
public:
    chord_state() = default;
    explicit chord_state(const lead_conditions& c) : conditions_(c) {}

    using ids = std::array<std::int32_t, chord_feature::count>;
    /// Fills in rows of the table, -1 for none.
    void features(ids& out) const noexcept;
    /// Appends a chord; `major` says whether its triad in the phrase's true mode is.
    void push(int chord, bool major) noexcept;

    [[nodiscard]] int length() const { return length_; }
    /// The chord `back` bars before the one to come, 9 before the start.
    [[nodiscard]] int before(int back) const {
        return length_ >= back ? history_[static_cast<std::size_t>((length_ - back) & 15)] : 9;
    }

private:
    lead_conditions conditions_{};
    std::array<std::uint8_t, 16> history_{};  // the last sixteen chords
    std::array<std::uint8_t, 3> runs_{};      // against 2, 4, 8 bars back, at most 8
    std::int32_t length_ = 0, majors_ = 0;
};

/// The melody of a phrase as it is written, over chords that are known to the end.
class melody_state {
public:
    melody_state() = default;
    /// `chords` must outlive the state.
    melody_state(const lead_conditions& c, std::span<const std::uint8_t> chords) : conditions_(c), chords_(chords) {}

    using ids = std::array<std::int32_t, melody_feature::count>;
    void features(ids& out) const noexcept;
    void push(int value) noexcept;

    [[nodiscard]] int length() const { return length_; }
    /// The slot `back` slots before the one to come, 16 before the start. At most 64.
    [[nodiscard]] int before(int back) const {
        return length_ >= back ? history_[static_cast<std::size_t>((length_ - back) & 127)] : 16;
    }
    [[nodiscard]] int last() const { return last_; }
    /// How many slots the last value has stood, at most 16.
    [[nodiscard]] int held() const { return held_; }
    [[nodiscard]] int chord() const { return chord_at(length_ / 8); }

private:
    [[nodiscard]] int chord_at(int bar) const {
        return bar >= 0 && static_cast<std::size_t>(bar) < chords_.size() ? chords_[static_cast<std::size_t>(bar)] : chord_end;
    }

    lead_conditions conditions_{};
    std::span<const std::uint8_t> chords_;
    std::array<std::uint8_t, 128> history_{};  // the last 128 slots
    std::array<std::uint8_t, 4> runs_{};       // against 8, 16, 32, 64 slots back, at most 32
    std::int32_t length_ = 0, previous_ = 16, last_ = 0, held_ = 0, attacks_ = 0, steps_ = 0;
};

// ---------------------------------------------------------------- bodies

namespace detail {

constexpr std::int32_t tempo_class(const lead_conditions& c) {
    return c.tempo ? static_cast<std::int32_t>(std::clamp((*c.tempo - 50000) / 20000, 0, 8)) : 9;
}
// 0: nothing owed; 1 to 8: shares of what is left; 9: every bar; 10: not told.
constexpr std::int32_t majors_class(const lead_conditions& c, std::int32_t had, std::int32_t left) {
    if (!c.majors || !c.rows_known || c.mode == 0) return 10;
    const std::int32_t owed = *c.majors - had;
    return owed <= 0 ? 0 : owed >= left ? 9 : 1 + 8 * owed / std::max(left, 1);
}
constexpr std::int32_t attacks_class(const lead_conditions& c, std::int32_t had, std::int32_t slots_left) {
    if (!c.attacks) return 16;
    const std::int32_t owed = *c.attacks - had;
    return owed <= 0 ? 0 : 1 + std::min(14, 20 * owed / std::max(1, slots_left));
}
constexpr std::int32_t steps_class(const lead_conditions& c, std::int32_t attacks_had, std::int32_t had) {
    if (!c.attacks || !c.steps) return 16;
    const std::int32_t owed = *c.steps - had;
    return owed <= 0 ? 0 : 1 + std::min(14, 4 * owed / std::max(1, *c.attacks - attacks_had));
}
constexpr std::int32_t chord_run_class(int run) { return run == 0 ? 0 : run == 1 ? 1 : run < 4 ? 2 : run < 8 ? 3 : 4; }
constexpr std::int32_t melody_run_class(int run) { return run == 0 ? 0 : run < 8 ? 1 : run < 16 ? 2 : run < 32 ? 3 : 4; }

template <std::size_t N>
constexpr void to_rows(std::array<std::int32_t, N>& ids, const std::array<std::int32_t, N + 1>& first) {
    for (std::size_t i = 0; i < N; ++i) ids[i] = ids[i] < 0 ? -1 : ids[i] + first[i];
}

}  // namespace detail

inline void chord_state::features(ids& out) const noexcept {
    namespace f = chord_feature;
    const lead_conditions& c = conditions_;
    for (std::size_t k = 0; k < 4; ++k) out[f::back1 + k] = before(chord_lags[k]);
    for (std::size_t k = 0; k < 3; ++k) out[f::run2 + k] = detail::chord_run_class(runs_[k]);
    out[f::index] = std::min(length_, 19);
    out[f::left] = c.rows_known ? std::clamp(c.rows - length_, 0, 20) : 21;
    out[f::corpus] = c.corpus;
    out[f::mode] = c.mode;
    out[f::majors] = detail::majors_class(c, majors_, c.rows - length_);
    out[f::tempo] = detail::tempo_class(c);
    detail::to_rows(out, chord_offsets);
}

inline void chord_state::push(int chord, bool major) noexcept {
    for (std::size_t k = 0; k < 3; ++k)
        if (length_ >= chord_lags[k + 1])
            runs_[k] = static_cast<std::uint8_t>(chord == before(chord_lags[k + 1]) ? std::min(runs_[k] + 1, 8) : 0);
    history_[static_cast<std::size_t>(length_ & 15)] = static_cast<std::uint8_t>(chord);
    ++length_;
    majors_ += major ? 1 : 0;
}

inline void melody_state::features(ids& out) const noexcept {
    namespace f = melody_feature;
    const lead_conditions& c = conditions_;
    const std::int32_t bar = length_ / 8;
    const int now = chord_at(bar);
    out[f::previous] = previous_;
    for (std::size_t k = 0; k < 4; ++k) {
        out[f::back8 + k] = before(melody_lags[k]);
        out[f::run8 + k] = detail::melody_run_class(runs_[k]);
        const int ago = 1 << k;
        out[f::same1 + k] = bar >= ago && now == chord_at(bar - ago) ? 0 : -1;
    }
    out[f::held] = held_;
    out[f::slot] = length_ % 8;
    out[f::relative] = previous_ == 0 ? 8 : last_ > 0 && now > 0 && now < chord_end ? (last_ - now + 7) % 7 : 7;
    out[f::chord] = now;
    out[f::next] = chord_at(bar + 1);
    out[f::last] = last_;
    out[f::index] = std::min(bar, 19);
    out[f::left] = std::clamp(c.rows - bar, 0, 20);
    out[f::corpus] = c.corpus;
    out[f::mode] = c.mode;
    out[f::attacks] = detail::attacks_class(c, attacks_, 8 * c.rows - length_);
    out[f::steps] = detail::steps_class(c, attacks_, steps_);
    out[f::tempo] = detail::tempo_class(c);
    detail::to_rows(out, melody_offsets);
}

inline void melody_state::push(int value) noexcept {
    for (std::size_t k = 0; k < 4; ++k)
        if (length_ >= melody_lags[k])
            runs_[k] = static_cast<std::uint8_t>(value == before(melody_lags[k]) ? std::min(runs_[k] + 1, 32) : 0);
    history_[static_cast<std::size_t>(length_ & 127)] = static_cast<std::uint8_t>(value);
    ++length_;
    if (value != 0 && value != previous_) {
        if (last_ > 0) steps_ += value > last_ ? value - last_ : last_ - value;
        ++attacks_;
    }
    held_ = value != previous_ ? 1 : std::min(held_ + 1, 16);
    if (value != 0) last_ = value;
    previous_ = value;
}

}  // namespace lofi::inline LOFI_ABI::model
