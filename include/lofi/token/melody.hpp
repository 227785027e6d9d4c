#pragma once
// Melodies as MusicVAE reads them: a class a sixteenth, 90 in all.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <lofi/core/error.hpp>
#include <lofi/score/key.hpp>
#include <lofi/score/piece.hpp>

namespace lofi::inline LOFI_ABI::token {

/// Classes: 0 nothing new, 1 the note ends, 2 to 89 a note begins, MIDI 21 to 108.
namespace melody_class {
inline constexpr std::int32_t hold = 0, off = 1, first_note = 2;
inline constexpr int lowest = 21, highest = 108;
inline constexpr std::size_t count = 90;
}  // namespace melody_class
inline constexpr std::size_t melody_bar = 16, melody_window = 32;  ///< sixteenths

/// Whose melodies are wanted, by the programs of their tracks.
enum class melody_voice : std::uint8_t {
    lead,  ///< General MIDI 0 to 31: keys, bells, organs, guitars
    bass   ///< 32 to 39
};

/// Finds the melodies of a piece, track by track: of notes that start together the highest stays, a new note ends the one before, a bar
/// of silence ends the melody, and it is filled up to whole bars. Drums, other voices' programs and pitches outside 21 to 108 do not count.
/// Melodies of less than a bar are left out, and longer ones cut at 100 bars.
/// errors: a metre other than 4/4
/// source: Roberts and others, A Hierarchical Latent Vector Model for Learning Long-Term Structure in Music (2018)
[[nodiscard]] result<std::vector<std::vector<std::int32_t>>> encode_melodies(const score::piece& piece,
                                                                             melody_voice voice = melody_voice::lead);

/// The windows of two bars of a melody, a bar apart. Note-offs before the first note become holds.
[[nodiscard]] std::vector<std::vector<std::int32_t>> melody_windows(std::span<const std::int32_t> melody);

/// A class moved by semitones; a note that would leave the range goes by octaves.
[[nodiscard]] constexpr std::int32_t transposed_class(std::int32_t c, int semitones) {
    if (c < melody_class::first_note) return c;
    c += semitones;
    while (c < melody_class::first_note) c += 12;
    while (c >= static_cast<std::int32_t>(melody_class::count)) c -= 12;
    return c;
}
/// Semitones from C to a key's tonic the nearer way, -5 to 6.
[[nodiscard]] constexpr int tonic_above_c(const score::key& k) {
    return k.tonic.value <= 6 ? k.tonic.value : k.tonic.value - 12;
}

/// Turns note-offs that end nothing into holds: they are no music, and a model should not be asked to guess them.
template <class Class>
constexpr void drop_stray_offs(std::span<Class> classes) {
    bool sounds = false;
    for (Class& c : classes) {
        if (c == melody_class::off && !sounds) c = melody_class::hold;
        if (c != melody_class::hold) sounds = c >= melody_class::first_note;
    }
}

/// Plays classes: a note lasts until the next, until it is ended, or to the end.
/// errors: "step 7: class 95 is not 0 to 89"
[[nodiscard]] result<score::piece> decode_melody(std::span<const std::int32_t> classes, bpm tempo = bpm(120),
                                                 score::velocity force = score::velocity(80));

// ---------------------------------------------------------------- bodies

namespace detail {

/// Whether all of a piece is in 4/4, or where it is not.
inline result<void> in_common_time(const score::piece& piece) {
    for (const score::meter_change& m : piece.meters)
        if (m.numerator != 4 || m.denominator != 4)
            return error("tick " + std::to_string(m.at.value), "is in " + std::to_string(m.numerator) + "/" +
                                                                   std::to_string(m.denominator) + ", and 4/4 alone is read");
    return {};
}

struct stepped_note {
    std::int64_t start, end;
    int pitch;
};

// The melody that begins at or after a step, and where it ends; empty where none does.
struct found_melody {
    std::vector<std::int32_t> classes;
    std::int64_t start = 0;
};
inline found_melody find_melody(std::span<const stepped_note> notes, std::int64_t from) {
    constexpr auto bar = static_cast<std::int64_t>(melody_bar);
    found_melody out;
    std::int64_t last_on = 0, last_off = 0;
    for (const stepped_note& n : notes) {
        if (n.start < from) continue;
        if (out.classes.empty()) {
            out.start = n.start - (n.start - from) % bar;
        } else {
            const std::int64_t at = n.start - out.start;
            if (at == last_on) continue;  // the first of those that start together is the highest
            if (at - last_off >= bar) break;
        }
        last_on = n.start - out.start, last_off = n.end - out.start;
        // What stood from here on is overwritten.
        out.classes.resize(static_cast<std::size_t>(last_on), melody_class::hold);
        out.classes.resize(static_cast<std::size_t>(last_off) + 1, melody_class::hold);
        out.classes[static_cast<std::size_t>(last_on)] = n.pitch - melody_class::lowest + melody_class::first_note;
        out.classes[static_cast<std::size_t>(last_off)] = melody_class::off;
    }
    if (out.classes.empty()) return out;
    out.classes.pop_back();  // the last note-off
    const std::size_t length = out.classes.size();
    out.classes.resize((length + melody_bar - 1) / melody_bar * melody_bar, melody_class::hold);
    if (out.classes.size() > length) out.classes[length] = melody_class::off;
    return out;
}

}  // namespace detail

inline result<std::vector<std::vector<std::int32_t>>> encode_melodies(const score::piece& piece, melody_voice voice) {
    if (auto fine = detail::in_common_time(piece); !fine) return fine.error();
    const std::int64_t quarter = piece.resolution().ticks_per_quarter;
    const auto step = [&](ticks t) { return (8 * t.value + quarter) / (2 * quarter); };
    std::vector<std::vector<std::int32_t>> out;
    for (const score::track& t : piece.tracks) {
        if (t.drums() || t.program > 39 || (t.program > 31) != (voice == melody_voice::bass)) continue;
        std::vector<detail::stepped_note> notes;
        for (const score::note& n : t.notes) {
            if (n.which.midi < melody_class::lowest || n.which.midi > melody_class::highest) continue;
            const std::int64_t start = step(n.start);
            notes.push_back({start, std::max(start + 1, step(n.end())), n.which.midi});
        }
        std::stable_sort(notes.begin(), notes.end(), [](const auto& a, const auto& b) {
            return a.start != b.start ? a.start < b.start : a.pitch > b.pitch;
        });
        for (std::int64_t from = 0;;) {
            detail::found_melody found = detail::find_melody(notes, from);
            if (found.classes.empty()) break;
            from = found.start + static_cast<std::int64_t>(found.classes.size());
            constexpr std::size_t most = 100 * melody_bar;
            if (found.classes.size() > most) found.classes.resize(most);
            out.push_back(std::move(found.classes));
        }
    }
    return out;
}

inline std::vector<std::vector<std::int32_t>> melody_windows(std::span<const std::int32_t> melody) {
    std::vector<std::vector<std::int32_t>> out;
    for (std::size_t end = melody_window; end <= melody.size(); end += melody_bar) {
        const auto part = melody.subspan(end - melody_window, melody_window);
        std::vector<std::int32_t> window(part.begin(), part.end());
        for (std::int32_t& c : window) {
            if (c >= melody_class::first_note) break;
            c = melody_class::hold;
        }
        out.push_back(std::move(window));
    }
    return out;
}

inline result<score::piece> decode_melody(std::span<const std::int32_t> classes, bpm tempo, score::velocity force) {
    constexpr std::int64_t sixteenth = 120;
    score::piece out;
    out.tempo = score::tempo_map(score::resolution(4 * sixteenth));
    out.tempo.set(ticks(0), tempo);
    score::track& t = out.tracks.emplace_back();
    t.name = "melody", t.part = score::part::melody;
    bool sounds = false;
    for (std::size_t i = 0; i < classes.size(); ++i) {
        const std::int32_t c = classes[i];
        if (c < 0 || c >= static_cast<std::int32_t>(melody_class::count))
            return error("step " + std::to_string(i + 1), "class " + std::to_string(c) + " is not 0 to 89");
        const ticks at(static_cast<std::int64_t>(i) * sixteenth);
        if (c == melody_class::off) sounds = false;
        if (c >= melody_class::first_note) {
            t.notes.push_back({at, ticks(0), score::pitch(c - melody_class::first_note + melody_class::lowest), force});
            sounds = true;
        }
        if (sounds) t.notes.back().length += ticks(sixteenth);
    }
    out.length = ticks(static_cast<std::int64_t>(classes.size()) * sixteenth);
    return out;
}

}  // namespace lofi::inline LOFI_ABI::token
