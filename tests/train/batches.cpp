#include <lofi/train/batches.hpp>

#include "support/test.hpp"

#include <set>

using namespace lofi;

namespace {
std::vector<std::uint32_t> at(train::batches& b, std::uint64_t step) {
    const auto s = b.at(step);
    return {s.begin(), s.end()};
}
}  // namespace

TEST_CASE("every epoch has every example once, in an order of its own") {
    train::batches b({.size = 8}, random_key{3}, 50);
    REQUIRE(b.per_epoch() == 7);
    std::vector<std::vector<std::uint32_t>> epochs(3);
    for (std::uint64_t step = 0; step < 21; ++step) {
        const auto batch = at(b, step);
        CHECK(batch.size() == (step % 7 == 6 ? 2U : 8U));
        epochs[step / 7].insert(epochs[step / 7].end(), batch.begin(), batch.end());
    }
    for (const auto& e : epochs) CHECK(std::set<std::uint32_t>(e.begin(), e.end()).size() == 50);
    CHECK(epochs[0] != epochs[1]);
    CHECK(epochs[1] != epochs[2]);
    CHECK(at(b, 10) == [] {
        train::batches fresh({.size = 8}, random_key{3}, 50);
        return at(fresh, 10);
    }());  // any step at once
    train::batches other({.size = 8}, random_key{4}, 50);
    CHECK(at(b, 0) != at(other, 0));
    CHECK(train::batches({.size = 8, .rest = train::last_batch::drop}, random_key{3}, 50).per_epoch() == 6);
    CHECK(train::batches({.size = 10}, random_key{3}, 50).per_epoch() == 5);
}

TEST_CASE("batches of like lengths waste little padding and still cover all") {
    random_stream random(random_key{9});
    std::vector<std::uint32_t> lengths(1003);
    for (auto& l : lengths) l = 1 + uniform_below(random, 100);
    const auto padding = [&](std::size_t bucket, train::last_batch rest) {
        train::batches b({.size = 16, .bucket = bucket, .rest = rest}, random_key{1}, lengths);
        std::set<std::uint32_t> seen;
        std::uint64_t wasted = 0, first_lengths = 0;
        for (std::uint64_t step = 0; step < b.per_epoch(); ++step) {
            std::uint32_t longest = 0;
            for (const auto i : b.at(step)) longest = std::max(longest, lengths[i]);
            for (const auto i : b.at(step)) {
                wasted += longest - lengths[i];
                CHECK(seen.insert(i).second);
            }
            if (step < 10) first_lengths += longest;
        }
        CHECK(seen.size() == (rest == train::last_batch::keep ? 1003U : 992U));
        CHECK(first_lengths / 10 > 20);  // not the short ones first
        return wasted;
    };
    CHECK(padding(8, train::last_batch::keep) * 4 < padding(0, train::last_batch::keep));
    CHECK(padding(8, train::last_batch::drop) * 4 < padding(0, train::last_batch::drop));
}
