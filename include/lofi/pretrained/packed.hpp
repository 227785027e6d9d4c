#pragma once
// A network in fixed point together with its weights: what every header of this room hands out.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <lofi/backend/fixed.hpp>
#include <lofi/core/error.hpp>
#include <lofi/core/hash.hpp>

namespace lofi::inline LOFI_ABI::pretrained {

/// A network in fixed point with its weights: those built in, or others of the same sizes. `Kind` says which network it is:
/// its type `network`, its `name`, and `words()`, the weights that travel with the library.
template <class Kind>
class packed {
public:
    using network = typename Kind::network;
    using params_type = typename network::params;

    /// The weights that travel with the library.
    [[nodiscard]] static packed builtin() { return read(std::span<const std::uint64_t>(Kind::words())).value(); }
    /// Reads weights that `lofi quantise` wrote.
    /// errors: sizes that are not this network's
    template <class Unit>
    [[nodiscard]] static result<packed> read(std::span<const Unit> weights);

    [[nodiscard]] const params_type& params() const { return params_; }
    /// Recognises the weights: it stands in every file that remembers a piece of music.
    [[nodiscard]] std::uint64_t hash() const { return hash_; }

private:
    packed() = default;

    std::shared_ptr<const backend::fixed_arena> arena_;  // shared, so that copies are cheap and their params stay good
    params_type params_{};
    std::uint64_t hash_ = 0;
};

// ---------------------------------------------------------------- bodies

template <class Kind>
template <class Unit>
result<packed<Kind>> packed<Kind>::read(std::span<const Unit> weights) {
    auto arena = backend::fixed_arena::read(weights);
    if (!arena) return arena.error();
    packed out;
    out.arena_ = std::make_shared<const backend::fixed_arena>(std::move(*arena));
    backend::fixed_cursor cursor(*out.arena_);
    out.params_ = params_type::bind(cursor);
    if (!cursor.complete())
        return error("quantised weights", "have " + std::to_string(out.arena_->bytes.size()) + " bytes and " +
                                              std::to_string(out.arena_->words.size()) + " words, which is not what a " +
                                              Kind::name + " of this size needs");
    hasher h;
    h.add(std::as_bytes(std::span(out.arena_->bytes)));
    for (const std::int32_t w : out.arena_->words) h.add(w);
    out.hash_ = h.value();
    return out;
}

}  // namespace lofi::inline LOFI_ABI::pretrained
