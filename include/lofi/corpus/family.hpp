#pragma once
// Families of pieces: transpositions and versions of one another are found by what their melodies and chords share.
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/core/hash.hpp>
#include <lofi/corpus/heard_piece.hpp>

namespace lofi::inline LOFI_ABI::corpus {

/// What stays of a piece: hashes of short stretches, evenly picked by their value, so that two pieces that share stretches share
/// hashes. Neither key nor tempo is in them.
/// source: Broder, On the resemblance and containment of documents (1997); sketches of a fixed share as in Irber et al. (2022)
struct piece_sketch {
    std::vector<std::uint64_t> hashes;  ///< ascending, each once
    std::uint64_t limit = 0;            ///< all hashes of the piece below it are there
};

/// How a sketch is made, and what a family is.
struct family_config {
    std::size_t most = 128;      ///< hashes of a sketch
    std::size_t notes = 8;       ///< of a stretch of melody: seven intervals
    std::size_t chords = 6;      ///< of a stretch of chords, where there is no melody
    double share = .4;           ///< of the shorter piece's hashes: the least that kin have in common
    std::size_t least = 4;       ///< the fewest hashes that kin have in common
    std::size_t commonest = 64;  ///< a hash of more pieces than these says nothing
};

/// Sketches a piece by the intervals of its melody, or, where it has none, by the steps between its chords' roots.
[[nodiscard]] piece_sketch sketch_of(const heard_piece& piece, const family_config& config = {});

/// The family of each piece, as the smallest index in it. Kin share enough; kin of kin are one family.
[[nodiscard]] std::vector<std::size_t> find_families(std::span<const piece_sketch> sketches, const family_config& config = {});

// ---------------------------------------------------------------- bodies

namespace detail {

// A last stirring: the low bits of FNV decide too little.
inline std::uint64_t stirred(std::uint64_t h) {
    h = (h ^ h >> 33U) * 0xff51afd7ed558ccdU;
    h = (h ^ h >> 33U) * 0xc4ceb9fe1a85ec53U;
    return h ^ h >> 33U;
}

inline piece_sketch picked(std::vector<std::uint64_t> all, const family_config& config) {
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    piece_sketch out{std::move(all), ~std::uint64_t{0}};
    if (out.hashes.size() > config.most) {
        out.limit = out.hashes[config.most];
        out.hashes.resize(config.most);
    }
    out.hashes.shrink_to_fit();
    return out;
}

}  // namespace detail

inline piece_sketch sketch_of(const heard_piece& piece, const family_config& config) {
    std::vector<std::uint64_t> all;
    if (piece.sung) {
        const std::vector<score::note>& notes = piece.melody.notes;
        for (std::size_t i = 0; i + config.notes <= notes.size(); ++i) {
            hasher h;
            std::uint32_t pitches = 0;
            for (std::size_t k = 1; k < config.notes; ++k) {
                const int step = int{notes[i + k].which.midi} - int{notes[i].which.midi};
                h.add(step), pitches |= 1U << (step & 31);
            }
            // Two pitches that alternate are in every song.
            if (std::popcount(pitches | 1U) >= 3) all.push_back(detail::stirred(h.value()));
        }
        return detail::picked(std::move(all), config);
    }
    std::vector<const analysis::found_chord*> chords;
    for (const analysis::found_chord& c : piece.chords)
        if (c.sounds && (chords.empty() || chords.back()->root != c.root || chords.back()->type.quality != c.type.quality))
            chords.push_back(&c);
    // A loop goes on at its beginning; shorter ones than a stretch go round more than once.
    for (std::size_t i = 0; i < chords.size(); ++i) {
        hasher h;
        h.add(std::string_view("chords"));
        for (std::size_t k = 0; k < config.chords; ++k) {
            const analysis::found_chord& c = *chords[(i + k) % chords.size()];
            h.add(score::pitch_class(c.root.value - chords[i]->root.value).value).add(static_cast<int>(c.type.quality));
        }
        all.push_back(detail::stirred(h.value()));
    }
    return detail::picked(std::move(all), config);
}

inline std::vector<std::size_t> find_families(std::span<const piece_sketch> sketches, const family_config& config) {
    std::vector<std::size_t> parent(sketches.size());
    std::iota(parent.begin(), parent.end(), std::size_t{0});
    const auto root = [&](std::size_t i) {
        while (parent[i] != i) i = parent[i] = parent[parent[i]];
        return i;
    };
    std::vector<std::pair<std::uint64_t, std::uint32_t>> held;
    for (std::size_t i = 0; i < sketches.size(); ++i)
        for (const std::uint64_t h : sketches[i].hashes) held.emplace_back(h, static_cast<std::uint32_t>(i));
    std::sort(held.begin(), held.end());
    // What pairs share, below the lower of their limits: above it a hash of the one may have been left out of the other.
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> shared;
    for (std::size_t a = 0; a < held.size();) {
        std::size_t b = a;
        while (b < held.size() && held[b].first == held[a].first) ++b;
        if (b - a <= config.commonest)
            for (std::size_t i = a; i < b; ++i)
                for (std::size_t j = i + 1; j < b; ++j) ++shared[{held[i].second, held[j].second}];
        a = b;
    }
    for (const auto& [pair, count] : shared) {
        const piece_sketch &x = sketches[pair.first], &y = sketches[pair.second];
        const std::uint64_t limit = std::min(x.limit, y.limit);
        const auto below = [&](const piece_sketch& s) {
            return static_cast<std::size_t>(std::lower_bound(s.hashes.begin(), s.hashes.end(), limit) - s.hashes.begin());
        };
        const std::size_t of = std::min(below(x), below(y));
        // Very short pieces have few stretches: all of them must be shared.
        if (count < std::min(config.least, std::max<std::size_t>(of, 1))) continue;
        if (static_cast<double>(count) < config.share * static_cast<double>(of)) continue;
        const std::size_t p = root(pair.first), q = root(pair.second);
        parent[std::max(p, q)] = std::min(p, q);
    }
    std::vector<std::size_t> out(sketches.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = root(i);
    return out;
}

}  // namespace lofi::inline LOFI_ABI::corpus
