#pragma once
// MGEval's features of a piece, as published and mended.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <lofi/analysis/measures.hpp>
#include <lofi/score/piece.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// What is counted, and how. Published: the first track that has notes; pitch classes weigh by velocity and 10 ms frames; a transition is a note that
/// begins within 50 ms of another's end, in any pitched track, so that a short note follows itself; the mean distance of onsets is
/// in seconds, over all tracks, chords as zeros; bars are 4/4 (time signatures stand in a track that it does not look at); matrices are counts.
/// Mended: all pitched tracks; sounding time; transitions and intervals from one onset to the next, intervals between highest notes;
/// distances of onsets in quarter notes; the piece's bars; matrices sum to 1.
enum class mgeval_reading : std::uint8_t { mended, published };

/// Lengths that notes and rests are sorted into, in 96ths of a bar: whole to sixteenth, dotted, triplets.
inline constexpr std::array<int, 12> note_length_classes = {96, 48, 24, 12, 6, 72, 36, 18, 9, 32, 16, 8};

/// What has nothing to be measured on is not a number. Matrices are rows from, columns to.
/// source: Yang, Lerch: On the evaluation of generative models in music (2020)
struct mgeval_features {
    double pitch_count = 0, note_count = 0;
    double pitch_range = 0;             ///< semitones
    double mean_interval = 0;           ///< semitones, without sign
    double mean_onset_distance = 0;     ///< seconds as published, quarter notes mended
    std::vector<double> bar_pitches{};  ///< different pitches that begin in each bar, of 10,000 bars at most
    std::vector<double> bar_notes{};
    std::array<double, 12> pitch_classes{};
    std::vector<double> bar_pitch_classes{};  ///< (bars, 12): shares within each bar, noughts where nothing sounds
    std::array<double, 12> note_lengths{};    ///< shares, by `note_length_classes`
    std::array<double, 24> note_and_rest_lengths{};
    std::array<double, 144> pitch_class_transitions{}, note_length_transitions{};
    std::array<double, 576> note_and_rest_transitions{};
};
[[nodiscard]] mgeval_features measure_mgeval(const score::piece& piece, mgeval_reading how = mgeval_reading::mended);

/// A feature by its name, as numbers that distances are taken between.
struct mgeval_feature {
    std::string_view name;
    /// params: bars: of features a bar, so many; bars that a piece does not have are 0
    std::vector<double> (*of)(const mgeval_features&, std::size_t bars);
};
/// All of them, in the order of the paper.
[[nodiscard]] std::span<const mgeval_feature> mgeval_feature_list();

// ---------------------------------------------------------------- bodies

