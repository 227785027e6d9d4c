#pragma once
// No long copies from the training set, and few tokens inside short ones.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/sampling/copy_filter.hpp>
#include <lofi/sampling/history.hpp>
#include <lofi/sampling/mask.hpp>

namespace lofi::inline LOFI_ABI::sampling {

/// Watches a piece token by token. Two filters say what is a copy:
/// `banned` (stretches of 13, as a rule) holds what must not be completed, so that no copy is longer than 12;
/// `counted` (of 8) holds what is counted: tokens inside such copies may be `share` of all tokens so far at most, at every
/// moment. Until the share leaves room, the limit is 7.
/// Filters take some strange stretches for known ones and never a known one for strange: the guard may be too strict, and the
/// bounds hold. What it counted is at least what there is.
/// Where every id is out, the share gives way first, then the limit; the same where a mask that the caller holds more
/// important (a grammar laid before the guard, see `narrow`) leaves nothing else. `held()` says at the end whether both bounds
/// hold for what came: a piece for which they do not is to be drawn again with another seed. A guard laid first is always
/// obeyed, where it leaves anything.
/// realtime: yes, a hash and up to 16 looks for each id and filter
template <std::size_t V>
class copy_guard {
public:
    /// params: share in 1/65536
    constexpr copy_guard(const copy_filter& banned, const copy_filter& counted, std::uint32_t share = 6553)
        : banned_(banned), counted_(counted), share_(share) {}

    /// The ids that may come next. Never empty.
    [[nodiscard]] constexpr id_mask<V> allowed() const;
    /// Takes the token that came, allowed or not.
    constexpr void push(std::size_t id);
    /// Begins a new piece.
    constexpr void reset() { *this = copy_guard(banned_, counted_, share_); }

    [[nodiscard]] constexpr std::size_t tokens() const { return tokens_; }
    /// Tokens inside copies of the counted length, at most so many.
    [[nodiscard]] constexpr std::size_t copied() const { return copied_; }
    /// Tokens that completed what must not be.
    [[nodiscard]] constexpr std::size_t forbidden() const { return forbidden_; }
    /// Whether both bounds hold for the piece so far.
    [[nodiscard]] constexpr bool held() const { return forbidden_ == 0 && within(copied_, tokens_); }

private:
    [[nodiscard]] constexpr bool within(std::size_t copied, std::size_t tokens) const {
        return std::uint64_t{copied} << 16 <= std::uint64_t{tokens} * share_;
    }
    // Tokens that a copy ending with the next token would add to those inside copies.
    [[nodiscard]] constexpr std::size_t added() const { return std::min(counted_.length(), tokens_ + 1 - covered_); }

    copy_filter banned_, counted_;
    std::uint32_t share_;
    history<63> last_;
    std::size_t tokens_ = 0, copied_ = 0, forbidden_ = 0;
    std::size_t covered_ = 0;  // where the last copy ended
};

// ---------------------------------------------------------------- bodies

template <std::size_t V>
constexpr id_mask<V> copy_guard<V>::allowed() const {
    const id_mask<V> short_enough = banned_.template strange<V>(last_.ids());
    if (short_enough.count() == 0) return id_mask<V>::all();
    if (within(copied_ + added(), tokens_ + 1)) return short_enough;
    const id_mask<V> both = short_enough & counted_.template strange<V>(last_.ids());
    return both.count() == 0 ? short_enough : both;
}

template <std::size_t V>
constexpr void copy_guard<V>::push(std::size_t id) {
    if (banned_.completes(last_.ids(), id)) ++forbidden_;
    if (counted_.completes(last_.ids(), id)) {
        copied_ += added();
        covered_ = tokens_ + 1;
    }
    ++tokens_;
    last_.push(id);
}

}  // namespace lofi::inline LOFI_ABI::sampling
