#pragma once
// What the note network is told, and what it sees before each token of two hands: in whole numbers, so that training and every backend
// of inference see the same.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <lofi/model/feature_table.hpp>
#include <lofi/score/mode.hpp>
#include <lofi/token/hands.hpp>

namespace lofi::inline LOFI_ABI::model {

inline constexpr std::size_t note_styles = 8;

/// What a piece is told before it is written. A part that is not given is left to the network.
struct note_conditions {
    std::uint8_t style = 0;  ///< which corpus it sounds like, 1 to 8; 0: not told
    std::optional<score::mode> scale{};
    std::optional<std::int32_t> tempo{};  ///< in 1/1000 beat a minute
    std::optional<std::int32_t> bars{};   ///< how many bars the piece has

    friend constexpr bool operator==(const note_conditions&, const note_conditions&) = default;
};

/// The conditions that stay the same as a vector of noughts and ones: style, mode, tempo.
inline constexpr std::array<std::size_t, 3> note_condition_sizes = {note_styles, 7, 8};
inline constexpr std::size_t note_condition_size = static_cast<std::size_t>(offsets(note_condition_sizes).back());
/// Calls f(place) for each one of that vector.
template <class F>
constexpr void told(const note_conditions& c, F&& f);

/// What the network sees before a token: the token before; the token that came next one, two and four bars ago where the music went on
/// likewise, and for how long it did; the place in the bar; how many bars there were, and how many are left; the pitch classes of the
/// last chord of the left hand and its lowest note; the last two notes of the right hand; how many notes the group has.
namespace note_feature {
enum name : std::size_t {
    last,
    expected,
    run = expected + 3,
    place = run + 3,
    bars,
    left,
    classes,
    bass = classes + 12,
    sung,
    sung_before,
    group,
    count
};
inline constexpr std::array<std::int32_t, 3> lags = {1, 2, 4};  // bars
inline constexpr std::array<std::size_t, count> sizes = [] {
    constexpr std::size_t ids = token::hands_id::count, pitches = token::hands_pitches;
    std::array<std::size_t, count> s{ids, ids, ids, ids, 5, 5, 5, 17, 16, 18};
    for (std::size_t i = classes; i < bass; ++i) s[i] = 1;
    s[bass] = s[sung] = s[sung_before] = pitches;
    s[group] = 8;
    return s;
}();
}  // namespace note_feature
inline constexpr auto note_offsets = offsets(note_feature::sizes);
inline constexpr std::size_t note_table = static_cast<std::size_t>(note_offsets.back());

/// What the logits of a token hang on beside the network's outputs, as pitches from the lowest there is, or -1: the last note of the right
/// hand, the lowest of the left one's last chord, and the last note of the group that is being written; and the tokens that would go
/// on as one, two and four bars ago.
struct note_context {
    std::int16_t sung = -1, bass = -1, in_group = -1;
    std::array<std::int16_t, 3> expected{-1, -1, -1};
    std::uint16_t scale = 0;  ///< the mode that was told, bit k for k semitones above the tonic; 0: none was
};

/// A piece as it is written: what the grammar allows next, and what the network sees.
class note_state {
public:
    static constexpr std::size_t none = SIZE_MAX;
    using ids = std::array<std::int32_t, note_feature::count>;

    note_state() = default;
    /// params: cycle: bars after which the count of bars begins anew, so that a piece longer than those that were learned from stays among
    /// what is known; 0: never
    explicit note_state(const note_conditions& c, std::int32_t cycle = 0)
        : bars_told_(c.bars.value_or(-1)), scale_(c.scale ? score::mask(*c.scale) : std::uint16_t{0}), cycle_(cycle) {}

    /// Fills in rows of the table, -1 for none.
    void features(ids& out) const noexcept;
    /// Takes in the next token, one that the grammar allows.
    void push(std::int32_t id) noexcept;

    [[nodiscard]] const token::hands_grammar& grammar() const { return grammar_; }
    /// The id that would go on as `lag` bars ago, -1 for none; lags by number, 0 to 2.
    [[nodiscard]] std::int32_t expected(std::size_t lag) const {
        return follow_[lag] == none ? -1 : history_[follow_[lag] % capacity];
    }
    [[nodiscard]] note_context context() const {
        note_context c{sung_, bass_, group_ > 0 ? note_ : std::int16_t{-1}, {}, scale_};
        for (std::size_t k = 0; k < 3; ++k) c.expected[k] = static_cast<std::int16_t>(expected(k));
        return c;
    }
    /// Bars that are still to come, the present one not counted; -1 where nobody said.
    [[nodiscard]] std::int32_t bars_left() const { return bars_told_ < 0 ? -1 : std::max(0, bars_told_ - grammar_.bars()); }
    /// The same as the network sees it: of the present cycle.
    [[nodiscard]] std::int32_t bars_left_shown() const {
        if (cycle_ == 0 || bars_left() < 0) return bars_left();
        return std::min(bars_left(), cycle_ - 1 - std::max(grammar_.bars() - 1, 0) % cycle_);
    }
    [[nodiscard]] std::size_t length() const { return length_; }

private:
    // What is further back than so many tokens is forgotten.
    static constexpr std::size_t capacity = 1024;
    static constexpr std::size_t bars_kept = 8;
    [[nodiscard]] bool kept(std::size_t at) const { return at < length_ && at + capacity > length_; }
    // Where a bar begins that lies so many bars back, behind its bar token.
    [[nodiscard]] std::size_t bar_start(std::int32_t back) const;
    // The first place in that bar that is not before a sixteenth of it.
    [[nodiscard]] std::size_t place_from(std::int32_t back, int sixteenth) const;