namespace detail {

inline constexpr std::int64_t most_bars = 10000;

// The class nearest to a length, the first of equals, and how far off it is; in 96ths of a bar.
struct length_class {
    std::size_t index = 0;
    double off = 0;
};
inline length_class classify_length(std::int64_t length, std::int64_t bar) {
    length_class best{0, std::numeric_limits<double>::infinity()};
    for (std::size_t i = 0; i < note_length_classes.size(); ++i) {
        const double off = std::abs(note_length_classes[i] - 96.0 * static_cast<double>(length) / static_cast<double>(bar));
        if (off < best.off) best = {i, off};
    }
    return best;
}

// How much of what sounds in each bar is of each pitch class.
class bar_shares {
public:
    bar_shares(std::size_t bars, std::int64_t bar) : bar_(bar), bars_(bars), parts_(12 * bars), whole_(12 * (bars + 1)) {}
    void add(std::size_t pitch_class, std::int64_t start, std::int64_t end, double weight) {
        end = std::min(end, static_cast<std::int64_t>(bars_) * bar_);
        if (start < 0 || start >= end) return;
        const std::int64_t first = start / bar_, last = (end - 1) / bar_;
        const auto place = [&](std::int64_t b) { return static_cast<std::size_t>(b) * 12 + pitch_class; };
        if (first == last) {
            parts_[place(first)] += weight * static_cast<double>(end - start);
            return;
        }
        parts_[place(first)] += weight * static_cast<double>((first + 1) * bar_ - start);
        parts_[place(last)] += weight * static_cast<double>(end - last * bar_);
        // Bars in between are full: noted where they begin and end, so that a long note costs no more than a short one.
        whole_[place(first + 1)] += weight * static_cast<double>(bar_);
        whole_[place(last)] -= weight * static_cast<double>(bar_);
    }
    [[nodiscard]] std::vector<double> shares() const {
        std::vector<double> out = parts_;
        std::array<double, 12> full{};
        for (std::size_t b = 0; b < bars_; ++b) {
            double sum = 0;
            for (std::size_t p = 0; p < 12; ++p) sum += out[b * 12 + p] += full[p] += whole_[b * 12 + p];
            for (std::size_t p = 0; p < 12 && sum > 0; ++p) out[b * 12 + p] /= sum;
        }
        return out;
    }

private:
    std::int64_t bar_;
    std::size_t bars_;
    std::vector<double> parts_, whole_;
};

template <std::size_t N>
void to_shares(std::array<double, N>& counts) {
    double sum = 0;
    for (const double c : counts) sum += c;
    for (double& c : counts) c = sum > 0 ? c / sum : nothing;
}

// How long nothing has begun or ended before each note, where the last thing before it was an end; else nothing. By start.
inline std::vector<std::optional<std::int64_t>> rests_before(std::span<const score::note> notes) {
    std::vector<std::int64_t> ends;
    for (const score::note& n : notes) ends.push_back(n.end().value);
    std::sort(ends.begin(), ends.end());
    std::vector<std::optional<std::int64_t>> out(notes.size());
    for (std::size_t i = 0; i < notes.size(); ++i) {
        const std::int64_t start = notes[i].start.value;
        const auto after = std::upper_bound(ends.begin(), ends.end(), start);
        if (after == ends.begin()) continue;
        const std::int64_t end = *(after - 1);
        if (i == 0 || (notes[i - 1].start.value < start && notes[i - 1].start.value < end)) out[i] = start - end;
    }
    return out;
}

// What both readings count alike: pitches, notes, bars and lengths of notes by start.
inline void count_notes(std::span<const score::note> notes, std::int64_t bar, mgeval_features& out) {
    std::array<bool, 128> used{};
    int low = 127, high = 0;
    std::int64_t last = 0;
    for (const score::note& n : notes) {
        used[n.which.midi & 127U] = true;
        low = std::min<int>(low, n.which.midi), high = std::max<int>(high, n.which.midi);
        last = std::max(last, n.end().value);
        ++out.note_lengths[classify_length(n.length.value, bar).index];
    }
    out.pitch_count = static_cast<double>(std::count(used.begin(), used.end(), true));
    out.note_count = static_cast<double>(notes.size());
    out.pitch_range = notes.empty() ? nothing : high - low;

    // The last bar counts where half of it sounds; a piece of less than that has one.
    const auto bars = static_cast<std::size_t>(std::clamp<std::int64_t>((2 * last + bar) / (2 * bar), 0, most_bars));
    out.bar_pitches.resize(bars), out.bar_notes.resize(bars);
    for (std::size_t i = 0; i < notes.size();) {
        const std::int64_t at = notes[i].start.value / bar;
        std::array<bool, 128> here{};
        std::size_t n = 0;
        for (; i < notes.size() && notes[i].start.value / bar == at; ++i, ++n) here[notes[i].which.midi & 127U] = true;
        if (at < 0 || at >= static_cast<std::int64_t>(bars)) continue;
        out.bar_notes[static_cast<std::size_t>(at)] = static_cast<double>(n);
        out.bar_pitches[static_cast<std::size_t>(at)] = static_cast<double>(std::count(here.begin(), here.end(), true));
    }
}

// Where a rest stands in the published matrix is given by the note behind it, and a rest of no class leaves its own for
// the note behind: kept, since figures are to be compared.
inline void published_lengths(std::span<const score::note> notes, std::int64_t bar, mgeval_features& out) {
    const auto rests = rests_before(notes);
    std::optional<std::size_t> before, with_rests;
    for (std::size_t i = 0; i < notes.size(); ++i) {
        const std::size_t now = classify_length(notes[i].length.value, bar).index;
        if (before) ++out.note_length_transitions[*before * 12 + now];
        if (with_rests) ++out.note_and_rest_transitions[*with_rests * 24 + now];
        before = with_rests = now;
        ++out.note_and_rest_lengths[now];
        if (!rests[i]) continue;
        const length_class rest = classify_length(*rests[i], bar);
        if (rest.off < 3) {
            ++out.note_and_rest_lengths[rest.index + 12];
            ++out.note_and_rest_transitions[now * 24 + now + 12];
        } else {
            with_rests = rest.index;
        }
    }
}

inline void published_pitches(const score::piece& piece, const score::track& first, mgeval_features& out) {
    const auto time = [&](ticks t) { return piece.tempo.seconds_at(t).value; };
    std::vector<double> onsets;
    double sum = 0;
    for (const score::track& t : piece.tracks) {
        for (const score::note& n : t.notes) onsets.push_back(time(n.start));
        if (t.drums() || t.notes.size() < 2) continue;
        struct begin {
            double at;
            std::size_t pitch_class;
        };
        std::vector<begin> begins;
        for (const score::note& n : t.notes) begins.push_back({time(n.start), n.which.name().value});
        std::stable_sort(begins.begin(), begins.end(), [](const begin& a, const begin& b) { return a.at < b.at; });
        for (const score::note& n : t.notes) {
            const double end = time(n.end());
            auto b = std::lower_bound(begins.begin(), begins.end(), end - 0.051,
                                      [](const begin& x, double at) { return x.at < at; });
            for (; b != begins.end() && b->at < end + 0.051; ++b)
                if (std::abs(end - b->at) < 0.05) ++out.pitch_class_transitions[n.which.name().value * 12U + b->pitch_class];
        }
    }
    std::sort(onsets.begin(), onsets.end());
    out.mean_onset_distance =
        onsets.size() > 1 ? (onsets.back() - onsets.front()) / static_cast<double>(onsets.size() - 1) : nothing;
    // Pitches are looked for in a roll of 10 ms frames, which is empty for drums and misses notes between two frames. Bars are of so many
    // frames at the first tempo.
    std::array<bool, 128> used{};
    std::int64_t end = 0;
    const auto frame = [&](ticks t) { return static_cast<std::int64_t>(std::floor(time(t) * 100)); };
    for (const score::note& n : first.notes) end = std::max(end, frame(n.end()));
    const double bar = 400 * 60 / piece.tempo.tempo_at(ticks(0)).value;
    const auto bars =
        static_cast<std::size_t>(std::clamp(std::floor(static_cast<double>(end) / bar + 0.5), 0.0, double{most_bars}));
    bar_shares by_bar(bars, std::max<std::int64_t>(1, std::llround(bar)));
    for (const score::note& n : first.notes) {
        const auto frames = static_cast<double>(frame(n.end()) - frame(n.start));
        if (first.drums() || frames < 1) continue;
        by_bar.add(n.which.name().value, frame(n.start), frame(n.end()), n.force.value);
        out.pitch_classes[n.which.name().value] += frames * n.force.value;
        used[n.which.midi & 127U] = true;
    }
    out.bar_pitch_classes = by_bar.shares();
    out.pitch_count = static_cast<double>(std::count(used.begin(), used.end(), true));
    const auto low = std::find(used.begin(), used.end(), true);
    const auto beyond = std::find(used.rbegin(), used.rend(), true).base();
    out.pitch_range = low == used.end() ? nothing : static_cast<double>(beyond - low - 1);
    for (std::size_t i = 1; i < first.notes.size(); ++i)
        sum += std::abs(first.notes[i].which.midi - first.notes[i - 1].which.midi);
    out.mean_interval = first.notes.size() > 1 ? sum / static_cast<double>(first.notes.size() - 1) : nothing;
}

inline void mended_steps(std::span<const score::note> notes, std::int64_t bar, std::int64_t quarter, mgeval_features& out) {
    const auto rests = rests_before(notes);
    std::optional<std::size_t> state;
    const auto go = [&](std::size_t to) {
        if (state) ++out.note_and_rest_transitions[*state * 24 + to];
        if (state && *state < 12 && to < 12) ++out.note_length_transitions[*state * 12 + to];
        ++out.note_and_rest_lengths[to];
        state = to;
    };
    double intervals = 0;
    std::size_t steps = 0;
    std::array<bool, 12> before{};
    int top_before = 0;
    for (std::size_t i = 0; i < notes.size();) {
        std::array<bool, 12> now{};
        const std::int64_t at = notes[i].start.value;
        if (rests[i] && classify_length(*rests[i], bar).off < 3) go(12 + classify_length(*rests[i], bar).index);
        int top = 0;
        const bool first = i == 0;
        for (; i < notes.size() && notes[i].start.value == at; ++i) {
            now[notes[i].which.name().value] = true;
            top = std::max<int>(top, notes[i].which.midi);
            out.pitch_classes[notes[i].which.name().value] += static_cast<double>(notes[i].length.value);
        }
        go(classify_length(notes[i - 1].length.value, bar).index);  // of a chord, its highest note
        if (!first) {
            ++steps, intervals += std::abs(top - top_before);
            for (std::size_t a = 0; a < 12; ++a)
                for (std::size_t b = 0; b < 12; ++b) out.pitch_class_transitions[a * 12 + b] += before[a] && now[b] ? 1 : 0;
        }
        before = now, top_before = top;
    }
    out.mean_interval = steps > 0 ? intervals / static_cast<double>(steps) : nothing;
    out.mean_onset_distance = steps > 0 ? static_cast<double>((notes.back().start - notes.front().start).value) /
                                              static_cast<double>(quarter) / static_cast<double>(steps)
                                        : nothing;
    to_shares(out.pitch_class_transitions), to_shares(out.note_length_transitions), to_shares(out.note_and_rest_transitions);
}

template <auto Member>
std::vector<double> one_number(const mgeval_features& f, std::size_t) {
    return {f.*Member};
}
template <auto Member>
std::vector<double> all_numbers(const mgeval_features& f, std::size_t) {
    return {(f.*Member).begin(), (f.*Member).end()};
}
template <auto Member, std::size_t Width = 1>
std::vector<double> of_bars(const mgeval_features& f, std::size_t bars) {
    std::vector<double> out = f.*Member;
    out.resize(bars * Width);
    return out;
}

}  // namespace detail

