#pragma once
// The last N ids that came, oldest first, without a word of memory asked for.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lofi::inline LOFI_ABI::sampling {

/// Remembers the last N ids.
/// realtime: yes, N moves an id at most
template <std::size_t N>
class history {
    static_assert(N > 0, "a history holds at least one id");

public:
    constexpr void push(std::size_t id) {
        if (size_ == N) {
            std::copy(ids_.begin() + 1, ids_.end(), ids_.begin());
            --size_;
        }
        ids_[size_++] = static_cast<std::uint32_t>(id);
    }
    constexpr void reset() { size_ = 0; }
    [[nodiscard]] constexpr std::span<const std::uint32_t> ids() const { return {ids_.data(), size_}; }
    /// The last n, or as many as there are.
    [[nodiscard]] constexpr std::span<const std::uint32_t> last(std::size_t n) const { return ids().last(std::min(n, size_)); }

private:
    std::array<std::uint32_t, N> ids_{};
    std::size_t size_ = 0;
};

}  // namespace lofi::inline LOFI_ABI::sampling
