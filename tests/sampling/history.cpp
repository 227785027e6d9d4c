#include <lofi/sampling/history.hpp>

#include <deque>
#include <random>

#include "support/test.hpp"

using namespace lofi::sampling;

TEST_CASE("a history is the end of all that came") {
    std::mt19937 rng(2);
    history<7> h;
    std::deque<std::uint32_t> all;
    for (int i = 0; i < 500; ++i) {
        if (rng() % 50 == 0) h.reset(), all.clear();
        all.push_back(static_cast<std::uint32_t>(rng()));
        h.push(all.back());
        if (all.size() > 7) all.pop_front();
        REQUIRE(std::equal(all.begin(), all.end(), h.ids().begin(), h.ids().end()));
        const std::size_t n = rng() % 10;
        REQUIRE(h.last(n).size() == std::min(n, all.size()));
        if (!h.last(n).empty()) REQUIRE(h.last(n).back() == all.back());
    }
}
