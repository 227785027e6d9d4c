#pragma once
// Note/chord tokens: a note with its octave, or the pitch classes of what sounds together. The alphabet of papers 001 and 003.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/core/error.hpp>
#include <lofi/score/piece.hpp>
#include <lofi/score/pitch_set.hpp>

namespace lofi::inline LOFI_ABI::token {

/// One token: 0 to 127 is a note by its MIDI number, 128 + m the chord of the pitch classes in the mask m. What octaves and what
/// voicing a chord had, and all rhythm, is lost, as in the papers.
struct notechord {
    static constexpr std::size_t count = 128 + 4096;  ///< ids there are; 128, the empty chord, is none
    std::uint16_t id = 60;

    constexpr notechord() = default;
    constexpr explicit notechord(score::pitch p) : id(p.midi) {}
    constexpr explicit notechord(score::pitch_set s) : id(static_cast<std::uint16_t>(128 + s.mask)) {
        LOFI_ASSERT(!s.empty(), "a chord has at least one pitch class");
    }
    [[nodiscard]] constexpr bool is_chord() const { return id >= 128; }
    [[nodiscard]] constexpr score::pitch note() const { return score::pitch(id); }
    /// The pitch classes: of a note, its one.
    [[nodiscard]] constexpr score::pitch_set classes() const {
        if (is_chord()) return score::pitch_set(id - 128U);
        return score::pitch_set(1U << note().name().value);
    }
    friend constexpr auto operator<=>(notechord, notechord) = default;
};

/// Moves a token by semitones; a note that would leave 0 to 127 moves by an octave less.
[[nodiscard]] constexpr notechord transposed(notechord t, int semitones);

/// Spells a token as music21 does: "E-4", "C#5", and a chord by its normal order, "11.0.4.7".
/// Not one to one below octave 0: MIDI 4 and 27 are both "E-1", and 11 and 34 both "B-1".
[[nodiscard]] std::string spell(notechord t);
/// Reads a spelling. "E-1" is E flat in octave 1.
/// errors: "token 'H4': is neither a note such as C4, E-4, F#3 nor pitch classes such as 0.4.7"
[[nodiscard]] result<notechord> parse_notechord(std::string_view text);
/// Reads tokens with spaces between them.
/// errors: those of `parse_notechord`, with the place: "token 12: ..."
[[nodiscard]] result<std::vector<notechord>> parse_notechords(std::string_view text);

/// Which notes are one chord.
enum class chord_rule : std::uint8_t {
    music21_6,  ///< those that start within a 64th and end within a 64th of the first: 6.1 to 6.7, what the papers used
    music21_7,  ///< those that start within less than a sixteenth and end within a sixteenth: 7.3 and later
};

/// Groups notes into tokens and puts these in order of their places on the nearer of a sixteenth and a triplet grid.
/// params: notes in the order of their note-ons, as a file has them
[[nodiscard]] std::vector<notechord> encode_notechords(std::span<const score::note> notes, score::resolution resolution,
                                                       chord_rule rule = chord_rule::music21_6);
/// The tokens of a piece's first track that has notes, as the papers read files.
/// errors: a piece without a note
[[nodiscard]] result<std::vector<notechord>> encode_notechords(const score::piece& piece,
                                                               chord_rule rule = chord_rule::music21_6);

/// How tokens are played.
struct notechord_playing {
    bpm tempo{120.0};
    std::uint32_t events_per_beat = 2;  ///< the papers: one each half quarter
    score::velocity force{90};
};
/// Plays tokens one after the other, chords in octave 4.
[[nodiscard]] score::piece decode_notechords(std::span<const notechord> tokens, const notechord_playing& playing = {});

/// The tokens of a corpus, sorted by spelling and numbered from 0: what the networks of the papers read and write.
class notechord_vocabulary {
public:
    notechord_vocabulary() = default;
    /// Of tokens in any order, as often as they come.
    explicit notechord_vocabulary(std::span<const notechord> tokens);

