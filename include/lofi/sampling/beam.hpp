#pragma once
// Beam search: the likeliest sequences of any step-wise model, in storage of its own.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

#include <lofi/core/assert.hpp>
#include <lofi/core/fixed_vector.hpp>
#include <lofi/sampling/exponent.hpp>

namespace lofi::inline LOFI_ABI::sampling {

/// How a beam searches.
struct beam_config {
    static constexpr std::size_t no_end = ~std::size_t{0};

    std::size_t width = 4;             ///< sequences that are followed, at most Width
    std::size_t length = 16;           ///< ids of a sequence, its end included, at most Length
    std::size_t end = no_end;          ///< the id that ends a sequence
    std::uint32_t length_penalty = 0;  ///< a: sequences compare by log p / length^a; in 1/65536, at most 2
};

/// A sequence that was found.
template <std::size_t Length>
struct beam_sequence {
    fixed_vector<std::uint32_t, Length> ids;  ///< the end with it, where it came
    std::uint64_t cost = 0;                   ///< -log2 p in 1/2^24
    std::uint64_t rank = 0;                   ///< cost / length^a
};

/// Finds likely sequences of at most Length ids, Width at a time, of a model whose State copies.
/// Costs are whole numbers made of a sampler's weights, so its penalty, mask, temperature and filters count; give the sampler
/// `keep_least` of 2 at least, so that there is always something to compare. With an integer sampler over logits in whole
/// numbers the result is the same on every machine. Equal costs go to the lower place in the beam, then to the lower id.
/// A sequence that ends takes its place in the results only where it is among the best `width` of its step; the search ends
/// when nothing that is still open can reach the results.
/// realtime: no allocation; Width steps of the model for each id
/// source: Wu and others: Google's Neural Machine Translation System (2016), for the length penalty's place
template <std::size_t Width, std::size_t Length, class State>
class beam_search {
public:
    using sequence = beam_sequence<Length>;

    constexpr explicit beam_search(const beam_config& config) : config_(config) {
        LOFI_ASSERT(config.width >= 1 && config.width <= Width, "a beam is 1 to Width sequences wide");
        LOFI_ASSERT(config.length >= 1 && config.length <= Length, "a beam's sequences have 1 to Length ids");
        LOFI_ASSERT(config.length_penalty <= 2U << 16, "a length penalty is at most 2");
    }

    /// Searches from a state. `weights(state, ids)` gives the weights of what may follow these ids, valid until it is called
    /// again; `push(state, id)` moves the state on. The results, best first: at most `width`.
    template <class Weights, class Push>
    constexpr std::span<const sequence> search(const State& from, Weights&& weights, Push&& push);

private:
    struct candidate {
        std::uint64_t cost;
        std::uint32_t place, id;
        friend constexpr bool operator<(const candidate& a, const candidate& b) {
            if (a.cost != b.cost) return a.cost < b.cost;
            return a.place != b.place ? a.place < b.place : a.id < b.id;
        }
    };
    [[nodiscard]] constexpr std::uint64_t ranked(std::uint64_t cost, std::size_t length) const;
    constexpr void collect(std::span<const std::uint32_t> weights, std::size_t place, std::uint64_t cost, std::size_t wanted);
    constexpr void finish(const sequence& s);

    beam_config config_;
    std::array<State, Width> states_{}, next_states_{};
    std::array<sequence, Width> open_{}, next_{}, done_{};
    std::array<candidate, 2 * Width> candidates_{};
    std::size_t opened_ = 0, finished_ = 0, found_ = 0;
};

// ---------------------------------------------------------------- bodies

template <std::size_t Width, std::size_t Length, class State>
constexpr std::uint64_t beam_search<Width, Length, State>::ranked(std::uint64_t cost, std::size_t length) const {
    // length^-a as a weight, so that the division is a product.
    const std::uint64_t octaves = log2_whole(length) * config_.length_penalty;  // in 1/2^48
    return detail::part_down(cost, std::uint64_t{exp2_weight(octaves << 8)} << 1);
}

template <std::size_t Width, std::size_t Length, class State>
constexpr void beam_search<Width, Length, State>::collect(std::span<const std::uint32_t> weights, std::size_t place,
                                                          std::uint64_t cost, std::size_t wanted) {
    std::uint64_t total = 0;
    for (const std::uint32_t w : weights) total += w;
    LOFI_ASSERT(total > 0, "a beam needs at least one id with a weight above 0");
    const std::uint64_t log_total = log2_whole(std::max<std::uint64_t>(total, 1));
    for (std::size_t id = 0; id < weights.size(); ++id) {
        if (weights[id] == 0) continue;
        const std::uint64_t octaves = (log_total - std::min(log_total, log2_whole(weights[id])) + 128) >> 8;
        const candidate c{cost + octaves, static_cast<std::uint32_t>(place), static_cast<std::uint32_t>(id)};
        if (found_ == wanted) {
            if (!(c < candidates_[found_ - 1])) continue;
            --found_;
        }
        std::size_t at = found_++;
        for (; at > 0 && c < candidates_[at - 1]; --at) candidates_[at] = candidates_[at - 1];
        candidates_[at] = c;
    }
}

template <std::size_t Width, std::size_t Length, class State>
constexpr void beam_search<Width, Length, State>::finish(const sequence& s) {
    if (finished_ == config_.width) {
        if (s.rank >= done_[finished_ - 1].rank) return;
        --finished_;
    }
    std::size_t at = finished_++;
    for (; at > 0 && s.rank < done_[at - 1].rank; --at) done_[at] = done_[at - 1];
    done_[at] = s;
}

template <std::size_t Width, std::size_t Length, class State>
template <class Weights, class Push>
constexpr std::span<const beam_sequence<Length>> beam_search<Width, Length, State>::search(const State& from, Weights&& weights,
                                                                                           Push&& push) {
    states_[0] = from;
    open_[0] = {};
    opened_ = 1, finished_ = 0;
    for (std::size_t length = 1; length <= config_.length && opened_ > 0; ++length) {
        // Twice the width: even if the first half all end, as many stay open.
        found_ = 0;
        for (std::size_t place = 0; place < opened_; ++place)
            collect(weights(std::as_const(states_[place]), open_[place].ids), place, open_[place].cost, 2 * config_.width);
        std::size_t kept = 0;
        for (std::size_t i = 0; i < found_ && kept < config_.width; ++i) {
            const candidate& c = candidates_[i];
            const bool ends = c.id == config_.end || length == config_.length;
            if (ends && i >= config_.width) continue;
            sequence s = open_[c.place];
            s.ids.push_back(c.id);
            s.cost = c.cost;
            s.rank = ranked(c.cost, length);
            if (ends) {
                finish(s);
            } else {
                next_states_[kept] = states_[c.place];
                push(next_states_[kept], static_cast<std::size_t>(c.id));
                next_[kept++] = s;
            }
        }
        std::swap(states_, next_states_);
        std::swap(open_, next_);
        opened_ = kept;
        // A cost only grows, and at the full length it counts least.
        if (finished_ == config_.width && opened_ > 0 && ranked(open_[0].cost, config_.length) >= done_[finished_ - 1].rank)
            break;
    }
    return {done_.data(), finished_};
}

}  // namespace lofi::inline LOFI_ABI::sampling
