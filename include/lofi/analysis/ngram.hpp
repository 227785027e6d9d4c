#pragma once
// Yardsticks: n-grams with Witten-Bell smoothing over the chords and over the melody slots of lead sheets.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include <lofi/analysis/lead_measures.hpp>
#include <lofi/score/lead_sheet.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// What a model says about a sheet, or about many: bits in sum, and over how many symbols.
struct code_length {
    double bits = 0.0;
    std::size_t symbols = 0;

    [[nodiscard]] double per_symbol() const { return detail::share(bits, static_cast<double>(symbols)); }
    code_length& operator+=(const code_length& b) { return bits += b.bits, symbols += b.symbols, *this; }
};

/// Predicts each chord, END included, from up to `order` chords before it.
/// source: Witten and Bell: The Zero-Frequency Problem (1991), method C
class chord_ngram {
public:
    explicit chord_ngram(std::span<const score::lead_sheet> training, std::size_t order = 2);
    [[nodiscard]] code_length measure(const score::lead_sheet& sheet) const;
    [[nodiscard]] code_length measure(std::span<const score::lead_sheet> sheets) const;

private:
    std::size_t order_;
    std::unordered_map<std::uint64_t, std::array<std::uint32_t, 9>> counts_;
};

/// What a slot is predicted from; each level backs off to the ones above it in this list.
enum class slot_context : std::uint8_t { nothing, previous, and_chord, and_slot_index, two_previous, three_previous };

/// Predicts each melody slot.
/// The first slots of a melody have no three slots before them; both of the last levels then see the same context, and it is
/// counted for both, as in the figures of the corpora.
class slot_ngram {
public:
    explicit slot_ngram(std::span<const score::lead_sheet> training, slot_context most = slot_context::three_previous);
    [[nodiscard]] code_length measure(const score::lead_sheet& sheet) const;
    [[nodiscard]] code_length measure(std::span<const score::lead_sheet> sheets) const;

private:
    std::size_t levels_;
    std::unordered_map<std::uint64_t, std::array<std::uint32_t, 16>> counts_;
};

// ---------------------------------------------------------------- bodies

namespace detail {
// One step of Witten-Bell: the share of what was seen, the rest spread as the shorter context says.
template <std::size_t N>
double back_off(const std::array<std::uint32_t, N>& seen, std::size_t symbol, double shorter) {
    double total = 0.0, kinds = 0.0;
    for (const std::uint32_t n : seen) total += n, kinds += n > 0 ? 1.0 : 0.0;
    return (seen[symbol] + kinds * shorter) / (total + kinds);
}

inline constexpr std::size_t most_order = 12;

inline std::vector<std::uint8_t> chords_with_end(const score::lead_sheet& sheet) {
    std::vector<std::uint8_t> out;
    for (const score::lead_row& row : sheet.rows) out.push_back(row.chord);
    out.push_back(8);
    return out;
}

// A context as a number: four bits a chord, 15 for the start of the sheet, and a leading one. Where fewer than `order` chords
// stand before, the start stands before them.
inline std::uint64_t chord_context(std::span<const std::uint8_t> chords, std::size_t at, std::size_t order) {
    std::uint64_t key = 1;
    if (at < order) key = key << 4 | 15U;
    for (std::size_t i = at < order ? 0 : at - order; i < at; ++i) key = key << 4 | chords[i];
    return key << 4 | order;
}

// The contexts of a slot, from none to three slots before, as numbers that differ between levels but for the last two.
inline std::array<std::uint64_t, 6> slot_contexts(const score::lead_sheet& sheet, std::span<const std::uint8_t> slots,
                                                  std::size_t at) {
    const std::uint64_t chord = sheet.rows[at / score::slots_per_row].chord, index = at % score::slots_per_row;
    const std::uint64_t previous = at > 0 ? slots[at - 1] : 31U;
    const auto history = [&](std::size_t n) {
        std::uint64_t key = 1;
        for (std::size_t i = at < n ? 0 : at - n; i < at; ++i) key = key << 5 | slots[i];
        return (key << 8 | chord << 4 | index) << 3 | 4U;
    };
    return {0,          previous << 3 | 1U, (previous << 4 | chord) << 3 | 2U, ((previous << 4 | chord) << 4 | index) << 3 | 3U,
            history(2), history(3)};
}
}  // namespace detail

inline chord_ngram::chord_ngram(std::span<const score::lead_sheet> training, std::size_t order) : order_(order) {
    LOFI_ASSERT(order <= detail::most_order, "an n-gram of chords looks back twelve chords at most");
    for (const score::lead_sheet& sheet : training) {
        const std::vector<std::uint8_t> chords = detail::chords_with_end(sheet);
        for (std::size_t i = 0; i < chords.size(); ++i)
            for (std::size_t o = 0; o <= order_; ++o) ++counts_[detail::chord_context(chords, i, o)][chords[i]];
    }
}

inline code_length chord_ngram::measure(const score::lead_sheet& sheet) const {
    const std::vector<std::uint8_t> chords = detail::chords_with_end(sheet);
    code_length out{0.0, chords.size()};
    for (std::size_t i = 0; i < chords.size(); ++i) {
        double p = 1.0 / 9.0;
        for (std::size_t o = 0; o <= order_; ++o)
            if (const auto seen = counts_.find(detail::chord_context(chords, i, o)); seen != counts_.end())
                p = detail::back_off(seen->second, chords[i], p);
        out.bits -= std::log2(p);
    }
    return out;
}

inline slot_ngram::slot_ngram(std::span<const score::lead_sheet> training, slot_context most)
    : levels_(static_cast<std::size_t>(most) + 1) {
    for (const score::lead_sheet& sheet : training) {
        const std::vector<std::uint8_t> slots = slots_of(sheet);
        for (std::size_t i = 0; i < slots.size(); ++i) {
            const auto contexts = detail::slot_contexts(sheet, slots, i);
            for (std::size_t k = 0; k < levels_; ++k) ++counts_[contexts[k]][slots[i]];
        }
    }
}

inline code_length slot_ngram::measure(const score::lead_sheet& sheet) const {
    const std::vector<std::uint8_t> slots = slots_of(sheet);
    code_length out{0.0, slots.size()};
    for (std::size_t i = 0; i < slots.size(); ++i) {
        const auto contexts = detail::slot_contexts(sheet, slots, i);
        double p = 1.0 / 16.0;
        for (std::size_t k = 0; k < levels_; ++k)
            if (const auto seen = counts_.find(contexts[k]); seen != counts_.end())
                p = detail::back_off(seen->second, slots[i], p);
        out.bits -= std::log2(p);
    }
    return out;
}

inline code_length chord_ngram::measure(std::span<const score::lead_sheet> sheets) const {
    code_length out;
    for (const score::lead_sheet& sheet : sheets) out += measure(sheet);
    return out;
}
inline code_length slot_ngram::measure(std::span<const score::lead_sheet> sheets) const {
    code_length out;
    for (const score::lead_sheet& sheet : sheets) out += measure(sheet);
    return out;
}

}  // namespace lofi::inline LOFI_ABI::analysis
