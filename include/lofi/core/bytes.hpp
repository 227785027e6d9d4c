#pragma once
// Numbers in and out of bytes, bounds-checked, in either byte order whatever the machine's.
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/core/bits.hpp>

namespace lofi::inline LOFI_ABI {

enum class byte_order : std::uint8_t { little, big };

/// Reads numbers from bytes. A read beyond the end gives zero and sets `failed()`, so that a parser may check once a record.
class byte_reader {
public:
    constexpr explicit byte_reader(std::span<const std::byte> bytes, std::size_t position = 0) : bytes_(bytes), at_(position) {}

    [[nodiscard]] constexpr std::size_t position() const { return at_; }
    [[nodiscard]] constexpr std::size_t left() const { return at_ < bytes_.size() ? bytes_.size() - at_ : 0; }
    [[nodiscard]] constexpr bool failed() const { return failed_; }

    /// Moves to a byte of the whole; beyond the end is allowed and makes the next read fail.
    constexpr void seek(std::size_t position) { at_ = position; }

    /// Reads an unsigned whole number of the first Count bytes (3 for 24-bit sound, say).
    template <std::unsigned_integral T, byte_order Order, std::size_t Count = sizeof(T)>
    constexpr T number() {
        static_assert(Count <= sizeof(T), "a number cannot hold that many bytes");
        if (left() < Count) return failed_ = true, T{0};
        std::uint64_t v = 0;
        for (std::size_t i = 0; i < Count; ++i) {
            const std::size_t k = Order == byte_order::big ? i : Count - 1 - i;
            v = v << 8 | std::to_integer<std::uint64_t>(bytes_[at_ + k]);
        }
        at_ += Count;
        return static_cast<T>(v);
    }
    constexpr std::uint8_t u8() { return number<std::uint8_t, byte_order::big>(); }
    constexpr std::uint16_t u16_be() { return number<std::uint16_t, byte_order::big>(); }
    constexpr std::uint32_t u32_be() { return number<std::uint32_t, byte_order::big>(); }
    constexpr std::uint16_t u16_le() { return number<std::uint16_t, byte_order::little>(); }
    constexpr std::uint32_t u32_le() { return number<std::uint32_t, byte_order::little>(); }
    constexpr std::uint64_t u64_le() { return number<std::uint64_t, byte_order::little>(); }

    /// Takes the next n bytes; empty and failed where fewer are left.
    constexpr std::span<const std::byte> take(std::size_t n) {
        if (left() < n) return failed_ = true, std::span<const std::byte>{};
        const auto part = bytes_.subspan(at_, n);
        at_ += n;
        return part;
    }
    /// Takes n bytes as text.
    std::string_view text(std::size_t n) {
        const auto part = take(n);
        return {reinterpret_cast<const char*>(part.data()), part.size()};
    }

private:
    std::span<const std::byte> bytes_;
    std::size_t at_ = 0;
    bool failed_ = false;
};

/// Appends numbers to bytes.
class byte_writer {
public:
    template <byte_order Order, std::size_t Count>
    void number(std::uint64_t v) {
        for (std::size_t i = 0; i < Count; ++i) {
            const std::size_t k = Order == byte_order::big ? Count - 1 - i : i;
            bytes_.push_back(static_cast<std::byte>(v >> (8 * k)));
        }
    }
    void u8(std::uint8_t v) { bytes_.push_back(static_cast<std::byte>(v)); }
    void u16_be(std::uint16_t v) { number<byte_order::big, 2>(v); }
    void u32_be(std::uint32_t v) { number<byte_order::big, 4>(v); }
    void u16_le(std::uint16_t v) { number<byte_order::little, 2>(v); }
    void u24_le(std::uint32_t v) { number<byte_order::little, 3>(v); }
    void u32_le(std::uint32_t v) { number<byte_order::little, 4>(v); }
    void u64_le(std::uint64_t v) { number<byte_order::little, 8>(v); }
    void f32_le(float v) { u32_le(bits_as<std::uint32_t>(v)); }
    void text(std::string_view s) {
        const auto* first = reinterpret_cast<const std::byte*>(s.data());
        bytes_.insert(bytes_.end(), first, first + s.size());
    }
    void append(std::span<const std::byte> part) { bytes_.insert(bytes_.end(), part.begin(), part.end()); }
    /// Overwrites a 32-bit big-endian number written earlier (a length known only afterwards).
    void patch_u32_be(std::size_t position, std::uint32_t v) {
        for (std::size_t i = 0; i < 4; ++i) bytes_[position + i] = static_cast<std::byte>(v >> (24 - 8 * i));
    }

    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
    [[nodiscard]] std::vector<std::byte> take() && { return std::move(bytes_); }

private:
    std::vector<std::byte> bytes_;
};

}  // namespace lofi::inline LOFI_ABI
