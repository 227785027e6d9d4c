#pragma once
// Tokens of two hands: bars, places in the bar, notes of the left and of the right hand counted from the tonic, and how long they last.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/core/error.hpp>
#include <lofi/score/piece.hpp>
#include <lofi/token/grammar.hpp>

namespace lofi::inline LOFI_ABI::token {

/// What a token of `hands` is.
enum class hands_kind : std::uint8_t { end, bar, position, left, right, duration };

/// A token of `hands`. Each bar is opened by `bar`; each place at which notes start by its sixteenth, 0 to 15, rising; then come the
/// notes of the left hand and those of the right: of each hand in groups that last equally long, the shortest first, the notes of
/// a group from the bottom up, and behind them their duration. Notes are semitones from the tonic near middle C, -30 to 41.
struct hands_token {
    hands_kind kind = hands_kind::end;
    int value = 0;  ///< sixteenth of the bar, semitones from the tonic, or sixteenths of duration

    friend constexpr bool operator==(const hands_token&, const hands_token&) = default;
};

inline constexpr int hands_lowest = -30, hands_pitches = 72;
inline constexpr std::array<std::uint8_t, 22> hands_durations = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                                                                 12, 13, 14, 15, 16, 20, 24, 28, 32, 48, 64};
/// First ids of the kinds, and how many ids there are.
namespace hands_id {
inline constexpr int end = 0, bar = 1, position = 2, left = position + 16, right = left + hands_pitches,
                     duration = right + hands_pitches;
inline constexpr std::size_t count = duration + hands_durations.size();
}  // namespace hands_id

[[nodiscard]] constexpr hands_token hands_of(std::int32_t id);
/// The id of a token; a duration that is none of the classes gets the nearest, the shorter of two.
[[nodiscard]] constexpr std::int32_t to_id(hands_token t);
/// The pitch from which notes are counted: the tonic from F#3 to F4.
[[nodiscard]] constexpr int hands_tonic(const score::key& k) {
    return k.tonic.value <= 5 ? 60 + k.tonic.value : 48 + k.tonic.value;
}

/// "bar", "pos4", "L-12", "R+7", "d8", "end".
[[nodiscard]] std::string spell_hands(std::int32_t id);
/// errors: "token 'L99': is none of end, bar, pos0 to pos15, L-30 to L+41, R-30 to R+41, d1 to d64"
[[nodiscard]] result<std::int32_t> parse_hands(std::string_view text);

/// A set of ids as words of bits, as `sampling::mask_view` takes it.
using hands_set = id_set<hands_id::count>;

/// What may follow what. Every sequence that keeps to it from `bar` to `end` is the tokens of just one piece.
class hands_grammar {
public:
    /// The ids that may come next; none after the end.
    /// realtime: yes
    [[nodiscard]] constexpr hands_set mask() const noexcept;
    [[nodiscard]] constexpr bool allows(std::int32_t id) const noexcept;
    /// Takes in the next id, one that may come.
    /// realtime: yes
    constexpr void push(std::int32_t id) noexcept;
    /// Whether the end has come.
    [[nodiscard]] constexpr bool done() const noexcept { return done_; }

    [[nodiscard]] constexpr std::int32_t bars() const noexcept { return bars_; }  ///< bars opened
    [[nodiscard]] constexpr int position() const noexcept { return position_; }   ///< sixteenth of the bar, -1 before the first

private:
    using pitches = std::array<std::uint64_t, 2>;  // a bit a pitch
    [[nodiscard]] static constexpr bool has(const pitches& s, int p) {
        return (s[static_cast<std::size_t>(p) / 64] >> (p % 64) & 1U) != 0;
    }

    bool done_ = false, empty_ = true;  // empty_: no place in this bar yet
    std::int32_t bars_ = 0;
    hands_kind last_ = hands_kind::end;
    std::int8_t position_ = -1, note_ = -1, hand_ = 0;
    std::array<std::int8_t, 2> duration_{-1, -1};  // of the last group of each hand here
    std::array<pitches, 2> used_{};                // by the groups here
};

/// How a piece is read.
struct hands_config {
    std::optional<std::size_t> right{};  ///< the track of the right hand; not given: `right_hand` finds it
};

/// The track of the right hand: the one whose part is the melody; else the one with melody, voice, lead or right in its name; else, of
/// several, the highest on average. Nothing for a single track: then the top note of an onset is the right hand's if it is C4
/// or higher and lies a fourth or more above the others, unless the track's name speaks of chords.
[[nodiscard]] std::optional<std::size_t> right_hand(const score::piece& piece);

