#pragma once
// Measures of lead sheets: what a corpus and what a model makes can be held side by side with.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include <lofi/analysis/mood.hpp>
#include <lofi/score/lead_sheet.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// The measures of many sheets together. Shares are 0 to 1; what has nothing to be measured on is not a number. Sheets without
/// a melody count for the chords alone.
struct lead_measures {
    std::size_t sheets = 0, melodies = 0;
    double chord_information = 0.0;      ///< mutual information of neighbouring chords, bits (8 symbols: no chord, 1 to 7)
    double chord_information_two = 0.0;  ///< of chords two rows apart
    double median_rows = 0.0;
    double degrees = 0.0;      ///< different degrees a sheet, mean
    double few_pitches = 0.0;  ///< share of melodies with two pitches or fewer
    double pitches = 0.0;      ///< different pitches a melody, mean
    double chord_tone_on_one =
        0.0;             ///< first slots of rows that hold a tone of the diatonic triad, of those with note and chord
    double held = 0.0;   ///< slots equal to the slot before, of all but each melody's first
    double rests = 0.0;  ///< slots that rest
    double attacks_per_row = 0.0;
    double pitch_entropy = 0.0;  ///< of the notes' slots over the 15 values, bits
    double repeated_rows = 0.0;  ///< rows whose melody equals one of the last eight rows', of all but each melody's first
};
[[nodiscard]] lead_measures measure(std::span<const score::lead_sheet> sheets);

/// Where copies of a training melody are looked for.
struct copy_config {
    std::size_t slots = 16;     ///< length of what counts as a copy; runs with a rest in them do not
    std::size_t different = 1;  ///< a copy has at least this many different values (1 counts long held notes too)
};
/// The share of melodies that hold at least one run copied from a training melody.
[[nodiscard]] double copied_share(std::span<const score::lead_sheet> sheets, std::span<const score::lead_sheet> training,
                                  copy_config config = {});
/// The longest run of slots of a melody, rests included, that stands in a training melody; ends at `most`.
[[nodiscard]] std::size_t longest_copy(const score::lead_sheet& sheet, std::span<const score::lead_sheet> training,
                                       std::size_t most = 256);

/// All slots of a sheet in order; nothing where it has chords alone.
[[nodiscard]] std::vector<std::uint8_t> slots_of(const score::lead_sheet& sheet);

// ---------------------------------------------------------------- bodies

namespace detail {
using pair_counts = std::array<std::array<double, 8>, 8>;

inline double mutual_information(const pair_counts& counts) {
    std::array<double, 8> from{}, to{};
    double all = 0.0, out = 0.0;
    for (std::size_t a = 0; a < 8; ++a)
        for (std::size_t b = 0; b < 8; ++b) from[a] += counts[a][b], to[b] += counts[a][b], all += counts[a][b];
    for (std::size_t a = 0; a < 8; ++a)
        for (std::size_t b = 0; b < 8; ++b)
            if (counts[a][b] > 0.0) out += counts[a][b] / all * std::log2(counts[a][b] * all / (from[a] * to[b]));
    return all > 0.0 ? out : std::numeric_limits<double>::quiet_NaN();
}

inline double share(double part, double whole) { return whole > 0.0 ? part / whole : std::numeric_limits<double>::quiet_NaN(); }
inline double share(std::size_t part, std::size_t whole) {
    return share(static_cast<double>(part), static_cast<double>(whole));
}

// Every run of n slots without a rest, as text, so that it can be looked up.
template <class Visit>
void for_each_run(const score::lead_sheet& sheet, std::size_t n, Visit&& visit) {
    const std::vector<std::uint8_t> slots = slots_of(sheet);
    std::size_t sounding = 0;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        sounding = slots[i] == 0 ? 0 : sounding + 1;
        if (sounding >= n)
            visit(std::string(slots.begin() + static_cast<std::ptrdiff_t>(i + 1 - n),
                              slots.begin() + static_cast<std::ptrdiff_t>(i + 1)));
    }
}
}  // namespace detail

inline std::vector<std::uint8_t> slots_of(const score::lead_sheet& sheet) {
    std::vector<std::uint8_t> out;
    if (!sheet.has_melody) return out;
    for (const score::lead_row& row : sheet.rows) out.insert(out.end(), row.melody.begin(), row.melody.end());
    return out;
}

