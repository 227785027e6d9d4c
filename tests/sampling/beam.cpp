#include <lofi/sampling/beam.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <lofi/sampling/integer.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::sampling;

namespace {

constexpr std::size_t V = 4;
// A chain of second order: what follows hangs on the last two ids.
struct chain {
    std::array<std::array<std::array<std::int32_t, V>, V + 1>, V + 1> logits{};
    explicit chain(std::mt19937& rng) {
        for (auto& a : logits)
            for (auto& b : a)
                for (auto& l : b) l = static_cast<std::int32_t>(std::uniform_real_distribution<>(-3, 3)(rng) * 65536);
    }
};
struct place {
    std::size_t last = V, before = V;
};
struct found {
    std::vector<std::uint32_t> ids;
    double cost = 0;  // bits
};
std::vector<double> costs(const chain& c, const place& p) {
    std::vector<double> out;
    double sum = 0;
    for (const auto l : c.logits[p.before][p.last]) sum += std::exp(l / 65536.0);
    for (const auto l : c.logits[p.before][p.last]) out.push_back((std::log(sum) - l / 65536.0) / std::log(2.0));
    return out;
}
place after(const std::vector<std::uint32_t>& ids) {
    return {ids.empty() ? V : ids.back(), ids.size() < 2 ? V : ids[ids.size() - 2]};
}
double rank(const found& f, double a) { return f.cost / std::pow(static_cast<double>(f.ids.size()), a); }

// As it is written down: all continuations sorted, the best 2 * width looked at. Goes on to the full length.
std::vector<found> reference(const chain& c, std::size_t width, std::size_t length, std::size_t end, double a) {
    std::vector<found> open = {{}}, done;
    for (std::size_t n = 1; n <= length; ++n) {
        std::vector<found> all, next;
        for (const found& f : open) {
            const auto more = costs(c, after(f.ids));
            for (std::uint32_t id = 0; id < V; ++id) {
                all.push_back(f);
                all.back().ids.push_back(id);
                all.back().cost += more[id];
            }
        }
        std::stable_sort(all.begin(), all.end(), [](const found& x, const found& y) { return x.cost < y.cost; });
        for (std::size_t i = 0; i < all.size() && i < 2 * width && next.size() < width; ++i) {
            const bool ends = all[i].ids.back() == end || n == length;
            if (!ends)
                next.push_back(all[i]);
            else if (i < width)
                done.push_back(all[i]);
        }
        open = next;
    }
    std::stable_sort(done.begin(), done.end(), [&](const found& x, const found& y) { return rank(x, a) < rank(y, a); });
    if (done.size() > width) done.resize(width);
    return done;
}

template <std::size_t Width, std::size_t Length>
std::vector<found> search(const chain& c, const beam_config& config, const integer_config& drawn = {.keep_least = 2}) {
    beam_search<Width, Length, place> beam(config);
    integer_sampler<V> sampler(drawn);
    std::vector<found> out;
    for (const auto& s : beam.search(
             place{}, [&](const place&p, const auto&) { return sampler.weights({.logits = c.logits[p.before][p.last]}); },
             [](place&p, std::size_t id) {
                 p = {id, p.last};
             }))
        out.push_back({{s.ids.begin(), s.ids.end()}, static_cast<double>(s.cost) / 16777216.0});
    return out;
}

}  // namespace

TEST_CASE("a beam finds what a plain search in double finds") {
    std::mt19937 rng(12);
    for (int round = 0; round < 400; ++round) {
        const chain c(rng);
        const std::size_t width = 1 + rng() % 5, length = 1 + rng() % 7;
        const std::size_t end = rng() % 2 == 0 ? 3 : beam_config::no_end;
        const double a = rng() % 2 == 0 ? 0.0 : static_cast<double>(rng() % 5) / 4;
        const auto wanted = reference(c, width, length, end, a);
        const auto got = search<5, 7>(
            c, {.width = width, .length = length, .end = end, .length_penalty = static_cast<std::uint32_t>(a * 65536)});
        REQUIRE(got.size() == wanted.size());
        for (std::size_t i = 0; i < got.size(); ++i) {
            REQUIRE(got[i].ids == wanted[i].ids);
            REQUIRE(std::abs(got[i].cost - wanted[i].cost) < 1e-6);
        }
    }
}

TEST_CASE("a beam as wide as all sequences finds the likeliest of all") {
    std::mt19937 rng(3);
    for (int round = 0; round < 20; ++round) {
        const chain c(rng);
        found best{{}, 1e9};
        for (std::uint32_t all = 0; all < 1024; ++all) {
            found f;
            for (unsigned i = 0; i < 5; ++i) {
                const std::uint32_t id = all >> (2 * i) & 3U;
                f.cost += costs(c, after(f.ids))[id];
                f.ids.push_back(id);
            }
            if (f.cost < best.cost) best = f;
        }
        CHECK(search<256, 5>(c, {.width = 256, .length = 5})[0].ids == best.ids);
    }
}

TEST_CASE("width one is greedy, and equal costs go to the lower id") {
    std::mt19937 rng(5);
    chain c(rng);
    const auto got = search<1, 6>(c, {.width = 1, .length = 6});
    std::vector<std::uint32_t> greedy;
    while (greedy.size() < 6) {
        const auto next = costs(c, after(greedy));
        greedy.push_back(static_cast<std::uint32_t>(std::min_element(next.begin(), next.end()) - next.begin()));
    }
    CHECK(got[0].ids == greedy);
    for (auto& x : c.logits)
        for (auto& y : x) y.fill(0);
    const auto even = search<3, 2>(c, {.width = 3, .length = 2});
    CHECK(even[0].ids == std::vector<std::uint32_t>{0, 0});
    CHECK(even[1].ids == std::vector<std::uint32_t>{0, 1});
    CHECK(even[2].ids == std::vector<std::uint32_t>{0, 2});
}

TEST_CASE("filters count, and two stay under them") {
    std::mt19937 rng(7);
    const chain c(rng);
    const auto got = search<4, 3>(c, {.width = 4, .length = 3}, {.top_k = 1, .keep_least = 2});
    REQUIRE(got.size() == 4);
    for (const found& f : got)
        for (std::size_t i = 0; i < 3; ++i) {
            auto next = costs(c, after({f.ids.begin(), f.ids.begin() + static_cast<std::ptrdiff_t>(i)}));
            const double mine = next[f.ids[i]];
            std::sort(next.begin(), next.end());
            CHECK(mine <= next[1]);
        }
}
