#pragma once
// Does it matter which of these belongs to which of those? The permutation test, within classes of what is alike.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include <lofi/core/assert.hpp>
#include <lofi/core/random.hpp>

namespace lofi::inline LOFI_ABI::analysis {

/// What a permutation test found.
struct permutation_result {
    double right = 0;         ///< the cost of the pairs as they are
    double shuffled = 0;      ///< the mean cost of shuffled ones
    double p = 1;             ///< share of the shuffles, the pairs as they are among them, that cost no more
    std::size_t movable = 0;  ///< items whose class has others
};

/// Shuffles partners within classes, `draws` times. `cost(i, j)` is what item i costs with the partner of item j; it is asked once for
/// each pair within a class. Small p: the right partners lower the cost, and more than chance does.
/// source: Fisher: The Design of Experiments (1935); Phipson and Smyth: Permutation P-values Should Never Be Zero (2010)
[[nodiscard]] permutation_result permutation_test(std::span<const std::uint32_t> classes,
                                                  const std::function<double(std::size_t, std::size_t)>& cost, random_key key,
                                                  std::size_t draws = 10000);

// ---------------------------------------------------------------- bodies

inline permutation_result permutation_test(std::span<const std::uint32_t> classes,
                                           const std::function<double(std::size_t, std::size_t)>& cost, random_key key,
                                           std::size_t draws) {
    LOFI_ASSERT(draws > 0, "a permutation test needs at least one draw");
    struct group {
        std::vector<double> costs;  // (n,n)
        std::vector<std::uint32_t> order;
    };
    permutation_result out;
    std::vector<group> groups;
    std::vector<bool> done(classes.size());
    for (std::size_t i = 0; i < classes.size(); ++i) {
        if (done[i]) continue;
        std::vector<std::size_t> members;
        for (std::size_t j = i; j < classes.size(); ++j)
            if (classes[j] == classes[i]) members.push_back(j), done[j] = true;
        group& g = groups.emplace_back();
        for (std::size_t a = 0; a < members.size(); ++a) {
            g.order.push_back(static_cast<std::uint32_t>(a));
            for (const std::size_t b : members) g.costs.push_back(cost(members[a], b));
            out.right += g.costs[a * members.size() + a];
        }
        if (members.size() > 1) out.movable += members.size();
    }
    random_stream random(key);
    std::size_t no_more = 0;
    // Sums of the same numbers in another order differ in their last bits: a tie is a tie.
    const double tie = 1e-9 * (1 + (out.right < 0 ? -out.right : out.right));
    for (std::size_t d = 0; d < draws; ++d) {
        double sum = 0;
        for (group& g : groups) {
            shuffle(random, std::span(g.order));
            for (std::size_t a = 0; a < g.order.size(); ++a) sum += g.costs[a * g.order.size() + g.order[a]];
        }
        no_more += sum <= out.right + tie ? 1 : 0;
        out.shuffled += sum / static_cast<double>(draws);
    }
    out.p = static_cast<double>(no_more + 1) / static_cast<double>(draws + 1);
    return out;
}

}  // namespace lofi::inline LOFI_ABI::analysis