/// Turns a piece into ids, from the first bar to `end`. Starts and ends go to the nearest sixteenth, drums are passed over, notes
/// beyond the six octaves are moved into them by octaves, and of one pitch twice in a hand at once the longer stays.
/// errors: a metre other than 4/4, no notes, notes before the start, more than 10,000 bars
[[nodiscard]] result<std::vector<std::int32_t>> encode_hands(const score::piece& piece, const score::key& key,
                                                             const hands_config& config = {});

/// Turns ids into a piece of two tracks, keys and melody, and leaves a bar without its end as it is. `decode` of `encode` is the piece
/// on sixteenths; `encode` of `decode` is the ids.
/// errors: "token 7: d4 may not follow pos0"
[[nodiscard]] result<score::piece> decode_hands(std::span<const std::int32_t> ids, const score::key& key, bpm tempo = bpm(75));

// ---------------------------------------------------------------- bodies

constexpr hands_token hands_of(std::int32_t id) {
    LOFI_ASSERT(id >= 0 && id < static_cast<std::int32_t>(hands_id::count), "an id of hands is below their count");
    if (id == hands_id::end) return {hands_kind::end, 0};
    if (id == hands_id::bar) return {hands_kind::bar, 0};
    if (id < hands_id::left) return {hands_kind::position, id - hands_id::position};
    if (id < hands_id::right) return {hands_kind::left, id - hands_id::left + hands_lowest};
    if (id < hands_id::duration) return {hands_kind::right, id - hands_id::right + hands_lowest};
    return {hands_kind::duration, hands_durations[static_cast<std::size_t>(id - hands_id::duration)]};
}

namespace detail {
constexpr int duration_class(std::int64_t sixteenths) {
    int best = 0;
    const auto off = [&](int i) {
        const std::int64_t d = sixteenths - hands_durations[static_cast<std::size_t>(i)];
        return d < 0 ? -d : d;
    };
    for (int i = 1; i < static_cast<int>(hands_durations.size()); ++i)
        if (off(i) < off(best)) best = i;
    return best;
}
}  // namespace detail

constexpr std::int32_t to_id(hands_token t) {
    switch (t.kind) {
        case hands_kind::end: return hands_id::end;
        case hands_kind::bar: return hands_id::bar;
        case hands_kind::position: return hands_id::position + t.value;
        case hands_kind::left: return hands_id::left + t.value - hands_lowest;
        case hands_kind::right: return hands_id::right + t.value - hands_lowest;
        case hands_kind::duration: return hands_id::duration + detail::duration_class(t.value);
    }
    return hands_id::end;
}

inline std::string spell_hands(std::int32_t id) {
    const hands_token t = hands_of(id);
    constexpr std::string_view names[] = {"end", "bar", "pos", "L", "R", "d"};
    std::string text(names[static_cast<std::size_t>(t.kind)]);
    if (t.kind == hands_kind::end || t.kind == hands_kind::bar) return text;
    if ((t.kind == hands_kind::left || t.kind == hands_kind::right) && t.value >= 0) text += '+';
    return text.append(std::to_string(t.value));
}

inline result<std::int32_t> parse_hands(std::string_view text) {
    for (std::int32_t id = 0; id < static_cast<std::int32_t>(hands_id::count); ++id)
        if (spell_hands(id) == text) return id;
    return error("token '" + std::string(text.substr(0, 40)) + "'",
                 "is none of end, bar, pos0 to pos15, L-30 to L+41, R-30 to R+41, d1 to d64");
}

constexpr bool hands_grammar::allows(std::int32_t id) const noexcept {
    if (done_ || id < 0 || id >= static_cast<std::int32_t>(hands_id::count)) return false;
    const auto last_class = static_cast<int>(hands_durations.size()) - 1;
    const bool in_group = last_ == hands_kind::left || last_ == hands_kind::right;
    const auto hand = static_cast<std::size_t>(hand_);
    if (id >= hands_id::duration) return in_group && id - hands_id::duration > duration_[hand];
    if (id >= hands_id::left) {
        const std::size_t of = id >= hands_id::right ? 1 : 0;
        const int p = id - (of == 1 ? hands_id::right : hands_id::left);
        if (has(used_[of], p)) return false;
        if (last_ == hands_kind::position) return true;
        if (in_group) return of == hand && p > note_;
        return last_ == hands_kind::duration && of >= hand && duration_[of] < last_class;
    }
    if (in_group || last_ == hands_kind::position) return false;
    if (id >= hands_id::position) return bars_ > 0 && id - hands_id::position > position_;
    return id == hands_id::bar || !empty_;
}

