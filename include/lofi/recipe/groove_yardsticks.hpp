#pragma once
// Yardsticks for the groove network: a table of frequencies by place, and a trigram, over the same classes of force and timing.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include <lofi/model/groove_training.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// What a symbol is predicted from.
enum class groove_yardstick : std::uint8_t {
    table,    ///< hits: each voice by its place in the two bars; touches: voice and place in the bar
    trigram,  ///< hits: all voices of a step by those of the two steps before; touches: by the two before, of the voice in
              ///< force, of the groove in timing
    trigram_and_table  ///< the trigram, which falls back on the table where it has seen little
};

/// How much a longer context gives way to a shorter one: the weight of the shorter in counts, for each step of backing off, from the
/// shortest on.
struct groove_smoothing {
    std::array<double, 4> hits{.5, 8, 8, 8}, forces{.5, 8, 8, 8}, offsets{.5, 8, 8, 8};
};

/// Counts of training grooves.
class groove_counts {
public:
    groove_counts(groove_yardstick kind, std::span<const model::groove_example> train);

    /// Bits of one groove.
    [[nodiscard]] model::groove_cost bits(const model::groove_example& e, const groove_smoothing& s) const;
    /// Mean bits of grooves.
    [[nodiscard]] model::groove_cost bits(std::span<const model::groove_example> all, const groove_smoothing& s) const;
    /// The smoothing that costs held-out grooves the least, of powers of two, one number at a time.
    [[nodiscard]] groove_smoothing tune(std::span<const model::groove_example> valid) const;

private:
    // Symbols counted after each context; contexts of a symbol go from the shortest to the longest.
    struct counted {
        std::map<std::uint32_t, double> seen;
        double total = 0;
    };
    using context_list = std::array<std::uint64_t, 3>;
    class chain {
    public:
        void add(const context_list& c, std::size_t depth, std::uint32_t symbol);
        [[nodiscard]] double probability(const context_list& c, std::size_t depth, std::uint32_t symbol, double shortest,
                                         std::span<const double> weights) const;

    private:
        std::map<std::uint64_t, counted> counts_;
    };
    // Calls hit(step, voices, contexts), force(class, contexts), offset(class, contexts) for each symbol of a groove.
    template <class Hit, class Force, class Offset>
    void walk(const model::groove_example& e, Hit&& hit, Force&& force, Offset&& offset) const;
    [[nodiscard]] double table_probability(std::size_t step, model::voice_mask voices, double weight) const;
    [[nodiscard]] std::size_t depth() const { return kind_ == groove_yardstick::table ? 2 : 3; }

    groove_yardstick kind_;
    std::array<std::array<double, model::groove_voices>, model::groove_steps> place_{};  // how often a voice hits a step
    std::array<double, model::groove_voices> voice_{};
    double grooves_ = 0;
    chain hits_, forces_, offsets_;
};

// ---------------------------------------------------------------- bodies

inline void groove_counts::chain::add(const context_list& c, std::size_t depth, std::uint32_t symbol) {
    for (std::size_t d = 0; d < depth; ++d) {
        counted& n = counts_[c[d] << 2 | d];
        n.seen[symbol] += 1;
        n.total += 1;
    }
}

inline double groove_counts::chain::probability(const context_list& c, std::size_t depth, std::uint32_t symbol, double shortest,
                                                std::span<const double> weights) const {
    double p = shortest;
    for (std::size_t d = 0; d < depth; ++d) {
        const auto found = counts_.find(c[d] << 2 | d);
        if (found == counts_.end()) continue;
        const auto seen = found->second.seen.find(symbol);
        const double n = seen == found->second.seen.end() ? 0 : seen->second;
        p = (n + weights[d] * p) / (found->second.total + weights[d]);
    }
    return p;
}

