#pragma once
// Measures of grooves: where each drum falls, how hard, how far off the grid, and how much a bar is like the one before.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/score/groove.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// Two bars of drums: hits by step, then voice.
using groove_view = std::span<const score::drum_hit>;

inline constexpr std::size_t kit_voices = 9;  ///< kick to ride
/// How often each voice falls on each sixteenth of a bar, as a share of the bars.
using onset_shares = std::array<std::array<double, 16>, kit_voices>;

/// What many grooves are like.
struct groove_measures {
    std::size_t grooves = 0;
    onset_shares onsets{};
    double hits_a_bar = 0;
    double kick_on_one = 0;                     ///< share of bars with a kick on the first sixteenth
    double backbeat = 0;                        ///< share of the second and fourth beats with a snare of 40 or more
    double ghosts_a_bar = 0;                    ///< snares below 40
    double same_bars = 0;                       ///< share of grooves whose second bar hits as the first
    double turnings = 0;                        ///< share of grooves with two toms or more in the last half bar
    double off_beat = 0;                        ///< share of hits on the second and fourth sixteenth of a beat
    std::array<double, kit_voices> hits{};      ///< a bar, by voice
    std::array<double, kit_voices> velocity{};  ///< mean, by voice; 0 where it never plays
    std::array<double, kit_voices> lateness{};  ///< mean offset, by voice, in steps
    double spread = 0;                          ///< standard deviation of the offsets within a groove, in steps
    double lilt = 0;  ///< how much later the second sixteenths of eighths come than the first, in steps
};

/// Measures grooves. `each(i)` gives the i-th of them.
template <class Each>
[[nodiscard]] groove_measures measure_grooves(std::size_t count, Each&& each);

/// The mean difference of two sets' onset shares over voices and sixteenths.
[[nodiscard]] double onset_distance(const onset_shares& a, const onset_shares& b);

// ---------------------------------------------------------------- bodies

namespace detail {
inline double ratio(double sum, double n) { return n > 0 ? sum / n : 0; }
}  // namespace detail

template <class Each>
groove_measures measure_grooves(std::size_t count, Each&& each) {
    using score::drum;
    groove_measures m;
    m.grooves = count;
    const double bars = 2.0 * static_cast<double>(count);
    double all = 0, off_beat = 0, spread = 0, kicks = 0, backbeats = 0, ghosts = 0, same = 0, turnings = 0;
    std::array<double, 2> place_sum{}, place_count{};
    for (std::size_t i = 0; i < count; ++i) {
        const groove_view hits = each(i);
        std::array<std::uint32_t, 32> masks{};
        double sum = 0, squares = 0;
        int toms = 0;
        for (const score::drum_hit& h : hits) {
            const auto v = static_cast<std::size_t>(h.voice);
            if (v >= kit_voices || h.step >= 32) continue;
            const std::size_t place = h.step % 16U;
            const double offset = h.offset / 128.0;
            masks[h.step] |= 1U << v;
            m.onsets[v][place] += 1;
            m.hits[v] += 1;
            m.velocity[v] += h.force.value;
            m.lateness[v] += offset;
            sum += offset, squares += offset * offset;
            place_sum[place % 2] += offset, place_count[place % 2] += 1;
            all += 1;
            off_beat += place % 2 == 1 ? 1 : 0;
            kicks += v == 0 && place == 0 ? 1 : 0;
            if (h.voice == drum::snare) {
                backbeats += h.force.value >= 40 && place % 8 == 4 ? 1 : 0;
                ghosts += h.force.value < 40 ? 1 : 0;
            }
            toms += h.step >= 24 && h.voice >= drum::low_tom && h.voice <= drum::high_tom ? 1 : 0;
        }
        same += std::equal(masks.begin(), masks.begin() + 16, masks.begin() + 16) ? 1 : 0;
        turnings += toms >= 2 ? 1 : 0;
        if (const auto n = static_cast<double>(hits.size()); n > 1) spread += std::max(0.0, squares / n - sum / n * sum / n);
    }
    for (std::size_t v = 0; v < kit_voices; ++v) {
        m.velocity[v] = detail::ratio(m.velocity[v], m.hits[v]);
        m.lateness[v] = detail::ratio(m.lateness[v], m.hits[v]);
        m.hits[v] = detail::ratio(m.hits[v], bars);
        for (double& share : m.onsets[v]) share = detail::ratio(share, bars);
    }
    m.hits_a_bar = detail::ratio(all, bars);
    m.kick_on_one = detail::ratio(kicks, bars);
    m.backbeat = detail::ratio(backbeats, 2 * bars);
    m.ghosts_a_bar = detail::ratio(ghosts, bars);
    m.same_bars = detail::ratio(same, bars / 2);
    m.turnings = detail::ratio(turnings, bars / 2);
    m.off_beat = detail::ratio(off_beat, all);
    m.spread = std::sqrt(detail::ratio(spread, bars / 2));
    m.lilt = detail::ratio(place_sum[1], place_count[1]) - detail::ratio(place_sum[0], place_count[0]);
    return m;
}

inline double onset_distance(const onset_shares& a, const onset_shares& b) {
    double sum = 0;
    for (std::size_t v = 0; v < kit_voices; ++v)
        for (std::size_t s = 0; s < 16; ++s) sum += std::abs(a[v][s] - b[v][s]);
    return sum / (kit_voices * 16);
}

}  // namespace lofi::inline LOFI_ABI::analysis