inline mgeval_features measure_mgeval(const score::piece& piece, mgeval_reading how) {
    mgeval_features out;
    const std::int64_t quarter = piece.resolution().ticks_per_quarter;
    if (how == mgeval_reading::published) {
        score::track first;
        for (const score::track& t : piece.tracks)
            if (!t.notes.empty()) {
                first = t;
                break;
            }
        score::sort_notes(first.notes);
        detail::count_notes(first.notes, 4 * quarter, out);
        detail::published_lengths(first.notes, 4 * quarter, out);
        detail::published_pitches(piece, first, out);
    } else {
        std::vector<score::note> notes;
        detail::for_each_pitched(piece, [&](const score::note& n) { notes.push_back(n); });
        score::sort_notes(notes);
        const std::int64_t bar = bar_length(piece).value;
        detail::count_notes(notes, bar, out);
        detail::mended_steps(notes, bar, quarter, out);
        detail::bar_shares by_bar(out.bar_notes.size(), bar);
        for (const score::note& n : notes) by_bar.add(n.which.name().value, n.start.value, n.end().value, 1);
        out.bar_pitch_classes = by_bar.shares();
    }
    detail::to_shares(out.pitch_classes), detail::to_shares(out.note_lengths), detail::to_shares(out.note_and_rest_lengths);
    return out;
}