    [[nodiscard]] std::size_t size() const { return tokens_.size(); }
    [[nodiscard]] notechord operator[](std::size_t number) const { return tokens_[number]; }
    [[nodiscard]] std::span<const notechord> tokens() const { return tokens_; }
    /// The number of a token, or -1.
    [[nodiscard]] std::int32_t find(notechord t) const;
    /// Numbers for tokens.
    /// errors: "token 12: 0.3.6 is not in the vocabulary of 133 tokens"
    [[nodiscard]] result<std::vector<std::int32_t>> encode(std::span<const notechord> tokens) const;
    friend bool operator==(const notechord_vocabulary&, const notechord_vocabulary&) = default;

private:
    std::vector<notechord> tokens_;      // by number
    std::vector<std::int32_t> numbers_;  // by id
};

// ---------------------------------------------------------------- bodies

constexpr notechord transposed(notechord t, int semitones) {
    if (t.is_chord()) return notechord(score::transposed(t.classes(), semitones));
    int midi = int{t.id} + semitones;
    while (midi > 127) midi -= 12;
    while (midi < 0) midi += 12;
    return notechord(score::pitch(midi));
}

inline std::string spell(notechord t) {
    if (!t.is_chord()) {
        constexpr std::string_view names[] = {"C", "C#", "D", "E-", "E", "F", "F#", "G", "G#", "A", "B-", "B"};
        return std::string(names[t.note().name().value]).append(std::to_string(t.note().octave()));
    }
    std::string text;
    for (const score::pitch_class p : score::normal_order(t.classes())) {
        if (!text.empty()) text += '.';
        text += std::to_string(int{p.value});
    }
    return text;
}

inline result<notechord> parse_notechord(std::string_view text) {
    const auto refused = [&] {
        return error("token '" + std::string(text.substr(0, 40)) + "'",
                     "is neither a note such as C4, E-4, F#3 nor pitch classes such as 0.4.7");
    };
    // A number of at most three digits from `at` on, or -1.
    const auto number = [&](std::size_t& at) {
        int value = -1;
        for (std::size_t digits = 0; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits)
            value = digits < 3 ? std::max(value, 0) * 10 + (text[at] - '0') : 999;
        return value;
    };
    std::size_t at = 0;
    if (text.empty()) return refused();
    if (text[0] >= '0' && text[0] <= '9') {
        score::pitch_set set;
        for (;; ++at) {
            const int c = number(at);
            if (c < 0 || c > 11) return refused();
            set.insert(score::pitch_class(c));
            if (at == text.size()) return notechord(set);
            if (text[at] != '.') return refused();
        }
    }
    if (text[0] < 'A' || text[0] > 'G') return refused();
    constexpr int natural[] = {9, 11, 0, 2, 4, 5, 7};  // A to G
    int semitone = natural[text[0] - 'A'];
    for (at = 1; at < text.size() && at <= 2 && (text[at] == '#' || text[at] == '-'); ++at)
        semitone += text[at] == '#' ? 1 : -1;
    const int octave = number(at);
    const int midi = 12 * (octave + 1) + semitone;
    if (octave < 0 || at != text.size() || midi < 0 || midi > 127) return refused();
    return notechord(score::pitch(midi));
}

inline result<std::vector<notechord>> parse_notechords(std::string_view text) {
    std::vector<notechord> out;
    constexpr std::string_view blank = " \t\r\n";
    for (std::size_t at = text.find_first_not_of(blank); at != text.npos; at = text.find_first_not_of(blank, at)) {
        const std::size_t end = std::min(text.find_first_of(blank, at), text.size());
        auto t = parse_notechord(text.substr(at, end - at));
        if (!t) return t.error().at("token " + std::to_string(out.size() + 1));
        out.push_back(*t);
        at = end;
    }
    return out;
}

namespace detail {

// The nearer of the multiples of a quarter's fourth and third, in twelfths; of two as near the fourth, of two in one grid the lower.
inline std::int64_t on_grid(std::int64_t at, std::int64_t quarter) {
    std::int64_t best = 0, least = -1;
    for (const std::int64_t parts : {4, 3}) {
        const std::int64_t low = at * parts / quarter, rest = at * parts - low * quarter;  // in 1/(parts * quarter)
        const std::int64_t near = 2 * rest <= quarter ? low : low + 1;
        const std::int64_t off = (near == low ? rest : quarter - rest) * (12 / parts);  // in 1/(12 * quarter)
        if (least < 0 || off < least) least = off, best = near * (12 / parts);
    }
    return best;
}

}  // namespace detail

inline std::vector<notechord> encode_notechords(std::span<const score::note> notes, score::resolution resolution,
                                                chord_rule rule) {
    const std::int64_t quarter = resolution.ticks_per_quarter, parts = rule == chord_rule::music21_6 ? 16 : 4;
    const auto apart = [&](ticks a, ticks b) { return parts * (a > b ? a - b : b - a).value; };
    struct placed {
        std::int64_t at;
        notechord what;
    };
    std::vector<placed> found;
    std::vector<bool> gathered(notes.size());
    for (std::size_t i = 0; i < notes.size(); ++i) {
        if (gathered[i]) continue;
        score::pitch_set set(1U << notes[i].which.name().value);
        bool alone = true;
        for (std::size_t j = i + 1; j < notes.size(); ++j) {
            const std::int64_t start = apart(notes[j].start, notes[i].start);
            if (rule == chord_rule::music21_6 ? start > quarter : start >= quarter) break;
            if (gathered[j] || apart(notes[j].end(), notes[i].end()) > quarter) continue;
            gathered[j] = true, alone = false;
            set.insert(notes[j].which.name());
        }
        found.push_back({detail::on_grid(notes[i].start.value, quarter), alone ? notechord(notes[i].which) : notechord(set)});
    }
    std::stable_sort(found.begin(), found.end(), [](const placed& a, const placed& b) { return a.at < b.at; });
    std::vector<notechord> out;
    for (const placed& p : found) out.push_back(p.what);
    return out;
}

inline result<std::vector<notechord>> encode_notechords(const score::piece& piece, chord_rule rule) {
    for (const score::track& t : piece.tracks)
        if (!t.notes.empty()) return encode_notechords(t.notes, piece.resolution(), rule);
    return error("piece", "has no notes");
}

inline score::piece decode_notechords(std::span<const notechord> tokens, const notechord_playing& playing) {
    constexpr std::int64_t quarter = 480;
    const ticks step(quarter / std::int64_t{std::clamp<std::uint32_t>(playing.events_per_beat, 1, quarter)});
    score::piece out;
    out.tempo = score::tempo_map(score::resolution(quarter));
    out.tempo.set(ticks(0), playing.tempo);
    score::track& keys = out.tracks.emplace_back();
    keys.name = "keys";
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const ticks at = step * static_cast<std::int64_t>(i);
        if (!tokens[i].is_chord()) {
            keys.notes.push_back({at, step, tokens[i].note(), playing.force});
            continue;
        }
        for (int c = 0; c < 12; ++c)
            if (tokens[i].classes().contains(score::pitch_class(c)))
                keys.notes.push_back({at, step, score::pitch(60 + c), playing.force});
    }
    out.length = step * static_cast<std::int64_t>(tokens.size());
    return out;
}