template <class Hit, class Force, class Offset>
void groove_counts::walk(const model::groove_example& e, Hit&& hit, Force&& force, Offset&& offset) const {
    constexpr std::uint64_t none = 511;  // no groove has all nine voices in a step
    const bool by_place = kind_ != groove_yardstick::trigram, by_past = kind_ != groove_yardstick::table;
    const auto steps = model::steps_of({e.pattern.data(), e.pattern.size()});
    for (std::size_t t = 0; t < steps.size(); ++t) {
        const std::uint64_t one = t > 0 ? steps[t - 1] : none, two = t > 1 ? steps[t - 2] : none;
        hit(t, steps[t], context_list{by_place ? t % 16 : 0, one, one << 9 | two});
    }
    struct past {
        std::uint64_t one = 16, two = 16;
        void push(std::uint64_t v) { two = std::exchange(one, v); }
    };
    std::array<past, model::groove_voices> forces;
    past offsets;
    for (const score::drum_hit& h : e.pattern) {
        const auto voice = static_cast<std::uint64_t>(h.voice), place = voice << 5 | h.step % 16U;
        const std::uint8_t f = model::velocity_class(h.force), o = model::offset_class(h.offset);
        past& own = forces[voice];
        const auto contexts = [&](const past& p) {
            return by_past ? context_list{by_place ? place : voice, voice << 5 | p.one, (voice << 5 | p.one) << 5 | p.two}
                           : context_list{voice, place, 0};
        };
        force(f, contexts(own));
        offset(o, contexts(offsets));
        own.push(f);
        offsets.push(o);
    }
}

inline groove_counts::groove_counts(groove_yardstick kind, std::span<const model::groove_example> train) : kind_(kind) {
    for (const model::groove_example& e : train) {
        grooves_ += 1;
        for (const score::drum_hit& h : e.pattern) {
            place_[h.step][static_cast<std::size_t>(h.voice)] += 1;
            voice_[static_cast<std::size_t>(h.voice)] += 1;
        }
        walk(
            e, [&](std::size_t, model::voice_mask voices, const context_list& c) { hits_.add(c, depth(), voices); },
            [&](std::uint8_t f, const context_list& c) { forces_.add(c, depth(), f); },
            [&](std::uint8_t o, const context_list& c) { offsets_.add(c, depth(), o); });
    }
}

inline double groove_counts::table_probability(std::size_t step, model::voice_mask voices, double weight) const {
    double p = 1;
    for (std::size_t v = 0; v < model::groove_voices; ++v) {
        const double any = (voice_[v] + .5) / (grooves_ * model::groove_steps + 1);
        const double here = kind_ == groove_yardstick::trigram ? any : (place_[step][v] + weight * any) / (grooves_ + weight);
        p *= model::sounds(voices, v) ? here : 1 - here;
    }
    return p;
}

inline model::groove_cost groove_counts::bits(const model::groove_example& e, const groove_smoothing& s) const {
    model::groove_cost out;
    const auto weights = [](const std::array<double, 4>& w) { return std::span<const double>(w).subspan(1); };
    const auto class_bits = [&](const chain& counts, std::uint8_t symbol, const context_list& c,
                                const std::array<double, 4>& w) {
        return -std::log2(counts.probability(c, depth(), symbol, 1.0 / model::touch_classes, weights(w)));
    };
    walk(
        e,
        [&](std::size_t t, model::voice_mask voices, const context_list& c) {
            const double independent = table_probability(t, voices, s.hits[0]);
            out.hits -= std::log2(kind_ == groove_yardstick::table
                                      ? independent
                                      : hits_.probability(c, depth(), voices, independent, weights(s.hits)));
        },
        [&](std::uint8_t f, const context_list& c) { out.forces += class_bits(forces_, f, c, s.forces); },
        [&](std::uint8_t o, const context_list& c) { out.offsets += class_bits(offsets_, o, c, s.offsets); });
    return out;
}

inline model::groove_cost groove_counts::bits(std::span<const model::groove_example> all, const groove_smoothing& s) const {
    model::groove_cost sum;
    for (const model::groove_example& e : all) sum += bits(e, s);
    const double n = static_cast<double>(std::max<std::size_t>(all.size(), 1));
    return {sum.hits / n, sum.forces / n, sum.offsets / n};
}

inline groove_smoothing groove_counts::tune(std::span<const model::groove_example> valid) const {
    groove_smoothing best;
    const auto try_all = [&](std::array<double, 4>& w, double model::groove_cost::*of) {
        for (int pass = 0; pass < 2; ++pass)
            for (double& one : w) {
                double least = bits(valid, best).*of, kept = one;
                for (int power = -3; power <= 16; ++power) {
                    one = std::ldexp(1.0, power);
                    if (const double b = bits(valid, best).*of; b < least) least = b, kept = one;
                }
                one = kept;
            }
    };
    try_all(best.hits, &model::groove_cost::hits);
    try_all(best.forces, &model::groove_cost::forces);
    try_all(best.offsets, &model::groove_cost::offsets);
    return best;
}

}  // namespace lofi::inline LOFI_ABI::recipe
