#pragma once
// Measures of note/chord tokens: is the key held, is the rhythm alive, is anything copied?
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

#include <lofi/core/hash.hpp>
#include <lofi/score/key.hpp>
#include <lofi/score/piece.hpp>
#include <lofi/score/pitch_set.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// The share of tokens whose pitch classes all belong to a key. Tokens as their sets of pitch classes.
[[nodiscard]] double in_key(std::span<const score::pitch_set> tokens, const score::key& key);
/// The mean, over windows of so many tokens (all of them, where there are fewer), of the share that the best of the 24 major and natural
/// minor keys holds.
[[nodiscard]] double window_key_fit(std::span<const score::pitch_set> tokens, std::size_t window = 51);
/// How often the best key of neighbouring windows, one behind the other, has another scale.
[[nodiscard]] std::size_t key_changes(std::span<const score::pitch_set> tokens, std::size_t window = 51);
/// Entropy in bits of the distances between onsets, on sixteenths; NaN with fewer than two onsets.
[[nodiscard]] double rhythm_entropy(const score::piece& piece);

/// What a sequence shares with others, token for token.
struct copy_report {
    std::size_t longest = 0;                  ///< tokens of the longest stretch that stands in the training set
    std::size_t at = 0, song = 0, there = 0;  ///< where it starts here; in which sequence of the training set, and where
    double share = 0;                         ///< of tokens that lie inside shared stretches of `least` or more
};
/// Finds copies from a training set. Exact: what hashes say is looked up.
class copy_finder {
public:
    /// params: least: stretches of so many tokens and more count into the share
    explicit copy_finder(std::vector<std::vector<std::int32_t>> training, std::size_t least = 8);
    [[nodiscard]] copy_report find(std::span<const std::int32_t> tokens) const;
    [[nodiscard]] std::size_t least() const { return least_; }

private:
    struct place {
        std::uint32_t song, at;
    };
    [[nodiscard]] static std::uint64_t hash_of(std::span<const std::int32_t> tokens) {
        hasher h;
        for (const std::int32_t t : tokens) h.add(static_cast<std::uint32_t>(t));
        return h.value();
    }
    std::vector<std::vector<std::int32_t>> training_;
    std::size_t least_;
    std::unordered_multimap<std::uint64_t, place> places_;  // of stretches of `least_` tokens
};

// ---------------------------------------------------------------- bodies

namespace detail {

inline bool held_by(score::pitch_set s, const score::key& k) {
    for (int c = 0; c < 12; ++c)
        if (s.contains(score::pitch_class(c)) && !contains(k, score::pitch_class(c))) return false;
    return true;
}

// The best of the 24 keys, major before minor and from C on, and the share that it holds.
inline std::pair<score::key, double> best_key(std::span<const score::pitch_set> tokens) {
    std::pair<score::key, double> best{{}, -1.0};
    for (const score::mode m : {score::mode::ionian, score::mode::aeolian})
        for (int tonic = 0; tonic < 12; ++tonic) {
            const score::key k{score::pitch_class(tonic), m};
            const double share = in_key(tokens, k);
            if (share > best.second) best = {k, share};
        }
    return best;
}

}  // namespace detail

inline double in_key(std::span<const score::pitch_set> tokens, const score::key& key) {
    if (tokens.empty()) return std::numeric_limits<double>::quiet_NaN();
    const auto held = std::count_if(tokens.begin(), tokens.end(), [&](score::pitch_set s) { return detail::held_by(s, key); });
    return static_cast<double>(held) / static_cast<double>(tokens.size());
}

inline double window_key_fit(std::span<const score::pitch_set> tokens, std::size_t window) {
    if (tokens.empty()) return std::numeric_limits<double>::quiet_NaN();
    window = std::min(window, tokens.size());
    double sum = 0;
    std::size_t n = 0;
    for (std::size_t at = 0; at + window <= tokens.size(); ++at, ++n)
        sum += detail::best_key(tokens.subspan(at, window)).second;
    return sum / static_cast<double>(n);
}

inline std::size_t key_changes(std::span<const score::pitch_set> tokens, std::size_t window) {
    std::size_t changes = 0;
    score::pitch_set before;
    for (std::size_t at = 0; at + window <= tokens.size(); at += window) {
        const score::key k = detail::best_key(tokens.subspan(at, window)).first;
        score::pitch_set scale;
        for (int d = 1; d <= 7; ++d) scale.insert(score::degree(k, d));
        changes += !before.empty() && !(scale == before) ? 1 : 0;
        before = scale;
    }
    return changes;
}

inline double rhythm_entropy(const score::piece& piece) {
    const std::int64_t quarter = piece.resolution().ticks_per_quarter;
    std::vector<std::int64_t> onsets;
    for (const score::track& t : piece.tracks)
        if (!t.drums())
            for (const score::note& n : t.notes) onsets.push_back((8 * n.start.value + quarter) / (2 * quarter));
    std::sort(onsets.begin(), onsets.end());
    onsets.erase(std::unique(onsets.begin(), onsets.end()), onsets.end());
    if (onsets.size() < 2) return std::numeric_limits<double>::quiet_NaN();
    std::map<std::int64_t, double> counts;
    for (std::size_t i = 1; i < onsets.size(); ++i) counts[onsets[i] - onsets[i - 1]] += 1;
    double entropy = 0;
    const auto whole = static_cast<double>(onsets.size() - 1);
    for (const auto& [gap, n] : counts) entropy -= n / whole * std::log2(n / whole);
    return entropy;
}

inline copy_finder::copy_finder(std::vector<std::vector<std::int32_t>> training, std::size_t least)
    : training_(std::move(training)), least_(std::max<std::size_t>(least, 1)) {
    for (std::size_t s = 0; s < training_.size(); ++s)
        for (std::size_t at = 0; at + least_ <= training_[s].size(); ++at)
            places_.emplace(hash_of(std::span(training_[s]).subspan(at, least_)),
                            place{static_cast<std::uint32_t>(s), static_cast<std::uint32_t>(at)});
}

inline copy_report copy_finder::find(std::span<const std::int32_t> tokens) const {
    copy_report out;
    std::vector<bool> inside(tokens.size());
    for (std::size_t at = 0; at + least_ <= tokens.size(); ++at) {
        const auto [first, last] = places_.equal_range(hash_of(tokens.subspan(at, least_)));
        for (auto i = first; i != last; ++i) {
            const std::vector<std::int32_t>& song = training_[i->second.song];
            std::size_t n = 0;
            while (at + n < tokens.size() && i->second.at + n < song.size() && tokens[at + n] == song[i->second.at + n]) ++n;
            if (n < least_) continue;  // another stretch of the same hash
            for (std::size_t k = 0; k < n; ++k) inside[at + k] = true;
            if (n > out.longest) out.longest = n, out.at = at, out.song = i->second.song, out.there = i->second.at;
        }
    }
    const auto covered = static_cast<double>(std::count(inside.begin(), inside.end(), true));
    out.share = tokens.empty() ? 0 : covered / static_cast<double>(tokens.size());
    return out;
}

}  // namespace lofi::inline LOFI_ABI::analysis
