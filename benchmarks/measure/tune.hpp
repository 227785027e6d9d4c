#pragma once
// A piece of music as bars of sixteenths, and what can be counted in it: repeats, fit to its key, variety of the drums.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <vector>

#include <lofi/score/key.hpp>
#include <lofi/score/note.hpp>

namespace measure {

/// A note on the grid: its sixteenth counted from the start, and how long it lasts.
struct step_note {
    std::int32_t step = 0;
    float sixteenths = 0.0F;
    lofi::score::part part{};
    std::uint8_t pitch = 0;  ///< of drums: the General MIDI key
};

/// From which sixteenth on a key holds.
struct key_from {
    std::int32_t step = 0;
    lofi::score::key key{};
};

/// Music in 4/4.
struct tune {
    std::vector<step_note> notes;
    std::vector<key_from> keys;  ///< by step; at least one where there are notes
    std::int32_t bars = 0;

    [[nodiscard]] lofi::score::key key_at(std::int32_t step) const {
        auto k = std::upper_bound(keys.begin(), keys.end(), step, [](std::int32_t s, const key_from& f) { return s < f.step; });
        return k == keys.begin() ? (keys.empty() ? lofi::score::key{} : keys.front().key) : std::prev(k)->key;
    }
};

/// What stands in each bar, as numbers that are equal for equal bars; 0 for an empty one.
using bar_names = std::vector<std::uint32_t>;

/// Which notes make a bar, and whether pitches count from C or from the tonic.
enum class hearing : std::uint8_t { melody, pitched, drums };
enum class counted_from : std::uint8_t { c, tonic };
/// Gives bars their names: equal are those with the same pitches on the same sixteenths. Velocities, lengths and which hand plays do
/// not count. `known` holds the names given before, so that bars of several tunes can be compared.
using name_book = std::map<std::vector<std::uint16_t>, std::uint32_t>;
[[nodiscard]] bar_names name_bars(const tune& t, hearing what, counted_from zero, name_book& known);

/// How often bars repeat.
struct repeats {
    double bars = 0.0;      ///< share of the bars that sound which have stood before
    std::size_t run = 0;    ///< the most bars in a row that stood before in the same row, without overlap
    std::size_t heard = 0;  ///< bars that sound
};
/// Within stretches of so many bars (0: the whole), as if each were a song of its own.
[[nodiscard]] repeats find_repeats(std::span<const std::uint32_t> bars, std::size_t stretch = 0);

/// The share of melody bars most of whose notes have stood before in a bar of the same stretch: at least six in ten of the notes of both
/// together, pitches from the tonic.
[[nodiscard]] double melody_recalled(const tune& t, std::size_t stretch);

/// How well the notes fit the key that is announced.
struct key_fit {
    double in_key = 0.0;   ///< share of the pitched notes' time
    double same = 0.0;     ///< windows of eight bars in one key in which the profiles find its tonic, major or minor
    double related = 0.0;  ///< ... or its relative, its dominant or its subdominant
    std::size_t windows = 0;
    double beats = 0.0;
};
/// source: Krumhansl and Kessler's profiles (1982), by correlation
[[nodiscard]] key_fit fit_key(const tune& t);

/// How varied the drums are.
struct drum_variety {
    std::size_t bars = 0;   ///< in which drums play
    double distinct = 0.0;  ///< different bars, by bars, within stretches of 32 that play
    double entropy = 0.0;   ///< bits of the bar within such a stretch, 5 at the most
    std::size_t stretches = 0;
    std::size_t different = 0;  ///< in all
};
[[nodiscard]] drum_variety vary_drums(std::span<const std::uint32_t> bars);

// ---------------------------------------------------------------- bodies

inline bar_names name_bars(const tune& t, hearing what, counted_from zero, name_book& known) {
    using lofi::score::part;
    std::vector<std::vector<std::uint16_t>> bars(static_cast<std::size_t>(t.bars));
    for (const step_note& n : t.notes) {
        const bool counts = what == hearing::melody  ? n.part == part::melody
                            : what == hearing::drums ? n.part == part::drums
                                                     : n.part == part::melody || n.part == part::keys || n.part == part::bass;
        const std::int32_t bar = n.step / 16;
        if (!counts || n.step < 0 || bar >= t.bars) continue;
        const int up = zero == counted_from::tonic ? n.pitch + 12 - t.key_at(n.step).tonic.value : n.pitch;
        bars[static_cast<std::size_t>(bar)].push_back(static_cast<std::uint16_t>((n.step % 16) << 8 | up));
    }
    bar_names names;
    for (auto& b : bars) {
        std::sort(b.begin(), b.end());
        b.erase(std::unique(b.begin(), b.end()), b.end());
        names.push_back(b.empty() ? 0 : known.try_emplace(b, static_cast<std::uint32_t>(known.size() + 1)).first->second);
    }
    return names;
}

inline repeats find_repeats(std::span<const std::uint32_t> bars, std::size_t stretch) {
    repeats r;
    std::size_t again = 0;
    if (stretch == 0) stretch = std::max<std::size_t>(1, bars.size());
    for (std::size_t first = 0; first < bars.size(); first += stretch) {
        const auto song = bars.subspan(first, std::min(stretch, bars.size() - first));
        std::set<std::uint32_t> seen;
        std::vector<std::uint32_t> before(song.size() + 1), now(song.size() + 1);
        for (std::size_t i = 0; i < song.size(); ++i) {
            if (song[i] != 0) ++r.heard, again += !seen.insert(song[i]).second;
            for (std::size_t j = 0; j < i; ++j) {
                now[j + 1] = song[i] == song[j] && song[i] != 0 ? before[j] + 1 : 0;
                r.run = std::max<std::size_t>(r.run, std::min<std::size_t>(now[j + 1], i - j));
            }
            std::swap(before, now);
        }
    }
    r.bars =
        r.heard == 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(again) / static_cast<double>(r.heard);
    return r;
}

inline double melody_recalled(const tune& t, std::size_t stretch) {
    std::vector<std::set<int>> bars(static_cast<std::size_t>(t.bars));
    for (const step_note& n : t.notes)
        if (n.part == lofi::score::part::melody && n.step >= 0 && n.step / 16 < t.bars)
            bars[static_cast<std::size_t>(n.step / 16)].insert((n.step % 16) << 8 |
                                                               (n.pitch + 12 - t.key_at(n.step).tonic.value));
    std::size_t heard = 0, again = 0;
    for (std::size_t i = 0; i < bars.size(); ++i) {
        if (bars[i].empty()) continue;
        ++heard;
        for (std::size_t j = i / stretch * stretch; j < i; ++j) {
            std::size_t both = 0;
            for (const int n : bars[i]) both += bars[j].count(n);
            if (10 * both < 6 * (bars[i].size() + bars[j].size() - both)) continue;
            ++again;
            break;
        }
    }
    return static_cast<double>(again) / static_cast<double>(heard);
}

namespace detail {
// The tonic (0 to 11; 12 more for minor) whose profile is nearest to how long each pitch class sounds.
inline int nearest_key(const std::array<double, 12>& heard) {
    constexpr std::array<double, 12> profile[2] = {{6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88},
                                                   {6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17}};
    const auto centred = [](std::array<double, 12> x) {
        double mean = 0.0, square = 0.0;
        for (const double v : x) mean += v / 12.0;
        for (double& v : x) v -= mean, square += v * v;
        for (double& v : x) v /= std::sqrt(std::max(square, 1e-300));
        return x;
    };
    const auto x = centred(heard);
    int best = 0;
    double most = -2.0;
    for (int k = 0; k < 24; ++k) {
        const auto p = centred(profile[k / 12]);
        double sum = 0.0;
        for (std::size_t i = 0; i < 12; ++i) sum += x[(i + static_cast<std::size_t>(k % 12)) % 12] * p[i];
        if (sum > most) most = sum, best = k;
    }
    return best;
}
}  // namespace detail

inline key_fit fit_key(const tune& t) {
    using lofi::score::part;
    constexpr std::int32_t window = 8 * 16;
    key_fit f;
    double inside = 0.0;
    std::size_t same = 0, related = 0;
    std::map<std::int32_t, std::array<double, 12>> heard;
    for (const step_note& n : t.notes) {
        if (n.part == part::drums || n.part == part::texture || n.step < 0) continue;
        f.beats += double{n.sixteenths} / 4.0;
        if (lofi::score::contains(t.key_at(n.step), lofi::score::pitch_class(n.pitch))) inside += double{n.sixteenths} / 4.0;
        heard[n.step / window][n.pitch % 12] += double{n.sixteenths};
    }
    for (const auto& entry : heard) {
        const std::int32_t from = entry.first * window, until = from + window;
        const lofi::score::key key = t.key_at(from);
        const bool one = std::all_of(t.keys.begin(), t.keys.end(),
                                     [&](const key_from& k) { return k.step < from || k.step >= until || k.key == key; });
        if (!one || until > 16 * t.bars) continue;
        const bool minor = lofi::score::steps(key.scale)[2] == 3;
        const int own = key.tonic.value + (minor ? 12 : 0), found = detail::nearest_key(entry.second);
        const auto moved = [&](int up) { return (own % 12 + up) % 12 + own / 12 * 12; };
        const int relative = minor ? (own % 12 + 3) % 12 : (own + 9) % 12 + 12;
        ++f.windows;
        same += found == own;
        related += found == own || found == relative || found == moved(5) || found == moved(7);
    }
    f.in_key = inside / f.beats;
    f.same = static_cast<double>(same) / static_cast<double>(f.windows);
    f.related = static_cast<double>(related) / static_cast<double>(f.windows);
    return f;
}

inline drum_variety vary_drums(std::span<const std::uint32_t> bars) {
    constexpr std::size_t stretch = 32;
    std::vector<std::uint32_t> playing;
    for (const std::uint32_t b : bars)
        if (b != 0) playing.push_back(b);
    drum_variety v;
    v.bars = playing.size();
    v.different = std::set<std::uint32_t>(playing.begin(), playing.end()).size();
    for (std::size_t first = 0; first + stretch <= playing.size(); first += stretch) {
        std::map<std::uint32_t, int> counts;
        for (std::size_t i = 0; i < stretch; ++i) ++counts[playing[first + i]];
        v.distinct += static_cast<double>(counts.size()) / stretch;
        for (const auto& [name, count] : counts) {
            const double p = count / static_cast<double>(stretch);
            v.entropy -= p * std::log2(p);
        }
        ++v.stretches;
    }
    v.distinct /= static_cast<double>(v.stretches), v.entropy /= static_cast<double>(v.stretches);
    return v;
}

}  // namespace measure