inline std::span<const mgeval_feature> mgeval_feature_list() {
    using f = mgeval_features;
    static constexpr mgeval_feature all[] = {
        {"pitch count", detail::one_number<&f::pitch_count>},
        {"pitch count a bar", detail::of_bars<&f::bar_pitches>},
        {"note count", detail::one_number<&f::note_count>},
        {"note count a bar", detail::of_bars<&f::bar_notes>},
        {"pitch classes", detail::all_numbers<&f::pitch_classes>},
        {"pitch classes a bar", detail::of_bars<&f::bar_pitch_classes, 12>},
        {"pitch class transitions", detail::all_numbers<&f::pitch_class_transitions>},
        {"pitch range", detail::one_number<&f::pitch_range>},
        {"mean interval", detail::one_number<&f::mean_interval>},
        {"mean distance of onsets", detail::one_number<&f::mean_onset_distance>},
        {"note lengths", detail::all_numbers<&f::note_lengths>},
        {"note lengths and rests", detail::all_numbers<&f::note_and_rest_lengths>},
        {"note length transitions", detail::all_numbers<&f::note_length_transitions>},
        {"note length and rest transitions", detail::all_numbers<&f::note_and_rest_transitions>},
    };
    return all;
}

}  // namespace lofi::inline LOFI_ABI::analysis
