#pragma once
// The groove network that travels with the library: its sizes, and its quantised weights ready to play.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <lofi/backend/fixed.hpp>
#include <lofi/core/error.hpp>
#include <lofi/core/hash.hpp>
#include <lofi/model/groove.hpp>
#include <lofi/pretrained/detail/groove_weights.hpp>

namespace lofi::inline LOFI_ABI::pretrained {

/// Sizes of the network whose weights are built in.
inline constexpr model::groove_config groove_sizes{};

/// The groove network in fixed point, with its weights: those built in, or others of the same sizes.
class groove {
public:
    using network = model::groove_network<groove_sizes, backend::fixed>;

    /// The weights that travel in this header.
    [[nodiscard]] static groove builtin() { return read(std::span<const std::uint64_t>(detail::groove_words)).value(); }
    /// Reads weights that `lofi quantise` wrote.
    /// errors: sizes that are not this network's
    template <class Unit>
    [[nodiscard]] static result<groove> read(std::span<const Unit> packed);

    [[nodiscard]] const network::params& params() const { return params_; }
    /// Recognises the weights: it stands in every file that remembers a piece of music.
    [[nodiscard]] std::uint64_t hash() const { return hash_; }

private:
    groove() = default;

    std::shared_ptr<const backend::fixed_arena> arena_;  // shared, so that copies are cheap and their params stay good
    network::params params_{};
    std::uint64_t hash_ = 0;
};

// ---------------------------------------------------------------- bodies

template <class Unit>
result<groove> groove::read(std::span<const Unit> packed) {
    auto arena = backend::fixed_arena::read(packed);
    if (!arena) return arena.error();
    groove out;
    out.arena_ = std::make_shared<const backend::fixed_arena>(std::move(*arena));
    backend::fixed_cursor cursor(*out.arena_);
    out.params_ = network::params::bind(cursor);
    if (!cursor.complete())
        return error("quantised weights", "have " + std::to_string(out.arena_->bytes.size()) + " bytes and " +
                                              std::to_string(out.arena_->words.size()) +
                                              " words, which is not what a groove network of this size needs");
    hasher h;
    h.add(std::as_bytes(std::span(out.arena_->bytes)));
    for (const std::int32_t w : out.arena_->words) h.add(w);
    out.hash_ = h.value();
    return out;
}

}  // namespace lofi::inline LOFI_ABI::pretrained