constexpr hands_set hands_grammar::mask() const noexcept { return allowed_ids<hands_id::count>(*this); }

constexpr void hands_grammar::push(std::int32_t id) noexcept {
    LOFI_ASSERT(allows(id), "only what the grammar allows may come next");
    const hands_token t = hands_of(id);
    switch (t.kind) {
        case hands_kind::end: done_ = true; break;
        case hands_kind::bar: ++bars_, position_ = -1, empty_ = true; break;
        case hands_kind::position:
            position_ = static_cast<std::int8_t>(t.value);
            empty_ = false, hand_ = 0, duration_ = {-1, -1}, used_ = {};
            break;
        case hands_kind::left:
        case hands_kind::right: {
            hand_ = t.kind == hands_kind::right ? 1 : 0;
            note_ = static_cast<std::int8_t>(t.value - hands_lowest);
            used_[static_cast<std::size_t>(hand_)][static_cast<std::size_t>(note_) / 64] |= std::uint64_t{1} << note_ % 64;
            break;
        }
        case hands_kind::duration:
            duration_[static_cast<std::size_t>(hand_)] = static_cast<std::int8_t>(id - hands_id::duration);
            break;
    }
    last_ = t.kind;
}

namespace detail {

inline bool name_has(std::string_view name, std::string_view word) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::search(name.begin(), name.end(), word.begin(), word.end(), [&](char a, char b) { return lower(a) == b; }) !=
           name.end();
}

struct hands_note {
    std::int64_t step;
    int hand, duration, pitch;
};

// The notes of a piece without drums: step, hand, class of duration, and pitch from the lowest there is.
inline std::vector<hands_note> hands_notes(const score::piece& piece, int tonic, std::optional<std::size_t> right,
                                           bool skyline) {
    const std::int64_t quarter = piece.resolution().ticks_per_quarter;
    const auto step = [&](ticks t) { return (8 * t.value + quarter) / (2 * quarter); };
    std::vector<hands_note> out;
    for (std::size_t i = 0; i < piece.tracks.size(); ++i) {
        if (piece.tracks[i].drums()) continue;
        for (const score::note& n : piece.tracks[i].notes) {
            int p = n.which.midi - tonic - hands_lowest;
            while (p < 0) p += 12;
            while (p >= hands_pitches) p -= 12;
            const std::int64_t at = step(n.start);
            out.push_back({at, right == i ? 1 : 0, duration_class(std::max<std::int64_t>(1, step(n.end()) - at)), p});
        }
    }
    const auto by_place = [](const hands_note& a, const hands_note& b) {
        return a.step != b.step ? a.step < b.step : a.hand != b.hand ? a.hand < b.hand : a.pitch < b.pitch;
    };
    std::sort(out.begin(), out.end(), by_place);
    if (skyline) {
        const int middle = 60 - tonic - hands_lowest;
        for (std::size_t i = 0; i < out.size(); ++i) {
            const bool top = i + 1 == out.size() || out[i + 1].step != out[i].step;
            const bool alone = i == 0 || out[i - 1].step != out[i].step;
            if (top && out[i].pitch >= middle && (alone || out[i].pitch - out[i - 1].pitch >= 5)) out[i].hand = 1;
        }
    }
    // Of one pitch twice in a hand at once the longer stays.
    std::sort(out.begin(), out.end(), [&](const hands_note& a, const hands_note& b) {
        return by_place(a, b) || (!by_place(b, a) && a.duration > b.duration);
    });
    out.erase(std::unique(out.begin(), out.end(),
                          [&](const hands_note& a, const hands_note& b) { return !by_place(a, b) && !by_place(b, a); }),
              out.end());
    std::sort(out.begin(), out.end(), [](const hands_note& a, const hands_note& b) {
        if (a.step != b.step || a.hand != b.hand) return a.step != b.step ? a.step < b.step : a.hand < b.hand;
        return a.duration != b.duration ? a.duration < b.duration : a.pitch < b.pitch;
    });
    return out;
}

}  // namespace detail

