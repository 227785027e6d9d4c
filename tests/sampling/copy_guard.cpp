#include <lofi/sampling/copy_guard.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

#include <lofi/sampling/integer.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::sampling;

namespace {
using tokens = std::vector<std::uint32_t>;
constexpr std::size_t V = 24;

// Songs that a second-order chain learns by heart: few ways go on from each pair.
struct songs {
    std::vector<tokens> all;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::uint32_t>> next;
    songs() {
        std::mt19937 rng(20);
        for (int i = 0; i < 30; ++i) {
            tokens s;
            for (int n = 0; n < 200; ++n)
                s.push_back(
                    static_cast<std::uint32_t>(rng() % 6 == 0 || n < 2 ? rng() % V : (s[s.size() - 2] * 7 + s.back()) % V));
            for (std::size_t n = 2; n < s.size(); ++n) next[{s[n - 2], s[n - 1]}].push_back(s[n]);
            all.push_back(std::move(s));
        }
    }
    [[nodiscard]] std::array<std::int32_t, V> logits(const tokens& piece) const {
        std::array<std::int32_t, V> l{};
        const auto known = piece.size() < 2 ? next.end() : next.find({piece[piece.size() - 2], piece.back()});
        if (known != next.end())
            for (const std::uint32_t id : known->second) l[id] += 3 * 65536;
        return l;
    }
};

struct copies {
    std::size_t longest = 0, inside = 0;
};
// Compares everything with everything.
copies exact(const std::vector<tokens>& all, const tokens& piece) {
    std::vector<bool> covered(piece.size());
    copies c;
    for (std::size_t at = 0; at < piece.size(); ++at) {
        std::size_t best = 0;
        for (const tokens& s : all)
            for (std::size_t from = 0; from < s.size(); ++from) {
                std::size_t n = 0;
                while (at + n < piece.size() && from + n < s.size() && piece[at + n] == s[from + n]) ++n;
                best = std::max(best, n);
            }
        c.longest = std::max(c.longest, best);
        if (best >= 8) std::fill_n(covered.begin() + static_cast<std::ptrdiff_t>(at), best, true);
    }
    c.inside = static_cast<std::size_t>(std::count(covered.begin(), covered.end(), true));
    return c;
}
}  // namespace

TEST_CASE("with the guard no copy is longer than 12 and no more than a tenth lies in copies of 8, certainly") {
    const songs set;
    const auto banned_bytes = build_copy_filter(set.all, {.length = 13}).value();
    const auto counted_bytes = build_copy_filter(set.all, {.length = 8}).value();
    const copy_filter banned = copy_filter::open(banned_bytes).value(), counted = copy_filter::open(counted_bytes).value();
    std::size_t raw_longest = 0, longest = 0, most = 0;
    double raw_share = 0;
    for (std::uint64_t seed = 0; seed < 24; ++seed) {
        for (const bool guarded : {false, true}) {
            integer_sampler<V> sampler;
            copy_guard<V> guard(banned, counted);
            random_stream stream(random_key{seed});
            tokens piece;
            while (piece.size() < 250) {
                const auto logits = set.logits(piece);
                const id_mask<V> allowed = guard.allowed();
                REQUIRE(allowed.count() > 0);
                const std::size_t id =
                    sampler.sample({.logits = logits, .allowed = guarded ? mask_view(allowed) : mask_view()}, stream);
                guard.push(id);
                piece.push_back(static_cast<std::uint32_t>(id));
            }
            const copies c = exact(set.all, piece);
            CHECK(guard.tokens() == piece.size());
            CHECK(guard.copied() >= c.inside);
            if (guarded) {
                REQUIRE(guard.held());
                REQUIRE(c.longest <= 12);
                REQUIRE(10 * c.inside <= piece.size());
                longest = std::max(longest, c.longest), most = std::max(most, c.inside);
            } else {
                raw_longest = std::max(raw_longest, c.longest), raw_share += static_cast<double>(c.inside) / 250 / 24;
                CHECK(guard.held() == (guard.forbidden() == 0 && 10 * guard.copied() <= piece.size()));
            }
        }
    }
    // Without it the same network copies, and with it the room that there is is used.
    CHECK(raw_longest > 12);
    CHECK(raw_share > 0.3);
    CHECK(longest >= 8);
    CHECK(most >= 15);
}

TEST_CASE("the limit alone lets copies grow to 12, and ends them there") {
    const songs set;
    const auto bytes = build_copy_filter(set.all, {.length = 13}).value();
    copy_guard<V> guard(copy_filter::open(bytes).value(), copy_filter());
    integer_sampler<V> sampler;
    random_stream stream(random_key{4});
    tokens piece;
    while (piece.size() < 600) {
        const auto logits = set.logits(piece);
        const id_mask<V> allowed = guard.allowed();
        const std::size_t id = sampler.sample({.logits = logits, .allowed = allowed}, stream);
        guard.push(id);
        piece.push_back(static_cast<std::uint32_t>(id));
    }
    CHECK(guard.held());
    CHECK(exact(set.all, piece).longest == 12);
}

TEST_CASE("the count is that of the tokens inside copies") {
    // Nothing is forbidden and any share may be copied.
    const std::vector<tokens> all = {{1, 2, 3, 4, 5, 6}};
    const auto bytes = build_copy_filter(all, {.length = 3, .bits = 32, .hashes = 16}).value();
    const copy_filter counted = copy_filter::open(bytes).value();
    copy_guard<8> guard(copy_filter(), counted, 65536);
    std::vector<std::size_t> counts;
    for (const std::size_t id : {1, 2, 3, 4, 7, 2, 3, 4, 3, 4, 5, 6, 1, 2, 3}) {
        CHECK(guard.allowed().has(id));
        guard.push(id);
        counts.push_back(guard.copied());
    }
    CHECK(counts == std::vector<std::size_t>{0, 0, 3, 4, 4, 4, 4, 7, 7, 7, 10, 11, 11, 11, 14});
    CHECK(guard.held());
    guard.reset();
    CHECK(guard.tokens() == 0);
    CHECK(guard.copied() == 0);
}

TEST_CASE("where every id is out, the share gives way first, then the limit, and the guard says so") {
    // Every continuation of 1 1 is known, for the counted length alone or for both.
    const std::vector<tokens> all = {{1, 1, 0}, {1, 1, 1}, {1, 1, 2}}, some = {{1, 1, 0}};
    const copy_filter_config c{.length = 3, .bits = 32, .hashes = 16};
    const auto all_bytes = build_copy_filter(all, c).value(), some_bytes = build_copy_filter(some, c).value();
    const copy_filter every = copy_filter::open(all_bytes).value(), one = copy_filter::open(some_bytes).value();
    copy_guard<3> share_gives(one, every, 0), both_give(every, every, 0);
    for (copy_guard<3>* g : {&share_gives, &both_give}) g->push(1), g->push(1);
    CHECK(share_gives.allowed().count() == 2);
    CHECK_FALSE(share_gives.allowed().has(0));
    share_gives.push(2);
    CHECK(share_gives.forbidden() == 0);
    CHECK_FALSE(share_gives.held());
    CHECK(both_give.allowed() == id_mask<3>::all());
    both_give.push(2);
    CHECK(both_give.forbidden() == 1);
    CHECK_FALSE(both_give.held());
}
