#pragma once
// Decides which validation was the best so far, and when more training is a waste.
#include <cstdint>
#include <limits>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::train {

/// Whether a measure is better when it is lower (losses) or higher (accuracies).
enum class better : std::uint8_t { lower, higher };

struct early_stopping_config {
    better direction = better::lower;
    std::uint64_t patience = 0;  ///< validations without a gain before training ends; 0: never
    double least_gain = 0;       ///< a gain must be above this to count
};

/// Holds the best measure. Its state is the measures it was given, so that a resumed run gives it those of its history.
class early_stopping {
public:
    explicit early_stopping(early_stopping_config config = {}) : config_(config) {}

    /// Takes the next measure; true where it is the best so far.
    bool add(double measure) {
        const double gain = config_.direction == better::lower ? best_ - measure : measure - best_;
        if (count_++ == 0 || gain > config_.least_gain) return best_ = measure, since_ = 0, true;
        return ++since_, false;
    }
    [[nodiscard]] bool exhausted() const { return config_.patience != 0 && since_ >= config_.patience; }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] double best() const { return best_; }

private:
    early_stopping_config config_;
    double best_ = std::numeric_limits<double>::quiet_NaN();
    std::uint64_t count_ = 0, since_ = 0;
};

}  // namespace lofi::inline LOFI_ABI::train