inline std::optional<std::size_t> right_hand(const score::piece& piece) {
    std::optional<std::size_t> named, highest;
    double most = -1;
    std::size_t pitched = 0;
    for (std::size_t i = 0; i < piece.tracks.size(); ++i) {
        const score::track& t = piece.tracks[i];
        if (t.drums() || t.notes.empty()) continue;
        if (t.part == score::part::melody) return i;
        if (!named)
            for (const std::string_view word : {"melody", "voice", "lead", "right"})
                if (detail::name_has(t.name, word)) named = i;
        double sum = 0;
        for (const score::note& n : t.notes) sum += n.which.midi;
        if (sum / static_cast<double>(t.notes.size()) > most) most = sum / static_cast<double>(t.notes.size()), highest = i;
        ++pitched;
    }
    return named ? named : pitched > 1 ? highest : std::nullopt;
}

inline result<std::vector<std::int32_t>> encode_hands(const score::piece& piece, const score::key& key,
                                                      const hands_config& config) {
    for (const score::meter_change& m : piece.meters)
        if (m.numerator != m.denominator && !(m.numerator == 4 && m.denominator == 4))
            return error("tick " + std::to_string(m.at.value), "is in " + std::to_string(m.numerator) + "/" +
                                                                   std::to_string(m.denominator) + ", and hands play in 4/4");
    const auto right = config.right ? config.right : right_hand(piece);
    bool chords = false;
    for (const score::track& t : piece.tracks) chords = chords || detail::name_has(t.name, "chord");
    const auto notes = detail::hands_notes(piece, hands_tonic(key), right, !right && !chords);
    if (notes.empty()) return error("piece", "has no notes but drums");
    if (notes.front().step < 0) return error("piece", "has notes before its start");
    if (notes.back().step >= 16 * 10000) return error("piece", "is longer than 10000 bars");
    std::vector<std::int32_t> out;
    std::int64_t bars = 0;
    for (std::size_t i = 0; i < notes.size(); ++i) {
        const detail::hands_note& n = notes[i];
        for (; bars <= n.step / 16; ++bars) out.push_back(hands_id::bar);
        if (i == 0 || notes[i - 1].step != n.step) out.push_back(hands_id::position + static_cast<std::int32_t>(n.step % 16));
        out.push_back((n.hand == 1 ? hands_id::right : hands_id::left) + n.pitch);
        const bool more = i + 1 < notes.size() && notes[i + 1].step == n.step && notes[i + 1].hand == n.hand &&
                          notes[i + 1].duration == n.duration;
        if (!more) out.push_back(hands_id::duration + n.duration);
    }
    out.push_back(hands_id::end);
    return out;
}

inline result<score::piece> decode_hands(std::span<const std::int32_t> ids, const score::key& key, bpm tempo) {
    constexpr std::int64_t sixteenth = 120;
    score::piece out;
    out.tempo = score::tempo_map(score::resolution(4 * sixteenth));
    out.tempo.set(ticks(0), tempo);
    out.meters.push_back({ticks(0), 4, 4});
    out.keys.push_back({ticks(0), key});
    out.tracks.resize(2);
    out.tracks[0].name = "keys", out.tracks[0].part = score::part::keys;
    out.tracks[1].name = "melody", out.tracks[1].part = score::part::melody, out.tracks[1].channel = 1;
    hands_grammar grammar;
    std::size_t group = 0;  // notes of the track that wait for their duration
    std::size_t hand = 0;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto name = [&](std::int32_t id) {
            return id >= 0 && id < static_cast<std::int32_t>(hands_id::count) ? spell_hands(id) : std::to_string(id);
        };
        if (!grammar.allows(ids[i]))
            return error("token " + std::to_string(i + 1), name(ids[i]) + (i == 0 ? std::string(" is no beginning: that is bar")
                                                                                  : " may not follow " + name(ids[i - 1])));
        grammar.push(ids[i]);
        const hands_token t = hands_of(ids[i]);
        if (t.kind == hands_kind::left || t.kind == hands_kind::right) {
            hand = t.kind == hands_kind::right ? 1 : 0;
            const std::int64_t at = (std::int64_t{grammar.bars() - 1} * 16 + grammar.position()) * sixteenth;
            const int midi = std::clamp(hands_tonic(key) + t.value, 0, 127);
            out.tracks[hand].notes.push_back(
                {ticks(at), ticks(sixteenth), score::pitch(midi), score::velocity(hand == 1 ? 84 : 68)});
            ++group;
        } else if (t.kind == hands_kind::duration) {
            for (auto n = out.tracks[hand].notes.rbegin(); group > 0; ++n, --group) n->length = ticks(t.value * sixteenth);
        }
    }
    for (score::track& t : out.tracks) score::sort_notes(t.notes);
    out.length = std::max(out.last_end(), ticks(std::int64_t{grammar.bars()} * 16 * sixteenth));
    return out;
}

}  // namespace lofi::inline LOFI_ABI::token