inline notechord_vocabulary::notechord_vocabulary(std::span<const notechord> tokens) : numbers_(notechord::count, -1) {
    for (const notechord t : tokens) numbers_[t.id] = 0;
    std::vector<std::pair<std::string, notechord>> named;
    for (std::size_t id = 0; id < notechord::count; ++id) {
        if (numbers_[id] < 0) continue;
        const notechord t = id < 128 ? notechord(score::pitch(static_cast<int>(id)))
                                     : notechord(score::pitch_set(static_cast<unsigned>(id - 128)));
        named.emplace_back(spell(t), t);
    }
    std::sort(named.begin(), named.end());
    for (const auto& [name, t] : named) {
        numbers_[t.id] = static_cast<std::int32_t>(tokens_.size());
        tokens_.push_back(t);
    }
}

inline std::int32_t notechord_vocabulary::find(notechord t) const { return t.id < numbers_.size() ? numbers_[t.id] : -1; }

inline result<std::vector<std::int32_t>> notechord_vocabulary::encode(std::span<const notechord> tokens) const {
    std::vector<std::int32_t> out;
    out.reserve(tokens.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        out.push_back(find(tokens[i]));
        if (out.back() < 0)
            return error("token " + std::to_string(i + 1),
                         spell(tokens[i]) + " is not in the vocabulary of " + std::to_string(size()) + " tokens");
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::token
