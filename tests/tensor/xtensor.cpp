#include <lofi/tensor/xtensor.hpp>

#if __has_include(<xtensor/misc/xpad.hpp>)
#include <xtensor/misc/xmanipulation.hpp>
#include <xtensor/misc/xpad.hpp>
#include <xtensor/views/xstrided_view.hpp>
#else
#include <xtensor/xmanipulation.hpp>
#include <xtensor/xpad.hpp>
#include <xtensor/xstrided_view.hpp>
#endif

#include <vector>

#include "support/test.hpp"

using namespace lofi;

// Without the cure of tensor/xtensor.hpp these write beyond the heap blocks of their temporaries under g++ in C++20: run them
// with AddressSanitizer.
TEST_CASE("xtensor: temporaries of dynamic rank stay inside their memory") {
    xt::xarray<double> a = xt::arange<double>(0, 24);
    a.reshape({2, 3, 4});
    const xt::xarray<double> padded = xt::pad(a, {{1, 1}, {2, 0}, {0, 3}});
    CHECK(padded.shape() == xt::xarray<double>::shape_type{4, 5, 7});
    CHECK(padded(1, 2, 0) == 0);
    CHECK(padded(2, 4, 3) == 23);
    CHECK(xt::sum(padded)() == 276);

    const xt::xarray<double> turned = xt::transpose(a, std::vector<std::size_t>{2, 0, 1});
    CHECK(turned.shape() == xt::xarray<double>::shape_type{4, 2, 3});
    CHECK(turned(3, 1, 2) == 23);
    CHECK(turned(1, 0, 2) == 9);

    const xt::xarray<double> doubled = xt::transpose(a) + xt::transpose(a);
    CHECK(doubled(3, 2, 1) == 46);
    const xt::xarray<double> part = xt::strided_view(a, {xt::all(), xt::range(1, 3), 2}) * 1.0;
    CHECK(part.shape() == xt::xarray<double>::shape_type{2, 2});
    CHECK(part(1, 1) == 22);

    // Five dimensions: more than a shape holds inside itself.
    xt::xarray<int> five = xt::ones<int>({2, 3, 2, 3, 2});
    const xt::xarray<int> wide = xt::pad(five, std::vector<std::vector<std::size_t>>(5, {1, 1}));
    CHECK(wide.size() == 4 * 5 * 4 * 5 * 4);
    CHECK(xt::sum(wide)() == 72);
}

TEST_CASE("xtensor: views to and from rows share the memory") {
    tensor::matrix<float> m{{1, 2, 3}, {4, 5, 6}};
    const auto r = tensor::as_rows<3>(m);
    CHECK(r.count() == 2);
    CHECK(r[1][2] == 6);
    r[0][1] = 9;
    CHECK(m(0, 1) == 9);
    auto t = tensor::as_tensor(r);
    CHECK(t(1, 0) == 4);
    t(1, 0) = 7;
    CHECK(m(1, 0) == 7);
    CHECK(xt::sum(t)() == 1 + 9 + 3 + 7 + 5 + 6);
    const tensor::matrix<float>& fixed = m;
    CHECK(tensor::as_tensor(tensor::as_rows<3>(fixed))(1, 2) == 6);
    std::vector<double> v{1, 2, 3};
    CHECK(xt::mean(tensor::as_tensor(std::span<double>(v)))() == 2);
}
