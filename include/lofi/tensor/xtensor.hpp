#pragma once
// The only way into xtensor: both layouts of its headers, and the cure of its fault under g++ in C++20.
//
// Before 0.26 xtensor guards a specialisation with `__cplusplus == 201703L`. In C++20 g++ then takes the shape of an
// expression whose rank is known only at run time for a fixed rank of 4, and temporaries of such expressions (`pad`,
// `transpose`, `strided_view` of an `xarray`) overrun the heap. The specialisation below puts it right; it has to stand between
// the traits and everything that uses them. Prefer `xt::xtensor<T, N>` of fixed rank all the same.
#include <cstddef>

#if __has_include(<xtensor/core/xtensor_config.hpp>)
#include <xtensor/core/xtensor_config.hpp>
#else
#include <xtensor/xtensor_config.hpp>
#endif

#if __has_include(<xtensor/utils/xutils.hpp>)
// 0.26 and newer: headers in folders, and the fault is gone.
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xtensor.hpp>
#include <xtensor/core/xmath.hpp>
#include <xtensor/core/xnoalias.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xexpression_traits.hpp>
#if defined(__GNUC__) && __cplusplus > 201703L && XTENSOR_VERSION_MAJOR == 0 && XTENSOR_VERSION_MINOR < 26
namespace xt::detail {
template <template <class, std::size_t, class, bool> class Shape, class T, std::size_t N, class Allocator, bool Init>
struct xtype_for_shape<Shape<T, N, Allocator, Init>> {
    template <class Value, layout_type Layout>
    using type = xarray<Value, Layout>;
};
}  // namespace xt::detail
#endif
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>
#endif

#include <array>
#include <span>

#include <lofi/core/assert.hpp>
#include <lofi/core/views.hpp>

namespace lofi::inline LOFI_ABI::tensor {

template <class T>
using vector = xt::xtensor<T, 1>;
template <class T>
using matrix = xt::xtensor<T, 2>;

/// Returns rows of static width over a matrix that lies row by row. The rows stay good as long as the matrix does.
/// shapes: m (count,N)
template <std::size_t N, class T>
[[nodiscard]] rows<T, N> as_rows(matrix<T>& m) {
    LOFI_ASSERT(m.shape(1) == N, "a matrix seen as rows needs as many columns as the rows are wide");
    return {m.data(), m.shape(0)};
}
template <std::size_t N, class T>
[[nodiscard]] rows<const T, N> as_rows(const matrix<T>& m) {
    LOFI_ASSERT(m.shape(1) == N, "a matrix seen as rows needs as many columns as the rows are wide");
    return {m.data(), m.shape(0)};
}

/// Returns a tensor expression over rows, without a copy.
/// shapes: (count,N)
template <class T, std::size_t N>
[[nodiscard]] auto as_tensor(rows<T, N> r) {
    return xt::adapt(r.data(), r.size(), xt::no_ownership(), std::array<std::size_t, 2>{r.count(), N});
}
/// Returns a tensor expression over a span, without a copy.
/// shapes: (size)
template <class T>
[[nodiscard]] auto as_tensor(std::span<T> s) {
    return xt::adapt(s.data(), s.size(), xt::no_ownership(), std::array<std::size_t, 1>{s.size()});
}

}  // namespace lofi::inline LOFI_ABI::tensor
