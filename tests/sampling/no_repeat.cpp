#include <lofi/sampling/no_repeat.hpp>

#include <random>
#include <set>
#include <vector>

#include <lofi/sampling/history.hpp>

#include "support/test.hpp"

using namespace lofi::sampling;

TEST_CASE("exactly those ids are out that would make n in a row come again") {
    std::mt19937 rng(4);
    std::size_t forbidden = 0;
    for (int round = 0; round < 2000; ++round) {
        std::vector<std::uint8_t> heard(rng() % 40);
        const std::size_t V = 2 + rng() % 4, n = rng() % 6;
        for (auto& id : heard) id = static_cast<std::uint8_t>(rng() % V);
        const auto allowed = no_repeat<6>(std::span<const std::uint8_t>(heard), n);
        std::set<std::vector<std::uint8_t>> grams;
        for (std::size_t i = 0; n > 0 && i + n <= heard.size(); ++i)
            grams.insert({heard.begin() + static_cast<std::ptrdiff_t>(i), heard.begin() + static_cast<std::ptrdiff_t>(i + n)});
        for (std::size_t id = 0; id < 6; ++id) {
            std::vector<std::uint8_t> with = heard;
            with.push_back(static_cast<std::uint8_t>(id));
            const bool again =
                n > 0 && with.size() >= n && grams.count({with.end() - static_cast<std::ptrdiff_t>(n), with.end()}) != 0;
            REQUIRE(allowed.has(id) == !again);
            forbidden += again ? 1 : 0;
        }
    }
    CHECK(forbidden > 1000);
}

TEST_CASE("a history drops the oldest, and what it dropped may come again") {
    history<4> h;
    for (const std::size_t id : {1, 2, 3, 1, 2}) h.push(id);
    CHECK(std::vector<std::uint32_t>(h.ids().begin(), h.ids().end()) == std::vector<std::uint32_t>{2, 3, 1, 2});
    CHECK_FALSE(no_repeat<5>(h.ids(), 2).has(3));
    h.push(4);
    CHECK(no_repeat<5>(h.ids(), 2).count() == 5);
    CHECK(h.last(2).size() == 2);
    CHECK(h.last(9).size() == 4);
    CHECK(h.last(2)[1] == 4);
    h.reset();
    CHECK(h.ids().empty());
}

TEST_CASE("ids beyond the mask are nobody's concern") {
    const std::vector<int> heard = {7, 9, 7};
    CHECK(no_repeat<5>(std::span<const int>(heard), 2) == id_mask<5>::all());
}
