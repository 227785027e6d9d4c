#pragma once
// Which stretches of n tokens a training set holds, in a few bits each: never a stretch missed, a few taken for one.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/core/bytes.hpp>
#include <lofi/core/error.hpp>
#include <lofi/core/random.hpp>
#include <lofi/sampling/mask.hpp>

namespace lofi::inline LOFI_ABI::sampling {

/// How a filter is built. As it stands: 12 bits for each different stretch, of strange ones .31 % taken for known.
struct copy_filter_config {
    std::size_t length = 13;   ///< tokens of a stretch, 2 to 64
    std::uint32_t bits = 12;   ///< for each different stretch, 4 to 32
    std::uint32_t hashes = 8;  ///< 1 to 16; bits * .69 is best
};

/// Makes a filter of every stretch in the sequences; those that cross from one to the next are none. Plain bytes, the same on
/// every machine: 16, and bits / 8 for each different stretch. Allocates 8 bytes a stretch.
/// errors: "copy filter: a length of 1 is not from 2 to 64" and the like
/// source: Bloom: Space/Time Trade-offs in Hash Coding with Allowable Errors (1970)
[[nodiscard]] inline result<std::vector<std::byte>> build_copy_filter(std::span<const std::vector<std::uint32_t>> sequences,
                                                                      const copy_filter_config& config = {});

/// Looks into the bytes of a filter, which somebody else owns.
/// realtime: yes
class copy_filter {
public:
    /// Holds nothing.
    constexpr copy_filter() = default;
    /// errors: "copy filter: byte 0: is none", "copy filter: byte 16: does not hold just its 600000 bits" and so on
    [[nodiscard]] static result<copy_filter> open(std::span<const std::byte> bytes);

    /// Tokens of a stretch; 0: there is no filter, and nothing is known.
    [[nodiscard]] constexpr std::size_t length() const { return length_; }
    /// How many different stretches went in.
    [[nodiscard]] constexpr std::size_t stretches() const { return stretches_; }

    /// Whether a training set may hold the end of `last` with `id` after it; where it does hold it, the answer is yes.
    [[nodiscard]] constexpr bool completes(std::span<const std::uint32_t> last, std::size_t id) const;
    /// The ids that complete no stretch. May be empty.
    template <std::size_t V>
    [[nodiscard]] constexpr id_mask<V> strange(std::span<const std::uint32_t> last) const;

private:
    [[nodiscard]] constexpr bool holds(std::uint64_t hash) const;

