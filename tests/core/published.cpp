#include <lofi/core/published.hpp>

#include <atomic>
#include <thread>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("what is published is read whole, never half of one and half of another") {
    published words(64);
    std::atomic<bool> done{false};
    std::atomic<long> reads{0}, torn{0};
    std::thread reader([&] {
        while (!done) {
            std::uint64_t first = 0, sum = 0;
            const bool whole = words.read([&](auto get) {
                first = get(0), sum = 0;
                for (std::size_t i = 0; i < words.size(); ++i) sum += get(i);
            });
            if (!whole) continue;
            ++reads;
            if (sum != 64 * first) ++torn;
        }
    });
    for (std::uint64_t n = 1; n < 200000 || reads < 100; ++n) {
        words.publish([&](auto put) {
            for (std::size_t i = 0; i < words.size(); ++i) put(i, n);
        });
        if (n % 16 == 0) std::this_thread::yield();
    }
    done = true;
    reader.join();
    CHECK(reads >= 100);
    CHECK(torn == 0);
}

TEST_CASE("words that are not set again keep their values") {
    published words(4);
    words.publish([](auto put) { put(1, 7), put(2, 9); });
    words.publish([](auto put) { put(2, 10); });
    std::uint64_t one = 0, two = 0, three = 1;
    REQUIRE(words.read([&](auto get) { one = get(1), two = get(2), three = get(3); }));
    CHECK((one == 7 && two == 10 && three == 0));
}
