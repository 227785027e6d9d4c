#pragma once
// A 64-bit hash that is the same everywhere: tests hold music to it, files are recognised by it.
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI {

/// Gathers bytes and whole numbers into a 64-bit hash.
/// source: FNV-1a (Fowler, Noll, Vo)
class hasher {
public:
    constexpr hasher& add(std::integral auto number) {
        auto bits = static_cast<std::uint64_t>(number);
        for (int i = 0; i < 8; ++i, bits >>= 8) byte(static_cast<std::uint8_t>(bits));
        return *this;
    }
    constexpr hasher& add(std::string_view text) {
        for (const char c : text) byte(static_cast<std::uint8_t>(c));
        return *this;
    }
    constexpr hasher& add(std::span<const std::byte> bytes) {
        for (const std::byte b : bytes) byte(static_cast<std::uint8_t>(b));
        return *this;
    }
    [[nodiscard]] constexpr std::uint64_t value() const { return state_; }

private:
    constexpr void byte(std::uint8_t b) { state_ = (state_ ^ b) * 0x100000001b3U; }
    std::uint64_t state_ = 0xcbf29ce484222325U;
};

}  // namespace lofi::inline LOFI_ABI
