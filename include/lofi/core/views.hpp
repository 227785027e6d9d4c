#pragma once
// Views of memory that somebody else owns: one row of static width, and many rows of static width.
#include <cstddef>
#include <span>
#include <type_traits>

#include <lofi/core/assert.hpp>

namespace lofi::inline LOFI_ABI {

/// One row of N numbers.
template <class T, std::size_t N>
using frame = std::span<T, N>;

/// Rows of N numbers each, contiguous; how many is known at run time.
template <class T, std::size_t N>
class rows {
public:
    using value_type = std::remove_const_t<T>;
    static constexpr std::size_t width = N;

    constexpr rows() = default;
    constexpr rows(T* data, std::size_t count) : data_(data), count_(count) {}
    // A template, since clang 14 takes a constrained constructor from rows<value_type, N> for the copy constructor.
    template <class U>
        requires(std::is_const_v<T>&& std::is_same_v<U, value_type>)
    constexpr rows(const rows<U, N>& other)
        : data_(other.data()), count_(other.count()) {}  // NOLINT: may be written, so may be read

    [[nodiscard]] constexpr T* data() const { return data_; }
    [[nodiscard]] constexpr std::size_t count() const { return count_; }
    [[nodiscard]] constexpr std::size_t size() const { return count_ * N; }
    [[nodiscard]] constexpr bool empty() const { return count_ == 0; }
    [[nodiscard]] constexpr frame<T, N> operator[](std::size_t i) const {
        LOFI_ASSERT(i < count_, "row index beyond the last row");
        return frame<T, N>(data_ + i * N, N);
    }
    /// All numbers in one flat span.
    [[nodiscard]] constexpr std::span<T> flat() const { return {data_, count_ * N}; }
    /// Rows first, first+1, ..., first+n-1.
    [[nodiscard]] constexpr rows sub(std::size_t first, std::size_t n) const {
        LOFI_ASSERT(first + n <= count_, "part of rows beyond the last row");
        return rows(data_ + first * N, n);
    }

private:
    T* data_ = nullptr;
    std::size_t count_ = 0;
};

}  // namespace lofi::inline LOFI_ABI
