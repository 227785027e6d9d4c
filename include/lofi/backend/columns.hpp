#pragma once
// Views of rows that lie a stride apart: some columns of a wider matrix, so that layers read and write in place.
#include <cstddef>
#include <type_traits>

#include <lofi/core/views.hpp>

namespace lofi::inline LOFI_ABI::backend {

/// Rows of N numbers each, `stride` numbers apart. Contiguous rows are columns too, so that whatever takes columns also takes
/// rows. An empty view stands for "not given": outputs that are not given are not computed, gradients not given are zero.
template <class T, std::size_t N>
class columns {
public:
    using value_type = std::remove_const_t<T>;
    static constexpr std::size_t width = N;

    constexpr columns() = default;
    constexpr columns(T* data, std::size_t count, std::size_t stride = N) : data_(data), count_(count), stride_(stride) {
        LOFI_ASSERT(stride >= N, "columns need a stride of at least their width");
    }
    constexpr columns(rows<T, N> r) : columns(r.data(), r.count()) {}  // NOLINT: rows are columns without a gap
    template <class U>
        requires(std::is_const_v<T>&& std::is_same_v<U, value_type>)
    constexpr columns(rows<U, N> r) : columns(r.data(), r.count()) {}  // NOLINT: what may be written may be read
    template <class U>
        requires(std::is_const_v<T>&& std::is_same_v<U, value_type>)
    constexpr columns(columns<U, N> c) : columns(c.data(), c.count(), c.stride()) {}  // NOLINT

    [[nodiscard]] constexpr T* data() const { return data_; }
    [[nodiscard]] constexpr std::size_t count() const { return count_; }
    [[nodiscard]] constexpr std::size_t stride() const { return stride_; }
    [[nodiscard]] constexpr bool empty() const { return count_ == 0; }
    [[nodiscard]] constexpr T* row(std::size_t i) const { return data_ + i * stride_; }
    [[nodiscard]] constexpr frame<T, N> operator[](std::size_t i) const {
        LOFI_ASSERT(i < count_, "row index beyond the last row");
        return frame<T, N>(row(i), N);
    }
    /// Rows first, first+1, ..., first+n-1.
    [[nodiscard]] constexpr columns sub(std::size_t first, std::size_t n) const {
        LOFI_ASSERT(first + n <= count_, "part of rows beyond the last row");
        return {data_ + first * stride_, n, stride_};
    }

private:
    T* data_ = nullptr;
    std::size_t count_ = 0;
    std::size_t stride_ = N;
};

/// Returns columns First, First+1, ..., First+Width-1 of every row.
template <std::size_t First, std::size_t Width, class T, std::size_t N>
[[nodiscard]] constexpr columns<T, Width> part(columns<T, N> c) {
    static_assert(First + Width <= N, "these columns go beyond the last column of the matrix");
    return c.empty() ? columns<T, Width>{} : columns<T, Width>(c.data() + First, c.count(), c.stride());
}
template <std::size_t First, std::size_t Width, class T, std::size_t N>
[[nodiscard]] constexpr columns<T, Width> part(rows<T, N> r) {
    return part<First, Width>(columns<T, N>(r));
}

/// Returns the same view without the right to write. Operations deduce their widths from exact types, so outputs that become
/// inputs pass through here.
template <class T, std::size_t N>
[[nodiscard]] constexpr columns<const T, N> constant(columns<T, N> c) {
    return c;
}
template <class T, std::size_t N>
[[nodiscard]] constexpr columns<const T, N> constant(rows<T, N> r) {
    return rows<const T, N>(r.data(), r.count());
}

}  // namespace lofi::inline LOFI_ABI::backend