inline lead_measures measure(std::span<const score::lead_sheet> sheets) {
    lead_measures out;
    detail::pair_counts neighbours{}, two_apart{};
    std::array<std::size_t, 16> values{};
    std::vector<std::size_t> lengths;
    std::size_t degrees = 0, pitches = 0, few = 0, firsts = 0, chord_tones = 0, steps = 0, same = 0, attacks = 0, rows = 0;
    std::size_t later_rows = 0, repeated = 0;

    for (const score::lead_sheet& sheet : sheets) {
        ++out.sheets;
        const auto& r = sheet.rows;
        lengths.push_back(r.size());
        std::set<std::uint8_t> degrees_here, pitches_here;
        for (std::size_t i = 0; i < r.size(); ++i) {
            if (i + 1 < r.size()) neighbours[r[i].chord & 7U][r[i + 1].chord & 7U] += 1.0;
            if (i + 2 < r.size()) two_apart[r[i].chord & 7U][r[i + 2].chord & 7U] += 1.0;
            if (r[i].chord != 0) degrees_here.insert(r[i].chord);
        }
        degrees += degrees_here.size();
        if (!sheet.has_melody) continue;

        ++out.melodies;
        rows += r.size();
        attacks += motion_of(sheet).attacks;
        for (std::size_t i = 0; i < r.size(); ++i) {
            const int first = r[i].melody[0], chord = r[i].chord;
            if (first != 0 && chord != 0) {
                const int above = (first - chord + 14) % 7;  // scale steps above the root
                ++firsts, chord_tones += above == 0 || above == 2 || above == 4 ? 1U : 0U;
            }
            if (i == 0) continue;
            const std::size_t from = i < 8 ? 0 : i - 8;
            ++later_rows;
            repeated += std::any_of(r.begin() + static_cast<std::ptrdiff_t>(from), r.begin() + static_cast<std::ptrdiff_t>(i),
                                    [&](const score::lead_row& row) { return row.melody == r[i].melody; })
                            ? 1U
                            : 0U;
        }
        const std::vector<std::uint8_t> slots = slots_of(sheet);
        for (std::size_t i = 0; i < slots.size(); ++i) {
            ++values[slots[i] & 15U];
            if (slots[i] != 0) pitches_here.insert(slots[i]);
            if (i > 0) ++steps, same += slots[i] == slots[i - 1] ? 1U : 0U;
        }
        pitches += pitches_here.size();
        few += pitches_here.size() <= 2 ? 1U : 0U;
    }

    out.chord_information = detail::mutual_information(neighbours);
    out.chord_information_two = detail::mutual_information(two_apart);
    std::sort(lengths.begin(), lengths.end());
    const std::size_t n = lengths.size();
    out.median_rows =
        n == 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(lengths[(n - 1) / 2] + lengths[n / 2]) / 2.0;
    out.degrees = detail::share(degrees, out.sheets);
    out.few_pitches = detail::share(few, out.melodies);
    out.pitches = detail::share(pitches, out.melodies);
    out.chord_tone_on_one = detail::share(chord_tones, firsts);
    out.held = detail::share(same, steps);
    std::size_t all = 0;
    for (const std::size_t v : values) all += v;
    out.rests = detail::share(values[0], all);
    out.attacks_per_row = detail::share(attacks, rows);
    out.pitch_entropy = detail::share(0.0, static_cast<double>(all - values[0]));
    for (std::size_t v = 1; v < values.size(); ++v) {
        const double p = detail::share(values[v], all - values[0]);
        if (p > 0.0) out.pitch_entropy -= p * std::log2(p);
    }
    out.repeated_rows = detail::share(repeated, later_rows);
    return out;
}

inline double copied_share(std::span<const score::lead_sheet> sheets, std::span<const score::lead_sheet> training,
                           copy_config config) {
    std::unordered_set<std::string> known;
    for (const score::lead_sheet& sheet : training)
        detail::for_each_run(sheet, config.slots, [&](std::string run) { known.insert(std::move(run)); });
    std::size_t melodies = 0, copies = 0;
    for (const score::lead_sheet& sheet : sheets) {
        if (!sheet.has_melody) continue;
        bool found = false;
        detail::for_each_run(sheet, config.slots, [&](const std::string& run) {
            found = found || (std::set<char>(run.begin(), run.end()).size() >= config.different && known.count(run) != 0);
        });
        ++melodies, copies += found ? 1U : 0U;
    }
    return detail::share(copies, melodies);
}

inline std::size_t longest_copy(const score::lead_sheet& sheet, std::span<const score::lead_sheet> training, std::size_t most) {
    const std::vector<std::uint8_t> mine = slots_of(sheet);
    std::size_t longest = 0;
    // Lengths of the common run that ends at each pair of slots, a row of the table at a time.
    std::vector<std::size_t> here, before;
    for (const score::lead_sheet& other : training) {
        const std::vector<std::uint8_t> theirs = slots_of(other);
        before.assign(theirs.size() + 1, 0);
        for (const std::uint8_t v : mine) {
            here.assign(theirs.size() + 1, 0);
            for (std::size_t j = 0; j < theirs.size(); ++j)
                if (theirs[j] == v) longest = std::max(longest, here[j + 1] = before[j] + 1);
            std::swap(here, before);
        }
        if (longest >= most) return most;
    }
    return longest;
}

}  // namespace lofi::inline LOFI_ABI::analysis