    std::span<const std::byte> table_;
    std::uint32_t bits_ = 0, hashes_ = 0, stretches_ = 0;
    std::size_t length_ = 0;
};

// ---------------------------------------------------------------- bodies

namespace detail {
inline constexpr std::uint32_t copy_filter_mark = 0x3146434cU;  // "LCF1"
constexpr std::uint64_t after_token(std::uint64_t hash, std::uint64_t token) {
    return lofi::detail::mix64(hash * 0x9e3779b97f4a7c15U + token + 1);
}
constexpr std::uint64_t hash_of(std::span<const std::uint32_t> tokens) {
    std::uint64_t h = tokens.size();
    for (const std::uint32_t t : tokens) h = after_token(h, t);
    return h;
}
// The place of the k-th bit of a hash among `bits`.
constexpr std::uint32_t place_of(std::uint64_t hash, std::uint32_t k, std::uint32_t bits) {
    const auto low = static_cast<std::uint32_t>(hash), step = static_cast<std::uint32_t>(hash >> 32) | 1U;
    return static_cast<std::uint32_t>(std::uint64_t{low + k * step} * bits >> 32);
}
}  // namespace detail

inline result<std::vector<std::byte>> build_copy_filter(std::span<const std::vector<std::uint32_t>> sequences,
                                                        const copy_filter_config& c) {
    const auto refused = [](const std::string& name, std::size_t value, const std::string& range) {
        return error("copy filter", name + " of " + std::to_string(value) + " is not from " + range);
    };
    if (c.length < 2 || c.length > 64) return refused("a length", c.length, "2 to 64");
    if (c.bits < 4 || c.bits > 32) return refused("a number of bits", c.bits, "4 to 32");
    if (c.hashes < 1 || c.hashes > 16) return refused("a number of hashes", c.hashes, "1 to 16");
    std::vector<std::uint64_t> hashes;
    for (const std::vector<std::uint32_t>& s : sequences) {
        // As the query sees it: the tokens before the last under a length of their own.
        for (std::size_t at = 0; at + c.length <= s.size(); ++at) {
            const std::span<const std::uint32_t> stretch = std::span(s).subspan(at, c.length);
            hashes.push_back(detail::after_token(detail::hash_of(stretch.first(c.length - 1)), stretch.back()));
        }
    }
    std::sort(hashes.begin(), hashes.end());
    hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
    if (hashes.size() > 0xffffffffU / 64)
        return error("copy filter", "holds 67 million stretches at most: take fewer sequences");
    const auto bits = static_cast<std::uint32_t>(std::max<std::size_t>(hashes.size() * c.bits, 64));

    byte_writer out;
    out.u32_le(detail::copy_filter_mark);
    out.u16_le(static_cast<std::uint16_t>(c.length));
    out.u16_le(static_cast<std::uint16_t>(c.hashes));
    out.u32_le(bits);
    out.u32_le(static_cast<std::uint32_t>(hashes.size()));
    std::vector<std::byte> bytes = std::move(out).take();
    const std::size_t head = bytes.size();
    bytes.resize(head + (std::size_t{bits} + 7) / 8);
    for (const std::uint64_t h : hashes)
        for (std::uint32_t k = 0; k < c.hashes; ++k) {
            const std::uint32_t at = detail::place_of(h, k, bits);
            bytes[head + at / 8] |= static_cast<std::byte>(1U << (at % 8));
        }
    return bytes;
}

inline result<copy_filter> copy_filter::open(std::span<const std::byte> bytes) {
    const auto refused = [](std::size_t at, const std::string& what) {
        return error("copy filter", "byte " + std::to_string(at) + ": " + what);
    };
    byte_reader in(bytes);
    if (in.u32_le() != detail::copy_filter_mark) return refused(0, "is none");
    copy_filter f;
    f.length_ = in.u16_le();
    f.hashes_ = in.u16_le();
    f.bits_ = in.u32_le();
    f.stretches_ = in.u32_le();
    if (in.failed()) return refused(bytes.size(), "ends inside its head");
    if (f.length_ < 2 || f.length_ > 64) return refused(4, "stretches are not " + std::to_string(f.length_) + " tokens long");
    if (f.hashes_ < 1 || f.hashes_ > 16) return refused(6, std::to_string(f.hashes_) + " hashes are not 1 to 16");
    if (f.bits_ < 64) return refused(8, "has fewer than 64 bits");
    if (in.left() != (std::size_t{f.bits_} + 7) / 8)
        return refused(16, "does not hold just its " + std::to_string(f.bits_) + " bits");
    f.table_ = bytes.subspan(16);
    return f;
}

constexpr bool copy_filter::holds(std::uint64_t hash) const {
    for (std::uint32_t k = 0; k < hashes_; ++k) {
        const std::uint32_t at = detail::place_of(hash, k, bits_);
        if ((static_cast<unsigned>(table_[at / 8]) >> (at % 8) & 1U) == 0) return false;
    }
    return true;
}

constexpr bool copy_filter::completes(std::span<const std::uint32_t> last, std::size_t id) const {
    if (length_ == 0 || last.size() + 1 < length_) return false;
    return holds(detail::after_token(detail::hash_of(last.last(length_ - 1)), id));
}

template <std::size_t V>
constexpr id_mask<V> copy_filter::strange(std::span<const std::uint32_t> last) const {
    id_mask<V> m = id_mask<V>::all();
    if (length_ == 0 || last.size() + 1 < length_) return m;
    const std::uint64_t before = detail::hash_of(last.last(length_ - 1));
    for (std::size_t id = 0; id < V; ++id)
        if (holds(detail::after_token(before, id))) m.remove(id);
    return m;
}

}  // namespace lofi::inline LOFI_ABI::sampling