    token::hands_grammar grammar_;
    std::array<std::uint8_t, capacity> history_{};
    std::array<std::size_t, bars_kept> starts_{};
    std::size_t length_ = 0;
    std::array<std::size_t, 3> follow_{none, none, none};
    std::array<std::int32_t, 3> run_{};
    std::int32_t bars_told_ = -1;
    std::uint16_t scale_ = 0;
    std::int32_t cycle_ = 0;
    std::int16_t sung_ = -1, sung_before_ = -1, bass_ = -1, note_ = -1, group_ = 0;
    std::uint16_t classes_ = 0;
    bool fresh_ = true;  // no left note at this place yet
};

// ---------------------------------------------------------------- bodies

template <class F>
constexpr void told(const note_conditions& c, F&& f) {
    constexpr auto at = offsets(note_condition_sizes);
    const auto one = [&](std::size_t part, std::size_t of) { f(static_cast<std::size_t>(at[part]) + of); };
    if (c.style != 0) one(0, std::min<std::size_t>(c.style, note_styles) - 1);
    if (c.scale) one(1, static_cast<std::size_t>(*c.scale) - 1);
    constexpr std::int32_t tempi[] = {60000, 70000, 80000, 90000, 105000, 120000, 145000};
    if (c.tempo)
        one(2, static_cast<std::size_t>(std::upper_bound(std::begin(tempi), std::end(tempi), *c.tempo) - std::begin(tempi)));
}

inline std::size_t note_state::bar_start(std::int32_t back) const {
    const std::int32_t bar = grammar_.bars() - 1 - back;
    if (bar < 0 || back >= static_cast<std::int32_t>(bars_kept)) return none;
    const std::size_t at = starts_[static_cast<std::size_t>(bar) % bars_kept];
    return kept(at) ? at : none;
}

inline std::size_t note_state::place_from(std::int32_t back, int sixteenth) const {
    for (std::size_t at = bar_start(back); at != none && at < length_; ++at) {
        const token::hands_token t = token::hands_of(history_[at % capacity]);
        if (t.kind == token::hands_kind::bar || (t.kind == token::hands_kind::position && t.value >= sixteenth)) return at;
    }
    return none;
}

inline void note_state::push(std::int32_t id) noexcept {
    using enum token::hands_kind;
    const token::hands_token t = token::hands_of(id);
    std::array<bool, 3> matched{};
    for (std::size_t k = 0; k < 3; ++k) matched[k] = expected(k) == id;
    grammar_.push(id);
    history_[length_++ % capacity] = static_cast<std::uint8_t>(id);
    if (t.kind == bar) starts_[static_cast<std::size_t>(grammar_.bars() - 1) % bars_kept] = length_;

    for (std::size_t k = 0; k < 3; ++k) {
        const std::int32_t lag = note_feature::lags[k];
        if (matched[k]) {
            ++follow_[k], ++run_[k];
            if (!kept(follow_[k])) follow_[k] = none;
            continue;
        }
        run_[k] = 0;
        if (t.kind == bar)
            follow_[k] = bar_start(lag);
        else if (t.kind == position) {
            follow_[k] = place_from(lag, t.value);
            if (follow_[k] != none && history_[follow_[k] % capacity] == id) ++follow_[k];
        } else {
            follow_[k] = place_from(lag, grammar_.position() + 1);
        }
        if (follow_[k] != none && !kept(follow_[k])) follow_[k] = none;
    }

    switch (t.kind) {
        case left:
        case right: {
            note_ = static_cast<std::int16_t>(t.value - token::hands_lowest);
            ++group_;
            if (t.kind == right) {
                sung_before_ = sung_, sung_ = note_;
                break;
            }
            if (fresh_) classes_ = 0, bass_ = note_;
            fresh_ = false;
            bass_ = std::min(bass_, note_);
            classes_ = static_cast<std::uint16_t>(classes_ | 1U << ((note_ + token::hands_lowest + 36) % 12));
            break;
        }
        case position: fresh_ = true; [[fallthrough]];
        default: group_ = 0;
    }
}

inline void note_state::features(ids& out) const noexcept {
    using namespace note_feature;
    const auto put = [&](std::size_t block, std::int32_t of) { out[block] = note_offsets[block] + of; };
    out.fill(-1);
    if (length_ > 0) put(last, history_[(length_ - 1) % capacity]);
    for (std::size_t k = 0; k < 3; ++k) {
        const std::int32_t next = this->expected(k);
        if (next < 0) continue;
        put(note_feature::expected + k, next);
        put(run + k, run_[k] == 0 ? 0 : run_[k] < 3 ? 1 : run_[k] < 8 ? 2 : run_[k] < 20 ? 3 : 4);
    }
    put(place, grammar_.position() < 0 ? 16 : grammar_.position());
    const std::int32_t gone = std::max(grammar_.bars() - 1, 0);
    put(bars, std::min(cycle_ > 0 ? gone % cycle_ : gone, 15));
    put(left, bars_left() < 0 ? 17 : std::min(bars_left_shown(), 16));
    for (std::size_t c = 0; c < 12; ++c)
        if ((classes_ >> c & 1U) != 0) put(classes + c, 0);
    if (bass_ >= 0) put(bass, bass_);
    if (sung_ >= 0) put(sung, sung_);
    if (sung_before_ >= 0) put(sung_before, sung_before_);
    put(group, std::min<std::int32_t>(group_, 7));
}

}  // namespace lofi::inline LOFI_ABI::model
