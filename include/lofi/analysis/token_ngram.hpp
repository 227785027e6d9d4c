#pragma once
// A yardstick for networks of tokens: n-grams over any ids, with Witten-Bell smoothing.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include <lofi/analysis/ngram.hpp>
#include <lofi/core/assert.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// Predicts each token of a sequence from up to `order` tokens before it; tokens never seen have what is left, shared evenly.
/// source: Witten and Bell: The Zero-Frequency Problem (1991), method C
class token_ngram {
public:
    /// params: vocabulary: ids are below it; sequences: each on its own, none goes on in the next
    token_ngram(std::span<const std::vector<std::int32_t>> sequences, std::size_t vocabulary, std::size_t order);
    /// What a sequence costs, its first token included.
    [[nodiscard]] code_length measure(std::span<const std::int32_t> sequence) const;

private:
    struct counts {
        std::uint32_t total = 0, kinds = 0;
    };
    // Contexts and their continuations by hash; 64 bits keep millions of them apart.
    [[nodiscard]] static std::uint64_t extend(std::uint64_t context, std::int32_t token) {
        std::uint64_t x =
            context ^ (static_cast<std::uint64_t>(token) + 0x9e3779b97f4a7c15ULL + (context << 6) + (context >> 2));
        x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
        x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
        return x ^ x >> 31;
    }
    // The context of the n tokens before `at`, the nearest first.
    [[nodiscard]] static std::uint64_t context_of(std::span<const std::int32_t> s, std::size_t at, std::size_t n) {
        std::uint64_t c = 0x243f6a8885a308d3ULL + n;
        for (std::size_t i = 1; i <= n; ++i) c = extend(c, s[at - i]);
        return c;
    }

    std::size_t vocabulary_, order_;
    std::unordered_map<std::uint64_t, counts> contexts_;
    std::unordered_map<std::uint64_t, std::uint32_t> continuations_;
};

// ---------------------------------------------------------------- bodies

inline token_ngram::token_ngram(std::span<const std::vector<std::int32_t>> sequences, std::size_t vocabulary, std::size_t order)
    : vocabulary_(vocabulary), order_(order) {
    LOFI_ASSERT(vocabulary > 0, "n-grams are over a vocabulary of at least one token");
    for (const std::vector<std::int32_t>& s : sequences)
        for (std::size_t at = 0; at < s.size(); ++at)
            for (std::size_t n = 0; n <= order_ && n <= at; ++n) {
                const std::uint64_t context = context_of(s, at, n);
                counts& c = contexts_[context];
                ++c.total;
                if (++continuations_[extend(context, s[at])] == 1) ++c.kinds;
            }
}

inline code_length token_ngram::measure(std::span<const std::int32_t> s) const {
    code_length out;
    for (std::size_t at = 0; at < s.size(); ++at) {
        double p = 1.0 / static_cast<double>(vocabulary_);
        for (std::size_t n = 0; n <= order_ && n <= at; ++n) {
            const std::uint64_t context = context_of(s, at, n);
            const auto c = contexts_.find(context);
            if (c == contexts_.end()) break;
            const auto seen = continuations_.find(extend(context, s[at]));
            const double times = seen == continuations_.end() ? 0.0 : seen->second, kinds = c->second.kinds;
            p = (times + kinds * p) / (c->second.total + kinds);
        }
        out.bits -= std::log2(p);
        ++out.symbols;
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::analysis
