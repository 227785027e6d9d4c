#pragma once
// Sets of ids: what may be sampled, and what was heard already.
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/core/assert.hpp>

namespace lofi::inline LOFI_ABI::sampling {

/// A set of ids that somebody else owns, a bit an id. Without words it stands for "nothing was said".
class mask_view {
public:
    constexpr mask_view() = default;
    constexpr explicit mask_view(std::span<const std::uint64_t> words) : words_(words) {}

    /// Whether nothing was said: all ids allowed, or none heard.
    [[nodiscard]] constexpr bool empty() const { return words_.empty(); }
    /// Ids beyond the last word are not in the set.
    [[nodiscard]] constexpr bool has(std::size_t id) const {
        return id / 64 < words_.size() && (words_[id / 64] >> (id % 64) & 1U) != 0;
    }

private:
    std::span<const std::uint64_t> words_;
};

/// A set of the ids 0 to V-1.
template <std::size_t V>
class id_mask {
public:
    static constexpr std::size_t size = V;

    /// The empty set.
    constexpr id_mask() = default;
    /// All ids.
    [[nodiscard]] static constexpr id_mask all() {
        id_mask m;
        for (std::size_t id = 0; id < V; ++id) m.insert(id);
        return m;
    }
    /// The ids of a list, once each.
    template <class Id>
    [[nodiscard]] static constexpr id_mask of(std::span<const Id> ids) {
        id_mask m;
        for (const Id id : ids) m.insert(static_cast<std::size_t>(id));
        return m;
    }

    constexpr id_mask& insert(std::size_t id) {
        LOFI_ASSERT(id < V, "an id is below the size of its mask");
        return words_[id / 64] |= std::uint64_t{1} << (id % 64), *this;
    }
    constexpr id_mask& remove(std::size_t id) {
        LOFI_ASSERT(id < V, "an id is below the size of its mask");
        return words_[id / 64] &= ~(std::uint64_t{1} << (id % 64)), *this;
    }
    [[nodiscard]] constexpr bool has(std::size_t id) const { return mask_view(words_).has(id); }
    [[nodiscard]] constexpr std::size_t count() const {
        std::size_t n = 0;
        for (const std::uint64_t w : words_) n += static_cast<std::size_t>(std::popcount(w));
        return n;
    }
    friend constexpr id_mask operator&(id_mask a, const id_mask& b) {
        for (std::size_t i = 0; i < a.words_.size(); ++i) a.words_[i] &= b.words_[i];
        return a;
    }
    friend constexpr id_mask operator|(id_mask a, const id_mask& b) {
        for (std::size_t i = 0; i < a.words_.size(); ++i) a.words_[i] |= b.words_[i];
        return a;
    }
    friend constexpr bool operator==(const id_mask&, const id_mask&) = default;

    constexpr operator mask_view() const& { return mask_view(words_); }  // NOLINT: the view of a mask is the mask
    operator mask_view() const&& = delete;                               // a view of a temporary would dangle

private:
    std::array<std::uint64_t, (V + 63) / 64> words_{};
};

/// What is left when several masks are laid on one another.
template <std::size_t V>
struct narrowed {
    id_mask<V> mask;
    std::size_t kept = 0;  ///< how many of the masks hold, from the first on
};

/// Lays masks on one another, the most important first (grammar, then scale, then chord tones). Where all of them together
/// leave nothing, the last is dropped, then the last but one, and so on; where even the first is empty, all ids are left.
template <std::size_t V>
[[nodiscard]] constexpr narrowed<V> narrow(std::span<const id_mask<V>> masks) {
    narrowed<V> out{id_mask<V>::all()};
    for (const id_mask<V>& m : masks) {
        const id_mask<V> both = out.mask & m;
        if (both.count() == 0) break;
        out.mask = both;
        ++out.kept;
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::sampling
