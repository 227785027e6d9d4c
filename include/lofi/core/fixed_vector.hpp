#pragma once
// A vector that never asks for memory: up to N plain values, held in the object itself.
#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <span>
#include <type_traits>

#include <lofi/core/assert.hpp>

namespace lofi::inline LOFI_ABI {

/// Holds up to N values of a plain type. What would be one too many is a caller's error, and is left out where asserts are off.
template <class T, std::size_t N>
class fixed_vector {
    static_assert(std::is_trivially_copyable_v<T>, "a fixed_vector holds plain values, which are copied as bytes");

public:
    using value_type = T;
    using iterator = T*;
    using const_iterator = const T*;

    constexpr fixed_vector() = default;
    constexpr fixed_vector(std::size_t count, const T& value) { resize(count, value); }
    constexpr fixed_vector(std::initializer_list<T> values) : fixed_vector(values.begin(), values.end()) {}
    template <std::input_iterator Iterator>
    constexpr fixed_vector(Iterator first, Iterator last) {
        for (; first != last; ++first) push_back(*first);
    }

    [[nodiscard]] static constexpr std::size_t capacity() { return N; }
    [[nodiscard]] constexpr std::size_t size() const { return size_; }
    [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
    [[nodiscard]] constexpr bool full() const { return size_ == N; }
    [[nodiscard]] constexpr T* data() { return values_.data(); }
    [[nodiscard]] constexpr const T* data() const { return values_.data(); }
    [[nodiscard]] constexpr T* begin() { return data(); }
    [[nodiscard]] constexpr const T* begin() const { return data(); }
    [[nodiscard]] constexpr T* end() { return data() + size_; }
    [[nodiscard]] constexpr const T* end() const { return data() + size_; }
    [[nodiscard]] constexpr T& operator[](std::size_t i) { return check(i), values_[i]; }
    [[nodiscard]] constexpr const T& operator[](std::size_t i) const { return check(i), values_[i]; }
    [[nodiscard]] constexpr T& front() { return (*this)[0]; }
    [[nodiscard]] constexpr const T& front() const { return (*this)[0]; }
    [[nodiscard]] constexpr T& back() { return (*this)[size_ - 1]; }
    [[nodiscard]] constexpr const T& back() const { return (*this)[size_ - 1]; }

    constexpr void push_back(const T& v) {
        LOFI_ASSERT(size_ < N, "a fixed_vector is full");
        if (size_ < N) values_[size_++] = v;
    }
    constexpr void pop_back() {
        LOFI_ASSERT(size_ > 0, "an empty fixed_vector has nothing to give");
        if (size_ > 0) --size_;
    }
    constexpr void clear() { size_ = 0; }
    /// Keeps the first n values, or adds as many as are missing.
    constexpr void resize(std::size_t n, const T& value = {}) {
        if (n < size_) size_ = n;
        while (size_ < n && !full()) values_[size_++] = value;
        LOFI_ASSERT(size_ == n, "a fixed_vector cannot grow so far");
    }
    /// Takes one value out; those behind it move up.
    constexpr void erase(std::size_t i) {
        check(i);
        std::copy(begin() + i + 1, end(), begin() + i);
        --size_;
    }

    friend constexpr bool operator==(const fixed_vector& a, const fixed_vector& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end());
    }

private:
    constexpr void check(std::size_t i) const { LOFI_ASSERT(i < size_, "index beyond the end of a fixed_vector"), void(i); }

    std::array<T, N> values_{};
    std::size_t size_ = 0;
};

}  // namespace lofi::inline LOFI_ABI
