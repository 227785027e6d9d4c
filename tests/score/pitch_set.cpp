#include <lofi/score/pitch_set.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <vector>

#include "support/test.hpp"

using namespace lofi::score;

namespace {

std::vector<int> numbers(const pitch_row& row) {
    std::vector<int> out;
    for (const pitch_class p : row) out.push_back(p.value);
    return out;
}

// The definition word by word: of all rotations the least (span, intervals from the first, first class).
std::vector<int> normal_order_by_rotation(pitch_set s) {
    std::vector<int> sorted;
    for (int c = 0; c < 12; ++c)
        if (s.contains(pitch_class(c))) sorted.push_back(c);
    using rank = std::tuple<int, std::vector<int>, int>;
    std::vector<std::pair<rank, std::vector<int>>> rotations;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        std::vector<int> from_first;
        for (const int c : sorted) from_first.push_back((c - sorted[0] + 12) % 12);
        rotations.push_back({{(sorted.back() - sorted[0] + 12) % 12, from_first, sorted[0]}, sorted});
        std::rotate(sorted.begin(), sorted.begin() + 1, sorted.end());
    }
    return std::min_element(rotations.begin(), rotations.end())->second;
}

static_assert(normal_order(pitch_set{0, 4, 7})[2].value == 7, "normal order works at compile time");
static_assert(prime_form(pitch_set{0, 4, 7}) == pitch_set{0, 3, 7}, "major and minor triads share a prime form");

}  // namespace

TEST_CASE("normal orders of well-known sets") {
    const std::vector<std::pair<pitch_set, std::vector<int>>> known = {
        {{0, 4, 7}, {0, 4, 7}},
        {{2, 5, 10}, {10, 2, 5}},
        {{0, 4, 9}, {9, 0, 4}},
        {{0, 2, 5, 9}, {9, 0, 2, 5}},
        {{0, 4, 7, 11}, {11, 0, 4, 7}},
        {{2, 5, 7, 11}, {11, 2, 5, 7}},
        {{2, 5, 9, 11}, {9, 11, 2, 5}},
        {{0, 3, 6, 9}, {0, 3, 6, 9}},
        {{1, 5, 9}, {1, 5, 9}},
        {{0, 2, 4, 7, 9}, {0, 2, 4, 7, 9}},
        {{0, 2, 4, 5, 7, 9, 11}, {11, 0, 2, 4, 5, 7, 9}},
        {{0, 1, 5, 8, 11}, {5, 8, 11, 0, 1}},
        {{0, 1, 5, 7, 8}, {0, 1, 5, 7, 8}},
        {{2, 3, 7, 11}, {11, 2, 3, 7}},
        {{0}, {0}},
    };
    for (const auto& [set, order] : known) CHECK(numbers(normal_order(set)) == order);
    CHECK(normal_order(pitch_set()).empty());
    CHECK(prime_form(pitch_set()).empty());
}

TEST_CASE("all 4095 sets: normal order, forms and interval vector against their definitions") {
    std::set<int> prime_forms, tn_classes;
    for (unsigned bits = 1; bits < 4096; ++bits) {
        const pitch_set s(bits);
        REQUIRE(numbers(normal_order(s)) == normal_order_by_rotation(s));
        prime_forms.insert(prime_form(s).mask);
        tn_classes.insert(tn_form(s).mask);
        for (int t = 0; t < 12; ++t) {
            REQUIRE(tn_form(transposed(s, t)) == tn_form(s));
            REQUIRE(prime_form(transposed(inverted(s), t)) == prime_form(s));
        }
        std::array<int, 6> pairs{};
        for (int a = 0; a < 12; ++a)
            for (int b = a + 1; b < 12; ++b)
                if (s.contains(pitch_class(a)) && s.contains(pitch_class(b)))
                    ++pairs[static_cast<std::size_t>(std::min(b - a, 12 - b + a) - 1)];
        const auto vector = interval_vector(s);
        REQUIRE(std::equal(vector.begin(), vector.end(), pairs.begin()));
    }
    CHECK(prime_forms.size() == 223);
    CHECK(tn_classes.size() == 351);
}

TEST_CASE("sets move, mirror and mix") {
    CHECK(transposed(pitch_set{0, 11}, 1) == pitch_set{0, 1});
    CHECK(transposed(pitch_set{0, 4, 7}, -12) == pitch_set{0, 4, 7});
    CHECK(inverted(pitch_set{0, 4, 7}) == pitch_set{0, 8, 5});
    CHECK((pitch_set{0, 1} | pitch_set{1, 2}) == pitch_set{0, 1, 2});
    CHECK((pitch_set{0, 1} & pitch_set{1, 2}) == pitch_set{13});
    CHECK(pitch_set(0xffffffffU).size() == 12);
}
