#pragma once
// Which examples make up which batch: shuffled by seed, alike in length where asked, any step reachable at once.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <lofi/core/assert.hpp>
#include <lofi/core/random.hpp>

namespace lofi::inline LOFI_ABI::train {

/// What becomes of the examples that do not fill a batch at the end of an epoch.
enum class last_batch : std::uint8_t { keep, drop };

struct batches_config {
    std::size_t size = 32;   ///< B
    std::size_t bucket = 0;  ///< batches sorted by length together: more waste less padding and mix less; 0: no sorting
    last_batch rest = last_batch::keep;
};

/// Orders examples into batches. Every epoch has every example once, in an order that depends on key and epoch alone:
/// a run that is resumed needs only the number of its step.
class batches {
public:
    batches(batches_config config, random_key key, std::size_t examples);
    /// With the length of each example, for buckets.
    batches(batches_config config, random_key key, std::vector<std::uint32_t> lengths);

    [[nodiscard]] std::size_t per_epoch() const {
        const std::size_t whole = examples_ / config_.size;
        return config_.rest == last_batch::drop ? whole : whole + (examples_ % config_.size != 0 ? 1 : 0);
    }
    /// The examples of the batch of a step that counts through all epochs. Stays true until the next call.
    [[nodiscard]] std::span<const std::uint32_t> at(std::uint64_t step);

private:
    void arrange(std::uint64_t epoch);

    batches_config config_;
    random_key key_;
    std::size_t examples_;
    std::vector<std::uint32_t> lengths_, order_;
    std::vector<std::pair<std::size_t, std::size_t>> parts_;  // first and count of each batch in order_
    std::uint64_t epoch_ = UINT64_MAX;
};

// ---------------------------------------------------------------- bodies

inline batches::batches(batches_config config, random_key key, std::size_t examples)
    : config_(config), key_(key), examples_(examples) {
    LOFI_ASSERT(config.size > 0, "a batch has at least one example");
    LOFI_ASSERT(examples < UINT32_MAX, "batches number their examples in 32 bits");
}

inline batches::batches(batches_config config, random_key key, std::vector<std::uint32_t> lengths)
    : batches(config, key, lengths.size()) {
    lengths_ = std::move(lengths);
}

inline std::span<const std::uint32_t> batches::at(std::uint64_t step) {
    LOFI_ASSERT(per_epoch() > 0, "too few examples for one batch");
    if (epoch_ != step / per_epoch()) arrange(step / per_epoch());
    const auto [first, count] = parts_[static_cast<std::size_t>(step % per_epoch())];
    return std::span<const std::uint32_t>(order_).subspan(first, count);
}

inline void batches::arrange(std::uint64_t epoch) {
    epoch_ = epoch;
    order_.resize(examples_);
    std::iota(order_.begin(), order_.end(), 0U);
    random_stream random(key_.child(epoch));
    shuffle(random, std::span(order_));
    parts_.clear();
    for (std::size_t first = 0; parts_.size() < per_epoch(); first += config_.size)
        parts_.emplace_back(first, std::min(config_.size, examples_ - first));
    if (config_.bucket == 0 || lengths_.empty()) return;
    // The examples that are dropped at the end are chosen by the shuffle, before sorting: never always the longest.
    const std::size_t used = parts_.back().first + parts_.back().second, pool = config_.bucket * config_.size;
    for (std::size_t first = 0; first < used; first += pool) {
        const auto from = order_.begin() + static_cast<std::ptrdiff_t>(first);
        std::stable_sort(from, order_.begin() + static_cast<std::ptrdiff_t>(std::min(used, first + pool)),
                         [&](std::uint32_t a, std::uint32_t b) { return lengths_[a] < lengths_[b]; });
    }
    shuffle(random, std::span(parts_));
}

}  // namespace lofi::inline LOFI_ABI::train
