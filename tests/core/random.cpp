#include <lofi/core/random.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "support/test.hpp"

using lofi::random_key;
using lofi::random_stream;

TEST_CASE("Philox gives the words of its authors") {
    // Random123's kat_vectors for philox4x32-10.
    using words = std::array<std::uint32_t, 4>;
    CHECK(lofi::philox({0, 0, 0, 0}, {0, 0}) == words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    CHECK(lofi::philox({~0U, ~0U, ~0U, ~0U}, {~0U, ~0U}) == words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    CHECK(lofi::philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
          words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
    static_assert(lofi::philox({0, 0, 0, 0}, {0, 0})[0] == 0x6627e8d5);
}

TEST_CASE("a stream is the blocks of its key in order") {
    const random_key key{0x299f31d0a4093822};
    random_stream s(key);
    for (std::uint32_t block = 0; block < 5; ++block)
        for (const std::uint32_t word : lofi::philox({block, 0, 0, 0}, {0xa4093822, 0x299f31d0})) CHECK(s.next() == word);
    random_stream far(key, (std::uint64_t{1} << 34) + 2);
    CHECK(far.next() == lofi::philox({0, 1, 0, 0}, {0xa4093822, 0x299f31d0})[2]);
}

TEST_CASE("a stream goes on from any position") {
    random_stream whole(random_key{77});
    std::vector<std::uint32_t> words(50);
    for (auto& w : words) w = whole.next();
    CHECK(whole.position() == 50);
    for (std::uint64_t from = 0; from < 45; ++from) {
        random_stream part(whole.key(), from);
        for (std::uint64_t i = from; i < from + 5; ++i) CHECK(part.next() == words[i]);
    }
    random_stream wide(random_key{77});
    CHECK(wide.next64() == (std::uint64_t{words[0]} << 32 | words[1]));
}

TEST_CASE("keys make a tree without twins") {
    std::set<std::uint64_t> seen;
    std::size_t made = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const random_key root{seed};
        seen.insert(root.value), ++made;
        for (const char* name : {"", "a", "b", "ab", "drums", "bass"}) seen.insert(root.child(name).value), ++made;
        for (std::uint64_t n = 0; n < 200; ++n) {
            seen.insert(root.child(n).value), ++made;
            seen.insert(root.child(n).child("drums").value), ++made;
        }
    }
    CHECK(seen.size() == made);
    CHECK(random_key{1}.child("a").child("b") != random_key{1}.child("b").child("a"));
    CHECK(random_key{5}.child("x") == random_key{5}.child(std::string("x")));
}

TEST_CASE("streams of neighbouring keys have nothing in common") {
    // Equal bits of 32-bit words: half of them on average, with a standard deviation of sqrt(n * 32) / 2.
    const int n = 20000;
    for (std::uint64_t k = 0; k < 5; ++k) {
        random_stream a(random_key{1}.child(k)), b(random_key{1}.child(k + 1));
        double equal = 0;
        for (int i = 0; i < n; ++i) equal += std::popcount(~(a.next() ^ b.next()));
        CHECK(std::abs(equal - n * 16.0) < 5 * std::sqrt(n * 32.0) / 2);
    }
}

TEST_CASE("uniform_below is uniform, and without bias where the range does not divide 2^32") {
    random_stream s(random_key{3});
    for (const std::uint32_t n : {2U, 3U, 7U, 10U, 24U}) {
        std::vector<double> count(n);
        const double draws = 100000;
        for (int i = 0; i < 100000; ++i) ++count[lofi::uniform_below(s, n)];
        double chi2 = 0;
        for (const double c : count) chi2 += (c - draws / n) * (c - draws / n) / (draws / n);
        const double dof = n - 1.0;
        CHECK(chi2 < dof + 5 * std::sqrt(2 * dof) + 5);
    }
    CHECK(lofi::uniform_below(s, 1) == 0);
    // 3 * 2^30 values: taking the word modulo n would hit the lowest third twice as often.
    int low = 0;
    for (int i = 0; i < 30000; ++i) low += lofi::uniform_below(s, 0xC0000000U) < 0x40000000U ? 1 : 0;
    CHECK(std::abs(low - 10000) < 5 * std::sqrt(30000 * 2.0 / 9));
}

TEST_CASE("uniform_between takes both ends, and the whole range of the type") {
    random_stream s(random_key{4});
    std::map<int, int> count;
    for (int i = 0; i < 6000; ++i) ++count[lofi::uniform_between(s, -2, 3)];
    CHECK(count.size() == 6);
    CHECK(count.begin()->first == -2);
    CHECK(count.rbegin()->first == 3);
    for (const auto& [value, n] : count) CHECK(std::abs(n - 1000) < 150);
    CHECK(lofi::uniform_between(s, 9, 9) == 9);
    int negative = 0;
    for (int i = 0; i < 10000; ++i) negative += lofi::uniform_between(s, INT32_MIN, INT32_MAX) < 0 ? 1 : 0;
    CHECK(std::abs(negative - 5000) < 250);
}

TEST_CASE("chance and pick follow their weights") {
    random_stream s(random_key{5});
    int hits = 0;
    for (int i = 0; i < 40000; ++i) hits += lofi::chance(s, 1, 4) ? 1 : 0;
    CHECK(std::abs(hits - 10000) < 5 * std::sqrt(40000 * 3.0 / 16));
    CHECK_FALSE(lofi::chance(s, 0, 4));
    CHECK(lofi::chance(s, 4, 4));
    const std::uint32_t weights[] = {0, 1, 0, 5, 4, 0};
    int count[6] = {};
    for (int i = 0; i < 50000; ++i) ++count[lofi::pick(s, weights)];
    CHECK((count[0] == 0 && count[2] == 0 && count[5] == 0));
    CHECK(std::abs(count[1] - 5000) < 400);
    CHECK(std::abs(count[3] - 25000) < 600);
    CHECK(std::abs(count[4] - 20000) < 600);
    const std::uint32_t huge[] = {0xFFFFFFFEU, 1};
    CHECK(lofi::pick(s, huge) == 0);
}

TEST_CASE("normal_q16 is the standard normal") {
    random_stream s(random_key{6});
    const int n = 200000;
    double sum = 0, square = 0, fourth = 0;
    int within[3] = {};
    for (int i = 0; i < n; ++i) {
        const double z = lofi::normal_q16(s) / 65536.0;
        sum += z, square += z * z, fourth += z * z * z * z;
        for (int k = 0; k < 3; ++k) within[k] += std::abs(z) < k + 1 ? 1 : 0;
    }
    CHECK(std::abs(sum / n) < 5 / std::sqrt(n));
    CHECK(std::abs(square / n - 1) < 5 * std::sqrt(2.0 / n));
    CHECK(std::abs(fourth / n - 3) < 5 * std::sqrt(96.0 / n));
    const double share[] = {0.682689, 0.954500, 0.997300};
    for (int k = 0; k < 3; ++k)
        CHECK(std::abs(within[k] / double(n) - share[k]) < 5 * std::sqrt(share[k] * (1 - share[k]) / n));
}

TEST_CASE("uniform_unit stays below 1") {
    random_stream s(random_key{7});
    double sum = 0;
    for (int i = 0; i < 100000; ++i) {
        const float u = lofi::uniform_unit(s);
        REQUIRE((u >= 0.0F && u < 1.0F));
        sum += static_cast<double>(u);
    }
    CHECK(std::abs(sum / 100000 - 0.5) < 5 * std::sqrt(1.0 / 12 / 100000));
}

TEST_CASE("shuffle gives every permutation its share") {
    random_stream s(random_key{8});
    std::map<std::vector<int>, int> count;
    for (int i = 0; i < 24000; ++i) {
        std::vector<int> v = {0, 1, 2, 3};
        lofi::shuffle(s, std::span(v));
        ++count[v];
    }
    CHECK(count.size() == 24);
    for (const auto& [order, n] : count) CHECK(std::abs(n - 1000) < 160);
    const auto before = s.position();
    lofi::shuffle(s, std::span<int>());
    CHECK(s.position() == before);
}

TEST_CASE("the draws are the same with every compiler") {
    // Held so that the same seed stays the same music; made once by this library.
    random_stream s(random_key{2024}.child("held").child(3));
    std::uint64_t h = 0xcbf29ce484222325U;
    const auto add = [&](std::uint32_t v) { h = (h ^ v) * 0x100000001b3U; };
    for (int i = 0; i < 1000; ++i) {
        add(lofi::uniform_below(s, 100));
        add(static_cast<std::uint32_t>(lofi::normal_q16(s)));
        add(static_cast<std::uint32_t>(lofi::uniform_between(s, -7, 7)));
    }
    CHECK(h == 0x9cc10310b02a8e4eU);
}
