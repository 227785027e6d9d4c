#pragma once
// Which keys a piece goes through, heard in its melody, its accompaniment and its chords.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <lofi/analysis/chord_finding.hpp>
#include <lofi/analysis/detail/key_weights.hpp>
#include <lofi/score/key.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// A key from a beat on.
struct key_stretch {
    std::size_t beat = 0, beats = 0;
    score::key key{};

    friend bool operator==(const key_stretch&, const key_stretch&) = default;
};

/// What a change of key costs, in nats of a whole piece's evidence.
struct key_finding_config {
    double change = 1.5;
    double settled = 64;  ///< of so many beats a change costs twice as much, of half as many three times, and so on
    double bias = 0.05;   ///< so much more of the sound another mode must cover before it is taken instead of Ionian or Aeolian
};

/// Finds the keys of a piece in order, without gaps; one stretch where it never changes, none where nothing sounds. Tonic and third are
/// what a log-linear model finds likeliest; of the modes with that third then the one whose scale covers most of the sound.
[[nodiscard]] std::vector<key_stretch> find_keys(const beat_grid& grid, std::span<const found_chord> chords,
                                                 const key_finding_config& config = {});
/// The key that holds longest; C major where nothing sounds.
[[nodiscard]] score::key main_key(std::span<const key_stretch> keys);

/// What is heard of a key: pitch classes of melody and accompaniment, roots with their thirds (major, minor, others), and the
/// same of those that sound where the melody begins after a rest.
inline constexpr std::size_t key_features = 12 + 12 + 36 + 36;
using key_evidence = std::array<float, key_features>;
/// The evidence of each beat; shares of the whole piece's, so that the four groups sum to 1 each, or to 0.
[[nodiscard]] std::vector<key_evidence> gather_evidence(const beat_grid& grid, std::span<const found_chord> chords);
/// How the evidence speaks for a tonic with a major or a minor third.
[[nodiscard]] float key_logit(const key_evidence& e, std::size_t tonic, bool minor);

// ---------------------------------------------------------------- bodies

namespace detail {
// Where a group of features begins, and how many numbers a pitch class has in it.
struct key_group {
    std::size_t first, each;
};
inline constexpr std::array<key_group, 4> key_groups = {{{0, 1}, {12, 1}, {24, 3}, {60, 3}}};

inline std::size_t third_class(const score::chord_type& t) {
    return t.quality == score::quality::major ? 0 : t.quality == score::quality::minor ? 1 : 2;
}

inline score::mode mode_that_covers(std::span<const beat_sound> beats, score::pitch_class tonic, bool minor, double bias) {
    std::array<double, 12> time{};
    double whole = 0;
    for (const beat_sound& b : beats)
        for (std::size_t i = 0; i < 12; ++i) time[i] += b.time[i] + b.melody[i], whole += b.time[i] + b.melody[i];
    using score::mode;
    const std::array<mode, 3> modes = minor ? std::array{mode::aeolian, mode::dorian, mode::phrygian}
                                            : std::array{mode::ionian, mode::mixolydian, mode::lydian};
    mode best = modes[0];
    double most = -1;
    for (const mode m : modes) {
        double covered = m == modes[0] ? bias * whole : 0;
        for (int i = 0; i < 12; ++i)
            if (contains({tonic, m}, score::pitch_class(i))) covered += time[static_cast<std::size_t>(i)];
        if (covered > most) most = covered, best = m;
    }
    return best;
}
}  // namespace detail

inline std::vector<key_evidence> gather_evidence(const beat_grid& grid, std::span<const found_chord> chords) {
    std::vector<key_evidence> out(grid.beats.size());
    for (std::size_t i = 0; i < out.size(); ++i)
        for (std::size_t c = 0; c < 12; ++c) out[i][c] = grid.beats[i].melody[c], out[i][12 + c] = grid.beats[i].time[c];
    for (const found_chord& c : chords) {
        if (!c.sounds) continue;
        const std::size_t at = std::size_t{c.root.value} * 3 + detail::third_class(c.type);
        for (std::size_t i = c.beat; i < c.beat + c.beats; ++i) out[i][24 + at] = 1;
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (!grid.beats[i].opens) continue;
        if (const found_chord c = longest_chord(chords, i, 4); c.sounds)
            out[i][60 + std::size_t{c.root.value} * 3 + detail::third_class(c.type)] = 1;
    }
    for (const auto& [first, each] : detail::key_groups) {
        double sum = 0;
        for (const key_evidence& e : out)
            for (std::size_t k = first; k < first + 12 * each; ++k) sum += e[k];
        if (sum <= 0) continue;
        for (key_evidence& e : out)
            for (std::size_t k = first; k < first + 12 * each; ++k) e[k] = static_cast<float>(e[k] / sum);
    }
    return out;
}

inline float key_logit(const key_evidence& e, std::size_t tonic, bool minor) {
    const auto& weights = detail::key_weights[minor ? 1 : 0];
    float sum = 0;
    for (const auto& [first, each] : detail::key_groups)
        for (std::size_t k = 0; k < 12 * each; ++k) sum += weights[first + k] * e[first + (k + tonic * each) % (12 * each)];
    return sum;
}

inline std::vector<key_stretch> find_keys(const beat_grid& grid, std::span<const found_chord> chords,
                                          const key_finding_config& config) {
    const std::vector<key_evidence> evidence = gather_evidence(grid, chords);
    const std::size_t n = evidence.size();
    std::vector<std::uint8_t> from(n * 24);
    std::array<float, 24> score{}, next{};
    const auto cost = static_cast<float>(config.change * (1 + config.settled / static_cast<double>(n + 1)));
    bool any = false;
    for (std::size_t i = 0; i < n; ++i) {
        any = any || !grid.beats[i].silent();
        const auto best = static_cast<std::size_t>(std::max_element(score.begin(), score.end()) - score.begin());
        const float changed = score[best] - cost;
        for (std::size_t k = 0; k < 24; ++k) {
            const bool changes = i > 0 && grid.beats[i].place == beat_place::bar && changed > score[k];
            from[i * 24 + k] = static_cast<std::uint8_t>(changes ? best : k);
            next[k] = (changes ? changed : score[k]) + key_logit(evidence[i], k / 2, k % 2 == 1);
        }
        score = next;
    }
    std::vector<key_stretch> out;
    if (!any) return out;
    auto state = static_cast<std::size_t>(std::max_element(score.begin(), score.end()) - score.begin());
    std::vector<std::uint8_t> path(n);
    for (std::size_t i = n; i-- > 0;) path[i] = static_cast<std::uint8_t>(state), state = from[i * 24 + state];
    for (std::size_t i = 0; i < n;) {
        std::size_t to = i;
        while (to < n && path[to] == path[i]) ++to;
        const score::pitch_class tonic(path[i] / 2);
        const std::span<const beat_sound> beats(grid.beats.data() + i, to - i);
        out.push_back({i, to - i, {tonic, detail::mode_that_covers(beats, tonic, path[i] % 2 == 1, config.bias)}});
        i = to;
    }
    return out;
}

inline score::key main_key(std::span<const key_stretch> keys) {
    score::key best{};
    std::size_t most = 0;
    for (const key_stretch& k : keys) {
        std::size_t beats = 0;
        for (const key_stretch& other : keys) beats += other.key == k.key ? other.beats : 0;
        if (beats > most) most = beats, best = k.key;
    }
    return best;
}

}  // namespace lofi::inline LOFI_ABI::analysis
