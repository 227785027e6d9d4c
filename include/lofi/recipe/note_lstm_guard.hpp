#pragma once
// No copies from music that somebody names: pieces that copy too much are not let through.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lofi/analysis/token_measures.hpp>
#include <lofi/corpus/hands_corpus.hpp>
#include <lofi/recipe/note_lstm_table.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// What a piece may share with other music, in note/chord tokens and in whatever key.
struct note_guard_config {
    std::size_t longest = 12;  ///< tokens of a stretch
    std::size_t counted = 8;   ///< stretches of so many tokens count as copies
    double share = .1;         ///< of tokens inside such copies
};

class note_guard {
public:
    explicit note_guard(const corpus::hands_corpus& music, const note_guard_config& config = {});
    /// The worst of all transpositions.
    [[nodiscard]] analysis::copy_report find(const score::piece& piece) const;
    /// Whether a piece keeps both bounds.
    [[nodiscard]] bool passes(const score::piece& piece) const {
        const analysis::copy_report r = find(piece);
        return r.longest <= config_.longest && r.share <= config_.share;
    }

private:
    note_guard_config config_;
    analysis::copy_finder finder_;
};

// ---------------------------------------------------------------- bodies

namespace detail {

inline std::vector<std::int32_t> numbers_of(std::span<const token::notechord> tokens, int semitones) {
    std::vector<std::int32_t> out;
    for (const token::notechord t : tokens) out.push_back(token::transposed(t, semitones).id);
    return out;
}

inline std::vector<std::vector<std::int32_t>> numbers_of(const corpus::hands_corpus& music) {
    std::vector<std::vector<std::int32_t>> out;
    for (const corpus::hands_song& s : music.songs)
        out.push_back(numbers_of(notechords_of(token::decode_hands(s.tokens, s.key).value()), 0));
    return out;
}

}  // namespace detail

inline note_guard::note_guard(const corpus::hands_corpus& music, const note_guard_config& config)
    : config_(config), finder_(detail::numbers_of(music), config.counted) {}

inline analysis::copy_report note_guard::find(const score::piece& piece) const {
    analysis::copy_report worst;
    const std::vector<token::notechord> tokens = notechords_of(piece);
    // Two octaves either way: keys lie an octave apart at most, and so do the hands that play them.
    for (int semitones = -24; semitones <= 24; ++semitones) {
        const analysis::copy_report r = finder_.find(detail::numbers_of(tokens, semitones));
        const double share = std::max(worst.share, r.share);
        if (r.longest > worst.longest) worst = r;
        worst.share = share;
    }
    return worst;
}

}  // namespace lofi::inline LOFI_ABI::recipe
