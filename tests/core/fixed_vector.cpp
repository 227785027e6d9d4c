#include <lofi/core/fixed_vector.hpp>

#include <vector>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("a fixed_vector holds what it is given, in order, up to its capacity") {
    fixed_vector<int, 4> v{3, 1};
    v.push_back(4);
    CHECK(v.size() == 3);
    CHECK(std::vector<int>(v.begin(), v.end()) == std::vector<int>{3, 1, 4});
    CHECK((v.front() == 3 && v.back() == 4 && !v.full()));
    v.push_back(1);
    CHECK(v.full());
    v.erase(1);
    CHECK(v == fixed_vector<int, 4>{3, 4, 1});
    v.pop_back();
    v.resize(4, 9);
    CHECK(v == fixed_vector<int, 4>{3, 4, 9, 9});
    v.resize(1);
    CHECK(v == fixed_vector<int, 4>{3});
    v.clear();
    CHECK(v.empty());
    CHECK(fixed_vector<int, 4>(2, 7) == fixed_vector<int, 4>{7, 7});
    const std::vector<int> other{1, 2, 3};
    CHECK(fixed_vector<int, 4>(other.begin(), other.end()).size() == 3);
}
