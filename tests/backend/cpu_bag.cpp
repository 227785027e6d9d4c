#include <lofi/backend/cpu_bag.hpp>

#include <array>
#include <vector>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("sums of table rows: what a product with zeros and ones gives, and its transpose") {
    backend::cpu<double> be;
    std::vector<double> w{1, 2, 3, 4, 5, 6}, y{10, 10, 20, 20}, dw(6);
    const std::vector<std::int32_t> ids{0, 2, -1, 1};
    const backend::matrix<double, 3, 2> table{w.data()};
    gather_sum(be, table, ids, backend::columns<double, 2>(y.data(), 2));
    CHECK(y == std::vector<double>{10 + 1 + 5, 10 + 2 + 6, 20 + 3, 20 + 4});
    scatter_sum(be, backend::columns<const double, 2>(y.data(), 2), ids, backend::matrix<double, 3, 2>{dw.data()});
    CHECK(dw == std::vector<double>{16, 18, 23, 24, 16, 18});
    std::array<double, 2> one{1, 1};
    gather_sum_step(be, backend::affine<double, 3, 2, false>{.w = table, .b = nullptr},
                    std::span<const std::int32_t>(ids).first(2), frame<double, 2>(one));
    CHECK(one == std::array<double, 2>{7, 9});
}
