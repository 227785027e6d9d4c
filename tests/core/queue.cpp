#include <lofi/core/queue.hpp>

#include <atomic>
#include <cstdint>
#include <set>
#include <thread>
#include <vector>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("a bounded queue gives what it took, in order, and says when it is full") {
    bounded_queue<int> q(8);
    int v = 0;
    CHECK(!q.pop(v));
    for (int round = 0; round < 1000; ++round) {
        for (int i = 0; i < 8; ++i) REQUIRE(q.push(round * 8 + i));
        REQUIRE(!q.push(-1));
        for (int i = 0; i < 8; ++i) {
            REQUIRE(q.pop(v));
            REQUIRE(v == round * 8 + i);
        }
        REQUIRE(!q.pop(v));
    }
}

TEST_CASE("many threads push and pop, and nothing is lost, doubled or out of its own order") {
    bounded_queue<std::uint32_t> q(64);
    constexpr std::uint32_t each = 20000, threads = 3;
    std::vector<std::vector<std::uint32_t>> got(threads);
    std::atomic<std::uint32_t> left{each * threads};
    std::vector<std::thread> all;
    for (std::uint32_t t = 0; t < threads; ++t) {
        all.emplace_back([&, t] {
            for (std::uint32_t i = 0; i < each;)
                if (q.push(t << 24 | i))
                    ++i;
                else
                    std::this_thread::yield();
        });
        all.emplace_back([&, t] {
            std::uint32_t v = 0;
            while (left.load() != 0)
                if (q.pop(v))
                    got[t].push_back(v), --left;
                else
                    std::this_thread::yield();
        });
    }
    for (std::thread& t : all) t.join();
    std::set<std::uint32_t> seen;
    for (const auto& list : got) {
        std::vector<std::int64_t> last(threads, -1);
        for (const std::uint32_t v : list) {
            seen.insert(v);
            REQUIRE(static_cast<std::int64_t>(v & 0xffffffU) > last[v >> 24]);
            last[v >> 24] = v & 0xffffffU;
        }
    }
    CHECK(seen.size() == std::size_t{each} * threads);
}
